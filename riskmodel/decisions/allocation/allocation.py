"""``allocate``: the split of capacity over candidate sites with the least tail loss."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmodel.decisions.allocation.check import (
    CHOSEN,
    EQUAL,
    FITTED,
    FRESH,
    Optimism,
    measured,
    optimism,
    year_losses,
)
from riskmodel.decisions.allocation.cvar_program import (
    CvarProgram,
    CvarSplit,
    cvar_program,
    minimise_cvar,
)
from riskmodel.decisions.allocation.infeasible_rows import refuse_clash
from riskmodel.decisions.allocation.linear_rows import Row, check_rows
from riskmodel.decisions.allocation.places import for_probes, places_of
from riskmodel.decisions.allocation.rows import Conditions, allocation_rows, caps_of, cost_of
from riskmodel.decisions.allocation.shadow_words import row_words, tail_words
from riskmodel.decisions.allocation.text import allocation_text
from riskmodel.decisions.allocation.years import (
    PlaceYears,
    check_asked,
    place_years,
    settings_of,
)
from riskmodel.engine.losses.losses import Losses
from riskmodel.engine.plan.planned import planned
from riskmodel.errors import RiskModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmodel.decisions.price.price import Price
    from riskmodel.world.world import World

    Floats = NDArray[np.float64]

#: the programme is solved to this part of its value, so that prices can be read off differences
_GAP = 1e-8
#: a condition within this part of the MW of its limit binds
_BINDS = 1e-6
#: room that is given to a binding row to see what it really gains, as a part of the MW
_STEP = 1e-3
ROWS = ("name", "used", "limit", "unit", "at_least", "binding", "shadow_price", "gain", "words")


@dataclass(frozen=True, eq=False, repr=False)
class Allocation:
    """A split, what it costs and saves, and what stands in its way.

    Attributes
    ----------
    table : frame ``candidate, region, mw, mw_low, mw_high, share, cap, cost, reduced_cost, tied``
        One row a candidate. ``mw_low`` and ``mw_high`` are the 5 and 95 % points of its MW when the
        years are drawn again (NaN where they were not); ``reduced_cost`` is what one MW forced
        there would add per MW (below 0 at a cap: what one MW more of cap would save); ``tied``
        says that it gets nothing and could get some at no cost.
    rows : frame ``name, used, limit, unit, at_least, binding, shadow_price, gain, words``
        ``shadow_price`` is what the objective falls by per unit of room (the dual), ``gain`` what
        it does fall by when solved again with a little more room; they differ where conditions are
        tied with one another. Both 0 where the row does not bind.
    summary : frame ``lab, sample, split, against, measure, level, value, se, unit, n``
        The chosen split, the equal one and the lab's own pattern ("as_is"), on the fitted and on
        fresh years, and their differences paired year by year.
    optimism : by how much the fitted years flatter the split
    notes : what else a reader must know
    """

    world: World
    lab: str
    mw: float
    level: float
    existing: bool
    conditions: Conditions
    price: Price | None
    years: PlaceYears
    fresh: PlaceYears | None
    split: CvarSplit
    replicates: int
    table: pd.DataFrame
    rows: pd.DataFrame
    summary: pd.DataFrame
    optimism: Optimism
    notes: tuple[str, ...]

    @property
    def candidates(self) -> tuple[str, ...]:
        """The site ids, in the order of the table."""
        return self.years.candidates

    @property
    def objective_unit(self) -> str:
        """Unit of the objective and, per unit of a row, of its shadow price."""
        return "MW-days" if self.price is None else f"{self.price.currency} a year"

    @property
    def objective_words(self) -> str:
        """What is minimised, in words."""
        if self.price is None:
            return f"the {tail_words(self.level)}"
        return "the cost of losses, risk capital and sites"

    def to_text(self, *, sites: bool = True) -> str:
        """Return the answer for people; without ``sites`` by region."""
        return allocation_text(self, sites=sites)

    def __repr__(self) -> str:
        used = int((self.table["mw"] > 0).sum())
        return (f"Allocation({self.lab}, {self.mw:g} MW over {used} of {len(self.table)} "
                f"candidates, tvar({self.level:g})={self.split.cvar:.4g} MW-days, "
                f"n_years={self.years.n_years})")


def allocate(world: World, lab: str, mw: float, candidates: Sequence[str] | str | None = None,
             level: float = 0.99, *, existing: bool = True, years: int = 20_000, seed: int = 0,
             losses: Losses | None = None, perils: Sequence[Any] | str | None = None,
             worlds: int = 1, caps: float | Mapping[str, float] | None = None,
             max_share: Mapping[str, float | Mapping[str, float]] | None = None,
             min_domestic: Mapping[str, float] | None = None, shares_of: str = "all",
             hub: str | tuple[float, float] | None = None, max_km: float | None = None,
             mean_km: float | None = None, cost: Mapping[str, float] | None = None,
             budget: float | None = None, cost_unit: str = "USD", rows: Sequence[Row] = (),
             price: Price | None = None, fresh: bool | Losses = True, replicates: int = 20,
             workers: int | None = None,
             progress: Callable[[int, int], None] | None = None) -> Allocation:
    """Return the split of ``mw`` over candidate sites with the least tail loss of a lab.

    A linear programme on simulated years: :mod:`riskmodel.decisions.allocation.cvar_program`. No
    peril asks how many MW stand at a site, so the losses of any split follow from one run, exactly.

    Parameters
    ----------
    candidates : site ids, also such where nothing runs yet, and grid regions, for which a probe is
        put up (:mod:`riskmodel.decisions.next_mw.candidates`); "regions" for one in every grid
        region; all sites of the world if not given
    level : of the tail: .99 minimises the mean of the worst year in 100
    existing : True keeps what the lab holds where it is and places ``mw`` beside it; False splits
        ``mw`` as if it were all the lab had
    years, seed, perils, worlds : the run, as in ``simulate``; or ``losses``, a run of this world
    caps, max_share, min_domestic, shares_of, hub, max_km, mean_km, cost, budget, cost_unit, rows :
        see :class:`riskmodel.decisions.allocation.rows.Conditions`
    price : minimise money a year in place of the tail: the price of average loss, plus the cost of
        risk capital on the tail, plus ``cost`` (then per MW and year)
    fresh : check the split on as many years of the next seed; False leaves that out; or losses of
        this world under another seed
    replicates : times the years are drawn again to see how far the split moves; 0 for none
    progress : called with (years done, years in all), once for each of the runs

    Raises
    ------
    RiskModelError
        Something named is not there; the years are too few for the level; or the conditions clash:
        the message then says which, and what would mend it.
    """
    given = Conditions(caps, dict(max_share or {}), dict(min_domestic or {}), shares_of, hub,
                       max_km, mean_km, cost, budget, cost_unit, tuple(rows))
    if not isinstance(mw, int | float) or not np.isfinite(mw) or not mw > 0:
        raise RiskModelError(f"mw is {mw!r}; give the MW to place, above 0")
    world, chosen, probes = places_of(world, candidates, frozen=losses is not None)
    given = for_probes(given, probes)
    settings: dict[str, Any] = {"years": years, "perils": perils, "worlds": worlds}
    if losses is not None:
        settings, seed = settings_of(losses), int(losses.manifest["seed"])
        settings["perils"] = settings["perils"] if perils is None else perils
    check_asked(world, lab, level, settings["years"])
    _refuse_early(world, lab, chosen, float(mw), existing, given)
    run = losses if losses is not None else planned(world, seed=seed, **settings)
    fitted = place_years(world, lab, chosen, run, seed, workers=workers, progress=progress)
    program = program_of(world, fitted, float(mw), level, existing, given, price)
    split = minimise_cvar(program, gap=_GAP)
    seen = None
    if fresh is not False:
        other = int(fresh.manifest["seed"]) if isinstance(fresh, Losses) else seed + 1
        if other == seed:
            raise RiskModelError("fresh years must not be the fitted ones: give losses of another "
                                 "seed")
        again = fresh if isinstance(fresh, Losses) else planned(world, seed=other, **settings)
        seen = place_years(world, lab, chosen, again, other, workers=workers, progress=progress)
    return _answer(world, lab, fitted, seen, split, existing, given, price, replicates)


def _refuse_early(world: World, lab: str, chosen: Sequence[str], mw: float, existing: bool,
                  conditions: Conditions) -> None:
    """Refuse conditions that are wrong or clash before the years are simulated."""
    held: dict[str, float] = {}
    if existing:
        rows_held = world.effective_holdings()
        mine = rows_held[rows_held["lab_id"] == lab]
        size = dict(zip(world.sites["site_id"], world.sites["it_mw"].fillna(0.0), strict=True))
        held = {site: float(share * size[site])
                for site, share in zip(mine["site_id"], mine["share"], strict=True)}
    cost_of(world, chosen, conditions.cost)
    rows = allocation_rows(world, chosen, mw, conditions, held)
    check_rows(rows, len(chosen))
    refuse_clash(rows, caps_of(chosen, mw, conditions.caps), mw, chosen)


def program_of(world: World, years: PlaceYears, mw: float, level: float, existing: bool,
               conditions: Conditions, price: Price | None = None, *,
               weights: Floats | None = None) -> CvarProgram:
    """Return the programme of a split on given years."""
    rows = allocation_rows(world, years.candidates, mw, conditions,
                           years.held if existing else None)
    return cvar_program(
        years.unit_losses, mw, level=level, rows=rows, year_weights=weights,
        caps=caps_of(years.candidates, mw, conditions.caps),
        existing=years.held_losses if existing else None, names=years.candidates,
        cost=None if price is None else cost_of(world, years.candidates, conditions.cost),
        tail_weight=1.0 if price is None else price.per_tvar_mw_day,
        aal_weight=0.0 if price is None else price.per_aal_mw_day)


def _answer(world: World, lab: str, years: PlaceYears, fresh: PlaceYears | None, split: CvarSplit,
            existing: bool, conditions: Conditions, price: Price | None,
            replicates: int) -> Allocation:
    program = split.program
    mw = {CHOSEN: split.mw, EQUAL: np.full(len(split.mw), program.mw / len(split.mw))}
    samples = {FITTED: years} | ({FRESH: fresh} if fresh is not None else {})
    lost = {name: year_losses(each, mw, program.mw, existing) for name, each in samples.items()}
    summary = pd.concat([measured(lab, name, each, lost[name], program.level)
                         for name, each in samples.items()], ignore_index=True)
    flattered = optimism(years, fresh, lost[FITTED], lost.get(FRESH, {}), program.level)
    again = [minimise_cvar(replace(program, weights=_scaled(years.resampled(number))),
                           start_years=split.years_used).mw for number in range(replicates)]
    found = Allocation(
        world, lab, program.mw, program.level, existing, conditions, price, years, fresh, split,
        replicates, _table(world, split, conditions, np.array(again)), pd.DataFrame(),
        summary, flattered, ())
    rows = _rows(split, found.objective_words, found.objective_unit)
    return replace(found, rows=rows, notes=_notes(found, mw[EQUAL]))


def _scaled(weights: Floats) -> Floats:
    return weights / weights.sum()


def _table(world: World, split: CvarSplit, conditions: Conditions, again: Floats) -> pd.DataFrame:
    program = split.program
    sites = world.sites.set_index("site_id").loc[list(program.names)]
    region = sites["grid_region"].where(sites["grid_region"] != "", sites["country_iso2"])
    low, high = (np.quantile(again, [0.05, 0.95], axis=0) if len(again)
                 else (np.full(len(split.mw), np.nan),) * 2)
    size = max(abs(split.objective) / program.mw, 1e-12)
    return pd.DataFrame({
        "candidate": list(program.names), "region": region.to_numpy(), "mw": split.mw,
        "mw_low": low, "mw_high": high, "share": split.mw / program.mw, "cap": program.caps,
        "cost": cost_of(world, program.names, conditions.cost), "reduced_cost": split.reduced_costs,
        "tied": (split.mw <= 0) & (np.abs(split.reduced_costs) < 1e-6 * size) & (program.caps > 0),
    })


def _rows(split: CvarSplit, what: str, unit: str) -> pd.DataFrame:
    program = split.program
    lines = []
    for number, (row, price) in enumerate(zip(program.rows, split.row_prices, strict=True)):
        used = row.used(split.mw)
        reach = float(np.abs(row.coefficients).max(initial=0.0)) * program.mw
        binding = abs(used - row.limit) <= _BINDS * max(reach, 1e-12)
        price = float(price) if price * reach > 1e-7 * abs(split.objective) else 0.0
        gain = _gain(split, number, reach) if binding and price > 0 else 0.0
        words = row_words(row, price, gain, what, unit) if binding else ""
        lines.append((row.name, used, row.limit, row.unit, row.at_least, binding, price, gain,
                      words))
    return pd.DataFrame(lines, columns=list(ROWS))


def _gain(split: CvarSplit, number: int, reach: float) -> float:
    """Return what a little more room in one row really saves, per unit of room."""
    program = split.program
    rows = list(program.rows)
    step = min(1.0, _STEP * program.mw) if rows[number].unit == "MW" else _STEP * reach
    room = -step if rows[number].at_least else step
    rows[number] = replace(rows[number], limit=rows[number].limit + room)
    looser = minimise_cvar(replace(program, rows=tuple(rows)), start_years=split.years_used,
                           gap=_GAP)
    return max(split.objective - looser.objective, 0.0) / step


def _notes(found: Allocation, equal: Floats) -> tuple[str, ...]:
    program, notes = found.split.program, []
    slack = _BINDS * program.mw
    broken = [row.name for row in program.rows if (
        row.limit - row.used(equal) if row.at_least else row.used(equal) - row.limit) > slack]
    if (equal > program.caps + slack).any():
        broken.append("the caps")
    if broken:
        notes.append(f"the equal split is there to compare: it breaks {'; '.join(broken)}")
    if program.rows and found.years.held_mw > 0:
        notes.append("growth where the lab is today is there to compare: no condition was asked of "
                     "it")
    if found.years.held_mw <= 0:
        notes.append(f"{found.lab} holds nothing today: there is no pattern of its own to compare")
    if found.table["tied"].any():
        tied = found.table.loc[found.table["tied"], "candidate"].tolist()
        notes.append(f"not the only best split: {len(tied)} candidates without capacity could take "
                     "some at no cost")
    if found.fresh is None:
        notes.append("not checked on fresh years: the tail of the fitted years flatters the split")
    elif found.optimism.clear:
        notes.append("the fitted years flatter the split more than chance explains: read its "
                     "figures on fresh years")
    return tuple(notes)
