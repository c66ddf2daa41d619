"""Which polygon a place lies in, and where that contradicts the record.

A place outside every polygon belongs to the nearest one within a stated distance (generalised
coasts leave harbours in the sea). Distances are geodesic, and none is finer than the place itself.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskmodel.world.rules import Rules

if TYPE_CHECKING:
    import geopandas as gpd

COLUMNS = ["site_id", "field", "record", "polygon", "distance_km", "coord_precision_km",
           "verdict", "note"]


def read_regions(folder: str | Path) -> gpd.GeoDataFrame:
    """Read the polygons of a world's folder (``regions.parquet``, EPSG:4326)."""
    import geopandas as gpd

    return gpd.read_parquet(Path(folder) / "regions.parquet")


def place(lon: np.ndarray, lat: np.ndarray, polygons: gpd.GeoDataFrame,
          nearest_km: float) -> pd.DataFrame:
    """Return the polygon of each point and the distance to it.

    Parameters
    ----------
    lon, lat : degrees, shape (n,)
    polygons : frame with ``region_id`` and ``geometry``, EPSG:4326
    nearest_km : how far a polygon may be from a point outside all of them

    Returns
    -------
    frame ``region_id`` (``""`` where none is near enough), ``distance_km`` (0 inside), n rows
    """
    import shapely
    from pyproj import Geod

    geod = Geod(ellps="WGS84")
    points = shapely.points(np.asarray(lon, dtype=float), np.asarray(lat, dtype=float))
    shapes = polygons.geometry.to_numpy()
    ids = polygons["region_id"].to_numpy()
    tree = shapely.STRtree(shapes)
    found = np.full(len(points), "", dtype=object)
    apart = np.full(len(points), np.nan)
    inside = tree.query(points, predicate="intersects")
    for point, shape in sorted(zip(*inside, strict=True), key=lambda pair: str(ids[pair[1]])):
        if found[point] == "":
            found[point], apart[point] = ids[shape], 0.0
    for i in np.flatnonzero(found == ""):
        # a box in degrees around the point that surely holds the circle in km
        up = nearest_km / 110.0
        side = up / max(np.cos(np.radians(min(abs(lat[i]) + up, 89.0))), 0.01)
        near = tree.query(shapely.box(lon[i] - side, lat[i] - up, lon[i] + side, lat[i] + up))
        best = nearest_km
        for shape in sorted(near, key=lambda k: str(ids[k])):
            # nearest in the local plane, then measured on the ellipsoid
            squeeze = np.cos(np.radians(lat[i]))
            flat = shapely.transform(shapes[shape], lambda xy, s=squeeze: xy * [s, 1.0])
            there = shapely.shortest_line(shapely.Point(lon[i] * squeeze, lat[i]), flat).coords[1]
            km = geod.inv(lon[i], lat[i], there[0] / squeeze, there[1])[2] / 1000
            if km <= best:
                best, found[i], apart[i] = km, ids[shape], km
    return pd.DataFrame({"region_id": found, "distance_km": np.round(apart, 2)})


def disagreements(folder: str | Path, sites: pd.DataFrame, grid_regions: pd.DataFrame,
                  rules: Rules) -> pd.DataFrame:
    """Return every site whose polygon and record differ, or that cannot be judged.

    Compared are the country (50 m polygons) and the grid: the ISO or balancing authority in the
    United States, the bidding zone in Europe. Where no polygons of a kind cover a site, nothing is
    compared. ``verdict`` is ``differs``, ``too coarse`` (the place is known no better than the
    polygon needs) or ``nearest`` (agrees, with a point outside its polygon).
    """
    regions = read_regions(folder)
    limit, coarse = rules.number("nearest_km"), rules.number("judge_precision_km")
    lon, lat = (sites[c].to_numpy(dtype=float) for c in ("lon", "lat"))
    level = sites["grid_region_text"].map(grid_regions.set_index("grid_region_text")["level"])
    areas = rules["planning_areas"]
    rows: list[dict[str, object]] = []
    for field, kind, said, code in (
            ("country_iso2", "country", sites["country_iso2"], "country_iso2"),
            ("grid_region", "grid_us", sites["grid_region"], "parent"),
            ("grid_region", "bidding_zone", sites["grid_region"], "parent")):
        polygons = regions[regions["kind"] == kind].reset_index(drop=True)
        codes = polygons.set_index("region_id")[code]
        covered = set(polygons["country_iso2"])
        placed = place(lon, lat, polygons, limit)
        for i, site in enumerate(sites["site_id"]):
            if kind != "country" and sites["country_iso2"].iloc[i] not in covered:
                continue
            region, km = placed["region_id"].iloc[i], placed["distance_km"].iloc[i]
            there = codes.get(region, "")
            precision = float(sites["coord_precision_km"].iloc[i])
            row = {"site_id": site, "field": field, "record": said.iloc[i],
                   "polygon": f"{there} ({region})" if there and there != region else there,
                   "distance_km": km, "coord_precision_km": precision}
            if precision >= coarse and kind != "country":
                rows.append({**row, "verdict": "too coarse",
                             "note": "the place is known no better than the polygon needs"})
            elif level.iloc[i] == "off_grid" and kind != "country":
                continue
            elif said.iloc[i] not in areas.get(there, [there]):
                soft = precision >= coarse
                rows.append({**row, "verdict": "too coarse" if soft else "differs",
                             "note": _why(kind, there, precision)})
            elif km > 0:
                rows.append({**row, "verdict": "nearest",
                             "note": "agrees; the point lies outside every polygon of its kind"})
    return pd.DataFrame(rows, columns=COLUMNS)


def _why(kind: str, there: str, precision: float) -> str:
    if not there:
        return f"no {kind} polygon within reach of the point"
    if kind == "grid_us":
        return ("planning regions only approximate the operators' footprints; the record, which "
                "names the utility, is kept")
    return f"the point may be wrong by {precision:g} km; the record is kept"
