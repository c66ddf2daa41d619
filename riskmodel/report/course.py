"""One picture of a story: how much is missing, from the first hours to the last months."""

from __future__ import annotations

import math
from collections.abc import Sequence

from markupsafe import Markup

from riskmodel.report import svg
from riskmodel.report.numbers import nice_ticks, number, short

_WIDTH, _HEIGHT = 520.0, 170.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 46.0, 12.0, 12.0, 26.0
#: hours that the time axis names
_MARKS = ((1.0, "1 h"), (6.0, "6 h"), (24.0, "1 day"), (168.0, "1 week"), (720.0, "1 month"),
          (2160.0, "3 months"), (8760.0, "1 year"), (26280.0, "3 years"))


def picture(course: Sequence[tuple[float, float]], *, key: str, name: str) -> Markup:
    """Draw MW missing against hours since the story began, time on a logarithmic scale.

    ``course`` : (hour, MW missing from then on), hours rising
    """
    last = max(course[-1][0], 2.0)
    ticks = nice_ticks(max(level for _, level in course), 3)
    top = ticks[-1]

    def x(hour: float) -> float:
        share = math.log10(max(hour, 0.5) / 0.5) / math.log10(last / 0.5)
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * share

    def y(mw: float) -> float:
        return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * mw / top

    points = [(_LEFT, y(0.0))]
    for hour, level in course:
        points += [(x(hour), points[-1][1]), (x(hour), y(max(level, 0.0)))]
    drawn: list[Markup] = []
    for tick in ticks:
        drawn += [svg.line(_LEFT, y(tick), _WIDTH - _RIGHT, y(tick), class_="grid"),
                  svg.text(_LEFT - 6, y(tick) + 4, short(tick), class_="tick", text_anchor="end")]
    drawn.append(svg.path([*points, (points[-1][0], y(0.0)), (_LEFT, y(0.0))], close=True,
                          class_="band oep"))
    drawn.append(svg.path(points, class_="curve observed"))
    drawn.append(svg.line(_LEFT, y(0.0), _WIDTH - _RIGHT, y(0.0), class_="axis"))
    free = _LEFT - 40.0
    for hour, word in _MARKS:
        if hour > last * 1.001 or x(hour) - free < 52.0:
            continue
        free = x(hour)
        drawn += [svg.line(x(hour), y(0.0), x(hour), y(0.0) + 4, class_="axis"),
                  svg.text(min(x(hour), _WIDTH - 22), y(0.0) + 17, word, class_="tick",
                           text_anchor="middle")]
    most = max(level for _, level in course)
    return svg.figure(_WIDTH, _HEIGHT, drawn, key=key, title=f"MW missing over time: {name}",
                      desc=f"At most {number(most)} MW are missing at once; the last loss ends "
                           f"{number(last)} hours after the story's start.")
