"""What an importer hands on: cells as text with the row each stands on, and what it cannot take."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import pandas as pd


@dataclass(frozen=True)
class BadRow:
    """A row that cannot be taken: where it stands, why not, and what to do about it."""

    row: int
    message: str
    mend: str

    def __str__(self) -> str:
        return f"row {self.row}: {self.message}\n    mend: {self.mend}"


@dataclass
class Incoming:
    """A file of sites as it was read, before anything in it is believed.

    ``frame`` holds text only, under the file's own column names; ``rows`` says on which row of the
    file each stands, as a spreadsheet counts (the header is 1).
    """

    frame: pd.DataFrame
    rows: list[int]
    form: str
    notes: list[str] = field(default_factory=list)
    #: column of the world -> column of the file, known from the form; guesses fill the rest
    known: dict[str, str] = field(default_factory=dict)
    credits: list[str] = field(default_factory=list)
    licence: str = "as its source says"
    source: str = ""
    #: rows the form itself cannot read
    bad: list[BadRow] = field(default_factory=list)
    decimal_comma: bool = False
    #: columns that the form took apart itself, and that need not be kept beside the world
    used: set[str] = field(default_factory=set)


def cell_text(value: object) -> str:
    """Return a cell as text: nothing as "", days as ISO dates, whole numbers without a point."""
    if value is None or value is pd.NA or value is pd.NaT or value != value:
        return ""
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value).strip()
