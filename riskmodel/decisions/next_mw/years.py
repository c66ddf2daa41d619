"""Year by year: what a MW at each candidate loses, beside the years of the lab it would join."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from riskmodel.measures import estimators as est
from riskmodel.measures.influence import euler_influence, tail_influence
from riskmodel.measures.labcourse import lab_course
from riskmodel.measures.shorttime import ShortTime, short_time

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmodel.engine.losses.courses import Courses

    Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class MarginalYears:
    """Unit losses of candidates and losses of a lab under common draws.

    Attributes
    ----------
    unit : MW-days lost by a MW at each candidate, occurrence booking, shape (years, candidates)
    lab : MW-days lost by the lab, shape (years,); None for a MW alone
    lab_mw : the lab's capacity, MW (mean over the states of the world)
    short : when the lab is short, calendar booking
    block_mw : MW of the block that is priced as a whole
    """

    unit: Floats
    level: float
    block_mw: float
    lab: Floats | None = None
    lab_mw: float = np.nan
    short: ShortTime | None = None

    @classmethod
    def alone(cls, occurrence: Courses, candidates: list[str], level: float,
              block_mw: float) -> MarginalYears:
        """Return the years of a MW that joins nobody."""
        return cls(_unit(occurrence, candidates), level, block_mw)

    @classmethod
    def of_lab(cls, occurrence: Courses, calendar: Courses, candidates: list[str], held: Floats,
               needed_share: float, level: float, block_mw: float) -> MarginalYears:
        """Return the years beside a lab that holds so many MW, shape (worlds, sites)."""
        course = lab_course(calendar, held)
        lost = lab_course(occurrence, held)
        short = short_time(course, course.capacity_mw * (1.0 - needed_share),
                           calendar.only(candidates))
        per_world = np.bincount(np.arange(course.n_years) % len(course.capacity_mw),
                                minlength=len(course.capacity_mw)) / course.n_years
        return cls(_unit(occurrence, candidates), level, block_mw, lost.lost_mw_days(),
                   float(per_world @ course.capacity_mw), short)

    @property
    def n_years(self) -> int:
        """Return the simulated years."""
        return len(self.unit)

    @property
    def tail_is_known(self) -> bool:
        """Whether the tail holds a whole year."""
        return bool(est.tail_count_of_level(self.n_years, self.level)[0] >= 1)

    def influence(self, per_aal: float, per_tail: float) -> dict[str, Floats]:
        """Return each measure as a value a year and candidate: (years, candidates).

        The mean over the years is the measure, the scatter its error, and the scatter of a
        difference the error of the difference. For AAL these are the losses themselves; for a tail
        mean and a ratio their influence values (first order, exact in the mean).

        ``per_aal`` and ``per_tail`` are money a year per MW-day of AAL and of TVaR.
        """
        nothing = np.full(self.unit.shape, np.nan)
        aal, tail, block = self.unit, self._tail(), self._block_tail()
        found = {"aal": aal, "tail": tail, "cost": per_aal * aal + per_tail * tail,
                 "saving": nothing, "credit": nothing, "block_credit": nothing,
                 "block_tail": block, "block_cost": per_aal * aal + per_tail * block}
        if self.lab is not None:
            own = (per_aal * self.lab + per_tail * self._tvar(self.lab)) / self.lab_mw
            found["saving"] = own[:, None] - found["cost"]
            found |= self._credits()
        return found

    def _tail(self) -> Floats:
        """Return what the candidates lose in the lab's tail, or in their own without a lab."""
        if self.lab is None:
            return np.column_stack([self._tvar(column) for column in self.unit.T])
        return euler_influence(self.lab, self.unit, self.level)

    def _tvar(self, losses: Floats) -> Floats:
        return tail_influence(losses, self.level)[1]

    def _block_tail(self) -> Floats:
        """Return the rise of TVaR with a whole block, per MW of it."""
        before = np.zeros(self.n_years) if self.lab is None else self.lab
        now = self._tvar(before)
        return np.column_stack([(self._tvar(before + self.block_mw * column) - now)
                                / self.block_mw for column in self.unit.T])

    def _credits(self) -> dict[str, Floats]:
        """Return firm MW a MW, of the first MW and of the block; NaN where nothing is short."""
        assert self.short is not None
        # by what is lacking, so that a place that never fails lacks nothing, exactly
        block_firm = self.short.short_mw_days(self.block_mw)
        block_lacks = self.short.short_mw_days_with(self.block_mw) - block_firm[:, None]
        served = self.short.short_mw_days() - block_firm
        return {"credit": 1.0 - _ratio(self.short.lost_days(), self.short.days()),
                "block_credit": 1.0 - _ratio(block_lacks, served)}


def _unit(courses: Courses, candidates: list[str]) -> Floats:
    return np.asarray(courses.only(candidates).unit_losses().toarray())


def _ratio(above: Floats, below: Floats) -> Floats:
    """Return influence values of mean(above) / mean(below), shape of ``above``."""
    mean = float(below.mean())
    if not mean > 0:
        return np.full(above.shape, np.nan)
    ratio = above.mean(axis=0) / mean
    return np.asarray(ratio + (above - ratio * below[:, None]) / mean)
