"""A world in a folder: read it whole, with every fault and its line, and write one."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from riskmodel.errors import Problem, RiskModelError, WorldError
from riskmodel.world import exposure
from riskmodel.world.columns import Typed, conform, nearest
from riskmodel.world.registry import read_registry, write_registry
from riskmodel.world.schema import Table
from riskmodel.world.shipped import shipped_folder
from riskmodel.world.tables import TABLES
from riskmodel.world.textfile import read_table, read_toml, write_table
from riskmodel.world.wholefile import checksum
from riskmodel.world.world import World, assemble


def read_world(folder: str | Path | None = None, as_of: str | dt.date | None = None, *,
               check: bool = True) -> World:
    """Read a world from its folder, as it was on a day.

    Parameters
    ----------
    folder : the folder; None reads the world that ships with the package.
    as_of : the day whose energised capacity counts, ISO 8601 text or a date; None takes the
        world's own date (``as_of`` in its ``registry.toml``), and ``sites.it_mw`` as it stands
        where there is none.
    check : False keeps what is wrong for ``world.check()`` instead of raising.

    Raises
    ------
    RiskModelError
        There is no such folder, or ``as_of`` is no date.
    WorldError
        Lists everything that is wrong in the files, with file, lines and mend, all at once.
    """
    asked = exposure.to_date(as_of)
    path = shipped_folder() if folder is None else Path(folder)
    if not path.is_dir():
        raise RiskModelError(_no_folder(path))
    problems: list[Problem] = []
    unreadable: set[str] = set()
    typed: dict[str, Typed] = {}
    lines: dict[str, Sequence[int]] = {}
    for name, table in TABLES.items():
        file = path / table.file
        if not file.exists():
            if table.required:
                unreadable.add(name)
                problems.append(_missing_file(path, table))
            continue
        numbers = {column.name for column in table.columns if column.kind == "number"}
        raw = read_table(file, table.file, problems, numbers)
        if raw is None:
            unreadable.add(name)
            continue
        typed[name] = conform(table, raw.cells, raw.lines, where=table.file, in_file=True)
        lines[name] = raw.lines
    registry, own = read_registry(path, problems)
    world = assemble(typed, as_of=asked or own, cut=True, perils=_read_perils(path, problems),
                     registry=registry, folder=path, lines=lines, problems=problems,
                     unreadable=frozenset(unreadable), own=own)
    if check:
        world.check()
    return world


def _no_folder(path: Path) -> str:
    if path.exists():
        return f"'{path}' is a file; a world is a folder of tables: give the folder"
    known = [item.name for item in path.parent.iterdir() if item.is_dir()] \
        if path.parent.is_dir() else []
    match = nearest(path.name, known)
    hint = f"; did you mean '{path.parent / match}'?" if match else ""
    return f"there is no folder '{path}'{hint}"


#: files that only look like a table
_SPREADSHEETS = (".xlsx", ".xls", ".xlsm", ".ods", ".numbers")


def _missing_file(path: Path, table: Table) -> Problem:
    known = {item.name for item in path.iterdir()} - {t.file for t in TABLES.values()}
    match = nearest(table.file, known)
    hint = f"; the folder holds '{match}'" if match else ""
    book = Path(match).suffix.lower() in _SPREADSHEETS
    mend = (f"open '{match}' and save it as '{table.file}' in the form 'CSV UTF-8': another name "
            "alone does not make it a text file" if book else
            f"rename '{match}' to '{table.file}'" if match else
            f"put {table.file} into '{path}' ({table.meaning}; columns "
            f"{', '.join(c.name for c in table.columns if c.required)} at the least)")
    return Problem("missing_file", "raise", table.file, f"the file is missing{hint}", mend)


def _read_perils(path: Path, problems: list[Problem]) -> dict[str, dict[str, Any]]:
    """Return the perils of the folder; a peril's id is its file's name."""
    perils = {}
    for file in sorted((path / "perils").glob("*.toml")):
        data = read_toml(file, f"perils/{file.name}", problems)
        if data is not None:
            system = path / str(data.get("generating_system") or "?")
            if system.is_file():  # part of what the world is, so part of its fingerprint
                data["generating_system_sha256"] = checksum(system)
            perils[file.stem] = data
    return perils


def write_world(world: World, folder: str | Path) -> Path:
    """Write a world into a folder, so that ``read_world`` reads the same world back.

    The sites are written as they were given, before a timeline's capacity of the day was put in:
    read with the same ``as_of`` they are the same again. Tables without rows are left out unless
    a world needs them; perils and generating systems are copied from the folder the world came
    from. Every file is replaced whole. Columns no table knows are left out.

    Raises
    ------
    WorldError
        The world has cells that could not be read: writing would lose them.
    RiskModelError
        Perils that live only in memory: there is no file to copy.
    """
    if any(problem.level == "raise" for problem in world.problems):
        raise WorldError([p for p in world.problems if p.level == "raise"])
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    _write_perils(world, target)
    for name, table in TABLES.items():
        frame: pd.DataFrame = world.sites_as_given if name == "sites" else getattr(world, name)
        if len(frame) or table.required:
            names = [c.name for c in table.columns
                     if c.required or c.default is not None or not _all_empty(frame[c.name])]
            write_table(target / table.file, names, [_as_text(frame[n]) for n in names])
    source = world.folder
    if source is not None and source.resolve() != target.resolve():
        for name in _BESIDE:
            if (source / name).is_file():
                shutil.copyfile(source / name, target / name)
            elif (source / name).is_dir():
                shutil.copytree(source / name, target / name, dirs_exist_ok=True)
    if world.registry:
        write_registry(world.registry, target)
    elif source is None and world.as_of is not None:
        write_registry({"as_of": world.as_of.isoformat()}, target)
    return target


#: what a world's folder may hold beside its tables and perils
_BESIDE = ("regions.parquet", "rules.toml", "counts.csv", "prices.toml", "scenarios", "backtests",
           "adequacy")


def _write_perils(world: World, target: Path) -> None:
    if not world.perils:
        return
    source: Path | None = None if world.folder is None else world.folder / "perils"
    files: Mapping[str, Path] = {peril: source / f"{peril}.toml" for peril in world.perils} \
        if source is not None else {}
    lost = [peril for peril in world.perils if peril not in files or not files[peril].is_file()]
    if lost:
        raise RiskModelError(f"write_world: the perils {', '.join(lost)} live only in memory; "
                             "write their TOML files into the folder's perils/ yourself")
    systems = None if source is None else source.parent / "adequacy"
    if (systems is not None and systems.is_dir()
            and systems.resolve() != (target / "adequacy").resolve()):
        shutil.copytree(systems, target / "adequacy", dirs_exist_ok=True)
    (target / "perils").mkdir(exist_ok=True)
    for peril, file in files.items():
        copy = target / "perils" / f"{peril}.toml"
        if copy.resolve() != file.resolve():
            shutil.copyfile(file, copy)


def _all_empty(column: pd.Series) -> bool:
    return bool((column.isna() | (column == "").fillna(False)).all())


def _as_text(column: pd.Series) -> Iterator[str]:
    """Yield cells as text that reads back as the same value."""
    for value in column.tolist():
        if value is None or value is pd.NA or value != value:
            yield ""
        elif isinstance(value, bool):
            yield "true" if value else "false"
        elif isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
            yield str(int(value))
        else:
            yield str(value)
