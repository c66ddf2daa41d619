"""How far a lab's sites fail apart from each other, seen in simulated years.

Three answers about the year losses ``L_i`` of a lab's sites and their sum, occurrence booking:

- ``diversification_ratio``: sum of the sites' standard deviations over that of the sum (Choueifaty
  and Coignard 2008). 1 where all move as one.
- ``independent_bets``: its square, the number of equal independent risks with that ratio; n sites
  alike with correlation rho give n / (1 + (n - 1) rho).
- ``tail_benefit``: 1 - TVaR(sum) / sum of TVaR(L_i): 0 where the bad years of all sites coincide.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskmodel.engine.losses.courses import Courses, site_courses
from riskmodel.engine.losses.losses import Losses
from riskmodel.engine.outages.rare_years import refuse_weighted
from riskmodel.engine.plan.held import held_mw
from riskmodel.errors import RiskModelError
from riskmodel.measures import estimators as est
from riskmodel.measures.influence import paired_se, tail_influence
from riskmodel.measures.yeartable import TOTAL, one_of, require_annual

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csc_array

    from riskmodel.world.world import World

    Floats = NDArray[np.float64]
    Batch = NDArray[np.int64] | None

MEASURES = ("diversification_ratio", "independent_bets", "tail_benefit")
COLUMNS = ("lab", "measure", "level", "value", "se", "unit", "n", "sites")
_UNITS = {"independent_bets": "risks"}


def independent_bets(losses: Losses, lab: str | None = None, level: float = 0.99, *,
                     courses: Courses | None = None,
                     world: World | None = None) -> pd.DataFrame:
    """Return how far the sites of each lab fail apart from each other.

    Parameters
    ----------
    lab : a lab, or ``total``; every lab with capacity, and the total, if not given.
    level : probability of the TVaR in the tail benefit.
    courses : of all sites, occurrence booking, where they are there already; else the years of
        ``losses`` are run again.
    world : the world of the losses, where they were read from a folder.

    Returns
    -------
    frame ``lab, measure, level, value, se, unit, n, sites``
        ``n`` counts years, ``sites`` those that lost anything in them. NaN where the lab lost
        nothing, and for a tail of less than one year.

    Raises
    ------
    RiskModelError : there is no such lab, the losses are no years, or courses of another booking.
    """
    require_annual(losses, "independent_bets")
    refuse_weighted(losses, "independent_bets")
    names = [TOTAL, *losses.labs]
    wanted = ([one_of(lab, names, "lab")] if lab is not None else
              [TOTAL, *(name for name, mw in zip(losses.labs, losses.capacity_mw, strict=True)
                        if mw > 0)])
    if courses is None:
        courses = site_courses(losses, world=world)
    if courses.booking != "occurrence" or courses.n_years != losses.n_years:
        raise RiskModelError("independent_bets reads courses of the same years in occurrence "
                             "booking; give site_courses(losses), or none")
    unit = courses.unit_losses()
    # years of one world have its numbers in common
    batch = np.arange(losses.n_years) % losses.worlds if losses.worlds > 1 else None
    rows = []
    for name in wanted:
        mw = held_mw(losses, None if name == TOTAL else name, courses.sites, world=world)
        found = _measured(_site_losses(unit, mw), level, batch)
        rows += [{"lab": name, "measure": measure,
                  "level": level if measure == "tail_benefit" else np.nan,
                  "value": value, "se": se, "unit": _UNITS.get(measure, "1"),
                  "n": losses.n_years, "sites": found.sites}
                 for measure, (value, se) in found.values.items()]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _site_losses(unit: csc_array, mw: Floats) -> csc_array:
    """Return year losses by site, MW-days, of sites that lost anything; shape (years, sites)."""
    cells = unit.tocoo()
    data = cells.data * mw[cells.row % len(mw), cells.col]
    from scipy.sparse import csc_array

    losses = csc_array((data, (cells.row, cells.col)), shape=unit.shape)
    losses.eliminate_zeros()
    return losses[:, np.diff(losses.indptr) > 0]


@dataclass(frozen=True)
class _Found:
    values: dict[str, tuple[float, float]]
    sites: int


def _measured(losses: csc_array, level: float, batch: Batch = None) -> _Found:
    n, sites = losses.shape
    nothing = dict.fromkeys(MEASURES, (np.nan, np.nan))
    if sites == 0 or n < 2:
        return _Found(nothing, sites)
    together = np.asarray(losses.sum(axis=1)).ravel()
    ratio, error = _ratio(losses, together, batch)
    return _Found({"diversification_ratio": (ratio, error),
                   "independent_bets": (ratio**2, 2 * ratio * error),
                   "tail_benefit": _tail_benefit(losses, together, level, batch)}, sites)


def _ratio(losses: csc_array, together: Floats, batch: Batch = None) -> tuple[float, float]:
    """Return sum of standard deviations over the one of the sum, and its error.

    The error is that of the influence of each year: a year moves a standard deviation s by
    ((loss - mean)^2 - s^2) / 2s.
    """
    n = len(together)
    mean = np.asarray(losses.sum(axis=0)).ravel() / n
    square = np.asarray((losses * losses).sum(axis=0)).ravel() / n
    sd = np.sqrt(np.maximum(square - mean**2, 0.0))
    whole = float(together.std())
    if not (whole > 0 and (sd > 0).all()):
        return np.nan, np.nan
    apart = float(sd.sum())
    # sum over sites of (loss - mean)^2 / 2s, with what a year without loss gives taken first
    moved = (losses * losses) @ (1 / (2 * sd)) - losses @ (mean / sd)
    moved = moved + float((mean**2 / (2 * sd)).sum()) - apart / 2
    base = ((together - together.mean()) ** 2 - whole**2) / (2 * whole)
    influence = (moved - apart / whole * base) / whole
    return apart / whole, paired_se(influence, np.zeros(n), batch)


def _tail_benefit(losses: csc_array, together: Floats, level: float,
                  batch: Batch = None) -> tuple[float, float]:
    """Return 1 - TVaR of the sum / sum of TVaRs, and its error.

    A year moves a TVaR by its q + max(loss - q, 0) / (1 - level), q the VaR.
    """
    n = len(together)
    count = est.tail_count_of_level(n, level)
    if count[0] < 1:
        return np.nan, np.nan
    apart, moved = 0.0, np.zeros(n)
    for site in range(losses.shape[1]):
        part = slice(losses.indptr[site], losses.indptr[site + 1])
        mine = losses.data[part]
        edge = float(est.quantile(mine, n, count)[0])
        apart += float(est.tail_mean(mine, n, count)[0])
        moved += edge
        moved[losses.indices[part]] += np.maximum(mine - edge, 0.0) / (1 - level)
    if not apart > 0:
        return np.nan, np.nan
    whole, base = tail_influence(together, level)
    influence = (base - whole / apart * moved) / apart
    return 1 - whole / apart, paired_se(influence, np.zeros(n), batch)
