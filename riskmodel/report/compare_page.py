"""The page of a comparison: what another world changes, for whom, and whether that can be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from riskmodel.decisions.comparison.text import SAME, measure_name
from riskmodel.report.context import Section, records
from riskmodel.report.difference_figure import COLOURS, difference_lines
from riskmodel.report.names import UNKNOWN_LAB, Names, clean
from riskmodel.report.numbers import number, whole
from riskmodel.report.page import render, whole_page
from riskmodel.world.wholefile import write_whole

TITLE = "Two worlds compared"
TOTAL = "total"
#: measures of the figure, where the comparison has them
DRAWN = ("aal", "tvar", "eue", "lole")
#: measures told in sentences, of the labs whose average changes most
TOLD = ("aal", "tvar", "eue")
_MOST_TOLD = 12
_LONGEST = 300


def write_comparison(found: pd.DataFrame, path: str | Path, *, base: str, other: str,
                     changes: Sequence[Mapping[str, Any]] = (), facts: Mapping[str, Any],
                     names: Names) -> Path:
    """Write a comparison as one HTML file and return its path.

    Parameters
    ----------
    found : the frame of ``compare``
    base, other : what the two sides are called
    changes : what was done to the base, as ``riskmodel compare`` records it; sites go by region
        unless ``names`` shows them
    facts : the manifest of the base's run
    """
    target = Path(path)
    write_whole(target, render_comparison(found, base=base, other=other, changes=changes,
                                          facts=facts, names=names))
    return target


def render_comparison(found: pd.DataFrame, *, base: str, other: str,
                      changes: Sequence[Mapping[str, Any]] = (), facts: Mapping[str, Any],
                      names: Names) -> str:
    """Return the page as text."""
    rows = [_in_per_cent(row) | {"name": _lab(names, row["lab"]), "what": _capital(measure_name(
        row["measure"], row["level"]))} for row in records(found)]
    apart = {row["lab"]: abs(row["difference"]) for row in rows if row["measure"] == "aal"}
    moved = sorted({row["lab"] for row in rows if row["verdict"] != SAME},
                   key=lambda lab: (lab == TOTAL, -apart.get(lab, 0.0), lab))
    still = [_lab(names, lab) for lab in dict.fromkeys(row["lab"] for row in rows)
             if lab not in moved and lab != TOTAL]
    shown = [row for lab in moved for row in rows if row["lab"] == lab]
    told = [clean(_with_name(row), _LONGEST) for row in shown
            if row["measure"] in TOLD and row["verdict"] != SAME][:_MOST_TOLD]
    body = render(
        "compare.html.j2", base=clean(base, _LONGEST), other=clean(other, _LONGEST),
        changes=[clean(change_words(change, names), _LONGEST) for change in changes], told=told,
        figures=_figures(shown), keys=_keys(shown), still=still, worlds=int(found["worlds"].max()),
        n=int(found["n"].max()), groups=_groups(shown))
    about = [f"{whole(facts.get('years'))} simulated years each", f"seed {facts.get('seed')}",
             f"{facts.get('booking')} booking"]
    if facts.get("worlds", 1) > 1:
        about.append(f"{whole(facts['worlds'])} states of the world")
    day = facts.get("world", {}).get("as_of")
    verdicts = [row["verdict"] for row in shown if row["measure"] == "aal" and row["lab"] != TOTAL]
    figures = [(whole(count := verdicts.count(verdict)), "lab" if count == 1 else "labs", said)
               for verdict, said in (("better", "less lost in an average year"),
                                     ("worse", "more lost in an average year"))]
    return whole_page(
        title=TITLE, sections=[Section("changes", "What changes", body)], figures=figures,
        about=[f"World of {day}" if day else "A world without a date", *about])


def change_words(change: Mapping[str, Any], names: Names) -> str:
    """Return one change as a sentence; sites go by region unless they are to be shown."""
    if change["kind"] == "move":
        return (f"{number(change['mw'])} MW of {names.lab(change['lab'])} from "
                f"{names.node(change['from_site'])} to {names.node(change['to_site'])}.")
    if change["kind"] == "scale":
        return f"{names.lab(change['lab'])} with {number(change['factor'])} times its capacity."
    return f"Without {names.node(change['site'])}."


def _lab(names: Names, lab: str) -> str:
    return {TOTAL: "All labs", UNKNOWN_LAB: "Unknown"}.get(lab) or names.lab(lab)


def _in_per_cent(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row whose shares are per cent."""
    if row["unit"] != "1":
        return row
    names = ("base", "other", "difference", "low", "high", "band_low", "band_high")
    return row | {name: 100.0 * row[name] for name in names} | {"unit": "%"}


def _with_name(row: Mapping[str, Any]) -> str:
    """Return a row's sentence with the lab's name in place of its id."""
    _, _, rest = str(row["sentence"]).partition(": ")
    return f"{row['name']}: {rest}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _figures(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    out = []
    for measure in DRAWN:
        mine = [row for row in rows if row["measure"] == measure]
        levels = dict.fromkeys(row["level"] if row["level"] == row["level"] else None
                               for row in mine)
        for place, level in enumerate(levels):
            at = [row for row in mine if level is None or row["level"] == level]
            at.sort(key=lambda row: (row["lab"] != TOTAL, -abs(row["difference"])
                                     if row["difference"] == row["difference"] else 0.0))
            out.append({"title": at[0]["what"], "unit": at[0]["unit"], "svg": difference_lines(
                at, key=f"difference-{measure}-{place}", title=at[0]["what"],
                unit=at[0]["unit"])})
    return out


def _keys(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    seen = {row["verdict"] for row in rows if row["measure"] in DRAWN}
    return [(verdict, colour) for verdict, colour in COLOURS.items() if verdict in seen]


def _groups(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    order = dict.fromkeys(row["lab"] for row in rows)
    return [{"lab": lab, "rows": mine, "name": mine[0]["name"]} for lab in order
            if (mine := [row for row in rows if row["lab"] == lab])]
