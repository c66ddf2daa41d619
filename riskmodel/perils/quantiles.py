"""Quantile functions: they turn keyed uniforms into what a peril draws.

Drawing by inversion keeps a draw monotone in its parameters: with the same uniform a higher rate
never gives fewer events, a longer median never a shorter outage.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskmodel.errors import RiskModelError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

_MOST = 100_000  # a count beyond this is a slip in the parameters


def poisson(u: ArrayLike, mean: ArrayLike) -> NDArray[np.int64]:
    """Return the Poisson count whose distribution function first reaches ``u``."""
    level, mu = np.broadcast_arrays(np.asarray(u, float), np.asarray(mean, float))
    if np.any(mu < 0) or not np.all(np.isfinite(mu)):
        raise RiskModelError("a Poisson mean must be finite and not negative")
    count = np.zeros(level.shape, np.int64)
    if not level.size:
        return count
    if mu.max() > 30:  # the plain recursion would take many steps
        from scipy.stats import poisson as law

        big = mu > 30
        count[big] = law.ppf(level[big], mu[big]).astype(np.int64)
    flat = np.flatnonzero((mu <= 30).ravel() & (level > np.exp(-mu)).ravel())
    lev, m = level.ravel()[flat], mu.ravel()[flat]
    term = np.exp(-m)
    reached = term.copy()
    out = np.zeros(len(flat), np.int64)
    left = np.arange(len(flat))
    for k in range(1, _MOST):
        if not len(left):
            break
        term[left] *= m[left] / k
        reached[left] += term[left]
        out[left] = k
        # a term too small to move the sum means that u sits on the rounding of 1
        left = left[(lev[left] > reached[left]) & (term[left] > 1e-300)]
    count.ravel()[flat] = out
    return count


def lognormal(u: ArrayLike, median: ArrayLike, sigma: ArrayLike) -> NDArray[np.float64]:
    """Return the lognormal quantile; ``sigma`` is the standard deviation of the logarithm."""
    from scipy.special import ndtri

    return np.asarray(median, float) * np.exp(np.asarray(sigma, float) * ndtri(np.asarray(u)))


def weibull(u: ArrayLike, scale: ArrayLike, shape: ArrayLike) -> NDArray[np.float64]:
    """Return the Weibull quantile: scale x (-ln(1 - u)) ^ (1 / shape)."""
    return np.asarray(scale, float) * (-np.log1p(-np.asarray(u))) ** (1.0 / np.asarray(shape))


def beta(u: ArrayLike, a: ArrayLike, b: ArrayLike) -> NDArray[np.float64]:
    """Return the Beta(a, b) quantile, within [0, 1]; a = 0 is a certain 0, b = 0 a certain 1."""
    from scipy.special import betaincinv

    first, second = np.asarray(a, float), np.asarray(b, float)
    tiny = np.finfo(float).tiny
    found = betaincinv(np.maximum(first, tiny), np.maximum(second, tiny), u)
    return np.clip(np.where(first <= 0, 0.0, np.where(second <= 0, 1.0, found)), 0.0, 1.0)


def gamma(u: ArrayLike, shape: ArrayLike, scale: ArrayLike) -> NDArray[np.float64]:
    """Return the gamma quantile; the mean is ``shape * scale``."""
    from scipy.special import gammaincinv

    return np.asarray(scale, float) * gammaincinv(shape, np.asarray(u, float))
