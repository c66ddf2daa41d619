"""Text from data made harmless where it is shown: no formula, no control of the terminal.

The tables of a world keep what was given. What leaves for a spreadsheet or a terminal passes here.
"""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import pandas as pd

from riskmodel.world.columns import NUMBER
from riskmodel.world.unseen import UNSEEN

#: characters that make a spreadsheet take a cell for a formula, wide forms included
_FORMULA = re.compile(r"[=+\-@\t\r＝＋－＠]")


def visible(text: str, keep: str = "\n") -> str:
    """Return text with control characters and marks of direction written out.

    ``keep`` are control characters that stay. Text without any is returned as it is.

    Examples
    --------
    >>> visible("a\\x1b[31mb")
    'a\\\\x1b[31mb'
    """
    return UNSEEN.sub(lambda c: c[0] if c[0] in keep else _written(c[0]), text)


def json_text(text: str) -> str:
    """Return a JSON document with what could steer a terminal written as JSON's own escapes."""
    return UNSEEN.sub(lambda c: c[0] if c[0] == "\n" else json.dumps(c[0])[1:-1]
                      if ord(c[0]) > 0xffff else f"\\u{ord(c[0]):04x}", text)


def _written(c: str) -> str:
    code = ord(c)
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code <= 0xffff else (
        f"\\U{code:08x}")


def csv_cell(value: Any) -> str:
    """Return a value as a cell that no spreadsheet takes for a formula.

    Numbers stay as they are; text that begins like a formula gets a ``'`` before it, as
    spreadsheets mark text; line ends become blanks.

    Examples
    --------
    >>> csv_cell("=1+1"), csv_cell("-98.9"), csv_cell(-98.9)
    ("'=1+1", '-98.9', '-98.9')
    """
    if value is None or value is pd.NA or value is pd.NaT:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return "" if math.isnan(value) else repr(float(value))
    if isinstance(value, int):
        return str(int(value))
    text = str(value)
    if _FORMULA.match(text.lstrip(" \n\u00a0")[:1]) and not NUMBER.fullmatch(text.strip()):
        text = "'" + text
    return visible(re.sub(r"[\r\n]+", " ", text), keep="\t")


def write_csv(path: Path, frame: pd.DataFrame, *, mark: bool = False) -> None:
    """Write a frame as CSV that is safe to open in a spreadsheet; whole, never half written.

    Columns of numbers are written as they are, all others cell by cell through ``csv_cell``.
    ``mark`` puts a byte-order mark first, by which Excel knows UTF-8.
    """
    out = pd.DataFrame(index=frame.index)
    for position, name in enumerate(frame.columns):
        column = frame.iloc[:, position]
        if column.dtype.kind not in "biuf":
            column = pd.Series([csv_cell(_bare(value)) for value in column.tolist()],
                               index=frame.index, dtype=object)
        out.insert(position, csv_cell(str(name)), column, allow_duplicates=True)
    partial = path.with_name(f".{path.name}.partial")
    out.to_csv(partial, index=False, lineterminator="\n",
               encoding="utf-8-sig" if mark else "utf-8")
    partial.replace(path)


def _bare(value: Any) -> Any:
    """Return numpy's scalars as Python's own."""
    return value.item() if hasattr(value, "item") else value
