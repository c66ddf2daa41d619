"""``winter_storm``: cold that takes power and gas together, and ice on the local lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from riskmodel.perils.grid_outage import feeds_by_grid
from riskmodel.perils.protocol import PerilSpec
from riskmodel.perils.spec import figure
from riskmodel.perils.state_events import state_event_rows
from riskmodel.world.tables import EVENTS

if TYPE_CHECKING:
    from riskmodel.world.world import World

#: all rows of one event take their hours from one draw
SHARED = "event"


@dataclass(frozen=True)
class WinterStorm:
    """Winter storms as an event table over ``grid:*``, ``gas:*``, ``plant:*`` and ``feed:*``.

    A storm with load shed takes a fixed list of grids in part, the gas supplies of the same grids
    in part, and each plant on that gas with a chance; an ice storm takes local supplies. Events and
    their rates come from the TOML alone.
    """

    spec: PerilSpec

    def catalogue(self, world: World) -> pd.DataFrame:
        """Return the event table."""
        rows = [*self._storms(plants_by_gas(world)), *self._ice(world)]
        frame = pd.DataFrame(rows)
        frame["peril"] = self.spec.peril_id
        frame["part"] = ""
        frame["duration_group"] = SHARED
        frame["source_urls"] = f"perils/{self.spec.peril_id}.toml"
        return frame.reindex(columns=list(EVENTS.names))

    def rates(self) -> dict[str, float]:
        """Return the yearly rate of each storm with load shed: its group's rate by its weight."""
        data = self.spec.data
        total: dict[str, float] = {}
        for storm in data["storms"].values():
            total[storm["group"]] = total.get(storm["group"], 0.0) + float(storm["weight"]["best"])
        return {name: figure(data, "rates", storm["group"]) * float(storm["weight"]["best"])
                / total[storm["group"]] for name, storm in data["storms"].items()}

    def gas_depth(self, storm: str) -> float:
        """Return the share of gas-fired generation that a storm leaves without fuel."""
        data = self.spec.data
        off = figure(data, "storms", storm, "generation_off")
        return min(1.0, off * figure(data, "causes", "fuel")
                   / figure(data, "causes", "gas_fired"))

    def plant_chance(self, storm: str) -> float:
        """Return the chance that a storm freezes one plant."""
        data = self.spec.data
        return min(1.0, figure(data, "storms", storm, "generation_off")
                   * figure(data, "causes", "freezing"))

    def _storms(self, plants: Mapping[str, list[str]]) -> Iterator[dict[str, Any]]:
        data = self.spec.data
        large = figure(data, "causes", "large_load_over_average")
        for name, rate in self.rates().items():
            storm = data["storms"][name]
            event = {"event_id": f"shed/{name}", "rate_per_yr": rate, "region": storm["region"],
                     "confidence": str(data["rates"][storm["group"]]["confidence"]),
                     "duration_dist": "lognormal",
                     "duration_shape": figure(data, "storms", name, "sigma")}
            longest = max(float(row["best"]) for row in storm["hours"])
            hours = {row["grid"]: float(row["best"]) for row in storm["hours"]}
            for row in storm["shed"]:
                yield {**event, "node_id": f"grid:{row['grid']}", "probability": 1.0,
                       "duration_h": hours[row["grid"]],
                       "depth": min(1.0, large * float(row["best"]))}
            cold = {**event, "duration_h": longest * figure(data, "causes", "cold_over_shed")}
            for grid in storm["gas"]:
                yield {**cold, "node_id": f"gas:{grid}", "probability": 1.0,
                       "depth": self.gas_depth(name)}
                for plant in plants.get(grid, []):
                    yield {**cold, "node_id": plant, "probability": self.plant_chance(name),
                           "depth": figure(data, "causes", "frozen_depth")}

    def _ice(self, world: World) -> Iterator[dict[str, Any]]:
        data = self.spec.data
        law = {"depth": figure(data, "ice", "depth"), "duration_dist": "weibull",
               "duration_h": figure(data, "ice", "site_over_event") * figure(data, "ice", "scale"),
               "duration_shape": figure(data, "ice", "shape")}
        for row in state_event_rows(data, "ice", feeds_by_grid(world), "ice"):
            yield {**row, **law}


def plants_by_gas(world: World) -> dict[str, list[str]]:
    """Return gas supply (without its prefix) -> the plants that require it, each list sorted."""
    found: dict[str, set[str]] = {}
    needs = world.requirements
    for node, member in zip(needs["node_id"], needs["member_id"], strict=True):
        if str(node).startswith("plant:") and str(member).startswith("gas:"):
            found.setdefault(str(member).removeprefix("gas:"), set()).add(str(node))
    return {gas: sorted(plants) for gas, plants in found.items()}


