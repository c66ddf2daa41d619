"""The same MW in four arrangements, a line a lab; and firm MW against the needed share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
from markupsafe import Markup

from riskmodel.report import svg
from riskmodel.report.names import clean
from riskmodel.report.numbers import nice_ticks, number, short

#: arrangement -> (what it is called, colour)
ARRANGEMENTS = {"concentrated": ("all at its largest site", "c1"), "as_is": ("as it is", "c2"),
                "unlinked": ("as it is, fates not linked", "c3"),
                "even_copies": ("even, independent copies", "c4")}
_WIDTH, _LEFT, _RIGHT, _ROW, _TOP = 760, 185, 24, 34, 8
_LONGEST = 24  # letters of a lab's name beside a figure
BAND = 1.96


def arrangement_dots(rows: Sequence[dict[str, Any]], *, key: str, unit: str) -> Markup:
    """Draw a dot with its error for each arrangement of each lab.

    ``rows`` hold ``name`` and, by arrangement, (value, se).
    """
    bottom = _TOP + _ROW * len(rows)
    top = max((value + BAND * (se if se == se else 0.0) for row in rows
               for value, se in row["dots"].values()), default=1.0)
    ticks = nice_ticks(top, 5)

    def x(value: float) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * min(max(value, 0.0) / ticks[-1], 1.0)

    drawn: list[Markup] = []
    for tick in ticks:
        drawn += [svg.line(x(tick), _TOP, x(tick), bottom, class_="grid"),
                  svg.text(x(tick), bottom + 15, short(tick), class_="tick", text_anchor="middle")]
    drawn.append(svg.text((_LEFT + _WIDTH - _RIGHT) / 2, bottom + 32, unit, class_="tick",
                          text_anchor="middle"))
    for number_, row in enumerate(rows):
        middle = _TOP + _ROW * (number_ + 0.5)
        drawn.append(svg.text(_LEFT - 10, middle + 4, clean(row["name"], _LONGEST), class_="tick",
                              text_anchor="end"))
        for place, (name, (value, se)) in enumerate(row["dots"].items()):
            y = middle + (place - 1.5) * 6.5
            colour = ARRANGEMENTS[name][1]
            if se == se and se > 0:
                drawn.append(svg.line(x(value - BAND * se), y, x(value + BAND * se), y,
                                      class_=f"whisker {colour}"))
            drawn.append(svg.element("circle", cx=round(x(value), 1), cy=round(y, 1), r=3.2,
                                     class_=colour))
    said = "; ".join(f"{row['name']}: " + ", ".join(
        f"{ARRANGEMENTS[name][0]} {number(value)}" for name, (value, _) in row["dots"].items())
        for row in rows)
    return svg.figure(_WIDTH, bottom + 40, drawn, key=key, class_="chart wide",
                      title="The same capacity in four arrangements", desc=f"{unit}. {said}.")


def needed_share_curves(figures: pd.DataFrame, names: dict[str, str], capacity: dict[str, float],
                        *, key: str) -> Markup:
    """Draw firm MW of the spread, as a share of capacity, against the needed share; a line a lab.

    ``figures`` are rows ``efc`` of ``needed_share_figures`` of several labs.
    """
    width, height, left, right, top, bottom = 760, 300, 60, 590, 12, 256
    shares = sorted(figures["needed_share"].unique())
    low, high = shares[0], shares[-1]
    parts = {lab: figures[figures["lab"] == lab].dropna(subset=["value"]) for lab in names}
    most = max((float((part["value"] / capacity[lab]).max()) for lab, part in parts.items()
                if len(part)), default=1.0)
    least = min((float((part["value"] / capacity[lab]).min()) for lab, part in parts.items()
                 if len(part)), default=0.0)
    ticks = nice_ticks(max(most, 0.05), 4)
    floor = min(0.0, least)

    def x(share: float) -> float:
        return left + (right - left) * (share - low) / (high - low)

    def y(value: float) -> float:
        return bottom - (bottom - top) * (value - floor) / (ticks[-1] - floor)

    drawn: list[Markup] = []
    for tick in ticks:
        drawn += [svg.line(left, y(tick), right, y(tick), class_="grid"),
                  svg.text(left - 6, y(tick) + 3.5, f"{tick:.0%}", class_="tick",
                           text_anchor="end")]
    for share in shares:
        drawn.append(svg.text(x(share), height - 24, f"{share:.0%}", class_="tick",
                              text_anchor="middle"))
    drawn += [svg.line(left, bottom, right, bottom, class_="axis"),
              svg.text((left + right) / 2, height - 6, "of its capacity needed up at once",
                       class_="tick", text_anchor="middle")]
    ends: list[tuple[float, str, str]] = []
    for number_, (lab, part) in enumerate(parts.items()):
        if part.empty:
            continue
        colour = f"c{number_ % 8 + 1}"
        at = [x(s) for s in part["needed_share"]]
        value = part["value"].to_numpy(float) / capacity[lab]
        upper = part["high"].to_numpy(float) / capacity[lab]
        lower = part["low"].to_numpy(float) / capacity[lab]
        outline = [*zip(at, [y(min(v, ticks[-1])) for v in upper], strict=True),
                   *zip(at[::-1], [y(max(v, floor)) for v in lower[::-1]], strict=True)]
        drawn += [svg.path(outline, close=True, class_=f"band {colour}"),
                  svg.path(zip(at, [y(v) for v in value], strict=True),
                           class_=f"curve line-{colour}")]
        ends.append((y(float(value[-1])), names[lab], colour))
    place = bottom + 19.0
    for end, name, colour in sorted(ends, reverse=True):  # from below, so that none lies on another
        place = min(end, place - 15)
        drawn.append(svg.text(right + 8, place + 4, clean(name, _LONGEST),
                              class_=f"label {colour}"))
    said = "; ".join(f"{names[lab]}: " + ", ".join(
        f"{value / capacity[lab]:.0%} at {share:.0%}" for share, value in
        zip(part["needed_share"], part["value"], strict=True)) for lab, part in parts.items())
    return svg.figure(width, height, drawn, key=key, class_="chart wide",
                      title="Firm MW that the spread is worth, against the needed share",
                      desc=f"Share of capacity. {said}.")
