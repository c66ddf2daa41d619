"""The requirement rows as a graph: to inspect, explain and draw; the engine runs on arrays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from riskmodel.errors import RiskModelError
from riskmodel.world.columns import near

if TYPE_CHECKING:
    import networkx as nx

    from riskmodel.world.world import World

_EDGE = ("weight", "k", "mode", "share", "ride_through_h", "recharge_h", "rule", "confidence",
         "source_urls")
EXPLAIN_COLUMNS = ("depth", "node_id", "node_kind", "group", "member_id", "member_kind", "members",
                   "weight", "k", "mode", "share", "ride_through_h", "recharge_h", "confidence",
                   "rule", "source_urls", "again")


def to_networkx(world: World) -> nx.MultiDiGraph:
    """Return every node and requirement row; edges run from who needs to who serves.

    The key of an edge is the group; nodes carry kind, name and country_iso2, sites also it_mw.
    """
    import networkx as nx

    graph = nx.MultiDiGraph()
    for node, kind, name, country in world.all_nodes.itertuples(index=False):
        graph.add_node(node, kind=kind, name=name, country_iso2=country)
    for site, mw in zip(world.sites["site_id"], world.sites["it_mw"], strict=True):
        graph.nodes[site]["it_mw"] = mw
    rows = world.requirements
    for node, group, member, *cells in rows[["node_id", "group", "member_id", *_EDGE]].itertuples(
            index=False):
        graph.add_edge(node, member, key=group, group=group, **dict(zip(_EDGE, cells, strict=True)))
    return graph


def cyclic_parts(world: World) -> Iterator[tuple[set[str], list[str]]]:
    """Yield each set of nodes that need each other, with one circle through them as a path."""
    import networkx as nx

    rows = world.requirements
    pairs = zip(rows["node_id"].tolist(), rows["member_id"].tolist(), strict=True)
    graph = nx.DiGraph((node, member) for node, member in pairs if node and member)
    for part in nx.strongly_connected_components(graph):
        if len(part) > 1 or any(graph.has_edge(node, node) for node in part):
            inside = graph.subgraph(part)
            start = min(part)
            loop = [node for node, _ in nx.find_cycle(inside, start)]
            yield set(part), [*loop, loop[0]]


@dataclass(frozen=True, eq=False)
class Explanation:
    """What a node hangs on, down to the leaves.

    ``frame`` has one row per requirement row met on the way, in reading order: ``depth`` counts
    from the node asked for (1), ``members`` is the size of the group, ``again`` marks a member
    whose own needs are listed further up.
    """

    node_id: str
    frame: pd.DataFrame
    headline: str
    labels: dict[str, str]

    def __str__(self) -> str:
        lines = [self.headline]
        if not len(self.frame):
            lines.append("  needs nothing: no requirement row names it")
        shown: set[tuple[str, str]] = set()
        for row in _records(self.frame):
            pad = "    " * (int(row["depth"]) - 1) + "  "
            group = row["node_id"], row["group"]
            if group not in shown:  # a node's needs are listed once, where it is met first
                lines.append(f"{pad}{row['group']}: {_group_text(row)}")
                shown.add(group)
            weight = f", weight {row['weight']:g}" if row["mode"] == "proportional" else ""
            sure = f" [{row['confidence']} confidence]" if row["confidence"] else ""
            again = " (see above)" if row["again"] else ""
            lines.append(f"{pad}  - {self.labels[str(row['member_id'])]}{weight}{sure}{again}")
        return "\n".join(lines)


def explain(world: World, node_id: str) -> Explanation:
    """Return the chain of requirement rows from a site, or any node, down to the leaves.

    Raises
    ------
    RiskModelError
        The world has no such node.
    """
    nodes = world.all_nodes
    kinds = dict(zip(nodes["node_id"], nodes["kind"], strict=True))
    names = dict(zip(nodes["node_id"], nodes["name"], strict=True))
    if node_id not in kinds:
        hint = near(str(node_id), kinds) or "; sites.csv and nodes.csv of the world name them"
        raise RiskModelError(f"explain: there is no site or node '{node_id}' in this world{hint}")
    rows: dict[str, list[dict[str, Any]]] = {}
    sizes: dict[tuple[str, str], int] = {}
    for row in _records(world.requirements[["node_id", "group", "member_id", *_EDGE]]):
        rows.setdefault(row["node_id"], []).append(row)
        key = row["node_id"], row["group"]
        sizes[key] = sizes.get(key, 0) + 1
    out: list[dict[str, Any]] = []
    told: set[str] = set()

    # depth first with an explicit stack: chains of thousands of nodes must not meet Python's limit
    stack: list[tuple[str, int, dict[str, Any] | None]] = [(node_id, 0, None)]
    while stack:
        node, depth, via = stack.pop()
        if via is not None:
            again = node in told and node in rows
            out.append({**via, "depth": depth, "node_kind": kinds.get(via["node_id"], ""),
                        "member_kind": kinds.get(node, ""),
                        "members": sizes[via["node_id"], via["group"]], "again": again})
        if node in told:
            continue
        told.add(node)
        groups = {r["group"]: i for i, r in reversed(list(enumerate(rows.get(node, []))))}
        ordered = sorted(rows.get(node, []), key=lambda r, g=groups: g[r["group"]])  # type: ignore[misc]
        stack += [(r["member_id"], depth + 1, r) for r in reversed(ordered)]
    frame = pd.DataFrame(out, columns=list(EXPLAIN_COLUMNS))
    labels = {node: _label(node, kinds.get(node, "not in this world"), names.get(node, ""))
              for node in [node_id, *frame["member_id"]]}
    return Explanation(node_id, frame, _headline(world, node_id, labels[node_id]), labels)


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(k): v for k, v in row.items()} for row in frame.to_dict("records")]


def _label(node: str, kind: str, name: str) -> str:
    return f"{node} ({kind}{f': {name}' if name and name != node else ''})"


def _headline(world: World, node_id: str, label: str) -> str:
    site = world.sites[world.sites["site_id"] == node_id]
    if not len(site):
        return label
    held = world.effective_holdings()
    held = held[held["site_id"] == node_id]
    labs = ", ".join(f"{lab} {float(share):.0%}" for lab, share in
                     zip(held["lab_id"], held["share"], strict=True))
    sure = str(site["confidence"].iat[0])
    return (f"{label}, {site['it_mw'].iat[0]:.0f} MW IT, held by {labs}"
            + (f" [{sure} confidence]" if sure else ""))


def _group_text(row: dict[str, Any]) -> str:
    members, k = row["members"], row["k"]
    plural = "s" if members != 1 else ""
    if row["mode"] == "proportional":
        text = f"needs a weight of {k:g} from {members} member{plural}"
    elif k == members:
        text = f"needs {'all of ' if members > 1 else ''}{members} member{plural}"
    else:
        text = f"needs {k:g} of {members} member{plural}"
    text += f"; {row['share']:.0%} of it depends on this" if row["share"] < 1 else ""
    if row["ride_through_h"] > 0:
        refill = f"refilled in {row['recharge_h']:g} h" if row["recharge_h"] > 0 \
            else "refilled at once"
        text += f"; rides through {row['ride_through_h']:g} h, {refill}"
    return text
