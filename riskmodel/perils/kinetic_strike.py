"""``kinetic_strike``: campaigns of drones and missiles, per theatre and class of target.

Launches -> what gets through, a share common to the campaign -> what comes down on data-centre
buildings of the theatre -> hits on one of its fixed number of targets -> damage and repair. There
is no launch point, no range and no named target: every target of the class in a country is alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmodel.perils import quantiles
from riskmodel.perils.node_failures import HOURS_PER_YEAR, empty_outages, outage_table
from riskmodel.perils.protocol import PerilSpec
from riskmodel.perils.spec import figure, technical

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmodel.perils.protocol import Block
    from riskmodel.world.world import World

#: campaigns of one theatre are numbered from theatre's place x this
EVENTS_PER_THEATRE = 64
#: what is lost for good never comes back; the engine ends it at its recovery cap
PERMANENT_H = 1.0e6


@dataclass(frozen=True)
class KineticStrike:
    """Strike campaigns. An event is a campaign; its region is the theatre.

    A campaign's number counts arrivals of the theatre's ceiling process, so a higher onset rate
    keeps the campaigns of a lower one. What hits a site is keyed by the site and by the fixed
    number of targets in its theatre, never by the portfolio.
    """

    spec: PerilSpec

    def regions(self, world: World) -> list[str]:
        """Return every theatre of the TOML."""
        return list(self.spec.data["theatres"])

    def sample(self, block: Block, world: World) -> pd.DataFrame:
        """Return the own outages of the block's years: one part a hit, and the power cut."""
        sites = theatre_sites(world)
        tables = []
        for place, name in enumerate(self.spec.data["theatres"]):
            if name in sites:
                campaigns = self.campaigns(block, name, place * EVENTS_PER_THEATRE)
                tables.append(self._outages(block, name, campaigns, sites[name]))
        tables = [table for table in tables if len(table)]
        if not tables:
            return empty_outages()
        return pd.concat(tables, ignore_index=True)

    def campaigns(self, block: Block, theatre: str, first_event: int = 0) -> pd.DataFrame:
        """Return the campaigns of one theatre, whether or not they hit a site.

        Columns ``year, arrival, event, start_h, length_h, struck``: hours of the year, hours, and
        the expected number of munitions that come down on the theatre's targets.
        """
        data = self.spec.data
        years = np.asarray(block.years, np.int64)
        ceiling = technical(data, "theatres", theatre, "ceiling_per_yr", default=1.0)
        counts = quantiles.poisson(block.uniform("campaign count", year=years, entity=theatre),
                                   ceiling * block.horizon_h / HOURS_PER_YEAR)
        counts = np.minimum(counts, EVENTS_PER_THEATRE)  # far beyond what a ceiling of 1 gives
        year = np.repeat(years, counts)
        arrival = np.arange(len(year)) - np.repeat(np.cumsum(counts) - counts, counts)

        def draw(purpose: str) -> NDArray[np.float64]:
            return block.uniform(purpose, year=year, event=arrival, entity=theatre)

        began = draw("campaign onset") * ceiling < figure(data, "theatres", theatre, "onset")
        year, arrival = year[began], arrival[began]
        start = draw("campaign start") * block.horizon_h
        length = quantiles.lognormal(draw("campaign length"),
                                     figure(data, "theatres", theatre, "length_median"),
                                     figure(data, "theatres", theatre, "length_sigma"))
        share = figure(data, "theatres", theatre, "target_share")
        struck = np.zeros(len(year))
        for weapon in data["theatres"][theatre]["weapons"]:
            path = ("theatres", theatre, "weapons", weapon)
            launches = quantiles.lognormal(draw(f"{weapon} launches"),
                                           figure(data, *path, "launches_median"),
                                           figure(data, *path, "launches_sigma"))
            struck += share * launches * self._leak(path, draw(f"{weapon} leak"))
        return pd.DataFrame({"year": year, "arrival": arrival, "event": first_event + arrival,
                             "start_h": start, "length_h": length, "struck": struck})

    def expected_hits(self, theatre: str, country: str) -> float:
        """Return the mean number of hits on one target of a country in one campaign."""
        data = self.spec.data
        total = 0.0
        for weapon in data["theatres"][theatre]["weapons"]:
            path = ("theatres", theatre, "weapons", weapon)
            sigma = figure(data, *path, "launches_sigma")
            total += (figure(data, *path, "launches_median") * np.exp(sigma**2 / 2)
                      * figure(data, *path, "leak"))
        return total * figure(data, "theatres", theatre, "target_share") * self.chance(
            theatre, country)

    def chance(self, theatre: str, country: str) -> float:
        """Return the part of what hits the theatre's targets that falls on one target there."""
        section = self.spec.data["theatres"][theatre]
        weight = {row["country"]: float(row["best"]) for row in section.get("weights", [])}
        return weight.get(country, 1.0) / figure(self.spec.data, "theatres", theatre, "targets")

    # ---------------------------------------------------------------- hits and what they do

    def _leak(self, path: tuple[str, ...], u: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the campaign's leak-through: with it, hits are beta-binomial over campaigns."""
        mean = figure(self.spec.data, *path, "leak")
        tightness = 1.0 / figure(self.spec.data, *path, "leak_correlation") - 1.0
        return quantiles.beta(u, mean * tightness, (1.0 - mean) * tightness)

    def _outages(self, block: Block, theatre: str, campaigns: pd.DataFrame,
                 sites: Mapping[str, str]) -> pd.DataFrame:
        names = np.array(list(sites), object)
        chance = np.array([self.chance(theatre, country) for country in sites.values()])
        mean = campaigns["struck"].to_numpy()[:, None] * chance[None, :]
        hits = quantiles.poisson(
            block.uniform("hits", year=campaigns["year"].to_numpy()[:, None],
                          event=campaigns["arrival"].to_numpy()[:, None],
                          entity=np.array([f"{theatre}/{name}" for name in names], object)), mean)
        row, column = np.nonzero(hits)
        if not len(row):
            return empty_outages()
        each = hits[row, column]
        row, column = np.repeat(row, each), np.repeat(column, each)
        number = np.arange(len(row)) - np.repeat(np.cumsum(each) - each, each) + 1
        at = {name: campaigns[name].to_numpy()[row] for name in campaigns.columns}
        entity = np.array([f"{theatre}/{names[c]}/{n}" for c, n in zip(column, number,
                                                                       strict=True)], object)

        def draw(purpose: str) -> NDArray[np.float64]:
            return block.uniform(purpose, year=at["year"], event=at["arrival"], entity=entity)

        into = quantiles.truncated_exponential(
            draw("hit hour"), figure(self.spec.data, "theatres", theatre, "half_life"),
            at["length_h"])
        remaining = at["length_h"] - into
        damage, repair = self.spec.data["damage"], self.spec.data["repair"]
        shared: dict[str, NDArray[Any]] = {
            "year": at["year"], "event": at["event"], "campaign_id": at["event"],
            "region": np.full(len(row), theatre, object), "event_start_h": at["start_h"],
            "node_id": names[column], "start_h": at["start_h"] + into}
        halls = {
            **shared, "part": np.array([f"hit {n}" for n in number], object),
            "depth": quantiles.beta(draw("depth"), figure(damage, "depth_a"),
                                    figure(damage, "depth_b")),
            "duration_h": np.where(
                draw("permanent") < figure(repair, "permanent_share"), PERMANENT_H,
                remaining + quantiles.lognormal(draw("repair"), figure(repair, "median"),
                                                figure(repair, "sigma")))}
        power = {
            **shared, "part": np.full(len(row), "site power", object),
            "depth": np.full(len(row), figure(damage, "power_cut_depth")),
            "duration_h": remaining + quantiles.lognormal(
                draw("power repair"), figure(repair, "power_median"),
                figure(repair, "power_sigma"))}
        cut = draw("power cut") < figure(damage, "power_cut_probability")
        return outage_table({name: np.concatenate([halls[name], power[name][cut]])
                             for name in halls})


def theatre_sites(world: World) -> dict[str, dict[str, str]]:
    """Return theatre -> {site: country} of every site in it.

    A site's theatres are those that its requirements reach through country nodes; a site without
    such a chain takes those of its ``country_iso2`` in the table ``theatres``.
    """
    kinds = dict(zip(world.nodes["node_id"], world.nodes["kind"], strict=True))
    members: dict[Any, set[Any]] = {}
    for node, member in zip(world.requirements["node_id"], world.requirements["member_id"],
                            strict=True):
        if kinds.get(member) in ("country", "theatre"):
            members.setdefault(node, set()).add(member)
    by_country: dict[str, set[str]] = {}
    for theatre, country in zip(world.theatres["theatre_id"], world.theatres["country_iso2"],
                                strict=True):
        by_country.setdefault(country, set()).add(theatre)
    found: dict[str, dict[str, str]] = {}
    for site, country in zip(world.sites["site_id"], world.sites["country_iso2"], strict=True):
        reached = {m.removeprefix("theatre:") for direct in members.get(site, set())
                   for m in (direct, *members.get(direct, set())) if kinds[m] == "theatre"}
        for theatre in sorted(reached or by_country.get(country, set())):
            found.setdefault(theatre, {})[site] = country
    return found
