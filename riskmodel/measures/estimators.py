"""Estimators on arrays of year losses.

Every function takes ``losses``, the losses of the years that had any (any order, zeros allowed),
and ``n_years``, the number of years that were simulated: what is missing lost nothing. That keeps a
million years with few bad ones small.

NaN policy: a NaN among the losses is a year of unknown loss, and unknown is not zero, so every
answer is NaN. A tail that holds less than one whole year is beyond the span and NaN as well.
Negative or infinite losses, and more losses than years, are refused.

Where the years are too many to be kept, ``losses`` is a summary (``riskmodel.engine.long.ranked``):
``Ranked`` for everything, ``Moments`` for means and probabilities. The formulas are the same.

Ranks count from the largest loss, 1. A *tail count* is the number of years in the tail, a real
number: ``n_years / return_period`` or ``n_years * (1 - level)``. A quantile is the loss of the
boundary year, rank ``ceil(count)``: nothing is interpolated.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskmodel.engine.long.ranked import Moments, Ranked
from riskmodel.errors import RiskModelError

Floats = NDArray[np.float64]

#: half width, in log rank, of the window through which the slope of a quantile far from the end of
#: the data is taken
LOG_RANK_WINDOW = 0.5
#: two-sided 95 % of a normal distribution
Z95 = 1.959963984540054


def descending(losses: Any, n_years: int) -> Any:
    """Return the losses without zeros, largest first (NaN before all); a summary as it is."""
    if isinstance(losses, Ranked | Moments):
        if losses.size > n_years:
            raise RiskModelError(f"{losses.size} years with a loss, but n_years is {n_years}")
        return losses
    values = np.asarray(losses, dtype=float)
    if values.ndim != 1:
        raise RiskModelError(f"losses must be one-dimensional, one a year; got {values.ndim} axes")
    if n_years < 1:
        raise RiskModelError(f"n_years is {n_years}; give a whole number above 0")
    sorted_already = values.size == 0 or (
        values[-1] > 0 and bool((values[1:] <= values[:-1]).all()))
    if not sorted_already:
        values = np.sort(values[values != 0])[::-1]
        if values.size and values[-1] < 0:
            raise RiskModelError(f"a year lost {values[-1]}; losses are not negative")
    if values.size > n_years:
        raise RiskModelError(f"{values.size} years with a loss, but n_years is {n_years}")
    if values.size and np.isinf(values[0]):
        raise RiskModelError("a year lost an infinite amount; losses must be finite")
    return values


def unknown(values: Any) -> bool:
    """Tell whether a loss of a year is not known."""
    if isinstance(values, Ranked | Moments):
        return False
    return bool(values.size and np.isnan(values[0]))


def mean_loss(losses: Any, n_years: int) -> tuple[float, float]:
    """Return the mean over all years and its standard error (NaN for a single year)."""
    values = descending(losses, n_years)
    if unknown(values):
        return np.nan, np.nan
    if isinstance(values, Ranked | Moments):
        mean = values.total / n_years
        square = max(values.squares - n_years * mean**2, 0.0)
        return mean, (float(np.sqrt(square / (n_years - 1) / n_years)) if n_years > 1 else np.nan)
    mean = float(values.sum()) / n_years
    if n_years < 2:
        return mean, np.nan
    square = float(((values - mean) ** 2).sum()) + (n_years - values.size) * mean**2
    return mean, float(np.sqrt(square / (n_years - 1) / n_years))


def whole_where_close(count: Floats) -> Floats:
    """Return counts, those within rounding of a whole number made whole."""
    # 1e5 * (1 - 0.99) is 1000.0000000000009: the boundary year must not move for that
    whole = np.round(count)
    return np.where(np.abs(count - whole) <= 1e-9 * np.maximum(1.0, whole), whole, count)


def tail_count_of_period(n_years: int, return_periods: ArrayLike) -> Floats:
    """Return ``n_years / return_period``: how many years are at least that bad."""
    periods = np.atleast_1d(np.asarray(return_periods, dtype=float))
    if not (periods >= 1).all():
        raise RiskModelError(f"return periods are in years, 1 or more; got {periods.min()}")
    return whole_where_close(n_years / periods)


def tail_count_of_level(n_years: int, levels: ArrayLike) -> Floats:
    """Return ``n_years * (1 - level)``: how many years are in the tail above the level."""
    alphas = np.atleast_1d(np.asarray(levels, dtype=float))
    if not ((alphas >= 0) & (alphas < 1)).all():
        raise RiskModelError(f"levels are probabilities from 0 to below 1; got {alphas.tolist()}")
    return whole_where_close(n_years * (1 - alphas))


def _at_rank(values: Any, rank: NDArray[np.int64]) -> Floats:
    """Loss at each rank; years beyond the ones listed lost nothing."""
    if isinstance(values, Ranked):
        return values.at_rank(rank)
    padded = np.append(values, 0.0)
    return padded[np.clip(rank - 1, 0, values.size)]


def _rank(count: Floats) -> NDArray[np.int64]:
    return np.ceil(np.maximum(count, 1.0)).astype(np.int64)


def quantile(losses: Any, n_years: int, count: ArrayLike) -> Floats:
    """Return the loss that ``count`` years reach or exceed: rank ``ceil(count)``."""
    values = descending(losses, n_years)
    counts = np.atleast_1d(np.asarray(count, dtype=float))
    if unknown(values):
        return np.full(counts.shape, np.nan)
    return np.where(counts >= 1, _at_rank(values, _rank(counts)), np.nan)


def rank_interval(n_years: int, count: ArrayLike, confidence: float = 0.95
                  ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the ranks (high loss, low loss) between which the true quantile lies.

    Distribution-free: the number of years beyond the true quantile is binomial. A high rank of 0
    means that the data bound the quantile from below only; a low rank above ``n_years`` means that
    only 0 bounds it from below.
    """
    from scipy.stats import binom

    share = np.minimum(np.atleast_1d(np.asarray(count, dtype=float)) / n_years, 1.0)
    side = (1 - confidence) / 2
    high = binom.ppf(side, n_years, share)
    low = binom.ppf(1 - side, n_years, share) + 1
    # ranks are whole, so two equal sides hold more than asked: move in where the rest still does
    spare = binom.cdf(low - 2, n_years, share) - binom.cdf(high - 1, n_years, share) >= confidence
    low = np.where(spare, low - 1, low)
    return high.astype(np.int64), low.astype(np.int64)


def quantile_interval(losses: Any, n_years: int, count: ArrayLike,
                      confidence: float = 0.95, *, effect: float = 1.0
                      ) -> tuple[Floats, Floats]:
    """Return the losses (low, high) at the ranks of :func:`rank_interval`.

    ``high`` is NaN where the worst year seen is no bound. ``effect`` above 1 says that the years
    are worth only ``n_years / effect`` independent ones.
    """
    values = descending(losses, n_years)
    counts = np.atleast_1d(np.asarray(count, dtype=float))
    known = (counts >= 1) & (not unknown(values))
    high_rank, low_rank = rank_interval(max(int(n_years / effect), 1),
                                        np.maximum(counts / effect, 1.0), confidence)
    if effect > 1.0:
        high_rank = np.floor(high_rank * effect).astype(np.int64)
        low_rank = np.ceil(low_rank * effect).astype(np.int64)
    low = np.where(known, _at_rank(values, low_rank), np.nan)
    high = np.where(known & (high_rank >= 1), _at_rank(values, np.maximum(high_rank, 1)), np.nan)
    return low, high


def quantile_se(losses: Any, n_years: int, count: ArrayLike) -> Floats:
    """Return the standard error of :func:`quantile`: ``sqrt(p (1 - p) / n) |dx/dp|``.

    The slope is taken in log rank, between the losses at ranks ``k exp(-d)`` and ``k exp(d)`` with
    ``d = 0.5 + 1/sqrt(k)``, as far as there are losses: unbiased where the tail is exponential,
    about 3 % noisy at k = 1000 and 25 % at k = 10. In an atom, where there is no slope (zeros
    included), it is the width of the 95 % rank interval over 2 x 1.96; NaN where that has no upper
    end.
    """
    values = descending(losses, n_years)
    counts = np.atleast_1d(np.asarray(count, dtype=float))
    if unknown(values):
        return np.full(counts.shape, np.nan)
    rank = _rank(counts)
    window = LOG_RANK_WINDOW + 1 / np.sqrt(rank)
    upper = np.maximum(np.floor(rank * np.exp(-window)), 1).astype(np.int64)
    lower = np.ceil(rank * np.exp(window)).astype(np.int64)
    lower = np.minimum(lower, max(values.size, 1))
    sloped = (rank <= values.size) & (lower > upper)
    lower = np.where(sloped, lower, upper + 1)
    rise = _at_rank(values, upper) - _at_rank(values, lower)
    # ranks a and b of an exponential sample are 1/a + ... + 1/(b-1) apart: log of half ranks
    run = np.log((lower - 0.5) / (upper - 0.5))
    share = np.minimum(counts / n_years, 1.0)
    error = rise / run * np.sqrt((1 - share) / np.maximum(counts, 1.0))
    low, high = quantile_interval(values, n_years, counts)
    error = np.where(sloped & (rise > 0), error, (high - low) / (2 * Z95))
    return np.where(counts >= 1, error, np.nan)


def _tail_moments(values: Any, count: float) -> tuple[float, float]:
    """Mean and variance of exactly ``count`` worst years (1 or more), the boundary year split."""
    whole = int(np.floor(count))
    part = count - whole
    boundary = float(_at_rank(values, np.array([whole + 1]))[0])
    if isinstance(values, Ranked):
        if whole > values.top.size:
            of = values.largest(whole)
            mean = (of.total + part * boundary) / count
            return mean, max((of.squares + part * boundary**2) / count - mean**2, 0.0)
        values = values.top
    tail = values[:whole]
    mean = (float(tail.sum()) + part * boundary) / count
    absent = max(whole - values.size, 0)  # years of the tail that lost nothing
    square = float(((tail - mean) ** 2).sum()) + part * (boundary - mean)**2 + absent * mean**2
    return mean, square / count


def tail_mean(losses: Any, n_years: int, count: ArrayLike) -> Floats:
    """Return the mean of exactly ``count`` worst years (TVaR).

    The boundary year counts with the part of it that is left over, so the measure is continuous in
    the level. It equals VaR + E[(L - VaR)+] / (1 - level), also where an atom sits at VaR
    (Rockafellar and Uryasev 2002).
    """
    values = descending(losses, n_years)
    counts = np.atleast_1d(np.asarray(count, dtype=float))
    if unknown(values):
        return np.full(counts.shape, np.nan)
    mean = np.array([_tail_moments(values, max(count, 1.0))[0] for count in counts])
    # a mean of years at or above the boundary: rounding of the sums must not put it below
    return np.where(counts >= 1, np.maximum(mean, _at_rank(values, _rank(counts))), np.nan)


def tail_mean_se(losses: Any, n_years: int, count: ArrayLike) -> Floats:
    """Return the standard error of :func:`tail_mean`.

    ``[Var(L | tail) + level (TVaR - VaR)^2] / count`` under a root; NaN for a tail of one year,
    where nothing is known of the spread.
    """
    values = descending(losses, n_years)
    counts = np.atleast_1d(np.asarray(count, dtype=float))
    if unknown(values):
        return np.full(counts.shape, np.nan)
    safe = np.maximum(counts, 1.0)
    moments = np.array([_tail_moments(values, count) for count in safe]).reshape(-1, 2)
    years = np.ceil(safe)
    variance = moments[:, 1] * years / np.maximum(years - 1, 1)
    excess = moments[:, 0] - _at_rank(values, _rank(counts))
    error = np.sqrt((variance + (1 - safe / n_years) * excess**2) / safe)
    return np.where((counts >= 1) & (years >= 2), error, np.nan)


def value_at_risk(losses: ArrayLike, n_years: int, levels: ArrayLike) -> Floats:
    """Return VaR at each level."""
    return quantile(losses, n_years, tail_count_of_level(n_years, levels))


def tail_value_at_risk(losses: ArrayLike, n_years: int, levels: ArrayLike) -> Floats:
    """Return TVaR at each level."""
    return tail_mean(losses, n_years, tail_count_of_level(n_years, levels))


def tail_weights(losses: ArrayLike, n_years: int, count: float) -> Floats:
    """Return the part of each year that belongs to the tail, in the order of ``losses``.

    Years above the boundary count whole, years below not at all, and the years that tie at the
    boundary share evenly what is left of ``count``. Zeros at the boundary are no cause of anything
    and get what even sharing with the unlisted years would give them: their loss is 0 either way.
    """
    values = np.asarray(losses, dtype=float)
    edge = float(quantile(values, n_years, count)[0])
    if np.isnan(edge):
        return np.full(values.shape, np.nan)
    above = values > edge
    at = values == edge
    ties = int(at.sum()) if edge > 0 else n_years - int(above.sum())
    weights = above.astype(float)
    weights[at] = (count - above.sum()) / max(ties, 1)
    return weights


def near_edge_weights(losses: ArrayLike, n_years: int, count: float) -> Floats:
    """Return weights that average over the years whose rank is near the edge of the tail.

    In the order of ``losses``; with those of the unlisted years, at 0, they add up to 1. They
    estimate the mean of something given that the loss is at VaR.
    """
    values = np.asarray(losses, dtype=float)
    if count < 1:
        return np.full(values.size, np.nan)
    reach = max(3.0, 0.2 * count)
    high = min(count + reach, float(n_years))
    low = count - reach if count - reach >= 1 else 0.0
    inner = tail_weights(values, n_years, low) if low else np.zeros(values.size)
    return np.asarray((tail_weights(values, n_years, high) - inner) / (high - low), dtype=float)


def probability_interval(seen: int, n_years: int) -> tuple[float, float]:
    """Return the exact 95 % interval of a probability (Clopper and Pearson 1934).

    Nothing seen: from 0 to the one-sided bound ``1 - 0.05^(1/n)``; every year seen: its mirror.
    """
    if seen == 0:
        return 0.0, never_seen_bound(n_years)
    if seen == n_years:
        return 1 - never_seen_bound(n_years), 1.0
    return share_interval(seen, n_years)


def share_interval(seen: float, n_years: float) -> tuple[float, float]:
    """Return the 95 % interval of a share that was seen so often, in years' worth of evidence."""
    from scipy.special import betaincinv

    low = float(betaincinv(seen, n_years - seen + 1, 0.025))
    high = float(betaincinv(seen + 1, n_years - seen, 0.975)) if seen < n_years else 1.0
    return low, high


def never_seen_bound(n_years: int) -> float:
    """Return the yearly probability that stays hidden for ``n_years`` with 5 % chance."""
    return float(-np.expm1(np.log(0.05) / n_years))


def loss_probability(losses: Any, n_years: int) -> tuple[float, float, float, float]:
    """Return the probability of any loss in a year, its standard error, low and high.

    The standard error is NaN where nothing was seen: the bound in ``high`` says what is known.
    """
    values = descending(losses, n_years)
    if unknown(values):
        return np.nan, np.nan, np.nan, np.nan
    share = values.size / n_years
    low, high = probability_interval(values.size, n_years)
    error = np.sqrt(share * (1 - share) / n_years) if values.size else np.nan
    return share, float(error), low, high
