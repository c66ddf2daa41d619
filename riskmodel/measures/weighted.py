"""Estimators on year losses that carry weights (importance sampling).

A year drawn with density g instead of the true f weighs w = f / g. Sums stand for sums of true
years: ``sum(w L) / n`` for the mean, ``sum(w [L >= x]) / n`` for the chance of x or worse. Weights
are not made to add up to n: so the mean is unbiased for every n, and the far tail, whose own
weights are small, is not disturbed by the weights of all the other years (Glynn 1996, "Importance
sampling for Monte Carlo estimation of quantiles", whose right-tail estimator this is; Owen 2013,
Monte Carlo theory, methods and examples, chapter 9). TVaR is the Rockafellar-Uryasev form over it
(Hong, Hu and Liu 2014, ACM Transactions on Modeling and Computer Simulation 24).

As in ``riskmodel.measures.estimators``, years without a row lost nothing, a NaN makes everything
NaN, and a *count* is a number of true years: ``n / return_period``, ``n (1 - level)``. With all
weights 1 the answers are those of that module.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskmodel.errors import RiskModelError
from riskmodel.measures import estimators as est

Floats = NDArray[np.float64]
_ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class Sample:
    """Year losses, worst first and without zeros, with the weight of each; ``n`` years in all."""

    losses: Floats
    weights: Floats
    n: int

    @cached_property
    def reached(self) -> Floats:
        """How many true years are at least as bad as each year."""
        return np.cumsum(self.weights)

    @cached_property
    def _squares(self) -> Floats:
        return np.cumsum(self.weights**2)

    @property
    def unknown(self) -> bool:
        """Whether a loss is not known."""
        return bool(self.losses.size and np.isnan(self.losses[0]))

    def rank(self, count: float) -> int:
        """Return how many of the years drawn make ``count`` true ones; one more than there are
        losses where the boundary lost nothing."""
        return int(np.searchsorted(self.reached, count * (1.0 - _ROUNDING))) + 1

    def holds(self, count: float) -> bool:
        """Tell whether the years reach so far out: ``count`` is a year, and the worst one's weight.

        Light years of a tilted peril would reach further, but what the proposal leaves alone is
        drawn as rarely as it is, and beyond n years it may not have been drawn at all.
        """
        least = max(float(self.weights[0]), 1.0) if self.losses.size else 1.0
        return count * (1.0 + _ROUNDING) >= least

    def at(self, rank: int) -> float:
        """Return the loss at a rank; what is not listed lost nothing."""
        return float(self.losses[rank - 1]) if rank <= self.losses.size else 0.0

    def effective(self, rank: int) -> float:
        """Return the effective number of the first ``rank`` years: (sum w)^2 / sum w^2 (Kish)."""
        last = min(rank, self.losses.size) - 1
        if last < 0:
            return 0.0
        return float(self.reached[last]) ** 2 / float(self._squares[last])

    def square(self, rank: int) -> float:
        """Return the sum of squared weights of the first ``rank`` years."""
        last = min(rank, self.losses.size) - 1
        return float(self._squares[last]) if last >= 0 else 0.0


def sample(losses: ArrayLike, weights: ArrayLike, n: int) -> Sample:
    """Order the losses of the years that had any, any order, with the weight of each.

    Raises
    ------
    RiskModelError : a weight is negative or not finite, or there is not one for each loss
    """
    values, weight = np.asarray(losses, dtype=float), np.asarray(weights, dtype=float)
    if values.shape != weight.shape:
        raise RiskModelError(f"{weight.size} weights for {values.size} losses; give one a year")
    if not (np.isfinite(weight).all() and (weight >= 0).all()):
        raise RiskModelError("weights of years must be finite and not negative")
    keep = values != 0
    values, weight = values[keep], weight[keep]
    order = np.argsort(-values, kind="stable")  # NaN last
    order = np.concatenate([order[np.isnan(values[order])], order[~np.isnan(values[order])]])
    return Sample(est.descending(values[order], n), weight[order], n)


def mean_loss(of: Sample) -> tuple[float, float, float]:
    """Return the mean, its standard error, and how many plain years would know it as well."""
    if of.unknown:
        return np.nan, np.nan, np.nan
    each = of.weights * of.losses
    mean = float(each.sum()) / of.n
    if of.n < 2:
        return mean, np.nan, np.nan
    spread = (float((each**2).sum()) / of.n - mean**2)
    plain = float((each * of.losses).sum()) / of.n - mean**2
    return mean, float(np.sqrt(max(spread, 0.0) / (of.n - 1))), _worth(of.n, plain, spread)


def loss_probability(of: Sample) -> tuple[float, float, float]:
    """Return the chance of any loss in a year, its standard error, and its plain years."""
    if of.unknown:
        return np.nan, np.nan, np.nan
    whole = Sample(np.ones_like(of.losses), of.weights, of.n)
    share, error, worth = mean_loss(whole)
    return (share, error, worth) if of.losses.size else (0.0, np.nan, np.nan)


def quantile(of: Sample, count: float) -> float:
    """Return the loss that ``count`` true years reach or exceed."""
    if of.unknown or not of.holds(count):
        return float("nan")
    return of.at(of.rank(count))


def quantile_interval(of: Sample, count: float) -> tuple[float, float]:
    """Return the 95 % interval of :func:`quantile`: ranks of the effective years of the tail.

    The tail's mean weight s (by weight) makes ``count`` true years worth ``count / s`` drawn ones.
    """
    if of.unknown or not of.holds(count):
        return float("nan"), float("nan")
    scale = _tail_scale(of, count)
    years = max(int(of.n / scale), 1)
    high, low = est.rank_interval(years, np.array([max(min(count / scale, years), 1.0)]))
    bottom = of.at(of.rank(float(low[0]) * scale))
    return bottom, of.at(of.rank(float(high[0]) * scale)) if high[0] >= 1 else float("nan")


def quantile_error(of: Sample, count: float) -> tuple[float, float]:
    """Return the standard error of :func:`quantile`, and its plain years.

    ``sqrt(Var(w [L >= x]) / n) |dx/dp|``, with the slope that ``estimators.quantile_se`` takes.
    """
    if of.unknown or not of.holds(count):
        return float("nan"), float("nan")
    share = min(count / of.n, 1.0)
    rank = of.rank(count)
    spread = max(_tail_scale(of, count) * share - share**2, 0.0)
    worth = _worth(of.n, share * (1.0 - share), spread)
    if rank <= of.losses.size:
        window = est.LOG_RANK_WINDOW + 1.0 / np.sqrt(of.effective(rank))
        at = float(of.reached[rank - 1])
        upper = max(int(np.searchsorted(of.reached, at * np.exp(-window), side="right")), 1)
        lower = min(of.rank(at * float(np.exp(window))), of.losses.size)
        rise = of.at(upper) - of.at(lower)
        if lower > upper and rise > 0:
            middle = of.reached - of.weights / 2
            run = float(np.log(middle[lower - 1] / middle[upper - 1]))
            return rise / run * float(np.sqrt(spread / of.n)) / share, worth
    low, high = quantile_interval(of, count)
    return (high - low) / (2 * est.Z95), worth


def tail_mean(of: Sample, count: float) -> float:
    """Return the mean of exactly ``count`` worst true years (TVaR), the boundary year split."""
    if of.unknown or not of.holds(count):
        return float("nan")
    inside = min(of.rank(count) - 1, of.losses.size)
    edge = of.at(of.rank(count))
    over = float((of.weights[:inside] * (of.losses[:inside] - edge)).sum())
    return edge + over / count


def tail_mean_error(of: Sample, count: float) -> tuple[float, float]:
    """Return the standard error of :func:`tail_mean`, and its plain years.

    The year's influence is ``VaR + w (L - VaR)+ / (1 - level)``; its spread over the root of n.
    """
    if of.unknown or not of.holds(count):
        return float("nan"), float("nan")
    rank = of.rank(count)
    edge, excess = of.at(rank), tail_mean(of, count) - of.at(rank)
    over = np.maximum(of.losses[:rank] - edge, 0.0) / (count / of.n)
    weight = of.weights[:rank]
    spread = float((weight**2 * over**2).sum()) / of.n - excess**2
    plain = float((weight * over**2).sum()) / of.n - excess**2
    worth = _worth(of.n, plain, spread)
    if rank <= of.losses.size:
        years = of.effective(rank)
        if years <= 1:
            return float("nan"), float("nan")
        # the spread within the tail is that of few years about their own mean
        apart = (of.losses[:rank] - edge - excess) / (count / of.n)
        spread += float((weight**2 * apart**2).sum()) / of.n / (years - 1)
    return float(np.sqrt(max(spread, 0.0) / of.n)), worth


def tail_parts(losses: ArrayLike, weights: ArrayLike, n: int, count: float) -> Floats:
    """Return how many true years of the tail each year is, in the order of ``losses``.

    Years above the boundary count with their weight, and those that tie at it share what is left
    of ``count`` by weight; a boundary of 0 is no cause of anything.
    """
    values, weight = np.asarray(losses, dtype=float), np.asarray(weights, dtype=float)
    of = sample(values, weight, n)
    edge = quantile(of, count)
    if np.isnan(edge):
        return np.full(values.shape, np.nan)
    above, at = values > edge, values == edge
    parts = np.where(above, weight, 0.0)
    ties = float(weight[at].sum())
    if edge > 0 and ties > 0:
        parts[at] = weight[at] * ((count - float(parts.sum())) / ties)
    return parts


def near_edge_parts(losses: ArrayLike, weights: ArrayLike, n: int, count: float) -> Floats:
    """Return weights that average over the years near the edge of the tail; they add up to 1."""
    values = np.asarray(losses, dtype=float)
    of = sample(values, weights, n)
    if not of.holds(count):
        return np.full(values.size, np.nan)
    reach = max(3.0 * _tail_scale(of, count), 0.2 * count)
    high, low = min(count + reach, float(n)), count - reach
    outer = tail_parts(values, weights, n, high)
    if not (low > 0 and of.holds(low)):
        return outer / high
    return np.asarray((outer - tail_parts(values, weights, n, low)) / (high - low), dtype=float)


def _tail_scale(of: Sample, count: float) -> float:
    """Return the mean weight of a true year of the tail: what one drawn year stands for."""
    rank = of.rank(count)
    reached = float(of.reached[min(rank, of.losses.size) - 1]) if of.losses.size else 0.0
    return of.square(rank) / reached if reached > 0 else 1.0


def _worth(n: int, plain: float, spread: float) -> float:
    """Return how many years of weight 1 have the error that these n have."""
    return n * max(plain, 0.0) / spread if spread > 0 else float("nan")
