"""``importance``: how much each node matters for a lab being short, under the simulated years.

The years' own outages are drawn once. Trials are then run again without a node's outages (only
years in which it failed and the lab was short can change) and with the node held down all year.
Everything else is equal, so the differences are paired year by year.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmodel.decisions.importance.failing_sets import membership
from riskmodel.decisions.importance.lab_trials import LabTrials, drawn_years, lab_trials
from riskmodel.engine.losses.losses import Losses
from riskmodel.engine.outages.own_outages import TrialOutages
from riskmodel.engine.outages.rare_years import refuse_weighted
from riskmodel.engine.run.simulation import simulate
from riskmodel.errors import BeyondSpanWarning, RiskModelError
from riskmodel.measures.yeartable import one_of, require_annual

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmodel.world.world import World

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

HELD_YEARS = 2000
MEASURES = ("birnbaum", "criticality", "fussell_vesely", "raw", "rrw")
#: what is counted: the part of the year in which the lab is short, or the MW-days not served
BASES = ("time", "eue")
COLUMNS = ("lab", "node", "kind", "basis", "measure", "value", "se", "unit", "n")


def importance(of: Losses | World, lab: str, *, years: int = 10_000, seed: int = 0,
               perils: Sequence[Any] | str | None = None, kinds: Sequence[str] | None = None,
               held_years: int = HELD_YEARS, world: World | None = None) -> pd.DataFrame:
    """Return how much each node matters for a lab falling short of its need.

    With Q the expected part of the calendar year in which the lab has less than it needs (or, basis
    "eue", the MW-days a year not served), Q(i up) the same had node i never failed of its own, and
    Q(i down) the same had it been out all year:

    * ``birnbaum`` = Q(i down) - Q(i up)
    * ``criticality`` = (Q - Q(i up)) / Q: what is short only because i failed. Where nodes fail
      independently it is the textbook's birnbaum x unavailability / Q.
    * ``fussell_vesely``: the part of Q at which the outages of i belong to a smallest set of
      outages that would make the lab short (``riskmodel.decisions.importance.failing_sets``). No
      smaller than the criticality: what is down twice over is critical to nobody and the fault of
      both.
    * ``raw`` = Q(i down) / Q, risk achievement worth; ``rrw`` = Q / Q(i up), risk reduction worth.

    Parameters
    ----------
    of : losses of ``simulate``, or a world, of which ``years`` are simulated with ``seed`` and
        ``perils``
    kinds : only nodes of these kinds; all that the lab needs if None
    held_years : so many years, from the first on, are run with each node held down; all years enter
        everything else
    world : the world of the losses, where they were read from a folder

    Returns
    -------
    frame, a row a node, basis and measure: ``lab, node, kind, basis, measure, value, se, unit, n``.
    Years are the unit of every standard error, ``n`` how many there are of what changes (held years
    for Q(i down)). ``se`` of a share that is 0 in every year is NaN: how far it is from 0 is not
    known. ``attrs["short"]`` holds Q on both
    bases, and ``attrs["sets_cut_short"]`` the part of the time short in which only small sets were
    looked for, so that Fussell-Vesely is a lower bound there.

    Raises
    ------
    RiskModelError : no such lab or kind, losses of a story, or losses without adequacy
    """
    losses = of if isinstance(of, Losses) else simulate(of, years, seed, perils=perils)
    require_annual(losses, "the importance of a node")
    refuse_weighted(losses, "importance")
    one_of(lab, losses.labs, "lab")
    if losses.adequacy is None:
        raise RiskModelError("importance counts what falls short of the need, and these losses "
                             "were made without adequacy; simulate(..., adequacy=True)")
    if isinstance(held_years, bool) or held_years != int(held_years) or held_years < 2:
        raise RiskModelError(f"held_years is {held_years!r}; give a whole number, 2 or more")
    held = min(int(held_years), losses.n_years)
    tally = _Tally.of(losses, lab, held)
    for number, trials in enumerate(lab_trials(losses, lab, world)):
        _tell(tally, trials, number, losses.worlds)
    here = world or losses.world
    assert here is not None  # else there would have been no trials
    kind_of = dict(zip(here.all_nodes["node_id"], here.all_nodes["kind"], strict=True))
    for kind in kinds or ():
        one_of(kind, sorted(set(kind_of.values())), "kind")
    return _table(tally, lab, losses, kind_of, kinds)


@dataclass(frozen=True, eq=False)
class _Tally:
    """What every year was short by, and what changes for each node.

    The two bases come first: index 0 hours, 1 MW-days. ``base`` has shape (2, years). ``gained``
    and ``shared`` hold, by node, arrays (2, years in which the lab was short): what would not have
    been short without the node, and what belongs to a failing set with it. ``added`` holds by node
    arrays (2, held): what would have been short beside, had it been down.
    """

    base: Floats
    short: Ints  # years in which the lab was short
    held: int
    gained: dict[str, Floats]
    shared: dict[str, Floats]
    added: dict[str, Floats]
    partly: list[tuple[float, float]]  # hours short, and those in bunches too large, by world

    @classmethod
    def of(cls, losses: Losses, lab: str, held: int) -> _Tally:
        frame = losses.adequacy
        assert frame is not None
        mine = frame[frame["lab"] == lab]
        base = np.zeros((2, losses.n_years))
        base[0, mine["year"]] = mine["shortfall_h"]
        base[1, mine["year"]] = mine["shortfall_mw_days"]
        return cls(base, np.flatnonzero(base[0] > 0), held, {}, {}, {}, [])

    def row(self, store: dict[str, Floats], node: str, many: int) -> Floats:
        return store.setdefault(node, np.zeros((2, many)))


def _tell(tally: _Tally, trials: LabTrials, number: int, stride: int) -> None:
    """Add what one state of the world has to say."""
    short = tally.short[tally.short % stride == number]
    held = np.arange(number, tally.held, stride)
    years = np.union1d(short, held)
    outages = drawn_years(trials, years, stride)
    names = trials.blank.nodes
    for place in np.flatnonzero(trials.felt).tolist():
        for store, many in ((tally.gained, len(tally.short)), (tally.shared, len(tally.short)),
                            (tally.added, tally.held)):
            tally.row(store, names[place], many)
    if len(short):
        _without_and_sets(tally, trials, outages.of(np.searchsorted(years, short)), short)
    if len(held):
        alone = outages.of(np.searchsorted(years, held))
        before = np.array(trials.shortfall(alone))
        for place in np.flatnonzero(trials.felt).tolist():
            worse = alone.with_one_more(place, -trials.blank.cap_h, trials.blank.horizon_h)
            tally.added[names[place]][:, held] = np.array(trials.shortfall(worse)) - before


def _without_and_sets(tally: _Tally, trials: LabTrials, outages: TrialOutages, years: Ints
                      ) -> None:
    """Run the years in which the lab was short without each node that failed, and in part."""
    column = np.searchsorted(tally.short, years)
    before = np.array(trials.shortfall(outages))
    names = trials.blank.nodes
    failed = np.unique(np.column_stack([outages.trial, outages.out["node"]]), axis=0)
    again = outages.of(failed[:, 0])
    kept = again.where(again.out["node"] != failed[again.trial, 1])
    after = np.array(trials.shortfall(kept))
    for k, (trial, node) in enumerate(failed.tolist()):
        tally.gained[names[node]][:, column[trial]] = before[:, trial] - after[:, k]
    sets = membership(trials, outages)
    for trial, node, hours, mw_days in zip(sets.trial.tolist(), sets.node.tolist(), sets.hours,
                                           sets.mw_days, strict=True):
        tally.shared[names[node]][:, column[trial]] += hours, mw_days
    tally.partly.append((float(before[0].sum()), float(before[0].sum()) * sets.partly))


def _table(tally: _Tally, lab: str, losses: Losses, kind_of: dict[str, str],
           kinds: Sequence[str] | None) -> pd.DataFrame:
    n = losses.n_years
    scale = np.array([1.0 / (24.0 * losses.horizon_days), 1.0])[:, None]  # hours to part of a year
    base = tally.base * scale
    if not len(tally.short):
        warnings.warn(BeyondSpanWarning(
            f"{lab} is never short in {n} years: no importance can be told; simulate more years"),
            stacklevel=3)
    rows = []
    for node in sorted(tally.gained):
        if kinds is not None and kind_of.get(node) not in kinds:
            continue
        gained, shared = np.zeros((2, n)), np.zeros((2, n))
        gained[:, tally.short] = tally.gained[node] * scale
        shared[:, tally.short] = tally.shared[node] * scale
        added = tally.added[node] * scale
        for i, basis in enumerate(BASES):
            found = _measures(base[i], gained[i], shared[i], added[i])
            for measure, (value, se, count) in found.items():
                unit = "1" if measure != "birnbaum" else ("year/year", "MW-days/yr")[i]
                rows.append((lab, node, kind_of.get(node, ""), basis, measure, value, se, unit,
                             count))
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    hours = sum(each[0] for each in tally.partly)
    frame.attrs["short"] = {"time": float(base[0].mean()), "eue": float(base[1].mean()),
                            "years_short": len(tally.short), "years": n, "held": tally.held}
    frame.attrs["sets_cut_short"] = sum(each[1] for each in tally.partly) / hours if hours else 0.0
    return frame


def _measures(base: Floats, gained: Floats, shared: Floats, added: Floats
              ) -> dict[str, tuple[float, float, int]]:
    """Return value, standard error and n of each measure from the paired years."""
    n, m = len(base), len(added)
    q = float(base.mean())
    critical, critical_se = _ratio(gained, base)
    vesely, vesely_se = _ratio(shared, base)
    more = float(added.mean())
    # the held years are some of all the years: the two means move together
    noise = float(added.var(ddof=1)) / m if m > 1 else np.nan
    birnbaum_se = np.sqrt(max(_variance(gained) + noise + 2 * _together(added, gained), 0.0))
    raw = 1 + more / q if q > 0 else np.nan
    raw_se = np.nan if not q > 0 else np.sqrt(max(
        noise + (more / q) ** 2 * _variance(base) - 2 * more / q * _together(added, base), 0.0)) / q
    if not gained.any():
        critical_se = np.nan
    if not shared.any():
        vesely_se = np.nan
    rrw = np.inf if critical >= 1 - 1e-12 else 1 / (1 - critical)
    rrw_se = np.nan if np.isinf(rrw) else critical_se * rrw ** 2
    return {"birnbaum": (float(gained.mean()) + more, float(birnbaum_se), m),
            "criticality": (critical, critical_se, n), "fussell_vesely": (vesely, vesely_se, n),
            "raw": (raw, float(raw_se), m), "rrw": (rrw, float(rrw_se), n)}


def _variance(values: Floats) -> float:
    """Return the variance of a mean over years."""
    return float(values.var(ddof=1)) / len(values) if len(values) > 1 else np.nan


def _together(added: Floats, all_years: Floats) -> float:
    """Return the covariance of the mean over the held years with the mean over all years."""
    m = len(added)
    if m < 2:
        return np.nan
    first = all_years[:m]
    return float(((added - added.mean()) * (first - first.mean())).sum()) / (m - 1) / len(all_years)


def _ratio(part: Floats, base: Floats) -> tuple[float, float]:
    """Return mean(part) / mean(base) and its standard error (delta method)."""
    q = float(base.mean())
    if not q > 0:
        return np.nan, np.nan
    value = float(part.mean()) / q
    return value, float(np.sqrt(_variance(part - value * base)) / q)
