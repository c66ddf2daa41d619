"""Differences between two worlds with their 95 % intervals, a line a lab, around zero."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from riskmodel.report import svg
from riskmodel.report.names import clean
from riskmodel.report.numbers import nice_ticks, number, short

#: verdict -> colour; "no change" is a dot on zero
COLOURS = {"better": "c3", "worse": "c1", "cannot tell at this n": "c8", "no change": "c8"}
_WIDTH, _LEFT, _RIGHT, _ROW, _TOP = 380, 118, 18, 24, 8
_LONGEST = 18  # letters of a lab's name beside a figure


def difference_lines(rows: Sequence[dict[str, Any]], *, key: str, title: str, unit: str) -> Markup:
    """Draw a dot and its interval for each row around the line of no difference.

    ``rows`` hold ``name, difference, low, high, verdict``; an interval that is not known is left
    out.
    """
    bottom = _TOP + _ROW * len(rows)
    ends = [abs(value) for row in rows for value in (row["low"], row["high"], row["difference"])
            if value == value]
    ticks = nice_ticks(max(ends, default=0.0) or 1.0, 2)
    most = ticks[-1]

    def x(value: float) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * (value + most) / (2 * most)

    drawn: list[Markup] = []
    for tick in (*(-tick for tick in ticks[:0:-1]), *ticks):
        drawn += [svg.line(x(tick), _TOP, x(tick), bottom, class_="axis" if tick == 0 else "grid"),
                  svg.text(x(tick), bottom + 15,
                           f"{'+' if tick > 0 else ''}{short(tick)}".replace("-", "−"),
                           class_="tick", text_anchor="middle")]
    drawn.append(svg.text(x(0.0), bottom + 31, f"{unit}, other − base", class_="tick",
                          text_anchor="middle"))
    for place, row in enumerate(rows):
        y = _TOP + _ROW * (place + 0.5)
        colour = COLOURS[row["verdict"]]
        drawn.append(svg.text(_LEFT - 10, y + 4, clean(row["name"], _LONGEST), class_="tick",
                              text_anchor="end"))
        if row["low"] == row["low"]:
            drawn.append(svg.line(x(row["low"]), y, x(row["high"]), y, class_=f"whisker {colour}"))
        if row["difference"] == row["difference"]:
            drawn.append(svg.element("circle", cx=round(x(row["difference"]), 1), cy=round(y, 1),
                                     r=3.6, class_=colour))
    said = "; ".join(f"{row['name']} {number(row['difference'])}, {number(row['low'])} to "
                     f"{number(row['high'])}, {row['verdict']}" for row in rows)
    return svg.figure(_WIDTH, bottom + 38, drawn, key=key, title=f"Difference of {title}",
                      desc=f"{unit}, other less base, with 95 % intervals. {said}.")
