"""A ranking with its errors: a dot and a bar a line, the ranks that each may have, and the ties."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from markupsafe import Markup

from riskmodel.report import svg
from riskmodel.report.names import clean
from riskmodel.report.numbers import nice_ticks, number, short

BAND = 1.96
_WIDTH, _LEFT, _RIGHT, _ROW, _TOP = 760, 222, 92, 17, 30
_LONGEST = 34  # letters of a name
_WIDE = 1.2  # powers of ten from which the axis is one of orders of magnitude


def rank_dots(rows: Sequence[dict[str, Any]], *, key: str, title: str, unit: str) -> Markup:
    """Draw the ranking, best first.

    ``rows`` hold ``name, value, se, rank, rank_low, rank_high, tied_with_best``. A line across
    parts those above it from those below where every one of these is surely worse.
    """
    bottom = _TOP + _ROW * len(rows)
    x, ticks = _axis([float(row["value"]) for row in rows], [float(row["se"]) for row in rows])
    drawn: list[Markup] = []
    tied = sum(bool(row["tied_with_best"]) for row in rows)
    for tick in ticks:
        drawn += [svg.line(x(tick), _TOP, x(tick), bottom, class_="grid"),
                  svg.text(x(tick), bottom + 15, short(tick), class_="tick",
                           text_anchor="middle")]
    drawn += [svg.text((_LEFT + _WIDTH - _RIGHT) / 2, bottom + 32, unit, class_="tick",
                       text_anchor="middle"),
              svg.text(_LEFT - 12, _TOP - 10, "region", class_="tick", text_anchor="end"),
              svg.text(_WIDTH - 4, _TOP - 10, "ranks it may have", class_="tick",
                       text_anchor="end")]
    cuts = groups(rows)
    for place, row in enumerate(rows):
        y = _TOP + _ROW * (place + 0.5)
        value, se = float(row["value"]), float(row["se"])
        colour = "c2" if row["tied_with_best"] else "c8"
        drawn.append(svg.text(_LEFT - 12, y + 4, clean(row["name"], _LONGEST), class_="tick",
                              text_anchor="end"))
        if se > 0:
            drawn.append(svg.line(x(value - BAND * se), y, x(value + BAND * se), y,
                                  class_=f"whisker {colour}"))
        drawn += [svg.element("circle", svg.element("title", _said(row)), cx=round(x(value), 1),
                              cy=round(y, 1), r=3.4, class_=colour),
                  svg.text(_WIDTH - 4, y + 4, ranks(row), class_="tick", text_anchor="end")]
        if place in cuts:
            drawn.append(svg.line(0, y - _ROW / 2, _WIDTH, y - _ROW / 2, class_="mark"))
    said = "; ".join(f"{row['name']} {number(row['value'])}, rank {ranks(row)}" for row in rows)
    return svg.figure(_WIDTH, bottom + 40, drawn, key=key, title=title, class_="chart",
                      desc=f"{unit}. {tied} of {len(rows)} cannot be told from the best. {said}.")


def ranks(row: dict[str, Any]) -> str:
    """Return the ranks that a row may have: "3" or "1 to 23"."""
    low, high = int(row["rank_low"]), int(row["rank_high"])
    return f"{low}" if low == high else f"{low} to {high}"


def groups(rows: Sequence[dict[str, Any]]) -> list[int]:
    """Return where a group begins that is surely worse than all before it (places in ``rows``)."""
    return [place for place in range(1, len(rows))
            if max(row["rank_high"] for row in rows[:place]) <= place
            and min(row["rank_low"] for row in rows[place:]) > place]


def _axis(values: Sequence[float], errors: Sequence[float]
          ) -> tuple[Callable[[float], float], list[float]]:
    """Return what puts a value on the axis, and its ticks."""
    right = _WIDTH - _RIGHT
    bars = [BAND * (se if math.isfinite(se) else 0.0) for se in errors]
    low, high = min(values), max(v + bar for v, bar in zip(values, bars, strict=True))
    if low > 0 and math.log10(high / low) > _WIDE:
        floor = max(min(v - bar for v, bar in zip(values, bars, strict=True)), low / 3)
        start, stop = math.log10(floor), math.log10(high)

        def log(value: float) -> float:
            at = (math.log10(max(value, floor)) - start) / (stop - start)
            return _LEFT + (right - _LEFT) * min(max(at, 0.0), 1.0)

        steps = [step * 10.0**power for power in range(math.floor(start), math.ceil(stop) + 1)
                 for step in ((1, 3) if stop - start > 2 else (1, 2, 5))]
        return log, [tick for tick in steps if floor <= tick <= high]
    least = min(v - bar for v, bar in zip(values, bars, strict=True))
    base = 0.0 if 0 <= least < 0.5 * high or high <= least else least
    step = nice_ticks(max(high - base, 1e-12), 5)[1]
    begin = math.floor(base / step + 1e-9)
    ticks = [step * i for i in range(begin, max(math.ceil(high / step - 1e-9), begin + 1) + 1)]

    def linear(value: float) -> float:
        at = (value - ticks[0]) / (ticks[-1] - ticks[0])
        return _LEFT + (right - _LEFT) * min(max(at, 0.0), 1.0)

    return linear, ticks


def _said(row: dict[str, Any]) -> str:
    return (f"{row['name']}: {number(row['value'])} ± {number(row['se'], 2)}, rank {ranks(row)}")
