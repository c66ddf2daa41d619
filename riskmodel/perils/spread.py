"""What low, best and high say together: a distribution of a number that is not known.

Low, best and high are its 5, 50 and 95 % points. Where low is above 0 the logarithm is split
normal about the best (a lognormal of its own on either side), else the number itself is; tails
end at 2.5 standard deviations, which is where a stated band stops meaning anything. A rate that
was counted has the Jeffreys Gamma posterior of its count instead, a chance with hits and trials
the Beta.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from riskmodel.perils.posterior import Z95_ONE_SIDED

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

TAIL_SD = 2.5


def spread_quantile(number: Mapping[str, Any], u: ArrayLike,
                    u_exposure: ArrayLike | None = None) -> NDArray[np.float64]:
    """Return the value of a number of a peril's file at the probabilities ``u``.

    ``u_exposure`` places the exposure of a count whose exposure is itself a judgement; without it
    the exposure is taken at its best.
    """
    from scipy.special import betaincinv, gammaincinv, ndtri

    level = np.asarray(u, dtype=float)
    if "hits" in number:
        hits, trials = float(number["hits"]), float(number["trials"])
        return np.asarray(betaincinv(hits + 0.5, trials - hits + 0.5, level))
    if "count" in number:
        exposure = float(number["exposure"])
        factor = float(number.get("exposure_factor", 1.0))
        off = (np.zeros(level.shape) if u_exposure is None
               else ndtri(np.asarray(u_exposure, dtype=float)) * math.log(factor) / Z95_ONE_SIDED)
        return np.asarray(gammaincinv(number["count"] + 0.5, level) / exposure * np.exp(-off))
    low, best, high = (float(number[key]) for key in ("low", "best", "high"))
    if low == high:
        return np.full(level.shape, best)
    # a truncated normal, stretched so that its 5 and 95 % points stay where they are stated
    cut = ndtri_to_p(TAIL_SD)
    z = ndtri(cut + level * (1.0 - 2.0 * cut)) / -ndtri(cut + 0.05 * (1.0 - 2.0 * cut))
    if low > 0:
        up, down = math.log(high / best), math.log(best / low)
        value = best * np.exp(np.where(z > 0, z * up, z * down))
    else:
        value = best + np.where(z > 0, z * (high - best), z * (best - low))
    top = 1.0 if is_share(number) else np.inf
    return np.clip(value, 0.0 if low >= 0 else -np.inf, top)


def is_share(number: Mapping[str, Any]) -> bool:
    """Tell whether a number is a share or a chance, which ends at 1."""
    return str(number.get("unit", "")).split()[0] in ("share", "probability") or str(
        number.get("unit")) == "per launch"


def ndtri_to_p(sd: float) -> float:
    """Return the chance of a standard normal below minus ``sd``."""
    return 0.5 * math.erfc(sd / math.sqrt(2.0))
