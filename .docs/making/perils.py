"""A page for each peril: its method in words of ours, and all else from its file and real runs."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from making import backtests, shipped_run
from making.markdown import code, links, number, prose, table
from making.places import DOCS, ROOT
from riskmodel.perils.spec import JUDGEMENT, NUMBER_KEYS, numbers, source_keys
from riskmodel.report.numbers import estimate

METHODS = DOCS / "peril_methods"
FILES = ROOT / "geodata" / "perils"
#: what tests a peril: the forecast that a back-test's file names, or the back-test itself
TESTED_BY = {
    "strike_on_cloud": "kinetic_strike", "campaign_on_grid": "kinetic_strike",
    "load_trips": "load_trip", "state_events": "grid_outage",
    "restoration-chile-2025": "grid_outage", "restoration-hokkaido-2018": "grid_outage",
    "restoration-iberia-2025": "grid_outage",
    "restoration-berlin-2026": "sabotage", "restoration-moore-2022": "sabotage",
}
_SAID = {*NUMBER_KEYS, "note", "count", "exposure", "hits", "trials", "exposure_factor", "counted",
         "tied"}


def peril_data() -> dict[str, dict[str, Any]]:
    """Return peril -> its file as read, in order of ids."""
    return {file.stem: tomllib.loads(file.read_text(encoding="utf-8"))
            for file in sorted(FILES.glob("*.toml"))}


def method(peril: str) -> str:
    """Return how a peril works, in words and equations.

    Raises
    ------
    ValueError
        Nobody has written it.
    """
    file = METHODS / f"{peril}.md"
    if not file.is_file():
        raise ValueError(f"how {peril} works is not told; write .docs/peril_methods/{peril}.md")
    return file.read_text(encoding="utf-8").strip() + "\n"


def write(sources: Path) -> None:
    """Write a page for each shipped peril, and the page that lists them."""
    folder = sources / "perils"
    every = peril_data()
    for peril, data in every.items():
        (folder / f"{peril}.md").write_text(_page(peril, data), encoding="utf-8")
    losses = shipped_run.by_peril()
    rows = [(f"[{prose(data['name'])}]({peril}.md) {code(peril)}",
             f"{prose(data['definition'])} ({data['group']})",
             estimate(*losses.get(peril, (0.0, 0.0))).replace(" ", "\u00a0"))
            for peril, data in every.items()]
    index = folder / "index.md"
    text = index.read_text(encoding="utf-8").replace("<!-- perils -->", table(
        ("peril", "what it is", "AAL, MW-days a year"), rows, right=(2,)))
    text = text.replace("<!-- years -->", f"{shipped_run.YEARS:,}").replace(
        "<!-- seed -->", str(shipped_run.SEED))
    names = "\n".join(every)
    index.write_text(f"{text}\n```{{toctree}}\n:hidden:\n\n{names}\n```\n", encoding="utf-8")


def _page(peril: str, data: dict[str, Any]) -> str:
    value, se = shipped_run.by_peril().get(peril, (0.0, 0.0))
    left_out = "\n".join(f"- {prose(line)}" for line in data["not_modelled"])
    return f"""# {prose(data["name"])}

{prose(data["definition"])} {prose(data["effect"])}

| | |
|---|---|
| id | {code(peril)} |
| group | {data["group"]} |
| code in OED | {code(data["oed_code"]) or "none exists"} |
| type in RDLS | {code(data["rdls_type"]) or "none exists"} |
| version | {data["version"]}, as of {data["as_of"]} |
| AAL in the shipped world, all labs | {estimate(value, se)} MW-days a year |

The last row is from {shipped_run.YEARS:,} years, seed {shipped_run.SEED}, every number at its best.

## How it works

{method(peril)}
## Its back-test

{_backtest(peril)}
## Its numbers

Best, and in brackets the 5 and 95 % points of what is not known; a count beside a rate means that
the band is its posterior. *known on* is the day from which a back-test may use it.
`riskmodel perils show {peril}` prints the same; `geodata/perils/{peril}.toml` holds them.

{{.numbers}}
{_numbers(data)}
## Sources

{_sources(data)}
## What it leaves out

{left_out}
"""


def _backtest(peril: str) -> str:
    sections = []
    for of in backtests.results():
        file = ROOT / "geodata" / "backtests" / f"{of.backtest_id}.toml"
        forecast = tomllib.loads(file.read_text(encoding="utf-8"))["forecast"]
        if peril == TESTED_BY.get(of.backtest_id, TESTED_BY.get(forecast)):
            sections.append(f"**{prose(of.name)}.** {prose(of.story)} Frozen on {of.freeze}.\n\n"
                            f"{table(backtests.HEADS, backtests.rows(of))}")
    if not sections:
        return "None: no back-test forecasts this peril yet. It rests on the numbers below alone.\n"
    return "\n".join(sections)


def _numbers(data: dict[str, Any]) -> str:
    rows = []
    for path, value in numbers(data).items():
        label = " ".join(str(text) for key, text in value.items()
                         if isinstance(text, str) and key not in _SAID)
        seen = next((f"; {number(value[what])} in {number(value[of])}" for what, of in
                     (("count", "exposure"), ("hits", "trials")) if what in value), "")
        rows.append((code(path) + (f" {prose(label)}" if label else ""),
                     f"{number(value['best'])} [{number(value['low'])}, {number(value['high'])}]",
                     prose(value["unit"]),
                     f"{prose(value.get('note', ''))} ({value['confidence']}; known on "
                     f"{value['known_on']}; {prose(', '.join(source_keys(value)))}{seen})"))
    return table(("number", "best [low, high]", "unit", "what it rests on"), rows)


def _sources(data: dict[str, Any]) -> str:
    lines = [f"{prose(key)}\n: {prose(source['title'])} {links(str(source['url']))} "
             f"(published {source['published']})\n" for key, source in data["sources"].items()]
    if any(JUDGEMENT in source_keys(value) for value in numbers(data).values()):
        lines.append("judgement\n: Nobody's record; the note beside the number says what it rests "
                     "on.\n")
    return "\n".join(lines)
