"""Which polygon a place lies in, and where that contradicts the record.

A place outside every polygon belongs to the nearest one within a stated distance (generalised
coasts leave harbours in the sea). Distances are geodesic, and none is finer than the place itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
        near = _within(lon[i], lat[i], shapes, tree, nearest_km)
        if near:
            apart[i], shape = min(near, key=lambda pair: (pair[0], str(ids[pair[1]])))
            found[i] = ids[shape]
    return pd.DataFrame({"region_id": found, "distance_km": np.round(apart, 2)})


def _within(lon: float, lat: float, shapes: np.ndarray, tree: Any,
            km: float) -> list[tuple[float, int]]:
    """Return distance in km and position of every polygon within ``km`` of a point."""
    import shapely
    from pyproj import Geod

    # a box in degrees around the point that surely holds the circle in km
    up = km / 110.0
    side = up / max(np.cos(np.radians(min(abs(lat) + up, 89.0))), 0.01)
    # nearest in the local plane, then measured on the ellipsoid
    squeeze = np.cos(np.radians(lat))
    point = shapely.Point(lon * squeeze, lat)
    out = []
    for shape in tree.query(shapely.box(lon - side, lat - up, lon + side, lat + up)):
        flat = shapely.transform(shapes[shape], lambda xy: xy * [squeeze, 1.0])
        there = shapely.shortest_line(point, flat).coords[1]
        apart = Geod(ellps="WGS84").inv(lon, lat, there[0] / squeeze, there[1])[2] / 1000
        if apart <= km:
            out.append((apart, int(shape)))
    return out


def unsure(lon: np.ndarray, lat: np.ndarray, precision_km: np.ndarray,
           polygons: gpd.GeoDataFrame, codes: Sequence[str],
           fits: Sequence[Sequence[str]]) -> np.ndarray:
    """Return which points are known too coarsely to be judged, shape (points,).

    Those with a polygon within their precision that would mean another answer: ``codes`` is the
    answer at each point, ``fits`` the answers that each polygon allows.
    """
    import shapely

    shapes = polygons.geometry.to_numpy()
    tree = shapely.STRtree(shapes)
    return np.array([any(codes[i] not in fits[shape] for _, shape in
                         _within(lon[i], lat[i], shapes, tree, precision_km[i]))
                     for i in range(len(lon))], dtype=bool)


def disagreements(folder: str | Path, sites: pd.DataFrame, grid_regions: pd.DataFrame,
                  rules: Rules) -> pd.DataFrame:
    """Return every site whose polygon and record differ, or that cannot be judged.

    Compared are the country (1:50m polygons), the state of the United States, and the grid: the ISO
    or balancing authority there, the bidding zone in Europe. Where no polygons of a kind cover a
    site's country, nothing is compared. ``verdict`` is ``differs``, ``too coarse`` (another polygon
    lies within the precision of the place, so that neither can be called wrong) or ``nearest``
    (they agree, but the point lies outside its polygon).
    """
    regions = read_regions(folder)
    lon, lat, precision = (sites[c].to_numpy(dtype=float)
                           for c in ("lon", "lat", "coord_precision_km"))
    level = sites["grid_region_text"].map(grid_regions.set_index("grid_region_text")["level"])
    areas = rules["planning_areas"]
    rows: list[dict[str, object]] = []
    for field, kind, code in (("country_iso2", "country", "country_iso2"),
                              ("admin1", "state", "name"),
                              ("grid_region", "grid_us", "parent"),
                              ("grid_region", "bidding_zone", "parent")):
        polygons = regions[regions["kind"] == kind].reset_index(drop=True)
        codes = polygons[code].to_numpy()
        by_id = dict(zip(polygons["region_id"], codes, strict=True))
        placed = place(lon, lat, polygons, rules.number("nearest_km"))
        there = np.array([by_id.get(region, "") for region in placed["region_id"]], dtype=object)
        fits = [areas.get(code, [code]) for code in codes]
        meant = [said if said in areas.get(at, [at]) else at
                 for said, at in zip(sites[field], there, strict=True)]
        coarse = unsure(lon, lat, precision, polygons, meant, fits)
        judged = np.ones(len(sites), dtype=bool)
        if kind != "country":
            judged = sites["country_iso2"].isin(set(polygons["country_iso2"])).to_numpy()
        if field == "grid_region":
            judged = judged & (level != "off_grid").to_numpy()
        for i in np.flatnonzero(judged):
            region, km = placed["region_id"].iloc[i], placed["distance_km"].iloc[i]
            said = sites[field].iloc[i]
            agrees = said in areas.get(there[i], [there[i]])
            if agrees and not coarse[i] and km == 0:
                continue
            verdict = "too coarse" if coarse[i] else "nearest" if agrees else "differs"
            rows.append({
                "site_id": sites["site_id"].iloc[i], "field": field, "record": said,
                "polygon": there[i] if there[i] == region or kind == "state" or not region
                else f"{there[i]} ({region})",
                "distance_km": km, "coord_precision_km": precision[i], "verdict": verdict,
                "note": _why(verdict, kind, agrees)})
    return pd.DataFrame(rows, columns=COLUMNS)


def _why(verdict: str, kind: str, agrees: bool) -> str:
    if verdict == "too coarse":
        return ("not judged: another polygon lies within the precision of the place; "
                f"at the point itself they {'agree' if agrees else 'differ'}")
    if verdict == "nearest":
        return "agrees; the point lies outside every polygon of its kind"
    if kind == "grid_us":
        return ("planning regions only approximate the operators' footprints; the record, which "
                "names the utility, is kept")
    return "the record is kept"
