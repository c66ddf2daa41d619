"""``hurricane``: landfalls on stated coasts, wind that decays inland, and what it breaks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmodel.perils.grid_outage import feeds_by_grid
from riskmodel.perils.placed_nodes import PlacedNodes, along_line, placed_nodes, read_line
from riskmodel.perils.protocol import PerilSpec
from riskmodel.perils.spec import figure
from riskmodel.perils.state_events import state_event_rows
from riskmodel.world.tables import EVENTS

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from riskmodel.world.world import World

STEP_KM = 5.0
NEGLIGIBLE = 1e-5  # a chance below this, given the event, has no row
SITE_PARTS = {"structure": "structure", "cooling": "cooling"}
CATEGORIES = ("1", "2", "3", "4", "5")
MINOR = ("1", "2")


@dataclass(frozen=True)
class Landfall:
    """One event of the catalogue: a category at a place of a coast, and which way it goes."""

    event_id: str
    coast: str
    category: str
    rate_per_yr: float
    lat: float
    lon: float
    heading_deg: float
    wind_kt: float


@dataclass(frozen=True)
class Hurricane:
    """Hurricanes as an event table over sites, local supplies (``feed:*``) and island grids.

    Coasts, places of landfall, tracks and winds come from the TOML alone; the world only says which
    nodes are near. Every event keeps a row for the grid of its coast, whoever is there. What the
    wind of a landfall does not reach (rain, falling trees, remnants far inland) comes from the
    count of state-events, less the share that landfalls already bring.
    """

    spec: PerilSpec

    def catalogue(self, world: World) -> pd.DataFrame:
        """Return the event table; a node's chance follows from the wind at its distance."""
        nodes = placed_nodes(world)
        rows: list[dict[str, Any]] = []
        for event in self.landfalls():
            rows += self._rows(event, nodes)
        rows += self._remnants(world)
        frame = pd.DataFrame(rows)
        frame["peril"] = self.spec.peril_id
        frame["source_urls"] = f"perils/{self.spec.peril_id}.toml"
        return frame[list(EVENTS.names)]

    def category_rates(self, coast: str) -> dict[str, float]:
        """Return the yearly rate of storms of each category that this coast stands for.

        A storm that hits several states is counted in each; every hit takes its part of one storm.
        """
        data = self.spec.data
        hits, major = (figure(data, "coasts", coast, name) for name in ("hits", "major"))
        rates: dict[str, float] = {}
        for kind, share in (("minor", 1.0 - major), ("major", major)):
            group = [c for c in CATEGORIES if (c in MINOR) == (kind == "minor")]
            weights = [figure(data, "categories", f"share_{c}") for c in group]
            storms = hits * share * figure(data, "storms_per_hit", kind) / sum(weights)
            rates |= {c: storms * w for c, w in zip(group, weights, strict=True)}
        return rates

    def landfalls(self) -> list[Landfall]:
        """Return the events: places of each coast for each category."""
        data = self.spec.data
        spacing = figure(data, "discretisation", "spacing")
        events = []
        for coast, section in data["coasts"].items():
            lat, lon, km = along_line(*read_line(section["trace"], f"coasts.{coast}.trace"),
                                      STEP_KM)
            heading = figure(data, "coasts", coast, "heading")
            positions = max(int(np.ceil(km[-1] / spacing)), 1)
            for category, rate in self.category_rates(coast).items():
                wind = figure(data, "categories", f"wind_{category}")
                for place in range(positions):
                    at = int(np.argmin(np.abs(km - km[-1] * (place + 0.5) / positions)))
                    events.append(Landfall(
                        f"{coast}/cat{category}/{place + 1}", coast, category, rate / positions,
                        float(lat[at]), float(lon[at]), heading, wind))
        return events

    def centre_wind(self, wind_kt: float, inland_km: ArrayLike) -> NDArray[np.float64]:
        """Return the highest wind of a storm in knots, ``inland_km`` beyond its landfall.

        V_b + (R V_0 - V_b) exp(-alpha t), never more than at landfall: Kaplan and DeMaria 1995.
        """
        law = self.spec.data["decay"]
        floor, hours = figure(law, "floor"), np.asarray(inland_km, float) / figure(law, "speed")
        start = max(figure(law, "reduction") * wind_kt, floor)
        return np.asarray(floor + (start - floor) * np.exp(-figure(law, "alpha") * hours))

    def wind(self, event: Landfall, lat: ArrayLike, lon: ArrayLike) -> NDArray[np.float64]:
        """Return the highest wind in knots at places.

        The track is straight; beside it the wind falls off as a power of distance outside the
        radius of highest wind.
        """
        from pyproj import Geod

        lats, lons = np.atleast_1d(np.asarray(lat, float)), np.atleast_1d(np.asarray(lon, float))
        azimuth, _, metres = Geod(ellps="WGS84").inv(
            np.full(lats.shape, event.lon), np.full(lats.shape, event.lat), lons, lats)
        apart = np.asarray(metres) / 1000.0
        turn = np.radians(np.asarray(azimuth) - event.heading_deg)
        inland = apart * np.cos(turn)
        beside = np.where(inland > 0, np.abs(apart * np.sin(turn)), apart)
        law = self.spec.data["field"]
        outside = np.maximum(beside / figure(law, "radius"), 1.0) ** -figure(law, "exponent")
        return self.centre_wind(event.wind_kt, np.maximum(inland, 0.0)) * outside

    def chance(self, what: str, wind_kt: ArrayLike) -> NDArray[np.float64]:
        """Return the chance that ``what`` fails at a wind in knots: normal in its logarithm."""
        from scipy.special import ndtr

        data = self.spec.data
        wind = np.maximum(np.asarray(wind_kt, float), 1e-9)
        return np.asarray(ndtr(np.log(wind / figure(data, what, "half")) / figure(data, what,
                                                                                  "beta")))

    def remnant_shares(self) -> dict[str, float]:
        """Return by region the share of its state-events that no landfall's wind brings."""
        part = self.spec.data["remnants"]
        return {region: figure(part, "share", region) for region in part["rates"]}

    # ---------------------------------------------------------------- rows

    def _rows(self, event: Landfall, nodes: PlacedNodes) -> Iterator[dict[str, Any]]:
        data = self.spec.data
        coast: Mapping[str, Any] = data["coasts"][event.coast]
        head = {"event_id": event.event_id, "region": coast["region"],
                "rate_per_yr": event.rate_per_yr, "confidence": str(coast["hits"]["confidence"])}
        island = bool(coast.get("island", False))
        yield {**head, "node_id": f"grid:{coast['grid']}", **self._law("grid", "", "grid"),
               "probability": float(self.chance("grid", event.wind_kt)) if island else 0.0}
        near = nodes.near(np.array([event.lat]), np.array([event.lon]),
                          figure(data, "field", "reach"))
        if not len(near):
            return
        wind = self.wind(event, nodes.lat[near], nodes.lon[near])
        for what in (*SITE_PARTS, "feed"):
            chance = nodes.mean(near, self.chance(what, wind))
            law = self._law(what, SITE_PARTS.get(what, ""), "feeds" if what == "feed" else "")
            hit = (chance >= NEGLIGIBLE) & (nodes.is_site == (what in SITE_PARTS))
            for place in np.flatnonzero(hit):
                yield {**head, "node_id": nodes.node_id[place],
                       "probability": min(float(chance[place]), 1.0), **law}

    def _remnants(self, world: World) -> Iterator[dict[str, Any]]:
        law = {**self._law("feed", "", "event"),
               "depth": figure(self.spec.data, "feed", "depth")}
        for row in state_event_rows(self.spec.data, "remnants", feeds_by_grid(world), "remnant",
                                    self.remnant_shares()):
            yield {**row, **law}

    def _law(self, what: str, part: str, group: str) -> dict[str, Any]:
        data = self.spec.data
        law = {"depth": figure(data, what, "depth"), "part": part, "duration_group": group}
        if what == "feed":  # the counted law runs to the last customer of the event
            earlier = figure(data, "feed", "site_over_event")
            return {**law, "duration_dist": "weibull",
                    "duration_h": earlier * figure(data, "feed", "scale"),
                    "duration_shape": figure(data, "feed", "shape")}
        return {**law, "duration_dist": "lognormal", "duration_h": figure(data, what, "median"),
                "duration_shape": figure(data, what, "sigma")}
