"""``heatwave``: heat beyond what cooling was built for, and what heat does to the grid."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmodel.perils.grid_outage import feeds_by_grid
from riskmodel.perils.protocol import PerilSpec
from riskmodel.perils.spec import figure
from riskmodel.perils.state_events import state_event_rows
from riskmodel.world.geography import distance_km
from riskmodel.world.tables import EVENTS

if TYPE_CHECKING:
    from riskmodel.world.world import World


@dataclass(frozen=True)
class Heatwave:
    """Heat as an event table: domes over stated regions, and counted grid events.

    A dome is one event for all sites of its region; each loses part of its cooling by itself. How
    often domes come is a judgement, the chance of a site follows from it and from how often halls
    were shut down: the rate per site does not depend on the judgement.
    """

    spec: PerilSpec

    def catalogue(self, world: World) -> pd.DataFrame:
        """Return the event table; durations in hours."""
        frame = pd.DataFrame([*self._domes(world), *self._grid_events(world)])
        frame["peril"] = self.spec.peril_id
        frame["source_urls"] = f"perils/{self.spec.peril_id}.toml"
        return frame[list(EVENTS.names)]

    def shutdown_rate(self) -> float:
        """Return how often a site loses part of its cooling to heat, per year."""
        data = self.spec.data["cooling"]
        return figure(data, "shutdown_rate") * figure(data, "heat_share")

    def chance_in_dome(self) -> float:
        """Return the chance that a site loses part of its cooling, given a dome."""
        return min(self.shutdown_rate() / figure(self.spec.data, "dome", "rate"), 1.0)

    def site_region(self, world: World) -> dict[str, str]:
        """Return the heat region of each site: that of its grid, else the one nearest by."""
        regions = self.spec.data["regions"]
        by_grid = {grid: name for name, region in regions.items() for grid in region["grids"]}
        names = list(regions)
        centres = np.array([[float(cell) for cell in regions[name]["centre"].split()]
                            for name in names])
        sites = world.sites
        apart = distance_km(sites["lat"].to_numpy(float)[:, None],
                            sites["lon"].to_numpy(float)[:, None],
                            centres[None, :, 0], centres[None, :, 1])
        nearest = [names[i] for i in apart.argmin(axis=1)]
        return {site: by_grid.get(grid, near) for site, grid, near in
                zip(sites["site_id"], sites["grid_region"], nearest, strict=True)}

    def _domes(self, world: World) -> Iterator[dict[str, Any]]:
        data = self.spec.data
        members: dict[str, list[str]] = {name: [] for name in data["regions"]}
        for site, region in self.site_region(world).items():
            members[region].append(site)
        chance = self.chance_in_dome()
        law = {"depth": figure(data, "cooling", "depth"), "duration_dist": "lognormal",
               "duration_h": figure(data, "cooling", "median"),
               "duration_shape": figure(data, "cooling", "sigma")}
        for region, sites in members.items():
            event = {"event_id": f"dome/{region}", "region": region, "duration_group": "",
                     "rate_per_yr": figure(data, "dome", "rate"), **law,
                     "confidence": str(data["dome"]["rate"]["confidence"])}
            for site in sorted(sites):
                yield {**event, "node_id": site, "probability": chance, "part": "cooling"}
            first = data["regions"][region]["grids"][0]
            yield {**event, "node_id": f"grid:{first}", "probability": 0.0, "part": ""}

    def _grid_events(self, world: World) -> Iterator[dict[str, Any]]:
        data = self.spec.data
        earlier = figure(data, "supply", "site_over_event")
        law = {"depth": figure(data, "supply", "depth"), "duration_dist": "lognormal",
               "duration_h": earlier * figure(data, "supply", "median"),
               "duration_shape": figure(data, "supply", "sigma"), "part": "",
               "duration_group": "event"}
        for row in state_event_rows(data, "supply", feeds_by_grid(world), "grid"):
            yield {**row, **law}
