"""Risk measures of known distributions, and the Euler split of a Gaussian portfolio."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskmodel.errors import RiskModelError

Floats = NDArray[np.float64]


def normal_var(level: float, mean: float = 0.0, sd: float = 1.0) -> float:
    """Return the quantile of a normal distribution."""
    from scipy.special import ndtri

    return mean + sd * float(ndtri(level))


def normal_es(level: float, mean: float = 0.0, sd: float = 1.0) -> float:
    """Return the mean of the worst 1 - ``level`` of a normal distribution."""
    z = normal_var(level)
    return mean + sd * float(np.exp(-z**2 / 2) / np.sqrt(2 * np.pi)) / (1 - level)


def student_t_var(level: float, df: float, mean: float = 0.0, scale: float = 1.0) -> float:
    """Return the quantile of Student's t with ``df`` degrees of freedom."""
    from scipy.special import stdtrit

    return mean + scale * float(stdtrit(df, level))


def student_t_es(level: float, df: float, mean: float = 0.0, scale: float = 1.0) -> float:
    """Return the mean of the worst 1 - ``level`` of Student's t; infinite for df of 1 or less."""
    from scipy.special import gammaln

    if df <= 1:
        return float("inf")
    t = student_t_var(level, df)
    log_peak = gammaln((df + 1) / 2) - gammaln(df / 2) - np.log(df * np.pi) / 2
    density = np.exp(log_peak - (df + 1) / 2 * np.log1p(t**2 / df))
    return mean + scale * float(density * (df + t**2) / ((df - 1) * (1 - level)))


def gaussian_es_contributions(weights: ArrayLike, covariance: ArrayLike, level: float) -> Floats:
    """Return the Euler contributions to the ES of a Gaussian portfolio; they add up to it.

    ``weights`` shape (n,), ``covariance`` shape (n, n), means 0.
    """
    w = np.asarray(weights, dtype=float)
    sigma = np.asarray(covariance, dtype=float)
    if sigma.shape != (w.size, w.size):
        raise RiskModelError(f"covariance has shape {sigma.shape} for {w.size} weights")
    marginal = sigma @ w
    return np.asarray(normal_es(level) * w * marginal / np.sqrt(w @ marginal), dtype=float)


def lognormal_mean(median: float, sigma: float) -> float:
    """Return the mean of a lognormal of this median and log-sd, in the unit of the median."""
    return float(median * np.exp(sigma**2 / 2))


def lognormal_quantile(median: float, sigma: float, level: float) -> float:
    """Return a quantile of a lognormal of this median and log-sd."""
    from scipy.special import ndtri

    return float(median * np.exp(sigma * ndtri(level)))


def vasicek_quantile(probability: float, correlation: float, level: float) -> float:
    """Return the share of many alike, small members that is out in the ``level`` worst year.

    Each member is out with ``probability``; one common normal factor ties them with
    ``correlation`` (of the latent normals, not of the outages). Vasicek 2002, "The distribution of
    loan portfolio value": Phi((Phi^-1(p) + sqrt(rho) Phi^-1(level)) / sqrt(1 - rho)). What is left
    of the worst year of a portfolio of ever more places: at correlation 0 the probability itself.

    Raises
    ------
    RiskModelError : a probability or level outside (0, 1), or a correlation outside [0, 1)
    """
    for name, value in (("probability", probability), ("level", level)):
        if not 0 < value < 1:
            raise RiskModelError(f"{name} is {value}; give one between 0 and 1")
    if not 0 <= correlation < 1:
        raise RiskModelError(f"correlation is {correlation}; give one from 0 to below 1")
    from scipy.special import ndtr, ndtri

    tied = np.sqrt(correlation) * ndtri(level)
    return float(ndtr((ndtri(probability) + tied) / np.sqrt(1 - correlation)))
