"""How much memory a run takes, and how fast it is: ``python -m tests.benchmarks.memory``.

    python -m tests.benchmarks.memory --years 1000000 10000000   # of the shipped world
    python -m tests.benchmarks.memory --years 300000 --perils cloud_outage --most-in-memory 1000

Each run is a process of its own, which keeps its blocks and parts in a folder that is removed
afterwards, and reports the peak of its resident memory as the operating system counted it. A last
line compares the first peak with the last.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile

CHILD = """
import json, resource, sys, time
import riskmodel as rm
from riskmodel.engine.run.runner import warm_up
told = json.loads(sys.argv[1])
world = rm.read_world()
warm_up()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
begun = time.perf_counter()
last = [begun]
def progress(done, total):
    now = time.perf_counter()
    if told["every"] and now - last[0] > told["every"]:
        last[0] = now
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{done:,} years, {done / (now - begun):,.0f} a second, peak {peak:,.0f} MB",
              file=sys.stderr, flush=True)
found = rm.simulate(world, seed=7, progress=progress, keep=told["keep"], **told["how"])
took = time.perf_counter() - begun
rm.measure(found, by="total")
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"seconds": took, "before_mb": before / 1024, "peak_mb": peak / 1024,
                  "kind": type(found).__name__}))
"""


def measured(years: int, *, every: float = 0.0, keep: str | None = None, **how: object
             ) -> dict[str, float]:
    """Run ``years`` of the shipped world in a process of its own; return its time and memory."""
    with tempfile.TemporaryDirectory(dir=keep) as folder:
        told = {"keep": f"{folder}/blocks", "every": every, "how": {"years": years, **how}}
        ran = subprocess.run([sys.executable, "-c", CHILD, json.dumps(told)], check=True,
                             stdout=subprocess.PIPE, text=True)
    found: dict[str, float] = json.loads(ran.stdout)
    return found


def main() -> None:
    """Measure what the command line asks for."""
    asked = argparse.ArgumentParser(description=__doc__,
                                    formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--years", type=int, nargs="+", default=[1_000_000])
    asked.add_argument("--perils", help="only these, with commas between them")
    asked.add_argument("--worlds", type=int, default=1)
    asked.add_argument("--workers", type=int)
    asked.add_argument("--no-adequacy", action="store_true",
                       help="without the calendar pass: about twice as quick")
    asked.add_argument("--most-in-memory", type=int, help="a run of more years is long")
    asked.add_argument("--keep", help="folder on the disk that the parts are to lie on")
    asked.add_argument("--every", type=float, default=60.0,
                       help="seconds between lines of progress, 0 for none")
    told = asked.parse_args()
    how = {"adequacy": not told.no_adequacy, "worlds": told.worlds, "workers": told.workers,
           "perils": told.perils.split(",") if told.perils else None,
           "most_in_memory": told.most_in_memory}
    peaks = []
    for years in told.years:
        found = measured(years, every=told.every, keep=told.keep, **how)
        peaks.append(found["peak_mb"])
        print(f"{years:,} years ({found['kind']}): {found['seconds']:,.0f} s, "
              f"{years / found['seconds']:,.0f} years a second, peak {found['peak_mb']:,.0f} MB "
              f"(before the first year {found['before_mb']:,.0f} MB)", flush=True)
    if len(peaks) > 1:
        print(f"peak of the last over the first: {peaks[-1] / peaks[0]:.3f}")


if __name__ == "__main__":
    main()
