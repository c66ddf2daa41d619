"""The tail of weighted years: VaR, CVaR, and which years make the tail.

CVaR here is the tail mean of :mod:`riskmodel.measures.estimators` (TVaR), with a weight a year.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
#: weights add up with rounding: a boundary within this part of the tail counts as reached
_ROUNDING = 1e-12


class Tail(NamedTuple):
    """The worst ``1 - level`` of the years.

    ``var`` is the loss of the boundary year and ``cvar`` the mean of the tail. ``years`` are the
    positions of the years in the tail, worst first, and ``parts`` how much of the tail each is;
    they add up to 1.
    """

    var: float
    cvar: float
    years: NDArray[np.int64]
    parts: Floats


def weighted_tail(losses: Floats, weights: Floats, level: float) -> Tail:
    """Return the tail of years that weigh ``weights`` (they add up to 1).

    The boundary year counts with the part of it that is left over, so that CVaR is
    ``min over a of a + E[(L - a)+] / (1 - level)``, also where an atom sits at VaR (Rockafellar
    and Uryasev 2002, Journal of Banking and Finance 26). Losses may have any sign.
    """
    order = np.argsort(-losses, kind="stable")
    beyond = np.cumsum(weights[order])
    share = 1.0 - level
    last = int(np.searchsorted(beyond, share * (1.0 - _ROUNDING)))
    last = min(last, len(order) - 1)
    years = order[:last + 1]
    parts = weights[years].astype(float)
    parts[-1] = max(share - (beyond[last - 1] if last else 0.0), 0.0)
    parts /= parts.sum()
    inside = parts > 0
    years, parts = years[inside], parts[inside]
    return Tail(float(losses[years[-1]]), float(parts @ losses[years]), years.astype(np.int64),
                parts)
