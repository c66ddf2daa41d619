"""A spreadsheet of sites as text: CSV with its separator found out, or a workbook."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pandas as pd

from riskmodel.errors import RiskModelError
from riskmodel.exchange.incoming import Incoming, cell_text

#: separators of text tables, the likeliest first
_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
WORKBOOKS = (".xlsx", ".xlsm")


def read_spreadsheet(path: Path, sheet: str | None = None) -> Incoming:
    """Read a CSV file or a workbook; every cell is text, empty where nothing stands.

    Raises
    ------
    RiskModelError
        The file cannot be read, holds no header or no row, or openpyxl is missing.
    """
    if path.suffix.lower() in WORKBOOKS:
        return _workbook(path, sheet)
    return _text_table(path)


def _text_table(path: Path) -> Incoming:
    text, notes = _decoded(path)
    first = next((line for line in text.splitlines() if line.strip()), "")
    if not first:
        raise RiskModelError(f"{path.name} is empty; give a table with a header line")
    sign = max(_SEPARATORS, key=lambda s: (first.count(s), s == ","))
    if sign != ",":
        notes.append(f"cells are separated by {_SEPARATORS[sign]}")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=sign)
    header: list[str] = []
    cells: list[list[str]] = []
    rows: list[int] = []
    start = 0
    try:
        for row in reader:
            line, start = start + 1, reader.line_num
            if not any(cell.strip() for cell in row):
                continue
            if not header:
                header = [cell.strip() for cell in row]
                continue
            if len(row) > len(header) and any(cell.strip() for cell in row[len(header):]):
                raise RiskModelError(
                    f"{path.name}, row {line}: {len(row)} cells under {len(header)} columns; put "
                    "text that holds a separator in double quotes")
            cells.append((row + [""] * len(header))[:len(header)])
            rows.append(line)
    except csv.Error as error:
        raise RiskModelError(f"{path.name}, row {reader.line_num}: {error}; look for a stray "
                             "quote on or before this row") from None
    return _incoming(path, header, cells, rows, notes, decimal_comma=sign == ";")


def _decoded(path: Path) -> tuple[str, list[str]]:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise RiskModelError(f"{path}: {error.strerror}; check that it exists and that you may "
                             "read it") from None
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", "replace"), ["the file is UTF-16"]
    if raw.startswith(b"PK\x03\x04"):
        raise RiskModelError(f"{path.name} is a workbook under another name; rename it to "
                             f"{path.stem}.xlsx")
    try:
        return raw.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace"), [
            "the file is not UTF-8; it was read as Windows-1252: look at names with accents"]


def _workbook(path: Path, sheet: str | None) -> Incoming:
    try:
        import openpyxl
    except ImportError:
        raise RiskModelError(
            f"{path.name} is a workbook, and the package openpyxl that reads it is not installed; "
            "`pip install 'riskmodel[excel]'`, or save the sheet as CSV UTF-8") from None
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except Exception as error:  # zip, xml and openpyxl's own errors
        raise RiskModelError(f"{path.name} cannot be read as a workbook: {error}; save it again "
                             "as .xlsx, or as CSV UTF-8") from None
    names = book.sheetnames
    if sheet is not None and sheet not in names:
        raise RiskModelError(f"{path.name} has no sheet '{sheet}'; it has {', '.join(names)}")
    chosen = sheet or names[0]
    header: list[str] = []
    cells: list[list[str]] = []
    rows: list[int] = []
    for number, values in enumerate(book[chosen].iter_rows(values_only=True), start=1):
        row = [cell_text(value) for value in values]
        if not any(row):
            continue
        if not header:
            header = row
            continue
        cells.append((row + [""] * len(header))[:len(header)])
        rows.append(number)
    book.close()
    notes = [f"sheet '{chosen}' of {len(names)}" + ("" if sheet or len(names) == 1 else
             f" (others: {', '.join(names[1:])}; choose with --layer)")]
    return _incoming(path, header, cells, rows, notes)


def _incoming(path: Path, header: list[str], cells: list[list[str]], rows: list[int],
              notes: list[str], *, decimal_comma: bool = False) -> Incoming:
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        raise RiskModelError(f"{path.name} names the column{'s' if len(twice) > 1 else ''} "
                             f"{', '.join(twice)} more than once; give each its own name")
    if not cells:
        raise RiskModelError(f"{path.name} has a header and no row; give one row for each site")
    names = [name or f"column {i}" for i, name in enumerate(header, start=1)]
    frame = pd.DataFrame(cells, columns=names, dtype=object)
    blank = [name for name, given in zip(names, header, strict=True)
             if not given and not frame[name].str.strip().any()]
    frame = frame.drop(columns=blank).map(str.strip)
    return Incoming(frame, rows, "sheet", notes, source=path.name, decimal_comma=decimal_comma)
