"""Draws of one year: how many events, which, when, what they hit and for how long."""

from __future__ import annotations

import math

import numpy as np

from riskmodel.engine.kernel.jit import jit
from riskmodel.engine.kernel.layout import (
    EXPONENTIAL,
    FIXED,
    GROW_EVENTS,
    GROW_OUTAGES,
    LOGNORMAL,
    OK,
    Catalogue,
    Given,
    Work,
)
from riskmodel.engine.kernel.philox import philox, uniform52
from riskmodel.engine.outages.streams import LOW

_32 = np.uint64(32)
_20 = np.uint64(20)
_12 = np.uint64(12)
CENTRAL = 0.425  # how far from 1/2 the first rational function of AS 241 reaches


@jit()
def philox_many(year, event, ident, count, k0, k1, w: Work):
    """Fill word0 to word3 for the first ``count`` counters (year, event, ident).

    A loop without a branch: the compiler works on several counters at a time.
    """
    v0, v1, v2, v3 = w.word0, w.word1, w.word2, w.word3
    for i in range(count):
        v0[i], v1[i], v2[i], v3[i] = philox(year, event[i] & LOW, ident[i] & LOW,
                                            ident[i] >> _32, k0, k1)


@jit(forceinline=True)
def central_quantile(q):
    """Inverse of the standard normal distribution at 1/2 + ``q``, |q| <= .425 (see below)."""
    r = 0.180625 - q * q
    return q * (((((((2509.0809287301226727 * r + 33430.575583588128105) * r
                     + 67265.770927008700853) * r + 45921.953931549871457) * r
                   + 13731.693765509461125) * r + 1971.5909503065514427) * r
                 + 133.14166789178437745) * r + 3.387132872796366608) / (
        ((((((5226.495278852545925 * r + 28729.085735721942674) * r
             + 39307.89580009271061) * r + 21213.794301586595867) * r
           + 5394.1960214247511077) * r + 687.1870074920579083) * r
         + 42.313330701600911252) * r + 1.0)


@jit()
def normal_quantile(p):
    """Inverse of the standard normal distribution (Wichura 1988, algorithm AS 241, PPND16)."""
    q = p - 0.5
    if abs(q) <= CENTRAL:
        return central_quantile(q)
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


@jit()
def central_many(u, z, count):
    """Fill ``z`` as if every one of ``u`` were central: no branch, several at a time."""
    for i in range(count):
        z[i] = central_quantile(u[i] - 0.5)


@jit(forceinline=True)
def duration(dist, scale, shape, u):
    """Return the duration in hours at probability ``u`` (see the table ``events``)."""
    if dist == FIXED:
        return scale
    if dist == EXPONENTIAL:
        return -scale * math.log(u)
    if dist == LOGNORMAL:
        return scale * math.exp(shape * normal_quantile(u))
    return scale * (-math.log(u)) ** (1.0 / shape)


@jit()
def draw_year(cat: Catalogue, w: Work, year, segments, horizon_h, cap_h):
    """Draw the compiled events of one trial into the raw arrays: (status, events, outages).

    Segment 0 is the year itself, segment s the s-th year before it (calendar booking's warm-up).
    Draws come first and branch on nothing, so that the processor can work on several at once; what
    is costly is done for the hits only.
    """
    raw, ev = w.raw, w.ev
    c2, c3, v0, v1, v2, v3 = w.word_event, w.word_id, w.word0, w.word1, w.word2, w.word3
    of_event, of_row, kind, marked = w.sort_i, w.sort_j, w.sort_i, w.sort_j
    chances, normals = w.sort_t, w.sort_d
    perils, events, row, effect = cat.peril, cat.event, cat.row, cat.effect
    y = np.uint64(year)
    zero = np.uint64(0)
    n_ev = 0
    n_out = 0
    for seg in range(segments):
        for p in range(perils.shape[0]):
            k0, k1 = cat.key[seg, p, 0], cat.key[seg, p, 1]
            w0, w1, _, _ = philox(y, zero, zero, zero, k0, k1)
            u = uniform52(w0, w1)
            lo, hi = perils[p].count, perils[p].count_end
            arrivals = 0
            while lo + arrivals < hi and u > cat.count_cdf[lo + arrivals]:
                arrivals += 1
            if n_ev + arrivals >= ev.shape[0]:
                return GROW_EVENTS, 0, 0
            if arrivals >= raw.shape[0]:  # the words of the arrivals are kept in its room
                return GROW_OUTAGES, 0, 0
            k0, k1 = cat.key[seg, p, 2], cat.key[seg, p, 3]
            thin, first = perils[p].thin, n_ev
            for number in range(arrivals):
                c2[number], c3[number] = np.uint64(number), zero
            philox_many(y, c2, c3, arrivals, k0, k1, w)
            for number in range(arrivals):
                start = (np.float64(v0[number]) + 0.5) * 2.3283064365386963e-10 * horizon_h
                start -= seg * horizon_h
                ev[n_ev].no = number
                ev[n_ev].start = start
                ev[n_ev].campaign = np.int64((v1[number] << _20) | (v2[number] >> _12))
                n_ev += np.int64(v3[number] < thin) & np.int64(start >= -cap_h)
            for i in range(first, n_ev):
                pick = (np.float64(ev[i].campaign) + 0.5) * 2.220446049250313e-16
                pick *= perils[p].events  # Walker's alias method: a slot, then one of its two
                slot = np.int64(pick)
                e = perils[p].event + slot
                other = np.int64(events[e].alias)
                e = e if pick - slot < events[e].keep else other
                ev[i].peril = perils[p].position
                ev[i].region = events[e].region
                ev[i].row = e
                ev[i].campaign = -1
            k0, k1 = cat.key[seg, p, 4], cat.key[seg, p, 5]
            begin = n_out
            rows = 0
            for i in range(first, n_ev):
                r0 = np.int64(events[ev[i].row].row)
                many = np.int64(events[ev[i].row].rows)
                if n_out + rows + many + 4 >= raw.shape[0]:
                    return GROW_OUTAGES, 0, 0
                ordinal = np.uint64(ev[i].no)
                for at in range(0, many, 4):  # four, wanted or not: few loops of unforeseen length
                    for j in range(rows + at, rows + at + 4):
                        c2[j], of_event[j], of_row[j] = ordinal, i, r0 + j - rows
                rows += many
            for i in range(rows):
                c3[i] = row[of_row[i]].ident
            philox_many(y, c2, c3, rows, k0, k1, w)
            for i in range(rows):
                r = of_row[i]
                raw[n_out].event = of_event[i]
                raw[n_out].next = r
                raw[n_out].part = np.int64((v2[i] << _20) | (v3[i] >> _12))
                n_out += np.int64(v0[i] <= row[r].below)
            k0, k1 = cat.key[seg, p, 6], cat.key[seg, p, 7]
            hits = n_out
            n_out = begin
            for i in range(begin, hits):  # fetch first: the waits for memory overlap
                r = raw[i].next
                raw[i].node = row[r].node
                raw[i].start = effect[r].scale
                raw[i].end = effect[r].shape
                raw[i].depth = effect[r].depth
                special = np.int64(effect[r].special)
                bits = raw[i].part
                if special >= 0 and cat.special[special].group != zero:
                    group = cat.special[special].group
                    w0, w1, _, _ = philox(y, np.uint64(ev[raw[i].event].no), group & LOW,
                                          group >> _32, k0, k1)
                    bits = np.int64((w0 << _20) | (w1 >> _12))
                chances[i - begin] = (np.float64(bits) + 0.5) * 2.220446049250313e-16
                kind[i - begin], marked[i - begin] = effect[r].dist, special
            central_many(chances, normals, hits - begin)
            for i in range(begin, hits):
                e = raw[i].event
                chance, dist = chances[i - begin], kind[i - begin]
                if dist == LOGNORMAL:
                    x = normals[i - begin]
                    if abs(chance - 0.5) > CENTRAL:
                        x = normal_quantile(chance)
                    hours = raw[i].start * math.exp(raw[i].end * x)
                else:
                    hours = duration(dist, raw[i].start, raw[i].end, chance)
                special = marked[i - begin]
                start = ev[e].start
                raw[n_out].event = e
                raw[n_out].node = raw[i].node
                raw[n_out].part = cat.special[special].part if special >= 0 else 0
                raw[n_out].start = start
                raw[n_out].end = start + min(hours, cap_h)
                raw[n_out].depth = raw[i].depth
                n_out += np.int64(hours > 0.0)
    return OK, n_ev, n_out


@jit()
def take_given(given: Given, w: Work, index, n_ev, n_out):
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
