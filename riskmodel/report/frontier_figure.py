"""The picture of a frontier: the least tail against the limit that is turned, with its band."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from riskmodel.decisions.allocation.check import FITTED, FRESH
from riskmodel.decisions.allocation.shadow_words import tail_words
from riskmodel.report import svg
from riskmodel.report.numbers import nice_ticks, number, short

if TYPE_CHECKING:
    import pandas as pd

    from riskmodel.decisions.allocation.frontier import Frontier

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 760, 280, 62, 64, 14, 42
_TICKS = 6


def frontier_figure(curve: Frontier, *, key: str) -> Markup:
    """Draw the best tail at each limit, its band, and the same splits on fresh years."""
    table = curve.table[curve.table["measure"] == "tvar"]
    lines = {name: table[table["sample"] == name].sort_values("limit") for name in (FITTED, FRESH)}
    fitted = lines[FITTED]
    limits = fitted["limit"].to_numpy(float)
    ends = float(limits.min()), float(limits.max())
    span = (ends[1] - ends[0]) or 1.0
    ticks = nice_ticks(float(table[["value", "high"]].max().max()))
    right, bottom = _WIDTH - _RIGHT, _HEIGHT - _BOTTOM

    def x(limit: float) -> float:
        return _LEFT + (right - _LEFT) * (limit - ends[0]) / span

    def y(value: float) -> float:
        return bottom - (bottom - _TOP) * min(max(value, 0.0) / ticks[-1], 1.0)

    drawn: list[Markup] = []
    for tick in ticks:
        drawn += [svg.line(_LEFT, y(tick), right, y(tick), class_="grid"),
                  svg.text(_LEFT - 6, y(tick) + 3.5, short(tick), class_="tick",
                           text_anchor="end")]
    for tick in _across(ends, curve.along == "budget"):
        drawn += [svg.line(x(tick), bottom, x(tick), bottom + 4, class_="axis"),
                  svg.text(x(tick), bottom + 16, _shown(curve, tick), class_="tick",
                           text_anchor="middle")]
    drawn += [svg.line(_LEFT, bottom, right, bottom, class_="axis"),
              svg.text((_LEFT + right) / 2, _HEIGHT - 5, curve.what, class_="tick",
                       text_anchor="middle")]
    across = [x(limit) for limit in limits]
    outline = [*zip(across, map(y, fitted["high"]), strict=True),
               *zip(across[::-1], map(y, fitted["low"].to_numpy()[::-1]), strict=True)]
    drawn.append(svg.path(outline, close=True, class_="band aep"))
    for name, style in ((FITTED, "aep"), (FRESH, "oep")):
        frame = lines[name]
        if len(frame):
            points = [(x(limit), y(value)) for limit, value in
                      zip(frame["limit"], frame["value"], strict=True)]
            drawn.append(svg.path(points, class_=f"curve {style}"))
            drawn += [svg.element("circle", cx=round(px, 1), cy=round(py, 1), r=2.6,
                                  class_="c2" if name == FITTED else "c1") for px, py in points]
    return svg.figure(
        _WIDTH, _HEIGHT, drawn, key=key, class_="chart wide",
        title=f"{tail_words(curve.level)} against {curve.what}", desc=_said(curve, fitted))


def _across(ends: tuple[float, float], money: bool) -> list[float]:
    if not money:
        return [share / 10 for share in range(0, 11, 2) if ends[0] <= share / 10 <= ends[1]]
    return [ends[0] + (ends[1] - ends[0]) * i / (_TICKS - 1) for i in range(_TICKS)]


def _shown(curve: Frontier, limit: float) -> str:
    return short(float(f"{limit:.4g}")) if curve.along == "budget" else f"{100 * limit:.0f} %"


def _said(curve: Frontier, fitted: pd.DataFrame) -> str:
    ends = [fitted.iloc[0], fitted.iloc[-1]]
    said = "; ".join(f"{number(float(row['value']))} MW-days at {_shown(curve, row['limit'])}"
                     for row in ends)
    return f"The least {tail_words(curve.level)}: {said}."
