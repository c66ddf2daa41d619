"""How few failures cut a lab off from a service, by maximum flow and minimum cut.

Trying all sets of k failures grows out of hand with k; a minimum cut does not. For that the
requirement rows are read as a network of ways: supply flows from what needs nothing further through
every member to who needs it, and a site is cut off when no way is left. That is the engine's
meaning of a total loss where one member is enough (k = 1, or shares of one supply): all of them
must fail. Partial losses, and several groups of one node, are for ``contingency``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmodel.errors import RiskModelError
from riskmodel.world.columns import near

if TYPE_CHECKING:
    import networkx as nx

    from riskmodel.world.world import World

#: a node that needs a group for less than this part of it does not hang on it
LEAST_SHARE = 0.5
SUPPLY, DEMAND = "supply", "demand"
COLUMNS = ("lab", "service", "failures", "cut_off_mw", "cut_off_share", "nodes", "exact")


def flow_network(graph: nx.MultiDiGraph, capacity: str = "weight") -> nx.DiGraph:
    """Return ``World.to_networkx()`` turned round, so that supply flows to who needs it.

    Rows between the same two nodes add up to one edge with the attribute ``capacity``.
    """
    import networkx as nx

    network = nx.DiGraph()
    network.add_nodes_from(graph)
    for user, member, value in graph.edges(data=capacity):
        before = network.get_edge_data(member, user, {}).get("capacity", 0.0)
        network.add_edge(member, user, capacity=before + float(value))
    return network


def max_flow(network: nx.DiGraph, source: Any, sink: Any) -> float:
    """Return the most that can flow from ``source`` to ``sink`` within the edges' capacity."""
    import networkx as nx

    return float(nx.maximum_flow_value(network, source, sink))


def flows_without(network: nx.DiGraph, source: Any, sink: Any,
                  edges: list[tuple[Any, Any]]) -> list[float]:
    """Return the maximum flow with each of the edges taken out in turn."""
    found = []
    for edge in edges:
        left = network.copy()
        left.remove_edge(*edge)
        found.append(max_flow(left, source, sink))
    return found


def supply_network(world: World, lab: str, service: str = "power", *,
                   least_share: float = LEAST_SHARE) -> tuple[nx.DiGraph, bool]:
    """Return the ways by which a service reaches a lab, and whether one member always suffices.

    Every node n but the sites is an edge (n, "in") -> (n, "out") without a capacity; each site an
    edge (site, "in") -> ``"demand"`` with the lab's MW there; ``"supply"`` feeds what needs nothing
    further. Below the sites a node hangs on its group of the largest share, if that is at least
    ``least_share``.

    Raises
    ------
    RiskModelError : no such lab, or no site of it needs the service
    """
    import networkx as nx

    if lab not in set(world.labs["lab_id"]):
        raise RiskModelError(f"there is no lab {lab!r} in this world"
                             f"{near(str(lab), list(world.labs['lab_id']))}")
    groups: dict[str, dict[str, list[dict[str, Any]]]] = {}
    wanted = ["node_id", "group", "member_id", "mode", "k", "share"]
    for cells in world.requirements[wanted].itertuples(index=False):
        row = dict(zip(wanted, cells, strict=True))
        groups.setdefault(row["node_id"], {}).setdefault(row["group"], []).append(row)
    held = world.effective_holdings()
    held = held[held["lab_id"] == lab]
    mw = dict(zip(world.sites["site_id"], world.sites["it_mw"], strict=True))
    network = nx.DiGraph()
    network.add_nodes_from([SUPPLY, DEMAND])
    one_suffices, todo = True, []
    for site, share in zip(held["site_id"], held["share"], strict=True):
        if service in groups.get(site, {}) and share * mw[site] > 0:
            network.add_edge((site, "in"), DEMAND, capacity=float(share * mw[site]))
            todo.append((site, groups[site][service]))
    if not todo:
        names = sorted({g for site in held["site_id"] for g in groups.get(site, {})})
        raise RiskModelError(f"no site of {lab} needs a group {service!r}"
                             f"{near(service, names)}; its sites need {', '.join(names) or '-'}")
    told = set()
    while todo:
        node, rows = todo.pop()
        one_suffices &= len(rows) == 1 or rows[0]["mode"] == "proportional" or rows[0]["k"] == 1
        for row in rows:
            member = row["member_id"]
            network.add_edge((member, "out"), (node, "in"))
            if member in told:
                continue
            told.add(member)
            network.add_edge((member, "in"), (member, "out"))
            further = [g for g in groups.get(member, {}).values() if g[0]["share"] >= least_share]
            if further:
                todo.append((member, max(further, key=lambda g: (g[0]["share"], g[0]["group"]))))
            else:
                network.add_edge(SUPPLY, (member, "in"))
    return network, one_suffices


def fewest_failures(world: World, lab: str, service: str = "power", *,
                    least_share: float = LEAST_SHARE) -> pd.DataFrame:
    """Return how much of a lab few failures can cut off from a service, and which.

    The least of (failures + price x MW still served) is a minimum cut, for any price; moving the
    price finds every number of failures at which more could not be cut off per failure. Each row is
    the best that so many failures can do; the numbers between two rows do no better than the
    straight line between them.

    Returns
    -------
    frame ``lab, service, failures, cut_off_mw, cut_off_share`` (of the lab's MW that need the
    service), ``nodes`` (a tuple), ``exact``: False where some group on the way needs two or more of
    its members, so that fewer failures may do.
    """
    network, exact = supply_network(world, lab, service, least_share=least_share)
    total = sum(data["capacity"] for _, _, data in network.in_edges(DEMAND, data=True))
    none: tuple[float, frozenset[str]] = total, frozenset()
    # a price above one failure for the smallest site: nothing stays served
    least = min(data["capacity"] for _, _, data in network.in_edges(DEMAND, data=True))
    full = _cheapest(network, 2.0 * len(network) / least)
    found = {none, full}
    between = [(none, full)]
    while between:
        few, many = between.pop()
        if few[0] - many[0] <= 1e-9 * total or len(many[1]) - len(few[1]) <= 1:
            continue
        price = (len(many[1]) - len(few[1])) / (few[0] - many[0])
        middle = _cheapest(network, price)
        value = len(middle[1]) + price * middle[0]
        if value < len(few[1]) + price * few[0] - 1e-9 and middle not in found:
            found.add(middle)
            between += [(few, middle), (middle, many)]
    rows = [(lab, service, len(nodes), total - served, 1 - served / total, tuple(sorted(nodes)),
             exact) for served, nodes in found if nodes]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    return frame.sort_values("failures", ignore_index=True)


def _cheapest(network: nx.DiGraph, price: float) -> tuple[float, frozenset[str]]:
    """Return (MW still served, nodes failed) of the least failures + price x MW still served."""
    import networkx as nx

    priced = nx.DiGraph()
    for tail, head, data in network.edges(data=True):
        if head == DEMAND:
            priced.add_edge(tail, head, capacity=price * data["capacity"])
        elif tail != SUPPLY and tail[0] == head[0]:
            priced.add_edge(tail, head, capacity=1.0)
        else:
            priced.add_edge(tail, head)  # no capacity: it cannot be cut
    _, (near_supply, _) = nx.minimum_cut(priced, SUPPLY, DEMAND)
    cut = frozenset(node[0] for node in near_supply
                    if node != SUPPLY and node[1] == "in" and (node[0], "out") in network
                    and (node[0], "out") not in near_supply)
    served = sum(data["capacity"] for site, _, data in network.in_edges(DEMAND, data=True)
                 if site in near_supply)
    return float(served), cut


def cut_off_by_one(world: World, lab: str, service: str = "power", *,
                   least_share: float = LEAST_SHARE) -> pd.DataFrame:
    """Return for each node on the way what its failure alone cuts off from the service.

    N-1 of the maximum flow of MW from supply to the lab: frame ``lab, service, node, cut_off_mw,
    cut_off_share``, the largest first, without the nodes whose failure leaves another way.
    """
    network, _ = supply_network(world, lab, service, least_share=least_share)
    total = max_flow(network, SUPPLY, DEMAND)
    edges = [(tail, head) for tail, head in network.edges
             if tail != SUPPLY and head != DEMAND and tail[0] == head[0]]
    left = np.array(flows_without(network, SUPPLY, DEMAND, edges))
    frame = pd.DataFrame({"lab": lab, "service": service, "node": [tail[0] for tail, _ in edges],
                          "cut_off_mw": total - left, "cut_off_share": 1 - left / total})
    frame = frame[frame["cut_off_share"] > 1e-9]
    return frame.sort_values(["cut_off_mw", "node"], ascending=[False, True], ignore_index=True)
