"""The fan of a lab's build-out: the record's plan, what slips leave of it, and what shocks do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from markupsafe import Markup

from riskmodel.report import svg
from riskmodel.report.numbers import nice_ticks, number, short

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 360, 220, 46, 12, 10, 26
_GW = 1000.0
#: level -> value on each day
Levels = Mapping[float, Sequence[float]]


def build_out_fan_figure(days: Sequence[dt.date], plan: Sequence[float], without: Levels,
                         shocked: Levels, *, key: str, title: str) -> Markup:
    """Draw the plan as a line, the shocked case as a fan, and the other by its outline.

    ``without`` and ``shocked`` hold MW on each day for the levels .05, .5 and .95; the shocked case
    also for .25 and .75, between which its fan is darker.
    """
    ticks = nice_ticks(max(*plan, 1.0))
    right, bottom = _WIDTH - _RIGHT, _HEIGHT - _BOTTOM
    first, last = days[0].toordinal(), days[-1].toordinal()

    def x(day: dt.date) -> float:
        return _LEFT + (right - _LEFT) * (day.toordinal() - first) / max(last - first, 1)

    def y(mw: float) -> float:
        return bottom - (bottom - _TOP) * mw / ticks[-1]

    gw = ticks[-1] >= _GW
    drawn: list[Markup] = []
    for tick in ticks:
        shown = f"{tick / _GW:g}" if gw else short(tick)
        if tick == ticks[-1]:
            shown += " GW" if gw else " MW"
        drawn += [svg.line(_LEFT, y(tick), right, y(tick), class_="grid"),
                  svg.text(_LEFT - 5, y(tick) + 3.5, shown, class_="tick", text_anchor="end")]
    for year in range(days[0].year + 1, days[-1].year + 1):
        at = x(dt.date(year, 1, 1))
        drawn += [svg.line(at, bottom, at, bottom + 4, class_="axis"),
                  svg.text(at, bottom + 16, str(year), class_="tick", text_anchor="middle")]
    across = [x(day) for day in days]

    def band(low: Sequence[float], high: Sequence[float], style: str) -> Markup:
        return svg.path([*zip(across, map(y, high), strict=True),
                         *zip(across[::-1], [y(mw) for mw in low[::-1]], strict=True)],
                        close=True, class_=f"band {style}")

    drawn += [band(shocked[0.05], shocked[0.95], "oep"), band(shocked[0.25], shocked[0.75], "oep"),
              svg.path(zip(across, map(y, plan), strict=True), class_="edge"),
              svg.path(zip(across, map(y, without[0.05]), strict=True), class_="curve thin aep"),
              svg.path(zip(across, map(y, without[0.95]), strict=True), class_="curve thin aep"),
              svg.path(zip(across, map(y, without[0.5]), strict=True), class_="curve aep"),
              svg.path(zip(across, map(y, shocked[0.5]), strict=True), class_="curve oep"),
              svg.line(_LEFT, bottom, right, bottom, class_="axis")]
    ends = {"planned": plan[-1], "without shocks, half of the draws above": without[0.5][-1],
            "with shocks": shocked[0.5][-1], "with shocks, one in twenty below": shocked[0.05][-1]}
    said = "; ".join(f"{what} {number(mw)} MW" for what, mw in ends.items())
    return svg.figure(_WIDTH, _HEIGHT, drawn, key=key, title=f"Build-out of {title}",
                      desc=f"From {days[0]} to {days[-1]}; on the last day {said}.")
