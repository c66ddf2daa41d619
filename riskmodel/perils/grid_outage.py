"""``grid_outage``: local disturbances, collapses of whole grids and of synchronous systems."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from riskmodel.perils import quantiles
from riskmodel.perils.event_sizes import coupled, truncated_pareto
from riskmodel.perils.footprints import (
    Nearness,
    Place,
    Region,
    feed_places,
    nearness,
    region_of,
)
from riskmodel.perils.grid_streams import CAUSES, ELSEWHERE, Sizes, Stream, sizes, streams
from riskmodel.perils.kept import kept_with_peril, kept_with_world
from riskmodel.perils.names import Names, joined
from riskmodel.perils.node_failures import HOURS_PER_YEAR
from riskmodel.perils.outages import Outages, Sampler, event_numbers
from riskmodel.perils.protocol import PerilSpec
from riskmodel.perils.spec import figure

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmodel.perils.protocol import Block
    from riskmodel.world.world import World


@dataclass(frozen=True)
class _Events:
    """Events of a block, one element each; year, stream and number are their label."""

    year: NDArray[np.int64]
    stream: NDArray[np.int64]
    number: NDArray[np.int64]
    place: NDArray[np.int64]  # of the stream's grids, then of the grids hit
    mark: NDArray[np.float64]  # where in the grid
    size: NDArray[np.float64]  # the uniform that sizes come from

    def take(self, chosen: Any) -> _Events:
        return _Events(*(getattr(self, field.name)[chosen] for field in fields(self)))


@dataclass(frozen=True)
class _Grid:
    """A grid with supplies of the world: which, where they are, and the law of event sizes."""

    name: str
    feeds: Names
    law: Sizes
    places: tuple[Place, ...]
    region: Region


@dataclass(frozen=True)
class GridOutage(Sampler):
    """Grid disturbances, drawn event by event, over ``feed:*``, ``grid:*`` and system nodes.

    Arrivals, grids, sizes and centres come from the TOML and the regions' polygons alone; the world
    only says which supplies hang on which grid, and where. What happens to a supply therefore never
    depends on which others are there, and a higher rate only adds events.
    """

    spec: PerilSpec

    def regions(self, world: World) -> list[str]:
        """Return every grid and synchronous system that an event may carry."""
        found = self._streams(world)
        return sorted({grid for stream in found for grid in stream.grids} - {ELSEWHERE})

    def draw(self, block: Block, world: World) -> Outages:
        """Return the own outages of the block's years: one row a supply, grid or system."""
        found = self._streams(world)
        draw = _Draws(block, Names.of([stream.label for stream in found]))
        local, whole = [], []
        events = self._arrivals(block, draw, found)
        ends = np.searchsorted(events.stream, np.arange(len(found) + 1))
        grids: list[_Grid] = self._grids_held(world)
        places: list[NDArray[np.int64]] = self._places(world)
        for place, stream in enumerate(found):
            mine = events.take(slice(ends[place], ends[place + 1]))
            which, inside = stream.fall(mine.mark)
            at = places[place][which]
            # events where the world has nothing are left out; that touches no other draw
            there = np.flatnonzero(at >= 0)
            if not len(there):
                continue
            if stream.cause in CAUSES:
                local.append(_Events(mine.year[there], mine.stream[there], mine.number[there],
                                     at[there], inside[there], mine.size[there]))
            else:
                whole.append(self._whole(draw, mine.take(there), which[there], stream))
        tables = [*self._local(draw, local, grids, found), *whole]
        tables = [table for table in tables if len(table["year"])]
        return self._table(block, draw, tables) if tables else Outages.none()

    @kept_with_peril
    def _streams(self, world: World) -> list[Stream]:
        return streams(self.spec.data, _grids(world))

    @kept_with_peril
    def _grids_held(self, world: World) -> list[_Grid]:
        """Return the grids on which the world has supplies, sorted; and the law of each."""
        feeds = {grid: names for grid, names in feeds_by_grid(world).items()
                 if grid not in self.spec.data["local"]["no_grid"]}
        known = feed_places(world)
        every = Names.of(sorted({feed for names in feeds.values() for feed in names}))
        code = {name: place for place, name in enumerate(every.text())}
        return [_Grid(grid, every[np.array([code[name] for name in feeds[grid]])],
                      sizes(self.spec.data, grid),
                      tuple(known[name] for name in feeds[grid]), self.region(grid, world))
                for grid in sorted(feeds)]

    @kept_with_peril
    def _places(self, world: World) -> list[NDArray[np.int64]]:
        """Return, for each stream, the place of each of its grids among those held, -1 for none.

        Where an event takes a node whole, 0 for each node that the world has.
        """
        code = {grid.name: place for place, grid in enumerate(self._grids_held(world))}
        nodes = set(world.nodes["node_id"])
        return [np.array([code.get(grid, -1) for grid in stream.grids] if stream.cause in CAUSES
                         else [0 if node in nodes else -1 for node in stream.nodes()], np.int64)
                for stream in self._streams(world)]

    # ---------------------------------------------------------------- draws

    def _arrivals(self, block: Block, draw: _Draws, found: list[Stream]) -> _Events:
        """Draw how many events each stream has in each year, in the order of streams."""
        years = np.asarray(block.years, np.int64)
        rates = np.array([stream.rate_per_yr for stream in found])
        count = quantiles.poisson(
            block.uniform("count", year=years[None, :], entity=draw.labels[:, None]),
            rates[:, None] * block.horizon_h / HOURS_PER_YEAR)
        row, column, number = quantiles.each_counted(count)
        year = years[column]
        mark = block.uniform("place", year=year, event=number, entity=draw.labels[row])
        return _Events(year, row, number, row, mark, mark)

    def _local(self, draw: _Draws, parts: list[_Events], grids: list[_Grid],
               found: list[Stream]) -> list[dict[str, Any]]:
        """Return the supplies that go out in local events, one table a cause."""
        if not parts:
            return []
        events = _joined(parts)
        exponent, ratio, unit_share = (
            np.array([getattr(grid.law, name) for grid in grids])[events.place]
            for name in ("exponent", "ratio", "unit_share"))
        u_size = draw("size", events)
        share = np.minimum(1.0, unit_share * truncated_pareto(u_size, exponent, ratio))
        events = replace(events, size=u_size)
        which, names, free = self._near(events, share, grids)
        events, share = events.take(which), share[which]
        # a place that is not known so well: how near it is to the centre is drawn
        inside = np.ones(len(which), bool)
        blind = np.flatnonzero(free > 0)
        u = draw("rank", events.take(blind), names[blind])
        inside[blind] = u * free[blind] <= share[blind]
        events, names = events.take(inside), names[inside]
        cause = np.array([CAUSES.index(stream.cause) if stream.cause in CAUSES else -1
                          for stream in found])[events.stream]
        u = draw("fails", events, names)
        chance = np.array([figure(self.spec.data, "local", "fails_inside", name)
                           for name in CAUSES])[cause]
        tables = []
        rank = figure(self.spec.data, "local", "size", "rank_correlation")
        regions = Names.of([grid.name for grid in grids])
        for place, name in enumerate(CAUSES):
            out = np.flatnonzero((cause == place) & (u < chance))
            mine = events.take(out)
            hours = self._hours(name, coupled(draw("hours", mine), mine.size, rank))
            depth = figure(self.spec.data, "local", "depth", name)
            tables.append(_rows(mine, regions[mine.place], names[out], hours, depth))
        return tables

    @staticmethod
    def _near(events: _Events, share: NDArray[np.float64], grids: list[_Grid]
              ) -> tuple[NDArray[np.intp], Names, NDArray[np.float64]]:
        """Return event, supply and the share of centres too near to tell (0 where it is told)."""
        order = np.argsort(events.place, kind="stable")
        ends = np.searchsorted(events.place[order], np.arange(len(grids) + 1))
        found: list[tuple[Any, Any, Any]] = []
        for place, grid in enumerate(grids):
            mine = order[ends[place]:ends[place + 1]]
            if not len(mine):
                continue
            seen: Nearness = nearness(grid.region, grid.places)
            centre = seen.centre(events.mark[mine])
            near = np.flatnonzero(seen.least[centre] <= share[mine])
            mine, centre = mine[near], centre[near]
            ranks = seen.rank[centre]
            which, feed = np.nonzero(ranks <= share[mine][:, None])
            found.append((mine[which], grid.feeds.code[feed],
                          np.where(ranks[which, feed] == 0, seen.unsure[feed], 0.0)))
        which, code, free = (np.concatenate(side) for side in zip(*found, strict=True))
        return which, Names(grids[0].feeds.book, code), free

    def _whole(self, draw: _Draws, events: _Events, which: NDArray[np.intp],
               stream: Stream) -> dict[str, Any]:
        data = self.spec.data
        hours = quantiles.lognormal(draw("hours", events), figure(data, stream.cause, "median"),
                                    figure(data, stream.cause, "sigma"))
        return _rows(events, Names.of(stream.grids)[which], Names.of(stream.nodes())[which], hours,
                     figure(data, stream.cause, "depth"))

    def _hours(self, cause: str, u: NDArray[np.float64]) -> NDArray[np.float64]:
        data, law = self.spec.data, ("local", "duration", cause)
        earlier = figure(data, "local", "duration", "site_over_event")
        if data["local"]["duration"][cause]["distribution"] == "weibull":
            return earlier * quantiles.weibull(u, figure(data, *law, "scale"),
                                               figure(data, *law, "shape"))
        return earlier * quantiles.lognormal(u, figure(data, *law, "median"),
                                             figure(data, *law, "sigma"))

    def region(self, grid: str, world: World) -> Region:
        """Return where a grid's polygons are; a grid that is not named has its country's."""
        local = self.spec.data["local"]
        ids = tuple(local["polygons"].get(grid, ()))
        if not ids:
            at = world.nodes.loc[world.nodes["node_id"] == f"grid:{grid}", "country_iso2"]
            ids = tuple(code for code in at if code)
        return region_of(world, ids, str(local["boxes"].get(grid, "")))

    @staticmethod
    def _table(block: Block, draw: _Draws, tables: list[dict[str, Any]]) -> Outages:
        """Number the events of each year by start, and put the columns in their order."""
        column = {name: joined([table[name] for table in tables]) for name in tables[0]}
        start = block.horizon_h * block.uniform("start", year=column["year"],
                                                event=column["number"],
                                                entity=draw.labels[column["stream"]])
        node = column["node_id"]
        order = np.lexsort((node.book.rank(node.code), column["number"], column["stream"], start,
                            column["year"]))
        column = {name: values[order] for name, values in column.items()}
        start = start[order]
        return Outages.of({
            **column, "event": event_numbers(column["year"], column["stream"], column["number"]),
            "campaign_id": np.full(len(order), -1, np.int64), "event_start_h": start,
            "start_h": start, "part": Names.all_of("", len(order))})


class _Draws:
    """Draws of events by their label, and of what hangs on a node given the event."""

    def __init__(self, block: Block, labels: Names) -> None:
        self._block = block
        self.labels = labels

    def __call__(self, purpose: str, events: _Events, node: Names | None = None
                 ) -> NDArray[np.float64]:
        entity = self.labels[events.stream]
        return self._block.uniform(purpose, year=events.year, event=events.number,
                                   entity=entity if node is None else entity.before(">", node))


@kept_with_world
def feeds_by_grid(world: World) -> dict[str, list[str]]:
    """Return grid -> the ``feed:*`` nodes that require it, each list sorted."""
    kinds = dict(zip(world.nodes["node_id"], world.nodes["kind"], strict=True))
    needs = world.requirements
    found: dict[str, set[str]] = {}
    for node, member in zip(needs["node_id"], needs["member_id"], strict=True):
        if kinds.get(node) == "feed" and kinds.get(member) == "grid":
            found.setdefault(str(member).removeprefix("grid:"), set()).add(str(node))
    return {grid: sorted(feeds) for grid, feeds in found.items()}


@kept_with_world
def _grids(world: World) -> list[str]:
    return world.nodes.loc[world.nodes["kind"] == "grid",
                           "node_id"].str.removeprefix("grid:").tolist()


def _rows(events: _Events, region: Names, node: Names, hours: NDArray[np.float64],
          depth: float) -> dict[str, Any]:
    return {"year": events.year, "stream": events.stream, "number": events.number,
            "region": region, "node_id": node, "duration_h": hours,
            "depth": np.full(len(hours), depth)}


def _joined(parts: list[_Events]) -> _Events:
    return _Events(*(np.concatenate([getattr(part, field.name) for part in parts])
                     for field in fields(_Events)))
