"""How much rests on how few: concentration of shares, and diversification of risks.

They answer different questions and disagree: HHI and its kin see shares only and ignore that two
sites hang on one grid; the diversification ratio sees dependence through a covariance; the tail
benefit sees what simulated bad years have in common.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskmodel.engine.losses.losses import Losses
from riskmodel.errors import RiskModelError
from riskmodel.measures.measure import measure

Floats = NDArray[np.float64]


def _shares(amounts: ArrayLike) -> Floats:
    values = np.asarray(amounts, dtype=float)
    if values.ndim != 1 or not (values >= 0).all() or not values.sum() > 0:
        raise RiskModelError("give amounts that are not negative and not all zero")
    return np.asarray(values / values.sum(), dtype=float)


def hhi(amounts: ArrayLike) -> float:
    """Return the Herfindahl-Hirschman index, the sum of squared shares: 1/n to 1."""
    return float((_shares(amounts) ** 2).sum())


def effective_number(amounts: ArrayLike) -> float:
    """Return 1 / HHI: how many equal parts are as concentrated."""
    return 1 / hhi(amounts)


def exp_entropy(amounts: ArrayLike) -> float:
    """Return exp(Shannon entropy) of the shares: a number of parts that minds small ones more."""
    share = _shares(amounts)
    share = share[share > 0]
    return float(np.exp(-(share * np.log(share)).sum()))


def diversification_ratio(weights: ArrayLike, covariance: ArrayLike) -> float:
    """Return weighted mean sd over portfolio sd (Choueifaty): 1 where all move as one.

    Its square is the effective number of independent bets. ``weights`` shape (n,), ``covariance``
    shape (n, n).
    """
    w = np.asarray(weights, dtype=float)
    sigma = np.asarray(covariance, dtype=float)
    if sigma.shape != (w.size, w.size):
        raise RiskModelError(f"covariance has shape {sigma.shape} for {w.size} weights")
    return float(w @ np.sqrt(np.diag(sigma)) / np.sqrt(w @ sigma @ w))


def tail_benefit(losses: Losses, level: float) -> float:
    """Return 1 - TVaR of all labs together / sum of their TVaRs: 0 where their bad years coincide.
    """
    together = measure(losses, by="total", measures="tvar", levels=level)["value"].sum(skipna=False)
    apart = measure(losses, by="lab", measures="tvar", levels=level)["value"].sum(skipna=False)
    return float(1 - together / apart) if apart else float("nan")
