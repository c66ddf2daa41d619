"""Published figures of large runs, each worked out again: what agrees, and what does not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from riskmodel.compute.checkpoints import (
    HOURS_PER_DAY,
    hours_between_faults_of_chips,
    node_failure_rate,
)
from riskmodel.compute.inputs import band, read_inputs, titles
from riskmodel.errors import RiskModelError

if TYPE_CHECKING:
    from riskmodel.world.world import World

#: a figure agrees where it is this close to what follows from the counts
TOLERANCE = 0.03

_FORMULAS: Mapping[str, Callable[[Mapping[str, Any], Mapping[str, Any]], float]] = {
    "hours_between": lambda given, data: given["days"] * HOURS_PER_DAY / given["count"],
    "node_rate": lambda given, data: node_failure_rate(given["count"], given["days"],
                                                       given["chips"]),
    "share": lambda given, data: given["part"] / given["whole"],
    "hours_at": lambda given, data: float(hours_between_faults_of_chips(
        given["chips"], band(data, "node_failures_per_1000_node_days", given["cluster"]).best)),
}


def published_figures(world: World | None = None) -> pd.DataFrame:
    """Return published figures beside what the formulas here make of the counts behind them.

    Frame ``name, what, stated, computed, ratio, unit, agrees, note, source``. A figure that does
    not follow is shown with ``agrees`` False, and nothing is tuned to hide it.

    Raises
    ------
    RiskModelError : an entry of ``compute/training.toml`` has no formula, or lacks its counts
    """
    data = read_inputs("training", world)
    rows = []
    for entry in data["published"]:
        try:
            value = float(_FORMULAS[entry["formula"]](entry["given"], data))
        except KeyError as error:
            raise RiskModelError(f"training.toml: published {entry.get('name')!r} lacks {error}; "
                                 f"formulas are {', '.join(_FORMULAS)}, each with its counts in "
                                 "'given'") from None
        stated = float(entry["stated"])
        rows.append((entry["name"], entry["what"], stated, value, stated / value, entry["unit"],
                     abs(stated / value - 1.0) <= TOLERANCE, entry.get("note", ""),
                     "; ".join(titles(data, str(entry["source"])))))
    return pd.DataFrame(rows, columns=["name", "what", "stated", "computed", "ratio", "unit",
                                       "agrees", "note", "source"])
