"""Interleaved rounds: everything once, then everything again, so that a busy machine is shared out.

The machine may do other work meanwhile: read ratios within rounds, not seconds.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

FIRST_YEARS = 32  # of the run that compiles, fills caches and is not counted


@dataclass
class Contender:
    """Something that simulates years; ``run`` is timed here unless it times itself."""

    name: str
    run: Callable[[int], Any]
    times_itself: bool = False  # run returns seconds
    most_years: int | None = None  # of a round, where more would not be computed the same way
    seconds: list[float] = field(default_factory=list)  # per year, of each round
    years: int = 0  # of a round

    def timed(self, years: int) -> float:
        """Run so many years; return the seconds."""
        begun = time.perf_counter()
        told = self.run(years)
        return float(told) if self.times_itself else time.perf_counter() - begun

    def settle(self, round_s: float) -> None:
        """Warm up, and choose how many years take about ``round_s`` seconds."""
        years = FIRST_YEARS
        self.timed(years)
        while (took := self.timed(years)) < round_s / 8 and years != self.most_years:
            years = self._at_most(4 * years)
        self.years = max(8, self._at_most(int(years * round_s / took)))

    def _at_most(self, years: int) -> int:
        return years if self.most_years is None else min(years, self.most_years)

    @property
    def years_per_s(self) -> float:
        """Median over the rounds."""
        return 1.0 / statistics.median(self.seconds)


def measure(contenders: Sequence[Contender], rounds: int, round_s: float,
            say: Callable[[str], None] = lambda text: None) -> None:
    """Fill in ``seconds`` of each contender, in interleaved rounds."""
    for contender in contenders:
        contender.settle(round_s)
        say(f"  {contender.name}: {contender.years:,} years a round")
    for _ in range(rounds):
        for contender in contenders:
            contender.seconds.append(contender.timed(contender.years) / contender.years)


def ratio(slower: Contender, faster: Contender) -> float:
    """Return how many times faster one is than the other: the median of the rounds' ratios."""
    return statistics.median(s / f for s, f in zip(slower.seconds, faster.seconds, strict=True))
