"""The same on numpy arrays, block by block, with the cascade replaced by a table made beforehand.

The table says which sites each node takes down, which is all there is to the standard job's
cascade: every need is of one member, whole, without reserve. (A job with quorums or reserves has no
such table.) ``NumpySums`` adds up; ``NumpyAll`` also unites overlaps, books each lost hour to its
cause, and finds shortfall, the largest event and contributions by peril, as riskmodel does.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from tests.benchmarks.networkx_loop import CAP_H, HORIZON_H
from tests.benchmarks.outputs import YearTable
from tests.benchmarks.reach import labs_of, reach_of
from tests.benchmarks.standard_job import EVENTS, EVENTS_PER_YEAR, LABS, PERILS, Job

_APART_H = 32_768.0  # more than a year and the longest outage: keeps site-years apart in one number


class Hits(NamedTuple):
    """Own outages of a block of years, sorted by year; ``event`` counts within the block."""

    year: np.ndarray
    event: np.ndarray
    peril: np.ndarray
    node: np.ndarray
    start: np.ndarray
    end: np.ndarray


class NumpySums:
    """Draws from the catalogue and sums per lab, on arrays."""

    everything = False

    def __init__(self, job: Job) -> None:
        world = job.world
        reach = reach_of(world)
        self.node = {name: i for i, name in enumerate(reach)}
        self.taken = np.array([len(sites) for sites in reach.values()])
        self.taken_from = np.cumsum(self.taken) - self.taken
        self.taken_site = np.concatenate(list(reach.values()))
        table = world.events
        codes, _ = pd.factorize(table.event_id, sort=True)
        self.rows = np.bincount(codes, minlength=EVENTS)
        self.rows_from = np.cumsum(self.rows) - self.rows
        order = np.argsort(codes, kind="stable")
        self.p, self.median, self.sigma = (table[name].to_numpy()[order] for name in (
            "probability", "duration_h", "duration_shape"))
        self.at = table.node_id.map(self.node).to_numpy()[order]
        self.peril = table.peril.map({p: i for i, p in enumerate(PERILS)}).to_numpy()[order]
        self.mw = world.sites.it_mw.to_numpy()
        self.lab = labs_of(world)
        self.slack = np.bincount(self.lab, self.mw, LABS) * (
            1.0 - world.labs.needed_share.to_numpy())
        # blocks that stay near the processor, whatever the number of sites
        self.block_years = max(100, min(4096, 400_000 // len(self.mw)))

    def draw(self, rng: np.random.Generator, years: int) -> Hits:
        """Draw the own outages of a block of years."""
        year = np.repeat(np.arange(years), rng.poisson(EVENTS_PER_YEAR, years))
        event = rng.integers(0, EVENTS, len(year))
        who, row = expand(self.rows_from[event], self.rows[event])
        hit = rng.random(len(row)) < self.p[row]
        who, row = who[hit], row[hit]
        hours = self.median[row] * np.exp(self.sigma[row] * rng.standard_normal(len(row)))
        start = self.starts(rng, len(year))[who]
        return Hits(year[who], who, self.peril[row], self.at[row], start,
                    start + np.minimum(hours, CAP_H))

    def starts(self, rng: np.random.Generator, events: int) -> np.ndarray:
        """Return when the events begin: for sums it does not matter."""
        return np.zeros(events)

    def __call__(self, years: int) -> YearTable:
        """Simulate so many years."""
        rng = np.random.default_rng(0)
        table = YearTable.of(years, everything=self.everything)
        for first in range(0, years, self.block_years):
            count = min(self.block_years, years - first)
            self.book(table, first, count, self.draw(rng, count))
        return table

    def book(self, table: YearTable, first: int, years: int, hits: Hits) -> None:
        """Add up what the outages take."""
        who, at = expand(self.taken_from[hits.node], self.taken[hits.node])
        site = self.taken_site[at]
        table.lost[first:first + years] = np.bincount(
            hits.year[who] * LABS + self.lab[site], self.mw[site] * (hits.end - hits.start)[who],
            minlength=years * LABS).reshape(years, LABS)


class NumpyAll(NumpySums):
    """The same with everything that riskmodel computes for the standard job."""

    everything = True

    def starts(self, rng: np.random.Generator, events: int) -> np.ndarray:
        """Return when the events begin."""
        return rng.random(events) * HORIZON_H

    def book(self, table: YearTable, first: int, years: int, hits: Hits) -> None:
        """Unite the outages of each site, book each hour to its cause, value what is lost."""
        rows = slice(first, first + years)
        who, at = expand(self.taken_from[hits.node], self.taken[hits.node])
        site = self.taken_site[at]
        base = (hits.year[who] * float(len(self.mw)) + site) * _APART_H  # a site in a year
        order = np.argsort(base + hits.start[who])
        who, site, base = who[order], site[order], base[order]
        year, start, end = hits.year[who], hits.start[who], hits.end[who]
        latest = np.maximum.accumulate(base + end) - base  # of those so far, on the same site
        until = np.concatenate([[-np.inf], latest[:-1]])
        fresh = np.concatenate([[True], base[1:] != base[:-1]])
        until[fresh] = -np.inf
        mw, lab = self.mw[site], self.lab[site]
        loss = np.maximum(end - np.maximum(start, until), 0.0) * mw
        table.lost[rows] = np.bincount(year * LABS + lab, loss, years * LABS).reshape(years, LABS)
        table.by_peril += np.bincount(  # type: ignore[misc]
            hits.peril[who] * LABS + lab, loss, len(PERILS) * LABS).reshape(len(PERILS), LABS)
        if not len(who):
            return
        events = int(hits.event[-1]) + 1
        of_event = np.bincount(hits.event[who] * LABS + lab, loss, events * LABS)
        own_year = np.zeros(events, int)
        own_year[hits.event] = hits.year
        own_year = np.maximum.accumulate(own_year)
        there, begin = np.unique(own_year, return_index=True)
        table.largest[first + there] = np.maximum.reduceat(  # type: ignore[index]
            of_event.reshape(events, LABS), begin, axis=0)
        spell = np.flatnonzero(fresh | (start > until))  # each begins one; it ends before the next
        last = np.concatenate([spell[1:], [len(start)]]) - 1
        cell = year * LABS + lab
        down = np.bincount(cell[fresh], mw[fresh], years * LABS)
        short = np.zeros(years * LABS)
        mine = (down > np.tile(self.slack, years))[cell[spell]]
        spell, last = spell[mine], last[mine]
        self._shortfall(short, cell[spell], start[spell], latest[last], mw[spell])
        table.short[rows] = short.reshape(years, LABS)  # type: ignore[index]

    def _shortfall(self, short: np.ndarray, cell: np.ndarray, begin: np.ndarray, end: np.ndarray,
                   mw: np.ndarray) -> None:
        """Add to each (year, lab) what is down above the lab's slack, from the sites' spells."""
        cell = np.concatenate([cell, cell])
        time = np.concatenate([begin, end])
        order = np.argsort(cell * _APART_H + time)
        cell, time = cell[order], time[order]
        level = np.cumsum(np.concatenate([mw, -mw])[order])
        over = level[:-1] - self.slack[cell[:-1] % LABS]
        hours = np.where(cell[1:] == cell[:-1], time[1:] - time[:-1], 0.0)
        short += np.bincount(cell[:-1], np.maximum(over, 0.0) * hours, len(short))


def expand(start: np.ndarray, count: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return, for runs of ``count`` items from ``start``, whose each is and where it stands."""
    who = np.repeat(np.arange(len(count)), count)
    return who, np.repeat(start - np.cumsum(count) + count, count) + np.arange(len(who))
