"""``load_trip``: a dip of the voltage that throws many halls onto their backup at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskmodel.errors import RiskModelError
from riskmodel.perils import quantiles
from riskmodel.perils.footprints import Nearness, feed_places, nearness, region_of
from riskmodel.perils.grid_outage import feeds_by_grid
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

PART = "load trip"
#: what is left of an interconnection's load when its metros are taken off
ELSEWHERE = "elsewhere"


@dataclass(frozen=True)
class Hall:
    """A site on the public grid: its supply, what its batteries or diesel bridge, and how much of
    it the grid carries."""

    site: str
    feed: str
    reserve_h: float
    grid_share: float


@dataclass(frozen=True)
class Metro:
    """Load that trips together: its name, MW, and the halls of the world in it."""

    name: str
    load_mw: float
    halls: tuple[Hall, ...]


@dataclass(frozen=True)
class _Places:
    """The halls of an interconnection, by number: of each metro, and what is known of each."""

    interconnection: str
    metros: tuple[Metro, ...]
    ends: NDArray[np.float64]  # of the metros' load, added up
    members: tuple[NDArray[np.int64], ...]  # halls of each metro
    sites: Names
    keys: Names  # of the draws about one hall
    reserve_h: NDArray[np.float64]
    grid_share: NDArray[np.float64]


@dataclass(frozen=True)
class LoadTrip(Sampler):
    """Load trips by interconnection, as own outages of sites (part "load trip").

    An event loses some MW of data-centre load at one place, each MW of load as likely. In a metro
    of the TOML every hall goes with the chance MW lost / the metro's load; elsewhere the halls
    nearest the place go, those of one supply together. A hall that has gone is down from when its
    reserve is empty until it is switched back by hand, or at once where the transfer fails.
    """

    spec: PerilSpec

    def regions(self, world: World) -> list[str]:
        """Return every interconnection with such events."""
        return sorted(self.spec.data["interconnections"])

    def draw(self, block: Block, world: World) -> Outages:
        """Return the own outages of the block's years: one row a site."""
        tables = [table for name in self.regions(world)
                  for table in self._sample(block, world, name) if len(table["year"])]
        if not tables:
            return Outages.none()
        column = {name: joined([table[name] for table in tables]) for name in tables[0]}
        node, region = column["node_id"], column["region"]
        order = np.lexsort((node.book.rank(node.code), region.book.rank(region.code),
                            column["event_start_h"], column["year"]))
        column = {name: values[order] for name, values in column.items()}
        return Outages.of({
            **column, "event": event_numbers(column["year"], column["region"].code,
                                             column["event_start_h"]),
            "campaign_id": np.full(len(order), -1, np.int64),
            "part": Names.all_of(PART, len(order))})

    def rate(self, interconnection: str) -> float:
        """Return the events a year at the world's date: the counted rate, grown with the load.

        An interconnection without a count has the Eastern one's rate per MW of load, by a ratio.
        """
        section = self.spec.data["interconnections"][interconnection]
        growth = figure(self.spec.data, "growth", "rate")
        if "rate" in section:
            return growth * figure(section, "rate")
        like = section["like"]
        return (self.rate(like) * figure(section, "rate_over_like")
                * figure(section, "load") / figure(self.spec.data["interconnections"][like],
                                                   "load"))

    def metros(self, world: World, interconnection: str, halls: list[Hall]) -> list[Metro]:
        """Return where the load of an interconnection is: its metros, then elsewhere.

        A hall is in the nearest metro within reach, unless its place is known less well than that.
        """
        rows = [row for row in self.spec.data["metros"] if row["interconnection"] == interconnection
                ] if "metros" in self.spec.data else []
        section = self.spec.data["interconnections"][interconnection]
        total = figure(section, "load")
        load = np.array([float(row["best"]) for row in rows])
        # metros and the rest add up, however far a metro's load is drawn from its best
        most = figure(self.spec.data, "footprint", "metro_share_most") * total
        load = load * min(1.0, most / load.sum()) if len(load) else load
        where = self._nearest(world, rows, halls)
        found = [Metro(str(row["metro"]), float(mw),
                       tuple(hall for hall, at in zip(halls, where, strict=True) if at == place))
                 for place, (row, mw) in enumerate(zip(rows, load, strict=True))]
        rest = tuple(hall for hall, at in zip(halls, where, strict=True) if at < 0)
        return [*found, Metro(ELSEWHERE, total - float(load.sum()), rest)]

    # ---------------------------------------------------------------- draws

    @kept_with_peril
    def _places(self, world: World, interconnection: str) -> _Places | None:
        """Return what a block needs to know of an interconnection; None where no hall is."""
        halls = halls_by_interconnection(world).get(interconnection)
        if not halls:
            return None
        number = {hall.site: place for place, hall in enumerate(halls)}
        metros = self.metros(world, interconnection, halls)
        return _Places(
            interconnection, tuple(metros), np.cumsum([metro.load_mw for metro in metros]),
            tuple(np.array([number[hall.site] for hall in metro.halls], np.int64)
                  for metro in metros),
            Names.of([hall.site for hall in halls]),
            Names.of([f"{interconnection}>{hall.site}" for hall in halls]),
            np.array([hall.reserve_h for hall in halls], float),
            np.array([hall.grid_share for hall in halls], float))

    def _sample(self, block: Block, world: World,
                interconnection: str) -> list[dict[str, Any]]:
        at_hand: _Places | None = self._places(world, interconnection)
        if at_hand is None:
            return []
        section = self.spec.data["interconnections"][interconnection]
        years = np.asarray(block.years, np.int64)
        mean = self.rate(interconnection) * block.horizon_h / HOURS_PER_YEAR
        count = quantiles.poisson(block.uniform("count", year=years, entity=interconnection), mean)
        year = np.repeat(years, count)
        number = np.arange(len(year)) - np.repeat(np.cumsum(count) - count, count)

        def draw(purpose: str, at: NDArray[np.intp],
                 entity: Any = interconnection) -> NDArray[np.float64]:
            return block.uniform(purpose, year=year[at], event=number[at], entity=entity)

        every = np.arange(len(year))
        lost = quantiles.lognormal(draw("size", every), figure(section, "lost_median"),
                                   figure(section, "lost_sigma"))
        mark = draw("place", every)
        metros, ends = at_hand.metros, at_hand.ends
        which = np.minimum(np.searchsorted(ends / ends[-1], mark, side="right"), len(metros) - 1)
        gone: list[NDArray[np.intp]] = []
        who: list[NDArray[np.int64]] = []
        for place, metro in enumerate(metros):
            at = np.flatnonzero(which == place)
            if not (len(metro.halls) and len(at)):
                continue
            share = np.minimum(1.0, lost[at] / metro.load_mw)
            members = at_hand.members[place]
            if metro.name != ELSEWHERE:
                u = draw("hall", at[:, None], at_hand.keys[members][None, :])
                event, hall = np.nonzero(u < share[:, None])
            else:
                low = (ends[place] - metro.load_mw) / ends[-1]
                inside = np.clip((mark[at] - low) / max(1.0 - low, 1e-300), 0.0, 1 - 1e-12)
                event, hall = self._elsewhere(draw, at, inside, share, interconnection, metro,
                                              world)
            gone.append(at[event])
            who.append(members[hall])
        if not who:
            return []
        return [self._down(draw, np.concatenate(gone), np.concatenate(who), at_hand, year,
                           block.horizon_h)]

    @kept_with_peril
    def _seen(self, world: World, interconnection: str, feeds: tuple[str, ...]) -> Nearness:
        known = feed_places(world)
        polygons = tuple(self.spec.data["interconnections"][interconnection]["polygons"])
        return nearness(region_of(world, polygons), tuple(known[feed] for feed in feeds))

    def _elsewhere(self, draw: Any, at: NDArray[np.intp], inside: NDArray[np.float64],
                   share: NDArray[np.float64], interconnection: str, metro: Metro,
                   world: World) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return event and hall: those among whose nearest share of the area the place is."""
        feeds = sorted({hall.feed for hall in metro.halls})
        seen: Nearness = self._seen(world, interconnection, tuple(feeds))
        centre = seen.centre(inside)
        near = np.flatnonzero(seen.least[centre] <= share)
        event, feed = np.nonzero(seen.rank[centre[near]] <= share[near, None])
        event = near[event]
        blind = np.flatnonzero(seen.rank[centre[event], feed] == 0)
        keys = Names.of([f"{interconnection}>{name}" for name in feeds])
        u = draw("rank", at[event[blind]], keys[feed[blind]])
        kept = np.ones(len(event), bool)
        kept[blind] = u * seen.unsure[feed[blind]] <= share[event[blind]]
        event, feed = event[kept], feed[kept]
        # every hall of a supply that dips, in the order of halls
        of = {name: place for place, name in enumerate(feeds)}
        feed_of = np.array([of[hall.feed] for hall in metro.halls])
        order = np.argsort(feed_of, kind="stable")
        first = np.searchsorted(feed_of[order], np.arange(len(feeds)))
        count = np.bincount(feed_of, minlength=len(feeds))[feed]
        row = np.repeat(np.arange(len(event)), count)
        within = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
        return event[row], order[first[feed[row]] + within]

    def _down(self, draw: Any, at: NDArray[np.intp], hall: NDArray[np.int64], at_hand: _Places,
              year: NDArray[np.int64], horizon_h: float) -> dict[str, Any]:
        """Return the outages of halls that went: after their reserve, or at once."""
        back = self.spec.data["return"]
        hours = quantiles.lognormal(draw("hours", at), figure(back, "median"),
                                    figure(back, "sigma"))
        start = horizon_h * draw("start", at)
        fails = draw("transfer", at, at_hand.keys[hall]) < figure(back, "transfer_fails")
        reserve = np.where(fails, 0.0, at_hand.reserve_h[hall])
        down = np.flatnonzero(hours > reserve)
        depth = figure(back, "depth") * at_hand.grid_share[hall]
        return {"year": year[at][down], "event_start_h": start[down],
                "region": Names.all_of(at_hand.interconnection, len(down)),
                "node_id": at_hand.sites[hall][down],
                "start_h": (start + reserve)[down], "duration_h": (hours - reserve)[down],
                "depth": depth[down]}

    def _nearest(self, world: World, rows: list[Mapping[str, Any]],
                 halls: list[Hall]) -> list[int]:
        """Return the place of each hall's metro in ``rows``, -1 for none."""
        from riskmodel.world.geography import distance_km

        reach = figure(self.spec.data, "footprint", "metro_radius")
        known = feed_places(world)
        if not rows or not halls:
            return [-1] * len(halls)
        lat, lon = np.array([_point(row) for row in rows]).T
        at = [known[hall.feed] for hall in halls]
        apart = distance_km(np.array([place.lat for place in at])[:, None],
                            np.array([place.lon for place in at])[:, None], lat[None], lon[None])
        sure = np.array([place.known and place.precision_km <= reach for place in at])
        apart = np.where(np.isfinite(apart), apart, np.inf)
        return [int(place) if near and row[place] <= reach else -1
                for place, near, row in zip(apart.argmin(axis=1), sure, apart, strict=True)]


@kept_with_world
def halls_by_interconnection(world: World) -> dict[str, list[Hall]]:
    """Return interconnection -> the sites whose local supply hangs on one of its grids."""
    needs = world.requirements
    of_feed: dict[str, str] = {}
    systems = {node: member.removeprefix("interconnection:") for node, member in zip(
        needs["node_id"], needs["member_id"], strict=True) if member.startswith("interconnection:")}
    for grid, feeds in feeds_by_grid(world).items():
        if f"grid:{grid}" in systems:
            of_feed |= dict.fromkeys(feeds, systems[f"grid:{grid}"])
    sites = set(world.sites["site_id"])
    # a supply that needs others, such as one of two lines, dips with the first of them
    kinds = dict(zip(world.nodes["node_id"], world.nodes["kind"], strict=True))
    front = {node: member for node, member in reversed(list(zip(
        needs["node_id"], needs["member_id"], strict=True)))
        if kinds.get(node) == "feed" and node not in of_feed and member in of_feed}
    groups: dict[tuple[str, str], list[tuple[str, str, float, float]]] = {}
    for site, group, member, mode, weight, reserve in zip(
            *(needs[name].tolist() for name in ("node_id", "group", "member_id", "mode", "weight",
                                                "ride_through_h")), strict=True):
        if site in sites:
            groups.setdefault((site, group), []).append((front.get(member, member), mode, weight,
                                                         reserve))
    found: dict[str, dict[str, Hall]] = {}
    for (site, _), rows in sorted(groups.items()):
        on = sorted(row for row in rows if row[0] in of_feed)
        if not on:
            continue
        feed, mode, _, reserve = on[0]
        share = (sum(row[2] for row in on) / sum(row[2] for row in rows)
                 if mode == "proportional" else 1.0)
        hall = Hall(site, feed, reserve if reserve > 0 else 0.0, share)
        found.setdefault(of_feed[feed], {}).setdefault(site, hall)
    return {name: list(halls.values()) for name, halls in found.items()}


def _point(row: Mapping[str, Any]) -> tuple[float, float]:
    try:
        lat, lon = (float(word) for word in str(row["at"]).split())
    except (KeyError, ValueError):
        raise RiskModelError(f"load_trip: metro {row.get('metro')!r} has at = {row.get('at')!r}; "
                             "write latitude and longitude as text, such as '39.0 -77.5'") from None
    return lat, lon
