"""Failures of single nodes, each node by itself: the sampler behind several perils.

Every node has its own Poisson arrivals at a ceiling rate, keyed by the node's id and thinned down
to the rates of its kinds of failure. What happens to a node therefore never depends on which other
nodes are in the world, and changing a rate keeps the failures that remain.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskmodel.errors import RiskModelError
from riskmodel.perils import quantiles
from riskmodel.perils.protocol import OUTAGE_COLUMNS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmodel.perils.protocol import Block

HOURS_PER_YEAR = 8760.0
#: years whose arrivals are drawn together, counted from year 0: failures are rare, and one draw a
#: node and span is cheaper than one a node and year
SPAN = 32


@dataclass(frozen=True)
class OutageLaw:
    """One own outage of a failure: the part it hits, its depth, its lognormal duration."""

    part: str
    depth: float
    median_h: float
    sigma: float


@dataclass(frozen=True)
class FailureLaw:
    """One kind of failure: its rate per node, its ceiling and the own outages it brings."""

    name: str
    rate_per_yr: float
    ceiling_per_yr: float
    outages: tuple[OutageLaw, ...]

    def __post_init__(self) -> None:
        if not 0 <= self.rate_per_yr <= self.ceiling_per_yr:
            raise RiskModelError(
                f"{self.name}: a rate of {self.rate_per_yr} a year is not within 0 and its "
                f"ceiling of {self.ceiling_per_yr}; raise the ceiling")


@dataclass(frozen=True)
class NodeClass:
    """Nodes that fail alike: ids, the region of each, and their kinds of failure."""

    name: str
    nodes: Sequence[str]
    regions: Sequence[str]
    laws: tuple[FailureLaw, ...]


def sample(block: Block, classes: Sequence[NodeClass]) -> pd.DataFrame:
    """Return the own outages of every node of every class in the block's years.

    Events are numbered within the year by start, then node; the draws do not depend on the number.
    """
    parts = [_sample_class(block, group) for group in classes if len(group.nodes)]
    parts = [part for part in parts if len(part)]
    if not parts:
        return empty_outages()
    rows = pd.concat(parts, ignore_index=True)
    rows = rows.sort_values(["year", "event_start_h", "node_id", "failure", "part"],
                            ignore_index=True)
    keys = rows[["year", "event_start_h", "node_id", "failure"]]
    new_event = (keys != keys.shift()).any(axis=1).to_numpy()
    new_year = (rows["year"] != rows["year"].shift()).to_numpy()
    serial = np.cumsum(new_event) - 1
    rows["event"] = serial - np.maximum.accumulate(np.where(new_year, serial, 0))
    return rows[list(OUTAGE_COLUMNS)]


def empty_outages() -> pd.DataFrame:
    """Return the flat table of own outages without a row."""
    whole: dict[str, type] = {"year": np.int64, "event": np.int64, "campaign_id": np.int64}
    text = ("region", "node_id", "part")
    return pd.DataFrame({
        name: pd.Series(dtype=object if name in text else whole.get(name, np.float64))
        for name in OUTAGE_COLUMNS})


def _sample_class(block: Block, group: NodeClass) -> pd.DataFrame:
    years = np.asarray(block.years, np.int64)
    nodes = np.asarray(group.nodes, object)
    edges = np.cumsum([law.ceiling_per_yr for law in group.laws])
    spans = np.unique(years // SPAN)
    u = block.uniform(f"{group.name} count", year=spans[:, None], entity=nodes[None, :])
    counts = quantiles.poisson(u, edges[-1] * SPAN * block.horizon_h / HOURS_PER_YEAR)
    row, column = np.nonzero(counts)
    each = counts[row, column]
    row, column = np.repeat(row, each), np.repeat(column, each)
    arrival = np.arange(len(row)) - np.repeat(np.cumsum(each) - each, each)

    def draw(purpose: str, chosen: NDArray[np.intp]) -> NDArray[np.float64]:
        return block.uniform(f"{group.name} {purpose}", year=spans[row[chosen]],
                             event=arrival[chosen], entity=nodes[column[chosen]])

    mark = draw("kind", np.arange(len(row))) * edges[-1]
    kind = np.minimum(np.searchsorted(edges, mark, side="right"), len(edges) - 1)
    rates = np.array([law.rate_per_yr for law in group.laws])
    below = edges - np.array([law.ceiling_per_yr for law in group.laws])
    kept = np.flatnonzero(mark - below[kind] < rates[kind])
    time = draw("time", kept) * SPAN
    year = spans[row[kept]] * SPAN + time.astype(np.int64)
    here = np.isin(year, years)
    kept, year, start = kept[here], year[here], (time[here] % 1.0) * block.horizon_h
    regions = np.asarray(group.regions, object)
    tables = [
        _outages(law, kept[chosen], year[chosen], start[chosen], draw)
        for place, law in enumerate(group.laws)
        for chosen in [kind[kept] == place]]
    table = pd.concat(tables, ignore_index=True)
    index = table.pop("arrival").to_numpy(np.intp)
    table["node_id"] = nodes[column[index]]
    table["region"] = regions[column[index]]
    table["campaign_id"] = np.int64(-1)
    return table


def _outages(law: FailureLaw, kept: NDArray[np.intp], year: NDArray[np.int64],
             start: NDArray[np.float64],
             draw: Callable[[str, NDArray[np.intp]], NDArray[np.float64]]) -> pd.DataFrame:
    tables = [
        pd.DataFrame({
            "arrival": kept, "year": year, "failure": law.name, "part": outage.part,
            "event_start_h": start, "start_h": start, "depth": outage.depth,
            "duration_h": quantiles.lognormal(draw(f"{law.name} {outage.part} hours", kept),
                                              outage.median_h, outage.sigma)})
        for outage in law.outages]
    return pd.concat(tables, ignore_index=True)
