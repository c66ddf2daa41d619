"""Arrivals of many nodes, thinned as they are drawn: none is written down but those that stay."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from riskmodel.engine.kernel.jit import jit
from riskmodel.engine.streams import LOW, M0, M1, W0, W1

_32, _20, _12 = np.uint64(32), np.uint64(20), np.uint64(12)


@jit()
def _uniforms(x0, x1, x2, x3, u, count, key0, key1):
    """Turn the counters into uniforms, as ``kernel.uniforms`` does."""
    for i in range(count):
        c0, c1, c2, c3 = x0[i], x1[i], x2[i], x3[i]
        k0, k1 = key0, key1
        for _ in range(10):
            p0 = M0 * c0
            p1 = M1 * c2
            c0 = (p1 >> _32) ^ c1 ^ k0
            c1 = p1 & LOW
            c2 = (p0 >> _32) ^ c3 ^ k1
            c3 = p0 & LOW
            k0 = (k0 + W0) & LOW
            k1 = (k1 + W1) & LOW
        x0[i] = c0
        x1[i] = c1
    for i in range(count):
        u[i] = (np.float64(np.int64((x0[i] << _20) | (x1[i] >> _12))) + 0.5) * 2.220446049250313e-16


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


def build(cache: bool) -> Any:
    """Return the function, compiled at its first call or read from numba's cache."""

    @njit(nogil=True, cache=cache, error_model="numpy", _nrt=False)
    def thin(found, spans, idents, reached, edges, below, rates, count0, count1, mark0, mark1,
             word, u, place):
        """Fill ``found`` with span, node, arrival and kind of each arrival that stays.

        ``word`` (4, n), ``u`` (n) and ``place`` (3, n) are scratch. Returns how many stay, or -1
        where ``found`` is too small.
        """
        x0, x1, x2, x3 = word[0], word[1], word[2], word[3]
        room, nodes, steps = u.shape[0], idents.shape[0], reached.shape[0]
        kept, waiting = 0, 0
        half = room // 2  # of the scratch: counts of nodes before, arrivals behind
        for span in range(spans.shape[0]):
            for first in range(0, nodes, half):
                count = min(half, nodes - first)
                for i in range(count):
                    x0[i] = spans[span]
                    x1[i] = np.uint64(0)
                    x2[i] = idents[first + i] & LOW
                    x3[i] = idents[first + i] >> _32
                _uniforms(x0, x1, x2, x3, u, count, count0, count1)
                for i in range(count):
                    number = 0
                    while number < steps and u[i] > reached[number]:
                        if half + waiting == room:
                            for j in range(waiting):
                                x0[half + j] = spans[place[0, j]]
                                x1[half + j] = np.uint64(place[2, j])
                                ident = idents[place[1, j]]
                                x2[half + j] = ident & LOW
                                x3[half + j] = ident >> _32
                            _uniforms(x0[half:], x1[half:], x2[half:], x3[half:], u[half:],
                                      waiting, mark0, mark1)
                            kept = _keep(found, kept, place, u[half:], waiting, edges, below,
                                         rates)
                            if kept < 0:
                                return -1
                            waiting = 0
                        place[0, waiting] = span
                        place[1, waiting] = first + i
                        place[2, waiting] = number
                        waiting += 1
                        number += 1
        for j in range(waiting):
            x0[j] = spans[place[0, j]]
            x1[j] = np.uint64(place[2, j])
            x2[j] = idents[place[1, j]] & LOW
            x3[j] = idents[place[1, j]] >> _32
        _uniforms(x0, x1, x2, x3, u, waiting, mark0, mark1)
        return _keep(found, kept, place, u, waiting, edges, below, rates)

    return thin
