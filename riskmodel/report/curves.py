"""Exceedance curves: one small panel a lab, all labs first; bands of 1.96 standard errors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from riskmodel.report import svg
from riskmodel.report.context import Context, Section
from riskmodel.report.numbers import nice_ticks, number, short, whole
from riskmodel.report.page import render

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_PANELS = 6
BAND = 1.96
MOST_BAND = 1.8  # of the highest point of a curve
_SMALL, _WIDE = (340, 230), (760, 290)
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 40, 14, 38
_FEWEST = 5  # years behind the last point of a curve


def periods(n_years: int, count: int = 36) -> list[float]:
    """Return return periods evenly spaced in the logarithm, up to what the run can bear."""
    top = n_years / _FEWEST
    if top <= 1.2:
        return []
    return [float(p) for p in np.geomspace(1.05, min(top, 100_000.0), count)]


def band(curve: pd.DataFrame) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the ends of a curve's band, MW-days: 1.96 standard errors, and never below 0."""
    value, se = curve["lost_mw_days"].to_numpy(float), curve["se"].fillna(0).to_numpy(float)
    return np.maximum(value - BAND * se, 0.0), value + BAND * se


def top(curves: Sequence[pd.DataFrame]) -> float:
    """Return how high an axis of curves must reach, MW-days.

    A band wider than the curve is high would press the curve flat: it is cut at the frame.
    """
    return max((min(float(band(curve)[1].max()), MOST_BAND * float(curve["lost_mw_days"].max()))
                for curve in curves if len(curve)), default=1.0)


def _spread(places: list[float], gap: float) -> list[float]:
    """Move labels apart so that none lies on another; order and middle are kept."""
    if len(places) == 2 and abs(places[0] - places[1]) < gap:
        middle = sum(places) / 2
        sign = 1 if places[0] > places[1] else -1
        return [middle + sign * gap / 2, middle - sign * gap / 2]
    return places


def panel(aep: pd.DataFrame, oep: pd.DataFrame, *, key: str, title: str,
          wide: bool = False) -> Markup:
    """Draw the two curves of one lab; frames with return_period, lost_mw_days, se."""
    width, height = _WIDE if wide else _SMALL
    extra = 16 if wide else 0  # the wide one is shrunk on a phone, and its letters are not
    left, right, bottom = _LEFT + extra, width - _RIGHT - extra, height - _BOTTOM - extra // 4
    both = [frame.dropna(subset=["lost_mw_days"]) for frame in (aep, oep)]
    last = max((float(f["return_period"].max()) for f in both if len(f)), default=10.0)
    ticks = nice_ticks(top(both))
    span = math.log10(last)

    def x(period: float) -> float:
        return left + (right - left) * math.log10(period) / span

    def y(value: float) -> float:
        return bottom - (bottom - _TOP) * min(max(value, 0.0) / ticks[-1], 1.0)

    drawn: list[Markup] = []
    for tick in ticks:
        drawn += [svg.line(left, y(tick), right, y(tick), class_="grid"),
                  svg.text(left - 6, y(tick) + 3.5, short(tick), class_="tick",
                           text_anchor="end")]
    for period in (1, 10, 100, 1_000, 10_000, 100_000):
        if period <= last * 1.001:
            drawn += [svg.line(x(period), bottom, x(period), bottom + 4, class_="axis"),
                      svg.text(x(period), bottom + 16, whole(period), class_="tick",
                               text_anchor="middle")]
    drawn += [svg.line(left, bottom, right, bottom, class_="axis"),
              svg.text((left + right) / 2, height - 3, "return period, years", class_="tick",
                       text_anchor="middle")]
    ends = []
    for frame, name in zip(both, ("aep", "oep"), strict=True):
        if frame.empty:
            continue
        at = [x(p) for p in frame["return_period"]]
        value = frame["lost_mw_days"].to_numpy(float)
        lower, upper = ([y(v) for v in end] for end in band(frame))
        outline = [*zip(at, upper, strict=True), *zip(at[::-1], lower[::-1], strict=True)]
        drawn.append(svg.path(outline, close=True, class_=f"band {name}"))
        drawn.append(svg.path(zip(at, [y(v) for v in value], strict=True),
                              class_=f"curve {name}"))
        ends.append((name, y(float(value[-1]))))
    places = _spread([end for _, end in ends], 20.0 if wide else 13.0)
    for (name, _), place in zip(ends, places, strict=True):
        drawn.append(svg.text(right + 5, place + 4, name.upper(), class_=f"label {name}"))
    return svg.figure(width, height, drawn, key=key, title=f"Exceedance curves of {title}",
                      desc=_said(both[0], title), class_="chart wide" if wide else "chart")


def _said(aep: pd.DataFrame, title: str) -> str:
    if aep.empty:
        return f"No point of the curve of {title} is within the simulated span."
    marks = []
    for period in (10, 100, 1000):
        near = aep.iloc[(aep["return_period"] - period).abs().argsort().iloc[:1]]
        if abs(float(near["return_period"].iloc[0]) - period) < 0.25 * period:
            marks.append(f"about {number(float(near['lost_mw_days'].iloc[0]), 2)} MW-days at "
                         f"{period} years")
    return (f"Aggregate exceedance of {title}: {'; '.join(marks)}." if marks else
            f"Aggregate exceedance of {title}.")


def build(context: Context) -> Section:
    """Write the section."""
    title = "How bad a bad year is"
    losses = context.losses
    if not context.annual:
        return Section("curves", title, render(
            "missing.html.j2", what="An exceedance curve",
            why="this is a story, and a story has no frequency"))
    grid = periods(losses.n_years)
    if not grid or context.total_lost == 0:
        why = (f"{whole(losses.n_years)} simulated years are too few" if not grid
               else "no loss was seen in the simulated years")
        return Section("curves", title, render("missing.html.j2", what="An exceedance curve",
                                               why=why))
    shown = [] if context.lab else context.first(MOST_PANELS, hit=True)
    few = context.of_labs(shown) if shown else context
    found = {(basis, by): (context if by == "total" else few).curve(basis, by, grid)
             for basis in ("aep", "oep") for by in ("total", "lab")}
    has_oep = bool(found["oep", "total"]["lost_mw_days"].notna().any())
    panels: list[dict[str, Any]] = []
    for i, lab in enumerate(["total", *shown]):
        name = context.called(lab)
        by = "total" if lab == "total" else "lab"
        aep, oep = (found[basis, by][found[basis, by]["lab"] == lab] for basis in ("aep", "oep"))
        mw = context.total_capacity if lab == "total" else context.capacity[lab]
        panels.append({"name": name, "capacity": mw,
                       "svg": panel(aep, oep, key=f"ep{i}", title=name, wide=lab == "total")})
    body = render("curves.html.j2", panels=panels, n=losses.n_years, booking=losses.booking,
                  hidden=0 if context.lab else sum(
                      context.lost[lab] > 0 for lab in context.ranked) - len(shown),
                  has_oep=has_oep, fewest=_FEWEST)
    return Section("curves", title, body)
