"""Run blocks of years through the kernel: scratch, retries, and the compiled functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from riskmodel.engine.kernel.layout import (
    GROW_COURSES,
    GROW_EVENTS,
    GROW_OUTAGES,
    GROW_POOL,
    GROW_ROWS,
    NOT_SETTLED,
    OK,
    Given,
    Rows,
    Work,
    make_rows,
    make_work,
)
from riskmodel.engine.outages.given import no_given, sample_block, sample_spans
from riskmodel.engine.outages.packing import ROW, pack_rows
from riskmodel.engine.outages.streams import COMPILED_FROM, keyed_uniform
from riskmodel.engine.outages.thinning import thinned_arrivals
from riskmodel.engine.plan.plan import Plan
from riskmodel.errors import RiskModelError

BLOCK_YEARS = 2048  # fixed: who computes a block never changes what is in it



@dataclass(frozen=True)
class Span:
    """What part of the trials counts: see the design's two bookings."""

    segments: int
    low_h: float
    high_h: float
    losses: bool  # write years, causes, events
    adequacy: bool  # write shortfall within the window
    courses: bool = False  # write what every held site was missing, and when


@dataclass
class Sizes:
    """Bounds of the scratch, raised when a block asks for more."""

    outages: int = 256
    events: int = 256
    pool: int = 4096
    rows: int = 16 * BLOCK_YEARS
    adequacy: int = 8 * BLOCK_YEARS
    courses: int = 0

    def grow(self, status: int) -> None:
        """Double what was too small."""
        if status == GROW_OUTAGES:
            self.outages *= 2
        elif status == GROW_EVENTS:
            self.events *= 2
        elif status == GROW_POOL:
            self.pool *= 2
        elif status == GROW_ROWS:
            self.rows *= 2
            self.adequacy *= 2
        elif status == GROW_COURSES:
            self.courses = max(2 * self.courses, BLOCK_YEARS)

    def room(self) -> Rows:
        """Allocate the rows."""
        return make_rows(self.rows, self.adequacy, self.courses)


def entry_point() -> Any:
    """Return the compiled kernel: compiled, or read from the cache, once a process.

    Raises
    ------
    RiskModelError
        Numba is told not to compile.
    """
    from numba import config

    if config.DISABLE_JIT:  # type: ignore[attr-defined]
        raise RiskModelError("numba is switched off (NUMBA_DISABLE_JIT=1), and the simulation is "
                             "compiled code only: unset that variable")
    from riskmodel.engine.kernel.block import build
    from riskmodel.engine.kernel.entry import made

    return made(build)


def new_work(plan: Plan, sizes: Sizes) -> Work:
    """Allocate scratch for this plan."""
    # the own-availability sweep and the merges borrow the pool's and the outages' room
    outages = max(sizes.outages, plan.merge_width + 8)
    holdings = max(len(plan.graph.hold), plan.hold_room)
    return make_work(len(plan.nodes), len(plan.labs), holdings, outages,
                     sizes.events, max(sizes.pool, 2 * outages + 64), plan.merge_width)


def run_block(plan: Plan, first: int, years: int, spans: tuple[Span, ...], stride: int = 1
              ) -> tuple[Rows, ...]:
    """Simulate ``years`` trials, the first number ``first``, each ``stride`` after the last.

    Returns the rows of each pass, cut to size.
    """
    given = sample_spans(plan, first, years, [span.segments for span in spans], stride)
    return tuple(run_given(plan, here, first, years, span, stride)
                 for here, span in zip(given, spans, strict=True))


def blocks_of(years: int) -> list[tuple[int, ...]]:
    """Return the tasks of a run of one world: (first year, how many)."""
    return [(first, min(BLOCK_YEARS, years - first)) for first in range(0, years, BLOCK_YEARS)]


def run_task(shared: tuple[Plan, tuple[Span, ...]], task: tuple[int, ...]) -> tuple[Rows, ...]:
    """Simulate one block of years, (first, how many): one task of an executor."""
    plan, spans = shared
    first, count = task
    return run_block(plan, first, count, spans)


def run_given(plan: Plan, given: Given, first: int, years: int, span: Span,
              stride: int = 1) -> Rows:
    """Run the kernel over the given outages and the plan's catalogue, with room as it needs it."""
    kernel = entry_point()
    try:
        sizes, work, rows = plan.scratch.pop()
    except IndexError:
        sizes = Sizes(courses=128 * BLOCK_YEARS if span.courses else 0)
        work, rows = new_work(plan, sizes), sizes.room()
    while True:
        rows.count[:] = 0
        status = kernel(plan.graph, plan.catalogue, given, work, rows, first, years, stride,
                        span.segments, plan.horizon_h, plan.cap_h, span.low_h, span.high_h,
                        span.losses, span.adequacy, span.courses, False)
        if status == OK:
            found = cut(rows)
            plan.scratch.append((sizes, work, rows))
            return found
        _refuse_unsettled(status)
        sizes.grow(status)
        work, rows = new_work(plan, sizes), sizes.room()


def run_year(plan: Plan, year: int, given: Given | None, span: Span) -> tuple[Work, Rows]:
    """Run one trial; return the scratch as the cascade left it, and the rows.

    ``rows.count[4:8]`` holds the numbers of events, own outages, touched nodes and loss cells.
    """
    kernel = entry_point()
    if given is None:
        given = sample_block(plan, year, 1, span.segments)
    sizes = Sizes()
    while True:
        work = new_work(plan, sizes)
        rows = sizes.room()
        status = kernel(plan.graph, plan.catalogue, given, work, rows, year, 1, 1,
                        span.segments, plan.horizon_h, plan.cap_h, span.low_h, span.high_h,
                        span.losses, span.adequacy, span.courses, True)
        if status == OK:
            return work, rows
        _refuse_unsettled(status)
        sizes.grow(status)


def _refuse_unsettled(status: int) -> None:
    if status == NOT_SETTLED:
        raise RiskModelError("a cycle of requirements did not settle; world.check() names the "
                             "cycles: break one, or lower its shares below 1")


def cut(rows: Rows) -> Rows:
    """Return the rows without the room that was not used."""
    years, causes, events, adequacy = (int(n) for n in rows.count[:4])
    return Rows(rows.count.copy(), rows.years[:years].copy(), rows.causes[:causes].copy(),
                rows.events[:events].copy(), rows.adequacy[:adequacy].copy(),
                rows.courses[:int(rows.count[8])].copy())


def warm_up() -> None:
    """Compile the kernel and what draws outages, or read them in, before a block needs them."""
    import pandas as pd

    from riskmodel.engine.plan.plan import make_plan
    from riskmodel.world.world import World

    world = World.from_frames(
        sites=pd.DataFrame({"site_id": ["s"], "lat": [0.0], "lon": [0.0], "it_mw": [1.0]}),
        labs=pd.DataFrame({"lab_id": ["l"], "needed_share": [1.0]}),
        holdings=pd.DataFrame({"lab_id": ["l"], "site_id": ["s"], "share": [1.0]}))
    plan = make_plan(world, [], seed=0, horizon_h=8760.0, cap_h=17520.0)
    span = Span(1, -np.inf, np.inf, True, True)
    run_given(plan, no_given(1), 0, 1, span)
    run_year(plan, 0, no_given(1), span)
    keyed_uniform(0, "", "", np.arange(COMPILED_FROM))
    pack_rows(plan, np.zeros(1, ROW), 1, [1])
    thinned_arrivals((0, 0), (0, 0), np.zeros(1, np.int64), np.zeros(1, np.uint64), np.ones(1),
                     np.ones(1), np.zeros(1), np.ones(1))
