"""What a new site hangs on: by the world's rules, like another site, as told, or what is there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmodel.errors import RiskModelError
from riskmodel.world.columns import near
from riskmodel.world.geography import PLACEHOLDER_KM, distance_km
from riskmodel.world.rules import Rules, read_rules
from riskmodel.world.rules_graph import build_graph

if TYPE_CHECKING:
    from riskmodel.world.world import World

Rows = list[dict[str, Any]]


def rules_of(world: World) -> Rules | None:
    """Return the rules of the world's folder; None where it has none."""
    if world.folder is None or not (world.folder / "rules.toml").is_file():
        return None
    seen = world.events_observed
    return read_rules(world.folder, dict(zip(seen["event_id"], seen["source_urls"], strict=True)))


def needs_by_rules(world: World, site: pd.Series, rules: Rules) -> tuple[Rows, Rows]:
    """Return new nodes and requirement rows of a site as the rules make them.

    A node that the world has keeps its own rows. A site closer than the rules' ``feed_distance_km``
    to one on the same grid hangs on that one's local supply.

    Raises
    ------
    RiskModelError
        The site says no country, no grid region, or one that ``grid_regions`` does not know.
    """
    _known_place(world, site)
    known = set(world.nodes["node_id"])
    nodes, rows = build_graph(pd.DataFrame([site]), world.grid_regions, world.clouds,
                              world.theatres, _country_name(world, site["country_iso2"], known),
                              rules, str(site["as_of"]))
    own_feed = f"feed:{site['site_id']}"
    feed = _near_feed(world, site, rules.number("feed_distance_km"))
    if feed:
        nodes = nodes[nodes["node_id"] != own_feed]
        rows = rows[rows["node_id"] != own_feed].assign(
            member_id=lambda frame: frame["member_id"].replace(own_feed, feed))
    nodes = nodes[~nodes["node_id"].isin(known)]
    # a grid that only a feed of its own would have brought in comes with that feed
    needed = {site["site_id"], *nodes["node_id"]}
    return _records(nodes), _records(rows[rows["node_id"].isin(needed)])


def needs_like(world: World, site: pd.Series, like: str) -> tuple[Rows, Rows, Rows]:
    """Return new nodes, requirement rows and event rows of a site that hangs on what another does.

    Its generation is its own: a plant that only the other site needs is copied under the new name.
    So is a local supply, where the new site lies farther than 15 km from the other.
    """
    needs = world.requirements
    kinds = dict(zip(world.nodes["node_id"], world.nodes["kind"], strict=True))
    other = world.sites[world.sites["site_id"] == like].iloc[0]
    own = {"plant"} if _together(site, other) else {"plant", "feed"}
    name = {like: str(site["site_id"])}
    for member in needs.loc[needs["node_id"] == like, "member_id"]:
        users = set(needs.loc[needs["member_id"] == member, "node_id"])
        kind = kinds.get(member, "")
        if kind in own and (kind == "feed" or users == {like}):
            name[member] = f"{kind}:{site['site_id']}"
    at = {"lat": site["lat"], "lon": site["lon"], "coord_precision_km": site["coord_precision_km"]}
    nodes = []
    for row in _records(world.nodes[world.nodes["node_id"].isin(name)]):
        what = f"{row['kind']} of " if row["node_id"] != like else ""
        nodes.append(row | at | {"node_id": name[row["node_id"]],
                                 "name": f"{what}{site['name'] or site['site_id']}"})
    rows = [row | {"node_id": name[row["node_id"]],
                   "member_id": name.get(row["member_id"], row["member_id"])}
            for row in _records(needs[needs["node_id"].isin(name)])]
    events = [row | {"node_id": name[row["node_id"]]}
              for row in _records(world.events[world.events["node_id"].isin(name)])]
    return nodes, rows, events


def needs_as_given(world: World, site: pd.Series, requirements: pd.DataFrame,
                   nodes: pd.DataFrame | None) -> tuple[Rows, Rows]:
    """Return nodes and rows as given; a row without ``node_id`` is the new site's.

    Raises
    ------
    RiskModelError
        A row names a node that is neither in the world nor given.
    """
    new = [] if nodes is None else _records(nodes)
    known = {*world.nodes["node_id"], *world.sites["site_id"], site["site_id"],
             *(row.get("node_id") for row in new)}
    rows = [row | {"node_id": row.get("node_id") or site["site_id"]}
            for row in _records(requirements)]
    for row in rows:
        for end in (row["node_id"], row.get("member_id")):
            if end not in known:
                raise RiskModelError(
                    f"add_site: the requirements name '{end}', which is no node of this world"
                    f"{near(str(end), map(str, known))}; correct it, or give the node in nodes=")
    return new, rows


def needs_on_existing(world: World, site: pd.Series) -> Rows:
    """Return rows on ``grid:<grid_region>`` and ``country:<country_iso2>`` where these exist."""
    known = set(world.nodes["node_id"])
    return [{"node_id": site["site_id"], "group": group, "member_id": member}
            for group, member in (("power", f"grid:{site['grid_region']}"),
                                  ("country", f"country:{site['country_iso2']}"))
            if member in known]




def _known_place(world: World, site: pd.Series) -> None:
    if not site["country_iso2"]:
        raise RiskModelError(f"add_site: '{site['site_id']}' has no country; give country_iso2, "
                             "such as country_iso2='US'")
    texts = dict(zip(world.grid_regions["grid_region_text"], world.grid_regions["grid_region"],
                     strict=True))
    if site["grid_region_text"] not in texts:
        known = sorted(set(texts.values()))
        given = site["grid_region"] or site["grid_region_text"]
        raise RiskModelError(
            f"add_site: '{site['site_id']}' has "
            + (f"the grid region '{given}', which the table grid_regions does not know"
               f"{near(given, known)}" if given else "no grid region")
            + f"; give grid_region, one of {', '.join(known)}, or add a row to grid_regions")


def _country_name(world: World, code: str, known: set[str]) -> Mapping[str, str]:
    """Return the name of the country, where its node is still to be made."""
    if f"country:{code}" in known:
        return {}
    regions = world.regions
    found = regions[(regions["kind"] == "country") & (regions["country_iso2"] == code)]
    return dict(zip(found["country_iso2"], found["name"], strict=True))


def _near_feed(world: World, site: pd.Series, limit_km: float) -> str:
    """Return the local supply of the nearest site close enough to share it; "" for none."""
    sites = world.sites
    if not site["coord_precision_km"] < limit_km:
        return ""
    close = sites[(sites["grid_region"] == site["grid_region"])
                  & (sites["coord_precision_km"] < limit_km)]
    if not len(close):
        return ""
    apart = np.maximum(distance_km(close["lat"], close["lon"], site["lat"], site["lon"]),
                       close["coord_precision_km"].to_numpy(float))
    apart = np.maximum(apart, site["coord_precision_km"])
    feeds = set(world.nodes.loc[world.nodes["kind"] == "feed", "node_id"])
    needs = world.requirements[world.requirements["member_id"].isin(feeds)]
    feed_of = dict(zip(needs["node_id"], needs["member_id"], strict=True))
    for i in np.argsort(apart, kind="stable"):
        if apart[i] <= limit_km and close["site_id"].iloc[i] in feed_of:
            return str(feed_of[close["site_id"].iloc[i]])
    return ""


def _together(site: pd.Series, other: pd.Series) -> bool:
    apart = float(distance_km(site["lat"], site["lon"], other["lat"], other["lon"]))
    rough = np.nan_to_num([site["coord_precision_km"], other["coord_precision_km"]])
    same = (site["lat"], site["lon"]) == (other["lat"], other["lon"])
    return bool(same or max(apart, *rough) <= PLACEHOLDER_KM)


def _records(frame: pd.DataFrame) -> Rows:
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]
