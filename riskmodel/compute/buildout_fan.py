"""The fan of a build-out with and without shocks, and what each cause takes from it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmodel.compute.buildout import UNTIL
from riskmodel.compute.buildout_draws import (
    CASES,
    ENDS,
    PLAN,
    WITH,
    WITHOUT,
    BuildOutDraws,
    draw_build_out,
)
from riskmodel.compute.late_openings import SLIPS
from riskmodel.errors import RiskModelError
from riskmodel.measures import estimators as est
from riskmodel.measures.yearvalues import mean_and_se

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmodel.world.world import World

    Floats = NDArray[np.float64]

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
FAN_COLUMNS = ("lab", "date", "case", "unit", "level", "value", "se", "chips_low", "chips_high",
               "known_share", "n", "worlds", "seed")
CAUSE_COLUMNS = ("lab", "date", "cause", "planned_mw", "probability", "probability_se", "value",
                 "se", "share", "given", "given_se", "unit", "n", "worlds", "seed")
#: batches of worlds whose spread is the error of a quantile, where there are several worlds
_BATCHES = 20


def build_out_fan(world: World, lab: str | Sequence[str] | None = None,
                  until: str | dt.date = UNTIL, *, levels: Iterable[float] = LEVELS,
                  drawn: BuildOutDraws | None = None, **how: Any) -> pd.DataFrame:
    """Return the quantiles of what each lab has energised on each day, with and without shocks.

    Parameters
    ----------
    lab, until : as of ``build_out``
    levels : probabilities of the quantiles
    drawn : ``draw_build_out(...)`` where it is at hand; then nothing else is read
    how : ``every, dates, draws, seed, worlds, causes, campaign, slips, grace_days`` of
        ``draw_build_out``

    Returns
    -------
    frame ``lab, date, case, unit, level, value, se, chips_low, chips_high, known_share, n, worlds,
    seed``
        ``case`` is "plan" (as the record dates it; a line unless several worlds are drawn),
        "without shocks" (with ordinary slips) or "with shocks". ``unit`` is "MW" of IT power, all
        of it, or "H100e" of the part whose chips are known, which is ``known_share`` of the plan's
        MW; ``chips_low`` and ``chips_high`` are the same quantile with every chip at its low and
        high end. The row whose ``level`` is NaN is the mean. ``se`` is the error of so many draws,
        not of the inputs.

    Raises
    ------
    RiskModelError : see ``draw_build_out``; a level that is no probability
    """
    wanted = [float(level) for level in levels]
    if not all(0 < level < 1 for level in wanted):
        raise RiskModelError(f"build_out_fan: levels are {wanted}; give probabilities such as 0.05")
    found = drawn if drawn is not None else draw_build_out(world, lab, until, **how)
    rows: list[tuple[object, ...]] = []
    for place, name in enumerate(found.labs):
        for at, day in enumerate(found.days):
            for case in CASES:
                head = (name, day.isoformat(), case)
                tail = (float(found.known_share[place, at]), found.n, found.worlds, found.seed)
                mw = found.it_mw[case][:, place, at]
                chips = found.h100e[case][:, :, place, at]
                for level, value, se in quantiles(mw, wanted, found.worlds):
                    rows.append((*head, "MW", level, value, se, np.nan, np.nan, *tail))
                ends = [[*(float(np.quantile(chips[end], level, method="inverted_cdf"))
                           for level in wanted), float(chips[end].mean())] for end in (0, 2)]
                for i, (level, value, se) in enumerate(
                        quantiles(chips[ENDS.index("best")], wanted, found.worlds)):
                    rows.append((*head, "H100e", level, value, se, ends[0][i], ends[1][i], *tail))
    return pd.DataFrame(rows, columns=list(FAN_COLUMNS))


def build_out_causes(world: World, lab: str | Sequence[str] | None = None,
                     until: str | dt.date = UNTIL, *, drawn: BuildOutDraws | None = None,
                     **how: Any) -> pd.DataFrame:
    """Return what each cause takes from the build-out on each day, on top of ordinary slips.

    Parameters
    ----------
    lab, until, drawn, how : as of ``build_out_fan``

    Returns
    -------
    frame ``lab, date, cause, planned_mw, probability, probability_se, value, se, share, given,
    given_se, unit, n, worlds, seed``
        ``cause`` is "slips" (what ordinary slips take from the plan), one of the causes, or "all
        shocks": what they take beyond the slips, under the same draws. ``probability`` that it
        takes anything on the day; ``value`` the mean MW missing, ``share`` of the plan; ``given``
        the mean where something is. Delays of one step do not add up, so "all shocks" is less than
        the sum of the causes.
    """
    found = drawn if drawn is not None else draw_build_out(world, lab, until, **how)
    rows = []
    pairs = {SLIPS: (PLAN, WITHOUT), **{cause: (WITHOUT, cause) for cause in found.causes},
             "all shocks": (WITHOUT, WITH)}
    for cause, (before, after) in pairs.items():
        missing = found.it_mw[before] - found.it_mw[after]
        missing[missing < 1e-9] = 0.0
        for place, name in enumerate(found.labs):
            for at, day in enumerate(found.days):
                gone = missing[:, place, at]
                planned = float(found.it_mw[PLAN][:, place, at].mean())
                any_gone = (gone > 0).astype(float)
                (p, value), (p_se, se) = mean_and_se(np.stack([any_gone, gone]), found.worlds)
                given = value / p if p > 0 else np.nan
                # error of a ratio of means: of what is left of each draw around it
                _, ratio_se = mean_and_se(gone - any_gone * (given if p > 0 else 0.0),
                                          found.worlds)
                rows.append((name, day.isoformat(), cause, planned, p, p_se, value, se,
                             value / planned if planned > 0 else np.nan, given,
                             float(ratio_se) / p if p > 0 else np.nan, "MW", found.n,
                             found.worlds, found.seed))
    return pd.DataFrame(rows, columns=list(CAUSE_COLUMNS))


def quantiles(values: Floats, levels: Sequence[float], worlds: int = 1
              ) -> list[tuple[float, float, float]]:
    """Return (level, quantile, error) of draws, and last the mean with level NaN."""
    n = len(values)
    spread = float(np.ptp(values))
    mean, mean_se = mean_and_se(values, worlds)
    out = []
    for level in levels:
        value = float(np.quantile(values, level, method="inverted_cdf"))
        if spread == 0:
            se = 0.0
        elif worlds > 1:
            se = _between_batches(values, level, worlds)
        else:
            # est counts from the top; what is not the largest is as well counted from the bottom
            count = n * min(level, 1.0 - level)
            turned = values.max() - values if level < 0.5 else values - values.min()
            se = float(est.quantile_se(turned, n, max(count, 1.0))[0])
        out.append((level, value, se))
    return [*out, (np.nan, float(mean), 0.0 if spread == 0 else float(mean_se))]


def _between_batches(values: Floats, level: float, worlds: int) -> float:
    """Return the error of a quantile from batches of whole worlds; NaN of too few worlds."""
    batches = min(_BATCHES, worlds // 2)
    if batches < 5:
        return np.nan
    batch = (np.arange(len(values)) % worlds) % batches
    found = [float(np.quantile(values[batch == each], level)) for each in range(batches)]
    return float(np.std(found, ddof=1) / np.sqrt(batches))
