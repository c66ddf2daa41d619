"""Failures of single nodes, each node by itself: the sampler behind several perils.

Every node has its own Poisson arrivals at a ceiling rate, keyed by the node's id and thinned down
to the rates of its kinds of failure. What happens to a node therefore never depends on which other
nodes are in the world, and changing a rate keeps the failures that remain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from riskmodel.errors import RiskModelError
from riskmodel.perils import quantiles
from riskmodel.perils.names import Names
from riskmodel.perils.outages import Outages, event_numbers
from riskmodel.perils.protocol import in_years

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


def draw_failures(block: Block, classes: Sequence[NodeClass]) -> Outages:
    """Return the own outages of every node of every class in the block's years.

    Events are numbered within the year by start, then node; the draws do not depend on the number.
    """
    found = [part for group in classes if len(group.nodes) for part in _sample_class(block, group)]
    if not found:
        return Outages.none()
    table = Outages.joined([part.outages for part in found])
    origin = Names.joined([part.origin for part in found])
    failure = np.concatenate([part.failure for part in found])
    order = np.lexsort((table.node_id.book.rank(table.node_id.code), failure,
                        origin.book.rank(origin.code), table.event_start_h, table.year))
    table, origin, failure = table.take(order), origin[order], failure[order]
    return replace(table, event=event_numbers(table.year, table.event_start_h, origin.code,
                                              failure))


@dataclass(frozen=True)
class _Part:
    """Own outages of one kind of failure: they have no event numbers yet, but what tells events."""

    outages: Outages
    origin: Names
    failure: NDArray[np.int64]


def _sample_class(block: Block, group: NodeClass) -> list[_Part]:
    years = np.asarray(block.years, np.int64)
    nodes, regions = Names.of(group.nodes), Names.of(group.regions)
    edges = np.cumsum([law.ceiling_per_yr for law in group.laws])
    span = span_of(float(edges[-1]))
    spans = np.unique(years // span)
    row, column, arrival, kind = _thinned(
        block, group, spans, nodes, edges, edges[-1] * span * block.horizon_h / HOURS_PER_YEAR)

    def draw(purpose: str, chosen: NDArray[np.intp]) -> NDArray[np.float64]:
        return block.uniform(f"{group.name} {purpose}", year=spans[row[chosen]],
                             event=arrival[chosen], entity=nodes[column[chosen]])

    time = draw("time", np.arange(len(row))) * span
    year = spans[row] * span + time.astype(np.int64)
    kept = np.flatnonzero(in_years(year, years))
    year, start, kind = year[kept], (time[kept] % 1.0) * block.horizon_h, kind[kept]
    parts = []
    for place, law in enumerate(group.laws):
        mine = np.flatnonzero(kind == place)
        chosen, size = kept[mine], len(mine)
        node = nodes[column[chosen]]
        for outage in law.outages:
            hours = quantiles.lognormal(draw(f"{law.name} {outage.part} hours", chosen),
                                        outage.median_h, outage.sigma)
            parts.append(_Part(Outages(
                year=year[mine], event=np.zeros(size, np.int64), region=regions[column[chosen]],
                campaign_id=np.full(size, -1, np.int64), event_start_h=start[mine], node_id=node,
                part=Names.all_of(outage.part, size), start_h=start[mine], duration_h=hours,
                depth=np.full(size, outage.depth)), node, np.full(size, place, np.int64)))
            if group.reach > 0:
                parts.append(_taken_along(block, group, parts[-1], spans[row[chosen]],
                                          arrival[chosen]))
    return parts


def _thinned(block: Block, group: NodeClass, spans: NDArray[np.int64], nodes: Names,
             edges: NDArray[np.float64], mean: float) -> tuple[NDArray[np.int64], ...]:
    """Return span, node, number and kind of the arrivals that are failures.

    ``mean`` is that of the arrivals of a node and span. A block that can draw and thin at once
    does; the same is done here step by step.
    """
    rates = np.array([law.rate_per_yr for law in group.laws])
    below = edges - np.array([law.ceiling_per_yr for law in group.laws])
    count, mark = f"{group.name} count", f"{group.name} kind"
    at_once = getattr(block, "thinned", None)
    if at_once is not None and mean <= quantiles.LARGE_MEAN:
        found = at_once(count, mark, spans=spans, nodes=nodes, edges=edges, below=below,
                        rates=rates, reached=quantiles.poisson_reached(mean))
        if found is not None:
            return found  # type: ignore[no-any-return]
    counts = quantiles.poisson(
        block.uniform(count, year=spans[:, None], entity=nodes[None, :]), mean)
    row, column, arrival = quantiles.each_counted(counts)
    marks = edges[-1] * block.uniform(mark, year=spans[row], event=arrival, entity=nodes[column])
    kind = np.minimum(np.searchsorted(edges, marks, side="right"), len(edges) - 1)
    stays = np.flatnonzero(marks - below[kind] < rates[kind])
    return row[stays], column[stays], arrival[stays], kind[stays]


def _taken_along(block: Block, group: NodeClass, failures: _Part, spans: NDArray[np.int64],
                 arrival: NDArray[np.intp]) -> _Part:
    """Return the rows of other nodes that failures of the class take along."""
    both = Names.of([*group.nodes, *group.reached])  # one book, to tell a node from itself
    others, origin = both[len(group.nodes):], both[:len(group.nodes)][failures.origin.code]
    u = block.uniform(f"{group.name} reach", year=spans[:, None], event=arrival[:, None],
                      entity=origin[:, None].before(">", others[None, :]))
    which, other = np.nonzero((u < group.reach) & (origin.code[:, None] != others.code[None, :]))
    return _Part(replace(failures.outages.take(which), node_id=others[other]),
                 failures.origin[which], failures.failure[which])
