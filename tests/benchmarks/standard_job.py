"""The standard job: a made-up world and its catalogue, the same for everything that is measured.

100 sites (or more) of 8 labs; 24 grids under 4 interconnections, 30 cloud regions under 5
providers, 20 water basins for half the sites; 10,000 catalogue events of two perils, one of which
hits a node and one a circle of sites; 20 events a year; lognormal durations. A circle holds 5.5 %
of the sites on average, whatever their number, so the draws of a site or node at risk are about 70
a year for 100 sites and grow with the sites.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

import riskmodel as rm

GRIDS, INTERCONNECTIONS, REGIONS, PROVIDERS, BASINS, LABS = 24, 4, 30, 5, 20, 8
EVENTS, EVENTS_PER_YEAR = 10_000, 20.0
REACH = 0.055  # mean share of the sites within the circle of an event
PERILS = ("node_failure", "area_event")
NEED_COLUMNS = ("node_id", "group", "member_id", "k", "share", "ride_through_h")


class Told(NamedTuple):
    """An event of the catalogue as somebody tells it: a node, or a circle in degrees."""

    probability: float
    median_h: float
    sigma: float
    node: str | None
    circle: tuple[float, float, float] | None  # latitude, longitude, radius


class Job(NamedTuple):
    """A world, and its catalogue as told (event i has the id ``e`` and five digits)."""

    world: rm.World
    told: list[Told]


def standard_job(n_sites: int = 100, seed: int = 1) -> Job:
    """Make the job; everything about it follows from ``seed``."""
    frames, told = standard_frames(n_sites, seed)
    return Job(rm.World.from_frames(**frames), told)


def standard_frames(n_sites: int, seed: int = 1) -> tuple[dict[str, pd.DataFrame], list[Told]]:
    """Return the tables of the job's world, and its catalogue as told."""
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
    needs = pd.DataFrame(rows, columns=["node_id", "group", "member_id"]).assign(
        k=1.0, share=1.0, ride_through_h=0.0)
    told, table = _catalogue(sites, nodes, rng)
    return {"sites": sites, "labs": labs, "holdings": holdings, "nodes": nodes,
            "requirements": needs, "events": table}, told


def _catalogue(sites: pd.DataFrame, nodes: pd.DataFrame,
               rng: np.random.Generator) -> tuple[list[Told], pd.DataFrame]:
    """Return the catalogue as told, and as an event table."""
    told: list[Told] = []
    hit: list[np.ndarray] = []
    places = sites[["lat", "lon"]].to_numpy()
    ids = sites.site_id.to_numpy(dtype=object)
    node_ids = nodes.node_id.to_numpy(dtype=object)
    for e in range(EVENTS):
        p, median = float(rng.uniform(0.1, 0.6)), float(rng.uniform(6, 72))
        sigma = float(rng.uniform(0.5, 1.2))
        if e % 2:
            node = str(node_ids[rng.integers(0, len(node_ids))])
            told.append(Told(p, median, sigma, node, None))
            hit.append(np.array([node], dtype=object))
        else:
            centre = places[rng.integers(0, len(ids))]
            away = np.hypot(*(places - centre).T)
            radius = float(np.quantile(away, min(1.0, REACH * rng.uniform(0.4, 1.6))))
            told.append(Told(p, median, sigma, None,
                             (float(centre[0]), float(centre[1]), radius)))
            hit.append(ids[away <= radius])
    count = [len(names) for names in hit]
    number = np.repeat(np.arange(EVENTS), count)
    names = np.array([f"e{e:05d}" for e in range(EVENTS)], dtype=object)
    perils = np.array(PERILS, dtype=object)

    def of_event(values: list[float]) -> np.ndarray:
        return np.array(values)[number]

    return told, pd.DataFrame({
        "event_id": names[number], "peril": perils[(number + 1) % 2], "region": "everywhere",
        "rate_per_yr": EVENTS_PER_YEAR / EVENTS, "node_id": np.concatenate(hit),
        "probability": of_event([t.probability for t in told]), "depth": 1.0,
        "duration_dist": "lognormal", "duration_h": of_event([t.median_h for t in told]),
        "duration_shape": of_event([t.sigma for t in told])})
