"""How long the trend needs to make up for lost compute: months, with growth as distributions.

    months = 12 ln(1 / (1 - f)) / ln g

with g the growth a year of compute alone, or of compute times algorithmic progress. Both growths
are lognormal with 2.5 and 97.5 % points at their low and high numbers (of the halving time, for
algorithms); the answer's value is at their best numbers and its bounds are its 2.5 and 97.5 %
points, worked out by quadrature, not drawn.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from riskmodel.compute.inputs import Band, band, read_inputs
from riskmodel.errors import RiskModelError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from riskmodel.world.world import World

    Floats = NDArray[np.float64]

_Z975 = 1.959963984540054
_GRID = 4001
LOW, HIGH = 0.025, 0.975


@dataclass(frozen=True)
class Growth:
    """Growth of compute (times a year) and the halving time of algorithms (months)."""

    compute_per_yr: Band
    halving_months: Band
    hardware_per_yr: Band

    def __post_init__(self) -> None:
        for name, least in (("compute_per_yr", 1.0), ("halving_months", 0.0),
                            ("hardware_per_yr", 1.0)):
            given = getattr(self, name)
            if not least < given.low <= given.best <= given.high < math.inf:
                raise RiskModelError(f"Growth: {name} is {tuple(given)}; give low, best, high in "
                                     f"order, above {least:g}")

    @property
    def algorithms_per_yr(self) -> float:
        """Return the best growth of algorithms, times a year."""
        return 2.0 ** (12.0 / self.halving_months.best)

    def rate(self, algorithms: bool) -> float:
        """Return the best continuous growth rate, 1/yr: of compute, or of effective compute."""
        own = math.log(self.compute_per_yr.best)
        return own + math.log(self.algorithms_per_yr) if algorithms else own

    def rate_quantiles(self, algorithms: bool, levels: ArrayLike) -> Floats:
        """Return quantiles of the continuous growth rate, 1/yr."""
        from scipy.special import ndtr, ndtri

        at = np.atleast_1d(np.asarray(levels, dtype=float))
        middle, spread = _log_normal(self.compute_per_yr)  # ln g is itself normal
        if not algorithms:
            return np.asarray(middle + spread * ndtri(at))
        share = (np.arange(_GRID) + 0.5) / _GRID
        half, width = _log_normal(self.halving_months)
        added = 12.0 * math.log(2.0) / np.exp(half + width * ndtri(share))
        if spread == 0.0:
            return np.asarray(middle + np.quantile(added, at))
        from scipy.optimize import brentq

        low, high = middle - 9 * spread, middle + 9 * spread + float(added.max())
        return np.array([brentq(lambda z, p=p: float(ndtr((z - added - middle) / spread).mean())
                                - p, low, high, xtol=1e-12) for p in at])


def read_growth(world: World | None = None) -> Growth:
    """Return growth of compute, algorithms and hardware from ``compute/scaling.toml``."""
    data = read_inputs("scaling", world)
    return Growth(band(data, "growth", "compute_per_yr"),
                  band(data, "growth", "algorithm_halving_months"),
                  band(data, "growth", "hardware_per_yr"))


def trend_months(fraction_lost: ArrayLike, growth: Growth, *, algorithms: bool
                 ) -> tuple[Floats, Floats, Floats]:
    """Return how many months of the trend a lost fraction of compute is: value, low, high.

    ``algorithms`` counts their progress as growth too. NaN where nothing is left.
    """
    lost = np.atleast_1d(np.asarray(fraction_lost, dtype=float))
    if (lost < 0).any():
        raise RiskModelError("fraction_lost must not be negative")
    doublings = -np.log1p(-np.where(lost < 1.0, lost, np.nan))
    slow, fast = growth.rate_quantiles(algorithms, [LOW, HIGH])
    return (12.0 * doublings / growth.rate(algorithms), 12.0 * doublings / fast,
            12.0 * doublings / max(float(slow), 1e-12))


def longest_sensible_run_months(*growth_per_yr: float) -> float:
    """Return 12 over the sum of continuous growth rates: past it, starting later ends sooner.

    A run that an outage pushes past this had better start again on newer hardware (Epoch AI).
    """
    if not growth_per_yr or not all(g > 1 for g in growth_per_yr):
        raise RiskModelError("give growths above 1, times a year")
    return 12.0 / sum(math.log(g) for g in growth_per_yr)


def _log_normal(given: Band) -> tuple[float, float]:
    """Return mean and standard deviation of the logarithm from a 95 % interval."""
    low, high = math.log(given.low), math.log(given.high)
    return (low + high) / 2, (high - low) / (2 * _Z975)
