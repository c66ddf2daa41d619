"""The benchmark: riskmodel beside its references, on one machine, in one run.

    python -m tests.benchmarks [--sites 100,1000] [--jobs standard,rich] [--rounds 5]
"""

from __future__ import annotations

import argparse
import sys

from tests.benchmarks.contenders import ENGINE, engine_contenders, references
from tests.benchmarks.engine_runs import plan_of
from tests.benchmarks.rich_job import rich_job
from tests.benchmarks.rounds import measure, ratio
from tests.benchmarks.standard_job import standard_job


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sites", default="100")
    parser.add_argument("--jobs", default="standard,rich")
    asked = parser.parse_args()
    for name in asked.jobs.split(","):
        for sites in map(int, asked.sites.split(",")):
            job = {"standard": standard_job, "rich": rich_job}[name](sites)
            runs = engine_contenders(plan_of(job.world))
            if name == "standard":
                runs += references(job)
            measure(runs, asked.rounds, 0.4)
            sys.stdout.write(f"\n{name}, {sites:,} sites\n\n| engine | years per second | "
                             "riskmodel on 2 threads is faster by |\n|---|---:|---:|\n")
            for run in runs:
                sys.stdout.write(f"| {run.name} | {run.years_per_s:,.0f} | "
                                 f"{ratio(run, runs[0]):.2f} x |\n")
    assert runs[0].name == ENGINE


if __name__ == "__main__":
    main()
