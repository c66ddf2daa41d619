"""What a table of a world is: columns with their kind, unit, meaning, bounds and references."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

Kind = Literal["text", "number", "integer", "date", "flag"]

#: what pandas keeps for each kind of column; dates stay ISO 8601 text, as they are in the files
_DTYPES = {"text": "object", "number": "float64", "integer": "Int64", "date": "object",
           "flag": "boolean"}


@dataclass(frozen=True)
class Column:
    """One column: its name, kind, unit, meaning and the values it may take."""

    name: str
    kind: Kind
    meaning: str
    unit: str = ""
    required: bool = False  # the column must be there and no cell of it empty
    low: float | None = None  # inclusive
    high: float | None = None  # inclusive
    above: float | None = None  # exclusive lower bound
    values: tuple[str, ...] = ()  # the only words allowed, where not empty
    default: object = None  # what an absent column or empty cell means, where that is defined
    foreign: str = ""  # "table.column" that must hold the value
    soft: bool = False  # out-of-list or unknown foreign values warn instead of raising


@dataclass(frozen=True)
class Table:
    """One table: its file, its columns and what makes a row unique."""

    name: str
    meaning: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    required: bool = False  # a world folder must hold the file
    file: str = field(default="")

    def __post_init__(self) -> None:
        if not self.file:
            object.__setattr__(self, "file", f"{self.name}.csv")

    def column(self, name: str) -> Column:
        """Return the definition of one column."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns, in file order."""
        return tuple(column.name for column in self.columns)

    def empty(self) -> pd.DataFrame:
        """Return a frame with every column of the table and no row."""
        return pd.DataFrame({c.name: pd.Series(dtype=_DTYPES[c.kind]) for c in self.columns})
