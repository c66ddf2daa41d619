"""``equivalent_firm_mw``: how many MW that never fail another portfolio is worth.

The equivalent firm capacity (EFC) of resource adequacy: the firm MW ``z`` that, added to the base,
leaves as much capacity not served as the alternative does, ``EUE(base + z) = EUE(alternative)``.
The need is fixed in MW, at ``needed_share`` of the base's capacity, in both. ``z`` is negative
where the alternative is worse.

Nothing is simulated again for another ``z``: firm capacity only moves the level below which the
base is short, and the course of its losses is known. So both sides stand on the same years, and
``EUE(base + z)`` is a falling, continuous and convex function of ``z`` in them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from riskmodel.engine.losses.courses import site_courses
from riskmodel.engine.losses.losses import Losses
from riskmodel.engine.outages.rare_years import refuse_weighted
from riskmodel.engine.plan.held import held_mw
from riskmodel.errors import RiskModelError
from riskmodel.measures.influence import paired_se, reach95
from riskmodel.measures.labcourse import LabCourse, lab_course
from riskmodel.measures.yeartable import one_of, require_annual

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmodel.world.world import World

    Floats = NDArray[np.float64]

NEVER_SHORT = "the base never falls short in these years: there is nothing to make good"
AT_LEAST = "the other never falls short in these years: its worth is this at least"
SAME = "the same shortfall in every year"


@dataclass(frozen=True)
class FirmCapacity:
    """Equivalent firm MW, and how well these years know it.

    Attributes
    ----------
    value : MW; NaN where the base never falls short
    se : standard error, paired year by year
    low, high : the bracket: below ``low`` the base is short by more than the alternative, above
        ``high`` by less, each beyond what these years could show by chance (two-sided 95 %)
    base_eue, other_eue : MW-days a year short, of the base without firm capacity and of the other
    need_mw : what is needed at once, in both
    """

    lab: str
    value: float
    se: float
    low: float
    high: float
    unit: str
    n: int
    need_mw: float
    needed_share: float
    base_eue: float
    other_eue: float
    note: str = ""

    def __float__(self) -> float:
        return self.value

    def __getitem__(self, name: str) -> Any:
        if name not in {field.name for field in fields(self)}:
            raise KeyError(name)
        return getattr(self, name)

    def __str__(self) -> str:
        if np.isnan(self.value):
            return f"{self.lab}: no equivalent firm capacity; {self.note}"
        text = f"{self.lab}: {self.value:,.1f} MW firm ({self.low:,.1f} to {self.high:,.1f})"
        return f"{text}; {self.note}" if self.note else text


def equivalent_firm_mw(base: Losses, other: Losses, lab: str, *, needed_share: float | None = None,
                       world: World | None = None, other_world: World | None = None,
                       workers: int | None = None) -> FirmCapacity:
    """Return the firm MW that the base would need to be as good as the other for a lab.

    Parameters
    ----------
    base, other : runs of two worlds with the same years, seed and worlds, so that the disasters are
        the same; their years are run again (once each) for the course of the lab's losses, on
        calendar booking
    needed_share : 0-1 of the base's capacity; the lab's own in the base if not given
    world, other_world : the worlds of the two, where they were read from a folder

    Raises
    ------
    RiskModelError : the runs do not share their draws, or the lab is not in both
    """
    for losses in (base, other):
        require_annual(losses, "the equivalent firm capacity")
        refuse_weighted(losses, "equivalent_firm_mw")
        one_of(lab, losses.labs, "lab")
    for name in ("n_years", "seed", "worlds", "horizon_days"):
        mine, theirs = getattr(base, name), getattr(other, name)
        if mine != theirs:
            raise RiskModelError(f"equivalent_firm_mw: the base has {name} {mine}, the other "
                                 f"{theirs}; simulate both with the same, so that they meet the "
                                 "same disasters")
    need = (float(base.needed_share[base.labs.index(lab)]) if needed_share is None
            else needed_share)

    def course(losses: Losses, of: World | None) -> LabCourse:
        courses = site_courses(losses, "calendar", world=of, workers=workers)
        return lab_course(courses, held_mw(losses, lab, courses.sites, world=of))

    mine = course(base, world)
    theirs = mine if other is base else course(other, other_world)
    return firm_capacity(lab, mine, theirs, need, base.horizon_days)


def firm_capacity(lab: str, base: LabCourse, other: LabCourse, needed_share: float,
                  horizon_days: float, batch: NDArray[np.int64] | None = None) -> FirmCapacity:
    """Return the equivalent firm MW between two courses of calendar years under common draws.

    ``batch`` numbers the batches of years on which errors stand, where years are not independent.
    """
    if not 0 <= needed_share <= 1:  # also NaN
        raise RiskModelError(f"needed_share of {lab} is {needed_share}; give a share from 0 to 1")
    n = base.n_years
    need = needed_share * base.capacity_mw
    slack = base.capacity_mw - need
    other_slack = other.capacity_mw - need

    def short(course: LabCourse, spare: Floats) -> Floats:
        return _short(course, spare, horizon_days)

    theirs = short(other, other_slack)
    now = short(base, slack)

    def found(value: float, se: float, low: float, high: float, note: str = "") -> FirmCapacity:
        return FirmCapacity(lab, value, se, low, high, "MW", n,
                            float(need.mean()), needed_share, float(now.mean()),
                            float(theirs.mean()), note)

    if not now.any():
        return found(np.nan, np.nan, np.nan, np.nan, NEVER_SHORT)
    if np.array_equal(now, theirs):
        return found(0.0, 0.0, 0.0, 0.0, SAME)
    # at the one end nothing is left to be short of, at the other the whole need is always missing
    ends = -float(base.capacity_mw.max()), float(need.max())

    def apart(z: float) -> Floats:
        return short(base, slack + z) - theirs

    if not theirs.any():
        least = float((base.lost_mw - slack[base.year % len(slack)]).max())
        return found(least, np.nan, least, ends[1], AT_LEAST)
    value = _falls_below(lambda z: float(apart(z).mean()), ends)
    # MW-days a year less for each firm MW more: the days short
    slope = _days_short(base, slack + value, horizon_days)
    nothing = np.zeros(n)
    se = paired_se(apart(value), nothing, batch) / slope if slope > 0 else np.nan
    reach = reach95(batch)

    def surely(sign: float) -> Callable[[float], float]:
        def margin(z: float) -> float:
            gap = apart(z)
            error = paired_se(gap, nothing, batch)
            return float(gap.mean() + sign * reach * (error if n > 1 else np.inf))
        return margin

    low = _falls_below(surely(-1.0), (ends[0], value))
    high = _falls_below(surely(1.0), (value, ends[1]))
    return found(value, se, low, high)


def _short(course: LabCourse, spare: Floats, horizon_days: float) -> Floats:
    """Return MW-days short in each year; below no spare at all every moment is short."""
    if (spare >= 0).all():
        return course.shortfall(spare).mw_days
    lost = course.lost_mw_days()
    owed = (-spare * horizon_days)[np.arange(course.n_years) % len(spare)]
    kept = course.shortfall(np.maximum(spare, 0.0)).mw_days
    return np.where(owed > 0, lost + owed, kept)


def _days_short(course: LabCourse, spare: Floats, horizon_days: float) -> float:
    """Return the mean days a year for which the course is short."""
    hours = course.shortfall(np.maximum(spare, 0.0)).hours / 24.0
    always = (spare < 0)[np.arange(course.n_years) % len(spare)]
    return float(np.where(always, horizon_days, hours).mean())


def _falls_below(function: Callable[[float], float], ends: tuple[float, float]) -> float:
    """Return where a falling function comes down to 0; the end that is nearest if never."""
    from scipy.optimize import brentq

    low, high = ends
    if not low < high or function(low) <= 0:
        return low
    if function(high) >= 0:
        return high
    return float(brentq(function, low, high, xtol=1e-9 * (high - low), rtol=1e-12))
