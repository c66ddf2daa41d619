"""The page of a suite of scenarios: what each costs each lab, and what each leaves out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskmodel.decisions.stress.suite import Played, Suite, course_of
from riskmodel.measures.yeartable import TOTAL
from riskmodel.perils.scenario_file import source_names
from riskmodel.perils.scenario_text import course_words, hit_words
from riskmodel.report.context import Section, records
from riskmodel.report.course import picture
from riskmodel.report.names import UNKNOWN_LAB, Names, clean
from riskmodel.report.numbers import number
from riskmodel.report.page import render
from riskmodel.report.scenario_table import scenario_table
from riskmodel.world.wholefile import write_whole

if TYPE_CHECKING:
    import pandas as pd

TITLE = "Stress tests of AI training capacity"
_LONG_TEXT = 2_000


def write_suite(suite: Suite, path: str | Path, *, sites: bool = False) -> Path:
    """Write the page of a suite as one HTML file and return its path.

    ``sites`` names single sites; without it the page speaks of regions.
    """
    target = Path(path)
    write_whole(target, render_suite(suite, sites=sites))
    return target


def render_suite(suite: Suite, *, sites: bool = False) -> str:
    """Return the page as text."""
    from riskmodel.report.stress_page import render_stress

    return render_stress(suite, sites=sites)


def table_section(suite: Suite) -> Section:
    """Return the section with the table of scenarios and labs."""
    return Section("table", "What each scenario costs each lab",
                   render("suite.html.j2", **_table(suite)))


def told_sections(suite: Suite, sites: bool) -> list[Section]:
    """Return a section a scenario, the costliest first."""
    return [Section(f"s-{played.scenario.scenario_id}", clean(played.scenario.name, 140),
                    render("scenario.html.j2", **_told(played, sites)))
            for played in suite.ranked]


def figures(suite: Suite) -> list[tuple[str, str, str]]:
    """Return the few numbers at the top: value, unit, what it is."""
    most = next(iter(suite.ranked), None)
    found = [(number(len(suite.played)), "scenarios", "played, no frequencies")]
    if most is not None:
        found.append((number(most.total_lost), "MW-days",
                      f"the most: {clean(most.scenario.name, 60)}"))
    return found


def _table(suite: Suite) -> dict[str, Any]:
    names = [Names(played.world) for played in suite.played]
    titles = {each.scenario.scenario_id: each.scenario.name for each in suite.played}
    return {"linked": True,
            "left_out": {clean(name): clean(why, 400) for name, why in suite.left_out.items()},
            **scenario_table(suite.table, titles, lambda lab: _lab_name(names, lab),
                             finds_nothing=[each.scenario.scenario_id for each in suite.played
                                            if each.finds_nothing])}


def _lab_name(names: list[Names], lab: str) -> str:
    found = [each.lab(lab) for each in names]
    return next((name for name in found if name != lab), clean(lab))


def _told(played: Played, sites: bool) -> dict[str, Any]:
    scenario, names = played.scenario, Names(played.world, sites)
    events = []
    for event in scenario.told:
        rows = [{"hits": _hits(row, names), "course": course_words(row),
                 "source": ", ".join(source_names(row)),
                 "note": clean(row.get("note", ""), _LONG_TEXT)}
                for row in (*event.get("outages", ()), *event.get("delays", ()))]
        events.append({"what": clean(event.get("what") or names.peril(event["peril"]), 200),
                       "peril": names.peril(event["peril"]), "rows": rows})
    course = course_of(played.course)
    key = f"course-{scenario.scenario_id}"
    return {
        "id": scenario.scenario_id, "story": clean(scenario.story, _LONG_TEXT),
        "day": str(played.world.as_of or "without a date"),
        "asked": str(scenario.world_as_of or ""), "confidence": scenario.confidence,
        "as_of": scenario.as_of.isoformat(), "events": events,
        "finds_nothing": [clean(line, 400) for line in played.finds_nothing],
        "does_not_cover": [clean(line, 600) for line in scenario.does_not_cover],
        "sources": {clean(name): {"title": clean(source["title"], 400),
                                  "published": str(source["published"]),
                                  "urls": [url.strip() for url in str(source["url"]).split(";")
                                           if url.strip()]}
                    for name, source in scenario.sources.items()},
        "labs": _lab_rows(played.table, names),
        "svg": picture(course, key=key, name=clean(scenario.name, 100)) if course else ""}


def _hits(row: Mapping[str, Any], names: Names) -> str:
    if "node" not in row:
        return clean(hit_words(row), 300)
    part = f", {row['part']}" if row.get("part") else ""
    return clean(f"{names.node(row['node'])}{part}", 300)


def _lab_rows(table: pd.DataFrame, names: Names) -> list[dict[str, Any]]:
    rows = []
    for row in sorted(records(table), key=lambda row: (row["lab"] == TOTAL,
                                                       row["lab"] == UNKNOWN_LAB,
                                                       -row["lost_mw_days"])):
        if row["lost_mw_days"] > 0 or row["lab"] == TOTAL:
            row["name"] = "All labs" if row["lab"] == TOTAL else names.lab(str(row["lab"]))
            rows.append(row)
    return rows
