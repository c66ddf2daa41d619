"""Many keyed uniforms at a time: the same bits as ``engine.outages.streams`` in numpy."""

from __future__ import annotations

from typing import Any

from riskmodel.engine.kernel.jit import jit
from riskmodel.engine.kernel.philox import put_counter, uniforms


def build(cache: bool, stamp: int) -> Any:
    """Return the entry point (see ``kernel.entry``)."""

    @jit(nogil=True, cache=cache)
    def fill(out, rows, columns, year, year_row, year_column, event, event_row, event_column,
             ident, ident_row, ident_column, key0, key1, word):
        """Fill ``out`` (rows x columns); a label's steps say how it runs along either.

        ``word`` is scratch, shape (4, n): n counters are worked on at a time.
        """
        if stamp == 0:
            return
        for row in range(rows):
            for first in range(0, columns, word.shape[1]):
                count = min(word.shape[1], columns - first)
                for i in range(count):
                    column = first + i
                    put_counter(word, i, year[row * year_row + column * year_column],
                                event[row * event_row + column * event_column],
                                ident[row * ident_row + column * ident_column])
                base = row * columns + first
                uniforms(word, 0, count, key0, key1, out[base:base + count])

    return fill
