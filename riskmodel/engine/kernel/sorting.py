"""A stable sort of positions by key, small and quick to compile."""

from __future__ import annotations

from riskmodel.engine.kernel.jit import jit

FEW = 48


@jit()
def sort_positions(key, order, spare, seen, count):
    """Fill ``order[:count]`` with the positions 0 to count - 1 by rising key, stably.

    A few are inserted, beside a copy of their keys in ``seen``; many are merged, from runs of 16.
    """
    if count <= FEW:
        for i in range(count):
            this = key[i]
            j = i
            while j > 0 and seen[j - 1] > this:
                seen[j] = seen[j - 1]
                order[j] = order[j - 1]
                j -= 1
            seen[j] = this
            order[j] = i
        return
    for i in range(count):
        order[i] = i
    for begin in range(0, count, 16):
        for i in range(begin + 1, min(begin + 16, count)):
            item = order[i]
            j = i - 1
            while j >= begin and key[order[j]] > key[item]:
                order[j + 1] = order[j]
                j -= 1
            order[j + 1] = item
    width = 16
    while width < count:
        for begin in range(0, count, 2 * width):
            middle = min(begin + width, count)
            end = min(begin + 2 * width, count)
            i, j = begin, middle
            for k in range(begin, end):
                if i < middle and (j >= end or key[order[i]] <= key[order[j]]):
                    spare[k] = order[i]
                    i += 1
                else:
                    spare[k] = order[j]
                    j += 1
        for k in range(count):
            order[k] = spare[k]
        width *= 2
