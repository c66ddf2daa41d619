"""Sizes of events: Pareto cut off at the system's size, and a rank correlation with hours."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def truncated_pareto(u: ArrayLike, exponent: ArrayLike, ratio: ArrayLike) -> NDArray[np.float64]:
    """Return the quantile of a Pareto above 1, cut off at ``ratio``.

    P(S > s) is (s^-a - r^-a) / (1 - r^-a) with survival exponent a and ratio r.
    """
    a = np.asarray(exponent, float)
    end = np.asarray(ratio, float) ** -a
    return np.asarray((1.0 - np.asarray(u, float) * (1.0 - end)) ** (-1.0 / a))


def truncated_pareto_mean(exponent: float, ratio: float) -> float:
    """Return the mean of a Pareto above 1, cut off at ``ratio``."""
    if abs(exponent - 1.0) < 1e-9:
        return math.log(ratio) / (1.0 - 1.0 / ratio)
    return (exponent / (exponent - 1.0) * (1.0 - ratio ** (1.0 - exponent))
            / (1.0 - ratio**-exponent))


def normal_correlation(rank_correlation: float) -> float:
    """Return the correlation of a Gaussian copula with that rank correlation (Spearman).

    2 sin(pi s / 6): Kruskal, Ordinal measures of association, JASA 53, 1958.
    """
    return 2.0 * math.sin(math.pi * min(max(rank_correlation, -1.0), 1.0) / 6.0)


def coupled(u: ArrayLike, other: ArrayLike, rank_correlation: float) -> NDArray[np.float64]:
    """Return uniforms that follow ``other`` with a rank correlation; ``u`` is drawn apart."""
    from scipy.special import ndtr, ndtri

    r = normal_correlation(rank_correlation)
    return np.asarray(ndtr(r * ndtri(np.asarray(other, float))
                           + math.sqrt(max(1.0 - r * r, 0.0)) * ndtri(np.asarray(u, float))))
