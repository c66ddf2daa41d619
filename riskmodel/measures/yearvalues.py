"""Year values: one number a simulated year, whose mean over the years is a measure.

Of the AAL they are the year losses, of TVaR the influence of each year
(``riskmodel.measures.influence``): the mean is the measure, the spread its standard error. So any
weighting of several runs under common draws, such as a difference, has the error of the mean of the
same weighting of their year values: paired, year by year.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskmodel.errors import RiskModelError
from riskmodel.measures.influence import tail_influence
from riskmodel.measures.yeartable import Floats, require_annual, year_totals

if TYPE_CHECKING:
    from riskmodel.engine.losses.losses import Losses


def year_values(losses: Losses, lab: str | None, measure: str = "aal",
                level: float | None = None) -> Floats:
    """Return the year values of a lab's AAL or TVaR, or of all labs' (None), shape (n_years,).

    Raises
    ------
    RiskModelError : a story, an unknown lab, or a level that these years cannot hold
    """
    require_annual(losses, measure)
    years, lost = year_totals(losses, lab)
    value = np.zeros(losses.n_years)
    value[np.asarray(years, dtype=np.int64)] = lost
    if measure == "aal":
        return value
    if level is None or not 0 < level < 1:
        raise RiskModelError(f"level is {level}; TVaR needs a probability such as 0.99")
    tvar, values = tail_influence(value, level)
    if np.isnan(tvar):
        raise RiskModelError(f"{losses.n_years} years cannot hold the level {level:g}; simulate "
                             "more years, or ask for less")
    return values


def mean_and_se(values: Floats, worlds: int = 1) -> tuple[Floats, Floats]:
    """Return the mean over the last axis, the years, and its standard error.

    With several ``worlds`` year y ran in world y mod ``worlds``; years of one world share its
    numbers, so the error is that of the mean of the worlds' means. NaN of one year, or one world.
    """
    mean = values.mean(axis=-1)
    if worlds > 1:
        values = np.stack([values[..., each::worlds].mean(axis=-1) for each in range(worlds)], -1)
    n = values.shape[-1]
    error = (values.std(axis=-1, ddof=1) / np.sqrt(n) if n > 1
             else np.full(values.shape[:-1], np.nan))
    return mean, error
