"""Which events arrive on which grids, and how large they are: what the file of grid_outage says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskmodel.errors import RiskModelError
from riskmodel.perils.event_sizes import truncated_pareto_mean
from riskmodel.perils.spec import figure

if TYPE_CHECKING:
    from numpy.typing import NDArray

ANALOGUE = "average_us_state"
ELSEWHERE = "elsewhere"
#: causes of local events; what is not local takes a whole node
CAUSES = ("storm", "equipment", "system", "fuel", "islanding")
COLLAPSE, SYSTEM = "collapse", "system_collapse"


@dataclass(frozen=True)
class Stream:
    """Events that arrive together: their rate, and on which grids (or systems) they fall.

    ``edges`` are the upper ends of the grids' shares, the last 1.
    """

    label: str
    cause: str
    rate_per_yr: float
    grids: tuple[str, ...]
    edges: NDArray[np.float64]

    def fall(self, mark: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """Return on which grid each event falls, and where in the grid's share of the marks."""
        which = np.minimum(np.searchsorted(self.edges, mark, side="right"), len(self.grids) - 1)
        low = np.append(0.0, self.edges[:-1])[which]
        inside = (mark - low) / np.maximum(self.edges[which] - low, 1e-300)
        return which, np.clip(inside, 0.0, 1.0 - 1e-12)

    def nodes(self) -> list[str]:
        """Return the node of each grid or system that such an event takes whole."""
        prefix = "interconnection:" if self.cause == SYSTEM else "grid:"
        return [prefix + grid for grid in self.grids]


@dataclass(frozen=True)
class Sizes:
    """Sizes on one grid: Pareto above 1 up to ``ratio``; size 1 covers the share ``unit_share``.

    An event of size s covers min(1, unit_share x s) of the grid's area.
    """

    exponent: float
    ratio: float
    unit_share: float


def streams(data: Mapping[str, Any], grids_there: Iterable[str]) -> list[Stream]:
    """Return the streams of events: those of the file first, then the other grids there are."""
    local = data["local"]
    found = []
    for region, causes in local["rates"].items():
        if region != ANALOGUE:
            grids, shares = _allocation(data, region)
            found += [Stream(f"{region}/{cause}", cause, figure(causes, cause), grids,
                             np.cumsum(shares)) for cause in causes]
    named = named_grids(data)
    found += _alike(data, "stand_in", tuple(local["analogue_grids"]))
    other = set(data[COLLAPSE]["other_grids"])
    for kind, grids in (("oecd", tuple(grid for grid in named if grid not in other)),
                        ("other", tuple(grid for grid in named if grid in other))):
        found.append(_even(f"collapse/{kind}", COLLAPSE, _collapse_rate(data, kind), grids))
    found.append(_even("system", SYSTEM, figure(data, SYSTEM, "rate"),
                       tuple(data[SYSTEM]["systems"])))
    for grid in sorted(set(grids_there) - set(named) - set(local["no_grid"])):
        found += _alike(data, f"grid/{grid}", (grid,))
        found.append(_even(f"grid/{grid}/collapse", COLLAPSE, _collapse_rate(
            data, "other" if grid in other else "oecd"), (grid,)))
    return [stream for stream in found if stream.grids]


def named_grids(data: Mapping[str, Any]) -> list[str]:
    """Return the grids that the file names, in its order."""
    local = data["local"]
    return list(dict.fromkeys([row["grid"] for row in local["allocation"]
                               if row["grid"] != ELSEWHERE] + list(local["analogue_grids"])))


def sizes(data: Mapping[str, Any], grid: str) -> Sizes:
    """Return the law of sizes on a grid.

    The mean share of the area is mean size / (load x load_lost_inside), kept where the chance
    to be inside, given an event in one's state, stays within its stated bounds.
    """
    smallest = figure(data, "local", "size", "smallest")
    exponent = figure(data, "local", "size", "survival_exponent")
    load, states = load_and_states(data, grid)
    ratio = max(load / smallest, 1.0 + 1e-9)
    mean = truncated_pareto_mean(exponent, ratio)
    lost = figure(data, "local", "footprint", "load_lost_inside")
    least, most = (figure(data, "local", "footprint", name)
                   for name in ("inside_state_least", "inside_state_most"))
    inside = min(max(states * mean * smallest / load / lost, least), most)
    return Sizes(exponent, ratio, inside / states / mean)


def load_and_states(data: Mapping[str, Any], grid: str) -> tuple[float, float]:
    """Return the load in MW on which a grid's events fall, and how many states that is.

    Raises
    ------
    RiskModelError
        The grid has a share of a region's events, but no row with its load or its states.
    """
    local = data["local"]
    if not any(row["grid"] == grid for row in local["allocation"]):
        return figure(data, "local", "size", "average_state_load"), 1.0
    found = []
    for table in ("load", "state_equivalents"):
        rows = [float(row["best"]) for row in local[table] if row["grid"] == grid]
        if not rows:
            raise RiskModelError(f"{data.get('id')}: local.{table} has no row for {grid}; add the "
                                 "load, and the number of states, on which its share of the events "
                                 "falls")
        found.append(rows[0])
    return found[0], found[1]


def _allocation(data: Mapping[str, Any],
                region: str) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    rows = [row for row in data["local"]["allocation"] if row["region"] == region]
    shares = np.array([float(row["best"]) for row in rows])
    return tuple(row["grid"] for row in rows), shares / shares.sum()


def _alike(data: Mapping[str, Any], label: str, grids: tuple[str, ...]) -> list[Stream]:
    rates = data["local"]["rates"][ANALOGUE]
    return [_even(f"{label}/{cause}", cause, figure(rates, cause), grids) for cause in rates]


def _collapse_rate(data: Mapping[str, Any], kind: str) -> float:
    return figure(data, COLLAPSE, f"rate_{kind}")


def _even(label: str, cause: str, rate_each: float, grids: tuple[str, ...]) -> Stream:
    """Return a stream that falls on each of its grids at the same rate."""
    return Stream(label, cause, rate_each * len(grids), grids,
                  np.arange(1, len(grids) + 1) / max(len(grids), 1))
