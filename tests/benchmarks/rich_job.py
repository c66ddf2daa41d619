"""The rich job: the standard job with what a real world has, so that no short cut is left.

Of the sites, 30 % have a second feed from another grid (either will do), 30 % need two of three
cloud regions, half have four hours of reserve on their power, a third hang on the cloud for seven
tenths of what they do, those with water need it for half; six events in ten take a part of what
they hit. The sites, the nodes, the events and their rates are the standard job's.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

import riskmodel as rm
from tests.benchmarks.standard_job import EVENTS, GRIDS, REGIONS, Job, standard_frames

RESERVE_H = 4.0
PARTIAL = 0.6  # of the events


def rich_job(n_sites: int = 100, seed: int = 1) -> Job:
    """Make the job; everything about it follows from ``seed``."""
    frames, told = standard_frames(n_sites, seed)
    frames["requirements"] = _rich_needs(frames["requirements"])
    depth = _depths(seed)
    number = frames["events"]["event_id"].str[1:].astype(int).to_numpy()
    frames["events"] = frames["events"].assign(depth=depth[number])
    return Job(rm.World.from_frames(**frames), told)


def _rich_needs(needs: pd.DataFrame) -> pd.DataFrame:
    """Return the requirement rows with the second feeds, quorums, shares and reserves."""
    is_site = needs["node_id"].str.startswith("site")
    site = needs["node_id"].str[4:].where(is_site, "-1").astype(int)
    power, cloud, water = (is_site & (needs["group"] == group)
                           for group in ("power", "cloud", "water"))
    needs = needs.copy()
    needs.loc[power & (site % 4 < 2), "ride_through_h"] = RESERVE_H
    needs.loc[cloud & (site % 3 == 0), "share"] = 0.7
    needs.loc[water, "share"] = 0.5
    two_of_three = cloud & site.mod(10).between(3, 5)
    needs.loc[two_of_three, "k"] = 2.0
    second = needs[power & (site % 10 < 3)].copy()  # k stays 1: either feed will do
    second["member_id"] = _others(second["member_id"], "grid", 1, GRIDS)
    more = [needs[two_of_three].assign(
        member_id=_others(needs["member_id"][two_of_three], "region", step, REGIONS))
        for step in (1, 2)]
    return pd.concat([needs, second, *more], ignore_index=True)


def _others(members: pd.Series, name: str, step: int, count: int) -> pd.Series:
    """Return the node ``step`` numbers further on: another interconnection, another provider."""
    number = (members.str[len(name):].astype(int) + step) % count
    return name + number.astype(str)


def _depths(seed: int) -> np.ndarray:
    """Return what share of a node each event takes, shape (EVENTS,)."""
    rng = np.random.default_rng([seed, 1])
    return np.where(rng.random(EVENTS) < PARTIAL, rng.uniform(0.2, 1.0, EVENTS), 1.0)
