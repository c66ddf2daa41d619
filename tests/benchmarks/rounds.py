"""Interleaved rounds: everything once, then everything again, so that a busy machine is shared out.

The machine may do other work meanwhile: read ratios within rounds, not seconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.benchmarks.outputs import YearTable

FIRST_YEARS = 4  # of the run that compiles, fills caches and is not counted


@dataclass
class Contender:
    """Something that simulates years: ``run(years)``, timed here unless it keeps its own watch."""

    name: str
    run: Callable[[int], Any]
    watch: Callable[[], dict[str, Any]] | None = None  # seconds, cpu_s and aal of the last run
    least_years: int = 2  # of a round, where what is done once would weigh too much
    round_s: float | None = None  # of its own, where the others' are too short for it
    seconds: list[float] = field(default_factory=list)  # per year, of each round
    cpu_s: list[float] = field(default_factory=list)  # of the processor, all threads, per year
    years: int = 0  # of a round
    aal_mw_days: float | None = None  # of all labs together, as the last round found it

    def timed(self, years: int) -> tuple[float, float]:
        """Run so many years; return the seconds elapsed and those of the processor."""
        begun, cpu = time.perf_counter(), time.process_time()
        found = self.run(years)
        took = time.perf_counter() - begun, time.process_time() - cpu
        if self.watch is not None:
            told = self.watch()
            self.aal_mw_days = float(sum(told["aal"]))
            return float(told["seconds"]), float(told["cpu_s"])
        if isinstance(found, YearTable):
            self.aal_mw_days = float(found.figures()["aal"].sum())
        return took

    def settle(self, round_s: float) -> None:
        """Warm up, and choose how many years take about ``round_s`` seconds."""
        years, round_s = FIRST_YEARS, self.round_s or round_s
        self.timed(years)
        while (took := self.timed(years)[0]) < round_s / 8:
            years *= 4
        self.years = max(self.least_years, int(years * round_s / took))

    def round(self) -> None:
        """Run one round and note what it took."""
        seconds, cpu = self.timed(self.years)
        self.seconds.append(seconds / self.years)
        self.cpu_s.append(cpu / self.years)


def measure(contenders: Sequence[Contender], rounds: int, round_s: float,
            say: Callable[[str], None] = lambda text: None) -> None:
    """Take the measure of each contender, in interleaved rounds."""
    for contender in contenders:
        contender.settle(round_s)
        say(f"  {contender.name}: {contender.years:,} years a round")
    for _ in range(rounds):
        for contender in contenders:
            contender.round()
