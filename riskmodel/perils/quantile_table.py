"""Quantile functions that are costly to work out, read off a table instead.

A quantile is drawn as log odds (or the logarithm) over the log odds of ``u``: a function without a
corner and nearly straight at both ends. Polynomials through Chebyshev nodes, one for each short
stretch, follow it to about 14 digits, and each table is checked between its nodes; far out, and for
shapes that a table does not follow, the exact function is asked.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

#: log odds of ``u`` that a table reaches, the width of a stretch, and its polynomial's degree
REACH, WIDTH, DEGREE = 12.0, 0.25, 10
#: largest relative error that a table may show between its nodes
TOLERANCE = 3e-13
#: a shape below this bends too sharply
LEAST_SHAPE = 0.05


class Table:
    """A smooth function of the log odds of ``u``, by stretches."""

    def __init__(self, exact: Callable[[Floats], Floats]) -> None:
        """Take the function's values from ``exact``, of log odds between -REACH and REACH."""
        count = round(2 * REACH / WIDTH)
        middle = -REACH + WIDTH * (np.arange(count) + 0.5)
        node = np.cos(np.pi * (np.arange(DEGREE + 1) + 0.5) / (DEGREE + 1))
        values = exact((middle[:, None] + 0.5 * WIDTH * node[None, :]).ravel())
        powers = np.vander(node, DEGREE + 1, increasing=True)
        self.coefficients = np.ascontiguousarray(
            np.linalg.solve(powers, values.reshape(count, DEGREE + 1).T))
        between = (middle[:, None] + 0.5 * WIDTH * np.array([-0.97, -0.31, 0.43, 0.9])).ravel()
        self.error = float(np.abs(self(between) - exact(between)).max())

    def __call__(self, odds: Floats) -> Floats:
        """Return the function at log odds within the reach."""
        place = (odds + REACH) * (1.0 / WIDTH)
        stretch = np.minimum(place.astype(np.int64), self.coefficients.shape[1] - 1)
        x = 2.0 * (place - stretch) - 1.0
        found = self.coefficients[DEGREE][stretch]
        for power in range(DEGREE - 1, -1, -1):
            found *= x
            found += self.coefficients[power][stretch]
        return found


def beta(u: Floats, a: float, b: float) -> Floats | None:
    """Return Beta(a, b) quantiles of uniforms in (0, 1); None where no table follows that shape."""
    from scipy.special import betaincinv

    if not (LEAST_SHAPE <= a <= 1e4 and LEAST_SHAPE <= b <= 1e4):
        return None
    table = _beta_table(float(a), float(b))
    if table is None:
        return None
    odds = _odds(u)
    found = table(np.clip(odds, -REACH, REACH))
    found = 1.0 / (1.0 + np.exp(-found))
    far = np.flatnonzero(np.abs(odds) > REACH)
    if len(far):
        found[far] = betaincinv(a, b, u[far])
    return found


def gamma(u: Floats, shape: float) -> Floats | None:
    """Return gamma quantiles of scale 1; None where no table follows that shape."""
    from scipy.special import gammaincinv

    if not LEAST_SHAPE <= shape <= 1e4:
        return None
    table = _gamma_table(float(shape))
    if table is None:
        return None
    odds = _odds(u)
    found = np.exp(table(np.clip(odds, -REACH, REACH)))
    far = np.flatnonzero(np.abs(odds) > REACH)
    if len(far):
        found[far] = gammaincinv(shape, u[far])
    return found


def _odds(u: Floats) -> Floats:
    with np.errstate(divide="ignore"):  # 0 and 1 are far out, where the exact function is asked
        return np.asarray(np.log(u / (1.0 - u)))


@lru_cache(maxsize=512)
def _beta_table(a: float, b: float) -> Table | None:
    from scipy.special import betaincinv, expit

    def exact(odds: Floats) -> Floats:
        low, high = np.empty_like(odds), np.empty_like(odds)
        left = odds <= 0  # each half from its own end, where a small chance is told in full
        low[left] = betaincinv(a, b, expit(odds[left]))
        high[left] = 1.0 - low[left]
        high[~left] = betaincinv(b, a, expit(-odds[~left]))
        low[~left] = 1.0 - high[~left]
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(low) - np.log(high))

    return _checked(exact)


@lru_cache(maxsize=512)
def _gamma_table(shape: float) -> Table | None:
    from scipy.special import expit, gammainccinv, gammaincinv

    def exact(odds: Floats) -> Floats:
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(np.where(
                odds <= 0, gammaincinv(shape, expit(np.minimum(odds, 0.0))),
                gammainccinv(shape, expit(-np.maximum(odds, 0.0))))))

    return _checked(exact)


def _checked(exact: Callable[[Floats], Floats]) -> Table | None:
    with np.errstate(invalid="ignore", over="ignore"):
        table = Table(exact)
    return table if table.error < TOLERANCE else None
