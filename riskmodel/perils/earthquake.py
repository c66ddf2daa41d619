"""``earthquake``: ruptures on stated source zones, shaking by distance, and what it breaks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmodel.errors import RiskModelError
from riskmodel.perils.placed_nodes import PlacedNodes, along_line, placed_nodes, read_line
from riskmodel.perils.protocol import PerilSpec
from riskmodel.perils.spec import figure
from riskmodel.world.geography import distance_km
from riskmodel.world.tables import EVENTS

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from riskmodel.world.world import World

STEP_KM = 10.0  # along a trace: finer than any distance the shaking can tell apart
NEGLIGIBLE = 1e-5  # a chance below this, given the event, has no row
#: section of the TOML -> the part of a site that it breaks
SITE_PARTS = {"structure": "structure", "cooling": "cooling"}


@dataclass(frozen=True)
class Rupture:
    """One event of the catalogue: where it breaks, how large, how often."""

    event_id: str
    zone: str
    magnitude: float
    rate_per_yr: float
    points: slice  # of the zone's trace


@dataclass(frozen=True)
class Earthquake:
    """Earthquakes as an event table over sites, local supplies (``feed:*``) and grids.

    Zones, magnitudes and the places of ruptures come from the TOML alone; the world only says
    which nodes are near. Every event keeps a row for a grid of its zone, whoever is there.
    """

    spec: PerilSpec

    def catalogue(self, world: World) -> pd.DataFrame:
        """Return the event table; a node's chance follows from its distance to the rupture."""
        nodes = placed_nodes(world)
        rows: list[dict[str, Any]] = []
        for zone in self.spec.data["zones"]:
            rows += self._zone(zone, nodes)
        frame = pd.DataFrame(rows)
        frame["peril"] = self.spec.peril_id
        frame["source_urls"] = f"perils/{self.spec.peril_id}.toml"
        return frame[list(EVENTS.names)]

    def zone_rate(self, zone: str) -> float:
        """Return the yearly rate of the zone's events, less those of the zones inside it."""
        data = self.spec.data
        inner = sum(figure(data, "zones", name, "rate") for name, other in data["zones"].items()
                    if other.get("inside") == zone)
        return max(figure(data, "zones", zone, "rate") - inner, 0.0)

    def magnitudes(self, zone: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return magnitude and probability of each class: Gutenberg-Richter, cut at both ends."""
        data = self.spec.data
        low, high = (figure(data, "zones", zone, name) for name in ("m_min", "m_max"))
        if not high > low:
            raise RiskModelError(f"{self.spec.peril_id}: zones.{zone} has m_max {high} not above "
                                 f"m_min {low}")
        count = int(figure(data, "discretisation", "magnitude_classes"))
        edges = np.linspace(low, high, count + 1)
        above = 10.0 ** (-figure(data, "zones", zone, "b") * (edges - low))
        return (edges[:-1] + edges[1:]) / 2.0, (above[:-1] - above[1:]) / (above[0] - above[-1])

    def rupture_km(self, magnitude: ArrayLike) -> NDArray[np.float64]:
        """Return the length of a rupture (Wells and Coppersmith 1994, subsurface, all slips)."""
        data = self.spec.data["rupture"]
        return np.asarray(10.0 ** (figure(data, "intercept")
                                   + figure(data, "slope") * np.asarray(magnitude, float)))

    def ruptures(self, zone: str) -> tuple[list[Rupture], NDArray[np.float64],
                                           NDArray[np.float64]]:
        """Return the zone's events and the lat and lon of the points of its trace."""
        section = self.spec.data["zones"][zone]
        lat, lon, km = along_line(*read_line(section["trace"], f"zones.{zone}.trace"), STEP_KM)
        positions = max(int(np.ceil(km[-1] / figure(self.spec.data, "discretisation",
                                                    "spacing"))), 1)
        magnitudes, shares = self.magnitudes(zone)
        rate = self.zone_rate(zone) / positions
        events = []
        for m, (magnitude, share) in enumerate(zip(magnitudes, shares, strict=True)):
            half = min(float(self.rupture_km(magnitude)), km[-1]) / 2.0
            for place in range(positions):
                # the rupture's middle moves along the trace and never past its ends
                middle = half + (km[-1] - 2.0 * half) * (place + 0.5) / positions
                first = int(np.argmin(np.abs(km - (middle - half))))
                last = int(np.argmin(np.abs(km - (middle + half))))
                events.append(Rupture(f"{zone}/m{m + 1}/{place + 1}", zone, float(magnitude),
                                      rate * float(share), slice(first, last + 1)))
        return events, lat, lon

    def intensity(self, attenuation: str, magnitude: float,
                  distance: ArrayLike) -> NDArray[np.float64]:
        """Return the mean Mercalli intensity at a distance in km from the rupture.

        c1 + c2 (M - 6) + c3 (M - 6)^2 + c4 lg R + c5 R + c6 max(0, lg R/Rt) + c7 M lg R with
        R = sqrt(distance^2 + h^2): Atkinson and Wald 2007.
        """
        law = self.spec.data["attenuation"][attenuation]
        c = [figure(law, f"c{i}") for i in range(1, 8)]
        r = np.hypot(np.asarray(distance, float), figure(law, "h"))
        m, lg = magnitude - 6.0, np.log10(r)
        bend = np.maximum(0.0, np.log10(r / figure(law, "r_t")))
        return np.asarray(c[0] + c[1] * m + c[2] * m * m + c[3] * lg + c[4] * r + c[5] * bend
                          + c[6] * magnitude * lg + figure(self.spec.data, "attenuation", "shift"))

    def chance(self, what: str, intensity: ArrayLike) -> NDArray[np.float64]:
        """Return the chance that ``what`` (structure, cooling, feed) fails at a mean intensity.

        Normal in intensity; the scatter of shaking about its mean adds to the scatter of strength.
        """
        from scipy.special import ndtr

        data = self.spec.data
        spread = np.hypot(figure(data, what, "beta"), figure(data, "attenuation", "sigma"))
        return np.asarray(ndtr((np.asarray(intensity, float) - figure(data, what, "half"))
                               / spread))

    def grid_chance(self, kind: str, magnitude: float) -> float:
        """Return the chance that an event takes a whole grid of that kind (large, island)."""
        data = self.spec.data["grid"]
        grown = figure(data, kind) * figure(data, "growth") ** (magnitude - 7.0)
        return min(grown, 1.0)

    # ---------------------------------------------------------------- rows

    def _zone(self, zone: str, nodes: PlacedNodes) -> Iterator[dict[str, Any]]:
        section: Mapping[str, Any] = self.spec.data["zones"][zone]
        events, lat, lon = self.ruptures(zone)
        near = nodes.near(lat, lon, figure(self.spec.data, "attenuation", "reach"))
        apart = distance_km(nodes.lat[near][:, None], nodes.lon[near][:, None],
                            lat[None, :], lon[None, :])
        confidence = str(section["rate"]["confidence"])
        for event in events:
            head = {"event_id": event.event_id, "region": section["region"],
                    "rate_per_yr": event.rate_per_yr, "confidence": confidence}
            yield from self._grids(section, event, head)
            if len(near):
                yield from self._nodes(section["attenuation"], event, head, nodes, near,
                                       apart[:, event.points].min(axis=1))

    def _grids(self, section: Mapping[str, Any], event: Rupture,
               head: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        for kind in ("large", "island"):
            for grid in section.get(f"{kind}_grids", []):
                yield {**head, "node_id": f"grid:{grid}", **self._law("grid", "", "grid"),
                       "probability": self.grid_chance(kind, event.magnitude)}

    def _nodes(self, attenuation: str, event: Rupture, head: Mapping[str, Any], nodes: PlacedNodes,
               near: NDArray[np.int64], distance: NDArray[np.float64]) -> Iterator[dict[str, Any]]:
        shaking = self.intensity(attenuation, event.magnitude, distance)
        for what in (*SITE_PARTS, "feed"):
            chance = nodes.mean(near, self.chance(what, shaking))
            law = self._law(what, SITE_PARTS.get(what, ""), "feeds" if what == "feed" else "")
            hit = (chance >= NEGLIGIBLE) & (nodes.is_site == (what in SITE_PARTS))
            for place in np.flatnonzero(hit):
                yield {**head, "node_id": nodes.node_id[place],
                       "probability": min(float(chance[place]), 1.0), **law}

    def _law(self, what: str, part: str, group: str) -> dict[str, Any]:
        data = self.spec.data
        return {"depth": figure(data, what, "depth"), "duration_dist": "lognormal",
                "duration_h": figure(data, what, "median"),
                "duration_shape": figure(data, what, "sigma"), "part": part,
                "duration_group": group}
