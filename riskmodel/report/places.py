"""Where things are: capacity by grid region or country, and loss by the region that caused it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from riskmodel.report.context import Context, records
from riskmodel.world.geography import centre

WIDEST_KM = 2500.0  # a cause whose sites lie further apart than this has no one place


@dataclass(frozen=True)
class Place:
    """One region on the map: capacity that stands in it, loss that came from it."""

    region: str
    name: str
    lon: float = math.nan
    lat: float = math.nan
    capacity_mw: float = 0.0
    sites: int = 0
    lost_mw_days: float = 0.0

    @property
    def short(self) -> str:
        """Name for the map: without the country in brackets."""
        return self.name.rsplit(" (", 1)[0]

    @property
    def placed(self) -> bool:
        """Whether it can be drawn."""
        return not math.isnan(self.lon)


def _weighted(rows: Iterable[dict[str, Any]]) -> list[tuple[float, float, float]]:
    return [(float(row["lon"]), float(row["lat"]), float(row["it_mw"] or 0.0)
             if row["it_mw"] == row["it_mw"] else 0.0) for row in rows]


def _region_of(row: dict[str, Any]) -> str:
    for name in ("grid_region", "country_iso2"):
        value = row.get(name)
        if value and value == value:
            return str(value)
    return ""


def _cause_sites(context: Context, region: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the sites that a region of a peril stands for, nearest meaning first."""
    world = context.world
    if world is None:
        return []
    for name in ("grid_region", "country_iso2", "cloud_region", "site_id"):
        same = [row for row in rows if str(row.get(name, "")) == region]
        if same:
            return same
    theatre = world.theatres.loc[world.theatres["theatre_id"] == region, "country_iso2"]
    if len(theatre):
        return [row for row in rows if row.get("country_iso2") in set(theatre)]
    kinds = ("grid", "cloud_region", "country", "theatre", "interconnection", "cloud", "gas",
             "operator", "corridor")
    for node in (region, *(f"{kind}:{region}" for kind in kinds)):
        users = set(context.names.users(node))
        if users:
            return [row for row in rows if str(row["site_id"]) in users]
    return []


def _of_polygons(context: Context, region: str) -> tuple[float, float]:
    """Return a point inside the largest polygon of a region, a country or a theatre's countries."""
    from riskmodel.report.names import world_regions

    regions = world_regions(context.world)
    if regions is None or context.world is None:
        return math.nan, math.nan
    theatres = context.world.theatres
    wanted = {region, *theatres.loc[theatres["theatre_id"] == region, "country_iso2"]}
    rows = regions[regions["region_id"].isin(wanted)]
    if rows.empty:
        return math.nan, math.nan
    points = [geometry.representative_point() for geometry in rows.geometry]
    lon, lat, far = centre((point.x, point.y, 1.0) for point in points)
    return (lon, lat) if far <= WIDEST_KM else (math.nan, math.nan)


def places(context: Context) -> list[Place]:
    """Return the regions with capacity or loss, largest loss and capacity first."""
    world = context.world
    rows = records(world.sites) if world is not None else []
    held: dict[str, list[dict[str, Any]]] = {}
    for row in ({**row, "it_mw": context.held.get(str(row["site_id"]), 0.0)} for row in rows):
        if row["it_mw"] > 0:
            held.setdefault(_region_of(row), []).append(row)
    lost: dict[str, float] = {}
    for row in records(context.by_region):
        if row["value"] > 0:
            lost[str(row["region"])] = lost.get(str(row["region"]), 0.0) + float(row["value"])
    found = []
    for region in {*held, *lost}:
        own = held.get(region, [])
        lon, lat, far = centre(_weighted(own or _cause_sites(context, region, rows)))
        if far > WIDEST_KM:
            lon, lat = _of_polygons(context, region)
        found.append(Place(region, context.names.region(region), lon, lat,
                           float(sum(row["it_mw"] for row in own)), len(own),
                           lost.get(region, 0.0)))
    return sorted(found, key=lambda p: (-p.lost_mw_days, -p.capacity_mw, p.region))
