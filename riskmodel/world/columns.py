"""From raw cells (text of a file, or a frame in memory) to a typed frame and what is wrong."""

from __future__ import annotations

import datetime as dt
import difflib
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from riskmodel.errors import Problem
from riskmodel.world.cells import NumberCells
from riskmodel.world.schema import Column, Table
from riskmodel.world.slips import meant_number

#: one column's cells
Cells = Sequence[Any] | NumberCells | pd.Series
#: below this many cells, looking for the distinct ones is not worth it
_FEW = 1000
#: a number as a table writes it
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_FLAGS = {"true": True, "yes": True, "1": True, "1.0": True,
          "false": False, "no": False, "0": False, "0.0": False}
_MEND_EMPTY = {
    "lat": "give latitude and longitude; where only the town is known, give the town's place and "
           "say in coord_precision_km how wrong it may be",
    "it_mw": "give the IT capacity in MW; where none is published give an estimate with a low "
             "confidence, or 0 where nothing runs",
    "needed_share": "give the share of its capacity the lab needs up at once, from 0 to 1",
}
_MEND_EMPTY["lon"] = _MEND_EMPTY["lat"]


def near(word: str, known: Iterable[str]) -> str:
    """Return ``; did you mean 'x'?`` for the nearest known word, or nothing."""
    match = nearest(word, known)
    return f"; did you mean '{match}'?" if match else ""


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the known word nearest in spelling, or nothing."""
    words = list(known)
    found = difflib.get_close_matches(word, words, n=1, cutoff=0.6)
    if not found:  # an id typed in other letters' case is the commonest slip
        lower = {item.lower(): item for item in words}
        found = [lower[hit] for hit in difflib.get_close_matches(word.lower(), lower, 1, 0.6)]
    return found[0] if found else ""


def shown(values: Iterable[Any], most: int = 3) -> str:
    """Return the first few values in quotes, for a message."""
    items = list(dict.fromkeys(str(value) for value in values))
    text = ", ".join(f"'{item if len(item) <= 40 else item[:37] + '...'}'" for item in items[:most])
    return text + (f" and {len(items) - most} more" if len(items) > most else "")


@dataclass
class Typed:
    """A typed frame, what was wrong with its cells, and which columns cannot be relied on."""

    frame: pd.DataFrame
    problems: list[Problem] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)


def conform(table: Table, cells: Mapping[str, Cells], rows: Sequence[int], *,
            where: str, in_file: bool) -> Typed:
    """Return the cells as a frame with every column of ``table``, typed, and the problems found.

    Empty text becomes ``""``, empty numbers NaN, either the column's default where it has one.
    ``rows`` are the line numbers (files) or positions (frames) that problems point to.
    """
    out = Typed(pd.DataFrame())
    at = np.asarray(rows, dtype=np.int64)
    extra = [name for name in cells if name not in table.names]
    made: dict[str, Any] = {}
    index = pd.RangeIndex(len(at))
    mistaken: set[str] = set()  # columns already named as what a missing one should be
    for column in table.columns:
        if column.name in cells:
            made[column.name] = _typed_column(column, cells[column.name], at, index, where, out)
        else:
            made[column.name] = _absent_column(column, index)
            if column.required:
                out.broken.add(column.name)
                match = nearest(column.name, extra)
                mistaken |= {match} - {""}
                hint = f"; the file has '{match}', which looks like it" if match else ""
                mend = (f"rename '{match}' to '{column.name}'" if match
                        else f"add the column '{column.name}' ({_meaning(column)})")
                out.problems.append(Problem("missing_column", "raise", where,
                                            f"the column '{column.name}' is missing{hint}", mend,
                                            (1,) if in_file else ()))
    for name in extra:
        if name in mistaken:
            continue
        match = nearest(name, [n for n in table.names if n not in cells] or table.names)
        hint = f"; did you mean '{match}'?" if match else ""
        mend = f"rename it to '{match}', or delete the column" if match else \
            f"delete the column; known columns are {', '.join(table.names)}"
        out.problems.append(Problem(
            "unknown_column", "raise" if in_file else "warn", where,
            f"the column '{name}' is not known{hint}",
            mend, (1,) if in_file else ()))
        raw = cells[name]
        made[name] = raw.array.copy() if isinstance(raw, pd.Series) else raw
    out.frame = pd.DataFrame(made, index=index, copy=False)  # every column was made here
    return out


def _meaning(column: Column) -> str:
    return f"{column.meaning}, {column.unit}" if column.unit not in ("", "1") else column.meaning


def _absent_column(column: Column, index: pd.RangeIndex) -> Any:
    n = len(index)
    if column.kind == "text" or column.kind == "date":
        return pd.Series([column.default or ""] * n, index, dtype=object)
    if column.kind == "number":
        value = column.default
        return np.full(n, value if isinstance(value, int | float) else np.nan, dtype=float)
    return pd.array([pd.NA] * n, dtype="Int64" if column.kind == "integer" else "boolean")


def _typed_column(column: Column, raw: Cells, at: np.ndarray, index: pd.RangeIndex,
                  where: str, out: Typed) -> Any:
    values, empty, wrong, shown_wrong = _values(column, raw, index)
    if wrong.any():
        out.problems.append(Problem(
            "wrong_type", "raise", where,
            f"'{column.name}' holds {shown(shown_wrong)}, which is not {_A_KIND[column.kind]}",
            _mend_type(column, shown_wrong),
            tuple(at[wrong].tolist())))
    if column.required and empty.any():
        out.problems.append(Problem(
            "empty_cells", "raise", where,
            f"'{column.name}' is empty in {empty.sum()} row{'s' if empty.sum() > 1 else ''}",
            _MEND_EMPTY.get(column.name, f"fill it in: {_meaning(column)}"),
            tuple(at[empty].tolist())))
    if column.default is not None and empty.any():
        values[empty] = column.default
    return values


def _values(column: Column, raw: Cells, index: pd.RangeIndex,
            ) -> tuple[Any, np.ndarray, np.ndarray, list[Any]]:
    """Return a column's values, which cells are empty, which are wrong, and the wrong ones."""
    if column.kind == "number" and isinstance(raw, NumberCells):
        return _numbers_of(raw)
    if column.kind == "number" and isinstance(raw, pd.Series) and raw.dtype.kind in "fiu":
        values: Any = raw.to_numpy(dtype=float, na_value=np.nan, copy=True)
        empty = np.isnan(values)
        wrong = np.isinf(values)
        values[wrong] = np.nan
        return values, empty, wrong, ["inf"] if wrong.any() else []
    codes, items = _distinct(raw)
    parse = _PARSERS[column.kind]
    parsed = [_EMPTY if _is_empty(item) else parse(item) for item in items]
    empty = np.fromiter((value is _EMPTY for value in parsed), dtype=bool, count=len(parsed))
    wrong = np.fromiter((value is _WRONG for value in parsed), dtype=bool, count=len(parsed))
    if codes is None:
        return (_array(column, parsed, index), empty, wrong,
                [items[i] for i in np.flatnonzero(wrong)])
    few = _array(column, parsed, pd.RangeIndex(len(parsed)))
    if isinstance(few, pd.Series):
        few = pd.Series(few.to_numpy()[codes], index, dtype=object)
    else:
        few = few[codes]
    seen = pd.unique(codes[wrong[codes]]) if wrong.any() else ()
    return few, empty[codes], wrong[codes], [items[i] for i in seen]


def _distinct(raw: Cells) -> tuple[np.ndarray | None, list[Any]]:
    """Return where each cell stands among the distinct ones, and those; None and all if few.

    A large table says the same words over and over: each is read once.
    """
    if len(raw) < _FEW:
        return None, raw.tolist() if isinstance(raw, pd.Series) else list(raw)
    if not isinstance(raw, pd.Series):
        raw = pd.Series(np.fromiter(raw, dtype=object, count=len(raw)), dtype=object)
    if raw.dtype == object and pd.api.types.infer_dtype(raw, skipna=True) != "string":
        return None, raw.tolist()  # 1, 1.0 and True are the same to whoever looks for distinct ones
    codes, distinct = pd.factorize(raw, use_na_sentinel=False)
    return codes, list(distinct)


def _numbers_of(cells: NumberCells) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[Any]]:
    values = np.array(cells.values)
    wrong = np.zeros(len(values), dtype=bool)
    for place, text in cells.odd.items():
        value = np.nan if _is_empty(text) else _number(text)
        wrong[place] = value is _WRONG
        values[place] = np.nan if value is _WRONG else value
    odd = [cells.odd[place] for place in np.flatnonzero(wrong).tolist()]
    return values, np.isnan(values) & ~wrong, wrong, odd


def _array(column: Column, parsed: list[Any], index: pd.RangeIndex) -> Any:
    bare = [None if value is _EMPTY or value is _WRONG else value for value in parsed]
    if column.kind == "number":
        return np.array([np.nan if value is None else value for value in bare], dtype=float)
    if column.kind == "integer":
        return pd.array([pd.NA if value is None else value for value in bare], dtype="Int64")
    if column.kind == "flag":
        return pd.array([pd.NA if value is None else value for value in bare], dtype="boolean")
    # text that is no date stays as written, so that the check of dates can show it
    return pd.Series(["" if value is None else value for value in bare], index, dtype=object)


class _Mark:
    pass


_EMPTY, _WRONG = _Mark(), _Mark()


def _is_empty(item: Any) -> bool:
    if item is None or item is pd.NA or item is pd.NaT:
        return True
    if isinstance(item, str):
        return not item.strip()
    return isinstance(item, float) and math.isnan(item)


def _text(item: Any) -> Any:
    return item.strip() if isinstance(item, str) else str(item)


def _number(item: Any) -> Any:
    if isinstance(item, str):
        word = item.strip()
        if not NUMBER.fullmatch(word):
            return _WRONG
        value = float(word)
    else:
        try:
            value = float(item)
        except (TypeError, ValueError):
            return _WRONG
    return value if math.isfinite(value) else _WRONG


def _integer(item: Any) -> Any:
    value = _number(item)
    return int(value) if value is not _WRONG and value == int(value) else _WRONG


def _flag(item: Any) -> Any:
    return _FLAGS.get(str(item).strip().lower(), _WRONG)


def _date(item: Any) -> Any:
    if isinstance(item, dt.datetime):  # pandas' Timestamp is one
        return item.date().isoformat()
    if isinstance(item, dt.date):
        return item.isoformat()
    return _text(item)


_PARSERS: dict[str, Callable[[Any], Any]] = {
    "text": _text, "number": _number, "integer": _integer, "flag": _flag, "date": _date}
_A_KIND = {"text": "text", "number": "a finite number", "integer": "a whole number",
           "flag": "true or false", "date": "a date"}


def _mend_type(column: Column, wrong: Sequence[Any]) -> str:
    unit = f" in {column.unit}" if column.unit not in ("", "1") else ""
    meant = ""
    if column.kind in ("number", "integer"):
        guesses = list(dict.fromkeys(filter(None, (meant_number(str(x)) for x in wrong))))[:3]
        meant = f" ({'; '.join(guesses)})" if guesses else ""
    write = {"number": f"write a plain number{unit} with a point for decimals and no unit or "
                       "thousands sign",
             "integer": f"write a whole number{unit}",
             "flag": "write true or false"}.get(column.kind, "write text")
    unknown = "" if column.required else "; leave the cell empty where it is unknown"
    return f"{write}{meant}{unknown}"
