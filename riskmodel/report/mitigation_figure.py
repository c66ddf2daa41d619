"""What each mitigation saves: three bars, alone, by Shapley's value and on top of the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from riskmodel.report import svg
from riskmodel.report.names import clean
from riskmodel.report.numbers import nice_ticks, number, short

#: value -> (its error, what it is called, colour)
VALUES = {"first_in": ("first_in_se", "alone", "c3"),
          "value": ("se", "mean over all orders (Shapley)", "c1"),
          "last_in": ("last_in_se", "on top of all the others", "c2")}
_WIDTH, _LEFT, _RIGHT, _TOP, _ROW, _BAR = 760, 200, 30, 8, 44, 9
_LONGEST = 28
BAND = 1.96


def mitigation_bars(rows: Sequence[dict[str, Any]], *, key: str, unit: str) -> Markup:
    """Draw three bars with their errors for each row of ``mitigation_value``."""
    bottom = _TOP + _ROW * len(rows)
    ends = [row[name] + BAND * row[se] if row[se] == row[se] else row[name]
            for row in rows for name, (se, _, _) in VALUES.items()]
    starts = [row[name] for row in rows for name in VALUES]
    ticks = nice_ticks(max([*ends, 1e-9]), 5)
    low = min([0.0, *starts])  # a move may do harm

    def x(value: float) -> float:
        share = (value - low) / (ticks[-1] - low)
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * min(max(share, 0.0), 1.0)

    drawn: list[Markup] = []
    for tick in ticks:
        drawn += [svg.line(x(tick), _TOP, x(tick), bottom, class_="grid"),
                  svg.text(x(tick), bottom + 15, short(tick), class_="tick", text_anchor="middle")]
    drawn.append(svg.text((_LEFT + _WIDTH - _RIGHT) / 2, bottom + 32, unit, class_="tick",
                          text_anchor="middle"))
    for place, row in enumerate(rows):
        top = _TOP + _ROW * place + (_ROW - 3 * _BAR - 4) / 2
        drawn.append(svg.text(_LEFT - 10, _TOP + _ROW * (place + 0.5) + 4,
                              clean(row["mitigation"], _LONGEST), class_="tick",
                              text_anchor="end"))
        for line, (name, (error, _, colour)) in enumerate(VALUES.items()):
            value, se, y = row[name], row[error], top + line * (_BAR + 2)
            left, right = sorted((x(0.0), x(value)))
            drawn.append(svg.element("rect", x=round(left, 1), y=round(y, 1),
                                     width=round(right - left, 1), height=_BAR, class_=colour))
            if se == se and se > 0:
                drawn.append(svg.line(x(value - BAND * se), y + _BAR / 2, x(value + BAND * se),
                                      y + _BAR / 2, class_="edge"))
    said = "; ".join(f"{row['mitigation']}: " + ", ".join(
        f"{what} {number(row[name])}" for name, (_, what, _) in VALUES.items()) for row in rows)
    return svg.figure(_WIDTH, bottom + 40, drawn, key=key, class_="chart wide",
                      title="What each mitigation saves", desc=f"{unit}. {said}.")
