"""Checkpoints and goodput: what faults of its own chips cost a run, and how often to save.

Faults are Poisson with mean ``mttf`` M. A run works for an interval tau, saves for delta, and after
a fault needs R to restart, in which it may fail again. A segment then takes on average

    E[T] = M exp(R / M) (exp((tau + delta) / M) - 1)

and goodput is tau / E[T]: exact, not Young's approximation (Daly 2006, Future Generation Computer
Systems 22). All times in hours.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from riskmodel.errors import RiskModelError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

HOURS_PER_DAY = 24.0
CHIPS_PER_NODE = 8


def goodput(interval_h: ArrayLike, write_h: float, mttf_h: ArrayLike, restart_h: float) -> Floats:
    """Return the share of time that becomes progress, exact for Poisson faults.

    Parameters
    ----------
    interval_h : work between checkpoints ; write_h : pause to save ; restart_h : after a fault
    mttf_h : mean time between faults of the whole run
    """
    tau, mttf = np.asarray(interval_h, dtype=float), np.asarray(mttf_h, dtype=float)
    _check(interval_h=tau, mttf_h=mttf)
    _check(0.0, write_h=write_h, restart_h=restart_h)
    with np.errstate(over="ignore"):
        time = mttf * np.exp(restart_h / mttf) * np.expm1((tau + write_h) / mttf)
    return np.asarray(tau / time)


def young_interval(write_h: float, mttf_h: float) -> float:
    """Return Young's interval: the root of 2 delta M."""
    _check(write_h=write_h, mttf_h=mttf_h)
    return math.sqrt(2.0 * write_h * mttf_h)


def daly_interval(write_h: float, mttf_h: float) -> float:
    """Return Daly's higher-order interval; M where saving takes 2 M or more."""
    _check(write_h=write_h, mttf_h=mttf_h)
    if write_h >= 2.0 * mttf_h:
        return mttf_h
    ratio = write_h / (2.0 * mttf_h)
    return math.sqrt(2.0 * write_h * mttf_h) * (1.0 + math.sqrt(ratio) / 3.0 + ratio / 9.0) \
        - write_h


def best_interval(write_h: float, mttf_h: float) -> float:
    """Return the interval of most goodput: ``M (1 + W(-exp(-delta / M - 1)))``, exact.

    W is the upper branch of Lambert's function; the restart time does not matter.
    """
    from scipy.special import lambertw

    _check(write_h=write_h, mttf_h=mttf_h)
    return float(mttf_h * (1.0 + lambertw(-math.exp(-write_h / mttf_h - 1.0)).real))


def hours_between_faults(nodes: ArrayLike, failures_per_1000_node_days: float) -> Floats:
    """Return the mean time between faults of a run over so many nodes: it falls as 1 / size."""
    count = np.asarray(nodes, dtype=float)
    _check(nodes=count, failures_per_1000_node_days=failures_per_1000_node_days)
    return np.asarray(HOURS_PER_DAY * 1000.0 / (count * failures_per_1000_node_days))


def hours_between_faults_of_chips(chips: ArrayLike, failures_per_1000_node_days: float,
                                  chips_per_node: int = CHIPS_PER_NODE) -> Floats:
    """Return the mean time between faults of a run over so many chips."""
    return hours_between_faults(np.asarray(chips, dtype=float) / chips_per_node,
                                failures_per_1000_node_days)


def node_failure_rate(failures: float, days: float, chips: float,
                      chips_per_node: int = CHIPS_PER_NODE) -> float:
    """Return failures per 1,000 node-days from a count."""
    _check(failures=failures, days=days, chips=chips)
    return failures / (days * chips / chips_per_node) * 1000.0


def ettr_approximation(nodes: ArrayLike, failures_per_1000_node_days: float, *, init_h: float,
                       write_h: float, interval_h: float) -> Floats:
    """Return Meta's approximation of the effective training time ratio (HPCA 2025).

    ``(1 - N r (u + dt / 2)) / (1 + w / dt)``; below 0 where the run fails faster than it restarts:
    it is an expansion for few faults, :func:`goodput` is exact.
    """
    count = np.asarray(nodes, dtype=float)
    _check(nodes=count, interval_h=interval_h)
    rate_per_h = failures_per_1000_node_days / 1000.0 / HOURS_PER_DAY
    return np.asarray((1.0 - count * rate_per_h * (init_h + interval_h / 2.0))
                      / (1.0 + write_h / interval_h))


def work_lost_per_fault_h(interval_h: float, write_h: float) -> float:
    """Return the mean wall time since the last checkpoint at a fault at any moment."""
    _check(0.0, interval_h=interval_h, write_h=write_h)
    return (interval_h + write_h) / 2.0


def stalled_by_control_plane(window_h: ArrayLike, mttf_h: float) -> tuple[Floats, Floats]:
    """Return the chance that a window without restarts stops a job, and the mean hours it waits.

    A job that faults in the window waits to its end: probability ``1 - exp(-w / M)``, mean wait
    ``w - M (1 - exp(-w / M))``, over all jobs.
    """
    window = np.asarray(window_h, dtype=float)
    _check(0.0, window_h=window)
    _check(mttf_h=mttf_h)
    stopped = -np.expm1(-window / mttf_h)
    return np.asarray(stopped), np.asarray(window - mttf_h * stopped)


def _check(least: float | None = None, **values: ArrayLike) -> None:
    """Refuse what is not above 0, or not 0 or more where ``least`` is 0."""
    for name, value in values.items():
        given = np.asarray(value, dtype=float)
        bad = ~np.isfinite(given) | (given < 0 if least == 0.0 else given <= 0)
        if bad.any():
            what = "0 or more" if least == 0.0 else "above 0"
            raise RiskModelError(f"{name} is {value!r}; give a finite number {what}")
