"""The worst single failure of each kind, a line a lab."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from riskmodel.report import svg
from riskmodel.report.names import clean
from riskmodel.report.numbers import percent

#: group of kinds -> (kinds, colour), in the order of their lanes
GROUPS = {"country": (("country",), "c5"), "theatre": (("theatre",), "c7"),
          "interconnection": (("interconnection",), "c4"), "grid": (("grid",), "c1"),
          "local supply": (("feed",), "c3"), "gas or plant": (("gas", "plant"), "c6"),
          "cloud": (("cloud", "cloud_region"), "c2"),
          "operator or corridor": (("operator", "corridor"), "c8")}
_WIDTH, _LEFT, _RIGHT, _TOP, _LANE = 760, 185, 24, 8, 5.2
_ROW = _LANE * (len(GROUPS) + 1.6)
_LONGEST = 24  # letters of a lab's name beside a figure


def worst_of_kinds(rows: Sequence[dict[str, Any]], threshold: float, *, key: str) -> Markup:
    """Draw a dot for the worst failure of each group of kinds, at the share it takes of a lab.

    ``rows`` hold ``name`` and ``dots``: group -> (share, name of the node).
    """
    bottom = _TOP + _ROW * len(rows)

    def x(share: float) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * share

    drawn: list[Markup] = []
    for tick in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0):
        drawn += [svg.line(x(tick), _TOP, x(tick), bottom, class_="grid"),
                  svg.text(x(tick), bottom + 15, f"{tick:.0%}", class_="tick",
                           text_anchor="middle")]
    drawn += [svg.line(x(threshold), _TOP, x(threshold), bottom, class_="axis"),
              svg.text((_LEFT + _WIDTH - _RIGHT) / 2, bottom + 32,
                       "of the lab's capacity lost at once", class_="tick", text_anchor="middle")]
    for number, row in enumerate(rows):
        top = _TOP + _ROW * number
        if number:
            drawn.append(svg.line(_LEFT, top, _WIDTH - _RIGHT, top, class_="grid"))
        drawn.append(svg.text(_LEFT - 10, top + _ROW / 2 + 4, clean(row["name"], _LONGEST),
                              class_="tick", text_anchor="end"))
        for lane, (group, (_, colour)) in enumerate(GROUPS.items()):
            if group not in row["dots"]:
                continue
            share, name = row["dots"][group]
            y = top + _LANE * (lane + 1.3)
            drawn.append(svg.element(
                "circle", svg.element("title", f"{name}: {percent(share)} of {row['name']}"),
                cx=round(x(share), 1), cy=round(y, 1), r=3.4, class_=colour))
    said = "; ".join(f"{row['name']}: " + ", ".join(
        f"{name} {percent(share)}" for share, name in row["dots"].values()) for row in rows)
    return svg.figure(_WIDTH, bottom + 40, drawn, key=key, class_="chart wide",
                      title="What the worst single failure of each kind takes", desc=f"{said}.")
