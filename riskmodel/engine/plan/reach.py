"""Who hangs on whom, through any number of requirement rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from riskmodel.engine.plan.plan import Plan

if TYPE_CHECKING:
    from numpy.typing import NDArray


def reach(plan: Plan, targets: Sequence[int]) -> NDArray[np.bool_]:
    """Return which of ``targets`` need each node, directly or through others, themselves included.

    Shape (nodes, targets). Rows of requirements that leave their node untouched (share 0) do not
    count.
    """
    graph = plan.graph
    found = np.zeros((len(plan.nodes), len(targets)), np.bool_)
    found[np.asarray(targets, np.int64), np.arange(len(targets))] = True
    last = len(plan.nodes)
    while last > 0:  # who is needed stands before who needs it: walk from the end
        first = last - 1
        while first > 0 and graph.node["comp_end"][first - 1] == last:
            first -= 1
        for node in range(first, last):
            users = graph.needer["node"][graph.node["needer"][node]:graph.node["needer_end"][node]]
            if len(users):
                found[node] |= found[users].any(axis=0)
        if last - first > 1:  # the nodes of a cycle need each other
            found[first:last] = found[first:last].any(axis=0)
        last = first
    return found
