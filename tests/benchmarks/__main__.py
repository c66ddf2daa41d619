"""The benchmark: riskmodel beside its references, in one run of interleaved rounds.

    python -m tests.benchmarks -o OUT [--peers FOLDER] [--long] [--sites 100,1000,10000]

Writes OUT/benchmark.md, OUT/growth.png and OUT/benchmark.json. FOLDER holds the environments of
CLIMADA and Oasis, made by ``python -m tests.benchmarks.peers.build FOLDER``; without it they are
left out. --long takes longer rounds and runs a million years of 10,000 sites, too. --show redraws
table and figure from a JSON file of an earlier run, without measuring.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from riskmodel.engine.run.runner import BLOCK_YEARS
from tests.benchmarks.contenders import ENGINE
from tests.benchmarks.growth_figure import growth_figure
from tests.benchmarks.markdown import markdown, years_per_s
from tests.benchmarks.measured import JOBS, machine, measure_job, measure_shipped, measure_years

LENGTHS = (10_000, 100_000, 1_000_000)


def run(sites: list[int], jobs: list[str], *, rounds: int, round_s: float, longest_s: float,
        peers: Path | None, lengths: tuple[int, ...] = LENGTHS,
        least_years: int = 2 * BLOCK_YEARS) -> dict[str, Any]:
    """Measure everything asked for; return it as plain data."""
    begun = time.perf_counter()

    def say(text: str) -> None:
        sys.stderr.write(f"[{time.perf_counter() - begun:5.0f} s] {text}\n")

    data: dict[str, Any] = {"machine": machine(), "rounds": rounds, "longest_s": longest_s,
                            "jobs": [], "years": [], "skipped": {}}
    with tempfile.TemporaryDirectory() as scratch:
        for kind in (name for name in jobs if name in JOBS):
            for count in sites:
                told, engine = measure_job(kind, count, rounds, round_s, peers, Path(scratch),
                                           data["skipped"], say, least_years)
                data["jobs"].append(told)
                if kind == "standard":
                    data["years"] += measure_years(
                        engine, count, lengths, 1.0 / years_per_s(told["runs"][ENGINE]),
                        longest_s, say)
    if "shipped" in jobs:
        data["jobs"].append(measure_shipped(rounds, say))
    data["took_s"] = time.perf_counter() - begun
    return data


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--out", type=Path, default=Path("benchmark"))
    parser.add_argument("--peers", type=Path, help="folder of the peers' environments")
    parser.add_argument("--sites", default="100,1000,10000")
    parser.add_argument("--jobs", default="standard,rich,shipped")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--long", action="store_true", help="longer rounds, and every length")
    parser.add_argument("--show", type=Path, help="a benchmark.json to show again")
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    if asked.show is not None:
        data = json.loads(asked.show.read_text())
    else:
        data = run([int(n) for n in asked.sites.split(",")], asked.jobs.split(","),
                   rounds=asked.rounds, round_s=2.0 if asked.long else 0.5,
                   longest_s=3600.0 if asked.long else 60.0, peers=asked.peers)
        (asked.out / "benchmark.json").write_text(json.dumps(data, indent=1) + "\n")
    text = markdown(data)
    (asked.out / "benchmark.md").write_text(text)
    growth_figure(data, asked.out / "growth.png")
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
