"""Nodes and requirements by rule: what each site hangs on, from the site's record and the rules.

The chain is site -> power (feed and plant) -> grid -> interconnection; plant, and some grids, ->
gas; site -> control plane -> cloud; site -> country -> theatre; site -> operator; site -> corridor.
No row is written for one site by hand.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from riskmodel.world.rules import Rules, least

_BATTERY = re.compile("megapack|batter", re.IGNORECASE)


@dataclass
class _Graph:
    """Rows gathered so far; a node is written once."""

    rules: Rules
    as_of: str
    nodes: dict[str, dict[str, object]] = field(default_factory=dict)
    rows: list[dict[str, object]] = field(default_factory=list)

    def node(self, node_id: str, kind: str, rule: str, *, name: str = "", country: str = "",
             lat: float = np.nan, lon: float = np.nan, precision: float = np.nan,
             also: str = "", confidence: str = "") -> str:
        if node_id not in self.nodes:
            self.nodes[node_id] = {
                "node_id": node_id, "kind": kind, "name": name, "country_iso2": country,
                "lat": lat, "lon": lon, "coord_precision_km": precision, "rule": rule,
                "source_urls": self.rules.sources(rule, also=[also]), "as_of": self.as_of,
                "confidence": confidence or self.rules.confidence(rule)}
        return node_id

    def need(self, node_id: str, group: str, member_id: str, rule: str, *, weight: float = 1.0,
             mode: str = "quorum", share: float = 1.0, ride_through_h: float = 0.0,
             also: str = "", confidence: str = "", second: str = "") -> None:
        self.rows.append({
            "node_id": node_id, "group": group, "member_id": member_id, "weight": weight, "k": 1.0,
            "mode": mode, "share": share, "ride_through_h": ride_through_h,
            "recharge_h": self.rules.number("recharge_h"), "rule": rule,
            "source_urls": self.rules.sources(rule, *([second] if second else []), also=[also]),
            "as_of": self.as_of, "confidence": confidence or self.rules.confidence(rule)})


def slug(text: str) -> str:
    """Return a name in lower case with underscores.

    Examples
    --------
    >>> slug("HUMAIN (PIF)")
    'humain_pif'
    """
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


def generation(site: pd.Series, rules: Rules) -> tuple[float, str]:
    """Return the share of a site's supply from behind the meter, and what says so.

    A stated MW over the site's facility power (over the whole plan where it does not run yet), at
    most 1; a default share where only the type is known; 0 for what the rules call grid, backup
    or none.
    """
    text = str(site["onsite_generation_type"])
    if site["level"] == "off_grid":
        return 1.0, "off_grid"
    for words, meaning in rules["generation_types"].items():
        if words in text:
            return 0.0, str(meaning)
    mw = float(site["onsite_generation_mw"])
    if mw > 0:
        load = float(site["facility_mw"]) or float(site["power_mw"])
        return min(1.0, round(mw / load, 2)) if load > 0 else 1.0, "stated"
    return (rules.number("unknown_generation_share"), "default") if text else (0.0, "none")


def ride_through(site: pd.Series, plant_share: float, rules: Rules) -> tuple[float, str]:
    """Return the reserve of a site's power in hours, and the rule behind it."""
    if _BATTERY.search(str(site["onsite_generation_type"])):
        return rules.number("ride_through_battery_h"), "ride_through_battery_h"
    conventional = any(str(site["operator"]).startswith(name)
                       for name in rules["conventional_operators"])
    if str(site["operator"]).startswith("Microsoft") and not site["is_zone"]:
        opened = str(site["operational_from"])
        conventional = bool(opened) and opened <= str(rules["microsoft_diesel_until"])
    if site["is_zone"] or (conventional and plant_share == 0):
        return rules.number("ride_through_conventional_h"), "ride_through_conventional_h"
    return rules.number("ride_through_training_h"), "ride_through_training_h"


def feeds(sites: pd.DataFrame, limit_km: float) -> dict[str, str]:
    """Return the feed of each site: one for sites of one grid closer than ``limit_km``.

    Chains of close sites share one feed, named after the first of them in the table. A place
    known no better than the limit is close to nothing.
    """
    from pyproj import Geod

    geod = Geod(ellps="WGS84")
    lead = {site: site for site in sites["site_id"]}
    order = {site: i for i, site in enumerate(sites["site_id"])}

    def root(site: str) -> str:
        while lead[site] != site:
            site = lead[site]
        return site

    exact = sites[sites["coord_precision_km"] < limit_km]
    for _, group in exact.groupby("grid_region"):
        ids, lon, lat = (group[c].to_numpy() for c in ("site_id", "lon", "lat"))
        precision = group["coord_precision_km"].to_numpy(dtype=float)
        for i in range(len(ids)):
            for j in range(i + 1, len(ids)):
                apart = geod.inv(lon[i], lat[i], lon[j], lat[j])[2] / 1000
                if max(apart, precision[i], precision[j]) <= limit_km:
                    a, b = sorted((root(ids[i]), root(ids[j])), key=order.__getitem__)
                    lead[b] = a
    return {site: f"feed:{root(site)}" for site in sites["site_id"]}


def build_graph(sites: pd.DataFrame, grid_regions: pd.DataFrame, clouds: pd.DataFrame,
                theatres: pd.DataFrame, countries: Mapping[str, str], rules: Rules,
                as_of: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return ``nodes`` and ``requirements`` of all sites, in a fixed order.

    ``countries`` maps ISO codes to names. Rows carry the rule that made them, its sources and
    those of the site's record, and the lowest confidence of what they rest on.
    """
    graph = _Graph(rules, as_of)
    by_text = grid_regions.set_index("grid_region_text")
    frame = sites.copy()
    frame["level"] = frame["grid_region_text"].map(by_text["level"])
    frame["interconnection"] = frame["grid_region_text"].map(by_text["interconnection"])
    frame["grid_sources"] = frame["grid_region_text"].map(by_text["source_urls"])
    frame["grid_confidence"] = frame["grid_region_text"].map(by_text["confidence"])
    # a row of a general cloud region whose operator publishes no power
    frame["is_zone"] = ((frame["cloud_region"] != "") & frame["power_mw"].isna()
                        & (frame["accelerator_count"].fillna(0) == 0))
    feed_of = feeds(frame, rules.number("feed_distance_km"))
    by_cloud = clouds.set_index("cloud_id")
    for _, site in frame.iterrows():
        _power(graph, site, feed_of[site["site_id"]], frame, feed_of)
        _control_plane(graph, site, by_cloud)
        _country(graph, site, theatres, countries)
        _operator(graph, site)
        for name, members in rules["corridors"].items():
            if site["country_iso2"] in members:
                corridor = graph.node(f"corridor:{name}", "corridor", "corridors",
                                      name=name.replace("_", " ").title())
                graph.need(site["site_id"], f"backbone_{name}", corridor, "corridor_share",
                           share=float(rules["corridor_share"][name]))
    nodes = pd.DataFrame(graph.nodes.values()).sort_values("node_id", kind="stable")
    return nodes.reset_index(drop=True), pd.DataFrame(graph.rows)


def _power(graph: _Graph, site: pd.Series, feed_id: str, frame: pd.DataFrame,
           feed_of: Mapping[str, str]) -> None:
    rules, site_id = graph.rules, site["site_id"]
    x, why = generation(site, rules)
    hours, rule = ride_through(site, x, rules)
    own = site["source_urls"]
    behind = {"stated": "medium", "off_grid": "medium"}.get(why, "low")
    worth = least(rules.confidence(rule), behind if x > 0 else "high", site["confidence"])
    if x < 1.0:
        graph.need(site_id, "power", feed_id, rule, weight=round(1.0 - x, 4), mode="proportional",
                   ride_through_h=hours, also=own, confidence=worth)
        _feed(graph, feed_id, frame, feed_of)
    if x > 0.0:
        plant = graph.node(f"plant:{site_id}", "plant", "generation_types",
                           name=f"Generation at {site['name']}", country=site["country_iso2"],
                           lat=site["lat"], lon=site["lon"], precision=site["coord_precision_km"],
                           also=own, confidence=behind)
        graph.need(site_id, "power", plant, rule, weight=x, mode="proportional",
                   ride_through_h=hours, also=own, confidence=worth, second="generation_types")
        area = rules["gas_region_off_grid"].get(site["grid_region_text"], site["grid_region"])
        gas = graph.node(f"gas:{area}", "gas", "gas_share", name=f"Gas supply, {area}",
                         country=site["country_iso2"], also=own)
        graph.need(plant, "fuel", gas, "gas_share", share=rules.number("gas_share"), also=own)


def _feed(graph: _Graph, feed_id: str, frame: pd.DataFrame, feed_of: Mapping[str, str]) -> None:
    if feed_id in graph.nodes:
        return
    members = frame[frame["site_id"].map(feed_of) == feed_id]
    first = members.iloc[0]
    region, precision = first["grid_region"], members["coord_precision_km"].max()
    names = ", ".join(members["name"])
    graph.node(feed_id, "feed", "feed_distance_km", name=f"Local supply of {names}",
               country=first["country_iso2"], lat=round(float(members["lat"].mean()), 4),
               lon=round(float(members["lon"].mean()), 4), precision=float(precision),
               also=";".join(members["source_urls"]))
    worth = least(first["grid_confidence"], graph.rules.confidence("grid_share"))
    grid = graph.node(f"grid:{region}", "grid", "grid_share", name=region,
                      country=first["country_iso2"], confidence=worth,
                      also=first["grid_sources"])
    graph.need(feed_id, "grid", grid, "grid_share", confidence=worth,
               share=graph.rules.number("grid_share"))
    if not any(row["node_id"] == grid for row in graph.rows):
        system = graph.node(f"interconnection:{first['interconnection']}", "interconnection",
                            "grid_share", confidence="high",
                            name=first["interconnection"].replace("_", " ").title(),
                            also=first["grid_sources"])
        graph.need(grid, "interconnection", system, "grid_share", confidence="medium",
                   share=graph.rules.number("grid_share"))
        burnt = float(graph.rules["grid_gas_share"].get(region, 0.0))
        if burnt > 0:
            gas = graph.node(f"gas:{region}", "gas", "grid_gas_share",
                             name=f"Gas supply, {region}", country=first["country_iso2"])
            graph.need(grid, "fuel", gas, "grid_gas_share", share=burnt)


def _control_plane(graph: _Graph, site: pd.Series, clouds: pd.DataFrame) -> None:
    rules = graph.rules
    provider = str(site["cloud_provider"]).split(" / ")[0].strip()
    cloud_id = rules["cloud_of_provider"].get(provider)
    if cloud_id is None:
        return
    name, sources = clouds.loc[cloud_id, ["name", "source_urls"]]
    cloud = graph.node(f"cloud:{cloud_id}", "cloud", "cloud_of_provider", name=name, also=sources)
    member = cloud
    if site["cloud_region"]:
        code = site["cloud_region"]
        member = f"cloud_region:{cloud_id}/{code}"
        if member not in graph.nodes:
            graph.node(member, "cloud_region", "cloud_of_provider",
                       name=f"{name} {code}", country=site["country_iso2"],
                       also=site["source_urls"], confidence="medium")
            graph.need(member, "provider", cloud, "provider_share",
                       share=rules.number("provider_share"))
    rule = "control_plane_share_zone" if site["is_zone"] else "control_plane_share_training"
    graph.need(site["site_id"], "control_plane", member, rule, share=rules.number(rule),
               ride_through_h=rules.number("control_plane_ride_through_h"),
               second="control_plane_ride_through_h", also=site["source_urls"])


def _country(graph: _Graph, site: pd.Series, theatres: pd.DataFrame,
             countries: Mapping[str, str]) -> None:
    code = site["country_iso2"]
    node = f"country:{code}"
    worth = least(site["confidence"], graph.rules.confidence("country_share"))
    share = graph.rules.number("country_share")
    graph.need(site["site_id"], "country", node, "country_share", share=share, confidence=worth,
               also=site["source_urls"])
    if node in graph.nodes:
        return
    graph.node(node, "country", "country_share", name=countries.get(code, code), country=code,
               confidence="high")
    for _, row in theatres[theatres["country_iso2"] == code].iterrows():
        name = row["theatre_id"].replace("_", " ").title()
        theatre = graph.node(f"theatre:{row['theatre_id']}", "theatre", "country_share", name=name,
                             also=row["source_urls"], confidence=row["confidence"])
        graph.need(node, "theatre", theatre, "country_share", share=share,
                   also=row["source_urls"], confidence=row["confidence"])


def _operator(graph: _Graph, site: pd.Series) -> None:
    name = re.sub(r"\s*\(.*?\)", "", str(site["operator"]).split(" / ")[0]).strip()
    if not name:
        return
    node = graph.node(f"operator:{slug(name)}", "operator", "operator_share", name=name,
                      also=site["source_urls"])
    graph.need(site["site_id"], "operator", node, "operator_share", also=site["source_urls"],
               share=graph.rules.number("operator_share"))
