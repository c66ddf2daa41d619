"""One year, or a story, day by day: what labs were missing, one on top of the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskmodel.errors import RiskModelError
from riskmodel.figures.context import context_of
from riskmodel.figures.drawing import drawn
from riskmodel.figures.foot_facts import about
from riskmodel.figures.labels import TOTAL, lab_label, name_whose, plain_ticks
from riskmodel.figures.palette import colour
from riskmodel.figures.sheet import sheet
from riskmodel.report.numbers import nice_ticks, number, short
from riskmodel.report.story import course_of, pick_year, replayed

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from riskmodel.engine.losses.losses import Losses
    from riskmodel.world.world import World


def year(losses: Losses, number_of_year: int | None = None, *, lab: str | None = None,
         world: World | None = None, size: str = "double", width_mm: float | None = None
         ) -> Figure:
    """Draw the lost IT power of one year over time, the worst labs apart.

    The year is rebuilt by ``rm.replay``.

    Parameters
    ----------
    losses : of simulated years, or of a story (``rm.stress``)
    number_of_year : a simulated year; the one that the report tells, about the 1-in-200 year, if
        not given
    lab : whose year; all labs together if not given
    world, size, width_mm : see ``exceedance``

    Raises
    ------
    RiskModelError : no year lost anything, or the year cannot be rebuilt (see ``rm.replay``)
    """
    context = context_of(losses, world, lab=lab)
    context.story_year = number_of_year
    picked = pick_year(context)
    if picked is None:
        raise RiskModelError("year: no simulated year lost anything; simulate more years")
    which, why = picked
    told, reason = replayed(context, which)
    if told is None or told.losses.empty:
        what = f"year {which}" if why else "the story"
        raise RiskModelError(f"year: {what} cannot be drawn: {reason or 'nothing was lost in it'}")
    course = course_of(told)
    on = sheet(size, width_mm)
    days = course.hours / 24
    end = max(float(days[-1]), 1.0)
    pile = np.vstack([np.zeros(len(days)), np.cumsum(course.lost, axis=0)])

    def paint(figure: Figure) -> None:
        axis = figure.subplots()
        for i, lab in enumerate(course.labs):
            name = (lab_label(context.names, lab, 26) if lab
                    else f"{len(course.others)} more labs")
            axis.fill_between(days, pile[i], pile[i + 1], step="post", linewidth=0,
                              color=colour(f"l{i + 1}"),
                              label=f"{name}, {number(course.totals[i])}")
        axis.step(days, pile[-1], where="post", color=colour("ink"), linewidth=on.points / 14)
        ticks = nice_ticks(float(pile[-1].max()))
        axis.set(xlim=(0, end), ylim=(0, ticks[-1]), yticks=ticks,
                 xlabel="days since the beginning", ylabel="lost IT power, MW")
        axis.set_xticks([tick for tick in nice_ticks(end, 6) if tick <= end])
        axis.grid(axis="y")
        name_whose(axis, context.names, context.lab or TOTAL, on.letters(0.7))
        plain_ticks(axis, "x", lambda at: f"{at:,.4g}")
        plain_ticks(axis, "y", short)
        horizon = context.losses.horizon_days
        if end > horizon * 1.01:
            axis.axvline(horizon, color=colour("soft"), linewidth=on.points / 14,
                         linestyle=(0, (3, 3)))
            axis.annotate("year ends", (horizon, ticks[-1]), xytext=(-3, -1), va="top", ha="right",
                          textcoords="offset points", color=colour("soft"),
                          fontsize=0.85 * on.points)
        axis.legend(title="MW-days", loc="upper right", alignment="left",
                    title_fontsize=0.9 * on.points)

    what = (f"Simulated year {which}, {why}" if why else "The story") + ", day by day"
    return drawn(
        paint, name="year" if why else "story", sheet=on,
        height_mm=on.height_mm(0.75 if on.narrow else 0.42), about=about(context.losses),
        units={"x": "days", "y": "MW"},
        caption=f"{what}: lost IT power of {context.subject}"
                + ("" if context.lab else ", those that lose most one on top of the other")
                + ", and MW-days of each. One year as it was drawn: it has no error.")
