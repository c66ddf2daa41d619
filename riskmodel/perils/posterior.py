"""What a count says about a rate, and hits in trials about a chance: Jeffreys posteriors.

``count`` events in an ``exposure`` of years leave the rate Gamma(count + 1/2, exposure); ``hits``
in ``trials`` leave the chance Beta(hits + 1/2, trials - hits + 1/2). Both follow from Jeffreys'
prior (Jeffreys 1946; Gelman et al., Bayesian Data Analysis, 3rd ed., sections 2.7 and 2.8).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from riskmodel.errors import RiskModelError

INTERVAL = 0.95
Z95_ONE_SIDED = 1.6448536269514722  # the 95 % point of the standard normal
_NODES = 64


class Posterior(NamedTuple):
    """Mean of the posterior and the ends of its central 95 % interval."""

    mean: float
    low: float
    high: float


def gamma_posterior(count: float, exposure: float, exposure_factor: float = 1.0) -> Posterior:
    """Return what ``count`` events in ``exposure`` say about their rate.

    Parameters
    ----------
    count : events seen, 0 or more
    exposure : years (or site-years, provider-years ...) they were seen in, above 0
    exposure_factor : 1 where the exposure is known. Where it is a judgement, it is right to within
        this factor with 90 %: lognormal, and the interval is that of rate and exposure together.

    Returns
    -------
    Posterior : per unit of exposure. The mean takes the exposure at its best value.
    """
    if not (count >= 0 and exposure > 0 and exposure_factor >= 1):
        raise RiskModelError(f"a count of {count} in an exposure of {exposure} (factor "
                             f"{exposure_factor}): give a count of 0 or more, an exposure above 0 "
                             "and a factor of 1 or more")
    shape = count + 0.5
    tail = (1.0 - INTERVAL) / 2.0
    return Posterior(shape / exposure,
                     *(rate_quantile(p, shape, exposure_factor) / exposure
                       for p in (tail, 1.0 - tail)))


def chance_next(count: float, exposure: float, years: float = 1.0) -> float:
    """Return the posterior chance of one event or more in the next ``years``.

    1 - (T / (T + t))^(count + 1/2): the Poisson chance over the Gamma posterior.
    """
    gamma_posterior(count, exposure)
    return -math.expm1((count + 0.5) * math.log(exposure / (exposure + years)))


def beta_posterior(hits: float, trials: float) -> Posterior:
    """Return what ``hits`` in ``trials`` say about the chance of one."""
    from scipy.special import betaincinv

    if not 0 <= hits <= trials or trials <= 0:
        raise RiskModelError(f"{hits} hits in {trials} trials: give 0 <= hits <= trials, trials "
                             "above 0")
    a, b = hits + 0.5, trials - hits + 0.5
    tail = (1.0 - INTERVAL) / 2.0
    return Posterior(a / (a + b), float(betaincinv(a, b, tail)),
                     float(betaincinv(a, b, 1.0 - tail)))


def rate_quantile(p: float, shape: float, factor: float) -> float:
    """Return the quantile of Gamma(shape, 1) over a lognormal exposure with that 90 % factor."""
    from scipy.optimize import brentq
    from scipy.special import gammainc, gammaincinv

    if factor == 1.0:
        return float(gammaincinv(shape, p))
    points, weights = np.polynomial.hermite_e.hermegauss(_NODES)
    exposures = np.exp(points * math.log(factor) / Z95_ONE_SIDED)
    weights = weights / weights.sum()

    def below(log_rate: float) -> float:
        return float(weights @ gammainc(shape, math.exp(log_rate) * exposures)) - p

    middle = float(np.log(gammaincinv(shape, p)))
    reach = 4.0 * math.log(factor) + 1.0
    return math.exp(brentq(below, middle - reach, middle + reach, xtol=1e-12))
