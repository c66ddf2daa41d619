"""What a group of a requirement serves: quorum or proportional, its reserve, its share."""

from __future__ import annotations

import numpy as np

from riskmodel.engine.kernel.jit import jit
from riskmodel.engine.kernel.layout import PROPORTIONAL, QUORUM
from riskmodel.engine.kernel.lists import EPS, advance, apart, append, next_time


@jit()
def _quorum(mrg, lists, nth):
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


@jit()
def _service(pool, mrg, group, lists, at):
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
        t = next_time(pool, mrg, lists)
        if t == np.inf:
            return end
        advance(pool, mrg, lists, t)
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
        end = append(pool, at, end, t, max(0.0, value), cause)


@jit()
def _reserve(pool, group, first, length, at):
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
            end = append(pool, at, end, t, 1.0, -1)
            if group.recharge_h == 0.0:
                level = full
            elif not last:
                level = min(full, level + hours * full / group.recharge_h)
            continue
        lasts = level / (1.0 - s)
        if lasts >= hours:
            end = append(pool, at, end, t, 1.0, -1)
            level -= hours * (1.0 - s)
        else:
            if lasts > 0.0:
                end = append(pool, at, end, t, 1.0, -1)
            end = append(pool, at, end, min(t + lasts, until), s, pool[i].c)
            level = 0.0
    return end


@jit()
def cap_list(pool, mrg, state, groups, members, group, at):
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
    end = at
    nth = np.int64(groups[group].k) - (size - lists)
    if groups[group].mode == QUORUM and lists == 1:  # the one that is touched decides
        first, length = np.int64(mrg[0].src), np.int64(mrg[0].len)
    elif groups[group].mode == QUORUM and lists == 2 and nth == 1 and apart(
            pool, mrg[0].src, mrg[0].len, mrg[1].src, mrg[1].len):
        return at, 0, at  # never both at once
    else:
        end = _service(pool, mrg, groups[group], lists, at)
        if end < 0:
            return at, 0, -1
        first, length = at, end - at
    if length > 0 and groups[group].ride_h > 0.0:
        second = end
        end = _reserve(pool, groups[group], first, length, second)
        if end < 0:
            return at, 0, -1
        first, length = second, end - second
    share = groups[group].share
    if share < 1.0:
        if end + length > pool.shape[0]:
            return at, 0, -1
        for i in range(length):
            pool[end + i].t = pool[first + i].t
            pool[end + i].v = 1.0 - share * (1.0 - pool[first + i].v)
            pool[end + i].c = pool[first + i].c
        first = end
        end += length
    return first, length, end
