"""A row of a linear programme with a name that a reader understands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from riskmodel.errors import RiskModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Row:
    """``coefficients @ mw <= limit``; with ``at_least``, ``>= limit``.

    Parameters
    ----------
    name : in words that stand alone: "at most 40 % in ERCOT"
    coefficients : one for each candidate, per MW there
    unit : of the limit
    whole : what 100 % is, in ``unit``, where the limit stands for a share; NaN where it does not
    already : what counts in that share and is not split (the lab's MW there today)
    place : what the row is about, for sentences ("ERCOT"); empty where there is nothing to name
    note : what a reader must know of it where it clashes ("2 of those beyond may lie within")
    """

    name: str
    coefficients: Floats
    limit: float
    at_least: bool = False
    unit: str = "MW"
    whole: float = float("nan")
    already: float = 0.0
    place: str = ""
    note: str = ""

    @property
    def remark(self) -> str:
        """Return the note, and what is there already, in brackets; or nothing."""
        there = f"{self.already:,.0f} {self.unit} are there already" if self.already > 0 else ""
        said = "; ".join(part for part in (there, self.note) if part)
        return f" ({said})" if said else ""

    def used(self, mw: Floats) -> float:
        """Return ``coefficients @ mw``."""
        return float(self.coefficients @ mw)


def check_rows(rows: Sequence[Row], count: int) -> None:
    """Refuse rows that do not fit ``count`` candidates, are not finite, or share a name."""
    names: set[str] = set()
    for row in rows:
        if np.shape(row.coefficients) != (count,):
            raise RiskModelError(f"the row {row.name!r} has {np.size(row.coefficients)} "
                                 f"coefficients for {count} candidates; give one for each")
        if not np.isfinite(row.coefficients).all() or not np.isfinite(row.limit):
            raise RiskModelError(f"the row {row.name!r} holds a number that is not finite; give "
                                 "numbers, or leave the row out")
        if row.name in names:
            raise RiskModelError(f"two rows are called {row.name!r}; give one of them another name")
        names.add(row.name)


def stacked(rows: Sequence[Row], count: int, mw: float) -> tuple[csr_array, Floats, Floats]:
    """Return ``(A, b, scale)`` of all rows as ``A x <= b`` in shares of ``mw``.

    Each row is divided by its ``scale``, so that the solver's tolerance means the same for all.
    """
    from scipy.sparse import csr_array

    matrix = np.zeros((len(rows), count))
    limits, scale = np.zeros(len(rows)), np.ones(len(rows))
    for i, row in enumerate(rows):
        sign = -1.0 if row.at_least else 1.0
        matrix[i], limits[i] = sign * mw * row.coefficients, sign * row.limit
        scale[i] = max(float(np.abs(matrix[i]).max(initial=0.0)), 1e-300)
        if scale[i] <= 1e-300:
            scale[i] = max(abs(row.limit), 1.0)
    return csr_array(matrix / scale[:, None]), limits / scale, scale
