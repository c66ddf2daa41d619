"""Pooling probabilities that several judges gave for one thing.

The linear pool is for models that exclude each other, of which one is right; the geometric mean of
odds for forecasts by judges who each weighed everything (Sevilla 2021); extremised, where the
judges know different things, so that together they know more than each (Satopaa and others 2014,
International Journal of Forecasting 30; Baron and others 2014).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskmodel.errors import RiskModelError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def linear_pool(probabilities: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Return the weighted mean of the probabilities.

    Parameters
    ----------
    probabilities : shape (judges,), each from 0 to 1
    weights : shape (judges,), not negative and not all 0; they need not add up to 1. None: equal

    Raises
    ------
    RiskModelError
        There is nothing to pool, or a probability or weight is outside its bounds.
    """
    p, w = _checked(probabilities, weights)
    return float(p @ w)


def odds_pool(probabilities: ArrayLike, weights: ArrayLike | None = None, *,
              extremise: float = 1.0) -> float:
    """Return the probability of the weighted geometric mean of the odds.

    ``extremise`` is the power to which the pooled odds are raised: 1 leaves them, above 1 moves
    the answer away from one half. A judge who says 0 or 1 decides alone; two who contradict each
    other so are refused.

    Raises
    ------
    RiskModelError
        As ``linear_pool``; or ``extremise`` is not above 0; or one judge says 0 and another 1.
    """
    p, w = _checked(probabilities, weights)
    if not 0 < extremise < np.inf:
        raise RiskModelError(f"odds_pool: extremise is {extremise}; give a power above 0")
    p, w = p[w > 0], w[w > 0]
    if np.any(p == 0) and np.any(p == 1):
        raise RiskModelError("odds_pool: one judge says 0 and another 1; their odds have no mean")
    if np.any((p == 0) | (p == 1)):
        return float(np.any(p == 1))
    logit = extremise * float(np.log(p / (1.0 - p)) @ w)
    return float(1.0 / (1.0 + np.exp(-logit)))


def _checked(probabilities: ArrayLike,
             weights: ArrayLike | None) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    p = np.atleast_1d(np.asarray(probabilities, float))
    if p.ndim != 1 or not p.size or not np.all((p >= 0) & (p <= 1)):
        raise RiskModelError("pooling takes one or more probabilities, each from 0 to 1")
    w = np.ones(p.shape) if weights is None else np.atleast_1d(np.asarray(weights, float))
    if w.shape != p.shape or not np.all((w >= 0) & np.isfinite(w)) or not w.sum() > 0:
        raise RiskModelError("pooling takes one weight a probability, 0 or more and not all 0")
    return p, w / w.sum()
