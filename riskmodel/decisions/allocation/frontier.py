"""``frontier``: the least tail loss against one condition that is turned: cost, home, or spread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmodel.decisions.allocation.allocation import Allocation, program_of
from riskmodel.decisions.allocation.check import CHOSEN, FITTED, FRESH, measured, pick, year_losses
from riskmodel.decisions.allocation.cvar_program import (
    CvarProgram,
    CvarSplit,
    cvar_program,
    minimise_cvar,
)
from riskmodel.decisions.allocation.rows import Conditions, cost_of
from riskmodel.errors import RiskModelError
from riskmodel.measures.yeartable import one_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

ALONG = ("budget", "min_domestic", "max_share")
COLUMNS = ("lab", "along", "limit", "sample", "measure", "level", "value", "se", "low", "high",
           "unit", "n")
#: points of a frontier whose limits are not given
_POINTS = 7
#: ends of the band: 90 % of the redrawn years
BAND = (0.05, 0.95)
_Z90 = 1.6448536269514722


@dataclass(frozen=True, eq=False, repr=False)
class Frontier:
    """Best splits under a row of limits.

    Attributes
    ----------
    table : frame ``lab, along, limit, sample, measure, level, value, se, low, high, unit, n``
        ``measure`` is tvar, aal or cost, ``sample`` the fitted years or fresh ones. ``low`` and
        ``high`` of the fitted tvar are the 5 and 95 % points of the best value when the years are
        drawn again and the split is made anew on them; elsewhere 1.64 standard errors.
    splits : frame ``limit, candidate, mw``
    left_out : limit -> why no split keeps it
    what : the limit in words, with its unit
    """

    lab: str
    along: str
    what: str
    level: float
    table: pd.DataFrame
    splits: pd.DataFrame
    left_out: dict[float, str]

    def __repr__(self) -> str:
        return (f"Frontier({self.lab}, {self.what}, {self.table['limit'].nunique()} points, "
                f"{len(self.left_out)} left out)")


def frontier(found: Allocation, along: str = "budget", values: Sequence[float] | None = None, *,
             of: str = "", replicates: int | None = None) -> Frontier:
    """Turn one condition of an allocation and return the best split at each of its limits.

    The same years serve every point, so the points differ by the condition and not by chance.

    Parameters
    ----------
    along : "budget" (needs costs), "min_domestic" (the least share in the countries ``of``) or
        "max_share" (the most of one group of the dimension ``of``, such as grid_region)
    values : limits; seven between the cheapest split and the best one's cost, or from no share to
        all, if not given
    replicates : times the years are drawn again for the band; as in the allocation if not given

    Raises
    ------
    RiskModelError : there is no such condition, it needs what is not there, or no limit can be kept
    """
    one_of(along, ALONG, "along")
    turned = _turned(found, along, of)
    again = found.replicates if replicates is None else replicates
    limits = _limits(found, along) if values is None else [float(value) for value in values]
    if not limits:
        raise RiskModelError("values is empty; give limits, or leave it out")
    lines: list[tuple[Any, ...]] = []
    splits, left_out = [], {}
    for limit in limits:
        program = program_of(found.world, found.years, found.mw, found.level, found.existing,
                             turned(limit), found.price)
        try:
            best = minimise_cvar(program, start_years=found.split.years_used)
        except RiskModelError as error:
            if "keeps these together" not in str(error):
                raise
            left_out[limit] = str(error)
            continue
        lines += _lines(found, along, limit, best, _redrawn(found, program, best, again))
        splits.append(pd.DataFrame({"limit": limit, "candidate": list(found.candidates),
                                    "mw": best.mw}))
    if not lines:
        raise RiskModelError(f"no limit can be kept; the last: {left_out[limits[-1]]}")
    return Frontier(found.lab, along, _words(found, along, of), found.level,
                    pd.DataFrame(lines, columns=list(COLUMNS)),
                    pd.concat(splits, ignore_index=True), left_out)


def _turned(found: Allocation, along: str, of: str) -> Any:
    """Return the function that gives the conditions with the limit set."""
    given = found.conditions
    if along == "budget":
        if given.cost is None:
            raise RiskModelError("a frontier against cost needs costs: allocate(..., cost={...})")
        return lambda limit: replace(given, budget=limit)
    if not of:
        what = "countries: of='US'" if along == "min_domestic" else "dimension: of='grid_region'"
        raise RiskModelError(f"a frontier along {along} needs its {what}")

    def conditions(limit: float) -> Conditions:
        if along == "min_domestic":
            return replace(given, min_domestic={**given.min_domestic, of: limit})
        return replace(given, max_share={**given.max_share, of: limit})

    return conditions


def _limits(found: Allocation, along: str) -> list[float]:
    if along == "min_domestic":
        return [round(share, 3) for share in np.linspace(0.0, 1.0, _POINTS).tolist()]
    if along == "max_share":
        return [round(share, 3) for share in np.linspace(1.0 / _POINTS, 1.0, _POINTS).tolist()]
    free = replace(found.conditions, budget=None)
    cost = cost_of(found.world, found.candidates, free.cost)
    program = program_of(found.world, found.years, found.mw, found.level, found.existing, free,
                         found.price)
    dearest = float(cost @ minimise_cvar(program, start_years=found.split.years_used).mw)
    cheapest = float(cost @ minimise_cvar(cvar_program(
        program.unit_losses[:1], found.mw, caps=program.caps, rows=program.rows, cost=cost,
        tail_weight=0.0, names=program.names)).mw)
    # a hair above the cheapest, so that rounding leaves a split
    least = cheapest * (1 + 1e-6)
    return list(np.linspace(least, max(dearest, least), _POINTS).tolist())


def _redrawn(found: Allocation, program: CvarProgram, best: CvarSplit, replicates: int) -> Floats:
    """Return the least tail when years are drawn again and the split is made anew on them."""
    tails = []
    for number in range(replicates):
        weights = found.years.resampled(number)
        tails.append(minimise_cvar(replace(program, weights=weights / weights.sum()),
                                   start_years=best.years_used).cvar)
    return np.array(tails)


def _lines(found: Allocation, along: str, limit: float, best: CvarSplit,
           tails: Floats) -> list[tuple[Any, ...]]:
    lines = []
    samples = {FITTED: found.years} | ({FRESH: found.fresh} if found.fresh is not None else {})
    for sample, years in samples.items():
        lost = year_losses(years, {CHOSEN: best.mw}, found.mw, found.existing)
        summary = measured(found.lab, sample, years, {CHOSEN: lost[CHOSEN]}, found.level)
        for measure in ("tvar", "aal"):
            value, se = pick(summary, sample, CHOSEN, measure=measure)
            low, high = value - _Z90 * se, value + _Z90 * se
            if measure == "tvar" and sample == FITTED and tails.size:
                low, high = np.quantile(tails, BAND)
            lines.append((found.lab, along, limit, sample, measure,
                          found.level if measure == "tvar" else np.nan, value, se, float(low),
                          float(high), "MW-days" if measure == "tvar" else "MW-days/yr",
                          years.n_years))
    if found.conditions.cost is not None:
        cost = float(cost_of(found.world, found.candidates, found.conditions.cost) @ best.mw)
        lines.append((found.lab, along, limit, FITTED, "cost", np.nan, cost, 0.0, cost, cost,
                      found.conditions.cost_unit, found.years.n_years))
    return lines


def _words(found: Allocation, along: str, of: str) -> str:
    if along == "budget":
        return f"most spent, {found.conditions.cost_unit}"
    if along == "min_domestic":
        return f"least share in {of}"
    return f"most of one {of.replace('_', ' ')}, share"
