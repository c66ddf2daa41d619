"""Draws of one year: how many events, which, when, what they hit and for how long."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from riskmodel.engine.kernel.layout import (
    EXPONENTIAL,
    FIXED,
    GROW_EVENTS,
    GROW_OUTAGES,
    LOGNORMAL,
    OK,
    Catalogue,
    Given,
    Graph,
    Work,
)
from riskmodel.engine.kernel.sorting import sort_positions

_M0 = np.uint64(0xD2511F53)
_M1 = np.uint64(0xCD9E8D57)
_W0 = np.uint64(0x9E3779B9)
_W1 = np.uint64(0xBB67AE85)
_LOW = np.uint64(0xFFFFFFFF)
_32 = np.uint64(32)
_20 = np.uint64(20)
_12 = np.uint64(12)


@njit(forceinline=True)
def philox(c0, c1, c2, c3, k0, k1):  # type: ignore[no-untyped-def]
    """Ten rounds of Philox4x32 on 32-bit words held in uint64 (see ``engine.streams``)."""
    for _ in range(10):
        p0 = _M0 * c0
        p1 = _M1 * c2
        c0 = (p1 >> _32) ^ c1 ^ k0
        c1 = p1 & _LOW
        c2 = (p0 >> _32) ^ c3 ^ k1
        c3 = p0 & _LOW
        k0 = (k0 + _W0) & _LOW
        k1 = (k1 + _W1) & _LOW
    return c0, c1, c2, c3


@njit(forceinline=True)
def uniform52(high, low):  # type: ignore[no-untyped-def]
    """Return a uniform strictly inside (0, 1) from two 32-bit words."""
    return (np.float64((high << _20) | (low >> _12)) + 0.5) * 2.220446049250313e-16


@njit
def normal_quantile(p):  # type: ignore[no-untyped-def]
    """Inverse of the standard normal distribution (Wichura 1988, algorithm AS 241, PPND16)."""
    q = p - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        return q * (((((((2509.0809287301226727 * r + 33430.575583588128105) * r
                         + 67265.770927008700853) * r + 45921.953931549871457) * r
                       + 13731.693765509461125) * r + 1971.5909503065514427) * r
                     + 133.14166789178437745) * r + 3.387132872796366608) / (
            ((((((5226.495278852545925 * r + 28729.085735721942674) * r
                 + 39307.89580009271061) * r + 21213.794301586595867) * r
               + 5394.1960214247511077) * r + 687.1870074920579083) * r
             + 42.313330701600911252) * r + 1.0)
    r = math.sqrt(-math.log(p if q < 0.0 else 1.0 - p))
    if r <= 5.0:
        r -= 1.6
        value = (((((((7.7454501427834140764e-4 * r + 0.0227238449892691845833) * r
                      + 0.24178072517745061177) * r + 1.27045825245236838258) * r
                    + 3.64784832476320460504) * r + 5.7694972214606914055) * r
                  + 4.6303378461565452959) * r + 1.42343711074968357734) / (
            ((((((1.05075007164441684324e-9 * r + 5.475938084995344946e-4) * r
                 + 0.0151986665636164571966) * r + 0.14810397642748007459) * r
               + 0.68976733498510000455) * r + 1.6763848301838038494) * r
             + 2.05319162663775882187) * r + 1.0)
    else:
        r -= 5.0
        value = (((((((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r
                      + 0.0012426609473880784386) * r + 0.026532189526576123093) * r
                    + 0.29656057182850489123) * r + 1.7848265399172913358) * r
                  + 5.4637849111641143699) * r + 6.6579046435011037772) / (
            ((((((2.04426310338993978564e-15 * r + 1.4215117583164458887e-7) * r
                 + 1.8463183175100546818e-5) * r + 7.868691311456132591e-4) * r
               + 0.0148753612908506148525) * r + 0.13692988092273580531) * r
             + 0.59983220655588793769) * r + 1.0)
    return -value if q < 0.0 else value


@njit(forceinline=True)
def duration(dist, scale, shape, u):  # type: ignore[no-untyped-def]
    """Return the duration in hours at probability ``u`` (see the table ``events``)."""
    if dist == FIXED:
        return scale
    if dist == EXPONENTIAL:
        return -scale * math.log(u)
    if dist == LOGNORMAL:
        return scale * math.exp(shape * normal_quantile(u))
    return scale * (-math.log(u)) ** (1.0 / shape)


@njit
def draw_year(cat: Catalogue, w: Work, year, segments, horizon_h, cap_h):  # type: ignore[no-untyped-def]
    """Draw the compiled events of one trial into the raw arrays: (status, events, outages).

    Segment 0 is the year itself, segment s the s-th year before it (calendar booking's warm-up).
    """
    n_ev = 0
    n_out = 0
    y = np.uint64(year)
    zero = np.uint64(0)
    for seg in range(segments):
        for p in range(cat.peril.shape[0]):
            key = cat.key[seg, p]
            peril = cat.peril[p]
            w0, w1, _, _ = philox(y, zero, zero, zero, key[0], key[1])
            u = uniform52(w0, w1)
            lo = peril.count
            arrivals = 0
            while lo + arrivals < peril.count_end and u > cat.count_cdf[lo + arrivals]:
                arrivals += 1
            for number in range(arrivals):
                w0, w1, w2, w3 = philox(y, np.uint64(number), zero, zero, key[2], key[3])
                if w3 >= peril.thin:
                    continue
                start = (np.float64(w0) + 0.5) * 2.3283064365386963e-10 * horizon_h
                start -= seg * horizon_h
                if start < -cap_h:
                    continue
                pick = uniform52(w1, w2)
                e = cat.guide[peril.guide + np.int64(pick * peril.slices)]
                while cat.event_cum[e] <= pick:
                    e += 1
                if n_ev >= w.ev.shape[0]:
                    return GROW_EVENTS, 0, 0
                w.ev[n_ev].peril = peril.position
                w.ev[n_ev].no = number
                w.ev[n_ev].region = cat.event[e].region
                w.ev[n_ev].row = e
                w.ev[n_ev].campaign = -1
                w.ev[n_ev].start = start
                for r in range(cat.event[e].row, cat.event[e].row_end):
                    ident = cat.row[r].ident
                    w0, _, w2, w3 = philox(y, np.uint64(number), ident & _LOW, ident >> _32,
                                           key[4], key[5])
                    if w0 >= cat.row[r].below:
                        continue
                    group = cat.effect[r].group
                    if group != zero:
                        w2, w3, _, _ = philox(y, np.uint64(number), group & _LOW, group >> _32,
                                              key[6], key[7])
                    hours = duration(cat.effect[r].dist, cat.effect[r].scale, cat.effect[r].shape,
                                     uniform52(w2, w3))
                    if hours <= 0.0:
                        continue
                    if n_out >= w.raw.shape[0]:
                        return GROW_OUTAGES, 0, 0
                    w.raw[n_out].event = n_ev
                    w.raw[n_out].node = cat.row[r].node
                    w.raw[n_out].part = cat.effect[r].part
                    w.raw[n_out].start = start
                    w.raw[n_out].end = start + min(hours, cap_h)
                    w.raw[n_out].depth = cat.effect[r].depth
                    n_out += 1
                n_ev += 1
    return OK, n_ev, n_out


@njit
def take_given(given: Given, w: Work, index, n_ev, n_out):  # type: ignore[no-untyped-def]
    """Add the given events and outages of one year of the block: (status, events, outages)."""
    first = n_ev
    count = given.event_off[index + 1] - given.event_off[index]
    if n_ev + count > w.ev.shape[0]:
        return GROW_EVENTS, 0, 0
    if n_out + given.out_off[index + 1] - given.out_off[index] > w.raw.shape[0]:
        return GROW_OUTAGES, 0, 0
    for i in range(given.event_off[index], given.event_off[index + 1]):
        w.ev[n_ev].peril = given.event[i].peril
        w.ev[n_ev].no = given.event[i].no
        w.ev[n_ev].region = given.event[i].region
        w.ev[n_ev].row = -1
        w.ev[n_ev].campaign = given.event[i].campaign
        w.ev[n_ev].start = given.event[i].start
        n_ev += 1
    for i in range(given.out_off[index], given.out_off[index + 1]):
        w.raw[n_out].event = first + given.out[i].event
        w.raw[n_out].node = given.out[i].node
        w.raw[n_out].part = given.out[i].part
        w.raw[n_out].start = given.out[i].start
        w.raw[n_out].end = given.out[i].end
        w.raw[n_out].depth = given.out[i].depth
        n_out += 1
    return OK, n_ev, n_out


@njit(forceinline=True)
def _earlier(raw, nodes, a, b):  # type: ignore[no-untyped-def]
    """Say whether raw outage ``a`` comes before ``b``: by start, event order, node id."""
    if raw[a].start != raw[b].start:
        return raw[a].start < raw[b].start
    if raw[a].event != raw[b].event:
        return raw[a].event < raw[b].event
    na, nb = raw[a].node, raw[b].node
    if na != nb:
        return nodes[na].rank < nodes[nb].rank
    return a < b


@njit
def sort_outages(g: Graph, w: Work, n_out):  # type: ignore[no-untyped-def]
    """Sort the raw outages into the year's order of failure and chain them by node."""
    raw, out, state, nodes, dirty = w.raw, w.out, w.node, g.node, w.dirty
    order, sort_t = w.sort_i, w.sort_t
    for i in range(n_out):
        order[i] = i
        sort_t[i] = raw[i].start
    sort_positions(sort_t, order, w.sort_j, n_out)
    for i in range(1, n_out):  # equal starts: by event, then node id
        item = order[i]
        j = i - 1
        while j >= 0 and _earlier(raw, nodes, item, order[j]):
            order[j + 1] = order[j]
            j -= 1
        order[j + 1] = item
    for i in range(n_out):
        r = order[i]
        node = raw[r].node
        out[i].event = raw[r].event
        out[i].node = node
        out[i].part = raw[r].part
        out[i].start = raw[r].start
        out[i].end = raw[r].end
        out[i].depth = raw[r].depth
        out[i].next = -1
        if state[node].head < 0:
            state[node].head = i
            dirty[node >> 6] |= np.uint64(1) << np.uint64(node & 63)
        else:
            out[state[node].tail].next = i
        state[node].tail = i
