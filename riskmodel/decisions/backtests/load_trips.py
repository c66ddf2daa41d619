"""Data centres leaving the grid at once: how often, and how large the largest.

The number is Poisson over the Jeffreys posterior of what had been seen; sizes are lognormal above
the smallest that is reported.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskmodel.perils import quantiles

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmodel.decisions.backtests.draws import Draws
    from riskmodel.decisions.backtests.frozen import Frozen
    from riskmodel.world.world import World


def forecast(frozen: Frozen, world: World, draws: Draws) -> dict[str, NDArray[np.float64]]:
    """Return the predicted number of trips and the MW of the largest (0 where none), shape (n,)."""
    from scipy.special import ndtri

    years = frozen.given("years")
    mean = frozen.draw(draws("rate"), "rate_per_yr") * years
    count = quantiles.poisson(draws("count"), mean)
    median = frozen.draw(draws("median"), "size_median_mw")
    sigma = frozen.draw(draws("sigma"), "size_sigma")
    # the largest of N is the quantile at u^(1/N)
    with np.errstate(divide="ignore"):
        level = np.where(count > 0, draws("largest") ** (1.0 / np.maximum(count, 1)), 0.5)
    largest = np.where(count > 0, median * np.exp(sigma * ndtri(level)), 0.0)
    return {"trips": count.astype(float), "largest_mw": largest}
