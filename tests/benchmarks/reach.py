"""What the references read off a world: its graph, what a node takes down, whose a site is."""

from __future__ import annotations

import networkx as nx
import numpy as np

import riskmodel as rm


def graph_of(world: rm.World) -> nx.DiGraph:
    """Return the graph, from what is needed to what needs it."""
    graph = nx.DiGraph(list(zip(world.requirements.member_id, world.requirements.node_id,
                                strict=True)))
    graph.add_nodes_from([*world.sites.site_id, *world.nodes.node_id])
    return graph


def reach_of(world: rm.World) -> dict[str, np.ndarray]:
    """Return for each node the numbers of the sites that it takes down, itself too."""
    graph = graph_of(world)
    number = {name: i for i, name in enumerate(world.sites.site_id)}
    return {node: np.array(sorted(number[s] for s in {node} | nx.descendants(graph, node)
                                  if s in number), dtype=np.int64) for node in graph}


def labs_of(world: rm.World) -> np.ndarray:
    """Return for each site the number of its lab; every site has one."""
    number = {name: i for i, name in enumerate(world.labs.lab_id)}
    held = dict(zip(world.holdings.site_id, world.holdings.lab_id, strict=True))
    return np.array([number[held[name]] for name in world.sites.site_id])
