"""``dependencies``: what a lab leans on, and how much of it stands behind every node."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskmodel.decisions.contingency.contingency import (
    HOURS,
    THRESHOLD,
    Model,
    check_numbers,
    labs_of,
    model_of,
    mw_of,
)
from riskmodel.decisions.contingency.pair_bounds import SAME
from riskmodel.errors import RiskModelError
from riskmodel.world.columns import near
from riskmodel.world.graph import cyclic_parts

if TYPE_CHECKING:
    import networkx as nx

    from riskmodel.world.world import World

COLUMNS = ("lab", "node", "kind", "sites", "behind_mw", "behind_share", "lost_mw", "lost_share",
           "single_point", "hours")


def dependencies(world: World, lab: str | Sequence[str] | None = None, *, hours: float = HOURS,
                 threshold: float = THRESHOLD, kinds: Sequence[str] | None = None) -> pd.DataFrame:
    """Return every node that a lab leans on, directly or through others, and what hangs on it.

    Returns
    -------
    frame, most MW behind first: ``lab, node, kind, sites`` (of the lab, that need the node at all),
    ``behind_mw, behind_share`` (IT MW at these sites, and its share of the lab's), ``lost_mw,
    lost_share`` (what the node's loss for ``hours`` takes at the peak, by shares, redundancy and
    reserves), ``single_point`` (that is at least ``threshold``), ``hours``. The numbers are exact.

    Raises
    ------
    RiskModelError : no such lab or kind, or a number out of its bounds
    """
    check_numbers(1, threshold, hours, None)
    world.check()
    model = model_of(world, hours, kinds)
    parts = [_of_lab(model, name, threshold) for name in labs_of(model, lab)]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(COLUMNS))


def _of_lab(model: Model, lab: str, threshold: float) -> pd.DataFrame:
    mw = mw_of(model, lab)
    size = max(float(mw.sum()), 1e-300)
    behind, lost = model.behind @ mw, model.alone @ mw
    frame = pd.DataFrame({
        "lab": lab, "node": [model.names[i] for i in model.nodes],
        "kind": [model.kinds[i] for i in model.nodes],
        "sites": model.behind.astype(np.int64) @ (mw > 0),
        "behind_mw": behind, "behind_share": behind / size,
        "lost_mw": lost, "lost_share": lost / size,
        "single_point": (lost > 0) & (lost >= (threshold - SAME) * size), "hours": model.hours})
    frame = frame[behind > 0]
    order = np.lexsort((frame["node"].astype(str), -frame["lost_mw"], -frame["behind_mw"]))
    return frame.iloc[order].astype({"sites": np.int64}).reset_index(drop=True)


@dataclass(frozen=True, eq=False)
class Structure:
    """The whole graph in numbers: nodes by kind, rows, and circles of nodes that need each other.
    """

    kinds: dict[str, int]
    rows: int
    cycles: tuple[tuple[str, ...], ...]


def structure(world: World) -> Structure:
    """Count a world's nodes by kind and find its cycles."""
    counts = world.all_nodes["kind"].value_counts()
    order = sorted(counts.index, key=lambda kind: (-int(counts[kind]), str(kind)))
    loops = sorted(tuple(loop) for _, loop in cyclic_parts(world))
    return Structure({str(kind): int(counts[kind]) for kind in order}, len(world.requirements),
                     tuple(loops))


def part_of_graph(world: World, *, lab: str | None = None, node: str | None = None
                  ) -> nx.MultiDiGraph:
    """Return the requirement graph, or what of it a lab, or one node, needs and is needed by.

    With ``lab`` the lab is a node of its own (kind "lab"), an edge with ``it_mw`` to each of its
    sites, and everything that these need. With ``node``: all it needs, and all that needs it.

    Raises
    ------
    RiskModelError : no such lab or node
    """
    import networkx as nx

    graph = world.to_networkx()
    if node is not None:
        if node not in graph:
            raise RiskModelError(f"there is no node {node!r} in this world{near(node, graph)}")
        return _only(graph, {node} | nx.ancestors(graph, node) | nx.descendants(graph, node))
    if lab is None:
        return graph
    if lab not in set(world.labs["lab_id"]):
        raise RiskModelError(f"there is no lab {lab!r} in this world"
                             f"{near(lab, list(world.labs['lab_id']))}")
    held = world.effective_holdings()
    held = held[held["lab_id"] == lab]
    mw = dict(zip(world.sites["site_id"], world.sites["it_mw"], strict=True))
    name = f"lab:{lab}"
    graph.add_node(name, kind="lab", name=lab)
    for site, share in zip(held["site_id"], held["share"], strict=True):
        if share * mw[site] > 0:
            graph.add_edge(name, site, key="holding", group="holding", share=float(share),
                           it_mw=float(share * mw[site]))
    return _only(graph, {name} | nx.descendants(graph, name))


def _only(graph: nx.MultiDiGraph, keep: set[str]) -> nx.MultiDiGraph:
    """Return a graph with some of its nodes, in their order: that of a set is another each time."""
    part = graph.copy()
    part.remove_nodes_from([node for node in graph if node not in keep])
    return part
