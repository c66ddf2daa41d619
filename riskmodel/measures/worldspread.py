"""Chance and ignorance told apart: what differs between worlds, and what pooling them costs.

A run with K worlds holds K samples of years, world k those with year mod K = k. One-way random
effects: with m_k the estimate of a measure from the years of world k and e_k its standard error,

    variance between worlds = Var(m_k) - mean(e_k^2),

the spread of the estimates less what sampling alone would give. It is unbiased, also where worlds
differ in their sampling error, and equals the ANOVA estimator where they have equally many years
(Searle, Casella and McCulloch 1992, Variance Components, ch. 3). It may be negative by chance.
Its error is that of a mean of K terms (m_k - m)^2 K / (K - 1) - e_k^2, with no law assumed.

Years of one world share its ignorance, so they are a cluster: the standard error of a pooled
estimate counts worlds as well as years (Cochran 1977, Sampling Techniques, ch. 9 and 11).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskmodel.engine.losses.losses import Losses
from riskmodel.measures import estimators as est

Floats = NDArray[np.float64]

#: a band of a mean needs so many years in each world
FEWEST_YEARS = 20
#: a band of a measure of a tail needs so many years of each world in that tail
FEWEST_TAIL_YEARS = 20
LOW, HIGH = 0.05, 0.95


class Between(NamedTuple):
    """The variance between worlds with its error and 95 % interval, and the band it makes.

    ``band`` is its root, 0 where it is negative. ``band_low`` and ``band_high`` are the 5 and 95 %
    points of the worlds' estimates, drawn in to their mean until their variance is the variance
    between worlds, so that sampling does not widen them (constrained empirical Bayes; Louis 1984).
    """

    variance: float
    se: float
    low: float
    high: float
    band: float
    band_low: float
    band_high: float


NO_BAND = Between(*[np.nan] * 7)


def between(estimate: Floats, squared_error: Floats, *, signed: bool = False) -> Between:
    """Return the variance between worlds from each world's estimate and its squared error.

    The band of a measure does not go below 0; that of a difference (``signed``) may.
    """
    known = np.isfinite(estimate) & np.isfinite(squared_error)
    m, e2 = estimate[known], squared_error[known]
    count = m.size
    if count < 2:
        return NO_BAND
    mean = float(m.mean())
    terms = (m - mean) ** 2 * count / (count - 1) - e2
    variance = float(terms.mean())
    se = float(terms.std(ddof=1) / np.sqrt(count))
    spread = float(m.var(ddof=1))
    band = float(np.sqrt(max(variance, 0.0)))
    drawn_in = mean + (m - mean) * (band / np.sqrt(spread) if spread > 0 else 0.0)
    low, high = np.quantile(drawn_in, [LOW, HIGH])
    return Between(variance, se, variance - est.Z95 * se, variance + est.Z95 * se, band,
                   float(low) if signed else max(float(low), 0.0), float(high))


@dataclass(frozen=True)
class YearValues:
    """A value a year: the years that have one, their worlds, and how many years each world has."""

    world: NDArray[np.int64]
    value: Floats
    count: NDArray[np.int64]  # years of each world, shape (worlds,)

    @property
    def n_years(self) -> int:
        """Years of all worlds."""
        return int(self.count.sum())

    def sums(self, value: Floats | None = None) -> Floats:
        """Return the sum of a value over the years of each world; absent years add 0."""
        weights = self.value if value is None else value
        return np.bincount(self.world, weights=weights, minlength=self.count.size).astype(float)

    def of(self, number: int) -> Floats:
        """Return the values of one world, largest first."""
        return est.descending(self.value[self.world == number], int(self.count[number]))


def years_of_worlds(n_years: int, worlds: int) -> NDArray[np.int64]:
    """Return how many of the years of a run each world has, shape (worlds,)."""
    return (n_years - np.arange(worlds) + worlds - 1) // worlds


def values_of_years(losses: Losses, years: NDArray, values: Floats) -> YearValues:
    """Return year values with the world of each."""
    world = np.asarray(years).astype(np.int64) % losses.worlds
    return YearValues(world, np.asarray(values, dtype=float),
                      years_of_worlds(losses.n_years, losses.worlds))


def means(of: YearValues, size: Floats | None = None) -> tuple[Floats, Floats]:
    """Return each world's mean and its squared error; ``size`` divides (NaN where it is 0)."""
    return means_from_sums(of.count.astype(float), of.sums(), of.sums(of.value**2), size)


def means_from_sums(n: Floats, sums: Floats, squares: Floats, size: Floats | None = None
                    ) -> tuple[Floats, Floats]:
    """Return ``means`` from the years, sums and sums of squares of each world."""
    mean = sums / n
    square = squares - n * mean**2
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.maximum(square, 0.0) / (n - 1) / n
        if size is not None:
            scale = np.where(size > 0, 1.0 / size, np.nan)
            return mean * scale, error * scale**2
    return mean, error


def quantiles(of: YearValues, share: Floats) -> tuple[Floats, Floats]:
    """Return each world's quantiles and squared errors, shape (worlds, shares).

    ``share`` is the part of years beyond.
    """
    return _of_each(of, share, est.quantile, est.quantile_se)


def tail_means(of: YearValues, share: Floats) -> tuple[Floats, Floats]:
    """Return each world's means of the worst years and squared errors, (worlds, shares)."""
    return _of_each(of, share, est.tail_mean, est.tail_mean_se)


def _of_each(of: YearValues, share: Floats, estimate, error) -> tuple[Floats, Floats]:  # type: ignore[no-untyped-def]
    order = np.argsort(of.world, kind="stable")
    edges = np.searchsorted(of.world[order], np.arange(of.count.size + 1))
    value = of.value[order]
    found = np.empty((2, of.count.size, share.size))
    for k, n in enumerate(of.count.tolist()):
        mine = est.descending(value[edges[k]:edges[k + 1]], n)
        counts = est.whole_where_close(n * share)
        found[0, k] = estimate(mine, n, counts)
        found[1, k] = error(mine, n, counts) ** 2
    return found[0], found[1]


def enough_for_mean(of: YearValues) -> bool:
    """Tell whether every world has the years that the band of a mean needs."""
    return of.count.size > 1 and int(of.count.min()) >= FEWEST_YEARS


def enough_for_tail(of: YearValues, share: Floats) -> NDArray[np.bool_]:
    """Tell for each tail whether every world has 20 years in it."""
    least = float(of.count.min()) * share
    return (of.count.size > 1) & (least >= FEWEST_TAIL_YEARS * (1 - 1e-9))


def pooled_variance(of: YearValues, value: Floats, base: Floats | None = None) -> float:
    """Return the variance of the mean of ``value`` over all years, worlds being clusters.

    ``base`` is what to take off each year of a world before (for ratios). Never below what the
    years within worlds alone would give.
    """
    return pooled_from_sums(of.count.astype(float), of.sums(value), of.sums(value**2), base)


def pooled_from_sums(n: Floats, sums: Floats, squares: Floats, base: Floats | None = None) -> float:
    """Return ``pooled_variance`` from the years, sums and sums of squares of each world."""
    total = float(n.sum())
    mean = sums / n
    less = np.full(n.shape, sums.sum() / total) if base is None else base
    worlds = n.size
    clustered = worlds / (worlds - 1) * float((((mean - less) * n / total) ** 2).sum())
    within = float(np.maximum(squares - n * mean**2, 0.0).sum())
    return max(clustered, within / (total - worlds) / total if total > worlds else 0.0)


def design_effect(of: YearValues, value: Floats) -> float:
    """Return by how much clustering raises the variance of the mean of ``value``."""
    return effect_of(pooled_variance(of, value), of.n_years, float(value.sum()),
                     float((value**2).sum()))


def effect_of(variance: float, n_years: float, total: float, squares: float) -> float:
    """Return by how much ``variance`` is above that of a mean of independent years.

    ``total`` and ``squares`` are the sums of the years' values and of their squares.
    """
    mean = total / n_years
    plain = (squares / n_years - mean**2) / max(n_years - 1, 1)
    return variance / plain if plain > 0 else 1.0
