"""Which ranks the simulated years can tell apart.

Every pair is compared under common draws: the difference over its standard error, paired year by
year, against a normal distribution. All pairs together are one family, and Holm's step-down rule
(1979) keeps the chance of a single false verdict among them at 5 % at most; it holds for the best
in these years as for any other. The ranks that an entry may have are then those that no verdict
forbids: as many as are surely better stand before it, as many as are surely worse behind it
(Mogstad, Romano, Shaikh and Wilhelm 2024, Inference for Ranks, Review of Economic Studies).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskmodel.errors import RiskModelError
from riskmodel.measures import worldspread as ws

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

CHANCE = 0.05
COLUMNS = ("rank", "rank_low", "rank_high", "tied_with_best", "tied_with_next", "to_best",
           "to_best_se", "to_next", "to_next_se")


def standard_errors(per_year: Floats, worlds: int = 1) -> Floats:
    """Return the standard error of the mean of each column, shape (columns,).

    ``per_year`` has shape (years, columns); year y is of world y mod ``worlds``, and with several
    worlds these are clusters. NaN for a single year.
    """
    n, width = per_year.shape
    if n < 2:
        return np.full(width, np.nan)
    if worlds == 1:
        return np.asarray(per_year.std(axis=0, ddof=1) / np.sqrt(n))
    of = ws.YearValues(np.arange(n) % worlds, np.zeros(n), ws.years_of_worlds(n, worlds))
    return np.array([np.sqrt(ws.pooled_variance(of, per_year[:, column]))
                     for column in range(width)])


def rank_table(per_year: Floats, *, low_is_good: bool = True, worlds: int = 1,
               chance: float = CHANCE) -> pd.DataFrame:
    """Rank the means of columns, and say which ranks are not significant.

    Parameters
    ----------
    per_year : shape (years, columns), the columns under common draws. The mean of a column is what
        is ranked; where that is no mean of years (a tail mean, a ratio), its influence values with
        that mean. Columns with a NaN are left without rank.
    low_is_good : rank 1 is the smallest mean, else the largest
    worlds : states of the world, clusters of years

    Returns
    -------
    frame, a row a column: ``rank`` (1 is the best; equal means in the order of the columns),
    ``rank_low`` and ``rank_high`` the ranks that it may have, ``tied_with_best`` and
    ``tied_with_next`` where the difference is not significant, ``to_best`` and ``to_next`` mean
    differences to the best and to the next in rank (positive where the other is better, and where
    the next is worse), each with its ``se``

    Raises
    ------
    RiskModelError : not two-dimensional
    """
    values = np.asarray(per_year, dtype=float)
    if values.ndim != 2:
        raise RiskModelError(f"rank_table: per_year has {values.ndim} axes; give (years, columns)")
    out = pd.DataFrame({name: np.full(values.shape[1], np.nan) for name in COLUMNS})
    out[["tied_with_best", "tied_with_next"]] = False
    known = np.flatnonzero(np.isfinite(values).all(axis=0))
    if not len(known):
        return out
    values = values[:, known] if low_is_good else -values[:, known]
    mean = values.mean(axis=0)
    order = np.argsort(mean, kind="stable")
    values, mean = values[:, order], mean[order]
    size = len(order)
    apart, error = np.zeros((size, size)), np.zeros((size, size))
    for i in range(size - 1):
        gap = values[:, i + 1:] - values[:, [i]]
        apart[i, i + 1:] = gap.mean(axis=0)
        error[i, i + 1:] = standard_errors(gap, worlds)
    worse = _verdicts(apart, error, chance)  # worse[i, j]: j, behind i in these years, surely is
    nexts = np.arange(size - 1)
    found = pd.DataFrame({
        "rank": np.arange(size) + 1.0,
        "rank_low": 1.0 + worse.sum(axis=0), "rank_high": size - 1.0 * worse.sum(axis=1),
        "tied_with_best": ~worse[0], "tied_with_next": [*~worse[nexts, nexts + 1], False],
        "to_best": apart[0], "to_best_se": error[0],
        "to_next": [*apart[nexts, nexts + 1], np.nan],
        "to_next_se": [*error[nexts, nexts + 1], np.nan]})
    out.loc[known[order]] = found[list(COLUMNS)].to_numpy(dtype=object)
    flags = ["tied_with_best", "tied_with_next"]
    return out.astype({name: bool if name in flags else float for name in COLUMNS})


def _verdicts(apart: Floats, error: Floats, chance: float) -> NDArray[np.bool_]:
    """Return which differences above the diagonal are significant together, by Holm's rule."""
    from scipy.special import log_ndtr

    size = len(apart)
    above = np.triu_indices(size, 1)
    gap, se = apart[above], error[above]
    with np.errstate(divide="ignore", invalid="ignore"):
        score = np.where(se > 0, gap / se, np.where(gap > 0, np.inf, 0.0))
    score = np.where(np.isfinite(se), score, 0.0)  # a single year tells nothing
    surprise = np.log(2.0) + log_ndtr(-score)  # log of the two-sided probability
    order = np.argsort(surprise, kind="stable")
    bound = np.log(chance) - np.log(len(order) - np.arange(len(order)))
    passed = np.logical_and.accumulate(surprise[order] <= bound)
    out = np.zeros((size, size), dtype=bool)
    out[above[0][order[passed]], above[1][order[passed]]] = True
    return out
