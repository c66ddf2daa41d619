"""``compare``: what another world changes, lab by lab and measure by measure, with paired errors.

Under one seed two worlds share their disasters, so the difference of a measure is known far better
than either of its sides. The error of a mean or a TVaR is taken year by year from the influence of
each year on it (``riskmodel.measures.influence``), that of a quantile by drawing the years again,
the same on both sides (``riskmodel.measures.paired_quantile``). With several states of the world
the years of one are a cluster, and the band is the spread of the paired difference between states
once the sampling variance within them is taken off (``riskmodel.measures.worldspread``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from riskmodel.decisions.comparison.errors import Pair
from riskmodel.decisions.comparison.sides import TAILS, Side, require_comparable, same_holdings
from riskmodel.decisions.comparison.text import BETTER, SAME, UNSURE, WORSE, sentence
from riskmodel.engine.losses.losses import Losses
from riskmodel.errors import BeyondSpanWarning, RiskModelError
from riskmodel.measures import estimators as est
from riskmodel.measures import worldspread as ws
from riskmodel.measures.bands import BAND_COLUMNS
from riskmodel.measures.measure import MEASURES
from riskmodel.measures.rows import BEYOND, NO_CAPACITY, NO_EVENTS, NOTHING_SEEN, UNITS
from riskmodel.measures.yeartable import TOTAL, Floats, one_of

COLUMNS = ("lab", "measure", "level", "base", "other", "difference", "se", "low", "high",
           "verdict", "sentence", "unit", "n", "booking", "note", *BAND_COLUMNS)
ADEQUACY = ("lole", "lolh", "eue")
#: what differs by less than this part of itself differs by rounding
ROUNDING = 1e-9


@dataclass(frozen=True)
class _Difference:
    """One measure at one level on both sides, and the error of the difference."""

    base: float
    other: float
    se: float
    reach: float  # standard errors to 95 %
    band: ws.Between
    note: str = ""


def compare(base: Losses, other: Losses, by: str = "lab",
            measures: Iterable[str] | str | None = None, level: ArrayLike = 0.99,
            return_periods: ArrayLike | None = None, *, paired: bool | None = None
            ) -> pd.DataFrame:
    """Return what differs between two worlds, with errors and a plain verdict.

    Parameters
    ----------
    base, other : losses of two worlds under the same years, seed, states of the world and booking
    by : "lab" for each lab that holds something on either side and the total, "total" for the
        total alone
    measures : some of ``capacity, aal, aal_share, p_loss, aep, oep, var, tvar, lole, lolh, eue``;
        None for all that both sides have
    level : probability, or several, for var and tvar
    return_periods : years, for aep and oep; 1 / (1 - level) where not given
    paired : True takes years of the same number for the same disasters, which None does where the
        seeds are equal; False takes the two runs for independent of each other

    Returns
    -------
    frame ``lab, measure, level, base, other, difference, se, low, high, verdict, sentence, unit, n,
    booking, note, band, band_low, band_high, worlds``
        ``difference`` is other - base, ``low`` and ``high`` its 95 % interval. ``verdict`` is
        "better" (less is lost; more capacity), "worse", "cannot tell at this n" (the interval holds
        0) or "no change" (the same in every year, to rounding: then the difference is exactly 0).
        ``band`` is the spread of the difference between states of the world, NaN with one.

    Warns
    -----
    BeyondSpanWarning
        once, naming levels and return periods beyond the simulated span; their rows are NaN.

    Raises
    ------
    RiskModelError
        The two cannot be compared year by year, a word is unknown, or one is a story.
    """
    together = require_comparable(base, other, paired)
    one_of(by, ("lab", TOTAL), "by")
    wanted = _wanted(measures, base, other)
    levels = np.atleast_1d(np.asarray(level, dtype=float))
    periods = (1.0 / np.maximum(1.0 - levels, 1e-15) if return_periods is None
               else np.atleast_1d(np.asarray(return_periods, dtype=float)))
    least = min(base.n_years, other.n_years)
    if base.weights is None and other.weights is None:
        _warn_beyond(least, wanted, levels, periods)
    pair = Pair(Side(base), Side(other), together)
    labs = (*pair.labs, TOTAL) if by == "lab" else (TOTAL,)
    rows: list[dict[str, Any]] = []
    for lab in labs:
        for name in wanted:
            if lab == TOTAL and name in ("lole", "lolh"):
                continue  # days on which some lab is short do not add up over labs
            at = (periods if name in ("aep", "oep") else levels if name in ("var", "tvar")
                  else np.array([np.nan]))
            for where in at.tolist():
                rows.append(_row(pair, lab, name, where, _difference(pair, lab, name, where)))
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    return frame.astype(dict.fromkeys(
        ("level", "base", "other", "difference", "se", "low", "high", *BAND_COLUMNS[:3]), float))


def _wanted(measures: Iterable[str] | str | None, base: Losses, other: Losses) -> list[str]:
    short = [side for side, losses in (("base", base), ("other", other))
             if losses.adequacy is None]
    if measures is None:
        return [name for name in MEASURES if name not in ADEQUACY or not short]
    wanted = [measures] if isinstance(measures, str) else list(measures)
    for name in wanted:
        one_of(name, MEASURES, "measure")
        if name in ADEQUACY and short:
            raise RiskModelError(f"compare: the shortfall of {' and '.join(short)} was not "
                                 f"computed, so there is no {name}; simulate with adequacy=True")
    return wanted


def _warn_beyond(n: int, wanted: Sequence[str], levels: Floats, periods: Floats) -> None:
    import warnings

    beyond = []
    if {"var", "tvar"} & set(wanted):
        beyond += [f"level {x:g}" for x in levels[est.tail_count_of_level(n, levels) < 1]]
    if {"aep", "oep"} & set(wanted):
        beyond += [f"return period {x:g}" for x in periods[est.tail_count_of_period(
            n, periods) < 1]]
    if beyond:
        warnings.warn(f"{', '.join(beyond)}: beyond the span of {n} simulated years, so nothing "
                      "can be compared there. Simulate more years, or ask for less.",
                      BeyondSpanWarning, stacklevel=3)


def _row(pair: Pair, lab: str, name: str, level: float, found: _Difference) -> dict[str, Any]:
    difference, se = found.other - found.base, found.se
    rounding = ROUNDING * max(abs(found.base), abs(found.other))
    low, high = difference - found.reach * se, difference + found.reach * se
    note = found.note
    if not np.isfinite(difference):
        verdict, low, high = UNSURE, np.nan, np.nan
    elif found.base == found.other == 0 and _may_yet_lose(pair, lab, name):
        verdict, se, low, high, note = UNSURE, np.nan, np.nan, np.nan, NOTHING_SEEN
    elif abs(difference) <= rounding and se <= rounding:
        verdict, difference, se, low, high = SAME, 0.0, 0.0, 0.0, 0.0
    elif low <= 0 <= high or not np.isfinite(se):
        verdict = UNSURE
    else:
        verdict = BETTER if (difference > 0) == (name == "capacity") else WORSE
    booking = "calendar" if name in ADEQUACY else pair.base.losses.booking
    row = {"lab": lab, "measure": name, "level": level, "base": found.base, "other": found.other,
           "difference": difference, "se": se, "low": low, "high": high, "verdict": verdict,
           "unit": UNITS[name], "n": min(pair.base.n, pair.other.n), "booking": booking,
           "note": note, "worlds": pair.base.worlds,
           **{name: 0.0 if abs(value) <= rounding else value for name, value in
              zip(BAND_COLUMNS[:3], found.band[-3:], strict=True)}}
    return {**row, "sentence": sentence(row)}


def _may_yet_lose(pair: Pair, lab: str, name: str) -> bool:
    """Tell whether a zero on both sides is only all that was seen."""
    if name == "capacity" or same_holdings(pair.base, pair.other, lab):
        return False
    return name not in ADEQUACY or pair.base.needs(lab) or pair.other.needs(lab)


def _difference(pair: Pair, lab: str, name: str, level: float) -> _Difference:
    if name == "capacity":
        return _capacity(pair, lab)
    base, other = (side.value(lab, name, level) for side in (pair.base, pair.other))
    if not (np.isfinite(base) and np.isfinite(other)):
        beyond = name in TAILS and not all(
            side.holds(lab, name, level) for side in (pair.base, pair.other))
        note = BEYOND if beyond else NO_EVENTS if name == "oep" else NO_CAPACITY
        return _Difference(base, other, np.nan, np.nan, ws.NO_BAND, note)
    return _Difference(base, other, *pair.error(lab, name, level), pair.band(lab, name, level))


def _capacity(pair: Pair, lab: str) -> _Difference:
    base, other = (side.capacity(lab) for side in (pair.base, pair.other))
    band = ws.NO_BAND
    if pair.together and pair.base.worlds > 1:
        apart = pair.other.world_capacity(lab) - pair.base.world_capacity(lab)
        band = ws.between(apart, np.zeros_like(apart), signed=True)
    return _Difference(base, other, 0.0, est.Z95, band)
