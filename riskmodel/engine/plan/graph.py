"""Compile requirement rows into the arrays of the cascade."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from riskmodel.engine.kernel.layout import (
    COUNTS,
    GROUP,
    HOLD,
    IDLE,
    LAB,
    MEMBER,
    NEEDER,
    NODE,
    PASSES,
    PROPORTIONAL,
    QUORUM,
    SIMPLE,
    Graph,
)


class Group(NamedTuple):
    """One group of a node: its terms, and (node, weight) of its members."""

    mode: int
    k: float
    share: float
    ride_h: float
    recharge_h: float
    members: list[tuple[int, float]]


def compile_graph(ids: Sequence[str], requirements: pd.DataFrame) -> tuple[Graph, list[str]]:
    """Return the graph's arrays and the node ids in topological order, members first.

    The nodes of a cycle (a strongly connected component) stand side by side, in the order of their
    ids. ``requirements`` has the columns of the table of that name, defaults filled in.
    """
    import networkx as nx

    # groups that cannot touch their node (share 0) are left out
    rows = requirements[requirements["share"] > 0]
    needs = nx.DiGraph()
    needs.add_nodes_from(sorted(ids))
    needs.add_edges_from(sorted(set(zip(rows["member_id"], rows["node_id"], strict=True))))
    condensed = nx.condensation(needs)
    order = nx.lexicographical_topological_sort(
        condensed, key=lambda c: min(condensed.nodes[c]["members"]))
    nodes: list[str] = []
    comp_end: list[int] = []
    cyclic: list[int] = []
    for component in order:
        round_trip = sorted(condensed.nodes[component]["members"])
        loop = len(round_trip) > 1 or needs.has_edge(round_trip[0], round_trip[0])
        nodes += round_trip
        comp_end += [len(nodes)] * len(round_trip)
        cyclic += [int(loop)] * len(round_trip)
    index = {node: i for i, node in enumerate(nodes)}

    groups: list[list[Group]] = [[] for _ in nodes]
    for key, members in rows.groupby(["node_id", "group"], sort=True):
        node = str(key[0])
        first = members.iloc[0]
        mode = PROPORTIONAL if first["mode"] == "proportional" else QUORUM
        k, share = float(first["k"]), float(first["share"])
        ride, recharge = float(first["ride_through_h"]), float(first["recharge_h"])
        pairs = sorted((index[m], 1.0 if mode == QUORUM else float(wt))
                       for m, wt in zip(members["member_id"], members["weight"], strict=True))
        plain = len(pairs) == 1 and share == 1.0 and ride == 0.0 and pairs[0][1] == k
        groups[index[node]].append(
            Group(SIMPLE if plain else mode, k, share, ride, recharge, pairs))

    rank = np.empty(len(nodes), np.int32)
    rank[np.argsort(np.array(nodes, dtype=object), kind="stable")] = np.arange(len(nodes))
    return pack_graph(groups, np.array(comp_end), np.array(cyclic), rank), nodes


def pack_graph(groups: list[list[Group]], comp_end: np.ndarray, cyclic: np.ndarray,
               rank: np.ndarray) -> Graph:
    """Lay the groups of every node out as records; holdings are filled in by the plan."""
    needers: list[list[tuple[int, int, int, int]]] = [[] for _ in groups]  # of each membership
    number = 0
    for i, of_node in enumerate(groups):
        for group in of_node:
            alone = (PASSES if group.mode == SIMPLE else IDLE if group.mode == QUORUM
                     and len(group.members) - 1 >= group.k else COUNTS)
            for member, _ in group.members:
                needers[member].append((i, member, number, alone))
            number += 1
    node = np.zeros(len(groups), NODE)
    flat = [group for of_node in groups for group in of_node]
    node["group"], node["group_end"] = _ranges(len(of_node) for of_node in groups)
    node["needer"], node["needer_end"] = _ranges(len(who) for who in needers)
    node["comp_end"], node["cyclic"], node["rank"] = comp_end, cyclic, rank
    group_array = np.zeros(len(flat), GROUP)
    group_array["member"], group_array["member_end"] = _ranges(len(g.members) for g in flat)
    for name in ("mode", "k", "share", "ride_h", "recharge_h"):
        group_array[name] = [getattr(group, name) for group in flat]
    group_array["weight_sum"] = [sum(weight for _, weight in group.members) for group in flat]
    pairs = [pair for group in flat for pair in group.members]
    return Graph(
        node=node, group=group_array, member=np.array(pairs, MEMBER),
        needer=np.array([row for who in needers for row in who], NEEDER),
        hold=np.zeros(0, HOLD), lab=np.zeros(0, LAB))


def _ranges(sizes: Iterable[int]) -> tuple[np.ndarray, np.ndarray]:
    """Return where each run of the given sizes starts and ends."""
    ends = np.cumsum(np.fromiter(sizes, dtype=np.int64))
    return np.concatenate([[0], ends[:-1]])[:len(ends)], ends
