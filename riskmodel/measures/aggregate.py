"""What an event-loss table says about a year, without simulating: the convention is in the name.

``poisson``: events happen at a rate and may repeat in a year. ``bernoulli``: an event happens once
or not at all, with a probability. For rare events they agree; for a rate of 0.3 they do not, and a
table of "probabilities" read with the wrong one is a common mistake (Grossi and Kunreuther 2005,
chapter 2, prints the Bernoulli one).

Losses and rates are arrays of one row an event. NaN and negative numbers are refused.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from riskmodel.errors import RiskModelError

Floats = NDArray[np.float64]


def _table(rates: ArrayLike, losses: ArrayLike, *, highest: float = np.inf
           ) -> tuple[Floats, Floats]:
    rate = np.asarray(rates, dtype=float)
    loss = np.asarray(losses, dtype=float)
    if rate.ndim != 1 or rate.shape != loss.shape:
        raise RiskModelError(f"one rate and one loss an event: got {rate.shape} and {loss.shape}")
    if not ((rate >= 0) & (rate <= highest) & (loss >= 0) & np.isfinite(loss)).all():
        raise RiskModelError("rates and losses must be numbers, not negative"
                             + (", probabilities not above 1" if highest == 1 else ""))
    return rate, loss


def aal_of_events(rates: ArrayLike, losses: ArrayLike) -> float:
    """Return the average annual loss, ``sum(rate x loss)``: the same under both conventions."""
    rate, loss = _table(rates, losses)
    return float(rate @ loss)


def annual_sd_poisson(rates: ArrayLike, losses: ArrayLike) -> float:
    """Return the standard deviation of the year loss, events Poisson."""
    rate, loss = _table(rates, losses)
    return float(np.sqrt(rate @ loss**2))


def annual_sd_bernoulli(probabilities: ArrayLike, losses: ArrayLike) -> float:
    """Return the standard deviation of the year loss, each event once or not at all."""
    share, loss = _table(probabilities, losses, highest=1.0)
    return float(np.sqrt((share * (1 - share)) @ loss**2))


def oep_poisson(rates: ArrayLike, losses: ArrayLike) -> pd.DataFrame:
    """Return the occurrence exceedance curve, ``1 - exp(-sum of rates of at least x)``.

    Returns
    -------
    frame ``loss, probability``, largest loss first, one row an event: the probability that the
    largest event of a year is this one or one before it. Of rows with the same loss the last is
    P(largest >= loss).
    """
    rate, loss = _table(rates, losses)
    order = np.argsort(-loss, kind="stable")
    return pd.DataFrame({"loss": loss[order], "probability": -np.expm1(-np.cumsum(rate[order]))})


def oep_bernoulli(probabilities: ArrayLike, losses: ArrayLike) -> pd.DataFrame:
    """Return the occurrence exceedance curve, ``1 - product of (1 - p) of at least x``.

    The frame is read as that of :func:`oep_poisson`.
    """
    share, loss = _table(probabilities, losses, highest=1.0)
    order = np.argsort(-loss, kind="stable")
    return pd.DataFrame({"loss": loss[order], "probability": 1 - np.cumprod(1 - share[order])})


def _lattice(loss: Floats, step: float) -> NDArray[np.int64]:
    cells = np.round(loss / step)
    if not (np.abs(cells * step - loss) <= 1e-9 * np.maximum(step, loss)).all():
        raise RiskModelError(f"losses must be whole multiples of step = {step:g}; round them first")
    return cells.astype(np.int64)


def aep_poisson(rates: ArrayLike, losses: ArrayLike, *, step: float, size: int) -> pd.DataFrame:
    """Return the aggregate exceedance curve, events Poisson, by Panjer's recursion.

    Losses are whole multiples of ``step``; ``size`` is the number of lattice points computed.

    Returns
    -------
    frame ``loss, probability``: P(year loss >= loss) at ``0, step, 2 step ...``
    """
    rate, loss = _table(rates, losses)
    total = float(rate.sum())
    cells = _lattice(loss, step)
    severity = np.bincount(cells, weights=rate) / total if total > 0 else np.ones(1)
    return _curve(panjer_poisson(total, severity, size), step)


def aep_bernoulli(probabilities: ArrayLike, losses: ArrayLike, *, step: float, size: int
                  ) -> pd.DataFrame:
    """Return the aggregate exceedance curve, each event once or not at all, by convolution.

    The frame is read as that of :func:`aep_poisson`.
    """
    share, loss = _table(probabilities, losses, highest=1.0)
    mass = np.zeros(size)
    mass[0] = 1.0
    for p, cell in zip(share, _lattice(loss, step), strict=True):
        moved = np.zeros(size)
        if cell < size:
            moved[cell:] = mass[:size - cell]
        mass = (1 - p) * mass + p * moved
    return _curve(mass, step)


def _curve(mass: Floats, step: float) -> pd.DataFrame:
    reached = 1 - np.append(0.0, np.cumsum(mass)[:-1])
    return pd.DataFrame({"loss": np.arange(mass.size) * step, "probability": reached})


def panjer_poisson(rate: float, severity: ArrayLike, size: int) -> Floats:
    """Return P(year loss = s) for s = 0 ... size - 1, a Poisson number of events.

    ``severity[j]`` is the probability that an event costs j (Panjer 1981).
    """
    f = _severity(severity)
    return _panjer(0.0, rate, float(np.exp(-rate * (1 - f[0]))), f, size)


def panjer_gamma_poisson(mean: float, shape: float, severity: ArrayLike, size: int) -> Floats:
    """Return P(year loss = s), the number of events Poisson with a Gamma rate.

    A common cause that makes whole years worse: the rate is Gamma with mean ``mean`` and shape
    ``shape``, the number of events negative binomial with variance ``mean + mean^2 / shape``.
    """
    f = _severity(severity)
    odds = mean / (mean + shape)
    first = ((1 - odds) / (1 - odds * f[0])) ** shape
    return _panjer(odds, (shape - 1) * odds, float(first), f, size)


def gamma_poisson_pmf(mean: float, shape: float, size: int) -> Floats:
    """Return P(N = n) for n = 0 ... size - 1 of a Poisson number with a Gamma rate."""
    return panjer_gamma_poisson(mean, shape, [0.0, 1.0], size)


def gamma_poisson_variance(mean: float, shape: float) -> float:
    """Return the variance of a Poisson number with a Gamma rate."""
    return mean + mean**2 / shape


def _severity(severity: ArrayLike) -> Floats:
    f = np.asarray(severity, dtype=float)
    if f.ndim != 1 or not (f >= 0).all() or not abs(f.sum() - 1) <= 1e-9:
        raise RiskModelError("severity must be probabilities of 0, 1, 2 ... that add up to 1")
    return f


def _panjer(a: float, b: float, first: float, f: Floats, size: int) -> Floats:
    """Panjer's recursion for counts with P(n) = P(n-1) (a + b / n)."""
    if size < 1:
        raise RiskModelError(f"size is {size}; give 1 or more lattice points")
    if first == 0:
        raise RiskModelError("the chance of a year without loss is below the smallest number; "
                             "take a coarser step or a normal approximation")
    mass = np.zeros(size)
    mass[0] = first
    for s in range(1, size):
        j = np.arange(1, min(s, f.size - 1) + 1)
        mass[s] = ((a + b * j / s) * f[j]) @ mass[s - j] / (1 - a * f[0])
    return mass
