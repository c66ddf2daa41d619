"""Derive what a world's rules make of its records, and write it back into the folder.

``python -m riskmodel.world.derive [FOLDER]`` completes dates, fills PUE, timeline steps, capacity
at the world's date, shares and probabilities, builds ``nodes.csv`` and ``requirements.csv``,
compares places with polygons and brings the hashes of ``registry.toml`` up to date. Deriving twice
changes nothing.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from riskmodel.world.placement import disagreements
from riskmodel.world.rules import read_rules
from riskmodel.world.rules_capacity import (
    filled_steps,
    last_day,
    ruled_steps,
    with_capacity,
    with_pue,
)
from riskmodel.world.rules_graph import build_graph
from riskmodel.world.rules_holdings import with_needs, with_shares
from riskmodel.world.shipped import shipped_folder
from riskmodel.world.tables import TABLES

_READ = ("sites", "sites_timeline", "labs", "lab_aliases", "holdings", "clouds", "chips",
         "grid_regions", "theatres", "events_observed")


def read_master(folder: Path, name: str) -> pd.DataFrame:
    """Read one table: numbers as floats, everything else as text with empty cells as ``""``."""
    table = TABLES[name]
    frame = pd.read_csv(folder / table.file, dtype=str, keep_default_na=False)
    for column in table.columns:
        if column.name not in frame:
            frame[column.name] = ""
        if column.kind in ("number", "integer"):
            frame[column.name] = pd.to_numeric(frame[column.name]).astype(float)
        else:
            frame[column.name] = frame[column.name].astype(object)
    return frame[list(table.names)]


def as_csv(frame: pd.DataFrame, name: str) -> str:
    """Return a table as CSV text: numbers as short as they come, whole ones without a point."""
    out = pd.DataFrame(index=frame.index)
    for column in TABLES[name].columns:
        values = frame[column.name]
        if column.kind in ("number", "integer"):
            out[column.name] = ["" if pd.isna(v) else f"{float(v):.10g}" for v in values]
        else:
            out[column.name] = ["" if pd.isna(v) else str(v) for v in values]
    return out.to_csv(index=False, lineterminator="\n")


def derive(folder: str | Path) -> dict[str, str]:
    """Return the derived files of a world's folder as text, by file name; nothing is written."""
    path = Path(folder)
    registry = tomllib.loads((path / "registry.toml").read_text(encoding="utf-8"))
    as_of = str(registry["as_of"])
    t = {name: read_master(path, name) for name in _READ}
    events = t["events_observed"]
    rules = read_rules(path, dict(zip(events["event_id"], events["source_urls"], strict=True)))

    record = t["sites_timeline"]
    record = record[record["rule"].isin(["", "it_from_facility"])].reset_index(drop=True)
    sites = t["sites"]
    for name in ("operational_from", "full_capacity_date"):
        sites[name] = sites[name].map(last_day).astype(object)
    sites = with_pue(sites, record, rules)
    record = filled_steps(record, sites)
    steps = ruled_steps(sites, record, t["chips"], rules)
    timeline = _in_order(pd.concat([record, steps], ignore_index=True), sites)
    sites = with_capacity(sites, timeline, t["chips"], rules, as_of)
    labs = with_needs(t["labs"], rules)
    aliases = dict(zip(t["lab_aliases"]["alias"], t["lab_aliases"]["lab_id"], strict=True))
    holdings = with_shares(t["holdings"], sites, labs, aliases, rules)
    nodes, requirements = build_graph(sites, t["grid_regions"], t["clouds"], t["theatres"],
                                      _country_names(path), rules, as_of)
    frames = {"sites": sites, "sites_timeline": timeline, "labs": labs, "holdings": holdings,
              "nodes": nodes, "requirements": requirements}
    files = {TABLES[name].file: as_csv(frame, name) for name, frame in frames.items()}
    listed = disagreements(path, sites, t["grid_regions"], rules)
    files["disagreements.csv"] = listed.to_csv(index=False, lineterminator="\n")
    return files


def _in_order(timeline: pd.DataFrame, sites: pd.DataFrame) -> pd.DataFrame:
    order = {site: i for i, site in enumerate(sites["site_id"])}
    keys = pd.DataFrame({"site": timeline["site_id"].map(order), "date": timeline["date"]})
    return timeline.loc[keys.sort_values(["site", "date"], kind="stable").index].reset_index(
        drop=True)


def _country_names(folder: Path) -> dict[str, str]:
    from riskmodel.world.placement import read_regions

    regions = read_regions(folder)
    countries = regions[regions["kind"] == "country"]
    return dict(zip(countries["country_iso2"], countries["name"], strict=True))


#: folder -> what its files are: each says its sources itself
_SCHEMAS = {"perils": "peril", "scenarios": "scenario", "backtests": "back-test",
            "adequacy": "generating system", "compute": "inputs of compute"}


def registry_text(folder: Path, registry: Mapping[str, Any],
                  derived: Mapping[str, str]) -> str:
    """Return ``registry.toml`` with the hash of every file of the folder.

    Entries keep their licence, source and date; a file without an entry gets one that asks for
    them.
    """
    entries = {entry["path"]: dict(entry) for entry in registry.get("files", [])}
    found = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*")
                   if p.is_file() and p.name != "registry.toml" and not p.name.startswith("."))
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}"
             for key, value in registry.items() if key != "files"]
    for name in sorted({*found, *derived}):
        raw = derived[name].encode() if name in derived else (folder / name).read_bytes()
        entry = entries.get(name, {})
        schema = _SCHEMAS.get(name.partition("/")[0], "") if "/" in name else ""
        filled = {
            "path": name, "sha256": hashlib.sha256(raw).hexdigest(),
            "schema": entry.get("schema") or schema,
            "licence": entry.get("licence") or ("facts with their sources; text BSD-3-Clause"
                                                if schema else ""),
            "source": entry.get("source") or ("named beside every number" if schema else ""),
            "date": entry.get("date") or str(registry["as_of"])}
        lines += ["", "[[files]]"]
        lines += [f"{key} = {json.dumps(value, ensure_ascii=False)}"
                  for key, value in filled.items()]
    return "\n".join(lines) + "\n"


def write_derived(folder: str | Path) -> list[str]:
    """Derive and write; return the names of the files that changed."""
    path = Path(folder)
    files = derive(path)
    registry = tomllib.loads((path / "registry.toml").read_text(encoding="utf-8"))
    files["registry.toml"] = registry_text(path, registry, files)
    changed = []
    for name, text in files.items():
        target = path / name
        if not target.exists() or target.read_bytes() != text.encode():
            target.write_bytes(text.encode())
            changed.append(name)
    return changed


def main(arguments: list[str] | None = None) -> int:
    """Derive the folder given, or the shipped world."""
    given = sys.argv[1:] if arguments is None else arguments
    changed = write_derived(Path(given[0]) if given else shipped_folder())
    sys.stdout.write(f"{', '.join(changed) or 'nothing'} changed\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
