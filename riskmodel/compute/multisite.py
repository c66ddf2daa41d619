"""Availability of a run over independent sites that are up or down: closed forms."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskmodel.errors import RiskModelError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


class RunAvailability(NamedTuple):
    """How often the run goes on, and the share of it that works on average."""

    running: float
    live_share: float


def run_availability(availability: ArrayLike, k: int, shares: ArrayLike | None = None
                     ) -> RunAvailability:
    """Return how a run over independent sites fares that needs ``k`` of them up.

    Parameters
    ----------
    availability : of each site, shape (sites,)
    k : sites that must be up: all for a rigid run, 1 for an elastic one
    shares : of the run at each site, adding up to 1; equal where not given

    Returns
    -------
    ``running``, P(at least k up), and ``live_share``, E[share up; at least k up]: of a rigid run
    both are the product of availabilities, the live share of an elastic one is the weighted mean.

    Raises
    ------
    RiskModelError : k, a probability or the shares are out of bounds
    """
    a = np.atleast_1d(np.asarray(availability, dtype=float))
    s = np.full(a.size, 1.0 / a.size) if shares is None else np.asarray(shares, dtype=float)
    if not ((a >= 0) & (a <= 1)).all():
        raise RiskModelError("run_availability: availabilities are from 0 to 1")
    if s.shape != a.shape or (s < 0).any() or abs(float(s.sum()) - 1.0) > 1e-9:
        raise RiskModelError("run_availability: give a share for each site, adding up to 1")
    if not 1 <= k <= a.size:
        raise RiskModelError(f"run_availability: k is {k} of {a.size} sites; give 1 to {a.size}")
    live = sum(s[i] * a[i] * float(_up(np.delete(a, i))[k - 1:].sum()) for i in range(a.size))
    return RunAvailability(float(_up(a)[k:].sum()), float(live))


def _up(a: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the distribution of how many of independent sites are up."""
    law = np.array([1.0])
    for each in a:
        law = np.convolve(law, [1.0 - each, each])
    return law
