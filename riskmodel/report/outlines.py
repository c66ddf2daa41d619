"""Outlines of land for a picture: cut, projected, simplified, rounded to whole units."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from markupsafe import Markup

from riskmodel.report import svg
from riskmodel.report.names import clean

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

FINE = 10  # units of a path per unit of the picture


@dataclass(frozen=True)
class View:
    """A window on the world: a projection, the part of the globe it shows, its size in pixels."""

    projection: str
    west: float
    south: float
    east: float
    north: float
    width: float
    globe: bool = True  # the whole world with its rounded edge, or a rectangular detail

    def __post_init__(self) -> None:
        from pyproj import Transformer

        put = Transformer.from_crs("EPSG:4326", self.projection, always_xy=True).transform
        lon, lat = self.frame(200)
        x, y = put(lon, lat)
        scale = self.width / (max(x) - min(x))
        object.__setattr__(self, "_put", put)
        object.__setattr__(self, "_at", (min(x), max(y), scale))
        object.__setattr__(self, "height", (max(y) - min(y)) * scale)

    height: float = 0.0

    def frame(self, count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the edge of the window, lon and lat."""
        one = np.linspace(0, 1, count)
        lon = self.west + (self.east - self.west) * np.concatenate(
            [one, np.ones(count), one[::-1], np.zeros(count)])
        lat = self.south + (self.north - self.south) * np.concatenate(
            [np.zeros(count), one, np.ones(count), one[::-1]])
        return lon, lat

    def put(self, lon: Any, lat: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return places in pixels, y downwards."""
        put: Callable[..., Any] = self._put  # type: ignore[attr-defined]
        left, top, scale = self._at  # type: ignore[attr-defined]
        x, y = put(np.asarray(lon, dtype=float), np.asarray(lat, dtype=float))
        return (np.asarray(x) - left) * scale, (top - np.asarray(y)) * scale

    def holds(self, lon: float, lat: float) -> bool:
        """Whether a place is inside the window."""
        if self.globe:
            return self.west <= lon <= self.east and self.south <= lat <= self.north
        if abs(lon - (self.west + self.east) / 2) > 60 or abs(lat - self.south) > 60:
            return False  # far outside, where the projection folds
        x, y = self.put(lon, lat)
        return bool(0 <= x <= self.width and 0 <= y <= self.height)


def _rings(geometry: Any) -> list[Any]:
    """Return the rings of a geometry; of a MultiPolygon itself shapely finds none: part it."""
    import shapely

    parts = shapely.get_parts(geometry)
    parts = parts[shapely.get_type_id(parts) == 3]
    return list(shapely.get_rings(parts)) if len(parts) else []


def outline(view: View, geometry: Any, tolerance: float = 0.4, least: float = 1.5) -> str:
    """Return the path data of a geometry (see :func:`rings`)."""
    steps = []
    for points in rings(view, geometry, tolerance, least):
        moves = np.diff(points[:-1], axis=0)
        steps.append(f"M{points[0, 0]} {points[0, 1]}l"
                     + " ".join(f"{dx} {dy}" for dx, dy in moves) + "z")
    return "".join(steps).replace(" -", "-")


def rings(view: View, geometry: Any, tolerance: float = 0.4, least: float = 1.5
          ) -> list[NDArray[np.int64]]:
    """Return the rings of a geometry in ``FINE`` parts of a pixel, each of shape (points, 2).

    Islands below ``least`` square pixels are left out.

    Rings that jump over the 180th meridian would smear across the picture and are left out too;
    the polygons that ship are cut there.
    """
    import shapely

    if not view.globe:  # wide enough to fill the corners; the picture itself is cut at its edge
        geometry = shapely.clip_by_rect(geometry, view.west - 25, view.south - 6, view.east + 25,
                                        view.north + 8)
    found = []
    for ring in _rings(geometry):
        lon, lat = shapely.get_coordinates(ring).T
        if not len(lon) or np.abs(np.diff(lon)).max() > 180:
            continue
        lat = np.clip(lat, view.south, view.north) if view.globe else lat
        x, y = view.put(lon, lat)
        flat = shapely.simplify(shapely.LinearRing(np.column_stack([x, y])), tolerance)
        points = np.rint(shapely.get_coordinates(flat) * FINE).astype(int)
        area = 0.5 * abs(np.sum(points[:-1, 0] * points[1:, 1] - points[1:, 0] * points[:-1, 1]))
        if area < least * FINE * FINE or len(points) < 4:
            continue
        found.append(points)
    return found


def shows(view: View, geometry: Any) -> bool:
    """Whether a part of a geometry may lie in the window."""
    if geometry is None or geometry.is_empty:
        return False
    west, south, east, north = geometry.bounds
    margin = 0.0 if view.globe else 25.0
    return not (west > view.east + margin or east < view.west - margin
                or south > view.north + margin or north < view.south - margin)


def land(view: View, regions: pd.DataFrame, class_: str, layer: str | None = None) -> Markup:
    """Return one path for each region that shows in the window; those of a ``layer`` are named."""
    paths = []
    for geometry, name in zip(regions.geometry, regions["name"], strict=True):
        if not shows(view, geometry):
            continue
        data = outline(view, geometry)
        if data:
            told = [svg.element("title", clean(name))] if layer and name and name == name else []
            paths.append(svg.element("path", *told, d=data))
    if not paths:
        return Markup("")
    return svg.group(paths, class_=class_, transform=f"scale({1 / FINE:g})", data_layer=layer)


def graticule(view: View, step: float = 30.0) -> Markup:
    """Return the edge of the globe and its meridians and parallels."""
    lines = []
    out = 0.0 if view.globe else 20.0
    along = np.linspace(0.0, 1.0, 90)
    for lon in np.arange(-180.0, 181.0, step):
        if view.west - out <= lon <= view.east + out:
            lats = view.south - out + (view.north - view.south + 2 * out) * along
            lines.append(svg.path(zip(*view.put(np.full(90, lon), lats), strict=True)))
    for lat in np.arange(-90.0, 91.0, step):
        if view.south - out <= lat <= view.north + out:
            lons = view.west - out + (view.east - view.west + 2 * out) * along
            lines.append(svg.path(zip(*view.put(lons, np.full(90, lat)), strict=True)))
    edge = (svg.path(zip(*view.put(*view.frame(60)), strict=True), close=True, class_="sea")
            if view.globe else
            svg.element("rect", width=view.width, height=round(view.height, 1), class_="sea"))
    return svg.group([edge, svg.group(lines, class_="graticule")])
