"""While a portfolio is short of its need: how long, by how much, and what else is missing then.

Capacity that is added somewhere helps while the portfolio is short, and then as far as it is up
itself. So a place is worth what it has, hour by hour, in the hours of shortfall and in no others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from riskmodel.engine.losses.courses import Courses
from riskmodel.engine.losses.losses import HOURS_PER_DAY
from riskmodel.errors import RiskModelError
from riskmodel.measures.labcourse import LabCourse

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ShortTime:
    """Stretches in which a portfolio is short, and what watched sites are missing meanwhile.

    Attributes
    ----------
    year, hours, short_mw : of each stretch of shortfall; by year
    stretch, site, together_h, lost_share : of each overlap of a stretch (by its number) and a time
        in which a site (by its place in ``sites``) is missing a share of itself
    """

    sites: tuple[str, ...]
    n_years: int
    year: NDArray[np.int64]
    hours: Floats
    short_mw: Floats
    stretch: NDArray[np.int64]
    site: NDArray[np.int32]
    together_h: Floats
    lost_share: Floats

    def days(self) -> Floats:
        """Return the days short in each year, shape (n_years,)."""
        return np.bincount(self.year, self.hours / HOURS_PER_DAY, self.n_years).astype(float)

    def lost_days(self) -> Floats:
        """Return days that a MW at each site is missing while the portfolio is short.

        Shape (n_years, sites).
        """
        return self._by_year_and_site(self.together_h * self.lost_share / HOURS_PER_DAY)

    def short_mw_days(self, firm_mw: float = 0.0) -> Floats:
        """Return MW-days not served in each year, had there been so many firm MW more."""
        left = np.maximum(self.short_mw - firm_mw, 0.0) * self.hours / HOURS_PER_DAY
        return np.bincount(self.year, left, self.n_years).astype(float)

    def short_mw_days_with(self, mw: float) -> Floats:
        """Return MW-days not served in each year, had there been so many MW more at one site.

        Shape (n_years, sites): each site alone.
        """
        short = self.short_mw[self.stretch]
        there = np.maximum(short - mw * (1.0 - self.lost_share), 0.0)
        more = (there - np.maximum(short - mw, 0.0)) * self.together_h / HOURS_PER_DAY
        return self.short_mw_days(mw)[:, None] + self._by_year_and_site(more)

    def _by_year_and_site(self, values: Floats) -> Floats:
        width = len(self.sites)
        cell = self.year[self.stretch] * width + self.site
        return np.bincount(cell, values, self.n_years * width).astype(float).reshape(-1, width)


def short_time(course: LabCourse, slack_mw: ArrayLike, courses: Courses) -> ShortTime:
    """Return when a portfolio is short, and what the sites of ``courses`` are missing then.

    Parameters
    ----------
    course : of the portfolio
    slack_mw : MW that may be missing without harm; one number or one a state of the world
    courses : of the sites asked about, from the same years and in the same booking

    Raises
    ------
    RiskModelError : the two are not of the same years
    """
    if course.n_years != courses.n_years:
        raise RiskModelError(f"short_time: the portfolio has {course.n_years} years, the sites "
                             f"{courses.n_years}; take both from one run")
    short = course.beyond(slack_mw)
    # the stretches of shortfall follow each other in time, so on one axis they stay in order
    span = 1.0 + max((float(ends.max()) for ends in (short.end_h, courses.end_h) if len(ends)),
                     default=0.0)
    first = np.searchsorted(short.year * span + short.end_h,
                            courses.year * span + courses.start_h, side="right")
    last = np.searchsorted(short.year * span + short.start_h,
                           courses.year * span + courses.end_h, side="left")
    count = np.maximum(last - first, 0)
    row = np.repeat(np.arange(len(count)), count)
    stretch = (np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
               + np.repeat(first, count))
    together = (np.minimum(short.end_h[stretch], courses.end_h[row])
                - np.maximum(short.start_h[stretch], courses.start_h[row]))
    kept = (together > 0) & (short.year[stretch] == courses.year[row])
    row, stretch = row[kept], stretch[kept]
    return ShortTime(courses.sites, course.n_years, short.year, short.end_h - short.start_h,
                     short.lost_mw, stretch, courses.site[row], together[kept],
                     courses.lost_share[row])
