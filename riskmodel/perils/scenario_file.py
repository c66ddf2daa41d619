"""A scenario's TOML file: everything wrong with it is named at once, with key and mend."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from riskmodel.errors import RiskModelError
from riskmodel.perils.selectors import selector_problems
from riskmodel.perils.spec import CONFIDENCES, JUDGEMENT, id_problems
from riskmodel.world.columns import near
from riskmodel.world.exposure import to_date

TOP = ("id", "name", "story", "as_of", "world_as_of", "begins", "confidence", "does_not_cover",
       "sources", "events")
EVENT = ("peril", "region", "what", "outages", "delays")
OUTAGE = ("node", "hits", "start_h", "duration_h", "permanent", "depth", "part", "every_h", "times",
          "source", "note")
DELAY = ("node", "hits", "lead_days", "delay_days", "cancelled", "share", "source", "note")

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def scenario_problems(data: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with a parsed scenario, one line each; empty if it is sound."""
    problems = _unknown(data, TOP, "")
    problems += [f"{key} is not there; give it as text" for key in ("id", "name", "story")
                 if not isinstance(data.get(key), str) or not data[key].strip()]
    if isinstance(data.get("id"), str) and data["id"] and not _ID.fullmatch(data["id"]):
        problems.append(f"id is {data['id']!r}; write lower-case words joined by hyphens")
    if "\n\n" in str(data.get("story", "")).strip():
        problems.append("story has an empty line in it; write one paragraph")
    if "as_of" not in data:
        problems.append('as_of is not there; give the day its facts were known, as "2026-11-24"')
    for key in ("as_of", "world_as_of", "begins"):
        if key in data:
            try:
                to_date(data[key], key)
            except RiskModelError as error:
                problems.append(str(error))
    if data.get("confidence") not in CONFIDENCES:
        problems.append(f"confidence is {data.get('confidence')!r}; it is one of "
                        f"{', '.join(CONFIDENCES)}")
    left_out = data.get("does_not_cover")
    if not (isinstance(left_out, list) and left_out
            and all(isinstance(line, str) and line.strip() for line in left_out)):
        problems.append("does_not_cover is not there; list in sentences what the scenario leaves "
                        "out")
    sources = data.get("sources", {})
    if not (isinstance(sources, Mapping) and sources
            and all(isinstance(source, Mapping) for source in sources.values())):
        return [*problems, "sources is not there; add [sources.KEY] with title, url and published"]
    for key, source in sources.items():
        missing = [name for name in ("title", "url", "published") if not source.get(name)]
        if missing:
            problems.append(f"sources.{key} lacks {', '.join(missing)}")
    events = data.get("events")
    if not (isinstance(events, list) and events):
        return [*problems, "events is not there; add [[events]] with peril, region and "
                           "[[events.outages]]"]
    used: set[str] = set()
    for number, event in enumerate(events):
        problems += _event_problems(event, f"events[{number}]", sources, used, data)
    return problems + [f"sources.{key} is named by no outage or delay; name it there or take it "
                       "out" for key in sources if key not in used]


def _event_problems(event: Any, at: str, sources: Mapping[str, Any], used: set[str],
                    data: Mapping[str, Any]) -> list[str]:
    if not isinstance(event, Mapping):
        return [f"{at} is not a table; write [[events]]"]
    problems = _unknown(event, EVENT, f"{at}.")
    peril = event.get("peril")
    if not isinstance(peril, str):
        problems.append(f'{at}.peril is not there; name the cause, as in peril = "grid_outage"')
    else:
        problems += [f"{at}.peril: {problem}" for problem in id_problems(peril)]
    if not isinstance(event.get("region", ""), str):
        problems.append(f"{at}.region is {event['region']!r}; give text")
    outages, delays = event.get("outages", []), event.get("delays", [])
    for name, rows, keys in (("outages", outages, OUTAGE), ("delays", delays, DELAY)):
        if not (isinstance(rows, list) and all(isinstance(row, Mapping) for row in rows)):
            problems.append(f"{at}.{name} is not a list of tables; write [[events.{name}]]")
            continue
        for number, row in enumerate(rows):
            where = f"{at}.{name}[{number}]"
            problems += _unknown(row, keys, f"{where}.") + _what_is_hit(row, where)
            problems += _sourced(row, where, sources, used)
            problems += _outage_numbers(row, where) if name == "outages" else \
                _delay_numbers(row, where)
    if not outages and not delays:
        problems.append(f"{at} hits nothing; add [[events.outages]], or [[events.delays]] for what "
                        "is under construction")
    if delays and "begins" not in data:
        problems.append(f"begins is not there, and {at} delays what opens after it; give the day "
                        'of hour 0, as begins = "2026-12-01"')
    return problems


def _unknown(table: Mapping[str, Any], known: tuple[str, ...], before: str) -> list[str]:
    return [f"{before}{key} is not a key of a scenario{near(key, known) or ';'} there are "
            f"{', '.join(known)}" for key in table if key not in known]


def _what_is_hit(row: Mapping[str, Any], at: str) -> list[str]:
    if ("node" in row) == ("hits" in row):
        return [f"{at} needs either node (one, by its id) or hits (a selector)"]
    if "node" in row:
        return [] if isinstance(row["node"], str) and row["node"] else \
            [f"{at}.node is {row['node']!r}; give a node_id as text"]
    return [f"{at}.{problem}" for problem in selector_problems(row["hits"])]


def _sourced(row: Mapping[str, Any], at: str, sources: Mapping[str, Any],
             used: set[str]) -> list[str]:
    named = source_names(row)
    used.update(named)
    problems = [f"{at}.source names {key!r}, which is not in [sources]{near(key, sources)}"
                for key in named if key != JUDGEMENT and key not in sources]
    if not named:
        problems.append(f'{at}.source is not there; name a key of [sources], or "{JUDGEMENT}"')
    if JUDGEMENT in named and not str(row.get("note", "")).strip():
        problems.append(f"{at}.note is not there; a judgement says what it rests on")
    return problems


def source_names(row: Mapping[str, Any]) -> list[str]:
    """Return the keys of the sources that one outage or delay names."""
    return [key.strip() for key in str(row.get("source", "")).split(";") if key.strip()]


def _outage_numbers(row: Mapping[str, Any], at: str) -> list[str]:
    problems = _within(row, at, "start_h", 0.0, math.inf, "hours from the start of the story")
    problems += _either(row, at, "duration_h", "permanent")
    problems += _within(row, at, "duration_h", 0.0, math.inf, "hours", needed=False, above=True)
    problems += _within(row, at, "depth", 0.0, 1.0, "the share lost", above=True)
    if not isinstance(row.get("part", ""), str):
        problems.append(f"{at}.part is {row['part']!r}; give text")
    if ("every_h" in row) != ("times" in row):
        problems.append(f"{at} needs every_h and times together, to be repeated")
    problems += _within(row, at, "every_h", 0.0, math.inf, "hours", needed=False, above=True)
    times = row.get("times", 1)
    if not (isinstance(times, int) and not isinstance(times, bool) and 1 <= times <= 10_000):
        problems.append(f"{at}.times is {times!r}; give a whole number from 1 to 10000")
    return problems


def _delay_numbers(row: Mapping[str, Any], at: str) -> list[str]:
    problems = _within(row, at, "lead_days", 0.0, math.inf, "days in which a step has its goods")
    problems += _either(row, at, "delay_days", "cancelled")
    problems += _within(row, at, "delay_days", 0.0, math.inf, "days", needed=False, above=True)
    return problems + _within(row, at, "share", 0.0, 1.0, "the share of the step that is late",
                              above=True)


def _either(row: Mapping[str, Any], at: str, length: str, forever: str) -> list[str]:
    problems = []
    if forever in row and row[forever] is not True:
        problems.append(f"{at}.{forever} is {row[forever]!r}; write {forever} = true, or give "
                        f"{length}")
    if (length in row) == (forever in row):
        problems.append(f"{at} needs either {length} or {forever} = true")
    return problems


def _within(row: Mapping[str, Any], at: str, key: str, low: float, high: float, what: str, *,
            needed: bool = True, above: bool = False) -> list[str]:
    if key not in row:
        return [f"{at}.{key} is not there; give {what}"] if needed else []
    value = row[key]
    sound = (isinstance(value, int | float) and not isinstance(value, bool)
             and math.isfinite(value) and low <= value <= high and not (above and value == low))
    if sound:
        return []
    bounds = f"{'above' if above else 'from'} {low:g}" + ("" if high == math.inf else
                                                          f" to {high:g}")
    return [f"{at}.{key} is {value!r}; give {what}, a number {bounds}"]
