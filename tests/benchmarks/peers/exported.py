"""The standard job as arrays in a file, for programs that have no graph: who may be hit by what."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from tests.benchmarks.reach import labs_of, reach_of
from tests.benchmarks.standard_job import Job


def export(job: Job, path: Path) -> Path:
    """Write the job with every node replaced by the sites it takes down.

    Sparse by event (``indptr``): ``site``, ``probability``, ``median_h``, ``sigma``, ``mean_h``;
    by event ``rate``; by site ``lat``, ``lon``, ``mw``, ``lab``. The sites of one node fail
    together in truth; a program that draws each site apart keeps the mean and loses that.
    """
    world = job.world
    reach = reach_of(world)
    table = world.events.sort_values("event_id", kind="stable")
    taken = [reach[node] for node in table.node_id]
    size = np.array([len(sites) for sites in taken])
    codes, events = pd.factorize(table.event_id)
    sigma = np.repeat(table.duration_shape.to_numpy(), size)
    median = np.repeat(table.duration_h.to_numpy(), size)
    np.savez(
        path, indptr=np.concatenate([[0], np.cumsum(np.bincount(codes, size, len(events)))]
                                    ).astype(np.int64),
        site=np.concatenate(taken), probability=np.repeat(table.probability.to_numpy(), size),
        median_h=median, sigma=sigma, mean_h=median * np.exp(sigma**2 / 2.0),
        rate=table.drop_duplicates("event_id").rate_per_yr.to_numpy(),
        lat=world.sites.lat, lon=world.sites.lon, mw=world.sites.it_mw,
        lab=labs_of(world))
    return path
