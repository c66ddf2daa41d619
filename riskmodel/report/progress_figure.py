"""Days of a run lost in the worst years, a lab a line: rigid, quorum and elastic."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from riskmodel.report import svg
from riskmodel.report.names import clean
from riskmodel.report.numbers import number, short

#: run -> (what it is called, colour)
RUNS = {"rigid": ("rigid: needs every site", "c1"),
        "quorum": ("quorum: needs three quarters of them", "c4"),
        "elastic": ("elastic: goes on with what is left", "c2")}
_WIDTH, _LEFT, _RIGHT, _ROW, _TOP = 760, 185, 24, 40, 8
_LONGEST = 24


def progress_bars(rows: Sequence[dict[str, Any]], *, key: str) -> Markup:
    """Draw a dot with its interval for each run of each lab.

    ``rows`` hold ``name`` and ``bars``: by run, (value, low, high) in days.
    """
    bottom = _TOP + _ROW * len(rows)
    ends = [end for row in rows for bar in row["bars"].values() for end in bar if end > 0]
    # one lab may lose a hundred times what another does: decades
    first = math.floor(math.log10(max(min(ends, default=0.1), 1e-3)))
    last = max(math.ceil(math.log10(max(ends, default=1.0))), first + 1)
    ticks = [10.0 ** power for power in range(first, last + 1)]

    def x(value: float) -> float:
        place = (math.log10(max(value, ticks[0])) - first) / (last - first)
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * min(place, 1.0)

    drawn: list[Markup] = []
    for tick in ticks:
        drawn += [svg.line(x(tick), _TOP, x(tick), bottom, class_="grid"),
                  svg.text(x(tick), bottom + 15, short(tick), class_="tick", text_anchor="middle")]
    drawn.append(svg.text((_LEFT + _WIDTH - _RIGHT) / 2, bottom + 32,
                          "days of the run, each line ten times the last",
                          class_="tick", text_anchor="middle"))
    for place, row in enumerate(rows):
        start = _TOP + _ROW * place
        drawn.append(svg.text(_LEFT - 10, start + _ROW / 2 + 4, clean(row["name"], _LONGEST),
                              class_="tick", text_anchor="end"))
        for line, run in enumerate(RUNS):
            if run not in row["bars"]:
                continue
            value, low, high = row["bars"][run]
            y = start + 10 + 10 * line
            if low == low and high == high:
                drawn.append(svg.line(x(low), y, x(high), y, class_=f"whisker {RUNS[run][1]}"))
            drawn.append(svg.element("circle", cx=round(x(value), 1), cy=y, r=3.6,
                                     class_=RUNS[run][1]))
    said = "; ".join(f"{row['name']}: " + ", ".join(
        f"{run} {number(bar[0])} ({number(bar[1])} to {number(bar[2])})"
        for run, bar in row["bars"].items()) for row in rows)
    return svg.figure(_WIDTH, bottom + 40, drawn, key=key, class_="chart wide",
                      title="Training progress lost in the worst 1 in 100 years",
                      desc=f"Days of a run over all of a lab's sites, 95 % intervals. {said}.")
