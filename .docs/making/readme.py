"""Sections of the README, so that nothing is said twice."""

from __future__ import annotations

import re

from making.places import ROOT


def section(title: str) -> str:
    """Return one section of the README with its heading, down to the next of its level.

    Raises
    ------
    KeyError
        There is no such heading: the page that asks for it, or the README, has to change.
    """
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    found = re.search(rf"^(#+) {re.escape(title)}$\n", text, re.MULTILINE)
    if found is None:
        raise KeyError(f"README.md has no heading '{title}'")
    level = len(found[1])
    rest = text[found.end():]
    end = _next_heading(rest, level)
    return f"{'#' * level} {title}\n{rest[:end]}".rstrip() + "\n"


def opening() -> str:
    """Return what stands between the README's title and its first section."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return text.split("\n", 1)[1].split("\n## ")[0].strip() + "\n"


def body(title: str) -> str:
    """Return one section of the README without its heading."""
    return section(title).split("\n", 1)[1].strip() + "\n"


def lead(title: str) -> str:
    """Return one section of the README without its heading and without the parts below it."""
    text = body(title)
    return text[:_next_heading(text, 6)].strip() + "\n"


def _next_heading(text: str, level: int) -> int:
    """Return where the next heading of this level or above begins, code blocks aside."""
    place, fenced = 0, False
    for line in text.splitlines(keepends=True):
        if line.startswith("```"):
            fenced = not fenced
        if not fenced and re.match(rf"#{{1,{level}}} ", line):
            return place
        place += len(line)
    return place
