"""Sort own outages by year, event and start, and write them as the kernel reads them."""

from __future__ import annotations

from typing import Any

from riskmodel.engine.kernel.jit import jit

#: rows that are sorted one by one before runs are merged
RUN = 8


@jit(forceinline=True)
def _before(row, one, two):
    """Say whether a row of one year comes before another."""
    if row[one].group != row[two].group:
        return row[one].group < row[two].group
    if row[one].event != row[two].event:
        return row[one].event < row[two].event
    if row[one].start != row[two].start:
        return row[one].start < row[two].start
    if row[one].rank != row[two].rank:
        return row[one].rank < row[two].rank
    if row[one].part_rank != row[two].part_rank:
        return row[one].part_rank < row[two].part_rank
    if row[one].depth != row[two].depth:
        return row[one].depth < row[two].depth
    return row[one].hours < row[two].hours


@jit()
def _by_year(row, off, order):
    """Count the rows of each year into place: ``off`` says where those of each begin."""
    years = off.shape[0] - 1
    for i in range(years + 1):
        off[i] = 0
    for i in range(row.shape[0]):
        off[row[i].index + 1] += 1
    for i in range(years):
        off[i + 1] += off[i]
    for i in range(row.shape[0]):
        order[off[row[i].index]] = i
        off[row[i].index] += 1
    for i in range(years, 0, -1):
        off[i] = off[i - 1]
    off[0] = 0


@jit()
def _sort_year(row, order, spare, first, last):
    """Sort ``order[first:last]``: runs by insertion, then merged; most are in order already."""
    for begin in range(first, last, RUN):
        for i in range(begin + 1, min(begin + RUN, last)):
            item = order[i]
            j = i - 1
            while j >= begin and _before(row, item, order[j]):
                order[j + 1] = order[j]
                j -= 1
            order[j + 1] = item
    width = RUN
    while width < last - first:
        for begin in range(first, last, 2 * width):
            middle, end = min(begin + width, last), min(begin + 2 * width, last)
            i, j = begin, middle
            for k in range(begin, end):
                if i < middle and (j >= end or not _before(row, order[j], order[i])):
                    spare[k] = order[i]
                    i += 1
                else:
                    spare[k] = order[j]
                    j += 1
        for k in range(first, last):
            order[k] = spare[k]
        width *= 2


def build(cache: bool, stamp: int) -> tuple[Any, Any]:
    """Return the entry points ``sort`` and ``write`` (see ``kernel.entry``)."""

    @jit(nogil=True, cache=cache)
    def sort(row, off, order, spare):
        """Fill ``order`` with the rows of each year in turn, sorted; ``off``: where each begins."""
        if stamp == 0:
            return
        _by_year(row, off, order)
        for year in range(off.shape[0] - 1):
            _sort_year(row, order, spare, off[year], off[year + 1])

    @jit(nogil=True, cache=cache)
    def write(row, off, order, most, cap_h, event_off, event, out_off, out):
        """Write events and own outages of segments below ``most``: how many of each.

        Outages of nodes outside the world, and those without depth or duration, are left out; their
        events stay.
        """
        events, outs = 0, 0
        if stamp == 0:
            return events, outs
        for year in range(off.shape[0] - 1):
            event_off[year], out_off[year] = events, outs
            group, number = -1, 0
            for k in range(off[year], off[year + 1]):
                i = order[k]
                if row[i].segment >= most:
                    continue
                if row[i].group != group or row[i].event != number:
                    group, number = row[i].group, row[i].event
                    event[events].peril = row[i].peril
                    event[events].no = number
                    event[events].region = row[i].region
                    event[events].campaign = row[i].campaign
                    event[events].start = row[i].event_start
                    event[events].row = -1
                    events += 1
                if (row[i].node >= 0 and row[i].hours > 0.0 and row[i].depth > 0.0
                        and row[i].start >= -cap_h):
                    out[outs].event = events - 1 - event_off[year]
                    out[outs].node = row[i].node
                    out[outs].part = row[i].part
                    out[outs].start = row[i].start
                    out[outs].end = row[i].start + min(row[i].hours, cap_h)
                    out[outs].depth = row[i].depth
                    outs += 1
        event_off[off.shape[0] - 1], out_off[off.shape[0] - 1] = events, outs
        return events, outs

    return sort, write
