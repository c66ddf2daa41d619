"""K states of the world: the same graph under other rates, severities and holdings.

Year y of a run with K worlds runs in world y mod K, so every world has the same number of years,
or one more. A world's numbers are pure functions of (seed, "ignorance", peril, world, number): they
can be worked out again at any time and are not kept. World k of K has the numbers of world k of
any other K.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmodel.engine.kernel.layout import Rows
from riskmodel.engine.outages.streams import keyed_uniform
from riskmodel.engine.plan.plan import Plan, make_plan, replan
from riskmodel.engine.run.runner import BLOCK_YEARS, Span, blocks_of, run_block, run_task
from riskmodel.perils.ignorance import Input, draw, inputs, with_values
from riskmodel.world.attribution import DrawnHoldings, draw_holdings
from riskmodel.world.exposure import UNKNOWN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmodel.world.world import World

PURPOSE = "ignorance"
HOLDINGS = "holdings"
TASK_BLOCKS = 8  # blocks of one world that a task runs, so that it is compiled seldom


@dataclass(frozen=True, eq=False)
class Worlds:
    """What it takes to make any of the ``count`` worlds of a run.

    ``perils`` are those of the plan, in its order; ``unknown`` the inputs of all of them and
    ``values`` their draws, shape (count, inputs). ``base`` is the plan with every number at its
    best.
    """

    base: Plan
    count: int
    perils: tuple[Any, ...]
    unknown: tuple[Input, ...]
    values: NDArray[np.float64]
    holdings: DrawnHoldings

    def plan(self, number: int) -> Plan:
        """Compile world ``number``."""
        spec_of: dict[str, tuple[list[Input], list[float]]] = {}
        for each, value in zip(self.unknown, self.values[number].tolist(), strict=True):
            chosen, values = spec_of.setdefault(each.peril_id, ([], []))
            chosen.append(each)
            values.append(value)
        perils = [rebuilt(peril, *spec_of[peril.spec.peril_id])
                  if peril.spec.peril_id in spec_of else peril for peril in self.perils]
        return replan(self.base, perils, self.holdings.in_world(number))

    def capacity_mw(self) -> NDArray[np.float64]:
        """Return IT MW held, shape (worlds, labs)."""
        sites = self.base.world.sites
        mw = dict(zip(sites["site_id"], sites["it_mw"], strict=True))
        place = {lab: i for i, lab in enumerate(self.base.labs)}
        held = self.holdings
        power = np.nan_to_num(np.array([mw[site] for site in held.site_id], dtype=float))
        lab = np.zeros((len(held.lab_id), len(place)))
        lab[np.arange(len(held.lab_id)), [place[name] for name in held.lab_id]] = power
        return np.asarray(held.share @ lab)

    def years_of(self, number: int, years: int) -> int:
        """Return how many of the run's years world ``number`` has."""
        return (years - number + self.count - 1) // self.count

    def describe(self) -> dict[str, Any]:
        """Return what was drawn and what was not, for the manifest."""
        drawn: dict[str, int] = {}
        for each in self.unknown:
            drawn[each.peril_id] = drawn.get(each.peril_id, 0) + 1
        return {"numbers_drawn": drawn,
                "as_they_are": [peril.spec.peril_id for peril in self.perils
                                if peril.spec.peril_id not in drawn],
                "holdings_drawn": int((np.ptp(self.holdings.share, axis=0) > 0).sum())}


def make_worlds(world: World, perils: Sequence[Any], count: int, *, seed: int, horizon_h: float,
                cap_h: float) -> Worlds:
    """Draw ``count`` states of the world and compile what they share."""
    perils = tuple(sorted(perils, key=lambda peril: peril.spec.peril_id))
    held = draw_world_holdings(world, seed, count)
    spare = [lab for lab in held.lab_id if lab == UNKNOWN]
    base = make_plan(world, perils, seed=seed, horizon_h=horizon_h, cap_h=cap_h,
                     extra_labs=spare[:1])
    base = replace(base, hold_room=len(held.lab_id))
    unknown = unknown_numbers(perils)
    return Worlds(base, count, perils, unknown, draw_numbers(unknown, seed, count), held)


def draw_world_holdings(world: World, seed: int, count: int) -> DrawnHoldings:
    """Return who holds what in worlds 0 to ``count - 1``."""
    return draw_holdings(world, lambda names: _uniform(seed, count, HOLDINGS, names))


def unknown_numbers(perils: Sequence[Any]) -> tuple[Input, ...]:
    """Return the numbers that a state of the world may change, of every peril that allows it."""
    return tuple(each for peril in perils if can_rebuild(peril) for each in inputs(peril.spec))


def draw_numbers(unknown: Sequence[Input], seed: int, count: int) -> NDArray[np.float64]:
    """Return the value of every number in worlds 0 to ``count - 1``, shape (count, numbers)."""
    if not unknown:
        return np.zeros((count, 0))
    return draw(unknown, lambda stream, names: _uniform(seed, count, stream, names))


def can_rebuild(peril: Any) -> bool:
    """Tell whether a peril can be built anew from other numbers: a dataclass with a field spec."""
    return is_dataclass(peril) and not isinstance(peril, type) and any(
        field.name == "spec" and field.init for field in fields(peril))


def rebuilt(peril: Any, chosen: Sequence[Input], values: Sequence[float]) -> Any:
    """Return the peril with other numbers."""
    return replace(peril, spec=with_values(peril.spec, chosen, values))


def _uniform(seed: int, count: int, stream: str, names: Sequence[str]) -> NDArray[np.float64]:
    return keyed_uniform(seed, PURPOSE, stream, np.arange(count)[:, None], 0,
                         np.array(list(names), dtype=object)[None, :]).reshape(count, len(names))


# ---------------------------------------------------------------- running them


@dataclass(frozen=True)
class WorldPart:
    """Rows of some years of one world, and the names of their numbers."""

    rows: tuple[Rows, ...]
    event_ids: tuple[str, ...]
    regions: tuple[str, ...]


def tasks_of(worlds: Worlds, years: int) -> list[tuple[int, ...]]:
    """Return the tasks of a run: (world, first of its years, how many)."""
    step = TASK_BLOCKS * BLOCK_YEARS
    return [(number, first, min(step, worlds.years_of(number, years) - first))
            for number in range(worlds.count)
            for first in range(0, worlds.years_of(number, years), step)]


def run_world(shared: tuple[Worlds, tuple[Span, ...]], task: tuple[int, ...]) -> WorldPart:
    """Compile one world and run some of its years: one task of an executor."""
    worlds, spans = shared
    number, first, count = task
    plan = worlds.plan(number)
    end = first + count
    blocks = [run_block(plan, number + start * worlds.count, min(BLOCK_YEARS, end - start), spans,
                        worlds.count) for start in range(first, end, BLOCK_YEARS)]
    joined = tuple(join_rows([block[i] for block in blocks]) for i in range(len(spans)))
    return WorldPart(joined, plan.event_ids, plan.regions)


def how_to_run(states: Plan | Worlds, years: int
               ) -> tuple[Callable[[Any, Any], Any], list[tuple[int, ...]]]:
    """Return the function and the tasks of a run of one world or of several.

    The function takes (states, passes) and a task; a task ends with how many years it is.
    """
    if isinstance(states, Worlds):
        return run_world, tasks_of(states, years)
    return run_task, blocks_of(years)


def all_rows(states: Plan | Worlds, parts: Sequence[Any]
             ) -> tuple[Plan, Sequence[tuple[Rows, ...]]]:
    """Return what all tasks brought back, years rising, and the plan with the words behind it."""
    if isinstance(states, Plan):
        return states, parts
    plan, rows = in_year_order(states, parts)
    return plan, [rows]


def join_rows(parts: Sequence[Rows]) -> Rows:
    """Return the rows of several blocks as one; events are numbered through."""
    if len(parts) == 1:
        return parts[0]
    causes = np.concatenate([part.causes for part in parts])
    sizes = [len(part.events) for part in parts]
    shift = np.cumsum([0, *sizes[:-1]])
    causes["event"] += np.repeat(shift, [len(part.causes) for part in parts])
    return Rows(np.sum([part.count for part in parts], axis=0),
                np.concatenate([part.years for part in parts]), causes,
                np.concatenate([part.events for part in parts]),
                np.concatenate([part.adequacy for part in parts]),
                np.concatenate([part.courses for part in parts]))


def in_year_order(worlds: Worlds, parts: Sequence[WorldPart]) -> tuple[Plan, tuple[Rows, ...]]:
    """Join the worlds' rows by year; the plan returned names the events and regions of all."""
    base = worlds.base
    ids: dict[str, int] = {}
    ids.update((name, i) for i, name in enumerate(base.event_ids))
    for part in parts:
        if part.event_ids is not base.event_ids:
            for name in part.event_ids:
                ids.setdefault(name, len(ids))
    regions = tuple(sorted({*base.regions, *(name for part in parts for name in part.regions)}))
    region_at = {name: i for i, name in enumerate(regions)}
    passes = []
    for place in range(len(parts[0].rows)):
        renamed = [_renamed(part, place, base, ids, region_at) for part in parts]
        passes.append(_by_year(join_rows(renamed)))
    plan = replace(base, event_ids=tuple(ids), regions=regions, region_index=region_at)
    return plan, tuple(passes)


def _renamed(part: WorldPart, place: int, base: Plan, ids: dict[str, int],
             region_at: dict[str, int]) -> Rows:
    rows = part.rows[place]
    events = rows.events
    if len(events) and (part.event_ids != base.event_ids or len(region_at) != len(base.regions)
                        or part.regions != base.regions):
        events = events.copy()
        number = np.array([ids[name] for name in part.event_ids] or [0], dtype=np.int64)
        known = events["row"] >= 0
        events["row"][known] = number[events["row"][known]]
        region = np.array([region_at[name] for name in part.regions], dtype=np.int32)
        events["region"] = region[events["region"]]
    return rows._replace(events=events)


def _by_year(rows: Rows) -> Rows:
    """Return the rows with years rising; within a year they keep the order of the kernel."""
    event_order = np.argsort(rows.events["year"], kind="stable")
    new_place = np.empty(len(event_order), np.int64)
    new_place[event_order] = np.arange(len(event_order))
    causes = rows.causes.copy()
    cause_year = rows.events["year"][causes["event"]]
    causes["event"] = new_place[causes["event"]]
    return Rows(rows.count, rows.years[np.argsort(rows.years["year"], kind="stable")],
                causes[np.argsort(cause_year, kind="stable")], rows.events[event_order],
                rows.adequacy[np.argsort(rows.adequacy["year"], kind="stable")],
                rows.courses[np.argsort(rows.courses["year"], kind="stable")])


def numbers_in_worlds(world: World, *, worlds: int, seed: int,
                      perils: Sequence[Any] | str | None = None) -> pd.DataFrame:
    """Return the value of every unknown number in every world of a run with this seed.

    Nothing is simulated. Frame ``world, peril, number, value, best, unit``.
    """
    from riskmodel.perils.registry import load_perils

    unknown = unknown_numbers(load_perils(world, perils))
    values = draw_numbers(unknown, seed, worlds)
    each = np.tile(np.arange(len(unknown)), worlds)

    def column(name: str) -> np.ndarray:
        return np.array([getattr(one, name) for one in unknown])[each]

    return pd.DataFrame({"world": np.repeat(np.arange(worlds), len(unknown)),
                         "peril": column("peril_id"), "number": column("path"),
                         "value": values.ravel(), "best": column("best"),
                         "unit": column("unit")})
