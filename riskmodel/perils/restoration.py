"""How service comes back: the share restored by a time, and the loss until then.

One curve a shape, all with the same three questions: ``restored(time)``, ``time_to(share)`` and
``loss(until)``, the resilience loss of Bruneau and others 2003 (Earthquake Spectra 19), the area
over the curve. Times and losses are in whatever unit the curve's own parameters are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from riskmodel.errors import RiskModelError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


class Restoration(Protocol):
    """A curve of service coming back after a loss at time 0."""

    def restored(self, time: ArrayLike) -> NDArray[np.float64]:
        """Return the share of what was lost that is back by each time, 0-1."""
        ...

    def time_to(self, share: ArrayLike) -> NDArray[np.float64]:
        """Return the time by which that share of what was lost is back; infinite if never."""
        ...

    def loss(self, until: float = np.inf) -> float:
        """Return the integral of the service still missing, from 0 to ``until``: share x time."""
        ...


@dataclass(frozen=True)
class NormalRestoration:
    """Repair times are normal: the usual form for damaged substations, mean and deviation.

    What the normal law puts before time 0 counts as never lost.
    """

    mean: float
    deviation: float
    lost: float = 1.0

    def __post_init__(self) -> None:
        _check("NormalRestoration", self.lost, mean=self.mean, deviation=self.deviation)

    def restored(self, time: ArrayLike) -> NDArray[np.float64]:
        """Return the share of what was lost that is back by each time, 0-1."""
        from scipy.special import ndtr

        return ndtr((np.asarray(time, float) - self.mean) / self.deviation)

    def time_to(self, share: ArrayLike) -> NDArray[np.float64]:
        """Return the time by which that share of what was lost is back, at least 0."""
        from scipy.special import ndtri

        return np.maximum(0.0, self.mean + self.deviation * ndtri(np.asarray(share, float)))

    def loss(self, until: float = np.inf) -> float:
        """Return the integral of the service still missing, from 0 to ``until``: share x time."""
        return self.lost * self.deviation * float(
            _above(-self.mean / self.deviation) - _above((until - self.mean) / self.deviation))


@dataclass(frozen=True)
class LognormalRestoration:
    """Repair times are lognormal: what a peril's lognormal durations are over many customers."""

    median: float
    sigma: float
    lost: float = 1.0

    def __post_init__(self) -> None:
        _check("LognormalRestoration", self.lost, median=self.median, sigma=self.sigma)

    def restored(self, time: ArrayLike) -> NDArray[np.float64]:
        """Return the share of what was lost that is back by each time, 0-1."""
        from scipy.special import ndtr

        t = np.maximum(np.asarray(time, float), 1e-300)
        return ndtr(np.log(t / self.median) / self.sigma)

    def time_to(self, share: ArrayLike) -> NDArray[np.float64]:
        """Return the time by which that share of what was lost is back."""
        from scipy.special import ndtri

        return self.median * np.exp(self.sigma * ndtri(np.asarray(share, float)))

    def loss(self, until: float = np.inf) -> float:
        """Return the integral of the service still missing, from 0 to ``until``: share x time."""
        from scipy.special import ndtr

        mean = self.median * np.exp(self.sigma**2 / 2)
        if until == np.inf:
            return self.lost * float(mean)
        z = np.log(max(until, 1e-300) / self.median) / self.sigma
        return self.lost * float(mean * ndtr(z - self.sigma) + until * ndtr(-z))


@dataclass(frozen=True)
class LinearRestoration:
    """What was lost comes back evenly over a length of time."""

    length: float
    lost: float = 1.0

    def __post_init__(self) -> None:
        _check("LinearRestoration", self.lost, length=self.length)

    def restored(self, time: ArrayLike) -> NDArray[np.float64]:
        """Return the share of what was lost that is back by each time, 0-1."""
        return np.clip(np.asarray(time, float) / self.length, 0.0, 1.0)

    def time_to(self, share: ArrayLike) -> NDArray[np.float64]:
        """Return the time by which that share of what was lost is back."""
        return self.length * np.asarray(share, float)

    def loss(self, until: float = np.inf) -> float:
        """Return the integral of the service still missing, from 0 to ``until``: share x time."""
        t = min(max(until, 0.0), self.length)
        return self.lost * t * (1.0 - 0.5 * t / self.length)


@dataclass(frozen=True)
class ExponentialRestoration:
    """What is still missing falls by the same share in the same time: quick at first, a long tail.

    ``tau`` is the time after which 1/e of it is missing.
    """

    tau: float
    lost: float = 1.0

    def __post_init__(self) -> None:
        _check("ExponentialRestoration", self.lost, tau=self.tau)

    def restored(self, time: ArrayLike) -> NDArray[np.float64]:
        """Return the share of what was lost that is back by each time, 0-1."""
        return -np.expm1(-np.maximum(np.asarray(time, float), 0.0) / self.tau)

    def time_to(self, share: ArrayLike) -> NDArray[np.float64]:
        """Return the time by which that share of what was lost is back; all of it never is."""
        with np.errstate(divide="ignore"):
            return -self.tau * np.log1p(-np.asarray(share, float))

    def loss(self, until: float = np.inf) -> float:
        """Return the integral of the service still missing, from 0 to ``until``: share x time."""
        return self.lost * self.tau * -float(np.expm1(-max(until, 0.0) / self.tau))


def _above(z: float) -> float:
    """Return the integral from z to infinity of the standard normal's upper tail."""
    from scipy.special import ndtr

    if z == np.inf:
        return 0.0
    return float(np.exp(-0.5 * z * z) / np.sqrt(2.0 * np.pi) - z * ndtr(-z))


def _check(name: str, lost: float, **positive: float) -> None:
    for key, value in positive.items():
        if not 0 < value < np.inf:
            raise RiskModelError(f"{name}: {key} is {value}; give a finite number above 0")
    if not 0 <= lost <= 1:
        raise RiskModelError(f"{name}: lost is {lost}; give the share of the service, 0 to 1")
