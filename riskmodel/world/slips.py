"""What somebody probably meant by a cell that cannot be read: the usual slips of spreadsheets."""

from __future__ import annotations

import datetime as dt
import re

_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:[,'\u00a0\u202f ]\d{3})+(?:\.\d+)?")
_PER_CENT = re.compile(r"([+-]?\d+(?:[.,]\d+)?)\s*%")
_WITH_UNIT = re.compile(r"([+-]?\d+(?:\.\d+)?)\s*(?:[a-zA-Z]{1,4}|[°º])")
_DEGREES = re.compile(r"\d+[°º].*[NSEW]", re.IGNORECASE)
_SERIAL = re.compile(r"[34]\d{4}|5[0-4]\d{3}")
_DAY = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})")
#: day 0 of a spreadsheet's calendar
_SPREADSHEET_EPOCH = dt.date(1899, 12, 30)


def meant_number(text: str) -> str:
    """Return what a number that cannot be read probably is, as a clause of a message; or nothing.

    Examples
    --------
    >>> meant_number("12,5")
    "'12,5' may be 12.5"
    >>> meant_number("1,000")
    "'1,000' may be 1000 (or 1.000)"
    """
    word = text.strip()
    found = ""
    if _DEGREES.search(word):
        return f"'{word}' looks like degrees and minutes: write decimal degrees, as -98.9"
    if _THOUSANDS.fullmatch(word):
        found = re.sub(r"[,'\u00a0\u202f ]", "", word)
        if re.fullmatch(r"[+-]?\d{1,3},\d{3}", word):
            found += f" (or {word.replace(',', '.')})"
    elif _DECIMAL_COMMA.fullmatch(word):
        found = word.replace(",", ".")
    elif match := _PER_CENT.fullmatch(word):
        found = f"{float(match[1].replace(',', '.')) / 100:g}"
    elif match := _WITH_UNIT.fullmatch(word):
        found = match[1]
    return f"'{word}' may be {found}" if found else ""


def meant_date(text: str) -> str:
    """Return which day a date of a spreadsheet probably is, as a clause of a message; or nothing.

    Examples
    --------
    >>> meant_date("46349")
    "'46349' may be 2026-11-23, as a spreadsheet counts days"
    >>> meant_date("23/11/2026")
    "'23/11/2026' may be 2026-11-23"
    """
    word = text.strip().split(" ")[0].removesuffix(".0")
    if _SERIAL.fullmatch(word):
        day = _SPREADSHEET_EPOCH + dt.timedelta(days=int(word))
        return f"'{word}' may be {day.isoformat()}, as a spreadsheet counts days"
    match = _DAY.fullmatch(word)
    if match is None:
        return ""
    first, second, year = int(match[1]), int(match[3]), int(match[4])
    days = []
    for month, day_of_month in ((second, first), (first, second)):
        try:
            days.append(dt.date(year, month, day_of_month).isoformat())
        except ValueError:
            continue
    return f"'{word}' may be {' or '.join(dict.fromkeys(days))}" if days else ""
