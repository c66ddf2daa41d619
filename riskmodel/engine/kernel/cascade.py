"""From own outages to what every node experiences, exactly, in continuous time.

A node's availability is a list of points (time, value, cause): the value holds from that time to
the next point; before the first point it is 1, and the last point is a return to 1. Only nodes
that are touched get a list; a list may be shared (a site that hangs on one grid has the grid's).
"""

from __future__ import annotations

import numpy as np
from numba import njit

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


@njit
def _append(w: Work, first, end, t, v, c):  # type: ignore[no-untyped-def]
    """Append a point to the list that starts at ``first`` and ends before ``end``."""
    if v >= 1.0 - EPS:
        v = 1.0
        c = -1
    if end > first and w.pool[end - 1].t == t:
        end -= 1  # a later word on the same instant replaces the earlier one
    if end == first:
        if v == 1.0:
            return end
    elif w.pool[end - 1].v == v and w.pool[end - 1].c == c:
        return end
    w.pool[end].t = t
    w.pool[end].v = v
    w.pool[end].c = c
    return end + 1


@njit
def _own_list(w: Work, node, at):  # type: ignore[no-untyped-def]
    """Write the node's own availability at ``at``; return the end of the list, -1 for no room.

    Within one part the deepest active outage counts; different parts add up.
    """
    i = w.node[node].head
    count = 0
    apart = True
    last = -np.inf
    while i >= 0:
        count += 1
        apart = apart and w.out[i].start >= last
        last = w.out[i].end
        i = w.out[i].next
    if at + 2 * count + 2 > w.pool.shape[0]:
        return -1
    end = at
    if apart:
        i = w.node[node].head
        while i >= 0:
            end = _append(w, at, end, w.out[i].start, 1.0 - w.out[i].depth, i)
            end = _append(w, at, end, w.out[i].end, 1.0, -1)
            i = w.out[i].next
        return end
    i = w.node[node].head
    j = 0
    while i >= 0:
        w.sort_t[j] = w.out[i].start
        w.sort_t[j + 1] = w.out[i].end
        w.sort_i[j] = j
        w.sort_i[j + 1] = j + 1
        j += 2
        i = w.out[i].next
    sort_positions(w.sort_t, w.sort_i, w.sort_j, 2 * count)
    before = -np.inf
    for j in range(2 * count):
        t = w.sort_t[w.sort_i[j]]
        if t == before:
            continue
        before = t
        parts = 0
        i = w.node[node].head
        while i >= 0 and w.out[i].start <= t:
            if t < w.out[i].end:
                q = 0
                while q < parts and w.part[q].id != w.out[i].part:
                    q += 1
                if q == parts:
                    w.part[q].id = w.out[i].part
                    w.part[q].depth = w.out[i].depth
                    w.part[q].cause = i
                    parts += 1
                elif w.out[i].depth > w.part[q].depth + EPS:
                    w.part[q].depth = w.out[i].depth
                    w.part[q].cause = i
            i = w.out[i].next
        lost = 0.0
        deepest = -1
        for q in range(parts):
            lost += w.part[q].depth
            if (deepest < 0 or w.part[q].depth > w.part[deepest].depth + EPS
                    or (w.part[q].depth >= w.part[deepest].depth - EPS
                        and w.part[q].cause < w.part[deepest].cause)):
                deepest = q
        end = _append(w, at, end, t, max(0.0, 1.0 - lost),
                      w.part[deepest].cause if deepest >= 0 else -1)
    return end


@njit
def _next_time(w: Work, lists):  # type: ignore[no-untyped-def]
    """Return the next instant at which one of the merged lists changes."""
    t = np.inf
    for j in range(lists):
        if w.mrg[j].ptr < w.mrg[j].len:
            t = min(t, w.pool[w.mrg[j].src + w.mrg[j].ptr].t)
    return t


@njit
def _advance(w: Work, lists, t):  # type: ignore[no-untyped-def]
    """Move every merged list to instant ``t``."""
    for j in range(lists):
        if w.mrg[j].ptr < w.mrg[j].len and w.pool[w.mrg[j].src + w.mrg[j].ptr].t == t:
            w.mrg[j].val = w.pool[w.mrg[j].src + w.mrg[j].ptr].v
            w.mrg[j].cau = w.pool[w.mrg[j].src + w.mrg[j].ptr].c
            w.mrg[j].ptr += 1


@njit
def _quorum(w: Work, lists, nth):  # type: ignore[no-untyped-def]
    """Return the ``nth`` largest of the merged values, and its cause.

    Ties rank the latest failure first, so that the one that broke the quorum is the cause.
    """
    value = 1.0
    above = 0
    for j in range(lists):  # value with fewer than nth strictly larger, at least nth not smaller
        larger = 0
        equal = 0
        for i in range(lists):
            if w.mrg[i].val > w.mrg[j].val + EPS:
                larger += 1
            elif w.mrg[i].val >= w.mrg[j].val - EPS:
                equal += 1
        if larger < nth <= larger + equal:
            value = w.mrg[j].val
            above = larger
            break
    cause = -1
    for j in range(lists):  # the (nth - above)-th of the ties, latest failure first
        if abs(w.mrg[j].val - value) > EPS:
            continue
        later = 0
        equal = 0
        for i in range(lists):
            if abs(w.mrg[i].val - value) <= EPS:
                if w.mrg[i].cau > w.mrg[j].cau:
                    later += 1
                elif w.mrg[i].cau == w.mrg[j].cau:
                    equal += 1
        if later < nth - above <= later + equal:
            cause = w.mrg[j].cau
            break
    return value, cause


@njit
def _service(g: Graph, w: Work, group, lists, at):  # type: ignore[no-untyped-def]
    """Write what the group serves (before any reserve) at ``at``; return the end, -1 for no room.

    The lists of its touched members are set up in ``mrg``, weights included.
    """
    room = at + 2
    for j in range(lists):
        room += w.mrg[j].len
        w.mrg[j].ptr = 0
        w.mrg[j].val = 1.0
        w.mrg[j].cau = -1
    if room > w.pool.shape[0]:
        return -1
    members = g.group[group].member_end - g.group[group].member
    nth = np.int64(g.group[group].k) - (members - lists)
    end = at
    while True:
        t = _next_time(w, lists)
        if t == np.inf:
            return end
        _advance(w, lists, t)
        if g.group[group].mode == PROPORTIONAL:
            short = 0.0
            most = 0.0
            cause = -1
            for j in range(lists):
                gap = w.mrg[j].weight * (1.0 - w.mrg[j].val)
                short += gap
                if w.mrg[j].cau >= 0 and (cause < 0 or gap > most + EPS
                                      or (gap >= most - EPS and w.mrg[j].cau < cause)):
                    most = gap
                    cause = w.mrg[j].cau
            value = min(1.0, (g.group[group].weight_sum - short) / g.group[group].k)
        else:
            value, cause = _quorum(w, lists, nth)
        end = _append(w, at, end, t, max(0.0, value), cause)


@njit
def _reserve(g: Graph, w: Work, group, first, length, at):  # type: ignore[no-untyped-def]
    """Write the service with the group's reserve spent and refilled; return the end.

    The reserve is in full-load hours: it drains at (1 - s) an hour while the group is short and
    counts as full service until it is empty; it refills only while s = 1.
    """
    if at + 2 * length + 2 > w.pool.shape[0]:
        return -1
    full = g.group[group].ride_h
    level = full
    end = at
    for i in range(first, first + length):
        t = w.pool[i].t
        s = w.pool[i].v
        last = i + 1 == first + length
        until = np.inf if last else w.pool[i + 1].t
        hours = until - t
        if s >= 1.0 - EPS:
            end = _append(w, at, end, t, 1.0, -1)
            if g.group[group].recharge_h == 0.0:
                level = full
            elif not last:
                level = min(full, level + hours * full / g.group[group].recharge_h)
            continue
        lasts = level / (1.0 - s)
        if lasts >= hours:
            end = _append(w, at, end, t, 1.0, -1)
            level -= hours * (1.0 - s)
        else:
            if lasts > 0.0:
                end = _append(w, at, end, t, 1.0, -1)
            end = _append(w, at, end, min(t + lasts, until), s, w.pool[i].c)
            level = 0.0
    return end


@njit
def _cap_list(g: Graph, w: Work, group, at):  # type: ignore[no-untyped-def]
    """Return (start, length, end of pool) of the cap that a group sets; end -1 for no room."""
    m0 = g.group[group].member
    if g.group[group].mode == SIMPLE:
        member = g.member[m0].node
        return w.node[member].off, w.node[member].len, at
    lists = 0
    for m in range(m0, g.group[group].member_end):
        member = g.member[m].node
        if w.node[member].len > 0:
            w.mrg[lists].src = w.node[member].off
            w.mrg[lists].len = w.node[member].len
            w.mrg[lists].weight = g.member[m].weight
            lists += 1
    members = g.group[group].member_end - m0
    if lists == 0 or (g.group[group].mode == QUORUM and members - lists >= g.group[group].k):
        return at, 0, at  # enough members are untouched
    first = at
    end = _service(g, w, group, lists, at)
    if end > first and g.group[group].ride_h > 0.0:
        second = end
        end = _reserve(g, w, group, first, second - first, second)
        first = second
    if end < 0:
        return at, 0, -1
    share = g.group[group].share
    if share < 1.0:
        for i in range(first, end):
            w.pool[i].v = 1.0 - share * (1.0 - w.pool[i].v)
    return first, end - first, end


@njit
def _node_list(g: Graph, w: Work, node, at):  # type: ignore[no-untyped-def]
    """Return (start, length, end of pool) of a node's availability; end -1 for no room."""
    own_first = at
    own_len = 0
    end = at
    if w.node[node].head >= 0:
        end = _own_list(w, node, at)
        if end < 0:
            return at, 0, -1
        own_len = end - at
    lists = 0
    if own_len > 0:
        w.held[0].first = own_first
        w.held[0].len = own_len
        lists = 1
    for group in range(g.node[node].group, g.node[node].group_end):
        first, length, after = _cap_list(g, w, group, end)
        if after < 0:
            return at, 0, -1
        end = after
        if length > 0:
            w.held[lists].first = first
            w.held[lists].len = length
            lists += 1
    if lists == 0:
        return at, 0, end
    if lists == 1:
        return w.held[0].first, w.held[0].len, end
    room = end + 2
    for j in range(lists):
        w.mrg[j].src = w.held[j].first
        w.mrg[j].len = w.held[j].len
        w.mrg[j].ptr = 0
        w.mrg[j].val = 1.0
        w.mrg[j].cau = -1
        room += w.mrg[j].len
    if room > w.pool.shape[0]:
        return at, 0, -1
    first = end
    while True:
        t = _next_time(w, lists)
        if t == np.inf:
            return first, end - first, end
        _advance(w, lists, t)
        value = w.mrg[0].val
        for j in range(1, lists):
            value = min(value, w.mrg[j].val)
        cause = -1
        for j in range(lists):
            c = w.mrg[j].cau
            if w.mrg[j].val <= value + EPS and c >= 0 and (cause < 0 or c < cause):
                cause = c
        end = _append(w, first, end, t, value, cause)


@njit
def _same_list(w: Work, a, length, b, other):  # type: ignore[no-untyped-def]
    """Say whether two lists are the same function to 1e-12."""
    if length != other:
        return False
    for i in range(length):
        if w.pool[a + i].t != w.pool[b + i].t or abs(w.pool[a + i].v - w.pool[b + i].v) > EPS:
            return False
    return True


@njit
def _settle(g: Graph, w: Work, first, last, at):  # type: ignore[no-untyped-def]
    """Solve the nodes of one cycle: (status, end of pool).

    Start from everything up and sweep until nothing moves: the smallest outages consistent with
    the rows, because every rule is monotone.
    """
    for node in range(first, last):
        w.node[node].len = 0
    end = at
    for _ in range(SWEEPS):
        moved = False
        for node in range(first, last):
            start, length, after = _node_list(g, w, node, end)
            if after < 0:
                return GROW_POOL, at
            if _same_list(w, start, length, w.node[node].off, w.node[node].len):
                continue
            w.node[node].off = start
            w.node[node].len = length
            end = after
            moved = True
        if not moved:
            return OK, end
    return NOT_SETTLED, end


@njit
def cascade(g: Graph, w: Work):  # type: ignore[no-untyped-def]
    """Give every touched node its availability list: (status, number of touched nodes)."""
    touched = 0
    end = np.int64(0)
    words = w.dirty.shape[0]
    one = np.uint64(1)
    word = 0
    while word < words:
        bits = w.dirty[word]
        if bits == np.uint64(0):
            word += 1
            continue
        low = bits & (~bits + one)
        node = word * 64
        if low >= np.uint64(1) << np.uint64(32):
            node += 32
            low >>= np.uint64(32)
        while low > one:
            low >>= one
            node += 1
        last = g.node[node].comp_end
        begin = node
        if g.node[node].cyclic != 0:
            while begin > 0 and g.node[begin - 1].comp_end == last:
                begin -= 1
            status, end = _settle(g, w, begin, last, end)
            if status != OK:
                return status, touched
        else:
            start, length, after = _node_list(g, w, node, end)
            if after < 0:
                return GROW_POOL, touched
            end = after
            w.node[node].off = start
            w.node[node].len = length
        for n in range(begin, last):
            w.dirty[n >> 6] &= ~(one << np.uint64(n & 63))
            if w.node[n].len == 0:
                continue
            w.touched[touched] = n
            touched += 1
            for i in range(g.node[n].needer, g.node[n].needer_end):
                who = g.needer[i]
                if who >= last:
                    w.dirty[who >> 6] |= one << np.uint64(who & 63)
    return OK, touched


@njit
def forget(w: Work, touched, n_out):  # type: ignore[no-untyped-def]
    """Clear what the year left on the nodes."""
    for i in range(touched):
        w.node[w.touched[i]].len = 0
    for i in range(n_out):
        w.node[w.out[i].node].head = -1
