"""``adequacy_curtailment``: calls on large loads to use less, and cuts in turn, grid by grid."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from riskmodel.errors import RiskModelError
from riskmodel.perils.protocol import PerilSpec
from riskmodel.perils.spec import figure
from riskmodel.world.tables import EVENTS

if TYPE_CHECKING:
    from riskmodel.world.world import World

ANALOGUE = "average_us_state"
ELSEWHERE = "elsewhere"


@dataclass(frozen=True)
class AdequacyCurtailment:
    """Curtailment as an event table over the ``grid:*`` nodes, one call and one cut a grid and row.

    The record counts a call once for every state; a site meets the calls of its own state. So a
    grid's calls a year are its share of the region's state-events over the states it serves.
    """

    spec: PerilSpec

    def catalogue(self, world: World) -> pd.DataFrame:
        """Return the event table; rates and depths come from the TOML, hours from first cut."""
        frame = pd.DataFrame([row for grid in self._grids(world) for row in self._rows(grid)])
        frame["peril"] = self.spec.peril_id
        frame["part"] = ""
        frame["source_urls"] = f"perils/{self.spec.peril_id}.toml"
        return frame[list(EVENTS.names)]

    def state_events_per_yr(self, region: str) -> float:
        """Return a row of the rate table, 1/yr: appeals of a region, each state counted."""
        return figure(self.spec.data, "calls", "rates", region)

    def calls(self, grid: str) -> Iterator[tuple[str, float]]:
        """Yield row of the rate table and shortages a year of one grid, cuts included."""
        allocation = self.spec.data["calls"]["allocation"]
        rows = [row for row in allocation if row["grid"] == grid]
        for row in rows:
            handed_out = sum(float(other["best"]) for other in allocation
                             if other["region"] == row["region"])
            share = float(row["best"]) / handed_out  # drawn shares need not add up to one
            yield row["region"], share * self.state_events_per_yr(row["region"]) / self._states(
                grid)
        if not rows:
            yield ANALOGUE, self.state_events_per_yr(ANALOGUE)

    def _rows(self, grid: str) -> Iterator[dict[str, Any]]:
        data = self.spec.data
        cut = figure(data, "cuts", "share_of_calls")
        for region, rate in self.calls(grid):
            shared = {
                "region": grid, "node_id": f"grid:{grid}", "probability": 1.0,
                "duration_dist": "lognormal", "duration_group": "event",
                "confidence": str(data["calls"]["rates"][region]["confidence"])}
            yield {**shared, "event_id": f"call/{grid}/{region}", "rate_per_yr": rate * (1 - cut),
                   "depth": (figure(data, "calls", "depth", "asked")
                             * figure(data, "calls", "depth", "answering")),
                   "duration_h": (figure(data, "calls", "duration", "median")
                                  * figure(data, "calls", "duration", "active")),
                   "duration_shape": figure(data, "calls", "duration", "sigma")}
            yield {**shared, "event_id": f"cut/{grid}/{region}", "rate_per_yr": rate * cut,
                   "depth": figure(data, "cuts", "depth"),
                   "duration_h": figure(data, "cuts", "median"),
                   "duration_shape": figure(data, "cuts", "sigma")}

    def _grids(self, world: World) -> list[str]:
        """Return every public grid: those of the TOML, then the world's others."""
        calls = self.spec.data["calls"]
        named = dict.fromkeys(
            [row["grid"] for row in calls["allocation"] if row["grid"] != ELSEWHERE]
            + list(calls["analogue_grids"]))
        nodes = world.nodes
        there = nodes.loc[nodes["kind"] == "grid", "node_id"].str.removeprefix("grid:")
        return [*named, *sorted(set(there) - set(named) - set(calls["no_grid"]))]

    def _states(self, grid: str) -> float:
        for row in self.spec.data["calls"]["state_equivalents"]:
            if row["grid"] == grid:
                return float(row["best"])
        raise RiskModelError(f"{self.spec.peril_id}: calls.state_equivalents has no row for {grid};"
                             " add how many states its share of events holds")
