"""Euler's split: every cause's part of a measure, with its standard error; the parts add up.

AAL is additive. TVaR gives each cause its mean over the years of the tail of what is explained
(co-TVaR); years that tie at VaR share the tail evenly. A cause with tail mean ``c`` and mean ``m``
in the years around VaR has the variance ``[Var(X | tail) + level (c - m)^2] / (n (1 - level))``, of
which the error of TVaR itself is the case X = L.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riskmodel.errors import BeyondSpanWarning
from riskmodel.measures import estimators as est
from riskmodel.measures import weighted
from riskmodel.measures.yeartable import TOTAL, Floats


@dataclass(frozen=True, eq=False)
class Explained:
    """The measure of one lab, or of all together, that is to be split.

    Attributes
    ----------
    years, totals : the years with a loss, rising, and the loss of each
    weights : the weight of each of them in the measure, by ``count``: weights @ totals / count is
        the measure
    measure : "aal", "tvar" or "total" ; n_years : years simulated
    """

    years: NDArray
    totals: Floats
    weights: Floats
    count: float
    measure: str
    n_years: int
    drawn: Floats | None = None  # weight of each of the years as it was drawn; None: all 1

    @property
    def value(self) -> float:
        """The measure, in MW-days."""
        return float((self.weights * self.totals).sum()) / self.count if self.totals.size else 0.0


def explained(years: NDArray, totals: Floats, n_years: int, measure: str,
              level: float | None = None, drawn: Floats | None = None) -> Explained:
    """Weigh the years for a measure; a level beyond the span warns, and gives NaN.

    ``drawn`` holds the weights of the years where they carry weights.
    """
    if measure == TOTAL:
        weights, count = np.ones(totals.size), 1.0
    elif measure == "aal":
        weights, count = np.ones(totals.size) if drawn is None else drawn, float(n_years)
    else:
        assert level is not None
        count = float(est.tail_count_of_level(n_years, level)[0])
        held = (count >= 1 if drawn is None
                else weighted.sample(totals, drawn, n_years).holds(count))
        if not held:
            warnings.warn(f"level {level:g} lies beyond the span of {n_years} simulated years: "
                          "the answer is NaN. Simulate more years, or ask for less.",
                          BeyondSpanWarning, stacklevel=3)
            weights = np.full(totals.size, np.nan)
        else:
            weights = (est.tail_weights(totals, n_years, count) if drawn is None
                       else weighted.tail_parts(totals, drawn, n_years, count))
    return Explained(years, totals, weights, count, measure, n_years, drawn)


def split(of: Explained, year: NDArray, group: NDArray, lost: Floats, groups: int
          ) -> tuple[Floats, Floats]:
    """Return the part of each group and its standard error, shape (groups,) each.

    Parameters
    ----------
    year, group, lost : one element a row: a year of ``of.years``, the number of its cause, and the
        MW-days; the rows of a year add up to its total
    """
    # one cell per year and cause: errors need the year as the unit
    place = np.searchsorted(of.years, year)
    cell, cell_of = np.unique(place * max(groups, 1) + group, return_inverse=True)
    amount = np.asarray(np.bincount(cell_of, weights=lost, minlength=cell.size), dtype=float)
    cell_year, cell_group = cell // max(groups, 1), cell % max(groups, 1)

    def sums(values: Floats) -> Floats:
        return np.asarray(np.bincount(cell_group, weights=values, minlength=groups), dtype=float)

    part, count = of.weights[cell_year], of.count
    value = sums(part * amount) / count
    if of.measure == TOTAL:
        return value, np.zeros(groups)
    if of.measure == "aal":
        square = sums((part * amount)**2) - count * value**2
        error = (np.sqrt(np.maximum(square, 0.0) / (count - 1) / count) if count > 1
                 else np.full(groups, np.nan))
        return value, error
    if of.drawn is not None:
        return value, _weighted_error(of, sums, cell_year, amount, value)
    near = est.near_edge_weights(of.totals, of.n_years, count)
    at_edge = sums(near[cell_year] * amount)
    variance = np.maximum(sums(part * amount**2) / count - value**2, 0.0)
    tail = np.ceil(count)
    variance *= tail / max(tail - 1, 1)
    spread = variance + (1 - count / of.n_years) * (value - at_edge) ** 2
    return value, np.sqrt(spread / count) if tail > 1 else np.full(groups, np.nan)


def _weighted_error(of: Explained, sums: Callable[[Floats], Floats], cell_year: NDArray,
                    amount: Floats, value: Floats) -> Floats:
    """Return the standard errors of tail parts under weights: the spread of the year's influence
    ``m + w (X - m) / (1 - level)``, which with weights of 1 is the variance above."""
    assert of.drawn is not None
    near = weighted.near_edge_parts(of.totals, of.drawn, of.n_years, of.count)
    middle = sums(near[cell_year] * amount)
    square = of.weights**2
    spread = (sums(square[cell_year] * amount**2) - 2 * middle * sums(square[cell_year] * amount)
              + middle**2 * square.sum()) * of.n_years / of.count**2 - (value - middle) ** 2
    years = float(of.weights.sum()) ** 2 / float(square.sum()) if square.sum() > 0 else 0.0
    if not years > 1:
        return np.full(value.shape, np.nan)
    return np.sqrt(np.maximum(spread, 0.0) / of.n_years * years / (years - 1))
