"""The benchmark of a real run: the shipped world, both bookings, and where its time goes.

    python -m tests.benchmarks.shipped_world [--years 16384] [--rounds 3]

One thread, two threads and the stages of one thread take turns within each round, because the
machine may be shared: read the ratios, not the years a second. Stages are measured in seconds of
processor time of the thread, apart from each other: a stage is what it costs a block.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time

import numpy as np

import riskmodel as rm
from riskmodel.engine.outages.given import KeyedBlock
from riskmodel.engine.outages.packing import pack_rows, rows_of
from riskmodel.engine.plan.plan import Plan
from riskmodel.engine.run.runner import BLOCK_YEARS, run_given
from riskmodel.engine.run.simulation import simulate, spans_of
from riskmodel.perils.outages import Outages, drawn
from tests.benchmarks.engine_runs import plan_of


def stages(plan: Plan, first: int, years: int) -> dict[str, float]:
    """Return the processor time of sampling each peril, of packing and of the kernel, in s."""
    spent: dict[str, float] = {}

    def clock(name: str, since: float) -> float:
        now = time.thread_time()
        spent[name] = spent.get(name, 0.0) + now - since
        return now

    spans = spans_of(plan, "occurrence", True)
    most = max(span.segments for span in spans)
    span = first + np.arange(years, dtype=np.int64)
    rows = []
    for position, peril in plan.samplers:
        for segment in range(most):
            now = time.thread_time()
            name = peril.spec.peril_id
            block = KeyedBlock(span, plan.horizon_h, plan.seed, name, segment)
            found = drawn(peril, block, plan.world)
            now = clock(f"sampling {name}", now)
            if len(found):
                assert isinstance(found, Outages)
                rows.append(rows_of(plan, found, found.year - first, peril=position,
                                    group=position * most + segment, segment=segment))
                clock("packing", now)
    now = time.thread_time()
    given = pack_rows(plan, np.concatenate(rows), years, [each.segments for each in spans])
    now = clock("packing", now)
    for each, here in zip(spans, given, strict=True):
        run_given(plan, here, first, years, each)
    clock("kernel", now)
    return spent


def measure(world: rm.World, years: int, rounds: int) -> list[dict[str, float]]:
    """Return, for each round, seconds a year of 1 and 2 threads and of every stage."""
    plan = plan_of(world)
    simulate(world, years=min(years, BLOCK_YEARS), seed=7, workers=2)  # compile, fill caches
    found = []
    for _ in range(rounds):
        seconds = {}
        for workers in (1, 2):
            begun = time.perf_counter()
            simulate(world, years=years, seed=7, workers=workers)
            seconds[f"{workers} thread{'s' * (workers > 1)}"] = (time.perf_counter()
                                                                 - begun) / years
        for first in range(0, years, BLOCK_YEARS):
            for name, spent in stages(plan, first, min(BLOCK_YEARS, years - first)).items():
                seconds[name] = seconds.get(name, 0.0) + spent / years
        found.append(seconds)
    return found


def table(found: list[dict[str, float]]) -> str:
    """Return the result as Markdown."""
    median = {name: statistics.median(seconds[name] for seconds in found) for name in found[0]}
    gain = statistics.median(seconds["1 thread"] / seconds["2 threads"] for seconds in found)
    lines = ["| | years a second |", "|---|---:|"]
    lines += [f"| {name} | {1 / median[name]:,.0f} |" for name in ("1 thread", "2 threads")]
    lines += ["", f"Two threads are {gain:.2f} times as fast as one.", "",
              "| stage of a block | us a year | share |", "|---|---:|---:|"]
    parts = {name: value for name, value in median.items() if "thread" not in name}
    whole = sum(parts.values())
    sampling = sum(value for name, value in parts.items() if name.startswith("sampling"))
    for name, value in [("sampling", sampling), *sorted(parts.items(), key=lambda one: -one[1])]:
        lines.append(f"| {name} | {1e6 * value:,.1f} | {value / whole:.0%} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--years", type=int, default=16_384)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    sys.stdout.write(table(measure(rm.read_world(), asked.years, asked.rounds)) + "\n")


if __name__ == "__main__":
    main()
