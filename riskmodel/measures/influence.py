"""How much each year weighs in a measure, so that differences under common draws have errors.

The mean of a measure's influence values is the measure, to first order, and the standard deviation
of the difference of two runs' values, year by year, over the root of their number is the standard
error of the difference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from riskmodel.measures import estimators as est

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def tail_influence(losses: ArrayLike, level: float) -> tuple[float, Floats]:
    """Return TVaR of year losses and the influence of each year.

    ``losses`` has every year, those without loss too, shape (n,). The influence of a loss L is
    ``VaR + (L - VaR)+ / (1 - level)``, the form of Rockafellar and Uryasev (2000), whose minimum
    over VaR makes an error of VaR count to second order only.
    Both are NaN where the level lies beyond the years.
    """
    loss = np.asarray(losses, dtype=float)
    n = loss.size
    count = est.tail_count_of_level(n, level)
    if count[0] < 1:
        return float("nan"), np.full(n, np.nan)
    worst = est.descending(loss, n)
    edge = float(est.quantile(worst, n, count)[0])
    return float(est.tail_mean(worst, n, count)[0]), edge + np.maximum(loss - edge, 0) / (1 - level)


def euler_influence(losses: ArrayLike, parts: ArrayLike, level: float) -> Floats:
    """Return the influence of each year on the means of several things over a tail.

    Parameters
    ----------
    losses : whose tail it is, every year, shape (n,)
    parts : what is averaged over it, shape (n, things): parts of the loss (their means are its
        Euler contributions) or the losses of anything else under the same draws
    level : of the tail; years that tie at VaR share it evenly

    Returns
    -------
    shape (n, things): ``m + w (X - m) / (1 - level)``, where ``w`` is the part of the year in the
    tail and ``m`` the mean of X in the years about VaR. The mean is the tail mean ``c`` exactly;
    the variance is ``[Var(X | tail) + level (c - m)^2] / (1 - level)``, that of
    :func:`riskmodel.measures.euler.split`. NaN where the level lies beyond the years.
    """
    loss, values = np.asarray(losses, dtype=float), np.asarray(parts, dtype=float)
    n = loss.size
    count = float(est.tail_count_of_level(n, level)[0])
    if count < 1:
        return np.full(values.shape, np.nan)
    about = est.near_edge_weights(loss, n, count) @ values
    inside = est.tail_weights(loss, n, count) * (n / count)
    return np.asarray(about + inside[:, None] * (values - about))


def paired_se(one: Floats, other: Floats, batch: NDArray[np.int64] | None = None) -> float:
    """Return the standard error of a difference from influence values of the same years.

    With ``batch``, the number of each year's batch, the error is that of the mean of the batches'
    means: for years that are not independent of each other within a batch.
    """
    apart = one - other
    if batch is not None:
        apart = np.bincount(batch, weights=apart) / np.bincount(batch)
    if apart.size < 2:
        return float("nan")
    return float(apart.std(ddof=1) / np.sqrt(apart.size))


def reach95(batch: NDArray[np.int64] | None) -> float:
    """Return how many standard errors reach to 95 %, two-sided: of a normal, or of t for batches.
    """
    if batch is None:
        return est.Z95
    from scipy.special import stdtrit

    return float(stdtrit(max(int(batch.max()), 1), 0.975))
