"""The picture of a forecast: columns, its 90 % band, and the line of what happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup

from riskmodel.report import svg
from riskmodel.report.numbers import nice_ticks, number, short

if TYPE_CHECKING:
    from numpy.typing import NDArray

BINS = 36
_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 340, 170, 8, 8, 30, 26
_SHOWN = (0.005, 0.995)


def strip(sample: NDArray[np.float64], observed: float, *, key: str, title: str, low: float,
          high: float, logs: bool, at_least: bool) -> Markup:
    """Draw a forecast as columns, its 90 % band, and the observed value as a line."""
    shown = np.log10(np.maximum(sample, 1e-12)) if logs else np.asarray(sample, float)
    mark = float(np.log10(observed)) if logs else observed
    left_end, right_end = (float(v) for v in np.quantile(shown, _SHOWN))
    left_end, right_end = min(left_end, mark), max(right_end, mark)
    if not logs:
        left_end = min(left_end, 0.0)
    whole_numbers = not logs and bool(np.all(sample == np.round(sample)))
    if whole_numbers and right_end - left_end <= BINS:
        edges = np.arange(np.floor(left_end), np.ceil(right_end) + 2) - 0.5
    else:
        edges = np.linspace(left_end, right_end + 1e-9, BINS + 1)
    first, last = float(edges[0]), float(edges[-1])
    counts, _ = np.histogram(shown, edges)
    bottom, top = _HEIGHT - _BOTTOM, _TOP

    def x(value: float) -> float:
        share = (value - first) / (last - first)
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * min(max(share, 0.0), 1.0)

    drawn: list[Markup] = []
    band = [float(np.log10(v)) if logs else v for v in (max(low, 1e-12), high)]
    if whole_numbers:
        band = [band[0] - 0.5, band[1] + 0.5]
    drawn.append(svg.element("rect", x=round(x(band[0]), 1), y=top, height=bottom - top,
                             width=round(max(x(band[1]) - x(band[0]), 1.0), 1), class_="band aep"))
    for count, a, b in zip(counts, edges[:-1], edges[1:], strict=True):
        height = (bottom - top) * float(count) / max(float(counts.max()), 1.0)
        if height > 0.2:
            drawn.append(svg.element(
                "rect", x=round(x(a) + 0.4, 1), y=round(bottom - height, 1),
                width=round(max(x(b) - x(a) - 0.8, 0.6), 1), height=round(height, 1), class_="c2"))
    drawn.append(svg.line(_LEFT, bottom, _WIDTH - _RIGHT, bottom, class_="axis"))
    for tick in _ticks(first, last, logs):
        drawn += [svg.line(x(tick), bottom, x(tick), bottom + 4, class_="axis"),
                  svg.text(x(tick), bottom + 16, short(10**tick if logs else tick), class_="tick",
                           text_anchor="middle")]
    at = x(mark)
    anchor = "start" if at < _WIDTH * 0.3 else "end" if at > _WIDTH * 0.7 else "middle"
    word = "at least " if at_least else ""
    drawn += [svg.line(at, top - 6, at, bottom, class_="observed"),
              svg.text(at, top - 12, f"happened: {word}{number(observed)}", class_="label c1",
                       text_anchor=anchor)]
    return svg.figure(_WIDTH, _HEIGHT, drawn, key=key, title=f"Forecast of {title}",
                      desc=f"90 % of the forecast lies between {number(low)} and {number(high)}; "
                           f"{word}{number(observed)} happened.")


def _ticks(first: float, last: float, logs: bool) -> list[float]:
    if not logs:
        return [tick for tick in nice_ticks(max(last, 1e-9), 5) if first <= tick <= last]
    whole_powers = [float(p) for p in range(int(np.ceil(first)), int(np.floor(last)) + 1)]
    if len(whole_powers) >= 2:
        return whole_powers
    steps = [float(np.log10(m * 10.0**p)) for p in range(int(np.floor(first)), int(last) + 2)
             for m in (1, 2, 5)]
    return [step for step in steps if first <= step <= last]
