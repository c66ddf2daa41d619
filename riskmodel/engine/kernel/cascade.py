"""From own outages to what every node experiences, exactly, in continuous time.

A node's availability is a list of points (time, value, cause): the value holds from that time to
the next point; before the first point it is 1, and the last point is a return to 1. Only nodes
that are touched get a list; a list may be shared (a site that hangs on one grid has the grid's).
"""

from __future__ import annotations

import numpy as np
from numba import njit

from riskmodel.engine.kernel.bits import lowest_bit
from riskmodel.engine.kernel.layout import (
    GROW_POOL,
    NOT_SETTLED,
    OK,
    PROPORTIONAL,
    QUORUM,
    SIMPLE,
    Graph,
    Work,
)
from riskmodel.engine.kernel.sorting import sort_positions

EPS = 1e-12  # ties, and the rounding that must not spend a battery
SWEEPS = 5000  # bound on the sweeps of a cycle


@njit(_nrt=False, forceinline=True)
def _append(pool, first, end, t, v, c):  # type: ignore[no-untyped-def]
    """Append a point to the list that starts at ``first`` and ends before ``end``."""
    if v >= 1.0 - EPS:
        v = 1.0
        c = -1
    if end > first and pool[end - 1].t == t:
        end -= 1  # a later word on the same instant replaces the earlier one
    if end == first:
        if v == 1.0:
            return end
    elif pool[end - 1].v == v and pool[end - 1].c == c:
        return end
    pool[end].t = t
    pool[end].v = v
    pool[end].c = c
    return end + 1


@njit(_nrt=False)
def _own_list(pool, state, out, part, sort_t, sort_i, sort_j, node, at):  # type: ignore[no-untyped-def]
    """Write the node's own availability at ``at``; return the end of the list, -1 for no room.

    Within one part the deepest active outage counts; different parts add up.
    """
    i = state[node].head
    count = 0
    apart = True
    last = -np.inf
    while i >= 0:
        count += 1
        apart = apart and out[i].start >= last
        last = out[i].end
        i = out[i].next
    if at + 2 * count + 2 > pool.shape[0]:
        return -1
    end = at
    if apart:
        i = state[node].head
        while i >= 0:
            end = _append(pool, at, end, out[i].start, 1.0 - out[i].depth, i)
            end = _append(pool, at, end, out[i].end, 1.0, -1)
            i = out[i].next
        return end
    i = state[node].head
    j = 0
    while i >= 0:
        sort_t[j] = out[i].start
        sort_t[j + 1] = out[i].end
        sort_i[j] = j
        sort_i[j + 1] = j + 1
        j += 2
        i = out[i].next
    sort_positions(sort_t, sort_i, sort_j, 2 * count)
    before = -np.inf
    for j in range(2 * count):
        t = sort_t[sort_i[j]]
        if t == before:
            continue
        before = t
        parts = 0
        i = state[node].head
        while i >= 0 and out[i].start <= t:
            if t < out[i].end:
                q = 0
                while q < parts and part[q].id != out[i].part:
                    q += 1
                if q == parts:
                    part[q].id = out[i].part
                    part[q].depth = out[i].depth
                    part[q].cause = i
                    parts += 1
                elif out[i].depth > part[q].depth + EPS:
                    part[q].depth = out[i].depth
                    part[q].cause = i
            i = out[i].next
        lost = 0.0
        deepest = -1
        for q in range(parts):
            lost += part[q].depth
            if (deepest < 0 or part[q].depth > part[deepest].depth + EPS
                    or (part[q].depth >= part[deepest].depth - EPS
                        and part[q].cause < part[deepest].cause)):
                deepest = q
        end = _append(pool, at, end, t, max(0.0, 1.0 - lost),
                      part[deepest].cause if deepest >= 0 else -1)
    return end


@njit(_nrt=False, forceinline=True)
def _next_time(pool, mrg, lists):  # type: ignore[no-untyped-def]
    """Return the next instant at which one of the merged lists changes."""
    t = np.inf
    for j in range(lists):
        if mrg[j].ptr < mrg[j].len:
            t = min(t, pool[mrg[j].src + mrg[j].ptr].t)
    return t


@njit(_nrt=False, forceinline=True)
def _advance(pool, mrg, lists, t):  # type: ignore[no-untyped-def]
    """Move every merged list to instant ``t``."""
    for j in range(lists):
        if mrg[j].ptr < mrg[j].len and pool[mrg[j].src + mrg[j].ptr].t == t:
            mrg[j].val = pool[mrg[j].src + mrg[j].ptr].v
            mrg[j].cau = pool[mrg[j].src + mrg[j].ptr].c
            mrg[j].ptr += 1


@njit(_nrt=False)
def _quorum(mrg, lists, nth):  # type: ignore[no-untyped-def]
    """Return the ``nth`` largest of the merged values, and its cause.

    Ties rank the latest failure first, so that the one that broke the quorum is the cause.
    """
    value = 1.0
    above = 0
    for j in range(lists):  # value with fewer than nth strictly larger, at least nth not smaller
        larger = 0
        equal = 0
        for i in range(lists):
            if mrg[i].val > mrg[j].val + EPS:
                larger += 1
            elif mrg[i].val >= mrg[j].val - EPS:
                equal += 1
        if larger < nth <= larger + equal:
            value = mrg[j].val
            above = larger
            break
    cause = -1
    for j in range(lists):  # the (nth - above)-th of the ties, latest failure first
        if abs(mrg[j].val - value) > EPS:
            continue
        later = 0
        equal = 0
        for i in range(lists):
            if abs(mrg[i].val - value) <= EPS:
                if mrg[i].cau > mrg[j].cau:
                    later += 1
                elif mrg[i].cau == mrg[j].cau:
                    equal += 1
        if later < nth - above <= later + equal:
            cause = mrg[j].cau
            break
    return value, cause


@njit(_nrt=False)
def _service(pool, mrg, group, lists, at):  # type: ignore[no-untyped-def]
    """Write what the group serves (before any reserve) at ``at``; return the end, -1 for no room.

    The lists of its touched members are set up in ``mrg``, weights included.
    """
    room = at + 2
    for j in range(lists):
        room += mrg[j].len
        mrg[j].ptr = 0
        mrg[j].val = 1.0
        mrg[j].cau = -1
    if room > pool.shape[0]:
        return -1
    members = group.member_end - group.member
    nth = np.int64(group.k) - (members - lists)
    end = at
    while True:
        t = _next_time(pool, mrg, lists)
        if t == np.inf:
            return end
        _advance(pool, mrg, lists, t)
        if group.mode == PROPORTIONAL:
            short = 0.0
            most = 0.0
            cause = -1
            for j in range(lists):
                gap = mrg[j].weight * (1.0 - mrg[j].val)
                short += gap
                if mrg[j].cau >= 0 and (cause < 0 or gap > most + EPS
                                      or (gap >= most - EPS and mrg[j].cau < cause)):
                    most = gap
                    cause = mrg[j].cau
            value = min(1.0, (group.weight_sum - short) / group.k)
        else:
            value, cause = _quorum(mrg, lists, nth)
        end = _append(pool, at, end, t, max(0.0, value), cause)


@njit(_nrt=False)
def _reserve(pool, group, first, length, at):  # type: ignore[no-untyped-def]
    """Write the service with the group's reserve spent and refilled; return the end.

    The reserve is in full-load hours: it drains at (1 - s) an hour while the group is short and
    counts as full service until it is empty; it refills only while s = 1.
    """
    if at + 2 * length + 2 > pool.shape[0]:
        return -1
    full = group.ride_h
    level = full
    end = at
    for i in range(first, first + length):
        t = pool[i].t
        s = pool[i].v
        last = i + 1 == first + length
        until = np.inf if last else pool[i + 1].t
        hours = until - t
        if s >= 1.0 - EPS:
            end = _append(pool, at, end, t, 1.0, -1)
            if group.recharge_h == 0.0:
                level = full
            elif not last:
                level = min(full, level + hours * full / group.recharge_h)
            continue
        lasts = level / (1.0 - s)
        if lasts >= hours:
            end = _append(pool, at, end, t, 1.0, -1)
            level -= hours * (1.0 - s)
        else:
            if lasts > 0.0:
                end = _append(pool, at, end, t, 1.0, -1)
            end = _append(pool, at, end, min(t + lasts, until), s, pool[i].c)
            level = 0.0
    return end


@njit(_nrt=False)
def _cap_list(pool, mrg, state, groups, members, group, at):  # type: ignore[no-untyped-def]
    """Return (start, length, end of pool) of a touched group's cap; end -1 for no room."""
    m0 = groups[group].member
    lists = 0
    for m in range(m0, groups[group].member_end):
        member = members[m].node
        if state[member].len > 0:
            mrg[lists].src = state[member].off
            mrg[lists].len = state[member].len
            mrg[lists].weight = members[m].weight
            lists += 1
    size = groups[group].member_end - m0
    if groups[group].mode == QUORUM and size - lists >= groups[group].k:
        return at, 0, at  # enough members are untouched
    first = at
    end = _service(pool, mrg, groups[group], lists, at)
    if end > first and groups[group].ride_h > 0.0:
        second = end
        end = _reserve(pool, groups[group], first, second - first, second)
        first = second
    if end < 0:
        return at, 0, -1
    share = groups[group].share
    if share < 1.0:
        for i in range(first, end):
            pool[i].v = 1.0 - share * (1.0 - pool[i].v)
    return first, end - first, end


@njit(_nrt=False)
def _node_list(pool, mrg, held, state, out, part, sort_t, sort_i, sort_j, nodes, groups, members,  # type: ignore[no-untyped-def]
               node, at):
    """Return (start, length, end of pool) of a node's availability; end -1 for no room."""
    own_first = at
    own_len = 0
    end = at
    if state[node].head >= 0:
        end = _own_list(pool, state, out, part, sort_t, sort_i, sort_j, node, at)
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
    group = nodes[node].group
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
                first, length, after = _cap_list(pool, mrg, state, groups, members, group, end)
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
    room = end + 2
    for j in range(lists):
        mrg[j].src = held[j].first
        mrg[j].len = held[j].len
        mrg[j].ptr = 0
        mrg[j].val = 1.0
        mrg[j].cau = -1
        room += mrg[j].len
    if room > pool.shape[0]:
        return at, 0, -1
    first = end
    while True:
        t = _next_time(pool, mrg, lists)
        if t == np.inf:
            return first, end - first, end
        _advance(pool, mrg, lists, t)
        value = mrg[0].val
        for j in range(1, lists):
            value = min(value, mrg[j].val)
        cause = -1
        for j in range(lists):
            c = mrg[j].cau
            if mrg[j].val <= value + EPS and c >= 0 and (cause < 0 or c < cause):
                cause = c
        end = _append(pool, first, end, t, value, cause)


@njit(_nrt=False)
def _same_list(pool, a, length, b, other):  # type: ignore[no-untyped-def]
    """Say whether two lists are the same function to 1e-12."""
    if length != other:
        return False
    for i in range(length):
        if pool[a + i].t != pool[b + i].t or abs(pool[a + i].v - pool[b + i].v) > EPS:
            return False
    return True


@njit(_nrt=False)
def _settle(pool, mrg, held, state, out, part, sort_t, sort_i, sort_j, nodes, groups, members,  # type: ignore[no-untyped-def]
            first, last, at):
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
                pool, mrg, held, state, out, part, sort_t, sort_i, sort_j, nodes, groups, members,
                node, end)
            if after < 0:
                return GROW_POOL, at
            if _same_list(pool, start, length, state[node].off, state[node].len):
                continue
            state[node].off = start
            state[node].len = length
            end = after
            moved = True
        if not moved:
            return OK, end
    return NOT_SETTLED, end


@njit(_nrt=False)
def cascade(g: Graph, w: Work):  # type: ignore[no-untyped-def]
    """Give every touched node its availability list: (status, number of touched nodes)."""
    # plain arrays from here on: a tuple of many is costly to hand to a function, and to compile
    pool, mrg, held, state, out, part = w.pool, w.mrg, w.held, w.node, w.out, w.part
    sort_t, sort_i, sort_j, dirty = w.sort_t, w.sort_i, w.sort_j, w.dirty
    nodes, groups, members, needer = g.node, g.group, g.member, g.needer
    touched = 0
    end = np.int64(0)
    words = dirty.shape[0]
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
            status, end = _settle(pool, mrg, held, state, out, part, sort_t, sort_i, sort_j, nodes,
                                  groups, members, begin, last, end)
            if status != OK:
                return status, touched
        else:
            head = state[node].head
            if state[node].touched == 0 and out[head].next < 0 and end + 2 <= pool.shape[0]:
                # most often: one outage of its own, and nothing it needs is touched
                start = end
                after = _append(pool, start, start, out[head].start, 1.0 - out[head].depth, head)
                after = _append(pool, start, after, out[head].end, 1.0, -1)
                length = after - start
            else:
                start, length, after = _node_list(
                    pool, mrg, held, state, out, part, sort_t, sort_i, sort_j, nodes, groups,
                    members, node, end)
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
                who = needer[i]
                if who >= last:
                    dirty[who >> 6] |= one << np.uint64(who & 63)
                    state[who].touched += 1
    return OK, touched


@njit(_nrt=False)
def forget(w: Work, touched, n_out):  # type: ignore[no-untyped-def]
    """Clear what the year left on the nodes."""
    for i in range(touched):
        w.node[w.touched[i]].len = 0
    for i in range(n_out):
        w.node[w.out[i].node].head = -1
