"""Quantile functions: they turn keyed uniforms into what a peril draws.

Drawing by inversion keeps a draw monotone in its parameters: with the same uniform a higher rate
never gives fewer events, a longer median never a shorter outage.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from riskmodel.errors import RiskModelError
from riskmodel.perils import quantile_table

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

#: a mean from which on counts are not found term by term
LARGE_MEAN = 30.0
_MOST = 100_000  # a count beyond this is a slip in the parameters


def poisson(u: ArrayLike, mean: ArrayLike) -> NDArray[np.int64]:
    """Return the Poisson count whose distribution function first reaches ``u``."""
    level, mu = np.asarray(u, float), np.asarray(mean, float)
    if np.any(mu < 0) or not np.all(np.isfinite(mu)):
        raise RiskModelError("a Poisson mean must be finite and not negative")
    shape = np.broadcast_shapes(level.shape, mu.shape)
    if not shape:
        return poisson(level.reshape(1), mu)[0]  # type: ignore[no-any-return]
    count = np.zeros(shape, np.int64)
    if not count.size:
        return count
    level = np.broadcast_to(level, shape)
    if mu.max() > LARGE_MEAN:  # the plain recursion would take many steps
        from scipy.stats import poisson as law

        large = np.nonzero(np.broadcast_to(mu > LARGE_MEAN, shape))
        count[large] = law.ppf(level[large], np.broadcast_to(mu, shape)[large]).astype(np.int64)
    # most counts are 0: one comparison tells
    some = np.nonzero((level > np.exp(-mu)) & (mu <= LARGE_MEAN))
    if mu.size == 1:
        count[some] = np.searchsorted(poisson_reached(float(mu.reshape(-1)[0])), level[some])
        return count
    lev, m = level[some], np.broadcast_to(mu, shape)[some]
    term = np.exp(-m)
    reached = term.copy()
    out = np.zeros(len(lev), np.int64)
    left = np.arange(len(lev))
    for k in range(1, _MOST):
        if not len(left):
            break
        term[left] *= m[left] / k
        reached[left] += term[left]
        out[left] = k
        # a term too small to move the sum means that u sits on the rounding of 1
        left = left[(lev[left] > reached[left]) & (term[left] > 1e-300)]
    count[some] = out
    return count


def each_counted(counts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64],
                                                     NDArray[np.int64]]:
    """Return row, column and number (from 0) of each one that a table of counts counts."""
    row, column = np.nonzero(counts)
    each = counts[row, column]
    row, column = np.repeat(row, each), np.repeat(column, each)
    return row, column, np.arange(len(row)) - np.repeat(np.cumsum(each) - each, each)


@lru_cache(maxsize=4096)
def poisson_reached(mean: float) -> NDArray[np.float64]:
    """Return the Poisson distribution function at 0, 1, ..., by the recursion of ``poisson``."""
    term = np.exp(-np.full(1, mean))[0]
    found = [term]
    for k in range(1, _MOST):
        term *= mean / k
        if not term > 1e-300:
            break
        found.append(found[-1] + term)
    return np.array(found)


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
    if first.size == second.size == 1 and np.ndim(u):  # one shape: read off its table
        level = np.asarray(u, float)
        read = quantile_table.beta(level.ravel(), first.item(), second.item())
        if read is not None:
            return read.reshape(level.shape)
    tiny = np.finfo(float).tiny
    found = betaincinv(np.maximum(first, tiny), np.maximum(second, tiny), u)
    return np.clip(np.where(first <= 0, 0.0, np.where(second <= 0, 1.0, found)), 0.0, 1.0)


def gamma(u: ArrayLike, shape: ArrayLike, scale: ArrayLike) -> NDArray[np.float64]:
    """Return the gamma quantile; the mean is ``shape * scale``."""
    from scipy.special import gammaincinv

    level, power = np.asarray(u, float), np.asarray(shape, float)
    if power.size == 1 and level.ndim:
        read = quantile_table.gamma(level.ravel(), power.item())
        if read is not None:
            return np.asarray(np.asarray(scale, float) * read.reshape(level.shape))
    return np.asarray(np.asarray(scale, float) * gammaincinv(power, level))
