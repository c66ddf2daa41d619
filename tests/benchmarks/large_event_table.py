"""The large event table: two million rows in a world's folder, read, checked and compiled.

    python -m tests.benchmarks.large_event_table [--rows 2000000] [--sites 1000]

It writes a made-up world into a temporary folder, then reads it in a fresh process which says how
long each step took and by how much its resident memory rose above what the imports need.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

import riskmodel as rm
from riskmodel.world.io import write_world

ROWS_PER_EVENT = 100
COLUMNS = ("event_id", "peril", "region", "rate_per_yr", "node_id", "probability", "depth",
           "duration_dist", "duration_h", "duration_shape", "confidence", "source_urls")


def large_world(folder: Path, rows: int, sites: int, seed: int = 1) -> Path:
    """Write a world whose event table has so many rows; the numbers of every row differ."""
    rng = np.random.default_rng(seed)
    names = [f"site{i:05d}" for i in range(sites)]
    write_world(rm.World.from_frames(
        sites=pd.DataFrame({"site_id": names, "lat": rng.uniform(30, 48, sites),
                            "lon": rng.uniform(-120, -75, sites), "it_mw": 100.0}),
        labs=pd.DataFrame({"lab_id": ["lab"], "needed_share": [0.8]}),
        holdings=pd.DataFrame({"lab_id": "lab", "site_id": names, "share": 1.0})), folder)
    each = min(ROWS_PER_EVENT, sites)
    with (folder / "events.csv").open("w", encoding="utf-8") as file:
        file.write(",".join(COLUMNS) + "\n")
        for event in range(-(-rows // each)):
            count = min(each, rows - event * each)
            hit = rng.choice(sites, count, replace=False)
            p, hours = rng.uniform(0.05, 0.9, count), rng.uniform(6.0, 72.0, count)
            head = f"storm{event:06d},{'wind' if event % 3 else 'flood'},region{event % 7},0.001"
            file.write("".join(
                f"{head},{names[s]},{a:.6f},1,lognormal,{h:.4f},0.8,low,https://example.org/a\n"
                for s, a, h in zip(hit.tolist(), p.tolist(), hours.tolist(), strict=True)))
    return folder


def resident_mb(name: str) -> float:
    """Return a line of this process's status, in MB: VmRSS is now, VmHWM the most so far."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1]) / 1024.0
    raise RuntimeError(f"this system's /proc has no {name}")


def read_here(folder: Path) -> dict[str, float]:
    """Read, check and compile in this process; return seconds of each step and MB above imports."""
    from riskmodel.engine.plan.plan import make_plan
    from riskmodel.engine.run.runner import warm_up
    from riskmodel.perils.registry import load_perils

    warm_up()
    before = resident_mb("VmRSS")
    begun = time.perf_counter()
    world = rm.read_world(folder, check=False)
    read = time.perf_counter()
    world.check()
    checked = time.perf_counter()
    plan = make_plan(world, load_perils(world), seed=7, horizon_h=8760.0, cap_h=17520.0)
    done = time.perf_counter()
    return {"rows": len(world.events), "events": len(plan.event_ids), "read_s": read - begun,
            "check_s": checked - read, "compile_s": done - checked, "imports_mb": before,
            "peak_above_mb": resident_mb("VmHWM") - before,
            "held_mb": resident_mb("VmRSS") - before}


def read_apart(folder: Path) -> dict[str, float]:
    """Do the same in a fresh process."""
    done = subprocess.run([sys.executable, "-m", "tests.benchmarks.large_event_table", "--read",
                           str(folder)], check=False, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return dict(json.loads(done.stdout))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--sites", type=int, default=1000)
    parser.add_argument("--read", type=Path, help="read this folder here, and say it as JSON")
    asked = parser.parse_args()
    if asked.read is not None:
        sys.stdout.write(json.dumps(read_here(asked.read)))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = large_world(Path(name), asked.rows, asked.sites)
        size = (folder / "events.csv").stat().st_size / 1e6
        told = read_apart(folder)
    sys.stdout.write(
        f"{told['rows']:,.0f} rows of {told['events']:,.0f} events, a file of {size:,.0f} MB\n"
        f"read in {told['read_s']:.1f} s, checked in {told['check_s']:.1f} s, compiled in "
        f"{told['compile_s']:.1f} s\n"
        f"peak memory {told['peak_above_mb']:,.0f} MB above the {told['imports_mb']:,.0f} MB of "
        f"the imports; {told['held_mb']:,.0f} MB are held at the end\n")


if __name__ == "__main__":
    main()
