"""One block of years, start to end: draw, sort, cascade, value, write rows."""

from __future__ import annotations

from typing import Any

from riskmodel.engine.kernel.cascade import cascade, forget
from riskmodel.engine.kernel.draws import draw_year, take_given
from riskmodel.engine.kernel.jit import jit
from riskmodel.engine.kernel.layout import (
    GROW_COURSES,
    GROW_ROWS,
    OK,
    Catalogue,
    Given,
    Graph,
    Rows,
    Work,
)
from riskmodel.engine.kernel.order import sort_outages
from riskmodel.engine.kernel.value import clear_values, shortfall, sum_cells, value_sites


@jit()
def _write_losses(g: Graph, w: Work, rows: Rows, year, cells, n_seen, n_labs, low_h, high_h):
    """Write the year's rows of the tables years, causes and events; False where room ran out."""
    shift = w.shift[0]
    mask = (1 << shift) - 1
    n_y = rows.count[0]
    n_c = rows.count[1]
    n_e = rows.count[2]
    size = rows.years.shape[0]
    if n_y + n_labs > size or n_c + cells > size or n_e + n_seen > size:
        return False
    for i in range(n_labs):
        lab = w.lab_list[i]
        rows.years[n_y].year = year
        rows.years[n_y].lab = lab
        rows.years[n_y].lost = w.lab[lab].loss
        short, _, _ = shortfall(
            g.lab, w.lab, w.spell, g.hold, w.node, w.pool, w.lab_next, w.list_mw, w.sort_t,
            w.sort_d, w.sort_i, w.sort_j, w.sort_k, lab, low_h, high_h)
        rows.years[n_y].short = short
        rows.years[n_y].event = w.lab[lab].event
        n_y += 1
    for i in range(n_seen):
        event = w.seen[i]
        rows.events[n_e + i].year = year
        rows.events[n_e + i].peril = w.ev[event].peril
        rows.events[n_e + i].region = w.ev[event].region
        rows.events[n_e + i].no = w.ev[event].no
        rows.events[n_e + i].row = w.ev[event].row
        rows.events[n_e + i].campaign = w.ev[event].campaign
        rows.events[n_e + i].start = w.ev[event].start
    for i in range(cells):
        key = w.loss_key[i]
        out = key >> shift
        rows.causes[n_c + i].event = n_e + w.ev[w.out[out].event].out
        rows.causes[n_c + i].lab = key & mask
        rows.causes[n_c + i].node = w.out[out].node
        rows.causes[n_c + i].lost = w.loss[key]
    rows.count[0] = n_y
    rows.count[1] = n_c + cells
    rows.count[2] = n_e + n_seen
    return True


@jit()
def _write_adequacy(g: Graph, w: Work, rows: Rows, year, n_labs, low_h, high_h):
    """Write the year's rows of the table adequacy; False where room ran out."""
    n_a = rows.count[3]
    if n_a + n_labs > rows.adequacy.shape[0]:
        return False
    for i in range(n_labs):
        lab = w.lab_list[i]
        short, hours, days = shortfall(
            g.lab, w.lab, w.spell, g.hold, w.node, w.pool, w.lab_next, w.list_mw, w.sort_t,
            w.sort_d, w.sort_i, w.sort_j, w.sort_k, lab, low_h, high_h)
        if hours > 0.0:
            rows.adequacy[n_a].year = year
            rows.adequacy[n_a].lab = lab
            rows.adequacy[n_a].short = short
            rows.adequacy[n_a].hours = hours
            rows.adequacy[n_a].days = days
            n_a += 1
    rows.count[3] = n_a
    return True


@jit()
def _write_courses(g: Graph, w: Work, rows: Rows, year, touched, low_h, high_h):
    """Write what every held node was missing, and when; False where room ran out."""
    n = rows.count[8]
    for k in range(touched):
        node = w.touched[k]
        if g.node[node].hold == g.node[node].hold_end:
            continue
        first = w.node[node].off
        length = w.node[node].len
        if n + length > rows.courses.shape[0]:
            return False
        open_row = -1  # pieces of one depth and different causes are one
        for i in range(first, first + length - 1):
            gap = 1.0 - w.pool[i].v
            start = max(w.pool[i].t, low_h)
            end = min(w.pool[i + 1].t, high_h)
            if gap <= 0.0 or end <= start:
                open_row = -1
                continue
            if open_row >= 0 and rows.courses[open_row].lost == gap:
                rows.courses[open_row].end = end
                continue
            open_row = n
            rows.courses[n].year = year
            rows.courses[n].node = node
            rows.courses[n].start = start
            rows.courses[n].end = end
            rows.courses[n].lost = gap
            n += 1
    rows.count[8] = n
    return True


@jit()
def _block(g: Graph, cat: Catalogue, given: Given, w: Work, rows: Rows, first, years, stride,
           segments, horizon_h, cap_h, low_h, high_h, losses, adequacy, courses, keep):
    """Run ``years`` trials from ``first`` on, each ``stride`` after the last.

    With ``keep`` the scratch is left as the last of them made it.
    """
    for index in range(years):
        year = first + index * stride
        status, n_ev, n_drawn = draw_year(cat, w, year, segments, horizon_h, cap_h)
        if status != OK:
            return status
        status, n_ev, n_out = take_given(given, w, index, n_ev, n_drawn)
        if status != OK:
            return status
        sort_outages(g, w, n_drawn, n_out)
        status, touched = cascade(g, w)
        if status != OK:
            return status
        cells, n_labs, n_event, n_seen = 0, 0, 0, 0
        if losses or adequacy or keep:
            cells, n_labs = value_sites(g, w, touched, low_h, high_h)
        if losses and cells > 0:
            n_event, n_seen = sum_cells(w, cells)
            if not _write_losses(g, w, rows, year, cells, n_seen, n_labs, low_h, high_h):
                return GROW_ROWS
        if adequacy and not _write_adequacy(g, w, rows, year, n_labs, low_h, high_h):
            return GROW_ROWS
        if courses and not _write_courses(g, w, rows, year, touched, low_h, high_h):
            return GROW_COURSES
        if keep and index + 1 == years:
            rows.count[4] = n_ev
            rows.count[5] = n_out
            rows.count[6] = touched
            rows.count[7] = cells
            return OK
        clear_values(w, cells, n_event, n_seen, n_labs)
        forget(w, touched, n_out)
    return OK


def build(cache: bool, stamp: int) -> Any:
    """Return the entry point (see ``kernel.entry``)."""

    @jit(nogil=True, cache=cache)
    def run_block(g, cat, given, w, rows, first, years, stride, segments, horizon_h, cap_h,
                  low_h, high_h, losses, adequacy, courses, keep):
        if stamp == 0:
            return -1
        return _block(g, cat, given, w, rows, first, years, stride, segments, horizon_h, cap_h,
                      low_h, high_h, losses, adequacy, courses, keep)

    return run_block
