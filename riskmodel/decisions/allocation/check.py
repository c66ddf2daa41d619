"""A split beside simpler ones, on the years it was fitted to and on fresh years.

The best split of a sample is best for that sample: its tail mean there flatters it. On years that
it has never seen it can only be as good as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskmodel.decisions.allocation.years import PlaceYears
from riskmodel.measures import estimators as est
from riskmodel.measures.influence import tail_influence
from riskmodel.measures.weighted_tail import weighted_tail

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

CHOSEN, EQUAL, AS_IS = "chosen", "equal", "as_is"
SPLITS = (CHOSEN, EQUAL, AS_IS)
FITTED, FRESH = "fitted", "fresh"
COLUMNS = ("lab", "sample", "split", "against", "measure", "level", "value", "se", "unit", "n")
#: a difference below so many standard errors is not told from chance
CLEAR = 2.0


@dataclass(frozen=True)
class Optimism:
    """By how much the fitted years flatter the chosen split (MW-days of TVaR).

    ``value`` is its TVaR on fresh years less that on the fitted ones, with what the other splits
    say of the two samples taken off (they were not fitted, so whatever moves them is a matter of
    luck): a regression on them as control variates. NaN without fresh years.
    """

    value: float
    se: float

    @property
    def clear(self) -> bool:
        """Whether it stands out from chance."""
        return bool(self.value > CLEAR * self.se)


def year_losses(years: PlaceYears, mw: Mapping[str, Floats], total: float,
                existing: bool) -> dict[str, Floats]:
    """Return the year losses of each split, and of the lab's own pattern where it holds something.

    ``mw`` maps the name of a split to MW at each candidate; ``existing`` adds what the lab keeps.
    """
    kept = years.held_losses if existing else np.zeros(years.n_years)
    found = {name: kept + years.unit_losses @ split for name, split in mw.items()}
    if years.held_mw > 0:
        found[AS_IS] = kept + years.held_losses * (total / years.held_mw)
    return found


def measured(lab: str, sample: str, years: PlaceYears, losses: Mapping[str, Floats],
             level: float) -> pd.DataFrame:
    """Return TVaR, VaR and AAL of each split, and paired differences of TVaR and AAL.

    Returns
    -------
    frame ``lab, sample, split, against, measure, level, value, se, unit, n``
        ``against`` names the split whose measure is taken off; differences are paired year by year.
    """
    weights = np.full(years.n_years, 1.0 / years.n_years)
    tails = {name: weighted_tail(lost, weights, level) for name, lost in losses.items()}
    spread = {name: tail_influence(lost, level)[1] for name, lost in losses.items()}
    rows: list[tuple[object, ...]] = []

    def add(split: str, against: str, measure: str, at: float, value: float, se: float) -> None:
        unit = "MW-days/yr" if measure == "aal" else "MW-days"
        rows.append((lab, sample, split, against, measure, at, value, se, unit, years.n_years))

    for name, lost in losses.items():
        add(name, "", "tvar", level, tails[name].cvar, years.se(spread[name]))
        count = est.tail_count_of_level(years.n_years, level)
        add(name, "", "var", level, tails[name].var,
            float(est.quantile_se(lost, years.n_years, count)[0]))
        add(name, "", "aal", np.nan, float(lost.mean()), years.se(lost))
    for one, other in combinations(losses, 2):
        add(one, other, "tvar", level, tails[one].cvar - tails[other].cvar,
            years.se(spread[one] - spread[other]))
        add(one, other, "aal", np.nan, float((losses[one] - losses[other]).mean()),
            years.se(losses[one] - losses[other]))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def pick(summary: pd.DataFrame, sample: str, split: str, against: str = "",
         measure: str = "tvar") -> tuple[float, float]:
    """Return value and standard error of one line of ``measured``; NaN where there is none."""
    row = summary[(summary["sample"] == sample) & (summary["split"] == split)
                  & (summary["against"] == against) & (summary["measure"] == measure)]
    if not len(row):
        return np.nan, np.nan
    return float(row["value"].iloc[0]), float(row["se"].iloc[0])


def optimism(fitted: PlaceYears, fresh: PlaceYears | None, on_fitted: Mapping[str, Floats],
             on_fresh: Mapping[str, Floats], level: float) -> Optimism:
    """Return by how much the fitted years flatter the chosen split."""
    if fresh is None:
        return Optimism(np.nan, np.nan)
    samples = [{name: tail_influence(lost, level)[1] for name, lost in losses.items()}
               for losses in (on_fitted, on_fresh)]
    controls = [name for name in samples[0] if name != CHOSEN and name in samples[1]]
    centred = [{name: each - each.mean() for name, each in sample.items()} for sample in samples]
    left = np.vstack([np.column_stack([c[name] for name in controls]) for c in centred])
    right = np.concatenate([c[CHOSEN] for c in centred])
    slope = np.linalg.lstsq(left, right, rcond=None)[0]
    rest = [sample[CHOSEN] - sum(b * sample[name] for b, name in zip(slope, controls, strict=True))
            for sample in samples]
    return Optimism(float(rest[1].mean() - rest[0].mean()),
                    float(np.hypot(fitted.se(rest[0]), fresh.se(rest[1]))))
