"""``grid_outage``: local disturbances, collapses of whole grids and of synchronous systems."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmodel.errors import RiskModelError
from riskmodel.perils.protocol import PerilSpec
from riskmodel.perils.spec import figure
from riskmodel.world.tables import EVENTS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmodel.world.world import World

ANALOGUE = "average_us_state"
ELSEWHERE = "elsewhere"


@dataclass(frozen=True)
class GridOutage:
    """Grid disturbances as an event table over the ``feed:*``, ``grid:*`` and system nodes.

    The events and their rates come from the TOML alone (and from grids of the world that it does
    not name); the world only says which feeds hang on which grid. Taking sites away therefore
    never takes an event away: each local event keeps a row for its grid, with probability 0.
    """

    spec: PerilSpec

    def catalogue(self, world: World) -> pd.DataFrame:
        """Return the event table; probabilities are per local supply, durations in hours."""
        rows = [*self._local(feeds_by_grid(world), self._grids(world)),
                *self._collapses(self._grids(world)), *self._system_collapses()]
        frame = pd.DataFrame(rows)
        frame["peril"] = self.spec.peril_id
        frame["part"] = ""
        frame["source_urls"] = f"perils/{self.spec.peril_id}.toml"
        return frame[list(EVENTS.names)]

    def size_classes(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return each size class's probability and its mean size over the mean of all sizes.

        Sizes are Pareto with the stated survival exponent between 1 and ``largest_over_smallest``,
        cut into classes of equal ratio; both arrays have shape (classes,).
        """
        data = self.spec.data
        exponent = figure(data, "local", "size", "survival_exponent")
        largest = figure(data, "local", "size", "largest_over_smallest")
        count = int(figure(data, "local", "size", "classes"))
        edges = largest ** (np.arange(count + 1) / count)
        above = edges**-exponent
        probability = (above[:-1] - above[1:]) / (1.0 - above[-1])
        if abs(exponent - 1.0) < 1e-12:
            moment = np.diff(np.log(edges))
        else:
            moment = np.diff(edges ** (1.0 - exponent)) / (1.0 - exponent)
        mean = moment / moment.sum() / probability
        return probability, mean

    # ---------------------------------------------------------------- the three kinds of event

    def _local(self, feeds: Mapping[str, list[str]],
               grids: list[str]) -> Iterator[dict[str, Any]]:
        data = self.spec.data
        probability, mean_size = self.size_classes()
        for grid, region, weight in self._shares(grids):
            for cause, number in data["local"]["rates"][region].items():
                rate = weight * float(number["best"])
                footprint = figure(data, "local", "footprint", cause)
                inside = np.minimum(1.0, footprint * mean_size / self._states(grid))
                shared = {
                    "region": grid, "depth": figure(data, "local", "depth", cause),
                    "duration_group": "event", "confidence": str(number["confidence"]),
                    **self._duration(cause)}
                for place, share in enumerate(probability):
                    event = {"event_id": f"local/{grid}/{region}/{cause}/{place + 1}",
                             "rate_per_yr": rate * float(share), **shared}
                    for feed in feeds.get(grid, []):
                        yield {**event, "node_id": feed, "probability": float(inside[place])}
                    yield {**event, "node_id": f"grid:{grid}", "probability": 0.0}

    def _collapses(self, grids: list[str]) -> Iterator[dict[str, Any]]:
        for grid in grids:
            yield {"event_id": f"collapse/{grid}", "region": grid, "node_id": f"grid:{grid}",
                   **self._whole("collapse")}

    def _system_collapses(self) -> Iterator[dict[str, Any]]:
        for system in self.spec.data["system_collapse"]["systems"]:
            yield {"event_id": f"system/{system}", "region": system,
                   "node_id": f"interconnection:{system}", **self._whole("system_collapse")}

    # ---------------------------------------------------------------- what they are made of

    def _grids(self, world: World) -> list[str]:
        """Return every grid with a public supply: those of the TOML, then the world's others."""
        local = self.spec.data["local"]
        named = dict.fromkeys(
            [row["grid"] for row in local["allocation"] if row["grid"] != ELSEWHERE]
            + list(local["analogue_grids"]))
        nodes = world.nodes
        there = nodes.loc[nodes["kind"] == "grid", "node_id"].str.removeprefix("grid:")
        others = sorted(set(there) - set(named) - set(local["no_grid"]))
        return [*named, *others]

    def _shares(self, grids: list[str]) -> Iterator[tuple[str, str, float]]:
        """Yield grid, row of the rate table and the share of that row's events on the grid."""
        allocation = self.spec.data["local"]["allocation"]
        for grid in grids:
            rows = [row for row in allocation if row["grid"] == grid]
            for row in rows:
                yield grid, row["region"], float(row["best"])
            if not rows:
                yield grid, ANALOGUE, 1.0

    def _states(self, grid: str) -> float:
        for row in self.spec.data["local"]["state_equivalents"]:
            if row["grid"] == grid:
                return float(row["best"])
        if any(row["grid"] == grid for row in self.spec.data["local"]["allocation"]):
            raise RiskModelError(f"{self.spec.peril_id}: local.state_equivalents has no row for "
                                 f"{grid}; add how many states its share of events holds")
        return 1.0

    def _duration(self, cause: str) -> dict[str, Any]:
        law = self.spec.data["local"]["duration"][cause]
        scale, shape = ("scale", "shape") if law["distribution"] == "weibull" else (
            "median", "sigma")
        earlier = figure(self.spec.data, "local", "duration", "site_over_event")
        return {"duration_dist": law["distribution"],
                "duration_h": earlier * figure(self.spec.data, "local", "duration", cause, scale),
                "duration_shape": figure(self.spec.data, "local", "duration", cause, shape)}

    def _whole(self, section: str) -> dict[str, Any]:
        data = self.spec.data
        return {"rate_per_yr": figure(data, section, "rate"), "probability": 1.0,
                "depth": figure(data, section, "depth"), "duration_dist": "lognormal",
                "duration_h": figure(data, section, "median"),
                "duration_shape": figure(data, section, "sigma"), "duration_group": "event",
                "confidence": str(data[section]["rate"]["confidence"])}


def feeds_by_grid(world: World) -> dict[str, list[str]]:
    """Return grid -> the ``feed:*`` nodes that require it, each list sorted."""
    kinds = dict(zip(world.nodes["node_id"], world.nodes["kind"], strict=True))
    needs = world.requirements
    found: dict[str, set[str]] = {}
    for node, member in zip(needs["node_id"], needs["member_id"], strict=True):
        if kinds.get(node) == "feed" and kinds.get(member) == "grid":
            found.setdefault(str(member).removeprefix("grid:"), set()).add(str(node))
    return {grid: sorted(feeds) for grid, feeds in found.items()}
