"""Means with less variance: antithetic pairs and a control variate.

For trials of one's own, beside the engine's; both are in Ross (Simulation, chapter on variance
reduction) and Owen (2013, Monte Carlo theory, methods and examples, chapter 8).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from riskmodel.errors import RiskModelError


class Reduced(NamedTuple):
    """A mean, its standard error, and how many plain trials one trial is worth."""

    value: float
    se: float
    worth: float


def antithetic(values: ArrayLike, mirrored: ArrayLike) -> Reduced:
    """Return the mean of trials drawn in pairs: from u, and from 1 - u.

    ``values`` and ``mirrored`` have one element a pair; a pair counts as two trials.
    """
    one, two = _same_length(values, mirrored)
    pairs = (one + two) / 2
    return _reduced(pairs, float(np.concatenate([one, two]).var(ddof=1)) / 2)


def control_variate(values: ArrayLike, control: ArrayLike, control_mean: float) -> Reduced:
    """Return the mean of trials, freed of what a control with a known mean explains.

    The coefficient is that of the regression of ``values`` on ``control``.
    """
    one, two = _same_length(values, control)
    spread = float(two.var(ddof=1))
    if spread == 0:
        raise RiskModelError("control_variate: the control is the same in every trial; it explains "
                             "nothing")
    slope = float(np.cov(one, two)[0, 1]) / spread
    return _reduced(one - slope * (two - control_mean), float(one.var(ddof=1)))


def _same_length(one: ArrayLike, two: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    first, second = np.asarray(one, dtype=float), np.asarray(two, dtype=float)
    if first.shape != second.shape or first.ndim != 1 or first.size < 3:
        raise RiskModelError(f"variance reduction needs two equally long rows of 3 trials or more; "
                             f"got shapes {first.shape} and {second.shape}")
    return first, second


def _reduced(trials: np.ndarray, plain: float) -> Reduced:
    spread = float(trials.var(ddof=1))
    return Reduced(float(trials.mean()), float(np.sqrt(spread / trials.size)),
                   plain / spread if spread > 0 else float("inf"))
