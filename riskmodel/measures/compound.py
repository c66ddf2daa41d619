"""Year losses with a closed form: what a simulation of the same thing must come to.

Compound Poisson with exponential losses (``rate`` events a year, mean loss ``mean``): the sum of n
events is Gamma, so every measure is a short series over n. Beside it the largest event of a year.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from riskmodel.errors import RiskModelError

Floats = NDArray[np.float64]


def _counts(rate: float) -> tuple[Floats, Floats]:
    """Numbers of events from 1 that matter, and their Poisson probabilities."""
    from scipy.special import gammaln

    if not rate > 0:
        raise RiskModelError(f"rate is {rate}; give events a year, above 0")
    n = np.arange(1, int(rate + 12 * np.sqrt(rate) + 40), dtype=float)
    return n, np.exp(-rate + n * np.log(rate) - gammaln(n + 1))


def compound_exponential_exceedance(rate: float, mean: float, loss: float) -> float:
    """Return P(year loss > ``loss``): the AEP."""
    from scipy.special import gammaincc

    n, weight = _counts(rate)
    return float(weight @ gammaincc(n, loss / mean))


def compound_exponential_var(rate: float, mean: float, level: float) -> float:
    """Return the year loss that is exceeded with probability 1 - ``level``; 0 below the zeros."""
    from scipy.optimize import brentq

    if compound_exponential_exceedance(rate, mean, 0.0) <= 1 - level:
        return 0.0
    top = 1.0
    while compound_exponential_exceedance(rate, 1.0, top) > 1 - level:
        top *= 2

    def excess(x: float) -> float:
        return compound_exponential_exceedance(rate, 1.0, x) - (1 - level)

    return mean * float(brentq(excess, 0.0, top, xtol=1e-13, rtol=1e-14))


def compound_exponential_tvar(rate: float, mean: float, level: float) -> float:
    """Return the mean of the worst 1 - ``level`` of years: VaR + E[(S - VaR)+] / (1 - level)."""
    from scipy.special import gammaincc

    n, weight = _counts(rate)
    x = compound_exponential_var(rate, mean, level) / mean
    above = weight @ (n * gammaincc(n + 1, x) - x * gammaincc(n, x))
    return mean * (x + float(above) / (1 - level))


def exponential_oep_loss(rate: float, mean: float, level: float) -> float:
    """Return the largest event of a year at probability 1 - ``level``: Poisson, exponential."""
    share = -np.log(level) / rate
    return float(-mean * np.log(share)) if share < 1 else 0.0


def pareto_oep_loss(rate: float, least: float, shape: float, return_period: float) -> float:
    """Return the largest event of a year at a return period: Poisson, Pareto losses.

    Losses exceed x with probability ``(least / x)^shape``; 0 where most years have no event.
    """
    share = -np.log1p(-1 / return_period) / rate
    return float(least * share ** (-1 / shape)) if share <= 1 else 0.0
