"""Failures of single nodes, each node by itself: the sampler behind several perils.

Every node has its own Poisson arrivals at a ceiling rate, keyed by the node's id and thinned down
to the rates of its kinds of failure. What happens to a node therefore never depends on which other
nodes are in the world, and changing a rate keeps the failures that remain.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmodel.errors import RiskModelError
from riskmodel.perils import quantiles
from riskmodel.perils.protocol import OUTAGE_COLUMNS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmodel.perils.protocol import Block

HOURS_PER_YEAR = 8760.0
#: most years whose arrivals are drawn together, counted from year 0: failures are rare, and one
#: draw a node and span is cheaper than one a node and year
SPAN = 32


def span_of(ceiling_per_yr: float) -> int:
    """Return the years whose arrivals are drawn together: about one arrival a node, 32 at most.

    Where failures are frequent a long span would only draw what a block of scattered years (those
    of one state of the world) throws away.
    """
    if ceiling_per_yr >= 1.0:
        return 1
    return SPAN if ceiling_per_yr <= 1.0 / SPAN else 1 << int(np.log2(1.0 / ceiling_per_yr))


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
    """Nodes that fail alike: ids, the region of each, and their kinds of failure.

    ``reach`` is the chance that a failure takes each of ``reached`` other nodes along, in the same
    event, with the same part, depth and hours; each by a draw of its own.
    """

    name: str
    nodes: Sequence[str]
    regions: Sequence[str]
    laws: tuple[FailureLaw, ...]
    reach: float = 0.0
    reached: Sequence[str] = ()


def sample(block: Block, classes: Sequence[NodeClass]) -> pd.DataFrame:
    """Return the own outages of every node of every class in the block's years.

    Events are numbered within the year by start, then node; the draws do not depend on the number.
    """
    tables = [table for group in classes if len(group.nodes)
              for table in _sample_class(block, group)]
    if not tables:
        return empty_outages()
    column = {name: np.concatenate([table[name] for table in tables]) for name in tables[0]}
    order = np.lexsort((column["node_id"], column["failure"], column["origin"],
                        column["event_start_h"], column["year"]))
    column = {name: values[order] for name, values in column.items()}
    if not len(order):
        return empty_outages()
    new_event = np.ones(len(order), bool)
    new_event[1:] = np.any([column[name][1:] != column[name][:-1] for name in
                            ("year", "event_start_h", "origin", "failure")], axis=0)
    new_year = np.append(True, column["year"][1:] != column["year"][:-1])
    serial = np.cumsum(new_event) - 1
    column["event"] = serial - np.maximum.accumulate(np.where(new_year, serial, 0))
    return outage_table(column)


def outage_table(column: Mapping[str, NDArray[Any]]) -> pd.DataFrame:
    """Return a flat table of own outages; texts stay plain objects, which are quick to read."""
    text = ("region", "node_id", "part")
    return pd.DataFrame({name: pd.Series(column[name], dtype=object) if name in text
                         else column[name] for name in OUTAGE_COLUMNS})


def empty_outages() -> pd.DataFrame:
    """Return the flat table of own outages without a row."""
    whole = ("year", "event", "campaign_id")
    return outage_table({name: np.zeros(0, np.int64 if name in whole else np.float64)
                         for name in OUTAGE_COLUMNS})


def _sample_class(block: Block, group: NodeClass) -> list[dict[str, NDArray[Any]]]:
    years = np.asarray(block.years, np.int64)
    nodes = np.asarray(group.nodes, object)
    edges = np.cumsum([law.ceiling_per_yr for law in group.laws])
    span = span_of(float(edges[-1]))
    spans = np.unique(years // span)
    u = block.uniform(f"{group.name} count", year=spans[:, None], entity=nodes[None, :])
    counts = quantiles.poisson(u, edges[-1] * span * block.horizon_h / HOURS_PER_YEAR)
    row, column = np.nonzero(counts)
    each = counts[row, column]
    row, column = np.repeat(row, each), np.repeat(column, each)
    arrival = np.arange(len(row)) - np.repeat(np.cumsum(each) - each, each)

    def draw(purpose: str, chosen: NDArray[np.intp]) -> NDArray[np.float64]:
        return block.uniform(f"{group.name} {purpose}", year=spans[row[chosen]],
                             event=arrival[chosen], entity=nodes[column[chosen]])

    rates = np.array([law.rate_per_yr for law in group.laws])
    below = edges - np.array([law.ceiling_per_yr for law in group.laws])

    def in_time(chosen: NDArray[np.intp]) -> tuple[NDArray[Any], ...]:
        time = draw("time", chosen) * span
        year = spans[row[chosen]] * span + time.astype(np.int64)
        here = np.isin(year, years)
        return chosen[here], year[here], (time[here] % 1.0) * block.horizon_h

    def thinned(chosen: NDArray[np.intp]) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        mark = draw("kind", chosen) * edges[-1]
        kind = np.minimum(np.searchsorted(edges, mark, side="right"), len(edges) - 1)
        return kind, mark - below[kind] < rates[kind]

    # the draws do not mind which is asked first: the one that leaves fewest for the other
    every = np.arange(len(row))
    if len(years) * 2 < len(spans) * span:
        kept, year, start = in_time(every)
        kind, stays = thinned(kept)
        kept, year, start = kept[stays], year[stays], start[stays]
        kind = kind[stays]
    else:
        kinds, stays = thinned(every)
        kept, year, start = in_time(np.flatnonzero(stays))
        kind = kinds[kept]
    regions = np.asarray(group.regions, object)
    tables = []
    for place, law in enumerate(group.laws):
        mine = kind == place
        chosen = kept[mine]
        for outage in law.outages:
            hours = quantiles.lognormal(draw(f"{law.name} {outage.part} hours", chosen),
                                        outage.median_h, outage.sigma)
            tables.append({
                "year": year[mine], "failure": np.full(len(chosen), place),
                "region": regions[column[chosen]],
                "campaign_id": np.full(len(chosen), -1, np.int64),
                "event_start_h": start[mine], "origin": nodes[column[chosen]],
                "node_id": nodes[column[chosen]],
                "part": np.full(len(chosen), outage.part, object), "start_h": start[mine],
                "duration_h": hours, "depth": np.full(len(chosen), outage.depth)})
            if group.reach > 0:
                tables.append(_taken_along(block, group, tables[-1], spans[row[chosen]],
                                           arrival[chosen]))
    return tables


def _taken_along(block: Block, group: NodeClass, failures: Mapping[str, NDArray[Any]],
                 spans: NDArray[np.int64], arrival: NDArray[np.intp]) -> dict[str, NDArray[Any]]:
    """Return the rows of other nodes that failures of the class take along."""
    others = np.asarray(group.reached, object)
    origin = failures["origin"]
    u = block.uniform(f"{group.name} reach", year=spans[:, None], event=arrival[:, None],
                      entity=origin[:, None] + ">" + others[None, :])
    which, other = np.nonzero((u < group.reach) & (origin[:, None] != others[None, :]))
    return {**{name: values[which] for name, values in failures.items()}, "node_id": others[other]}
