"""``spread_frontier``: the least tail for each average that a lab's own MW could have elsewhere.

The MW that a lab holds are split anew over given sites: the least mean loss of the worst years
for each average loss that is allowed, from the least average there is to that of the least tail.
The best split of a sample flatters it, so the splits are fitted on the first half of the years and
read, beside where the lab is today, on the second half, year by year.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskmodel.decisions.allocation.check import AS_IS, CHOSEN, FRESH, measured, pick
from riskmodel.decisions.allocation.cvar_program import CvarProgram, cvar_program, minimise_cvar
from riskmodel.decisions.allocation.linear_rows import Row
from riskmodel.decisions.allocation.years import PlaceYears, check_asked, years_of_courses
from riskmodel.engine.losses.courses import Courses, site_courses
from riskmodel.engine.losses.losses import Losses
from riskmodel.engine.plan.again import same_world
from riskmodel.errors import RiskModelError
from riskmodel.measures.yeartable import one_of, require_annual

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmodel.world.world import World

    Floats = NDArray[np.float64]

AMONG = ("own", "running")
COLUMNS = ("lab", "among", "split", "limit", "measure", "level", "value", "se", "unit", "n")
FRONTIER = "frontier"
POINTS = 6
FEWEST = 20  # years beyond the level, in each half
#: room above the least average, so that rounding leaves a split
_HAIR = 1e-6


@dataclass(frozen=True, eq=False, repr=False)
class SpreadFrontier:
    """Best splits of a lab's MW, and where the lab is today, all on years they were not fitted to.

    Attributes
    ----------
    table : frame ``lab, among, split, limit, measure, level, value, se, unit, n``
        ``split`` is "frontier" (one a ``limit``, the average that was allowed on the fitted years,
        MW-days a year), "as_is" or "difference": as it is less the best split of the least tail
        whose average is no higher, paired year by year. ``measure`` is aal or tvar.
    splits : frame ``limit, candidate, mw``; ``nearest`` : the limit that the difference is against
    mw : what is split, the lab's IT MW today
    """

    lab: str
    among: str
    level: float
    mw: float
    n_fitted: int
    n_fresh: int
    table: pd.DataFrame
    splits: pd.DataFrame
    nearest: float

    def __repr__(self) -> str:
        return (f"SpreadFrontier({self.lab}, {self.mw:g} MW among {self.among} sites, "
                f"n={self.n_fitted}+{self.n_fresh})")

    def of(self, split: str, measure: str) -> tuple[float, float]:
        """Return value and standard error of "as_is", "difference" or the nearest "frontier"."""
        rows = self.table[(self.table["split"] == split) & (self.table["measure"] == measure)]
        if split == FRONTIER:
            rows = rows[rows["limit"] == self.nearest]
        return float(rows["value"].iloc[0]), float(rows["se"].iloc[0])


def spread_frontier(losses: Losses, lab: str, among: str | Sequence[str] = "own", *,
                    level: float = 0.99, points: int = POINTS, world: World | None = None,
                    courses: Courses | None = None) -> SpreadFrontier:
    """Return the least tail at each average that a lab's MW of today could have.

    Parameters
    ----------
    losses : of ``simulate``; its years are run again, unless ``courses`` of all sites in its
        booking (``site_courses``) are at hand
    among : sites to split over: "own" (those it holds today), "running" (all with capacity on that
        day), or site ids. Room, power and cost are not asked: ``allocate`` asks them
    level : of the tail; half the years must leave 20 beyond it

    Raises
    ------
    RiskModelError : no such lab or site, the lab holds nothing, too few years, or the years cannot
        be run again
    """
    require_annual(losses, "a frontier")
    place = same_world(losses, world, "spread_frontier")
    half = losses.n_years // 2 // losses.worlds * losses.worlds
    check_asked(place, lab, level, losses.n_years)
    if half * (1 - level) < FEWEST * (1 - 1e-9):
        raise RiskModelError(
            f"half of the {losses.n_years:,} years leaves {half * (1 - level):.3g} beyond the "
            f"level {level:g}; a split is fitted on one half and read on the other, and needs "
            f"{FEWEST} in each: simulate more years, or ask for a lower level")
    if points < 2:
        raise RiskModelError(f"points is {points}; give 2 at least")
    if courses is None:
        courses = site_courses(losses, losses.booking, world=place)
    every = years_of_courses(place, lab, list(courses.sites), losses, courses, losses.seed or 0)
    if not every.held_mw > 0:
        raise RiskModelError(f"{lab} holds nothing on this day: there is nothing to split")
    named = among if isinstance(among, str) else "given"
    chosen = _candidates(place, every, among)
    fitted, fresh = (_part(every, chosen, span) for span in
                     (slice(0, half), slice(half, losses.n_years)))
    program = cvar_program(fitted.unit_losses, every.held_mw, level=level, names=chosen)
    limits, splits = _splits(program, points, float(fitted.held_losses.mean()))
    nearest = max((limit for limit in limits if limit <= _allowed(limits, fitted)),
                  default=limits[0])
    rows: list[tuple[object, ...]] = []
    for limit, mw in zip(limits, splits, strict=True):
        lost = {CHOSEN: fresh.unit_losses @ mw, AS_IS: fresh.held_losses}
        summary = measured(lab, FRESH, fresh, lost, level)
        told = [(FRONTIER, limit, CHOSEN, "")]
        if limit == nearest:
            told += [("as_is", np.nan, AS_IS, ""), ("difference", np.nan, CHOSEN, AS_IS)]
        for split, at, one, against in told:
            for measure in ("aal", "tvar"):
                value, se = pick(summary, FRESH, one, against, measure)
                rows.append((lab, named, split, at, measure,
                             level if measure == "tvar" else np.nan,
                             -value if against else value, se,
                             "MW-days/yr" if measure == "aal" else "MW-days", fresh.n_years))
    return SpreadFrontier(
        lab, named, level, every.held_mw, half, fresh.n_years,
        pd.DataFrame(rows, columns=list(COLUMNS)),
        pd.concat([pd.DataFrame({"limit": limit, "candidate": list(chosen), "mw": mw})
                   for limit, mw in zip(limits, splits, strict=True)], ignore_index=True), nearest)


def _candidates(world: World, every: PlaceYears, among: str | Sequence[str]) -> tuple[str, ...]:
    known = every.candidates
    if not isinstance(among, str):
        strangers = [site for site in among if site not in known]
        if strangers:
            raise RiskModelError(f"spread_frontier: there is no site {strangers[0]!r} in this "
                                 "world, or its years were not watched")
        found = tuple(dict.fromkeys(among))
    elif one_of(among, AMONG, "among") == "own":
        found = tuple(site for site in known if site in every.held)
    else:
        running = set(world.sites.loc[world.sites["it_mw"].fillna(0.0) > 0, "site_id"])
        found = tuple(site for site in known if site in running)
    if not found:
        raise RiskModelError("spread_frontier: no site is given to split over")
    return found


def _part(every: PlaceYears, chosen: Sequence[str], span: slice) -> PlaceYears:
    """Return some of the years at some of the sites."""
    columns = [every.candidates.index(site) for site in chosen]
    return replace(every, candidates=tuple(chosen), unit_losses=every.unit_losses[span][:, columns],
                   held_losses=every.held_losses[span])


def _allowed(limits: Sequence[float], fitted: PlaceYears) -> float:
    """Return the average that a split may have to stand beside the lab as it is."""
    return max(float(fitted.held_losses.mean()), limits[0]) * (1 + _HAIR)


def _splits(program: CvarProgram, points: int, today: float) -> tuple[list[float], list[Floats]]:
    """Return limits of the average and the best split at each.

    The last limit is the average of the least tail there is; what the lab loses today is a limit of
    its own where it lies between.
    """
    means = np.asarray(program.weights @ program.unit_losses, dtype=float).ravel()
    free = minimise_cvar(program)
    least = program.mw * float(means.min()) * (1 + _HAIR)
    most = max(float(means @ free.mw), least)
    limits = sorted({*np.linspace(least, most, points).tolist(),
                     *([today] if least < today < most else [])})
    if most <= least * (1 + _HAIR):
        return [most], [free.mw]
    found = []
    for limit in limits[:-1]:
        row = Row("average", means, limit, unit="MW-days/yr")
        found.append(minimise_cvar(replace(program, rows=(row,)), start_years=free.years_used).mw)
    return limits, [*found, free.mw]
