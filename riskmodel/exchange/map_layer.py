"""A map layer of sites (GeoPackage, GeoParquet, GeoJSON, shapefile): points, or polygons."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmodel.errors import RiskModelError
from riskmodel.exchange.incoming import BadRow, Incoming, cell_text

if TYPE_CHECKING:
    import geopandas as gpd

SUFFIXES = (".gpkg", ".parquet", ".geoparquet", ".geojson", ".json", ".shp", ".fgb")
#: names of the columns that hold what the geometry says; no file of ours may use them
LAT, LON, RADIUS = "latitude of the geometry", "longitude of the geometry", "radius of the polygon"


def read_map_layer(path: Path, layer: str | None = None, crs: str | None = None) -> Incoming:
    """Read a layer; its places are brought to WGS84, a polygon stands at a point inside it.

    Parameters
    ----------
    layer : which of a GeoPackage's layers; needed where there are several.
    crs : the reference system, where the file does not say it.

    Raises
    ------
    RiskModelError
        The file cannot be read, has several layers or no reference system.
    """
    layers = _read(path, layer)
    if layers.crs is None:
        if not crs:
            raise RiskModelError(f"{path.name} does not say its coordinate reference system; give "
                                 "it, as --crs EPSG:4326 for longitude and latitude")
        layers = layers.set_crs(_system(crs))
    notes = []
    if layers.crs.to_epsg() != 4326 and str(layers.crs) != "OGC:CRS84":
        notes.append(f"places were brought from {layers.crs.name} to longitude and latitude "
                     "(WGS84)")
    places, radius, bad, areas = _points(layers)
    if areas:
        notes.append(f"{areas} polygon{'s stand' if areas > 1 else ' stands'} at a representative "
                     "point inside; coord_precision_km is the radius of a disc of the same area")
    frame = pd.DataFrame({str(name): [cell_text(v) for v in layers[name]]
                          for name in layers.columns if name != layers.geometry.name},
                         dtype=object)
    clash = sorted({LAT, LON, RADIUS} & set(frame.columns))
    if clash:
        raise RiskModelError(f"{path.name} has a column '{clash[0]}'; rename it")
    frame[LAT], frame[LON] = ([f"{v:.6f}" if np.isfinite(v) else "" for v in places[:, i]]
                              for i in (1, 0))
    known = {"lat": LAT, "lon": LON}
    if areas:
        frame[RADIUS] = [f"{v:.2f}" if np.isfinite(v) else "" for v in radius]
        known["coord_precision_km"] = RADIUS
    return Incoming(frame, list(range(1, len(frame) + 1)), "layer", notes, known,
                    source=path.name, bad=bad, used={LAT, LON, RADIUS})


def _read(path: Path, layer: str | None) -> gpd.GeoDataFrame:
    import geopandas as gpd

    try:
        if path.suffix.lower() in (".parquet", ".geoparquet"):
            return gpd.read_parquet(path)
        names = gpd.list_layers(path)["name"].tolist()
        if layer is None and len(names) > 1:
            raise RiskModelError(f"{path.name} has {len(names)} layers: {', '.join(names)}; choose "
                                 "one with --layer")
        if layer is not None and layer not in names:
            raise RiskModelError(f"{path.name} has no layer '{layer}'; it has {', '.join(names)}")
        found = gpd.read_file(path, layer=layer or names[0])
    except RiskModelError:
        raise
    except Exception as error:  # pyogrio, pyarrow and geopandas raise errors of many kinds
        raise RiskModelError(f"{path.name} cannot be read as a map layer: {error}; give a "
                             "GeoPackage, GeoParquet or GeoJSON file") from None
    if not isinstance(found, gpd.GeoDataFrame):
        raise RiskModelError(f"{path.name} holds no geometry; give a layer of points or polygons, "
                             "or import it as a spreadsheet with --from sheet")
    if not len(found):
        raise RiskModelError(f"{path.name} holds no feature; give one for each site")
    return found


def _system(crs: str) -> Any:
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    try:
        return CRS.from_user_input(crs)
    except CRSError:
        raise RiskModelError(f"--crs {crs}: there is no such reference system; write it as "
                             "EPSG:4326") from None


def _points(layer: gpd.GeoDataFrame) -> tuple[np.ndarray, np.ndarray, list[BadRow], int]:
    """Return lon and lat of each feature, the radius (km) of each polygon, and what has neither."""
    import shapely
    from pyproj import Geod

    geod = Geod(ellps="WGS84")
    shapes = layer.geometry.to_crs("EPSG:4326").to_numpy()
    places = np.full((len(shapes), 2), np.nan)
    radius = np.full(len(shapes), np.nan)
    bad: list[BadRow] = []
    areas = 0
    for i, shape in enumerate(shapes):
        if shape is None or shape.is_empty:
            bad.append(BadRow(i + 1, "the feature has no place", "draw it, or leave it out"))
            continue
        if shape.geom_type == "Point":
            places[i] = shape.x, shape.y
            continue
        point = shapely.make_valid(shape).representative_point()
        places[i] = point.x, point.y
        if "Polygon" in shape.geom_type:
            areas += 1
            size = abs(geod.geometry_area_perimeter(shape)[0])
            radius[i] = max(np.sqrt(size / np.pi) / 1000.0, 0.1)
    return places, radius, bad, areas
