"""The circle that holds most: a centre anywhere on Earth, distances on the WGS84 ellipsoid.

Around every place lies the disk of centres that reach it. What a centre holds changes only at the
edge of such a disk, so the best centre can be moved, without losing anything, until it lies on the
edge of a disk: a finite search. Each edge is walked once round; at the azimuths where it enters and
leaves the other disks its content goes up and down. Disks may differ in size, so that a place known
within p km can be asked for surely (radius less p) or possibly (radius plus p). Cost: the pairs of
places whose disks meet, times the logarithm of their number.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from riskmodel.errors import RiskModelError
from riskmodel.world.geography import distance_km

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Whole = NDArray[np.int64]

#: a place this much beyond its radius is still held: far below any precision, far above rounding
TOLERANCE_KM = 1e-3
#: an edge must not reach round the Earth: edges would then cross in more than two points
LARGEST_KM = 5000.0
_SMALLEST_SPHERE_KM, _SPHERE_KM = 6335.0, 6371.0
_ACCURATE_KM = 1e-6
_SECANT_STEPS, _HALVINGS = 8, 60


class Circles:
    """Places with a radius each, and how their disks overlap; ask ``densest`` for any weights.

    Parameters
    ----------
    lat, lon : of the places, shape (n,), degrees.
    radius_km : how far a centre may be from the place, one number or one a place. A place with a
        negative radius is held by no centre; one at exactly its radius is held (within a metre).

    Raises
    ------
    RiskModelError : a radius above 5,000 km, or one that is no number.
    """

    def __init__(self, lat: ArrayLike, lon: ArrayLike, radius_km: ArrayLike) -> None:
        self.lat, self.lon = (np.asarray(a, dtype=float).ravel() for a in (lat, lon))
        self.radius_km = np.broadcast_to(np.asarray(radius_km, dtype=float), self.lat.shape)
        if not (self.radius_km <= LARGEST_KM).all():
            raise RiskModelError(
                f"a radius is {self.radius_km.max():g} km; give at most {LARGEST_KM:g} km, beyond "
                "which circles on the globe cross each other in more than two points")

    def densest(self, weight: ArrayLike) -> NDArray[np.bool_]:
        """Return which places the best centre holds, shape (n,); of several best, any.

        ``weight`` of the places, shape (n,), is not negative.
        """
        weights = np.asarray(weight, dtype=float)
        held = np.zeros(len(self.lat), dtype=bool)
        best, best_at = 0.0, (-1, 0.0)
        edge_of, other, start, width = self._arcs
        always = np.bincount(self._inside[0], weights=weights[self._inside[1]],
                             minlength=len(held)) if len(held) else weights
        first = np.searchsorted(edge_of, np.arange(len(held) + 1))
        for disk in np.flatnonzero((self.radius_km >= 0) & (weights > 0)).tolist():
            arcs = slice(first[disk], first[disk + 1])
            most, azimuth = _walk(start[arcs], width[arcs], weights[other[arcs]])
            total = weights[disk] + always[disk] + most
            if total > best * (1 + 1e-12):
                best, best_at = total, (disk, azimuth)
        disk, azimuth = best_at
        if disk < 0:
            return held
        lat, lon = _moved(self.lat[disk], self.lon[disk], azimuth, self.radius_km[disk])
        apart = distance_km(lat, lon, self.lat, self.lon)
        return np.asarray((apart <= self.radius_km + TOLERANCE_KM * 1.1) & (self.radius_km >= 0)
                          & (weights > 0))

    @cached_property
    def _pairs(self) -> tuple[Whole, Whole, Floats]:
        """Pairs of places whose disks may meet, both ways round, and their distance."""
        from scipy.spatial import cKDTree

        use = np.flatnonzero(self.radius_km >= 0)
        if not len(use):
            nothing = np.empty(0, dtype=np.int64)
            return nothing, nothing, np.empty(0)
        up, east = np.radians(self.lat[use]), np.radians(self.lon[use])
        on_sphere = np.column_stack([np.cos(up) * np.cos(east), np.cos(up) * np.sin(east),
                                     np.sin(up)])
        # the smallest sphere sees an arc as its widest, and 1 % more is far more than the error
        angle = 1.01 * (2 * float(self.radius_km[use].max()) + 1) / _SMALLEST_SPHERE_KM
        chord = 2 * np.sin(min(angle, np.pi) / 2)
        near = cKDTree(on_sphere).query_pairs(chord, output_type="ndarray")
        pairs = use[np.concatenate([near, near[:, ::-1]])]
        order = np.lexsort((pairs[:, 1], pairs[:, 0]))
        a, b = pairs[order, 0], pairs[order, 1]
        return a, b, distance_km(self.lat[a], self.lon[a], self.lat[b], self.lon[b])

    @cached_property
    def _is_inside(self) -> NDArray[np.bool_]:
        a, b, apart = self._pairs
        return apart + self.radius_km[a] <= self.radius_km[b] + TOLERANCE_KM

    @cached_property
    def _inside(self) -> tuple[Whole, Whole]:
        """Pairs of which the first's whole edge lies in the second's disk."""
        a, b, _ = self._pairs
        return a[self._is_inside], b[self._is_inside]

    @cached_property
    def _arcs(self) -> tuple[Whole, Whole, Floats, Floats]:
        """Edge, the disk it passes through, azimuth where it enters, and degrees it stays."""
        a, b, apart = self._pairs
        edge, reach = self.radius_km[a], self.radius_km[b] + TOLERANCE_KM
        cross = ~self._is_inside & (apart <= edge + reach) & (apart + reach >= edge)
        a, b = a[cross], b[cross]
        apart, edge, reach = apart[cross], edge[cross], reach[cross]
        middle = _azimuth(self.lat[a], self.lon[a], self.lat[b], self.lon[b])
        turned = [self._turn(a, b, middle, apart, edge, reach, side) for side in (-1.0, 1.0)]
        return a, b, np.mod(middle - turned[0], 360.0), turned[0] + turned[1]

    def _turn(self, a: Whole, b: Whole, middle: Floats, apart: Floats, edge: Floats,
              reach: Floats, side: float) -> Floats:
        """Return by how many degrees the edge of ``a`` turns from ``b`` till it leaves its disk.

        A first guess on the sphere, then the secant method on the ellipsoid; halving where that
        does not settle (edges that touch).
        """

        def beyond(turn: Floats, which: NDArray[np.bool_] | slice = slice(None)) -> Floats:
            lat, lon = _moved(self.lat[a[which]], self.lon[a[which]],
                              middle[which] + side * turn, edge[which])
            return distance_km(lat, lon, self.lat[b[which]], self.lon[b[which]]) - reach[which]

        turn = _on_sphere(apart, edge, reach)
        last = np.clip(turn + 1e-3, 0.0, 180.0)
        value, before = beyond(turn), beyond(last)
        for _ in range(_SECANT_STEPS):
            slope = value - before
            step = np.where(np.abs(slope) > 0, value * (turn - last)
                            / np.where(slope == 0, 1.0, slope), 0.0)
            last, before = turn, value
            turn = np.clip(turn - step, 0.0, 180.0)
            value = beyond(turn)
        wild = np.abs(value) > _ACCURATE_KM
        if wild.any():
            low, high = np.zeros(int(wild.sum())), np.full(int(wild.sum()), 180.0)
            for _ in range(_HALVINGS):
                half = (low + high) / 2
                out = beyond(half, wild) > 0
                low, high = np.where(out, low, half), np.where(out, half, high)
            turn[wild] = low
        return turn


def _walk(start: Floats, width: Floats, weight: Floats) -> tuple[float, float]:
    """Return the most weight of arcs that lie over one another, and an azimuth where they do."""
    if not len(start):
        return 0.0, 0.0
    end = start + width
    at = np.concatenate([[0.0], start, np.mod(end, 360.0)])
    change = np.concatenate([[float(weight[end >= 360.0].sum())], weight, -weight])
    closes = np.repeat([0, 0, 1], [1, len(start), len(start)])  # ends are held: close after open
    order = np.lexsort((closes, at))
    content = np.cumsum(change[order])
    place = int(np.argmax(content))
    return float(content[place]), float(at[order[place]])


def _on_sphere(apart: Floats, edge: Floats, reach: Floats) -> Floats:
    """Return the angle at one end of a triangle of three arcs, degrees, opposite ``reach``."""
    d, e, r = (each / _SPHERE_KM for each in (apart, edge, reach))
    below = np.sin(d) * np.sin(e)
    cosine = (np.cos(r) - np.cos(d) * np.cos(e)) / np.where(below > 0, below, 1.0)
    return np.degrees(np.arccos(np.clip(np.where(below > 0, cosine, 1.0), -1.0, 1.0)))


def _azimuth(lat: Floats, lon: Floats, to_lat: Floats, to_lon: Floats) -> Floats:
    from pyproj import Geod

    return np.asarray(Geod(ellps="WGS84").inv(lon, lat, to_lon, to_lat)[0], dtype=float)


def _moved(lat: ArrayLike, lon: ArrayLike, azimuth: ArrayLike,
           km: ArrayLike) -> tuple[Floats, Floats]:
    """Return where one arrives, km along a geodesic."""
    from pyproj import Geod

    lat, lon, azimuth, km = (np.ascontiguousarray(each, dtype=float) for each in
                             np.broadcast_arrays(lat, lon, azimuth, km))
    new_lon, new_lat, _ = Geod(ellps="WGS84").fwd(lon, lat, azimuth, km * 1000.0)
    return np.asarray(new_lat, dtype=float), np.asarray(new_lon, dtype=float)
