"""riskmodel itself on a job, and its floor: its own draws and table reads, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numba import njit

import riskmodel as rm
from riskmodel.engine.kernel.draws import draw_year
from riskmodel.engine.outages.given import no_given
from riskmodel.engine.plan.plan import Plan, make_plan
from riskmodel.engine.run.runner import BLOCK_YEARS, Sizes, Span, new_work, run_given, run_year
from riskmodel.perils.registry import load_perils
from tests.benchmarks.networkx_loop import CAP_H, HORIZON_H, Outage
from tests.benchmarks.outputs import YearTable
from tests.benchmarks.standard_job import PERILS

SPAN = Span(1, -np.inf, np.inf, True, False)


def plan_of(world: rm.World) -> Plan:
    """Compile the world with its perils."""
    return make_plan(world, load_perils(world), seed=7, horizon_h=HORIZON_H, cap_h=CAP_H)


class Engine:
    """The kernel over blocks of years, with every output on, reduced block by block."""

    def __init__(self, plan: Plan, workers: int) -> None:
        self.plan, self.workers = plan, workers
        self.order = [plan.perils.index(name) for name in PERILS]

    def __call__(self, years: int) -> YearTable:
        """Simulate so many years."""
        table = YearTable.of(years)
        assert table.short is not None
        assert table.largest is not None
        labs, perils = table.lost.shape[1], len(PERILS)
        columns = [("lost", table.lost.reshape(-1)), ("short", table.short.reshape(-1)),
                   ("event", table.largest.reshape(-1))]

        def block(first: int, count: int) -> Any:
            rows = run_given(self.plan, no_given(count), first, count, SPAN)
            here = rows.years["year"] * labs + rows.years["lab"]
            for column, values in columns:
                values[here] = rows.years[column]
            peril = rows.events["peril"][rows.causes["event"]]
            return np.bincount(peril * labs + rows.causes["lab"], rows.causes["lost"],
                               perils * labs)

        found = np.sum(over_blocks(block, years, self.workers), axis=0)
        table.by_peril = found.reshape(perils, labs)[self.order]
        return table


class Floor:
    """The engine's draws of every year: counts, picks, a word a row, durations of the hits."""

    def __init__(self, plan: Plan, workers: int) -> None:
        self.plan, self.workers = plan, workers

    def __call__(self, years: int) -> float:
        """Draw so many years; return the hours drawn."""
        plan = self.plan

        def block(first: int, count: int) -> float:
            sizes = Sizes()
            while True:
                status, hours = _draws(plan.catalogue, new_work(plan, sizes), first, count,
                                       HORIZON_H, CAP_H)
                if status == 0:
                    return float(hours)
                sizes.grow(status)

        return float(sum(over_blocks(block, years, self.workers)))


@njit(nogil=True)
def _draws(cat, w, first, years, horizon_h, cap_h):  # type: ignore[no-untyped-def]
    total = 0.0
    for year in range(first, first + years):
        status, _, outages = draw_year(cat, w, year, 1, horizon_h, cap_h)
        if status != 0:
            return status, 0.0
        for i in range(outages):
            total += w.raw[i].end - w.raw[i].start
    return 0, total


def over_blocks(task: Callable[[int, int], Any], years: int, workers: int) -> list[Any]:
    """Run ``task(first year, years)`` on threads, as many tasks on each.

    No task is above the engine's block. What a year brings does not depend on its task.
    """
    rounds = -(-years // (BLOCK_YEARS * workers))
    size = -(-years // (rounds * workers))
    firsts = range(0, years, size)
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(task, firsts, [min(size, years - f) for f in firsts]))


def engine_outages(plan: Plan, year: int) -> list[Outage]:
    """Return the own outages that the engine draws in one year, for another to value."""
    work, rows = run_year(plan, year, None, SPAN)
    peril = [PERILS.index(name) for name in plan.perils]
    return [Outage(float(own["start"]), float(own["end"]), int(own["event"]),
                   peril[work.ev[own["event"]]["peril"]], plan.nodes[own["node"]],
                   float(own["depth"]))
            for own in work.out[:int(rows.count[5])]]


def site_hits(plan: Plan, years: Sequence[int]) -> tuple[float, float, float]:
    """Return draws of a row, own outages, and sites touched, each a year, as a mean."""
    held = plan.graph.node["hold"] < plan.graph.node["hold_end"]
    outages = touched = 0
    for year in years:
        work, rows = run_year(plan, year, None, SPAN)
        outages += int(rows.count[5])
        touched += int(held[work.touched[:int(rows.count[6])]].sum())
    table = plan.world.events
    draws = float((table["rate_per_yr"] * (table["probability"] > 0)).sum())
    return draws, outages / len(years), touched / len(years)
