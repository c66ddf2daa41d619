"""The loop that somebody writes in an afternoon: plain Python over a networkx graph.

Three readings of it. ``NetworkxSums`` adds up what every failure takes and is done: overlapping
outages count twice, and nobody knows what falls below a need or what the cause was. ``NetworkxAll``
gives what riskmodel gives for the standard job, to rounding: overlaps united, each lost hour
booked to its cause, shortfall, the largest event, contributions by peril. The third, for any
requirements, is in ``networkx_any``.

All walk the graph down from every node that fails, when it fails: no table made beforehand. They
read the footprints from the same event table as riskmodel; ``circles=True`` finds the sites of a
circle at run time instead.
"""

from __future__ import annotations

import math
import random
from collections import defaultdict
from typing import NamedTuple

import networkx as nx
import numpy as np

from tests.benchmarks.outputs import YearTable
from tests.benchmarks.reach import graph_of, labs_of
from tests.benchmarks.standard_job import EVENTS, EVENTS_PER_YEAR, Job

HORIZON_H, CAP_H = 8760.0, 17520.0


class Outage(NamedTuple):
    """A node's own outage, hours from the start of the year; ``event`` counts within the year."""

    start: float
    end: float
    event: int
    peril: int
    node: str
    depth: float = 1.0


class NetworkxSums:
    """Draws, walks down the graph, sums per lab."""

    def __init__(self, job: Job, *, circles: bool = False) -> None:
        world = job.world
        self.graph = graph_of(world)
        self.sites = {site.site_id: (lab, site.it_mw) for lab, site in zip(
            labs_of(world).tolist(), world.sites.itertuples(), strict=True)}
        self.places = [(site.site_id, site.lat, site.lon) for site in world.sites.itertuples()]
        self.labs = len(world.labs)
        self.told = job.told
        self.depth = world.events.drop_duplicates("event_id").sort_values("event_id").depth.tolist()
        self.at_risk: list[list[str]] = []
        if not circles:
            by_id = world.events.groupby("event_id", sort=True)["node_id"]
            self.at_risk = [nodes.tolist() for _, nodes in by_id]

    def footprint(self, event: int) -> list[str]:
        """Return the nodes that an event may hit: as its table says, or found at run time."""
        if self.at_risk:
            return self.at_risk[event]
        told = self.told[event]
        if told.circle is None:
            return [str(told.node)]
        lat, lon, radius = told.circle
        return [name for name, y, x in self.places if math.hypot(y - lat, x - lon) <= radius]

    def failures(self, chance: random.Random, events: int) -> list[Outage]:
        """Draw the own outages of one year."""
        found = []
        for number in range(events):
            event = chance.randrange(EVENTS)
            told = self.told[event]
            start = chance.random() * HORIZON_H
            for node in self.footprint(event):
                if chance.random() < told.probability:
                    hours = chance.lognormvariate(math.log(told.median_h), told.sigma)
                    found.append(Outage(start, start + min(hours, CAP_H), number,
                                        int(told.node is None), node, self.depth[event]))
        return found

    def __call__(self, years: int) -> YearTable:
        """Simulate so many years."""
        table = self.empty(years)
        counts = np.random.default_rng(0).poisson(EVENTS_PER_YEAR, years).tolist()
        chance = random.Random(0)  # Python's own is quicker than numpy's, one draw at a time
        for year, events in enumerate(counts):
            self.book(table, year, self.failures(chance, events))
        return table

    def empty(self, years: int) -> YearTable:
        """Return the table to be filled."""
        return YearTable.of(years, everything=False)

    def book(self, table: YearTable, year: int, outages: list[Outage]) -> None:
        """Add up what the year's outages take."""
        lost = [0.0] * self.labs
        for outage in outages:
            for name in {outage.node} | nx.descendants(self.graph, outage.node):
                if name in self.sites:
                    lab, mw = self.sites[name]
                    lost[lab] += mw * (outage.end - outage.start)
        table.lost[year] = lost


class NetworkxAll(NetworkxSums):
    """The same loop with everything that riskmodel computes for the standard job."""

    def __init__(self, job: Job) -> None:
        super().__init__(job)
        capacity = [0.0] * self.labs
        for lab, mw in self.sites.values():
            capacity[lab] += mw
        self.slack = [mw * (1.0 - needed) for mw, needed in zip(
            capacity, job.world.labs.needed_share.tolist(), strict=True)]

    def empty(self, years: int) -> YearTable:
        """Return the table to be filled."""
        return YearTable.of(years)

    def book(self, table: YearTable, year: int, outages: list[Outage]) -> None:
        """Unite the outages of each site, book each hour to its cause, value what is lost."""
        outages.sort(key=lambda outage: (outage.start, outage.event))
        taken: defaultdict[str, list[Outage]] = defaultdict(list)
        for outage in outages:
            for name in {outage.node} | nx.descendants(self.graph, outage.node):
                if name in self.sites:
                    taken[name].append(outage)
        caused: defaultdict[tuple[int, int, int], float] = defaultdict(float)
        changes: defaultdict[int, list[tuple[float, float]]] = defaultdict(list)
        down = [0.0] * self.labs  # MW of the sites that are down at some time
        for name, those in taken.items():
            lab, mw = self.sites[name]
            down[lab] += mw
            until = -math.inf
            for outage in those:  # what failed first is the cause until it is back
                if outage.end <= until:
                    continue
                if outage.start > until:
                    if until > -math.inf:
                        changes[lab].append((until, -mw))
                    changes[lab].append((outage.start, mw))
                caused[outage.event, outage.peril, lab] += mw * (
                    outage.end - max(outage.start, until))
                until = outage.end
            changes[lab].append((until, -mw))
        self.close(table, year, caused, [
            below(changes[lab], slack) if down[lab] > slack else 0.0
            for lab, slack in enumerate(self.slack)])

    def close(self, table: YearTable, year: int, caused: dict[tuple[int, int, int], float],
              short: list[float]) -> None:
        """Write the year from its losses by event, peril and lab, and its shortfalls."""
        lost, largest = [0.0] * self.labs, [0.0] * self.labs
        for (_, peril, lab), loss in caused.items():
            lost[lab] += loss
            largest[lab] = max(largest[lab], loss)
            table.by_peril[peril, lab] += loss  # type: ignore[index]
        table.lost[year], table.short[year], table.largest[year] = (  # type: ignore[index]
            lost, short, largest)


def below(changes: list[tuple[float, float]], slack: float) -> float:
    """Return the MW-hours by which the capacity down, told by its changes, is above ``slack``."""
    changes.sort()
    total = level = before = 0.0
    for time, step in changes:
        if level > slack:
            total += (level - slack) * (time - before)
        level += step
        before = time
    return total
