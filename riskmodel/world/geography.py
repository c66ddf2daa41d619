"""Places: geodesic distances on WGS84, polygons, and never finer than a place is known."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmodel.errors import RiskModelError
from riskmodel.world.shipped import shipped_folder
from riskmodel.world.wholefile import checksum

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import ArrayLike, NDArray

REGIONS_FILE = "regions.parquet"
REGION_COLUMNS = ("region_id", "kind", "name", "country_iso2")
#: a place no better known than this stands for a town or a county, not for a site
PLACEHOLDER_KM = 15.0
#: polygon sides are cut to this length, so that a side is straight in either projection
_SIDE_DEGREES = 0.25
_KM_PER_DEGREE = 110.5
_EARTH_KM = 6371.0


def read_regions(folder: Path | None = None) -> gpd.GeoDataFrame:
    """Return the polygons of a world folder, or those that ship where it has none.

    Raises
    ------
    RiskModelError
        There is no such file, a column is missing, or it does not say its reference system.
    """
    path = regions_path(folder)
    stat = path.stat()
    return _read(path, stat.st_mtime_ns, stat.st_size).copy()


def regions_path(folder: Path | None = None) -> Path:
    """Return where the polygons of a world folder lie: its own, or those that ship."""
    path = (folder or Path()) / REGIONS_FILE
    if folder is None or not path.is_file():
        path = shipped_folder() / REGIONS_FILE
    if not path.is_file():
        raise RiskModelError(f"there are no polygons: {path.name} is neither in the world's folder "
                             "nor among the shipped files; copy it from the shipped world")
    return path


def regions_checksum(folder: Path | None = None) -> str:
    """Return the sha256 (hex) of the polygons' file."""
    path = regions_path(folder)
    stat = path.stat()
    return _checksum(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=16)
def _checksum(path: Path, mtime_ns: int, size: int) -> str:
    return checksum(path)


@lru_cache(maxsize=4)  # many worlds share one file; its time and size tell when it has changed
def _read(path: Path, mtime_ns: int, size: int) -> gpd.GeoDataFrame:
    import geopandas as gpd

    try:
        regions = gpd.read_parquet(path)
    except Exception as error:  # pyarrow and geopandas raise errors of many kinds
        raise RiskModelError(f"{path.name} cannot be read as GeoParquet: {error}") from error
    missing = [name for name in REGION_COLUMNS if name not in regions.columns]
    if missing:
        raise RiskModelError(f"{path.name} lacks the columns {', '.join(missing)}")
    if regions.crs is None:
        raise RiskModelError(f"{path.name} does not say its coordinate reference system; write it "
                             "with one (lon/lat WGS84 is EPSG:4326)")
    return regions if regions.crs == "EPSG:4326" else regions.to_crs("EPSG:4326")


def distance_km(lat: ArrayLike, lon: ArrayLike, to_lat: ArrayLike,
                to_lon: ArrayLike) -> NDArray[np.float64]:
    """Return geodesic distances in km on the WGS84 ellipsoid, element by element (broadcast)."""
    from pyproj import Geod

    arrays = np.broadcast_arrays(*(np.asarray(a, dtype=float) for a in (lat, lon, to_lat, to_lon)))
    a_lat, a_lon, b_lat, b_lon = (np.ascontiguousarray(a).ravel() for a in arrays)
    metres = Geod(ellps="WGS84").inv(a_lon, a_lat, b_lon, b_lat)[2]
    return np.asarray(metres, dtype=float).reshape(arrays[0].shape) / 1000.0


def centre(rows: Iterable[tuple[float, float, float]]) -> tuple[float, float, float]:
    """Return lon, lat and the largest distance (km) of the weighted centre of lon, lat, weight.

    Computed on the sphere, so that places on both sides of the 180th meridian do not meet in
    Greenwich.
    """
    table = np.array([row for row in rows if not math.isnan(row[0] + row[1])], dtype=float)
    if not len(table):
        return math.nan, math.nan, math.inf
    lon, lat = np.radians(table[:, 0]), np.radians(table[:, 1])
    weight = table[:, 2] if table[:, 2].sum() > 0 else np.ones(len(table))
    unit = np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
    mean = (unit * weight).sum(axis=1)
    length = float(np.linalg.norm(mean))
    if length < 1e-9 * float(weight.sum()):
        return math.nan, math.nan, math.inf
    mean /= length
    far = _EARTH_KM * float(np.arccos(np.clip(mean @ unit, -1, 1)).max())
    return (math.degrees(math.atan2(mean[1], mean[0])), math.degrees(math.asin(mean[2])), far)


def require_precision(places: pd.DataFrame, km: float, what: str) -> None:
    """Refuse to go on where a place is known less well than ``km``, the distance in question.

    ``places`` has coord_precision_km (NaN: as good as given) and site_id or node_id.

    Raises
    ------
    RiskModelError
        Names the places, and says what to do.
    """
    rough = places[places["coord_precision_km"] > km]
    if len(rough):
        key = "site_id" if "site_id" in rough else "node_id"
        named = ", ".join(f"'{place}' (+-{precision:g} km)" for place, precision in
                          zip(rough[key].head(5), rough["coord_precision_km"], strict=False))
        more = f" and {len(rough) - 5} more" if len(rough) > 5 else ""
        raise RiskModelError(
            f"{what} looks at {km:g} km, finer than these places are known: {named}{more}; "
            "give better coordinates with a smaller coord_precision_km, leave the places out, or "
            "ask for a wider distance")


def within_radius(places: pd.DataFrame, lat: float, lon: float,
                  radius_km: float) -> NDArray[np.bool_]:
    """Return which places lie within a radius, shape (places,).

    Raises
    ------
    RiskModelError
        A place near the circle is known less well than the radius: the answer would be a guess.
    """
    apart = distance_km(places["lat"], places["lon"], lat, lon)
    error = places["coord_precision_km"].fillna(0.0).to_numpy()
    require_precision(places[apart <= radius_km + error], radius_km, "a radius")
    return apart <= radius_km


def distance_to_polygon_km(geometry: Any, lat: float, lon: float, *,
                           border: bool = False) -> float:
    """Return the distance in km from a place to a lon/lat polygon, 0 inside it.

    With ``border`` the distance to its outline, inside or out. Measured in the azimuthal
    equidistant projection centred on the place, in which distances from it are geodesic.
    """
    import shapely
    from pyproj import Proj

    if not border and geometry.covers(shapely.Point(lon, lat)):
        return 0.0
    projection = Proj(proj="aeqd", lat_0=lat, lon_0=lon, ellps="WGS84")
    outline = shapely.segmentize(geometry.boundary, _SIDE_DEGREES)
    flat = shapely.transform(outline, lambda xy: np.column_stack(projection(xy[:, 0], xy[:, 1])))
    return float(shapely.distance(shapely.Point(0.0, 0.0), flat)) / 1000.0


def locate(regions: gpd.GeoDataFrame, lat: ArrayLike, lon: ArrayLike, *, within_km: float,
           precision_km: ArrayLike = 0.0) -> pd.DataFrame:
    """Return the polygon each place lies in, else the nearest within a stated distance.

    Returns
    -------
    frame ``region_id, distance_km, certain``, one row a place: ``region_id`` is "" where none is
    near enough; ``distance_km`` is 0 inside; ``certain`` says that the place would lie in no other
    polygon even if it were off by its ``precision_km``.
    """
    import shapely

    lats, lons = np.atleast_1d(np.asarray(lat, float)), np.atleast_1d(np.asarray(lon, float))
    precision = np.nan_to_num(np.broadcast_to(np.asarray(precision_km, float), lats.shape))
    shapes = regions.geometry.to_numpy()
    names = regions["region_id"].tolist()
    boxes = shapely.bounds(shapes)
    found: list[tuple[str, float, bool]] = []
    for y, x, error in zip(lats, lons, precision, strict=True):
        near = _boxes_near(boxes, y, x, max(within_km, error))
        apart = {i: distance_to_polygon_km(shapes[i], y, x) for i in near}
        best = min(apart, key=lambda i: (apart[i], i), default=None)
        if best is None or apart[best] > within_km:
            found.append(("", np.nan, not apart or min(apart.values()) > error))
            continue
        others = any(gap <= error for i, gap in apart.items() if i != best)
        sure = not others and (error == 0 or apart[best] > 0
                               or distance_to_polygon_km(shapes[best], y, x, border=True) > error)
        found.append((names[best], apart[best], sure))
    return pd.DataFrame(found, columns=["region_id", "distance_km", "certain"])


def _boxes_near(boxes: NDArray[np.float64], lat: float, lon: float, km: float) -> list[int]:
    """Return polygons whose bounding box comes within ``km`` of a place, generously."""
    up = km / _KM_PER_DEGREE + 1e-9
    if abs(lat) + up >= 89.0 or abs(lon) + up / max(np.cos(np.radians(abs(lat) + up)), 0.02) > 180:
        side = 360.0  # about a pole or across the date line every longitude may be near
    else:
        side = up / np.cos(np.radians(abs(lat) + up))
    near = ((boxes[:, 0] <= lon + side) & (boxes[:, 2] >= lon - side)
            & (boxes[:, 1] <= lat + up) & (boxes[:, 3] >= lat - up))
    return np.flatnonzero(near).tolist()
