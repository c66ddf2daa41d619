"""The picture of a restoration: the share back by each hour, predicted as a fan, and what happened.

Each draw of the hours to half and to full restoration is a lognormal curve through both (full is
taken as 99 %); the fan is the middle 90 % of those curves at each hour.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup

from riskmodel.perils.restoration import LognormalRestoration
from riskmodel.report import svg
from riskmodel.report.numbers import number, short

if TYPE_CHECKING:
    from numpy.typing import NDArray

HALF, FULL = 0.5, 0.99
CURVES = 1000
_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 340, 200, 34, 10, 12, 34
_Z99 = 2.3263478740408408  # the 99 % point of the standard normal


def shares_back(half_h: NDArray[np.float64], full_h: NDArray[np.float64],
                hours: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share restored by each hour in each draw, shape (draws, hours)."""
    sigma = np.maximum(np.log(np.maximum(full_h / half_h, 1.0)) / _Z99, 0.02)
    return np.stack([LognormalRestoration(float(m), float(s)).restored(hours)
                     for m, s in zip(half_h, sigma, strict=True)])


def fan_curves(half_h: NDArray[np.float64], full_h: NDArray[np.float64]
               ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return hours, shape (60,), and the 5, 50 and 95 % points of the share back, shape (3, 60)."""
    half, full = half_h[:CURVES], full_h[:CURVES]
    first, last = np.log10([float(np.quantile(half, 0.05)) / 4,
                            float(np.quantile(full, 0.95)) * 1.5])
    hours = 10.0 ** np.linspace(float(first), float(last), 60)
    return hours, np.quantile(shares_back(half, full, hours), [0.05, 0.5, 0.95], axis=0)


def fan(half_h: NDArray[np.float64], full_h: NDArray[np.float64], *, observed_half: float,
        observed_full: float, key: str, title: str) -> Markup:
    """Draw the fan of predicted curves and the two observed points."""
    hours_at, (low, middle, high) = fan_curves(half_h, full_h)
    ends = np.log10(hours_at[[0, -1]])
    right, bottom = _WIDTH - _RIGHT, _HEIGHT - _BOTTOM

    def x(hours: float) -> float:
        share = (np.log10(hours) - ends[0]) / (ends[1] - ends[0])
        return float(_LEFT + (right - _LEFT) * min(max(share, 0.0), 1.0))

    def y(share: float) -> float:
        return bottom - (bottom - _TOP) * share

    drawn: list[Markup] = []
    for tick in (0.0, 0.5, 1.0):
        drawn += [svg.line(_LEFT, y(tick), right, y(tick), class_="grid"),
                  svg.text(_LEFT - 5, y(tick) + 3.5, f"{100 * tick:.0f} %", class_="tick",
                           text_anchor="end")]
    for power in range(int(np.ceil(ends[0])), int(np.floor(ends[1])) + 1):
        at = x(10.0**power)
        drawn += [svg.line(at, bottom, at, bottom + 4, class_="axis"),
                  svg.text(at, bottom + 16, short(10.0**power), class_="tick",
                           text_anchor="middle")]
    drawn.append(svg.text((_LEFT + right) / 2, _HEIGHT - 3, "hours", class_="tick",
                          text_anchor="middle"))
    across = [x(hours) for hours in hours_at]
    outline = [*zip(across, map(y, high), strict=True),
               *zip(across[::-1], [y(v) for v in low[::-1]], strict=True)]
    drawn += [svg.path(outline, close=True, class_="band aep"),
              svg.path(zip(across, map(y, middle), strict=True), class_="curve aep"),
              svg.line(_LEFT, bottom, right, bottom, class_="axis")]
    for hours, share in ((observed_half, HALF), (observed_full, FULL)):
        drawn.append(svg.element("circle", cx=round(x(hours), 1), cy=round(y(share), 1), r=4,
                                 class_="c1"))
    return svg.figure(_WIDTH, _HEIGHT, drawn, key=key, title=f"Restoration predicted: {title}",
                      desc=f"Half was back after {number(observed_half)} h, 99 % after "
                           f"{number(observed_full)} h; the band holds 90 % of predicted curves.")
