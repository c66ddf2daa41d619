"""One run of the benchmark: what was measured, as plain data that is written, shown and drawn."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import riskmodel as rm
from riskmodel.engine.run.runner import BLOCK_YEARS
from tests.benchmarks.contenders import (
    engine_contenders,
    peer_contenders,
    references,
    rich_references,
    shipped_contenders,
)
from tests.benchmarks.engine_runs import Engine, plan_of, site_hits
from tests.benchmarks.peers.process import Peer, PeerFailed, exported
from tests.benchmarks.rich_job import rich_job
from tests.benchmarks.rounds import FIRST_YEARS, Contender, measure
from tests.benchmarks.standard_job import standard_job

SHIPPED_S = 4.0  # of a round: the tables of years are made and kept
JOBS = {"standard": standard_job, "rich": rich_job}
Say = Callable[[str], None]


def machine() -> dict[str, Any]:
    """Return what the figures depend on beside the code."""
    model = platform.processor()
    info = Path("/proc/cpuinfo")
    if info.exists():
        model = next((line.split(":")[1].strip() for line in info.read_text().splitlines()
                      if line.startswith("model name")), model)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {"processor": model, "cores": cores, "system": platform.platform(terse=True),
            "versions": {"python": platform.python_version(), "riskmodel": version("riskmodel"),
                         **{name: version(name) for name in ("numpy", "numba", "networkx",
                                                             "pandas")}}}


def measure_job(kind: str, sites: int, rounds: int, round_s: float, peers: Path | None,
                folder: Path, skipped: dict[str, str], say: Say,
                least_years: int = 2 * BLOCK_YEARS) -> tuple[dict[str, Any], Engine]:
    """Measure one job at one size; the peers' processes end with it."""
    begun = time.perf_counter()
    job = JOBS[kind](sites)
    plan = plan_of(job.world)
    say(f"{kind} job, {sites:,} sites: made and compiled in {time.perf_counter() - begun:.0f} s")
    draws, outages, hits = site_hits(plan, range(max(20, 20_000 // sites)))
    contenders = engine_contenders(plan, least_years)
    started: dict[str, Peer] = {}
    if kind == "rich":
        contenders += rich_references(job)
    if kind == "standard":
        contenders += references(job)
        for name in ("climada", "oasis"):
            try:
                peer = Peer(name, peers, exported(job, folder / str(sites)),
                            folder / str(sites) / name) if peers else _absent(name)
                peer(FIRST_YEARS)  # what fails fails here, and what is compiled is compiled
                started[name] = peer
            except PeerFailed as why:
                skipped[name] = str(why)
                say(f"  {name} is left out: {why}")
        contenders += peer_contenders(started)
    try:
        measure(contenders, rounds, round_s, say)
    finally:
        for peer in started.values():
            peer.close()
    return {"job": kind, "sites": sites, "draws": draws, "outages": outages, "site_hits": hits,
            "peers": {name: peer.version for name, peer in started.items()},
            "runs": _runs(contenders)}, Engine(plan, 2)


def _absent(name: str) -> Peer:
    raise PeerFailed("no folder of environments was given with --peers; make one with "
                     f"python -m tests.benchmarks.peers.build FOLDER {name}")


def measure_years(engine: Engine, sites: int, lengths: Sequence[int], per_year_s: float,
                  longest_s: float, say: Say) -> list[dict[str, Any]]:
    """Time whole runs of so many years; those that would take too long say so instead."""
    found = []
    for years in lengths:
        told: dict[str, Any] = {"sites": sites, "years": years, "seconds": None}
        if years * per_year_s <= longest_s:
            begun = time.perf_counter()
            engine(years).figures()
            told["seconds"] = time.perf_counter() - begun
            say(f"  {sites:,} sites, {years:,} years: {told['seconds']:.2f} s")
        found.append(told)
    return found


def measure_shipped(rounds: int, say: Say) -> dict[str, Any]:
    """Measure the whole call on the world that ships."""
    world = rm.read_world()
    say("shipped world")
    contenders = shipped_contenders(world)
    measure(contenders, rounds, SHIPPED_S, say)
    return {"job": "shipped", "sites": len(world.sites), "runs": _runs(contenders)}


def _runs(contenders: Sequence[Contender]) -> dict[str, Any]:
    return {c.name: {"years": c.years, "seconds_per_year": c.seconds, "cpu_s_per_year": c.cpu_s,
                     "aal_mw_days": c.aal_mw_days} for c in contenders}
