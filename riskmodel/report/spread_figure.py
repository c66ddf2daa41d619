"""A lab's frontier: average against tail, what its own sites and all sites allow, and today."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from markupsafe import Markup

from riskmodel.decisions.allocation.check import AS_IS
from riskmodel.decisions.allocation.spread_frontier import FRONTIER, SpreadFrontier
from riskmodel.report import svg
from riskmodel.report.numbers import nice_ticks, number, short

#: sites to split over -> (what they are called, colour)
AMONG = {"own": ("among its own sites", "c2"), "running": ("among all sites that run", "c3")}
TODAY = ("as it is", "c1")
BAND = 1.96
_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 380, 250, 54, 14, 10, 40


def spread_figure(found: Mapping[str, SpreadFrontier], *, key: str, name: str) -> Markup:
    """Draw the frontiers of one lab and where it is, each with its 95 % interval.

    ``found`` maps "own" and "running" to their frontiers, on the same years.
    """
    lines = {among: _points(each, FRONTIER) for among, each in found.items()}
    today = _points(next(iter(found.values())), AS_IS).iloc[0]
    every = pd.concat([*lines.values(), today.to_frame().T], ignore_index=True).astype(float)
    across = nice_ticks(float((every["aal"] + BAND * every["aal_se"].fillna(0)).max()))
    up = nice_ticks(float((every["tvar"] + BAND * every["tvar_se"].fillna(0)).max()))
    right, bottom = _WIDTH - _RIGHT, _HEIGHT - _BOTTOM

    def x(value: float) -> float:
        return _LEFT + (right - _LEFT) * min(max(value, 0.0) / across[-1], 1.0)

    def y(value: float) -> float:
        return bottom - (bottom - _TOP) * min(max(value, 0.0) / up[-1], 1.0)

    drawn: list[Markup] = []
    for tick in up:
        drawn += [svg.line(_LEFT, y(tick), right, y(tick), class_="grid"),
                  svg.text(_LEFT - 6, y(tick) + 3.5, short(tick), class_="tick",
                           text_anchor="end")]
    for tick in across:
        drawn += [svg.line(x(tick), bottom, x(tick), bottom + 4, class_="axis"),
                  svg.text(x(tick), bottom + 16, short(tick), class_="tick",
                           text_anchor="middle")]
    drawn += [svg.line(_LEFT, bottom, right, bottom, class_="axis"),
              svg.text((_LEFT + right) / 2, _HEIGHT - 6, "average year, MW-days", class_="tick",
                       text_anchor="middle")]
    for among, points in lines.items():
        colour = AMONG[among][1]
        for row in points.to_dict("records"):
            drawn.append(svg.line(x(row["aal"]), y(row["tvar"] - BAND * row["tvar_se"]),
                                  x(row["aal"]), y(row["tvar"] + BAND * row["tvar_se"]),
                                  class_=f"whisker {colour}", opacity=0.45))
        drawn.append(svg.path([(x(row["aal"]), y(row["tvar"])) for row in
                               points.to_dict("records")], class_=f"curve line-{colour}"))
        drawn += [svg.element("circle", cx=round(x(row["aal"]), 1), cy=round(y(row["tvar"]), 1),
                              r=2.8, class_=colour) for row in points.to_dict("records")]
    middle, height = x(today["aal"]), y(today["tvar"])
    drawn += [svg.line(middle, y(today["tvar"] - BAND * today["tvar_se"]), middle,
                       y(today["tvar"] + BAND * today["tvar_se"]), class_="whisker c1"),
              svg.line(x(today["aal"] - BAND * today["aal_se"]), height,
                       x(today["aal"] + BAND * today["aal_se"]), height, class_="whisker c1"),
              svg.element("circle", cx=round(middle, 1), cy=round(height, 1), r=4.5, class_="c1")]
    said = [f"as it is {_said(today)}"] + [
        f"{AMONG[among][0]} from {_said(points.iloc[0])} to {_said(points.iloc[-1])}"
        for among, points in lines.items()]
    return svg.figure(_WIDTH, _HEIGHT, drawn, key=key,
                      title=f"Average and worst years of {name}",
                      desc=f"{'; '.join(said)}. MW-days.")


def _points(found: SpreadFrontier, split: str) -> pd.DataFrame:
    """Return ``aal, aal_se, tvar, tvar_se`` of the points of a frontier, or of today."""
    table = found.table[found.table["split"] == split]
    limits = table["limit"].fillna(0.0)
    parts = []
    for _, part in table.groupby(limits, sort=True):
        by = part.set_index("measure")[["value", "se"]].to_dict("index")
        parts.append({f"{name}{end}": float(by[name][column]) for name in ("aal", "tvar")
                      for end, column in (("", "value"), ("_se", "se"))})
    return pd.DataFrame(parts)


def _said(row: pd.Series) -> str:
    return f"average {number(float(row['aal']))}, worst years {number(float(row['tvar']))}"
