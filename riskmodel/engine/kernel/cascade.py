"""From own outages to what every node experiences, exactly, in continuous time.

Only nodes that are touched get a list of availability (see ``lists``); a list may be shared: a site
that hangs on one grid has the grid's.
"""

from __future__ import annotations

import numpy as np

from riskmodel.engine.kernel.bits import lowest_bit
from riskmodel.engine.kernel.groups import cap_list
from riskmodel.engine.kernel.jit import jit
from riskmodel.engine.kernel.layout import (
    GROW_POOL,
    IDLE,
    NOT_SETTLED,
    OK,
    PASSES,
    SIMPLE,
    Graph,
    Work,
)
from riskmodel.engine.kernel.lists import EPS, lowest, own_list, same_list

SWEEPS = 5000  # bound on the sweeps of a cycle


@jit()
def _node_list(pool, mrg, held, state, out, part, sort_t, sort_i, sort_j, sort_k, nodes, groups,
               members, needer, node, at):
    """Return (start, length, end of pool) of a node's availability; end -1 for no room."""
    own_first = at
    own_len = 0
    end = at
    if state[node].head >= 0:
        end = own_list(pool, state, out, part, sort_t, sort_i, sort_j, sort_k, node, at)
        if end < 0:
            return at, 0, -1
        own_len = end - at
    lists = 0
    if own_len > 0:
        held[0].first = own_first
        held[0].len = own_len
        lists = 1
    # touched memberships still to be met; within a cycle they are not counted beforehand
    waiting = 1 << 30 if nodes[node].cyclic != 0 else np.int64(state[node].touched)
    group = np.int64(nodes[node].group)
    if waiting == 1:
        group = np.int64(needer[state[node].via].group)
    while waiting > 0 and group < nodes[node].group_end:
        touched = 0
        for m in range(groups[group].member, groups[group].member_end):
            touched += np.int64(state[members[m].node].len > 0)
        if touched > 0:
            waiting -= touched
            if groups[group].mode == SIMPLE:
                member = members[groups[group].member].node
                first, length = np.int64(state[member].off), np.int64(state[member].len)
            else:
                first, length, after = cap_list(pool, mrg, state, groups, members, group, end)
                if after < 0:
                    return at, 0, -1
                end = after
            if length > 0:
                held[lists].first = first
                held[lists].len = length
                lists += 1
        group += 1
    if lists == 0:
        return at, 0, end
    if lists == 1:
        return held[0].first, held[0].len, end
    first = end
    end = lowest(pool, mrg, held, lists, end)
    return first, end - first, end


@jit()
def _settle(pool, mrg, held, state, out, part, sort_t, sort_i, sort_j, sort_k, nodes, groups,
            members, needer, first, last, at):
    """Solve the nodes of one cycle: (status, end of pool).

    Start from everything up and sweep until nothing moves: the smallest outages consistent with
    the rows, because every rule is monotone.
    """
    for node in range(first, last):
        state[node].len = 0
    end = at
    for _ in range(SWEEPS):
        moved = False
        for node in range(first, last):
            start, length, after = _node_list(
                pool, mrg, held, state, out, part, sort_t, sort_i, sort_j, sort_k, nodes, groups,
                members, needer, node, end)
            if after < 0:
                return GROW_POOL, at
            if same_list(pool, start, length, state[node].off, state[node].len):
                continue
            state[node].off = start
            state[node].len = length
            end = after
            moved = True
        if not moved:
            return OK, end
    return NOT_SETTLED, end


@jit()
def cascade(g: Graph, w: Work):
    """Give every touched node its availability list: (status, number of touched nodes)."""
    # plain arrays from here on: a tuple of many is costly to hand to a function, and to compile
    pool, mrg, held, state, out, part = w.pool, w.mrg, w.held, w.node, w.out, w.part
    sort_t, sort_i, sort_j, sort_k, dirty = w.sort_t, w.sort_i, w.sort_j, w.sort_k, w.dirty
    nodes, groups, members, needer = g.node, g.group, g.member, g.needer
    touched = 0
    end = np.int64(0)
    words = dirty.shape[0]
    room = pool.shape[0] - 2
    one = np.uint64(1)
    word = 0
    while word < words:
        bits = dirty[word]
        if bits == np.uint64(0):
            word += 1
            continue
        node = word * 64 + np.int64(lowest_bit(bits))
        last = nodes[node].comp_end
        begin = node
        if nodes[node].cyclic != 0:
            while begin > 0 and nodes[begin - 1].comp_end == last:
                begin -= 1
            status, end = _settle(
                pool, mrg, held, state, out, part, sort_t, sort_i, sort_j, sort_k, nodes, groups,
                members, needer, begin, last, end)
            if status != OK:
                return status, touched
        else:
            head = state[node].head
            met = state[node].touched
            via = state[node].via
            if met == 0 and out[head].next < 0 and out[head].depth > EPS and end <= room:
                # most often: one outage of its own, and nothing it needs is touched
                pool[end].t = out[head].start
                pool[end].v = 1.0 - out[head].depth
                pool[end].c = head
                pool[end + 1].t = out[head].end
                pool[end + 1].v = 1.0
                pool[end + 1].c = -1
                start = end
                length = np.int64(2) if out[head].end > out[head].start else np.int64(0)
                after = end + 2
            elif head < 0 and met == 1 and needer[via].alone == PASSES:
                start = np.int64(state[needer[via].member].off)
                length = np.int64(state[needer[via].member].len)
                after = end
            elif head < 0 and met == 1 and needer[via].alone == IDLE:
                start, length, after = end, np.int64(0), end
            else:
                start, length, after = _node_list(
                    pool, mrg, held, state, out, part, sort_t, sort_i, sort_j, sort_k, nodes,
                    groups, members, needer, node, end)
            if after < 0:
                return GROW_POOL, touched
            end = after
            state[node].off = start
            state[node].len = length
        for n in range(begin, last):
            dirty[n >> 6] &= ~(one << np.uint64(n & 63))
            state[n].touched = 0
            if state[n].len == 0:
                continue
            w.touched[touched] = n
            touched += 1
            for i in range(nodes[n].needer, nodes[n].needer_end):
                who = needer[i].node
                if who >= last:
                    dirty[who >> 6] |= one << np.uint64(who & 63)
                    state[who].touched += 1
                    state[who].via = i
    return OK, touched


@jit()
def forget(w: Work, touched, n_out):
    """Clear what the year left on the nodes."""
    for i in range(touched):
        w.node[w.touched[i]].len = 0
    for i in range(n_out):
        w.node[w.out[i].node].head = -1
