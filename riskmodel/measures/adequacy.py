"""Adequacy of a generating system: exact and simulated indices side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskmodel.engine.outages.given import KeyedBlock
from riskmodel.engine.outages.streams import check_seed
from riskmodel.errors import RiskModelError
from riskmodel.perils.adequacy.convolution import INDICES, exact_indices
from riskmodel.perils.adequacy.files import read_generating_system
from riskmodel.perils.adequacy.sequential import shortages, yearly_indices

if TYPE_CHECKING:
    from pathlib import Path

    from riskmodel.perils.adequacy.systems import GeneratingSystem

#: years held at a time
BLOCK = 5_000
STREAM = "adequacy_curtailment"


def simulated_years(system: GeneratingSystem, years: int, seed: int = 0) -> pd.DataFrame:
    """Return the indices of every simulated year, one row a year (see ``yearly_indices``)."""
    if isinstance(years, bool) or not isinstance(years, (int, np.integer)) or years < 1:
        raise RiskModelError(f"years is {years!r}; give a whole number above 0")
    seed = check_seed(seed)
    parts = []
    for first in range(0, int(years), BLOCK):
        span = np.arange(first, min(first + BLOCK, int(years)), dtype=np.int64)
        block = KeyedBlock(span, float(len(system.load_mw)), seed, STREAM)
        parts.append(yearly_indices(system, shortages(system, block), span))
    return pd.concat(parts, ignore_index=True)


def adequacy_indices(system: GeneratingSystem | str | Path, *, years: int = 20_000,
                     seed: int = 0) -> pd.DataFrame:
    """Return a system's adequacy indices: published, exact, and simulated with standard errors.

    Parameters
    ----------
    system : a generating system, the name of one that ships (``rts79``, ``rbts``), or a TOML file
    years : simulated years
    seed : one whole number; the same seed gives the same answer

    Returns
    -------
    frame, one row an index (``lole``, ``loee``, ``lole_days``, ``lolp_peak``, ``lolf``,
    ``lolf_hourly``, ``shortfall_h``, ``curtailed``; meanings in ``exact_indices``) with columns
    ``system, measure, unit, published, exact, value, se, sd, n, z``: ``value`` is the simulated
    mean, ``se`` its standard error, ``sd`` the standard deviation of one year, ``n`` the years and
    ``z`` = (value - exact) / se. What is not known is NaN. The error of ``shortfall_h``, a ratio of
    two means, is the delta method's.
    """
    if not hasattr(system, "units"):
        system = read_generating_system(system)  # type: ignore[arg-type]
    exact = exact_indices(system)  # type: ignore[arg-type]
    drawn = simulated_years(system, years, seed)  # type: ignore[arg-type]
    rows = []
    for measure, unit in INDICES.items():
        value, sd = _mean_sd(drawn, measure)
        se = sd / np.sqrt(len(drawn))
        rows.append({
            "system": system.system_id,  # type: ignore[union-attr]
            "measure": measure, "unit": unit,
            "published": system.published.get(measure, np.nan),  # type: ignore[union-attr]
            "exact": exact[measure], "value": value, "se": se, "sd": sd, "n": len(drawn),
            "z": (value - exact[measure]) / se if se > 0 else np.nan})
    return pd.DataFrame(rows)


def _mean_sd(drawn: pd.DataFrame, measure: str) -> tuple[float, float]:
    """Return the mean over the years and the standard deviation of one year."""
    many = len(drawn) > 1
    if measure in drawn:
        return float(drawn[measure].mean()), float(drawn[measure].std()) if many else np.nan
    events = float(drawn["lolf"].mean())
    if events == 0:
        return np.nan, np.nan
    ratio = float(drawn["lole"].mean()) / events
    spread = (drawn["lole"] - ratio * drawn["lolf"]) / events
    return ratio, float(spread.std()) if many else np.nan
