"""How well a forecast did: a sample of what was predicted against the one thing that happened.

Terms as in Gneiting and Raftery 2007, "Strictly proper scoring rules, prediction, and estimation".
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskmodel.errors import RiskModelError


def crps(sample: ArrayLike, observed: float) -> float:
    """Return the continuous ranked probability score, in the unit of the forecast; 0 is perfect.

    E|X - x| - E|X - X'| / 2 over the sample, the second term without pairs of one draw with itself
    (the "fair" form, which does not reward a small sample).
    """
    x = _sorted(sample)
    n = x.size
    spread = 2.0 * float((2.0 * np.arange(1, n + 1) - n - 1) @ x) / (n * (n - 1)) if n > 1 else 0.0
    return float(np.abs(x - observed).mean()) - spread / 2.0


def percentile(sample: ArrayLike, observed: float) -> float:
    """Return where the observed value falls in the forecast, 0 to 1; ties count half."""
    x = _sorted(sample)
    below = np.searchsorted(x, observed, side="left")
    upto = np.searchsorted(x, observed, side="right")
    return float(below + upto) / (2.0 * x.size)


def central_interval(sample: ArrayLike, level: float) -> tuple[float, float]:
    """Return the central interval that holds ``level`` of the forecast."""
    low, high = np.quantile(_sorted(sample), [(1.0 - level) / 2.0, (1.0 + level) / 2.0])
    return float(low), float(high)


def _sorted(sample: ArrayLike) -> NDArray[np.float64]:
    x = np.sort(np.asarray(sample, dtype=float).ravel())
    if not x.size or not np.isfinite(x).all():
        raise RiskModelError("a forecast to score is a sample of finite numbers, one or more")
    return x
