"""Write imported sites as the folder of a world: tables, what they hang on, perils, credits."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from riskmodel.errors import Problem, WorldError
from riskmodel.exchange.harmless import write_csv
from riskmodel.exchange.incoming import BadRow, Incoming
from riskmodel.exchange.site_rows import SiteRow
from riskmodel.world.edits import appended, typed_rows
from riskmodel.world.io import write_world
from riskmodel.world.registry import write_registry
from riskmodel.world.rules_graph import build_graph
from riskmodel.world.shipped import shipped_folder
from riskmodel.world.tables import SITES, TABLES
from riskmodel.world.wholefile import write_whole
from riskmodel.world.world import World

if TYPE_CHECKING:
    from riskmodel.world.rules import Rules

#: what the made world takes over from the shipped one, beside its tables
_FILES = ("rules.toml", "prices.toml")
_FOLDERS = ("perils", "adequacy")
KEPT, SKIPPED, README = "imported_columns.csv", "skipped_rows.csv", "README.md"


def tables_of(rows: list[SiteRow], holdings: list[dict[str, Any]], labs: list[dict[str, Any]],
              grids: list[dict[str, Any]], shipped: World, rules: Rules,
              countries: Mapping[str, str], as_of: str, source: str) -> World:
    """Return the imported sites as a world in memory, linked by the rules of the shipped one."""
    cells = []
    for row in rows:
        known = {name: value for name, value in row.cells.items() if name in SITES.names}
        cells.append({"as_of": as_of, "confidence": "low", "status": "operational",
                      "source_urls": source, **known})
    sites = typed_rows("sites", cells, "the imported sites")
    regions = appended(shipped.grid_regions, typed_rows("grid_regions", grids, "grid_regions")
                       ) if grids else shipped.grid_regions
    nodes, needs = build_graph(sites, regions, shipped.clouds, shipped.theatres, countries, rules,
                               as_of)
    return World.from_frames(
        sites=sites, holdings=_frame("holdings", holdings), labs=_frame("labs", labs),
        nodes=nodes, requirements=needs, grid_regions=regions, clouds=shipped.clouds,
        chips=shipped.chips, theatres=shipped.theatres, supply_nodes=shipped.supply_nodes)


def _frame(table: str, rows: list[dict[str, Any]]) -> pd.DataFrame:
    if rows:
        return typed_rows(table, rows, f"the imported {table}")
    return TABLES[table].empty()


def check_against_file(world: World, rows: Sequence[SiteRow], name: str) -> list[Problem]:
    """Check the world; problems of sites point to the rows of the imported file.

    Raises
    ------
    WorldError
        Something would be refused by every run.
    """
    found = []
    for problem in world.all_problems():
        if problem.where == "sites":
            at = tuple(rows[i].row for i in problem.rows if i < len(rows))
            problem = Problem(problem.check, problem.level, name, problem.message, problem.mend, at)
        found.append(problem)
    refused = [problem for problem in found if problem.level == "raise"]
    if refused:
        raise WorldError(refused)
    return found


def write_made_world(world: World, target: Path, *, read: Incoming, taken: Mapping[str, str],
                     unused: Sequence[str], rows: Sequence[SiteRow], bad: Sequence[BadRow],
                     notes: Sequence[str], shipped: World, as_of: str) -> None:
    """Write the folder: tables, perils, what nobody understood, and who is to be credited."""
    write_world(world, target)
    for name in _FILES:
        shutil.copyfile(shipped_folder() / name, target / name)
    for name in _FOLDERS:
        shutil.copytree(shipped_folder() / name, target / name, dirs_exist_ok=True)
    if unused:
        _kept(target / KEPT, read, unused, rows)
    if bad:
        _skipped(target / SKIPPED, read, bad)
    _card(target, read, shipped, as_of)
    write_whole(target / README, _readme(read, taken, unused, bad, notes, len(rows)))


def _kept(path: Path, read: Incoming, unused: Sequence[str], rows: Sequence[SiteRow]) -> None:
    place = {number: i for i, number in enumerate(read.rows)}
    at = [(row.cells["site_id"], number) for row in rows for number in (row.row, *row.also)]
    frame = read.frame.loc[[place[number] for _, number in at], list(unused)]
    frame = frame.reset_index(drop=True)
    frame.insert(0, _free("site_id", unused), [site for site, _ in at])
    frame.insert(1, _free("row of the file", unused), [number for _, number in at])
    write_csv(path, frame)


def _skipped(path: Path, read: Incoming, bad: Sequence[BadRow]) -> None:
    place = {number: i for i, number in enumerate(read.rows)}
    own = [name for name in read.frame.columns if name not in read.used]
    frame = read.frame.loc[[place[each.row] for each in bad], own].reset_index(drop=True)
    frame.insert(0, _free("row of the file", own), [each.row for each in bad])
    frame.insert(1, _free("why not", own), [each.message for each in bad])
    frame.insert(2, _free("mend", own), [each.mend for each in bad])
    write_csv(path, frame)


def _free(name: str, columns: Sequence[str]) -> str:
    while name in columns:
        name += "_"
    return name


def _card(target: Path, read: Incoming, shipped: World, as_of: str) -> None:
    """Write ``registry.toml``: the credits of the file, and those of what came from the record."""
    theirs = [str(text) for text in shipped.registry.get("credits", [])]
    files = [{"path": path.name, "licence": read.licence, "source": read.source, "date": as_of}
             for path in sorted(target.glob("*.csv"))
             if path.name in ("sites.csv", "holdings.csv", KEPT, SKIPPED)]
    write_registry({
        "as_of": as_of, "title": f"Sites of {read.source}",
        "licence": "each file keeps the licence of its source",
        "credits": [*read.credits, *(text for text in theirs if text not in read.credits)],
        "imported_from": read.source, "imported_on": dt.date.today().isoformat(),
        "files": files}, target)


def _readme(read: Incoming, taken: Mapping[str, str], unused: Sequence[str],
            bad: Sequence[BadRow], notes: Sequence[str], sites: int) -> str:
    def code(text: str) -> str:
        return "`" + text.replace("`", "'").replace("\n", " ").replace("|", "/") + "`"

    lines = [f"# {sites} sites of {code(read.source)}", "",
             "Written by `riskmodel import-sites`. The tables are yours to edit; nodes and "
             "requirements follow by the rules in `rules.toml` from where each site is.", "",
             "| column here | column of the file |", "|---|---|",
             *(f"| `{ours}` | {code(theirs)} |" for ours, theirs in taken.items()), ""]
    if unused:
        lines += [f"Columns that were not understood stand in `{KEPT}`: "
                  + ", ".join(map(code, unused)) + ".", ""]
    if bad:
        lines += [f"Rows that could not be taken stand in `{SKIPPED}`: {len(bad)}.", ""]
    lines += [f"* {note}" for note in notes]
    if read.credits:
        lines += ["", "## Credits", "", *(f"* {text}" for text in read.credits)]
    return "\n".join(lines) + "\n"
