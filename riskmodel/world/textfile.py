"""Reading a file the way somebody edited it: encoding, separators, lines, each fault named."""

from __future__ import annotations

import codecs
import csv
import io
import re
import tomllib
from array import array
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from riskmodel.errors import Problem
from riskmodel.world.cells import NumberCells, WordCells
from riskmodel.world.wholefile import beside

_TOML_LINE = re.compile(r"\(at line (\d+)")


#: rows that are kept as they were read before they are put into columns
_ROWS_AT_ONCE = 1000  # they stay near the processor
_BYTES_AT_ONCE = 1 << 20


@dataclass
class TextTable:
    """The cells of a CSV file, and the line each row begins on (the header is line 1).

    Cells are text; those of a column said to hold numbers are ``NumberCells``.
    """

    cells: dict[str, list[str] | NumberCells] = field(default_factory=dict)
    lines: array[int] = field(default_factory=lambda: array("q"))


def read_text(path: Path, where: str, problems: list[Problem]) -> str | None:
    """Return the text of a UTF-8 file, or None with the fault added to ``problems``.

    Bytes that are not UTF-8 are named and replaced, so that the other faults come to light too.
    """
    try:
        raw = path.read_bytes()
    except IsADirectoryError:
        problems.append(Problem("missing_file", "raise", where, "this is a folder, not a file",
                                f"put the file {path.name} in its place"))
        return None
    except OSError as error:
        problems.append(Problem("missing_file", "raise", where,
                                f"the file cannot be read: {error.strerror}",
                                "check that it exists and that you may read it"))
        return None
    if not raw.strip(b"\xef\xbb\xbf \t\r\n"):
        problems.append(Problem("empty_file", "raise", where,
                                "the file is empty: it has not even a header",
                                "restore it; a table without rows still has its header line"))
        return None
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        problems.append(Problem("not_utf8", "raise", where, "the file is UTF-16, not UTF-8",
                                "save the file as UTF-8 (in a spreadsheet: 'CSV UTF-8')"))
        return None
    try:
        return raw.decode("utf-8-sig")  # spreadsheets like to put a byte-order mark first
    except UnicodeDecodeError:
        pass
    bad: list[int] = []
    sample = ""
    for number, line in enumerate(re.split(rb"\r\n|\r|\n", raw), start=1):
        try:
            line.decode("utf-8")
        except UnicodeDecodeError as error:
            bad.append(number)
            if not sample:
                seen = line[max(0, error.start - 12):error.start + 12].decode("cp1252", "replace")
                sample = f"byte 0x{line[error.start]:02x} near '{seen.strip()}'"
    problems.append(Problem("not_utf8", "raise", where,
                            f"the file holds bytes that are not UTF-8: {sample}",
                            "save the file as UTF-8 (in a spreadsheet: 'CSV UTF-8')", tuple(bad)))
    return raw.decode("utf-8", "replace").removeprefix("\ufeff")


def read_table(path: Path, where: str, problems: list[Problem],
               numbers: Collection[str] = ()) -> TextTable | None:
    """Return the cells of a CSV file, or None where nothing can be read.

    Columns named in ``numbers`` come as ``NumberCells``: a large table of numbers is kept as
    numbers, not as text.
    """
    if _is_sound(path):  # line by line: a large file never stands in memory whole
        with path.open(encoding="utf-8-sig", newline="") as file:
            return _read_rows(file, where, problems, numbers)
    text = read_text(path, where, problems)
    return None if text is None else _read_rows(io.StringIO(text, newline=""), where, problems,
                                                numbers)


def _is_sound(path: Path) -> bool:
    """Say whether a file can be read and is UTF-8 that holds something."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    some = False
    try:
        with path.open("rb") as file:
            while piece := file.read(_BYTES_AT_ONCE):
                some = some or bool(decoder.decode(piece).strip())
        decoder.decode(b"", final=True)
    except (OSError, UnicodeDecodeError):
        return False
    return some


def _read_rows(stream: TextIO, where: str, problems: list[Problem],
               numbers: Collection[str]) -> TextTable | None:
    reader = csv.reader(stream)
    header: list[str] = []
    rows: list[list[str]] = []
    columns: list[WordCells | NumberCells] = []
    out = TextTable()
    uneven: list[int] = []
    start = 0

    def put_away() -> None:
        if rows:
            for column, cells in zip(columns, zip(*rows, strict=True), strict=True):
                column.extend(cells)
            rows.clear()

    try:
        for row in reader:
            line, start = start + 1, reader.line_num
            if not (row and row[0].strip()) and not any(cell.strip() for cell in row):
                continue
            if not header:
                header = [cell.strip() for cell in row]
                columns = [NumberCells() if name in numbers else WordCells() for name in header]
                continue
            if len(row) != len(header):
                uneven.append(line)
                row = (row + [""] * len(header))[:len(header)]
            rows.append(row)
            out.lines.append(line)
            if len(rows) == _ROWS_AT_ONCE:
                put_away()
    except csv.Error as error:
        problems.append(Problem("not_csv", "raise", where, f"the file is not readable CSV: {error}",
                                "look for a stray quote on or before this line",
                                (reader.line_num,)))
    put_away()
    if len(header) == 1 and (sign := next((s for s in ";\t|" if s in header[0]), "")):
        name = "tabs" if sign == "\t" else f"'{sign}'"
        problems.append(Problem("not_csv", "raise", where,
                                f"the cells seem to be separated by {name}, not by commas",
                                "save the file with commas between the cells", (1,)))
        return None
    if uneven:
        problems.append(Problem(
            "uneven_rows", "raise", where,
            f"{len(uneven)} row{'s have' if len(uneven) > 1 else ' has'} another number of cells "
            f"than the {len(header)} columns of the header",
            "put text that holds commas in double quotes, and give every row all its commas",
            tuple(uneven)))
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        problems.append(Problem("duplicate_columns", "raise", where,
                                f"the header names {', '.join(map(repr, twice))} more than once",
                                "keep one column of each name", (1,)))
    for name, column in zip(header, columns, strict=True):
        cells = column.words if isinstance(column, WordCells) else column
        if name or any(cell.strip() for cell in cells):  # all-empty and last: a stray comma
            out.cells.setdefault(name, cells)
    return out


def read_toml(path: Path, where: str, problems: list[Problem]) -> dict[str, Any] | None:
    """Return a parsed TOML file, or None with the fault and its line added to ``problems``."""
    text = read_text(path, where, problems)
    if text is None:
        return None
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _TOML_LINE.search(str(error))
        problems.append(Problem(
            "not_toml", "raise", where, f"the file is not valid TOML: {error}",
            "mend the syntax there: text in double quotes, one key = value a line, lists in [ ]",
            (int(found.group(1)),) if found else ()))
        return None


def write_table(path: Path, header: Sequence[str], columns: Sequence[Iterable[str]]) -> None:
    """Write cells as UTF-8 CSV with Unix line ends; replaced whole, never half written.

    Columns may be generators: the text of a large table is never in memory whole.
    """
    with beside(path) as partial, partial.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(zip(*columns, strict=True))
