"""Piecewise-constant functions of time, many at once: 0 outside of their steps, exact in time.

A function may be what one site was missing in one year; thousands of them are worked on together.
Nothing is put on a time grid: the breakpoints of a result are those of its inputs, shifted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False, repr=False)
class Steps:
    """Steps of many functions: ``row`` says of which, rows and times rising, none overlapping.

    All arrays have one element a step: int64 ``row``; ``start`` and ``end`` in hours; ``level``,
    above 0.
    """

    row: Ints
    start: Floats
    end: Floats
    level: Floats

    def __repr__(self) -> str:
        return f"Steps({len(self.row)} steps of {len(np.unique(self.row))} functions)"

    def integral(self, rows: int) -> Floats:
        """Return the integral over time of each function, shape (rows,)."""
        return np.bincount(self.row, weights=self.level * (self.end - self.start),
                           minlength=rows).astype(float)

    def between(self, low: float, high: float) -> Steps:
        """Return the functions cut off before ``low`` and after ``high``."""
        start, end = np.maximum(self.start, low), np.minimum(self.end, high)
        kept = end > start
        return Steps(self.row[kept], start[kept], end[kept], self.level[kept])

    def shifted(self, by: float) -> Steps:
        """Return the functions moved to later times."""
        return Steps(self.row, self.start + by, self.end + by, self.level)


@dataclass(frozen=True, eq=False, repr=False)
class Cells:
    """The cells that the ends of some spans cut each row into, and which span covers which cell.

    ``row, start, end`` have one element a cell; ``span`` and ``cell`` one a pair of them.
    """

    row: Ints
    start: Floats
    end: Floats
    span: Ints
    cell: Ints

    def steps(self, level: Floats) -> Steps:
        """Return the functions with these levels on the cells."""
        return joined(self.row, self.start, self.end, level)


def cells(row: Ints, start: Floats, end: Floats) -> Cells:
    """Cut rows at the starts and ends of spans, which may overlap."""
    rows, times = np.concatenate([row, row]), np.concatenate([start, end])
    order = np.lexsort((times, rows))
    rows, times = rows[order], times[order]
    new = np.ones(len(rows), bool)
    new[1:] = (rows[1:] != rows[:-1]) | (times[1:] != times[:-1])
    place = np.empty(len(rows), np.int64)
    place[order] = np.cumsum(new) - 1
    rows, times = rows[new], times[new]
    first, last = place[:len(row)], place[len(row):]
    # edge i opens cell i; the last edge of a row opens none, and no span reaches past it
    span = np.repeat(np.arange(len(row)), last - first)
    within = np.arange(len(span)) - np.repeat(np.cumsum(last - first) - (last - first),
                                              last - first)
    cell = first[span] + within
    closing = np.append(times[1:], np.inf)
    return Cells(rows, times, closing, span, cell)


def joined(row: Ints, start: Floats, end: Floats, level: Floats) -> Steps:
    """Return disjoint sorted pieces as steps: zeros dropped, equal neighbours joined."""
    kept = level > 0
    row, start, end, level = row[kept], start[kept], end[kept], level[kept]
    if not len(row):
        return Steps(row, start, end, level)
    fresh = np.ones(len(row), bool)
    fresh[1:] = (row[1:] != row[:-1]) | (start[1:] != end[:-1]) | (level[1:] != level[:-1])
    at = np.flatnonzero(fresh)
    return Steps(row[at], start[at], end[np.append(at[1:], len(row)) - 1], level[at])


def highest(row: Ints, start: Floats, end: Floats, level: Floats) -> Steps:
    """Return the highest of spans that may overlap, at every time."""
    kept = end > start
    row, start, end, level = row[kept], start[kept], end[kept], level[kept]
    cut = cells(row, start, end)
    top = np.zeros(len(cut.row))
    np.maximum.at(top, cut.cell, level[cut.span])
    return cut.steps(top)


def added(row: Ints, start: Floats, end: Floats, level: Floats) -> Steps:
    """Return the sum of spans that may overlap, at every time."""
    cut = cells(row, start, end)
    total = np.bincount(cut.cell, weights=level[cut.span], minlength=len(cut.row))
    return cut.steps(total.astype(float))


def widened(steps: Steps, before: float, after: float) -> Steps:
    """Return the highest level from ``after`` hours earlier to ``before`` hours later.

    A step then begins ``before`` hours sooner and ends ``after`` hours later.
    """
    return highest(steps.row, steps.start - before, steps.end + after, steps.level)


def sustained(steps: Steps, hours: float) -> Steps:
    """Return the lowest level of the ``hours`` that begin at each time."""
    if not len(steps.row) or hours <= 0:
        return steps
    fresh = np.ones(len(steps.row), bool)  # where a run of steps without a gap begins
    fresh[1:] = ((steps.row[1:] != steps.row[:-1]) | (steps.start[1:] != steps.end[:-1]))
    run = np.cumsum(fresh) - 1
    begins = steps.start[fresh]
    ends = steps.end[np.append(np.flatnonzero(fresh)[1:], len(fresh)) - 1]
    low, high = begins[run], ends[run] - hours
    start, end = np.maximum(steps.start - hours, low), np.minimum(steps.end, high)
    kept = (high > low) & (end > start)
    row = steps.row[kept]
    cut = cells(row, start[kept], end[kept])
    least = np.full(len(cut.row), np.inf)
    np.minimum.at(least, cut.cell, steps.level[kept][cut.span])
    return cut.steps(np.where(np.isfinite(least), least, 0.0))


def lasting(steps: Steps, hours: float) -> Steps:
    """Return the part of each level that lasts longer than ``hours`` without a break."""
    return widened(sustained(steps, hours), 0.0, hours) if hours > 0 else steps


def standing(steps: Steps, hours: float) -> Steps:
    """Return the part of each level that has lasted ``hours`` already, at every time."""
    return sustained(steps, hours).shifted(hours) if hours > 0 else steps


def combined(one: Steps, other: Steps, how: Callable[[Floats, Floats], Floats]) -> Steps:
    """Return ``how(one, other)`` at every time; it is 0 where both are 0, and never below 0."""
    cut = cells(np.concatenate([one.row, other.row]), np.concatenate([one.start, other.start]),
                np.concatenate([one.end, other.end]))
    own = cut.span < len(one.row)
    levels = np.zeros((2, len(cut.row)))
    levels[0, cut.cell[own]] = one.level[cut.span[own]]
    levels[1, cut.cell[~own]] = other.level[cut.span[~own] - len(one.row)]
    return cut.steps(np.maximum(how(levels[0], levels[1]), 0.0))
