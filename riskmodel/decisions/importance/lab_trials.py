"""Trials of one lab alone: how short it falls under given own outages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from riskmodel.engine.kernel.layout import OWN
from riskmodel.engine.losses.courses import Courses
from riskmodel.engine.losses.losses import HOURS_PER_DAY, Losses
from riskmodel.engine.outages.own_outages import TrialOutages, drawn_outages, joined
from riskmodel.engine.plan.again import again
from riskmodel.engine.plan.plan import Plan, make_plan, replan
from riskmodel.engine.plan.reach import reach
from riskmodel.engine.run.runner import BLOCK_YEARS, Span, run_given
from riskmodel.measures.labcourse import LabCourse, lab_course

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmodel.world.world import World

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class LabTrials:
    """One state of the world, without perils, in which one lab holds what it holds.

    ``drawing`` is the plan with its perils; ``felt`` the mask of nodes that the lab needs at all.
    """

    drawing: Plan
    blank: Plan
    lab: int
    felt: NDArray[np.bool_]

    @property
    def slack_mw(self) -> float:
        """MW that may be missing without harm."""
        return float(self.blank.graph.lab["slack_mw"][self.lab])

    def draw(self, first: int, years: int, wanted: Ints, stride: int) -> TrialOutages:
        """Draw the outages that the lab may feel, of some years of a block."""
        span = Span(self.drawing.segments, 0.0, self.drawing.horizon_h, False, False)
        return drawn_outages(self.drawing, first, years, wanted, span, stride=stride,
                             nodes=self.felt)

    def shortfall(self, trials: TrialOutages) -> tuple[Floats, Floats]:
        """Return hours short and MW-days short within the year, by trial."""
        span = Span(1, 0.0, self.blank.horizon_h, False, True)
        hours, mw_days = np.zeros(trials.count), np.zeros(trials.count)
        for first, block in _blocks(trials):
            rows = run_given(self.blank, block.given(), first, block.count, span).adequacy
            hours[rows["year"]] = rows["hours"]
            mw_days[rows["year"]] = rows["short"] / HOURS_PER_DAY
        return hours, mw_days

    def course(self, trials: TrialOutages) -> LabCourse:
        """Return what the lab was missing within the year, moment by moment; a year is a trial."""
        span = Span(1, 0.0, self.blank.horizon_h, False, False, courses=True)
        plan = replace(self.blank, scratch=[])
        rows = np.concatenate([run_given(plan, block.given(), first, block.count, span).courses
                               for first, block in _blocks(trials)])
        nodes, of_hold = np.unique(self.blank.graph.hold["node"], return_inverse=True)
        mw = np.bincount(of_hold, weights=self.blank.graph.hold["mw"], minlength=len(nodes))
        place = np.searchsorted(nodes, rows["node"]).astype(np.int32)
        watched = Courses(tuple(self.blank.nodes[i] for i in nodes), rows["year"].copy(), place,
                          rows["start"].copy(), rows["end"].copy(), rows["lost"].copy(),
                          trials.count, "calendar", self.blank.horizon_h / HOURS_PER_DAY)
        return lab_course(watched, mw)


def lab_trials(losses: Losses, lab: str, world: World | None = None, what: str = "importance"
               ) -> Iterator[LabTrials]:
    """Yield the lab's trials of each state of the world of a run."""
    states = again(losses, world, what)
    base = states if isinstance(states, Plan) else states.base
    empty = make_plan(base.world, [], seed=0, horizon_h=base.horizon_h, cap_h=base.cap_h,
                      extra_labs=base.labs)
    empty = replace(empty, hold_room=len(base.world.sites))
    for number in range(losses.worlds):
        if isinstance(states, Plan):
            drawing, held = states, base.world.effective_holdings()
        else:
            drawing, held = states.plan(number), states.holdings.in_world(number)
        blank = replan(empty, [], held[held["lab_id"] == lab])
        felt = np.asarray(reach(blank, blank.graph.hold["node"].tolist()).any(axis=1))
        yield LabTrials(drawing, blank, blank.labs.index(lab), felt)


def drawn_years(trials: LabTrials, years: Ints, stride: int) -> TrialOutages:
    """Draw the outages of the given years of one state of the world, rising, one trial each.

    ``stride`` is the number of states: the years of one are so far apart.
    """
    if not len(years):
        return TrialOutages(years, np.zeros(0, OWN), 0)
    start = int(years[0]) % stride
    place = (years - start) // stride
    parts = []
    for block in np.unique(place // BLOCK_YEARS).tolist():
        mine = place[place // BLOCK_YEARS == block] - block * BLOCK_YEARS
        parts.append(trials.draw(start + stride * block * BLOCK_YEARS, int(mine[-1]) + 1, mine,
                                 stride))
    return joined(parts)


def _blocks(trials: TrialOutages) -> Iterator[tuple[int, TrialOutages]]:
    for first in range(0, max(trials.count, 1), BLOCK_YEARS):
        yield first, trials.of(np.arange(first, min(first + BLOCK_YEARS, trials.count)))
