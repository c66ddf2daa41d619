"""The year's order of failure, on which every tie of causes rests."""

from __future__ import annotations

import numpy as np

from riskmodel.engine.kernel.jit import jit
from riskmodel.engine.kernel.layout import Graph, Work
from riskmodel.engine.kernel.sorting import sort_positions


@jit(forceinline=True)
def _earlier(raw, nodes, a, b):
    """Say whether raw outage ``a`` comes before ``b``: by start, event order, node id."""
    if raw[a].start != raw[b].start:
        return raw[a].start < raw[b].start
    if raw[a].event != raw[b].event:
        return raw[a].event < raw[b].event
    na, nb = raw[a].node, raw[b].node
    if na != nb:
        return nodes[na].rank < nodes[nb].rank
    return a < b


@jit()
def _order_of_drawn(raw, first, time, order, place, spare, seen, n_out):
    """Fill ``order`` with the drawn outages' order of failure.

    They stand by event, and those of an event start together and stand by node id, so only the
    events are sorted.
    """
    runs = 0
    before = -1
    for i in range(n_out):
        first[runs] = i
        time[runs] = raw[i].start
        runs += np.int64(raw[i].event != before)
        before = raw[i].event
    first[runs] = n_out
    sort_positions(time, place, spare, seen, runs)
    n = 0
    for k in range(runs):
        run = place[k]
        for i in range(first[run], first[run + 1]):
            order[n] = i
            n += 1


@jit()
def _order_of_all(raw, nodes, time, order, spare, seen, n_out):
    """Fill ``order`` with the order of failure of drawn and given outages."""
    for i in range(n_out):
        time[i] = raw[i].start
    sort_positions(time, order, spare, seen, n_out)
    for i in range(1, n_out):  # equal starts: by event, then node id
        item = order[i]
        j = i - 1
        while j >= 0 and _earlier(raw, nodes, item, order[j]):
            order[j + 1] = order[j]
            j -= 1
        order[j + 1] = item


@jit()
def sort_outages(g: Graph, w: Work, n_drawn, n_out):
    """Sort the raw outages into the year's order of failure and chain them by node.

    The first ``n_drawn`` are of the catalogue, the others were given.
    """
    raw, out, state, dirty = w.raw, w.out, w.node, w.dirty
    order = w.loss_key
    if n_drawn == n_out:
        _order_of_drawn(raw, w.event_key, w.sort_t, order, w.sort_i, w.sort_j, w.sort_k, n_out)
    else:
        _order_of_all(raw, g.node, w.sort_t, order, w.sort_j, w.sort_k, n_out)
    for i in range(n_out):
        out[i] = raw[order[i]]
        out[i].next = -1
        node = np.int64(out[i].node)
        if state[node].head < 0:
            state[node].head = i
            dirty[node >> 6] |= np.uint64(1) << np.uint64(node & 63)
        else:
            out[state[node].tail].next = i
        state[node].tail = i
