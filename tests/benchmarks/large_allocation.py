"""The large allocation: tens of thousands of loss years over a thousand candidates, timed.

    python -m tests.benchmarks.large_allocation [--years 50000] [--candidates 1000] [--level .99]

The losses are drawn, with dependence: shocks of 6 theatres (rare, long, three sites in ten each),
of 40 grid regions (Pareto days, seven sites in ten), and of single sites. Rows: at most 10 % a
grid region, 35 % a theatre, at least 30 % in the first two theatres, a budget; caps of 2 % a
candidate. It prints the seconds, the rounds and the proven gap of the cuts route.
"""

from __future__ import annotations

import argparse
import sys
import time
from typing import NamedTuple

import numpy as np
from scipy.sparse import coo_array, csr_array

from riskmodel.decisions.allocation.cvar_program import CvarProgram, cvar_program, minimise_cvar
from riskmodel.decisions.allocation.linear_rows import Row

REGIONS, THEATRES = 40, 6
MW = 1000.0


class Job(NamedTuple):
    """Losses per MW (MW-days), the grid region and theatre of each candidate, and its cost."""

    unit_losses: csr_array
    region: np.ndarray
    theatre: np.ndarray
    cost: np.ndarray


def synthetic_losses(years: int, candidates: int, seed: int = 1) -> Job:
    """Draw the losses; everything about them follows from ``seed``."""
    rng = np.random.default_rng(seed)
    region = rng.integers(0, REGIONS, candidates)
    theatre_of = rng.integers(0, THEATRES, REGIONS)
    theatre = theatre_of[region]
    rows, columns, values = [], [], []

    def shocks(who: np.ndarray, share: float, days: np.ndarray) -> None:
        year = rng.integers(0, years, days.size)
        hit = rng.random((days.size, who.size)) < share
        event, place = np.nonzero(hit)
        rows.append(year[event])
        columns.append(who[place])
        values.append(np.minimum(days[event] * rng.uniform(0.5, 1.5, event.size), 365.0))

    for r in range(REGIONS):
        rate = rng.lognormal(np.log(0.04), 0.8)
        shocks(np.flatnonzero(region == r), 0.7, rng.pareto(1.5, rng.poisson(rate * years)))
    for t in range(THEATRES):
        rate = rng.lognormal(np.log(0.01), 0.8)
        shocks(np.flatnonzero(theatre == t), 0.3,
               rng.lognormal(np.log(30.0), 1.0, rng.poisson(rate * years)))
    for site, rate in enumerate(rng.lognormal(np.log(0.02), 0.5, candidates)):
        shocks(np.array([site]), 1.0,
               rng.lognormal(np.log(2.0), 1.2, rng.poisson(rate * years)))
    matrix = coo_array((np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))),
                       shape=(years, candidates)).tocsr()
    return Job(matrix, region, theatre, rng.lognormal(np.log(10.0), 0.2, candidates))


def large_program(job: Job, level: float = 0.99) -> CvarProgram:
    """Return the programme with its rows."""
    count = len(job.region)
    rows = [Row(f"at most 10 % in region {r}", (job.region == r).astype(float), 0.1 * MW)
            for r in range(REGIONS)]
    rows += [Row(f"at most 35 % in theatre {t}", (job.theatre == t).astype(float), 0.35 * MW)
             for t in range(THEATRES)]
    rows += [Row("at least 30 % at home", (job.theatre < 2).astype(float), 0.3 * MW, at_least=True),
             Row("budget", job.cost, float(np.quantile(job.cost, 0.4)) * MW, unit="USD m")]
    return cvar_program(job.unit_losses, MW, level=level, rows=rows,
                        caps=np.full(count, max(0.02, 20.0 / count) * MW))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--years", type=int, default=50_000)
    parser.add_argument("--candidates", type=int, default=1000)
    parser.add_argument("--level", type=float, default=0.99)
    asked = parser.parse_args()
    begun = time.perf_counter()
    job = synthetic_losses(asked.years, asked.candidates)
    program = large_program(job, asked.level)
    drawn = time.perf_counter()
    found = minimise_cvar(program)
    done = time.perf_counter()
    sys.stdout.write(
        f"{asked.years:,} years x {asked.candidates:,} candidates, {job.unit_losses.nnz:,} losses "
        f"({job.unit_losses.nnz / asked.years / asked.candidates:.1%}), {len(program.rows)} rows\n"
        f"losses drawn in {drawn - begun:.1f} s; solved in {done - drawn:.1f} s, {found.rounds} "
        f"rounds, {len(found.years_used):,} years written down\n"
        f"CVaR {found.cvar:.6f} MW-days, proven gap {found.gap:.1e}, "
        f"{int((found.mw > 1e-6 * MW).sum())} candidates used, "
        f"{int((found.row_prices > 0).sum())} rows with a price\n")


if __name__ == "__main__":
    main()
