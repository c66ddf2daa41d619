"""How many fewer years the far tail needs when wars are drawn often.

``python -m tests.benchmarks.rare_years`` simulates a made-up portfolio with half its MW in the
Gulf plainly and under the proposal ``rare_regimes("gulf")``, each under many seeds, and prints the
spread of TVaR at 99.9 % between seeds. Variance goes with one over years, so the ratio of variances
times years is how many plain years one weighted year is worth.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass

import numpy as np
import pandas as pd

import riskmodel as rm

LEVEL = 0.999
PERILS = ("kinetic_strike", "site_failure")
PROPOSAL = rm.rare_regimes("gulf")


def portfolio(halls: int = 6, mw: float = 50.0) -> rm.World:
    """Return a made-up world: so many halls in the UAE and as many in the United States."""
    names = [f"gulf_{i}" for i in range(halls)] + [f"home_{i}" for i in range(halls)]
    sites = pd.DataFrame({
        "site_id": names, "lat": [24.5] * halls + [39.0] * halls,
        "lon": [54.5] * halls + [-98.0] * halls, "it_mw": mw,
        "country_iso2": ["AE"] * halls + ["US"] * halls})
    return rm.World.from_frames(
        sites=sites, labs=pd.DataFrame({"lab_id": ["lab"], "needed_share": [0.8]}),
        holdings=pd.DataFrame({"lab_id": "lab", "site_id": names, "share": 1.0}),
        theatres=pd.DataFrame({"theatre_id": ["gulf"], "country_iso2": ["AE"]}))


def run(years: int, seed: int, rare: rm.Proposal | None, *, adequacy: bool = False) -> rm.Losses:
    """Simulate the portfolio, plainly or under a proposal."""
    return rm.simulate(portfolio(), years=years, seed=seed, perils=list(PERILS), rare=rare,
                       adequacy=adequacy)


@dataclass(frozen=True)
class Spread:
    """TVaR under several seeds: its mean, the spread of one run, and the seconds of all."""

    mean: float
    spread: float
    error: float
    years: int
    seconds: float

    @property
    def of_a_year(self) -> float:
        """Variance x years: what a year is worth, the less the better."""
        return self.spread**2 * self.years

    @property
    def of_time(self) -> float:
        """Seconds of a year, of all seeds together."""
        return self.seconds / self.years


def spread(years: int, seeds: range, rare: rm.Proposal | None) -> Spread:
    """Return how TVaR differs between seeds."""
    began = time.process_time()
    rows = [rm.measure(run(years, seed, rare), measures="tvar", levels=[LEVEL]).iloc[0]
            for seed in seeds]
    found = np.array([[row["value"], row["se"]] for row in rows], dtype=float)
    return Spread(float(found[:, 0].mean()), float(found[:, 0].std(ddof=1)),
                  float(np.sqrt((found[:, 1] ** 2).mean())), years, time.process_time() - began)


def main() -> None:
    """Print the spreads and their ratio."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--seeds", type=int, default=60)
    ask.add_argument("--plain-years", type=int, default=20_000)
    ask.add_argument("--rare-years", type=int, default=4_000)
    asked = ask.parse_args()
    seeds = range(1, asked.seeds + 1)
    plain = spread(asked.plain_years, seeds, None)
    rare = spread(asked.rare_years, seeds, PROPOSAL)
    for name, of in (("plain", plain), ("wars drawn often", rare)):
        print(f"{name}: TVaR {100 * LEVEL:g} % of {of.years:,} years is {of.mean:,.0f} MW-days on "
              f"average over {asked.seeds} seeds; it spreads by {of.spread:,.0f} between seeds, "
              f"and its own standard error says {of.error:,.0f} ({of.seconds:.0f} s of "
              "processor time)")
    ratio = plain.of_a_year / rare.of_a_year
    # of a ratio of two sample variances: each has the relative error sqrt(2 / (seeds - 1))
    error = ratio * np.sqrt(4 / (asked.seeds - 1))
    by_error = (plain.error**2 * plain.years) / (rare.error**2 * rare.years)
    print(f"one weighted year is worth {ratio:.0f} +- {error:.0f} plain ones (by the standard "
          f"errors: {by_error:.0f}), and takes {rare.of_time / plain.of_time:.1f} times as long")


if __name__ == "__main__":
    main()
