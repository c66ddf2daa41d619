"""A scenario's file as plain text: what happens, from what, and what it leaves out."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import fill, indent
from typing import Any

from riskmodel.perils.scenarios import Scenario
from riskmodel.perils.selectors import describe_selector
from riskmodel.perils.spec import JUDGEMENT

_WIDTH = 96


def describe_scenario(scenario: Scenario) -> str:
    """Return what a scenario tells as plain text for a terminal, no markup."""
    played = scenario.world_as_of.isoformat() if scenario.world_as_of else "its own date"
    lines = [f"{scenario.scenario_id}: {scenario.name}", "", fill(scenario.story, _WIDTH), "",
             f"played on the world of  {played}",
             f"facts as of             {scenario.as_of.isoformat()}, {scenario.confidence} "
             "confidence"]
    if scenario.begins:
        lines.append(f"hour 0                  {scenario.begins.isoformat()}")
    lines += ["", "events:"]
    for event in scenario.told:
        region = f", region {event['region']}" if event.get("region") else ""
        lines.append(f"  {event.get('what') or event['peril']} ({event['peril']}{region})")
        for row in (*event.get("outages", ()), *event.get("delays", ())):
            lines.append(indent(fill(f"{hit_words(row)}: {course_words(row)} ({row['source']})",
                                     _WIDTH - 6), "      ").replace("      ", "    - ", 1))
            if row.get("note"):
                lines.append(indent(fill(row["note"], _WIDTH - 8), "        "))
    lines += ["", "does not cover:"]
    lines += [indent(fill(line, _WIDTH - 4), "    ").replace("    ", "  - ", 1)
              for line in scenario.does_not_cover]
    lines += ["", "sources:"]
    for key, source in scenario.sources.items():
        lines.append(f"  {key}: {source['title']} ({source['published']})")
        lines += [f"      {url.strip()}" for url in str(source["url"]).split(";") if url.strip()]
    if any(JUDGEMENT in row["source"] for event in scenario.told
           for row in (*event.get("outages", ()), *event.get("delays", ()))):
        lines.append(f"  {JUDGEMENT}: nobody's record; the note below the row says why")
    return "\n".join(lines) + "\n"


def hit_words(row: Mapping[str, Any]) -> str:
    """Return what one outage or delay of the file hits, in words."""
    words = str(row["node"]) if "node" in row else describe_selector(row["hits"])
    return f"{words}, {row['part']}" if row.get("part") else words


def course_words(row: Mapping[str, Any]) -> str:
    """Return when, how long and how deep, in words."""
    if "lead_days" in row:
        share = "" if row["share"] == 1 else f"{100 * row['share']:g} % of "
        late = "never open" if row.get("cancelled") else f"open {row['delay_days']:g} days late"
        return f"{share}steps from {row['lead_days']:g} days on {late}"
    length = "for good" if row.get("permanent") else f"for {row['duration_h']:g} h"
    again = f", {row['times']} times, every {row['every_h']:g} h" if "times" in row else ""
    return f"{100 * row['depth']:g} % from hour {row['start_h']:g} {length}{again}"
