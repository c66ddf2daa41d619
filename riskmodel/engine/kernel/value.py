"""From availability to loss: MW-hours by cause and lab, and what falls below a lab's need."""

from __future__ import annotations

import math

import numpy as np

from riskmodel.engine.kernel.jit import jit
from riskmodel.engine.kernel.layout import SPELLS, Graph, Work
from riskmodel.engine.kernel.sorting import sort_positions


@jit(forceinline=True)
def _spell(t):
    """Return which stretch of a year an hour falls in; the first and the last are open."""
    return np.int64(min(max(t * (SPELLS / 8760.0), 0.0), SPELLS - 1.0))


@jit()
def value_sites(g: Graph, w: Work, touched, low_h, high_h):
    """Value every touched site between two instants: (number of loss cells, number of labs).

    A cell is (own outage, lab); the same cells feed year losses, event losses and contributions,
    so that these add up.
    """
    cells = 0
    n_labs = 0
    for k in range(touched):
        node = w.touched[k]
        h0 = g.node[node].hold
        h1 = g.node[node].hold_end
        if h0 == h1:
            continue
        first = w.node[node].off
        length = w.node[node].len
        peak = 0.0
        for i in range(first, first + length - 1):
            gap = 1.0 - w.pool[i].v
            if gap <= 0.0:
                continue
            hours = min(w.pool[i + 1].t, high_h) - max(w.pool[i].t, low_h)
            if hours <= 0.0:
                continue
            peak = max(peak, gap)
            base = np.int64(w.pool[i].c) << w.shift[0]
            for h in range(h0, h1):
                key = base + g.hold[h].lab
                before = w.loss[key]
                w.loss_key[cells] = key
                cells += np.int64(before == 0.0)
                w.loss[key] = before + g.hold[h].mw * gap * hours
        if peak == 0.0:
            continue
        begins = _spell(w.pool[first].t)
        ends = _spell(w.pool[first + length - 1].t)
        for h in range(h0, h1):
            lab = g.hold[h].lab
            w.lab_list[n_labs] = lab
            n_labs += np.int64(w.lab[lab].sites == 0)
            w.lab[lab].sites += 1
            w.lab[lab].peak += g.hold[h].mw * peak
            for spell in range(SPELLS * lab + begins, SPELLS * lab + ends + 1):
                w.spell[spell] += g.hold[h].mw * peak
            w.lab_next[h] = w.lab[lab].first
            w.lab[lab].first = h
    return cells, n_labs


@jit()
def sum_cells(w: Work, cells):
    """Add the cells up by lab, and by event and lab: (number of event cells, events with one)."""
    shift = w.shift[0]
    mask = (1 << shift) - 1
    n_event = 0
    n_seen = 0
    for i in range(cells):
        key = w.loss_key[i]
        lab = key & mask
        w.lab[lab].loss += w.loss[key]
        event = np.int64(w.out[key >> shift].event)
        before = w.ev[event].out
        w.seen[n_seen] = event
        w.ev[event].out = n_seen if before < 0 else before
        n_seen += np.int64(before < 0)
        cell = (event << shift) + lab
        total = w.by_event[cell]
        w.event_key[n_event] = cell
        n_event += np.int64(total == 0.0)
        w.by_event[cell] = total + w.loss[key]
    for i in range(n_event):
        cell = w.event_key[i]
        lab = cell & mask
        w.lab[lab].event = max(w.lab[lab].event, w.by_event[cell])
    return n_event, n_seen


@jit()
def shortfall(labs, tally, spells, hold, state, pool, lab_next, list_mw, sort_t, sort_d, sort_i,
              sort_j, sort_k, lab, low_h, high_h):
    """Return (MW-h, hours, calendar days touched) by which a lab falls below its need."""
    slack = labs[lab].slack_mw
    tol = 1e-9 * (slack + labs[lab].needed_mw)
    if tally[lab].peak <= slack + tol:
        return 0.0, 0.0, 0
    most = 0.0  # if all that are out at some time of a stretch were out at once
    for spell in range(SPELLS * lab, SPELLS * lab + SPELLS):
        most = max(most, spells[spell])
    if most <= slack + tol:
        return 0.0, 0.0, 0
    lists = 0  # sites that share a list are one
    h = tally[lab].first
    while h >= 0:
        off = state[hold[h].node].off
        sort_j[lists] = hold[h].node
        lists += np.int64(list_mw[off] == 0.0)
        list_mw[off] += hold[h].mw
        h = lab_next[h]
    count = 0
    for k in range(lists):
        node = sort_j[k]
        off = state[node].off
        before = 1.0
        for i in range(off, off + state[node].len):
            sort_t[count] = pool[i].t
            sort_d[count] = (before - pool[i].v) * list_mw[off]
            before = pool[i].v
            count += 1
        list_mw[off] = 0.0
    sort_positions(sort_t, sort_i, sort_j, sort_k, count)
    lost = 0.0
    total = 0.0
    hours = 0.0
    days = 0
    counted = -9007199254740992.0
    for k in range(count):
        i = sort_i[k]
        lost += sort_d[i]
        if k + 1 == count:
            break
        over = lost - slack
        if over <= tol:
            continue
        start = max(sort_t[i], low_h)
        stop = min(sort_t[sort_i[k + 1]], high_h)
        if stop <= start:
            continue
        total += over * (stop - start)
        hours += stop - start
        day = max(math.floor(start / 24.0 + 1e-12), counted + 1.0)
        final = math.ceil(stop / 24.0 - 1e-12) - 1.0
        if final >= day:
            days += np.int64(final - day) + 1
            counted = final
    return total, hours, days


@jit()
def clear_values(w: Work, cells, n_event, n_seen, n_labs):
    """Clear what the valuation of the year left behind."""
    for i in range(n_seen):
        w.ev[w.seen[i]].out = -1
    for i in range(cells):
        w.loss[w.loss_key[i]] = 0.0
    for i in range(n_event):
        w.by_event[w.event_key[i]] = 0.0
    for i in range(n_labs):
        lab = w.lab_list[i]
        w.lab[lab].loss = 0.0
        w.lab[lab].peak = 0.0
        w.lab[lab].event = 0.0
        w.lab[lab].sites = 0
        w.lab[lab].first = -1
        for spell in range(SPELLS * lab, SPELLS * lab + SPELLS):
            w.spell[spell] = 0.0
