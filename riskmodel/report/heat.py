"""Shades of a table of losses: none, then one more for each power of ten of MW-days."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskmodel.measures.yeartable import TOTAL
from riskmodel.report.names import UNKNOWN_LAB
from riskmodel.report.numbers import number

if TYPE_CHECKING:
    import pandas as pd

#: lower bounds of the shades, MW-days; below the first a cell has none
SHADES = (1.0, 10.0, 100.0, 1_000.0, 10_000.0, 100_000.0)


def shade(lost: float) -> int:
    """Return the shade of a cell: 0 for none, then one more for each power of ten."""
    return sum(lost >= bound for bound in SHADES)


def bounds() -> list[str]:
    """Return the shades' lower bounds as text, for a legend."""
    return [number(bound) for bound in SHADES]


def labs_in_order(table: pd.DataFrame) -> list[str]:
    """Return the labs that hold something in a table of stories, worst first, unknown last."""
    held = table[(table["lab"] != TOTAL) & (table["capacity_mw"] > 0)]
    sums = held.groupby("lab")["lost_mw_days"].sum()
    return sorted(sums.index, key=lambda lab: (lab == UNKNOWN_LAB, -sums[lab], lab))
