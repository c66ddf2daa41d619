"""Our docstrings as reStructuredText: sections whose entries read ``name : what it is``."""

from __future__ import annotations

import inspect
import re
from importlib import import_module
from typing import Any

_RULE = re.compile(r"-{3,}$")
_ENTRY = re.compile(r"(\*{0,2}[\w.]+(?:, \*{0,2}[\w.]+)*) : ?(.*)$", re.DOTALL)
#: "see ``world.edits_move.move``" in the docstring of a method
_ELSEWHERE = re.compile(r"see ``(world\.[a-z_]+\.[a-z_]+)``")
_MORE = re.compile(r" ?; (?=[\w]+(?:, \w+)* : )")


def setup(app: Any) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("autodoc-process-docstring", _process)
    app.connect("autodoc-process-signature", _signature)
    return {"parallel_read_safe": True}


def _signature(app: Any, what: str, name: str, obj: Any, options: Any, signature: str | None,
               returns: str | None) -> tuple[str | None, str | None]:
    """Write defaults that are made anew in a way that Sphinx can read."""
    return (signature.replace("<factory>", "...") if signature else signature), returns


def _process(app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    if what == "class" and lines and lines[0].startswith(f"{name.split('.')[-1]}("):
        lines[:] = []  # a data class without words: Python wrote its signature there
    lines[:] = rendered(lines + _told_elsewhere(lines))


def _told_elsewhere(lines: list[str]) -> list[str]:
    """Return the rest of what a method says by pointing to the function that does its work."""
    found = _ELSEWHERE.search(" ".join(lines))
    if found is None or len(lines) > 3:
        return []
    module, _, name = found[1].rpartition(".")
    worker = getattr(import_module(f"riskmodel.{module}"), name, None)
    text = inspect.getdoc(worker) if callable(worker) else None
    return ["", *text.splitlines()[1:]] if text else []


def rendered(lines: list[str]) -> list[str]:
    """Return a docstring's lines with each section as a titled list of entries."""
    out: list[str] = []
    place = 0
    while place < len(lines):
        title = lines[place]
        if place + 1 < len(lines) and title.strip() and _RULE.fullmatch(lines[place + 1].strip()):
            end = _end(lines, place + 2)
            out += ["", f"**{title.strip()}**", "", *_section(lines[place + 2:end]), ""]
            place = end
        else:
            out.append(title)
            place += 1
    return out


def _end(lines: list[str], start: int) -> int:
    """Return where the section that begins at ``start`` ends."""
    for place in range(start, len(lines) - 1):
        if lines[place].strip() and _RULE.fullmatch(lines[place + 1].strip()):
            return place
    return len(lines)


def _section(lines: list[str]) -> list[str]:
    """Return the entries of one section: a head, unindented, and what is indented below it."""
    out: list[str] = []
    for head, below in _entries(lines):
        pieces = _MORE.split(head) if _ENTRY.match(head) else [head]
        for number, piece in enumerate(pieces):
            text = below if number == len(pieces) - 1 else []
            named = _ENTRY.match(piece)
            if named:  # name : what it is, which may go on below
                whole = named[2].count("``") % 2 == 0  # its columns end on its line
                apart = [""] if text and named[2].startswith("frame ") and whole else []
                out += [f"``{named[1]}``", *_indented([named[2], *apart, *text])]
            elif text:
                out += [piece, *_indented(text)]
            else:
                out += [piece]
            out.append("")
    return out


def _indented(lines: list[str]) -> list[str]:
    kept = [line for line in lines if line.strip() or line == ""]
    return ["    " + line if line.strip() else "" for line in kept if line is not None]


def _entries(lines: list[str]) -> list[tuple[str, list[str]]]:
    """Return pairs of a head and the lines below it, less their indent."""
    found: list[tuple[str, list[str]]] = []
    open_head = False
    for line in lines:
        if not line.strip():
            open_head = False
            if found and found[-1][1]:
                found[-1][1].append("")
        elif line.startswith(" "):
            if not found:
                found.append(("", []))
            found[-1][1].append(line.strip())
            open_head = False
        elif open_head and not _ENTRY.match(line):
            found[-1] = (f"{found[-1][0]} {line.strip()}", found[-1][1])
        else:
            found.append((line.strip(), []))
            open_head = True
    return found
