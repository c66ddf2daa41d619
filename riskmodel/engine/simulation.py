"""``simulate``: years of disruption, and what every lab loses in each."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from riskmodel.engine.kernel.layout import Rows
from riskmodel.engine.losses import Losses
from riskmodel.engine.manifest import describe_run
from riskmodel.engine.plan import Plan, make_plan
from riskmodel.engine.runner import BLOCK_YEARS, Span, entry_point, run_block
from riskmodel.engine.streams import check_seed
from riskmodel.engine.tables import to_losses
from riskmodel.engine.worlds import Worlds, in_year_order, make_worlds, run_world, tasks_of
from riskmodel.errors import RiskModelError

if TYPE_CHECKING:
    from riskmodel.world.world import World

BOOKINGS = ("occurrence", "calendar")
RECOVERY_CAP_DAYS = 730.0  # judgement: permanent losses make the AAL proportional to it
HOURS = 24.0


def simulate(world: World, years: int = 10_000, seed: int = 0, *,
             perils: Sequence[Any] | str | None = None, worlds: int = 1,
             booking: str = "occurrence", horizon_days: float = 365.0,
             recovery_cap_days: float = RECOVERY_CAP_DAYS, workers: int | None = None,
             executor: Any = None, progress: Callable[[int, int], None] | None = None,
             adequacy: bool = True) -> Losses:
    """Simulate years of disruption of a world and return what each lab loses.

    Parameters
    ----------
    world : the world; it is checked first, and refused with every problem at once.
    years : trials, each of ``horizon_days`` days.
    seed : one whole number; every draw is a function of it and of the labels of what is drawn.
    perils : ids or objects; None takes all of the world's.
    worlds : states of the world. With 1 every number is at its best and a holding counts where its
        probability is above one half. With more, year y runs in world y mod ``worlds``, in which
        every number of every peril is drawn from what is known of it
        (``riskmodel.perils.ignorance``) and every holding by its probability
        (``riskmodel.world.attribution``); a lab's capacity is then its mean over the years, and the
        measures have a band of ignorance beside the sampling error. Perils that are no dataclass
        with a field ``spec``, and event tables, stay as they are: the manifest says which.
    booking : "occurrence": events happen inside the year, their outages run on to recovery and
        belong to it; "calendar": a warm-up of ``recovery_cap_days`` precedes the year and losses
        are cut at both its ends.
    recovery_cap_days : every own outage ends at the latest so long after its start.
    workers : threads over blocks of years, all cores by default. The result is the same, byte for
        byte, for any number.
    executor : anything with ``map`` as in ``concurrent.futures``; each task is one block of years,
        of one world where there are several.
    progress : called with (years done, years in all).
    adequacy : also run the calendar booking, on which LOLE, LOLH and EUE rest.

    Raises
    ------
    WorldError, RiskModelError
    """
    from riskmodel.perils.registry import load_perils

    seed = check_seed(seed)
    if isinstance(years, bool) or years != int(years) or years < 1:
        raise RiskModelError(f"years is {years!r}; give a whole number above 0")
    if years > 2**32 - 1:
        raise RiskModelError("years is above 4,294,967,295, the number of years one seed can key")
    if booking not in BOOKINGS:
        raise RiskModelError(f"booking is {booking!r}; give one of {', '.join(BOOKINGS)}")
    if not horizon_days > 0 or not recovery_cap_days > 0:
        raise RiskModelError("horizon_days and recovery_cap_days must be above 0")
    if isinstance(worlds, bool) or worlds != int(worlds) or worlds < 1:
        raise RiskModelError(f"worlds is {worlds!r}; give a whole number, 1 or more")
    if worlds > years:
        raise RiskModelError(f"{worlds} worlds in {years} years: each world needs a year at least; "
                             "simulate more years, or fewer worlds")
    if workers is not None and workers < 1:
        raise RiskModelError(f"workers is {workers}; give 1 or more")
    world.check()
    if isinstance(perils, str):
        perils = [perils]
    chosen = load_perils(world, perils)
    years, worlds = int(years), int(worlds)
    horizon_h, cap_h = horizon_days * HOURS, recovery_cap_days * HOURS
    states = None
    if worlds > 1:
        states = make_worlds(world, chosen, worlds, seed=seed, horizon_h=horizon_h, cap_h=cap_h)
    plan = states.base if states is not None else make_plan(
        world, chosen, seed=seed, horizon_h=horizon_h, cap_h=cap_h)
    spans = spans_of(plan, booking, adequacy)
    tasks: list[Any]
    if states is None:
        tasks = [(plan, first, min(BLOCK_YEARS, years - first), spans)
                 for first in range(0, years, BLOCK_YEARS)]
    else:
        tasks = tasks_of(states, years, spans)
    parts: list[Any] = []
    done = 0
    run = run_task if states is None else run_world
    for part, task in zip(run_in_order(run, tasks, workers, executor), tasks, strict=True):
        parts.append(part)
        done += task[-2]
        if progress is not None:
            progress(done, years)
    plan.scratch.clear()
    manifest = describe_run(world, plan, chosen, years=years, seed=seed, booking=booking,
                            horizon_days=horizon_days, recovery_cap_days=recovery_cap_days,
                            worlds=worlds)
    if states is not None:
        manifest["ignorance"] = states.describe()
        plan, joined = in_year_order(states, parts)
        parts = [joined]
    losses = to_losses(plan, parts, world=world, n_years=years, seed=seed, booking=booking,
                       horizon_days=horizon_days, manifest=manifest,
                       with_adequacy=adequacy or booking == "calendar")
    return losses if states is None else _with_worlds(losses, states, years)


def _with_worlds(losses: Losses, states: Worlds, years: int) -> Losses:
    """Add the labs' sizes in each world; a lab's capacity is its mean over the years."""
    capacity = states.capacity_mw()
    count = np.array([states.years_of(k, years) for k in range(states.count)], dtype=float)
    return replace(losses, worlds=states.count, world_capacity_mw=capacity, plan=states,
                   capacity_mw=count @ capacity / years)


def spans_of(plan: Plan, booking: str, adequacy: bool) -> tuple[Span, ...]:
    """Return the passes over a block: the losses, and the calendar year's adequacy."""
    if booking == "calendar":
        return (Span(plan.segments, 0.0, plan.horizon_h, True, True),)
    occurrence = Span(1, -np.inf, np.inf, True, False)
    if not adequacy:
        return (occurrence,)
    return occurrence, Span(plan.segments, 0.0, plan.horizon_h, False, True)


def run_task(task: tuple[Plan, int, int, tuple[Span, ...]]) -> tuple[Rows, ...]:
    """Simulate one block of years: one task of an executor."""
    plan, first, count, spans = task
    return run_block(plan, first, count, spans)


def run_in_order(run: Callable[[Any], Any], tasks: list[Any], workers: int | None,
                 executor: Any = None) -> Iterator[Any]:
    """Yield what each task brings back, in order, whoever computes it."""
    if executor is not None:
        if not hasattr(executor, "map"):
            raise RiskModelError("executor needs a map(), as concurrent.futures' executors have; "
                                 "with Dask pass client.get_executor()")
        yield from executor.map(run, tasks)
        return
    count = min(workers or _cores(), len(tasks))
    entry_point()
    if count <= 1:
        yield from map(run, tasks)
        return
    pool = ThreadPoolExecutor(count)
    try:
        yield from pool.map(run, tasks)
    finally:  # stopped midway: blocks not yet begun are not begun
        pool.shutdown(cancel_futures=True)


def _cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):  # Linux: what the container or the user allows
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
