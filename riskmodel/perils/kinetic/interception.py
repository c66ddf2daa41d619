"""What gets through a defence: independent closed forms, and the leak-through of a wave.

The munitions of one weapon class in one wave share a leak-through drawn from a Beta: the defence
has a good or a bad night. Given it they fare independently, so leakers are beta-binomial.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskmodel.errors import RiskModelError
from riskmodel.perils import quantiles

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def none_leaks(weapons: int, intercept: float) -> float:
    """Return the chance that none of ``weapons`` gets through, each stopped independently."""
    _check(weapons, intercept)
    return float(intercept**weapons)


def at_least(leakers: int, weapons: int, intercept: float) -> float:
    """Return the chance that ``leakers`` or more of ``weapons`` get through, independently."""
    from scipy.special import bdtr

    _check(weapons, intercept)
    if leakers <= 0:
        return 1.0
    return float(1.0 - bdtr(leakers - 1, weapons, 1.0 - intercept))


def intercept_needed(weapons: int, all_stopped: float) -> float:
    """Return the chance of stopping one weapon that stops all of them with ``all_stopped``."""
    _check(weapons, all_stopped)
    return float(all_stopped ** (1.0 / weapons))


def leak_share(u: ArrayLike, mean: float, correlation: float) -> NDArray[np.float64]:
    """Return the leak-through of a wave: the Beta quantile with that mean and correlation.

    The correlation is that between the fates of two munitions of the wave: the Beta has
    a + b = 1 / correlation - 1. A correlation of 0 is the plain mean.
    """
    if not (0 <= mean <= 1 and 0 <= correlation < 1):
        raise RiskModelError(f"a mean leak of {mean} with correlation {correlation}: give shares "
                             "from 0 to 1")
    level = np.asarray(u, float)
    if correlation == 0 or mean in (0.0, 1.0):
        return np.full(level.shape, float(mean))
    tightness = 1.0 / correlation - 1.0
    return quantiles.beta(level, mean * tightness, (1.0 - mean) * tightness)


def binomial(u: ArrayLike, n: ArrayLike, p: ArrayLike) -> NDArray[np.int64]:
    """Return the binomial count whose distribution function first reaches ``u``."""
    from scipy.stats import binom

    level, trials, chance = np.broadcast_arrays(
        np.asarray(u, float), np.asarray(n, np.int64), np.asarray(p, float))
    count = np.zeros(level.shape, np.int64)
    # most small waves leak nothing: they need no search
    some = (trials > 0) & (level > np.exp(trials * np.log1p(-np.minimum(chance, 1.0 - 1e-15))))
    count[some] = binom.ppf(level[some], trials[some], chance[some]).astype(np.int64)
    return count


def _check(weapons: int, chance: float) -> None:
    if weapons < 1 or not 0 <= chance <= 1:
        raise RiskModelError(f"{weapons} weapons and a chance of {chance}: give 1 or more weapons "
                             "and a chance from 0 to 1")
