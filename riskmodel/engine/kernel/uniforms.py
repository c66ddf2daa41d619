"""Many keyed uniforms at a time, compiled: the same bits as ``engine.streams`` in numpy."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from riskmodel.engine.streams import LOW, M0, M1, W0, W1

_32, _20, _12 = np.uint64(32), np.uint64(20), np.uint64(12)


def build(cache: bool) -> Any:
    """Return the function, compiled at its first call or read from numba's cache."""

    @njit(nogil=True, cache=cache, error_model="numpy", _nrt=False)
    def fill(out, rows, columns, year, year_row, year_column, event, event_row, event_column,
             ident, ident_row, ident_column, key0, key1, word):
        """Fill ``out`` (rows x columns); a label's steps say how it runs along either.

        ``word`` is scratch, shape (4, n): n counters are worked on at a time, in a loop without a
        branch, so that the compiler takes several at once.
        """
        x0, x1, x2, x3 = word[0], word[1], word[2], word[3]
        for row in range(rows):
            for first in range(0, columns, x0.shape[0]):
                count = min(x0.shape[0], columns - first)
                for i in range(count):
                    column = first + i
                    x0[i] = year[row * year_row + column * year_column]
                    x1[i] = event[row * event_row + column * event_column]
                    entity = ident[row * ident_row + column * ident_column]
                    x2[i] = entity & LOW
                    x3[i] = entity >> _32
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
                base = row * columns + first
                for i in range(count):
                    bits = np.int64((x0[i] << _20) | (x1[i] >> _12))
                    out[base + i] = (np.float64(bits) + 0.5) * 2.220446049250313e-16

    return fill
