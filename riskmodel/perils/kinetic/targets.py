"""The fixed target classes of a theatre, and which of them this world holds.

A theatre has so many data centres, grid facilities, gas plants and cable landings, whatever sites a
world holds: one target's chance is its own weight over that number, so that what hits a site never
depends on the portfolio.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskmodel.perils.kept import kept_with_world
from riskmodel.perils.spec import figure

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmodel.world.world import World

#: classes beside the data centres, whose nodes the file lists
NODE_CLASSES = ("grid", "gas", "cable")


@dataclass(frozen=True)
class Targets:
    """Targets of one class: names, each one's part of what falls on the class, its facilities."""

    names: NDArray[Any]
    chance: NDArray[np.float64]
    facilities: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.names)


def weight(data: Mapping[str, Any], theatre: str, country: str) -> float:
    """Return how often a target of a country is hit, over one of a country that is not listed."""
    rows = data["theatres"][theatre].get("weights", [])
    return next((float(row["best"]) for row in rows if row["country"] == country), 1.0)


def chance(data: Mapping[str, Any], theatre: str, country: str) -> float:
    """Return the part of what falls on the theatre's data centres that falls on one target."""
    return weight(data, theatre, country) / figure(data, "theatres", theatre, "data_centres",
                                                   "targets")


def data_centres(data: Mapping[str, Any], theatre: str, sites: Mapping[str, str]) -> Targets:
    """Return the world's data centres of a theatre as targets; ``sites`` is {site: country}."""
    return Targets(np.array(list(sites), object),
                   np.array([chance(data, theatre, country) for country in sites.values()], float),
                   np.full(len(sites), _buildings(data), np.int64))


def every_data_centre(data: Mapping[str, Any], theatre: str) -> Targets:
    """Return all data centres of a theatre, nameless and alike."""
    count = max(1, round(figure(data, "theatres", theatre, "data_centres", "targets")))
    return Targets(np.array([f"data centre {i + 1}" for i in range(count)], object),
                   np.full(count, 1.0 / count), np.full(count, _buildings(data), np.int64))


def class_nodes(data: Mapping[str, Any], theatre: str, kind: str, there: set[str]) -> Targets:
    """Return the listed nodes of a class that the world holds.

    A node's chance is its facilities times its country's weight over the theatre's facilities.
    """
    rows = data["theatres"][theatre][kind].get("nodes", [])
    weighted = [max(float(row["best"]), 1.0) * weight(data, theatre, row["country"])
                for row in rows]
    whole = figure(data, "theatres", theatre, kind, "targets")
    kept = [i for i, row in enumerate(rows) if row["node"] in there]
    return Targets(np.array([rows[i]["node"] for i in kept], object),
                   np.minimum([weighted[i] / whole for i in kept], 1.0).astype(float),
                   np.array([max(1, round(float(rows[i]["best"]))) for i in kept], np.int64))


def whole_class(data: Mapping[str, Any], theatre: str, kind: str) -> Targets:
    """Return a class of a theatre as one nameless target with all its facilities."""
    count = max(1, round(figure(data, "theatres", theatre, kind, "targets")))
    return Targets(np.array([kind], object), np.ones(1), np.array([count], np.int64))


def shares(data: Mapping[str, Any], theatre: str) -> dict[str, float]:
    """Return the shares of what gets through, by class.

    ``incidental`` falls on data centres in any campaign; ``named`` comes on top where they are
    named; the rest falls elsewhere. Shares that add up to more than 1 are brought down to 1.
    """
    found = {"incidental": figure(data, "theatres", theatre, "data_centres", "incidental_share"),
             "named": figure(data, "theatres", theatre, "data_centres", "named_share"),
             **{kind: figure(data, "theatres", theatre, kind, "share") for kind in NODE_CLASSES}}
    whole = max(1.0, sum(found.values()))
    return {name: share / whole for name, share in found.items()}


def _buildings(data: Mapping[str, Any]) -> int:
    return max(1, round(figure(data, "hit", "buildings")))


@kept_with_world
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
