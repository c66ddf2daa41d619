"""Sites and local supplies that have a place on the map, for perils that look at distances."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from riskmodel.errors import RiskModelError
from riskmodel.world.geography import distance_km

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmodel.world.world import World

_EARTH_KM = 6371.0
#: the sphere may be off by half a per cent against the ellipsoid
_SPHERE_SLACK = 1.01
#: a place known to this is one point: shaking and wind do not change over it
_POINT_KM = 5.0
#: points that stand for the disc a node known less well may lie in
_DISC = 24
_GOLDEN = np.pi * (3.0 - np.sqrt(5.0))
_LINE = re.compile(r"\s*LINESTRING\s*\(([^()]*)\)\s*", re.IGNORECASE)


@dataclass(frozen=True)
class PlacedNodes:
    """Nodes with coordinates, in the order of their ids, and the spots where each may be.

    A node known to a few km is one spot. One known less well is ``_DISC`` spots spread evenly over
    the disc of its ``coord_precision_km``, and its chance is their mean: no answer is finer than
    the place is known.
    """

    node_id: NDArray[np.object_]  # shape (nodes,)
    is_site: NDArray[np.bool_]
    spots: NDArray[np.int64]  # how many each node has
    owner: NDArray[np.int64]  # shape (spots,): the node's number
    lat: NDArray[np.float64]
    lon: NDArray[np.float64]

    def near(self, lats: NDArray[np.float64], lons: NDArray[np.float64],
             reach_km: float) -> NDArray[np.int64]:
        """Return the spots that may lie within reach of any of the points: a quick upper bound."""
        if not len(self.lat):
            return np.zeros(0, np.int64)
        y, x = np.radians(self.lat)[:, None], np.radians(self.lon)[:, None]
        v, u = np.radians(lats)[None, :], np.radians(lons)[None, :]
        half = np.sin((v - y) / 2) ** 2 + np.cos(y) * np.cos(v) * np.sin((u - x) / 2) ** 2
        apart = 2 * _EARTH_KM * np.arcsin(np.sqrt(np.clip(half, 0, 1))).min(axis=1)
        return np.flatnonzero(apart <= reach_km * _SPHERE_SLACK)

    def mean(self, spots: NDArray[np.int64],
             chance: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return each node's mean chance, shape (nodes,); spots that are not given have none."""
        total = np.bincount(self.owner[spots], weights=chance, minlength=len(self.node_id))
        return total / self.spots


def placed_nodes(world: World) -> PlacedNodes:
    """Return the sites and the ``feed:*`` nodes that have coordinates.

    A feed without coordinates in the table ``nodes`` has no place: taking the place of its sites
    would make it move when one of them leaves.
    """
    from pyproj import Geod

    sites = world.sites
    feeds = world.nodes[(world.nodes["kind"] == "feed") & world.nodes["lat"].notna()
                        & world.nodes["lon"].notna()]
    ids = np.array([*sites["site_id"], *feeds["node_id"]], dtype=object)
    order = np.argsort(ids.astype(str), kind="stable")
    lat, lon, error = (np.nan_to_num(np.concatenate(
        [sites[name].to_numpy(float), feeds[name].to_numpy(float)])[order])
        for name in ("lat", "lon", "coord_precision_km"))
    count = np.where(error > _POINT_KM, _DISC, 1)
    owner = np.repeat(np.arange(len(ids)), count)
    ring = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
    apart = np.where(count[owner] > 1, error[owner] * np.sqrt((ring + 0.5) / _DISC), 0.0)
    spot_lon, spot_lat, _ = Geod(ellps="WGS84").fwd(
        lon[owner], lat[owner], np.degrees(ring * _GOLDEN), apart * 1000.0)
    return PlacedNodes(ids[order], (np.arange(len(ids)) < len(sites))[order], count, owner,
                       np.where(apart > 0, spot_lat, lat[owner]),
                       np.where(apart > 0, spot_lon, lon[owner]))


def read_line(text: str, where: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return lat and lon of a WKT ``LINESTRING (lon lat, lon lat, ...)``.

    Raises
    ------
    RiskModelError : it is none, or has fewer than two points.
    """
    match = _LINE.fullmatch(text)
    try:
        points = [[float(cell) for cell in pair.split()]
                  for pair in (match.group(1) if match else "").split(",")]
        lon, lat = np.array(points, dtype=float).T
    except ValueError:
        lon = lat = np.zeros(0)
    if len(lon) < 2 or (np.abs(lat) > 90).any() or (np.abs(lon) > 180).any():
        raise RiskModelError(f"{where}: {text!r} is no line; write LINESTRING (lon lat, lon lat)")
    return lat, lon


def along_line(lat: NDArray[np.float64], lon: NDArray[np.float64],
               step_km: float) -> tuple[NDArray[np.float64], ...]:
    """Return lat, lon and km from the start of points along a geodesic line, ends included.

    Points are ``step_km`` apart at most and evenly spaced on each side of the line.
    """
    from pyproj import Geod

    geod = Geod(ellps="WGS84")
    lats, lons = [float(lat[0])], [float(lon[0])]
    for i in range(len(lat) - 1):
        length = geod.inv(lon[i], lat[i], lon[i + 1], lat[i + 1])[2] / 1000.0
        inner = max(int(np.ceil(length / step_km)) - 1, 0)
        for x, y in (geod.npts(lon[i], lat[i], lon[i + 1], lat[i + 1], inner) if inner else []):
            lats.append(y)
            lons.append(x)
        lats.append(float(lat[i + 1]))
        lons.append(float(lon[i + 1]))
    y, x = np.array(lats), np.array(lons)
    sides = distance_km(y[:-1], x[:-1], y[1:], x[1:])
    return y, x, np.concatenate([[0.0], np.cumsum(sides)])
