"""Shades of a table of losses: none, then one more for each power of ten of MW-days."""

from __future__ import annotations

from riskmodel.report.numbers import number

#: lower bounds of the shades, MW-days; below the first a cell has none
SHADES = (1.0, 10.0, 100.0, 1_000.0, 10_000.0, 100_000.0)


def shade(lost: float) -> int:
    """Return the shade of a cell: 0 for none, then one more for each power of ten."""
    return sum(lost >= bound for bound in SHADES)


def bounds() -> list[str]:
    """Return the shades' lower bounds as text, for a legend."""
    return [number(bound) for bound in SHADES]
