"""Markdown from data: text without markup, tables, links."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence

_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|$~])")
_URL = re.compile(r"https?://\S+")


def plain(text: object) -> str:
    """Return text on one line with every character of markup made harmless."""
    return _MARKUP.sub(r"\\\1", " ".join(str(text).split()))


def prose(text: object) -> str:
    """Return text of ours on one line: its backticks, single or double, stay code."""
    parts = re.split(r"(`+)(.+?)\1", " ".join(str(text).split()))
    out = [_MARKUP.sub(r"\\\1", parts[0])]
    for mark, word, after in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        out += [f"{mark}{word.replace('|', chr(92) + '|')}{mark}", _MARKUP.sub(r"\\\1", after)]
    return "".join(out)


def code(text: object) -> str:
    """Return text as inline code that may stand in a table."""
    word = " ".join(str(text).split())
    mark = "``" if "`" in word else "`"
    return f"{mark}{word.replace('|', chr(92) + '|')}{mark}" if word else ""


def links(text: str) -> str:
    """Return the addresses of a text that joins them by ``;`` as numbered links."""
    found = [url.rstrip(".,;") for url in _URL.findall(text.replace(";", " "))]
    return " ".join(f"[{number}](<{url}>)" for number, url in enumerate(found, 1))


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], right: Iterable[int] = ()) -> str:
    """Return a table; ``right`` are the places of columns that stand flush right."""
    to_right = set(right)
    lines = ["| " + " | ".join(heads) + " |",
             "|" + "|".join("---:" if i in to_right else "---" for i in range(len(heads))) + "|"]
    lines += ["| " + " | ".join(cell or " " for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def number(value: float, digits: int = 4) -> str:
    """Return a number with so many digits, thousands apart, powers of ten where it is far off."""
    if value is None or math.isnan(value):
        return ""
    if value != 0 and not 1e-4 <= abs(value) < 1e7:
        mantissa, power = f"{value:.{digits - 1}e}".split("e")
        return f"{mantissa.rstrip('0').rstrip('.') if '.' in mantissa else mantissa}e{int(power)}"
    if abs(value) >= 10 ** (digits - 1):
        return f"{value:,.0f}"
    return f"{value:.{digits}g}"
