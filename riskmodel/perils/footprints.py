"""Footprints: which places lie inside an event that takes a share of a region.

A region is a cloud of evenly spread points inside its polygon; an event has its centre at one of
them, each as likely. Seen from a place, the centres nearest to it come first: the place is inside
an event that takes the share p of the region if the centre is among the nearest share p of all.
Away from the border that is a disc of p x the region's area around the centre; near the border the
disc is as much wider as the border cuts off, so that every place of the region is inside with the
same chance p, and an event of the whole region takes every place.

Closer to a place than it is known (``coord_precision_km``) the order of the centres is not known
either: there it is drawn, by each place for itself. A place without coordinates draws it always.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from riskmodel.errors import RiskModelError
from riskmodel.perils.kept import kept_with_world

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmodel.world.world import World

#: points that stand for a region; the share of one of them is the finest footprint
POINTS = 32_768
_EARTH_KM = 6371.0088
_COARSE = 128


@dataclass(frozen=True)
class Region:
    """Where a region's polygons are: ids of the regions' file, and a box that cuts them.

    ``folder`` and ``checksum`` tell which file; ``box`` is "west south east north" in degrees, ""
    for none. No ids: a region without a shape.
    """

    ids: tuple[str, ...] = ()
    box: str = ""
    folder: Path | None = None
    checksum: str = ""


@dataclass(frozen=True)
class Place:
    """A place and how well it is known, in km; without coordinates (NaN) nothing is known."""

    lat: float
    lon: float
    precision_km: float

    @property
    def known(self) -> bool:
        """Whether it has coordinates."""
        return bool(np.isfinite(self.lat) and np.isfinite(self.lon))


@dataclass(frozen=True)
class Nearness:
    """For each centre and place, the share of the region that is nearer to the place.

    ``rank`` has shape (points, places), 0 where the centre is closer than the place is known;
    ``unsure`` (places,) is the share of such centres, over which the rank is drawn; ``least``
    (points,) is the smallest rank of any place.
    """

    rank: NDArray[np.float32]
    unsure: NDArray[np.float64]
    least: NDArray[np.float32]

    def centre(self, u: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return which point is the centre, for uniforms in (0, 1)."""
        count = len(self.least)
        return np.minimum((u * count).astype(np.int64), count - 1)


@lru_cache(maxsize=256)  # shapes and places only: no number of a peril is kept
def nearness(region: Region, places: tuple[Place, ...]) -> Nearness:
    """Return the ranks of every centre of a region as seen from each place.

    Distances are great circles on the sphere, within half a per cent of the geodesics.
    """
    points = (region_points(region) if any(place.known for place in places)
              else np.zeros((0, 3)))
    count = max(len(points), 1)
    rank = np.zeros((count, len(places)), np.float32)
    unsure = np.ones(len(places))
    for column, place in enumerate(places):
        if not (place.known and len(points)):
            continue
        # a chord rises with its arc, so that chords give the same order
        near = np.square(points - _on_sphere(place.lat, place.lon)).sum(axis=1)
        order = np.argsort(near, kind="stable")
        arc = min(max(place.precision_km, 0.0) / _EARTH_KM, np.pi)
        hidden = int((near < (2.0 * np.sin(arc / 2.0)) ** 2).sum())
        rank[order[hidden:], column] = (np.arange(hidden, count) + 0.5) / count
        unsure[column] = hidden / count
    for array in (rank, unsure):
        array.flags.writeable = False
    return Nearness(rank, unsure, rank.min(axis=1, initial=1.0))


@lru_cache(maxsize=64)
def region_points(region: Region) -> NDArray[np.float64]:
    """Return points spread evenly by area over a region, as unit vectors, shape (points, 3).

    A lattice in longitude and the sine of latitude, in which equal steps are equal areas. Empty
    where the regions' file has none of the polygons.
    """
    import shapely

    from riskmodel.world.geography import read_regions

    frame = read_regions(region.folder)
    shapes = frame.geometry[frame["region_id"].isin(region.ids)]
    shape: Any = shapely.union_all(shapely.make_valid(shapes.to_numpy()))
    if region.box:
        shape = shapely.intersection(shape, shapely.box(*_box(region.box)))
    if shape.is_empty or not shape.area > 0:
        return np.zeros((0, 3))
    shapely.prepare(shape)
    west, south, east, north = shape.bounds
    low, high = np.sin(np.radians([south, north]))
    middle = np.cos(np.radians((south + north) / 2.0))
    # width over height, in the plane where a step along either axis is as long in km
    aspect = np.radians(east - west) * middle / ((high - low) / middle)

    def lattice(cells: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        wide = max(round(float(np.sqrt(cells * aspect))), 1)
        tall = max(round(cells / wide), 1)
        lon = west + (np.arange(wide) + 0.5) / wide * (east - west)
        sine = low + (np.arange(tall) + 0.5) / tall * (high - low)
        x, y = np.meshgrid(lon, np.degrees(np.arcsin(sine)))
        inside = shapely.contains_xy(shape, x.ravel(), y.ravel())
        return y.ravel()[inside], x.ravel()[inside]

    coarse = len(lattice(_COARSE**2)[0])
    lat, lon = lattice(POINTS * _COARSE**2 / max(coarse, 1))
    points = _on_sphere(lat, lon)
    points.flags.writeable = False
    return points


def region_of(world: World, ids: tuple[str, ...], box: str = "") -> Region:
    """Return polygons of the world's regions' file."""
    from riskmodel.world.geography import regions_checksum

    return Region(ids, box, world.folder, regions_checksum(world.folder))


@kept_with_world
def feed_places(world: World) -> dict[str, Place]:
    """Return where each feed is by the table ``nodes``.

    One without coordinates has no place: that of its sites would move when one of them leaves.
    """
    feeds = world.nodes[world.nodes["kind"] == "feed"]
    columns = (feeds["lat"], feeds["lon"], feeds["coord_precision_km"].fillna(0.0))
    return {str(name): Place(lat, lon, km) for name, lat, lon, km in zip(
        feeds["node_id"], *(column.tolist() for column in columns), strict=True)}


def _on_sphere(lat: Any, lon: Any) -> NDArray[np.float64]:
    y, x = np.radians(lat), np.radians(lon)
    return np.stack([np.cos(y) * np.cos(x), np.cos(y) * np.sin(x), np.sin(y)], axis=-1)


def _box(text: str) -> tuple[float, ...]:
    try:
        west, south, east, north = (float(word) for word in text.split())
    except ValueError:
        raise RiskModelError(f"the box {text!r} is not four numbers; write west south east north "
                             "in degrees") from None
    return west, south, east, north
