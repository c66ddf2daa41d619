"""How a check says what it found: the file and the lines of the rows it points to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmodel.errors import Problem
from riskmodel.world.tables import TABLES

if TYPE_CHECKING:
    from riskmodel.world.world import World


def where(world: World, table: str) -> str:
    """Return how a message calls a table: its file, or its name in memory."""
    return TABLES[table].file if table in world.lines else table


def lines(world: World, table: str, positions: Iterable[int]) -> tuple[int, ...]:
    """Return line numbers of rows by position; a row the reader added itself has none."""
    known = world.lines.get(table)
    if known is None:
        return tuple(sorted(int(i) for i in positions))
    return tuple(sorted(known[int(i)] for i in positions if int(i) < len(known)))


def problem(world: World, check: str, level: str, table: str, mask: Any, message: str,
            mend: str) -> Problem:
    """Return a problem that points to the rows of ``table`` where ``mask`` holds."""
    return Problem(check, level, where(world, table), message, mend,
                   lines(world, table, np.flatnonzero(np.asarray(mask, dtype=bool))))


def readable(world: World, table: str, *columns: str) -> bool:
    """Tell whether a table and these columns of it were read, so that a check can rely on them."""
    return table not in world.unreadable and not any(
        f"{table}.{column}" in world.unreadable for column in columns)


def number(value: float) -> str:
    """Return a number as a message shows it."""
    return f"{value:,.6g}" if abs(value) < 1e6 else f"{value:,.0f}"


def which_combination(frame: pd.DataFrame, columns: Iterable[str]) -> np.ndarray:
    """Return a number for each row: the same for rows that agree in all of the columns.

    Numbers run from 0 without a gap. A large table is compared without a tuple for every row.
    """
    number = np.zeros(len(frame), np.int64)
    for column in columns:
        codes, distinct = pd.factorize(frame[column], use_na_sentinel=False)
        number, _ = pd.factorize(number * (len(distinct) + 1) + codes)
    return number
