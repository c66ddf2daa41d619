"""Annual measures of something that a lab loses each year, in its own unit.

A year loss may be H100-equivalent days, FLOP or days of a run as well as MW-days: the measures,
their errors and the bands of ignorance are the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from riskmodel.engine.losses.losses import YEARS_COLUMNS, Losses
from riskmodel.errors import RiskModelError
from riskmodel.measures.measure import LEVELS, RETURN_PERIODS, UNITS, measure
from riskmodel.measures.worldspread import years_of_worlds

Floats = NDArray[np.float64]
#: measures that a year total has; the others ask for single events or for calendar years
MEASURES = ("capacity", "aal", "aal_share", "p_loss", "aep", "var", "tvar")


def annual_measures(losses: Losses, of_year: Floats, capacity: Floats, unit: str, *,
                    capacity_unit: str, by: str = "lab",
                    measures: Iterable[str] | str = ("aal", "tvar"),
                    return_periods: ArrayLike = RETURN_PERIODS, levels: ArrayLike = LEVELS
                    ) -> pd.DataFrame:
    """Return :func:`riskmodel.measures.measure.measure` of year losses in any unit.

    Parameters
    ----------
    of_year : what each lab of ``losses`` lost in each year, shape (n_years, labs)
    capacity : what it holds, per day, in each state of the world, shape (worlds, labs)
    unit, capacity_unit : of a loss and of capacity, such as "H100e-days" and "H100e"
    by : "lab", or "total" (all labs together, summed year by year first)

    Raises
    ------
    RiskModelError : the shapes do not fit, or a measure that year totals do not have
    """
    wanted = [measures] if isinstance(measures, str) else list(measures)
    for name in wanted:
        if name not in MEASURES:
            raise RiskModelError(f"annual_measures: year totals have no {name!r}; give some of "
                                 f"{', '.join(MEASURES)}")
    shape, held = (losses.n_years, len(losses.labs)), (losses.worlds, len(losses.labs))
    if of_year.shape != shape or capacity.shape != held:
        raise RiskModelError(f"annual_measures: of_year has shape {of_year.shape} and capacity "
                             f"{capacity.shape}; give {shape} and {held}")
    frame = measure(as_losses(losses, of_year, capacity), by, wanted, return_periods, levels)
    names = {"MW-days": unit, "MW": capacity_unit}
    return frame.assign(unit=[names.get(UNITS[m], UNITS[m]) for m in frame["measure"]])


def as_losses(losses: Losses, of_year: Floats, capacity: Floats) -> Losses:
    """Return losses whose years and capacity are these, whatever their unit; no events."""
    year, lab = np.nonzero(of_year)
    years = pd.DataFrame({"year": year, "lab": np.array(losses.labs, dtype=object)[lab],
                          "lost_mw_days": of_year[year, lab]})
    for name in YEARS_COLUMNS[3:]:
        years[name] = np.nan
    counts = years_of_worlds(losses.n_years, losses.worlds)
    mean = counts @ capacity / losses.n_years
    return replace(
        losses, years=years[list(YEARS_COLUMNS)], causes=losses.causes.iloc[:0],
        events=losses.events.iloc[:0], adequacy=None, capacity_mw=mean,
        world_capacity_mw=capacity if losses.worlds > 1 else None, plan=None)
