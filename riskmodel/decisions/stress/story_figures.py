"""What a story costs each lab: one set of figures, worked out in one place.

Suites, tables over portfolios and grids all have these columns, and they mean the same in each.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskmodel.engine.losses.losses import HOURS_PER_DAY
from riskmodel.engine.stories.stories import Stage
from riskmodel.measures.labcourse import LabCourse, lab_course
from riskmodel.measures.yeartable import TOTAL

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmodel.perils.events import Event

    Floats = NDArray[np.float64]

#: columns of a lab under a story; hours and days to half and to 90 % back are the same time
FIGURES = ("lab", "capacity_mw", "lost_mw_days", "lost_mw_peak", "lost_share_peak",
           "hours_to_50pct_back", "hours_to_90pct_back", "shortfall_mw_days",
           "days_to_50pct_back", "days_to_90pct_back")
_ROUNDING = 1e-9


def story_figures(stage: Stage, stories: Sequence[Sequence[Event]]) -> pd.DataFrame:
    """Return what each story costs each lab, and all of them ("total").

    Frame ``story, lab, capacity_mw, lost_mw_days, lost_mw_peak, lost_share_peak,
    hours_to_50pct_back, hours_to_90pct_back, shortfall_mw_days, days_to_50pct_back,
    days_to_90pct_back``; ``story`` is the place in the list. Rows are by story, then lab.
    ``lost_mw_peak`` is the most that is missing at once, ``lost_share_peak`` its share of the lab's
    capacity (NaN where it has none). Hours to half back count from the moment of the deepest loss
    until half of what was then missing is back for good: NaN where nothing is lost, infinite where
    it is not back when the engine stops counting.
    """
    courses = stage.play(stories)
    cut = [_cut_at(events, stage.recovery_cap_days * HOURS_PER_DAY) for events in stories]
    slack = stage.capacity_mw * (1.0 - stage.needed_share)
    count = len(stories)
    frames = []
    short_of_all = np.zeros(count)
    for number, lab in enumerate((*stage.labs, TOTAL)):
        whole = lab == TOTAL
        mw = stage.held_mw.sum(axis=0) if whole else stage.held_mw[number]
        course = lab_course(courses, mw)
        capacity, peak = float(mw.sum()), course.peak_mw()
        if whole:
            short = short_of_all
        else:
            short = course.shortfall(slack[number]).mw_days
            short_of_all += short
        half, most = (back_h(course, peak, left, cut) for left in (0.5, 0.1))
        frames.append(pd.DataFrame({
            "story": np.arange(count), "lab": lab, "capacity_mw": capacity,
            "lost_mw_days": course.lost_mw_days(), "lost_mw_peak": peak,
            "lost_share_peak": peak / capacity if capacity > 0 else np.full(count, np.nan),
            "hours_to_50pct_back": half, "hours_to_90pct_back": most, "shortfall_mw_days": short,
            "days_to_50pct_back": half / HOURS_PER_DAY,
            "days_to_90pct_back": most / HOURS_PER_DAY}))
    table = pd.concat(frames, ignore_index=True)
    return table.sort_values("story", kind="stable", ignore_index=True)


def back_h(course: LabCourse, peak: Floats, left: float, cut: Sequence[set[float]]) -> Floats:
    """Return hours from the deepest loss until no more than ``left`` of it is missing for good.

    Shape (stories,). ``cut`` : of each story the hours at which the engine stops counting.
    """
    top = peak[course.year]
    deep = course.lost_mw >= top * (1 - _ROUNDING)
    begins = np.full(course.n_years, np.inf)
    np.minimum.at(begins, course.year[deep], course.start_h[deep])
    above = course.lost_mw > top * (left + _ROUNDING)
    ends = np.full(course.n_years, np.nan)
    np.fmax.at(ends, course.year[above], course.end_h[above])
    back = ends - begins
    for story, hours in enumerate(cut):
        if any(abs(ends[story] - hour) < 1e-6 for hour in hours):
            back[story] = np.inf  # it is only where the engine stops counting
    return back


def _cut_at(events: Sequence[Event], cap_h: float) -> set[float]:
    return {outage.start_h + cap_h for event in events for outage in event.outages
            if outage.depth > 0 and outage.duration_h >= cap_h * (1 - 1e-12)}
