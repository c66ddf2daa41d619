"""Availability as a list of points (time, value, cause).

The value holds from its time to the next point; before the first point it is 1, and the last point
is a return to 1. The cause is the position of an own outage, -1 for none. Lists live in one pool.
"""

from __future__ import annotations

import numpy as np

from riskmodel.engine.kernel.jit import jit
from riskmodel.engine.kernel.sorting import sort_positions

EPS = 1e-12  # ties, and the rounding that must not spend a battery


@jit(forceinline=True)
def append(pool, first, end, t, v, c):
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


@jit()
def own_list(pool, state, out, part, sort_t, sort_i, sort_j, sort_k, node, at):
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
            end = append(pool, at, end, out[i].start, 1.0 - out[i].depth, i)
            end = append(pool, at, end, out[i].end, 1.0, -1)
            i = out[i].next
        return end
    i = state[node].head
    j = 0
    while i >= 0:
        sort_t[j] = out[i].start
        sort_t[j + 1] = out[i].end
        j += 2
        i = out[i].next
    sort_positions(sort_t, sort_i, sort_j, sort_k, 2 * count)
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
        end = append(pool, at, end, t, max(0.0, 1.0 - lost),
                      part[deepest].cause if deepest >= 0 else -1)
    return end


@jit(forceinline=True)
def next_time(pool, mrg, lists):
    """Return the next instant at which one of the merged lists changes."""
    t = np.inf
    for j in range(lists):
        if mrg[j].ptr < mrg[j].len:
            t = min(t, pool[mrg[j].src + mrg[j].ptr].t)
    return t


@jit(forceinline=True)
def advance(pool, mrg, lists, t):
    """Move every merged list to instant ``t``."""
    for j in range(lists):
        if mrg[j].ptr < mrg[j].len and pool[mrg[j].src + mrg[j].ptr].t == t:
            mrg[j].val = pool[mrg[j].src + mrg[j].ptr].v
            mrg[j].cau = pool[mrg[j].src + mrg[j].ptr].c
            mrg[j].ptr += 1


@jit(forceinline=True)
def apart(pool, first, length, second, other):
    """Say whether one list is back at 1 before the other begins, or when it does."""
    return ((pool[first + length - 1].t <= pool[second].t)
            | (pool[second + other - 1].t <= pool[first].t))


@jit()
def joined(pool, first, length, second, other, at):
    """Write two lists that do not overlap in time, one after the other, at ``at``; the end.

    -1 where they overlap.
    """
    if pool[first + length - 1].t > pool[second].t:
        if pool[second + other - 1].t > pool[first].t:
            return -1
        first, length, second, other = second, other, first, length
    end = at
    for i in range(first, first + length):
        end = append(pool, at, end, pool[i].t, pool[i].v, pool[i].c)
    for i in range(second, second + other):
        end = append(pool, at, end, pool[i].t, pool[i].v, pool[i].c)
    return end


@jit()
def lowest(pool, mrg, held, lists, at):
    """Write the lowest of the held lists at every time at ``at``; the end, -1 for no room."""
    room = at + 2
    for j in range(lists):
        room += held[j].len
    if room > pool.shape[0]:
        return -1
    if lists == 2:
        end = joined(pool, held[0].first, held[0].len, held[1].first, held[1].len, at)
        if end >= 0:
            return end
    for j in range(lists):
        mrg[j].src = held[j].first
        mrg[j].len = held[j].len
        mrg[j].ptr = 0
        mrg[j].val = 1.0
        mrg[j].cau = -1
    end = at
    while True:
        t = next_time(pool, mrg, lists)
        if t == np.inf:
            return end
        advance(pool, mrg, lists, t)
        value = mrg[0].val
        for j in range(1, lists):
            value = min(value, mrg[j].val)
        cause = -1
        for j in range(lists):
            c = mrg[j].cau
            if mrg[j].val <= value + EPS and c >= 0 and (cause < 0 or c < cause):
                cause = c
        end = append(pool, at, end, t, value, cause)


@jit()
def same_list(pool, a, length, b, other):
    """Say whether two lists have the same value at every time, to 1e-12, whatever the causes."""
    i = j = 0
    one = two = 1.0
    while i < length or j < other:
        t = np.inf
        if i < length:
            t = pool[a + i].t
        if j < other:
            t = min(t, pool[b + j].t)
        if i < length and pool[a + i].t == t:
            one = pool[a + i].v
            i += 1
        if j < other and pool[b + j].t == t:
            two = pool[b + j].v
            j += 1
        if abs(one - two) > EPS:
            return False
    return True
