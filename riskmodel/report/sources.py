"""Where the numbers come from: files, peril numbers and the credits their licences ask for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from riskmodel.report.context import Context, Section
from riskmodel.report.names import clean, texts
from riskmodel.report.page import render

MOST_HOSTS = 40
MOST_NUMBERS = 300
EPOCH_URL = "https://epoch.ai/data/ai-data-centers"
_TABLES = ("sites", "sites_timeline", "labs", "holdings", "deals", "events_observed", "events",
           "requirements")


def urls_of(text: object) -> list[str]:
    """Return the links in a cell of sources, joined by ';' or blanks."""
    return [part.rstrip(".,)") for part in re.split(r"[;\s]+", str(text or ""))
            if part.lower().startswith(("http://", "https://"))]


def hosts(context: Context) -> list[tuple[str, int]]:
    """Return who is cited and by how many records, most cited first."""
    counts: Counter[str] = Counter()
    for name in _TABLES:
        frame = getattr(context.world, name)
        for cell in texts(frame, "source_urls"):
            counts.update({urlsplit(url).hostname or "" for url in urls_of(cell)})
    # by name where counts are equal: the same run writes the same page
    ranked = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    return [(clean(host), n) for host, n in ranked if host]


def _walk(part: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    """Yield every number of a peril's file: a table with best, or with value and a source."""
    if isinstance(part, Mapping):
        if "best" in part or ("value" in part and "source" in " ".join(part)):
            yield path, part
            return
        for key, value in part.items():
            yield from _walk(value, (*path, str(key)))
    elif isinstance(part, list):
        for i, value in enumerate(part):
            label = str(i + 1)
            if isinstance(value, Mapping):
                label = str(next((value[k] for k in ("id", "name", "region", "class", "theatre")
                                  if k in value), label))
            yield from _walk(value, (*path, label))


def _cited(row: Mapping[str, Any]) -> list[str]:
    """Return the keys of the sources that a number names, or what stands in their place."""
    given = row.get("source", row.get("sources")) or []
    return [clean(part, 60) for part in (given if isinstance(given, list) else [given])]


def numbers_of_perils(context: Context) -> list[dict[str, Any]]:
    """Return the numbers of the perils' files: low, best, high, confidence, key of the source."""
    rows = []
    for peril, told in context.world.perils.items():  # type: ignore[union-attr]
        for path, row in _walk(told, ()):
            rows.append({"peril": context.names.peril(str(peril)),
                         "what": clean(" · ".join(path).replace("_", " "), 90),
                         "low": row.get("low"), "best": row.get("best", row.get("value")),
                         "high": row.get("high"), "unit": clean(row.get("unit", "")),
                         "confidence": clean(row.get("confidence", "")),
                         "sources": [part for part in _cited(row) if not urls_of(part)]})
    return rows


def sources_of_perils(context: Context) -> list[dict[str, Any]]:
    """Return what the perils' files cite: key, title, date, links, and which perils cite it.

    Files choose their keys apart: one key may stand for two works, and one work stands once.
    """
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for peril, told in context.world.perils.items():  # type: ignore[union-attr]
        listed = told.get("sources")
        for key, row in (listed.items() if isinstance(listed, Mapping) else ()):
            if isinstance(row, Mapping):
                title = clean(row.get("title", key), 400)
                work = found.setdefault((str(key), title), {
                    "key": clean(key), "title": title, "perils": [],
                    "date": clean(row.get("published", row.get("date", ""))),
                    "urls": urls_of(row.get("url", ""))[:6]})
                work["perils"].append(context.names.peril(str(peril)))
    return [found[each] for each in sorted(found)]


def files(context: Context) -> list[dict[str, Any]]:
    """Return the files of the registry with licence and checksum."""
    found: list[dict[str, Any]] = []

    def look(part: Any, name: str) -> None:
        if isinstance(part, Mapping):
            if "sha256" in part:
                found.append({"file": clean(part.get("file", part.get("path", name)), 60),
                              "licence": clean(part.get("licence", part.get("license", "")), 120),
                              "source": clean(part.get("source", part.get("title", "")), 160),
                              "date": clean(part.get("date", part.get("as_of", ""))),
                              "sha256": clean(part["sha256"])[:12]})
                return
            for key, value in part.items():
                look(value, str(key))
        elif isinstance(part, list):
            for value in part:
                look(value, name)

    look(context.world.registry, "")  # type: ignore[union-attr]
    return found


def owed(context: Context) -> list[str]:
    """Return the credits that the registry asks to be shown."""
    found: list[str] = []

    def look(part: Any) -> None:
        if isinstance(part, Mapping):
            for key, value in part.items():
                if key in ("credit", "attribution", "citation") and isinstance(value, str):
                    found.append(clean(value, 400))
                else:
                    look(value)
        elif isinstance(part, list):
            for value in part:
                look(value)

    look(context.world.registry)  # type: ignore[union-attr]
    return list(dict.fromkeys(found))


def _rests_on_epoch(context: Context) -> bool:
    cells = texts(context.world.sites, "source_urls")  # type: ignore[union-attr]
    return bool(cells.str.contains("epoch.ai", case=False).any())


def build(context: Context) -> Section:
    """Write the section."""
    title = "Sources and licences"
    if context.world is None:
        return Section("sources", title, render(
            "missing.html.j2", what="The list of sources",
            why="the world was not given with the losses"))
    cited = hosts(context)
    numbers = numbers_of_perils(context)
    body = render("sources.html.j2", hosts=cited[:MOST_HOSTS], more=len(cited[MOST_HOSTS:]),
                  numbers=numbers[:MOST_NUMBERS], cut=len(numbers[MOST_NUMBERS:]),
                  files=files(context), works=sources_of_perils(context), credits=owed(context),
                  epoch=EPOCH_URL, on_epoch=_rests_on_epoch(context))
    return Section("sources", title, body)
