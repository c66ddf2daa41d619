"""A simple cover on lost capacity: a waiting period, an indemnity period, limits.

What it pays follows from what the lab's sites were missing, and when; no event has to be named. A
*spell* is one site's unbroken stretch of time below its full capacity. Of each spell

    X = MW-days lost in [start + waiting, start + waiting + indemnity]
    paid = min(limit, max(0, X - deductible))

and of each year min(annual limit, sum of paid). A spell belongs to the year in which it begins,
like the loss itself (occurrence booking), and counts with the lab's share of the site. Two sites
that fail in one event are two spells. What an insurer would ask on top of the expected payment, and
what is in dispute, is not modelled.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from riskmodel.engine.losses.losses import HOURS_PER_DAY
from riskmodel.errors import RiskModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmodel.engine.losses.courses import Courses

    Floats = NDArray[np.float64]

#: stretches closer than this belong to one spell, hours
_TOUCH_H = 1e-9
#: a payment this close to its limit has reached it
_REACHED = 1 - 1e-12


@dataclass(frozen=True)
class Cover:
    """The terms: hours, days, and MW-days of the lab's own losses.

    Raises
    ------
    RiskModelError : a number that is negative or missing, or nothing that could be paid.
    """

    waiting_h: float = 0.0
    indemnity_days: float = np.inf
    deductible_mw_days: float = 0.0
    limit_mw_days: float = np.inf
    annual_limit_mw_days: float = np.inf

    def __post_init__(self) -> None:
        """Check the terms."""
        for name in ("waiting_h", "deductible_mw_days"):
            if not 0 <= getattr(self, name) < np.inf:
                raise RiskModelError(f"cover: {name} is {getattr(self, name)!r}; give a number, 0 "
                                     "or more")
        for name in ("indemnity_days", "limit_mw_days", "annual_limit_mw_days"):
            if not getattr(self, name) > 0:
                raise RiskModelError(f"cover: {name} is {getattr(self, name)!r}; give a number "
                                     "above 0, or none for no end")

    def __str__(self) -> str:
        parts = [f"{self.waiting_h:g} h of waiting",
                 f"{self.indemnity_days:g} days of indemnity" if self.indemnity_days < np.inf
                 else "indemnity without end"]
        parts += [f"{word} {value:,.0f} MW-days" for word, value, none in (
            ("deductible", self.deductible_mw_days, 0.0), ("limit a spell", self.limit_mw_days,
                                                           np.inf),
            ("limit a year", self.annual_limit_mw_days, np.inf)) if value != none]
        return ", ".join(parts)


@dataclass(frozen=True, eq=False)
class Recovered:
    """What a cover met and paid, year by year; arrays of shape (n_years,)."""

    lost_mw_days: Floats
    paid_mw_days: Floats
    claims: NDArray[np.int64]  # spells that were paid for before the annual limit
    spell_limit: NDArray[np.bool_]  # some spell reached its limit
    annual_limit: NDArray[np.bool_]


def recoveries(courses: Courses, mw: Floats, terms: Cover) -> Recovered:
    """Return what the terms pay on the losses of one portfolio.

    Parameters
    ----------
    courses : of its sites, occurrence booking
    mw : IT MW at each of ``courses.sites``, shape (sites,), or (worlds, sites)

    Raises
    ------
    RiskModelError : the courses are booked by the calendar, or the shape does not fit.
    """
    held = np.atleast_2d(np.asarray(mw, dtype=float))
    if courses.booking != "occurrence":
        raise RiskModelError("a cover is read from courses in occurrence booking: on the calendar "
                             "spells are cut at the end of the year")
    if held.shape not in ((1, len(courses.sites)), (courses.worlds, len(courses.sites))):
        raise RiskModelError(f"mw has shape {np.shape(mw)}; give one number for each of the "
                             f"{len(courses.sites)} sites, or a row of them for each of "
                             f"{courses.worlds} worlds")
    rows = np.flatnonzero(held.max(axis=0)[courses.site] > 0)
    order = rows[np.lexsort((courses.start_h[rows], courses.site[rows], courses.year[rows]))]
    year, site = courses.year[order], courses.site[order]
    start, end = courses.start_h[order], courses.end_h[order]
    lost = held[year % len(held), site] * courses.lost_share[order]
    new = np.ones(len(order), dtype=bool)
    new[1:] = ((year[1:] != year[:-1]) | (site[1:] != site[:-1])
               | (start[1:] > end[:-1] + _TOUCH_H))
    first = np.flatnonzero(new)
    spell = np.cumsum(new) - 1
    begins = start[first][spell] + terms.waiting_h
    ends = begins + terms.indemnity_days * HOURS_PER_DAY
    covered = np.maximum(np.minimum(end, ends) - np.maximum(start, begins), 0.0)
    of_spell = _sums(spell, lost * covered / HOURS_PER_DAY, len(first))
    paid = np.clip(of_spell - terms.deductible_mw_days, 0.0, terms.limit_mw_days)
    spell_year, n = year[first], courses.n_years
    of_year = _sums(spell_year, paid, n)
    at_limit = (paid >= terms.limit_mw_days * _REACHED) & (paid > 0)
    return Recovered(
        lost_mw_days=_sums(year, lost * (end - start) / HOURS_PER_DAY, n),
        paid_mw_days=np.minimum(of_year, terms.annual_limit_mw_days),
        claims=np.bincount(spell_year[paid > 0], minlength=n),
        spell_limit=np.bincount(spell_year[at_limit], minlength=n) > 0,
        annual_limit=(of_year >= terms.annual_limit_mw_days * _REACHED) & (of_year > 0))


def _sums(keys: NDArray[np.int64], values: Floats, length: int) -> Floats:
    return np.bincount(keys, weights=values, minlength=length).astype(float)
