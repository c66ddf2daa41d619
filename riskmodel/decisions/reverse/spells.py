"""Spells: how long a portfolio goes without a break missing at least so much."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmodel.measures.labcourse import LabCourse

    Floats = NDArray[np.float64]

#: a level or a length that is reached but for rounding is reached
_ROUNDING = 1e-9


def spells(course: LabCourse, level_mw: float | Floats
           ) -> tuple[NDArray[np.int64], Floats, Floats]:
    """Return (year, start_h, end_h) of the spells with ``level_mw`` or more missing throughout.

    ``level_mw`` is one number, or one for each year.
    """
    level = np.broadcast_to(level_mw, (course.n_years,))[course.year]
    enough = course.lost_mw >= level * (1 - _ROUNDING)
    year, start, end = course.year[enough], course.start_h[enough], course.end_h[enough]
    if not len(year):
        return year, start, end
    apart = (year[1:] != year[:-1]) | (start[1:] > end[:-1] + _ROUNDING * np.abs(end[:-1]))
    first = np.flatnonzero(np.concatenate([[True], apart]))
    last = np.append(first[1:], len(year)) - 1
    return year[first], start[first], end[last]


def longest_h(course: LabCourse, level_mw: float | Floats) -> Floats:
    """Return hours of the longest spell of each year, 0 where there is none; shape (n_years,)."""
    year, start, end = spells(course, level_mw)
    found = np.zeros(course.n_years)
    np.maximum.at(found, year, end - start)
    return found


def is_held(course: LabCourse, level_mw: float, hours: float) -> NDArray[np.bool_]:
    """Say of each year whether a spell of ``level_mw`` lasts ``hours``; shape (n_years,)."""
    return longest_h(course, level_mw) >= hours * (1 - _ROUNDING)


def held_by_h(course: LabCourse, level_mw: float, hours: float) -> Floats:
    """Return the hour by which ``level_mw`` has been missing for ``hours`` without a break.

    Shape (n_years,); infinite where it never has.
    """
    year, start, end = spells(course, level_mw)
    long = end - start >= hours * (1 - _ROUNDING)
    found = np.full(course.n_years, np.inf)
    np.minimum.at(found, year[long], start[long] + hours)
    return found


def most_held_mw(course: LabCourse, hours: float) -> Floats:
    """Return the most MW missing for ``hours`` without a break in each year, shape (n_years,)."""
    from dataclasses import replace

    found = np.zeros(course.n_years)
    edges = np.searchsorted(course.year, np.arange(course.n_years + 1))
    for year in np.unique(course.year):
        part = slice(edges[year], edges[year + 1])
        mine = replace(course, year=np.zeros(part.stop - part.start, np.int64),
                       start_h=course.start_h[part], end_h=course.end_h[part],
                       lost_mw=course.lost_mw[part], n_years=1)
        levels = np.unique(mine.lost_mw)
        low, high = -1, len(levels)  # the last level that is held lies in [low, high)
        while high - low > 1:
            middle = (low + high) // 2
            if is_held(mine, levels[middle], hours)[0]:
                low = middle
            else:
                high = middle
        found[year] = levels[low] if low >= 0 else 0.0
    return found
