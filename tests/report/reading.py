"""Read a report back: its elements, and the numbers behind what it shows."""

from __future__ import annotations

import base64
import hashlib
from html.parser import HTMLParser

from riskmodel.report.page import TEMPLATES

VOID = {"meta", "link", "br", "hr", "img", "input", "wbr"}


class Reader(HTMLParser):
    """Collects every element with its attributes, and checks that they are closed in order."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.style = ""

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, {key: value or "" for key, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, {key: value or "" for key, value in attrs}))

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> closes something else"

    def handle_data(self, data):
        if self.open and self.open[-1] == "style":
            self.style += data
        elif self.elements and self.elements[-1][0] == "wbr":
            self.texts[-1] += data  # a word that may break is one word
        else:
            self.texts.append(data)


def read(page: str) -> Reader:
    """Parse a page; everything must be closed.

    The page's own script is taken out, so that any other shows among the elements.
    """
    own = (TEMPLATES / "map.js").read_text(encoding="utf-8")
    head, *rest = page.split(f"<script>{own}</script>")
    assert len(rest) <= 1
    if "<!doctype" in page.lower():  # a page with a map has it, no other has any
        assert bool(rest) == ('class="atlas"' in page)
    if rest:
        digest = base64.b64encode(hashlib.sha256(own.encode()).digest()).decode()
        assert f"script-src 'sha256-{digest}'\">" in head  # this script, and no other
        page = head + rest[0]
    assert rest or "script-src" not in page
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    return reader


def words(page: str) -> str:
    """Return what a reader sees, with single blanks."""
    return " ".join(" ".join(read(page).texts).split())


class _Cells(HTMLParser):
    def __init__(self, table: str) -> None:
        super().__init__()
        self.table, self.inside, self.row, self.measure = table, False, "", ""
        self.found: dict[tuple[str, str], float] = {}
        self.rows: list[list[float]] = []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "table":
            self.inside = given.get("id") == self.table
        if not self.inside:
            return
        if tag == "tr":
            self.row = given.get("data-lab") or ""
            self.rows.append([])
        if tag == "td":
            self.measure = given.get("data-measure") or ""
        if tag == "data":
            value = float(given["value"]) if given.get("value") else float("nan")
            self.rows[-1].append(value)
            self.found[self.row, self.measure] = value


def cells(page: str, table: str) -> dict[tuple[str, str], float]:
    """Return (lab, measure) -> full number of a table."""
    reader = _Cells(table)
    reader.feed(page)
    return reader.found


def rows(page: str, table: str) -> list[list[float]]:
    """Return the full numbers of a table, row by row, rows without numbers left out."""
    reader = _Cells(table)
    reader.feed(page)
    return [row for row in reader.rows if row]
