"""Events counted by US state, dealt out to grids: the supply side of several kinds of weather.

A section of a peril's TOML holds ``rates`` by reliability region (state-events a year),
``allocation`` (what share of a region's events falls on each grid; the rest falls elsewhere),
``states`` (how many states a grid is) and ``footprint`` (the chance that a transmission-fed site is
inside, given an event in its state).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from riskmodel.errors import RiskModelError
from riskmodel.perils.spec import figure

ELSEWHERE = "elsewhere"


def state_event_rows(data: Mapping[str, Any], section: str, feeds: Mapping[str, list[str]],
                     label: str, scale: Mapping[str, float] | None = None,
                     ) -> Iterator[dict[str, Any]]:
    """Yield rows of an event table: one event for each region and grid of the allocation.

    ``feeds`` is grid -> its local supplies; ``scale`` is the share of a region's rate that counts
    (1 where not given). Each event keeps a row of probability 0 on its grid, whoever is there.
    Durations and depth are the caller's to add.
    """
    part = data[section]
    inside = figure(data, section, "footprint")
    whole: dict[str, float] = {}
    for row in part["allocation"]:  # shares drawn one by one need not add up
        whole[row["region"]] = whole.get(row["region"], 0.0) + float(row["best"])
    for row in part["allocation"]:
        region, grid = row["region"], row["grid"]
        if grid == ELSEWHERE:
            continue
        rate = (figure(data, section, "rates", region) * float(row["best"])
                / whole[region] * (1.0 if scale is None else scale[region]))
        event = {"event_id": f"{label}/{region}/{grid}", "region": grid, "rate_per_yr": rate,
                 "confidence": str(part["rates"][region]["confidence"])}
        chance = min(1.0, inside / states_of(data, section, grid))
        for feed in feeds.get(grid, []):
            yield {**event, "node_id": feed, "probability": chance}
        yield {**event, "node_id": f"grid:{grid}", "probability": 0.0}


def states_of(data: Mapping[str, Any], section: str, grid: str) -> float:
    """Return how many states a grid is."""
    for row in data[section]["states"]:
        if row["grid"] == grid:
            return float(row["best"])
    raise RiskModelError(f"peril {data.get('id', '?')!r}: {section}.states has no row for {grid}; "
                         "add how many states it is")
