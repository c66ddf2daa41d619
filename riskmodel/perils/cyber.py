"""``cyber``: supply cut by cyber means, a faulty update, an intrusion at one operator."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from riskmodel.perils.grid_outage import feeds_by_grid
from riskmodel.perils.protocol import PerilSpec
from riskmodel.perils.spec import figure
from riskmodel.world.tables import EVENTS

if TYPE_CHECKING:
    from riskmodel.world.world import World

WORLD = "world"
#: a grid whose country the world does not say; it counts as one country at peace
UNKNOWN = "unknown country"


@dataclass(frozen=True)
class Cyber:
    """Cyber events as an event table over the ``feed:*``, ``operator:*`` and ``cloud:*`` nodes.

    The events follow from the TOML and from the grids, operators and clouds of the world, never
    from its sites: a country's event stays when nothing hangs on its grids.
    """

    spec: PerilSpec

    def catalogue(self, world: World) -> pd.DataFrame:
        """Return the event table; probabilities are per node, durations in hours."""
        rows = [*self._grids(world), *self._software(world), *self._intrusions(world)]
        frame = pd.DataFrame(rows, columns=list(EVENTS.names))
        frame["peril"] = self.spec.peril_id
        frame["part"] = ""
        frame["duration_group"] = frame["duration_group"].fillna("")
        frame["source_urls"] = f"perils/{self.spec.peril_id}.toml"
        # a supply of two grids is one supply
        return frame.drop_duplicates(["event_id", "node_id"], ignore_index=True)

    def grid_rate(self, country: str) -> float:
        """Return the attacks a year that cut supply by cyber means in one country.

        The country's share of years as a war target x the rate of such a country, and the rest x
        one country's part of the rate of all others together.
        """
        data = self.spec.data
        at_war = min(1.0, sum(float(row["best"]) for row in data["grid"]["war_targets"]
                              if row["country"] == country))
        peace = figure(data, "grid", "peace_rate") / figure(data, "grid", "countries")
        return at_war * figure(data, "grid", "war_rate") + (1.0 - at_war) * peace

    def _grids(self, world: World) -> Iterator[dict[str, Any]]:
        feeds = feeds_by_grid(world)
        nodes = world.nodes[world.nodes["kind"] == "grid"].sort_values("node_id")
        share = figure(self.spec.data, "grid", "share_of_country")
        for node, country in zip(nodes["node_id"], nodes["country_iso2"], strict=True):
            place = str(country) if isinstance(country, str) and country else UNKNOWN
            event = {"event_id": f"grid/{place}", "region": place,
                     "rate_per_yr": self.grid_rate(place), "duration_group": "event",
                     "confidence": "low", **self._law("grid")}
            for feed in feeds.get(str(node).removeprefix("grid:"), []):
                yield {**event, "node_id": feed, "probability": share}
            yield {**event, "node_id": node, "probability": 0.0}

    def _software(self, world: World) -> Iterator[dict[str, Any]]:
        event = {"event_id": "software", "region": WORLD, "confidence": "low",
                 "rate_per_yr": figure(self.spec.data, "software", "rate"),
                 **self._law("software")}
        for kind in ("operator", "cloud"):
            for node in _of_kind(world, kind):
                yield {**event, "node_id": node,
                       "probability": figure(self.spec.data, "software", f"chance_{kind}")}

    def _intrusions(self, world: World) -> Iterator[dict[str, Any]]:
        for node in _of_kind(world, "operator"):
            yield {"event_id": f"intrusion/{node}", "region": node.removeprefix("operator:"),
                   "node_id": node, "probability": 1.0, "confidence": "low",
                   "rate_per_yr": figure(self.spec.data, "intrusion", "rate"),
                   **self._law("intrusion")}

    def _law(self, section: str) -> dict[str, Any]:
        data = self.spec.data
        law = data[section]["distribution"]
        scale, shape = ("scale", "shape") if law == "weibull" else ("median", "sigma")
        return {"depth": figure(data, section, "depth"), "duration_dist": law,
                "duration_h": figure(data, section, scale),
                "duration_shape": figure(data, section, shape)}


def _of_kind(world: World, kind: str) -> list[str]:
    return sorted(world.nodes.loc[world.nodes["kind"] == kind, "node_id"])
