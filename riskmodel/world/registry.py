"""``registry.toml``: the world's own date, and every file with its checksum, licence and source."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from riskmodel.errors import Problem, RiskModelError
from riskmodel.world.exposure import to_date
from riskmodel.world.textfile import read_toml
from riskmodel.world.wholefile import checksum, write_whole

REGISTRY_FILE = "registry.toml"


def read_registry(folder: Path,
                  problems: list[Problem]) -> tuple[dict[str, Any], dt.date | None]:
    """Return the registry of a folder and the world's own date, which stands in it."""
    if not (folder / REGISTRY_FILE).exists():
        return {}, None
    registry = read_toml(folder / REGISTRY_FILE, REGISTRY_FILE, problems) or {}
    _compare(folder, registry, problems)
    value = registry.get("as_of")
    try:
        return registry, to_date(value)
    except RiskModelError:
        problems.append(Problem("dates", "raise", REGISTRY_FILE,
                                f"as_of is {value!r}, which is not a day",
                                'write it as as_of = "2026-10-01"'))
        return registry, None


def _compare(folder: Path, registry: Mapping[str, Any], problems: list[Problem]) -> None:
    """Say which files are not those that were registered: edited, or gone."""
    changed, gone = [], []
    for entry in _entries(registry):
        path, wanted = folder / str(entry["path"]), entry.get("sha256")
        if not path.is_file():
            gone.append(str(entry["path"]))
        elif wanted and checksum(path) != wanted:
            changed.append(str(entry["path"]))
    for names, word in ((changed, "differ from their checksum"), (gone, "are not there")):
        if names:
            problems.append(Problem(
                "registered_files", "warn", REGISTRY_FILE,
                f"files that the registry lists {word}: {', '.join(names)}",
                "nothing to do if you changed them on purpose: results then rest on your "
                "version; else take the files from their source again"))


def _entries(registry: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    files = registry.get("files", [])
    return [entry for entry in files if isinstance(entry, Mapping) and "path" in entry] \
        if isinstance(files, list) else []


def write_registry(registry: Mapping[str, Any], folder: Path) -> None:
    """Write a registry with the checksums of the files as they now lie in ``folder``."""
    plain = {key: value for key, value in registry.items() if not _nested(value)}
    lines = [f"{key} = {_toml(value)}" for key, value in plain.items()]
    for entry in _entries(registry):
        path = folder / str(entry["path"])
        if path.is_file():
            cells = {**entry, "sha256": checksum(path)}
            lines += ["", "[[files]]", *(f"{key} = {_toml(value)}" for key, value in cells.items()
                                         if not _nested(value))]
    write_whole(folder / REGISTRY_FILE, "\n".join(lines) + "\n")


def _nested(value: Any) -> bool:
    return isinstance(value, Mapping) or (
        isinstance(value, list) and any(isinstance(item, Mapping | list) for item in value))


def _toml(value: Any) -> str:
    """Return a scalar or a list of scalars in TOML (its strings are JSON's)."""
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(value, ensure_ascii=False)
