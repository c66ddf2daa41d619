"""``simulate``: years of disruption, and what every lab loses in each."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np

from riskmodel.engine.kernel.layout import Rows
from riskmodel.engine.losses import Losses
from riskmodel.engine.manifest import describe_run
from riskmodel.engine.plan import Plan, make_plan
from riskmodel.engine.runner import BLOCK_YEARS, Span, entry_point, run_block
from riskmodel.engine.streams import check_seed
from riskmodel.engine.tables import to_losses
from riskmodel.errors import RiskModelError

if TYPE_CHECKING:
    from riskmodel.world.world import World

BOOKINGS = ("occurrence", "calendar")
RECOVERY_CAP_DAYS = 730.0  # judgement: permanent losses make the AAL proportional to it
HOURS = 24.0


def simulate(world: World, years: int = 10_000, seed: int = 0, *,
             perils: Sequence[Any] | str | None = None, booking: str = "occurrence",
             horizon_days: float = 365.0, recovery_cap_days: float = RECOVERY_CAP_DAYS,
             workers: int | None = None, executor: Any = None,
             progress: Callable[[int, int], None] | None = None,
             adequacy: bool = True) -> Losses:
    """Simulate years of disruption of a world and return what each lab loses.

    Parameters
    ----------
    world : the world; it is checked first, and refused with every problem at once.
    years : trials, each of ``horizon_days`` days.
    seed : one whole number; every draw is a function of it and of the labels of what is drawn.
    perils : ids or objects; None takes all of the world's.
    booking : "occurrence": events happen inside the year, their outages run on to recovery and
        belong to it; "calendar": a warm-up of ``recovery_cap_days`` precedes the year and losses
        are cut at both its ends.
    recovery_cap_days : every own outage ends at the latest so long after its start.
    workers : threads over blocks of years, all cores by default. The result is the same, byte for
        byte, for any number.
    executor : anything with ``map`` as in ``concurrent.futures``; each task is one block.
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
    if workers is not None and workers < 1:
        raise RiskModelError(f"workers is {workers}; give 1 or more")
    world.check()
    if isinstance(perils, str):
        perils = [perils]
    chosen = load_perils(world, perils)
    plan = make_plan(world, chosen, seed=seed, horizon_h=horizon_days * HOURS,
                     cap_h=recovery_cap_days * HOURS)
    spans = spans_of(plan, booking, adequacy)
    years = int(years)
    blocks = [(first, min(BLOCK_YEARS, years - first)) for first in range(0, years, BLOCK_YEARS)]
    tasks = [(plan, first, count, spans) for first, count in blocks]
    parts: list[tuple[Rows, ...]] = []
    done = 0
    for part, (_, count) in zip(_run(tasks, workers, executor), blocks, strict=True):
        parts.append(part)
        done += count
        if progress is not None:
            progress(done, years)
    plan.scratch.clear()
    manifest = describe_run(world, plan, chosen, years=years, seed=seed, booking=booking,
                            horizon_days=horizon_days, recovery_cap_days=recovery_cap_days)
    return to_losses(plan, parts, world=world, n_years=years, seed=seed, booking=booking,
                     horizon_days=horizon_days, manifest=manifest,
                     with_adequacy=adequacy or booking == "calendar")


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
    return tuple(run_block(plan, first, count, span) for span in spans)


def _run(tasks: list[Any], workers: int | None, executor: Any) -> Iterator[tuple[Rows, ...]]:
    """Yield the blocks in order, whoever computes them."""
    if executor is not None:
        if not hasattr(executor, "map"):
            raise RiskModelError("executor needs a map(), as concurrent.futures' executors have; "
                                 "with Dask pass client.get_executor()")
        yield from executor.map(run_task, tasks)
        return
    count = min(workers or _cores(), len(tasks))
    entry_point()
    if count <= 1:
        yield from map(run_task, tasks)
        return
    pool = ThreadPoolExecutor(count)
    try:
        yield from pool.map(run_task, tasks)
    finally:  # stopped midway: blocks not yet begun are not begun
        pool.shutdown(cancel_futures=True)


def _cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):  # Linux: what the container or the user allows
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
