"""The benchmark: this engine beside three references, on one standard job, in one run.

    python -m tests.benchmarks.standard_job [--rounds 5] [--sites 100] [--workers 1]

The job: 100 sites of 8 labs; 24 grids under 4 interconnections, 30 cloud regions under 5
providers, 20 water basins for half the sites; 10,000 catalogue events, half of which hit a node
and half a radius; 20 events a year; about 65 draws of a site or node at risk a year; lognormal
durations. Rounds are interleaved and medians compared, because the machine may be shared: read the
ratios, not the seconds.

What each does:

- riskmodel: keyed draws, exact cascade, union of overlapping outages, shortfall, the largest event
  (OEP), the sum (AEP), and every loss with its event and root node.
- networkx loop: a random generator, a walk down the graph for every node that fails, sums per lab.
  No union, no shortfall, no causes.
- vectorised numpy: the same on arrays, with the walk replaced by a table made beforehand. No union,
  no shortfall, no causes.
- floor: riskmodel's own draws and table reads, and nothing else.
"""

from __future__ import annotations

import argparse
import math
import statistics
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import networkx as nx
import numpy as np
import pandas as pd
from numba import njit

import riskmodel as rm
from riskmodel.engine.given import no_given
from riskmodel.engine.kernel.draws import draw_year
from riskmodel.engine.plan import Plan, make_plan
from riskmodel.engine.runner import BLOCK_YEARS, Sizes, Span, new_work, run_given
from riskmodel.perils.registry import load_perils

GRIDS, INTERCONNECTIONS, REGIONS, PROVIDERS, BASINS, LABS = 24, 4, 30, 5, 20, 8
EVENTS, EVENTS_PER_YEAR = 10_000, 20.0


def standard_job(n_sites: int = 100, seed: int = 1) -> tuple[rm.World, list[tuple]]:
    """Make the job's world and its catalogue; everything about it follows from ``seed``."""
    rng = np.random.default_rng(seed)
    grid = rng.integers(0, GRIDS, n_sites)
    centre = np.column_stack([rng.uniform(30, 48, GRIDS), rng.uniform(-120, -75, GRIDS)])
    place = centre[grid] + rng.normal(0, 1.2, (n_sites, 2))
    sites = pd.DataFrame({
        "site_id": [f"site{i:05d}" for i in range(n_sites)], "lat": place[:, 0],
        "lon": place[:, 1], "it_mw": rng.lognormal(5, 0.6, n_sites).round(1)})
    labs = pd.DataFrame({"lab_id": [f"lab{i}" for i in range(LABS)], "needed_share": 0.8})
    holdings = pd.DataFrame({
        "lab_id": [f"lab{i % LABS}" for i in range(n_sites)], "site_id": sites.site_id,
        "share": 1.0})
    kinds = [("grid", "grid", GRIDS), ("inter", "interconnection", INTERCONNECTIONS),
             ("region", "cloud_region", REGIONS), ("cloud", "cloud", PROVIDERS),
             ("basin", "water", BASINS)]
    nodes = pd.DataFrame([(f"{name}{i}", kind) for name, kind, count in kinds
                          for i in range(count)], columns=["node_id", "kind"])
    rows = [(f"grid{i}", "bulk", f"inter{i % INTERCONNECTIONS}") for i in range(GRIDS)]
    rows += [(f"region{i}", "control", f"cloud{i % PROVIDERS}") for i in range(REGIONS)]
    for i, site in enumerate(sites.site_id):
        rows += [(site, "power", f"grid{grid[i]}"), (site, "cloud", f"region{i % REGIONS}")]
        if i % 2 == 0:
            rows.append((site, "water", f"basin{rng.integers(0, BASINS)}"))
    told, table = _events(sites, nodes, rng)
    return rm.World.from_frames(
        sites=sites, labs=labs, holdings=holdings, nodes=nodes, events=table,
        requirements=pd.DataFrame(rows, columns=["node_id", "group", "member_id"])), told


def _events(sites: pd.DataFrame, nodes: pd.DataFrame,
            rng: np.random.Generator) -> tuple[list[tuple], pd.DataFrame]:
    """Return the catalogue as told (node, or centre and radius), and as an event table."""
    events, rows = [], []
    places = sites[["lat", "lon"]].to_numpy()
    ids = sites.site_id.to_numpy()
    share = 5.5 / len(sites) if len(sites) <= 200 else 0.034  # sites within reach of an event
    node_ids = nodes.node_id.to_numpy()
    for e in range(EVENTS):
        rate = EVENTS_PER_YEAR / EVENTS
        p, scale = float(rng.uniform(0.1, 0.6)), float(rng.uniform(6, 72))
        shape = float(rng.uniform(0.5, 1.2))
        if e % 2:
            hit = [node_ids[rng.integers(0, len(node_ids))]]
            events.append((p, scale, shape, hit[0], None))
        else:
            centre = places[rng.integers(0, len(ids))]
            away = np.hypot(*(places - centre).T)
            radius = float(np.quantile(away, min(1.0, share * rng.uniform(0.4, 1.6))))
            hit = ids[away <= radius]
            events.append((p, scale, shape, None, (*centre, radius)))
        rows += [(f"e{e:05d}", "standard", "everywhere", rate, node, p, 1.0, "lognormal", scale,
                  shape) for node in hit]
    return events, pd.DataFrame(rows, columns=[
        "event_id", "peril", "region", "rate_per_yr", "node_id", "probability", "depth",
        "duration_dist", "duration_h", "duration_shape"])


class NetworkxLoop:
    """What somebody writes in an afternoon: the graph holds everything, and is walked."""

    def __init__(self, world: rm.World, events: list[tuple]) -> None:
        self.graph = nx.DiGraph(list(zip(world.requirements.member_id, world.requirements.node_id,
                                         strict=True)))
        self.graph.add_nodes_from(world.nodes.node_id)
        for site in world.sites.itertuples():
            self.graph.add_node(site.site_id, lat=site.lat, lon=site.lon, mw=site.it_mw)
        for holding in world.holdings.itertuples():
            self.graph.nodes[holding.site_id]["lab"] = holding.lab_id
        self.events = events

    def footprint(self, event: tuple) -> list[str]:
        """Nodes at risk: the node named, or every site within the radius."""
        _, _, _, node, circle = event
        if node is not None:
            return [node]
        lat, lon, radius = circle
        return [name for name, data in self.graph.nodes(data=True)
                if "lat" in data and math.hypot(data["lat"] - lat, data["lon"] - lon) <= radius]

    def __call__(self, years: int) -> float:
        rng = np.random.default_rng(0)
        total = 0.0
        for _ in range(years):
            lost: dict[str, float] = {}
            for _ in range(rng.poisson(EVENTS_PER_YEAR)):
                event = self.events[rng.integers(0, EVENTS)]
                p, scale, shape = event[:3]
                for node in self.footprint(event):
                    if rng.random() >= p:
                        continue
                    hours = rng.lognormal(math.log(scale), shape)
                    for name in {node} | nx.descendants(self.graph, node):
                        data = self.graph.nodes[name]
                        if "mw" in data:
                            lost[data["lab"]] = (lost.get(data["lab"], 0.0)
                                                 + data["mw"] * hours / 24)
            total += sum(lost.values())
        return total / years


class VectorisedNumpy:
    """Draws from the catalogue on arrays; the cascade is a table of which sites a node takes."""

    def __init__(self, world: rm.World) -> None:
        graph = nx.DiGraph(list(zip(world.requirements.member_id, world.requirements.node_id,
                                    strict=True)))
        graph.add_nodes_from([*world.sites.site_id, *world.nodes.node_id])
        site = {name: i for i, name in enumerate(world.sites.site_id)}
        table = world.events
        codes, _ = pd.factorize(table.event_id)
        self.start = np.searchsorted(codes, np.arange(EVENTS))
        self.count = np.bincount(codes)
        self.p = table.probability.to_numpy()
        self.scale = table.duration_h.to_numpy()
        self.shape = table.duration_shape.to_numpy()
        reach = {node: [site[s] for s in {node} | nx.descendants(graph, node) if s in site]
                 for node in graph}
        taken = [reach[node] for node in table.node_id]
        self.t_count = np.array([len(t) for t in taken])
        self.t_start = np.concatenate([[0], np.cumsum(self.t_count)[:-1]])
        self.t_site = np.array([s for t in taken for s in t])
        self.mw = world.sites.it_mw.to_numpy()
        labs = {name: i for i, name in enumerate(world.labs.lab_id)}
        self.lab = np.array([labs[name] for name in world.holdings.lab_id])

    @staticmethod
    def _expand(start: np.ndarray, count: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        who = np.repeat(np.arange(len(count)), count)
        first = np.repeat(np.cumsum(count) - count, count)
        return who, np.repeat(start, count) + np.arange(len(who)) - first

    def __call__(self, years: int) -> float:
        rng = np.random.default_rng(0)
        total = 0.0
        for first in range(0, years, 5000):
            span = min(5000, years - first)
            year = np.repeat(np.arange(span), rng.poisson(EVENTS_PER_YEAR, span))
            event = rng.integers(0, EVENTS, len(year))
            who, row = self._expand(self.start[event], self.count[event])
            hit = rng.random(len(row)) < self.p[row]
            row, year = row[hit], year[who[hit]]
            hours = self.scale[row] * np.exp(self.shape[row] * rng.standard_normal(len(row)))
            who, taken = self._expand(self.t_start[row], self.t_count[row])
            site = self.t_site[taken]
            loss = np.bincount(year[who] * LABS + self.lab[site],
                               self.mw[site] * hours[who] / 24, minlength=span * LABS)
            total += loss.sum()
        return total / years


@njit(nogil=True)
def _floor(cat, w, first, years, horizon_h, cap_h):  # type: ignore[no-untyped-def]
    total = 0.0
    for year in range(first, first + years):
        _, _, outages = draw_year(cat, w, year, 1, horizon_h, cap_h)
        for i in range(outages):
            total += w.raw[i].end - w.raw[i].start
    return total


def over_blocks(task: Callable[[int, int], float], years: int, workers: int) -> float:
    """Run ``task(first year, years)`` over the engine's blocks on threads."""
    firsts = range(0, years, BLOCK_YEARS)
    with ThreadPoolExecutor(workers) as pool:
        return sum(pool.map(task, firsts, [min(BLOCK_YEARS, years - f) for f in firsts]))


def contenders(n_sites: int, workers: int) -> tuple[dict[str, tuple[Callable, int]], Plan]:
    """Return name -> (run, years a round), and the compiled plan."""
    world, told = standard_job(n_sites)
    plan = make_plan(world, load_perils(world), seed=7, horizon_h=8760.0, cap_h=17520.0)
    span = Span(1, -np.inf, np.inf, True, False)

    def engine(years: int) -> float:
        def block(first: int, count: int) -> float:
            rows = run_given(plan, no_given(count), first, count, span)
            return float(rows.years["lost"].sum() / 24)
        return over_blocks(block, years, workers) / years

    def floor(years: int) -> float:
        return over_blocks(
            lambda first, count: _floor(plan.catalogue, new_work(plan, Sizes()), first, count,
                                        8760.0, 17520.0), years, workers)

    scale = max(1, n_sites // 100)
    return {
        "riskmodel": (engine, 40_960 // scale),
        "networkx loop": (NetworkxLoop(world, told), max(200 // scale, 5)),
        "vectorised numpy, 1 thread": (VectorisedNumpy(world), 20_000 // scale),
        "floor: draws and table reads only": (floor, 40_960 // scale),
    }, plan


def measure(runs: dict[str, tuple[Callable, int]], rounds: int) -> dict[str, list[float]]:
    """Return name -> seconds a year of each round; rounds are interleaved."""
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for function, _ in runs.values():  # compile, fill caches
        function(50)
    for _ in range(rounds):
        for name, (function, years) in runs.items():
            start = time.perf_counter()
            function(years)
            seconds[name].append((time.perf_counter() - start) / years)
    return seconds


def table(seconds: dict[str, list[float]], plan: Plan) -> str:
    """Return the result as Markdown."""
    base = seconds["riskmodel"]
    lines = ["| engine | years per second (median) | riskmodel is faster by (median of rounds) |",
             "|---|---:|---:|"]
    for name, times in seconds.items():
        ratio = statistics.median(t / b for t, b in zip(times, base, strict=True))
        lines.append(f"| {name} | {1 / statistics.median(times):,.0f} | {ratio:,.2f} x |")
    events = plan.world.events
    rows_at_risk = float((events["rate_per_yr"] * (events["probability"] > 0)).sum())
    lines.append(f"\n{rows_at_risk:.0f} row draws a year, {len(plan.labs)} labs, "
                 f"{len(plan.nodes)} nodes.")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sites", type=int, default=100)
    parser.add_argument("--workers", type=int, default=1, help="threads of riskmodel and the floor")
    asked = parser.parse_args()
    runs, plan = contenders(asked.sites, asked.workers)
    sys.stdout.write(table(measure(runs, asked.rounds), plan) + "\n")


if __name__ == "__main__":
    main()
