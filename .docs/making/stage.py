"""Gather the written pages and make the others, in one folder that Sphinx reads.

A line ``<!-- readme: TITLE -->`` of a page stands for that section of the README,
``<!-- made: NAME -->`` for what ``PARTS`` makes, ``<!-- picture: NAME -->`` for a picture. A link
to ``notebook:TOPIC`` finds the notebook whatever its number.
"""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from making import (
    backtests,
    executed,
    licences,
    notebooks,
    oracles,
    other_tables,
    perils,
    program,
    readme,
    reference,
    results,
    sql,
    tables,
)
from making.pictures import gallery
from making.places import PAGES, ROOT

_MARK = re.compile(r"^<!-- (readme|readme body|readme lead|made|picture): (.+) -->$", re.MULTILINE)
_NOTEBOOK = re.compile(r"\(notebook:(\w+)\)")

#: parts of written pages that are made
PARTS: dict[str, Callable[[], str]] = {
    "readme opening": readme.opening,
    "world tables": tables.dictionary,
    "result tables": results.dictionary,
    "other tables": other_tables.page,
    "licences": licences.page,
    "oracles": oracles.page,
    "back-tests": backtests.page,
    "sql": sql.example,
    "changelog": lambda: (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").split("\n", 1)[1],
}
#: whole pages that are made, in folders of their own
MAKERS: dict[str, Callable[[Path], None]] = {
    "reference of names": reference.write,
    "reference of commands": program.write,
    "perils": perils.write,
    "notebooks": notebooks.write,
}


def gather(sources: Path, say: Callable[[str], None]) -> None:
    """Write every page of the site into ``sources``; ``say`` tells what took how long."""
    shutil.copytree(PAGES, sources)
    for page in sorted(sources.rglob("*.md")):
        text = page.read_text(encoding="utf-8")
        start = time.monotonic()
        up = "../" * (len(page.relative_to(sources).parts) - 1)
        text = _NOTEBOOK.sub(lambda found, up=up: f"({up}notebooks/{notebooks.address(found[1])})",
                             text)
        text = executed.run(_MARK.sub(partial(_fill, page.parent), text))
        page.write_text(text, encoding="utf-8")
        _tell(say, str(page.relative_to(sources)), start)
    for name, make in MAKERS.items():
        start = time.monotonic()
        make(sources)
        _tell(say, name, start)


def _fill(folder: Path, mark: re.Match[str]) -> str:
    if mark[1] == "picture":
        return gallery.write(mark[2], folder / "pictures")
    if mark[1] == "readme":
        return readme.section(mark[2])
    if mark[1] == "readme lead":
        return readme.lead(mark[2])
    if mark[1] == "readme body":
        return readme.body(mark[2])
    return PARTS[mark[2]]()


def _tell(say: Callable[[str], None], name: str, start: float) -> None:
    seconds = time.monotonic() - start
    if seconds > 1:
        say(f"{name}: {seconds:.0f} s")
