"""What one portfolio was missing, moment by moment, from the courses of its sites.

A portfolio is MW at sites. The courses say what share each site was missing and when; added up with
the MW they give the portfolio's own course, from which lost capacity and shortfall below any need
follow without simulating again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from riskmodel.engine.losses.courses import Courses
from riskmodel.engine.losses.losses import HOURS_PER_DAY
from riskmodel.errors import RiskModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

#: a level below this part of the portfolio is rounding
_ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class Shortfall:
    """What each year fell short by: arrays of shape (n_years,)."""

    mw_days: Floats
    hours: Floats
    days: Floats


@dataclass(frozen=True, eq=False, repr=False)
class LabCourse:
    """Stretches of constant loss of one portfolio; by year, then by time, without overlap.

    ``capacity_mw`` has one element a state of the world; year y is in state y mod their number.
    """

    year: NDArray[np.int64]
    start_h: Floats
    end_h: Floats
    lost_mw: Floats
    n_years: int
    capacity_mw: Floats

    def __repr__(self) -> str:
        return (f"LabCourse({float(self.capacity_mw.mean()):.0f} MW, n_years={self.n_years}, "
                f"{len(self.year)} stretches)")

    def lost_mw_days(self) -> Floats:
        """Return the lost capacity of each year, shape (n_years,)."""
        return self._by_year(self.lost_mw * (self.end_h - self.start_h) / HOURS_PER_DAY)

    def shortfall(self, slack_mw: ArrayLike) -> Shortfall:
        """Return what is lost beyond ``slack_mw``, the MW that may be missing without harm.

        ``slack_mw`` is one number or one a state of the world; it may be negative (then even a
        year without loss is short, and only the stretches with a loss are counted here).
        """
        short = self.beyond(slack_mw)
        year, start, end, over = short.year, short.start_h, short.end_h, short.lost_mw
        first = np.floor(start / HOURS_PER_DAY + 1e-12)
        last = np.ceil(end / HOURS_PER_DAY - 1e-12) - 1.0
        counted = np.full(len(year), -np.inf)  # the last day already counted in this year
        if len(year):
            counted[1:] = np.where(year[1:] == year[:-1], last[:-1], -np.inf)
        days = np.maximum(last - np.maximum(first, counted + 1.0) + 1.0, 0.0)

        def total(values: Floats) -> Floats:
            return np.bincount(year, weights=values, minlength=self.n_years).astype(float)

        return Shortfall(total(over * (end - start) / HOURS_PER_DAY), total(end - start),
                         total(days))

    def beyond(self, slack_mw: ArrayLike) -> LabCourse:
        """Return the course of what is lost beyond ``slack_mw``: the stretches short, and by how
        much."""
        slack = np.broadcast_to(np.asarray(slack_mw, dtype=float), self.capacity_mw.shape)
        of_year = self.year % len(self.capacity_mw)
        over = self.lost_mw - slack[of_year]
        short = over > _ROUNDING * self.capacity_mw[of_year]
        return replace(self, year=self.year[short], start_h=self.start_h[short],
                       end_h=self.end_h[short], lost_mw=over[short])

    def peak_mw(self) -> Floats:
        """Return the most that was missing at once in each year, shape (n_years,)."""
        peak = np.zeros(self.n_years)
        np.maximum.at(peak, self.year, self.lost_mw)
        return peak

    def _by_year(self, values: Floats) -> Floats:
        return np.bincount(self.year, weights=values, minlength=self.n_years).astype(float)


def lab_course(courses: Courses, mw: ArrayLike) -> LabCourse:
    """Return the course of a portfolio.

    Parameters
    ----------
    mw : IT MW at each of ``courses.sites``, shape (sites,), or (worlds, sites)

    Raises
    ------
    RiskModelError : the shape does not fit, or a number is negative or not finite
    """
    held = np.atleast_2d(np.asarray(mw, dtype=float))
    if held.shape not in ((1, len(courses.sites)), (courses.worlds, len(courses.sites))):
        raise RiskModelError(f"lab_course: mw has shape {np.shape(mw)}; give one number for each "
                             f"of the {len(courses.sites)} sites, or a row of them for each of "
                             f"{courses.worlds} worlds")
    if not np.isfinite(held).all() or (held < 0).any():
        raise RiskModelError("lab_course: mw must be finite and not negative")
    capacity = held.sum(axis=1)
    lost = held[courses.year % len(held), courses.site] * courses.lost_share
    kept = lost > 0
    year = np.repeat(courses.year[kept], 2)
    time = np.column_stack([courses.start_h[kept], courses.end_h[kept]]).ravel()
    change = np.column_stack([lost[kept], -lost[kept]]).ravel()
    order = np.lexsort((time, year))
    year, time, change = year[order], time[order], change[order]
    level = np.cumsum(change)
    if len(year):  # each year starts from nothing lost: rounding does not travel on
        first = np.flatnonzero(np.diff(year, prepend=year[0] - 1))
        before = np.concatenate([[0.0], level[first[1:] - 1]])
        level -= np.repeat(before, np.diff([*first, len(year)]))
    inside = np.flatnonzero((year[:-1] == year[1:]) & (time[1:] > time[:-1])
                            & (level[:-1] > _ROUNDING * capacity[year[:-1] % len(held)]))
    return LabCourse(year[inside], time[inside], time[inside + 1], level[inside],
                     courses.n_years, capacity)
