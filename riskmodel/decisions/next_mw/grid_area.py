"""Where a grid region is on the map: the polygons that ``grid_outage`` takes for it, or its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from riskmodel.world.geography import read_regions

if TYPE_CHECKING:
    from riskmodel.world.world import World

#: levels of a grid region at which its country's outline is its own
_COUNTRYWIDE = ("national",)


def grid_area(world: World, region: str) -> Any:
    """Return the area of a grid region as a lon/lat geometry of shapely; None where none is known.

    In this order: the polygons, and the box that cuts them, that the peril ``grid_outage`` of this
    world takes for the grid; the polygons whose ``parent`` it is; the country of a national grid.
    """
    import shapely

    local = world.perils.get("grid_outage", {}).get("local", {})
    ids = list(local.get("polygons", {}).get(region, ()))
    regions = read_regions(world.folder)
    chosen = regions["region_id"].isin(ids)
    if not chosen.any() and "parent" in regions:
        chosen = regions["parent"] == region
    if not chosen.any():
        codes = _countries(world, region)
        chosen = (regions["kind"] == "country") & regions["country_iso2"].isin(codes)
    if not chosen.any():
        return None
    shape: Any = shapely.union_all(shapely.make_valid(regions.geometry[chosen].to_numpy()))
    box = str(local.get("boxes", {}).get(region, ""))
    if box:
        shape = shapely.intersection(shape, shapely.box(*(float(word) for word in box.split())))
    return None if shape.is_empty else shape


def inner_point(area: Any) -> tuple[float, float, float]:
    """Return lat, lon of a point well inside the largest part, and the radius of as large a disc.

    The radius, in km, says how far from the point a place in the area typically is.
    """
    import shapely
    from pyproj import Geod

    geod = Geod(ellps="WGS84")
    parts = shapely.get_parts(area)
    sizes = [abs(geod.geometry_area_perimeter(part)[0]) for part in parts]
    point = parts[int(np.argmax(sizes))].representative_point()
    return float(point.y), float(point.x), float(np.sqrt(sum(sizes) / np.pi) / 1000.0)


def into_area(area: Any, lat: float, lon: float) -> tuple[float, float, float]:
    """Return the place of the area that is nearest to a point, and how far that is, in km."""
    import shapely

    from riskmodel.world.geography import distance_km

    # in a plane squeezed as the parallel there is: near enough to find the nearest border
    squeeze = float(np.cos(np.radians(lat)))
    flat = shapely.transform(area, lambda xy: xy * [squeeze, 1.0])
    there = shapely.shortest_line(shapely.Point(lon * squeeze, lat), flat).coords[1]
    to_lat, to_lon = float(there[1]), float(there[0] / squeeze)
    return to_lat, to_lon, float(distance_km(lat, lon, to_lat, to_lon))


def _countries(world: World, region: str) -> list[str]:
    """Return the country of a grid that is the country's; none for a part of one."""
    rows = world.grid_regions[world.grid_regions["grid_region"] == region]
    if not rows["level"].isin(_COUNTRYWIDE).any():
        return []
    here = world.sites.loc[world.sites["grid_region"] == region, "country_iso2"]
    node = world.nodes.loc[world.nodes["node_id"] == f"grid:{region}", "country_iso2"]
    return sorted({code for code in (*here, *node) if code})
