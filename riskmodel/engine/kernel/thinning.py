"""Arrivals of many nodes, thinned as they are drawn: none is written down but those that stay."""

from __future__ import annotations

from typing import Any

import numpy as np

from riskmodel.engine.kernel.jit import jit
from riskmodel.engine.kernel.philox import put_counter, uniforms


@jit()
def _keep(found, kept, place, u, count, edges, below, rates):
    """Write the arrivals that stay after ``kept``: how many now, or -1 for want of room."""
    last = edges.shape[0] - 1
    for i in range(count):
        mark = u[i] * edges[last]
        kind = 0
        while kind < last and edges[kind] <= mark:
            kind += 1
        if mark - below[kind] < rates[kind]:
            if kept >= found.shape[1]:
                return -1
            found[0, kept] = place[0, i]
            found[1, kept] = place[1, i]
            found[2, kept] = place[2, i]
            found[3, kept] = kind
            kept += 1
    return kept


@jit()
def _settle(found, kept, spans, idents, place, waiting, word, at, u, edges, below, rates, k0, k1):
    """Draw the marks of the arrivals that wait, and write those that stay (see ``_keep``)."""
    for j in range(waiting):
        put_counter(word, at + j, spans[place[0, j]], np.uint64(place[2, j]), idents[place[1, j]])
    uniforms(word, at, waiting, k0, k1, u)
    return _keep(found, kept, place, u, waiting, edges, below, rates)


def build(cache: bool, stamp: int) -> Any:
    """Return the entry point (see ``kernel.entry``)."""

    @jit(nogil=True, cache=cache)
    def thin(found, spans, idents, reached, edges, below, rates, count0, count1, mark0, mark1,
             word, u, place):
        """Fill ``found`` with span, node, arrival and kind of each arrival that stays.

        ``word`` (4, n), ``u`` (n) and ``place`` (3, n) are scratch. Returns how many stay, or -1
        where ``found`` is too small.
        """
        if stamp == 0:
            return -1
        room, nodes, steps = u.shape[0], idents.shape[0], reached.shape[0]
        kept, waiting = 0, 0
        half = room // 2  # of the scratch: counts of nodes before, arrivals behind
        for span in range(spans.shape[0]):
            for first in range(0, nodes, half):
                count = min(half, nodes - first)
                for i in range(count):
                    put_counter(word, i, spans[span], np.uint64(0), idents[first + i])
                uniforms(word, 0, count, count0, count1, u)
                for i in range(count):
                    number = 0
                    while number < steps and u[i] > reached[number]:
                        if half + waiting == room:
                            kept = _settle(found, kept, spans, idents, place, waiting, word, half,
                                           u[half:], edges, below, rates, mark0, mark1)
                            if kept < 0:
                                return -1
                            waiting = 0
                        place[0, waiting] = span
                        place[1, waiting] = first + i
                        place[2, waiting] = number
                        waiting += 1
                        number += 1
        return _settle(found, kept, spans, idents, place, waiting, word, half, u[half:], edges,
                       below, rates, mark0, mark1)

    return thin
