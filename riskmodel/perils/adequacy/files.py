"""Reading a generating system from its TOML file: each fault named, all of them at once."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from riskmodel.errors import RiskModelError
from riskmodel.perils.adequacy.systems import GeneratingSystem, UnitClass, report
from riskmodel.world.shipped import shipped_folder

if TYPE_CHECKING:
    from numpy.typing import NDArray

FOLDER = "adequacy"
KEYS = ("id", "name", "definition", "as_of", "source", "peak_mw", "energy_mwh", "units", "load",
        "published", "sources")
UNIT_KEYS = ("name", "mw", "count", "forced_outage_rate", "mttf_h", "mttr_h")
LOAD_KEYS = ("weekly_percent", "daily_percent", "seasons", "file")
SEASON_KEYS = ("name", "weeks", "weekday_percent", "weekend_percent")
#: the stated energy is a check on the load table; it is given in whole MWh or better
ENERGY_TOLERANCE = 1e-6
#: printed forced outage rates are rounded, by less than this
OUTAGE_RATE_TOLERANCE = 0.05


def shipped_systems() -> list[str]:
    """Return the names of the systems that ship with the package."""
    return sorted(path.stem for path in (shipped_folder() / FOLDER).glob("*.toml"))


def read_generating_system(name: str | Path) -> GeneratingSystem:
    """Read a generating system: one that ships, by name, or a TOML file of your own.

    The file holds ``id``, ``units`` (rows with name, mw, count, forced_outage_rate, mttf_h,
    mttr_h) and ``load``: either ``file``, a text beside it with one load in MW a line (an hour
    each), or ``peak_mw`` with weekly, daily and hourly percentages as in the shipped ``rts79``.
    ``energy_mwh``, where it is given, is checked against the load.

    Raises
    ------
    RiskModelError : no such system, or everything that is wrong with the file.
    """
    path = system_path(name)
    try:
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except UnicodeDecodeError:
        raise RiskModelError(f"{path}: not UTF-8; save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise RiskModelError(f"{path}: no TOML: {error}") from None
    except OSError as error:
        raise RiskModelError(f"{path}: cannot be read: {error.strerror}") from None
    return parse_generating_system(data, str(path), path.parent)


def parse_generating_system(data: Mapping[str, Any], where: str,
                            folder: Path | None = None) -> GeneratingSystem:
    """Return the system of a parsed file; ``folder`` is where ``load.file`` is looked for."""
    problems = _strange(data, KEYS, "")
    if not (isinstance(data.get("id"), str) and data["id"]):
        problems.append("id is not there; give the system a short name")
    units = _units(data.get("units"), problems)
    load = _load(data, folder, problems)
    published = _published(data, problems)
    if problems:
        raise RiskModelError(report(where, problems))
    try:
        system = GeneratingSystem(data["id"], units, load, name=str(data.get("name", "")),
                                  published=published)
    except RiskModelError as error:
        raise RiskModelError(f"{where}: {error}") from None
    problems = [
        f"unit {unit.name!r}: forced_outage_rate is {unit.forced_outage_rate:g}, but its hours "
        f"give {unit.from_hours:.4g}; mend the one that is wrong"
        for unit in units
        if abs(unit.forced_outage_rate / unit.from_hours - 1.0) > OUTAGE_RATE_TOLERANCE]
    energy = data.get("energy_mwh")
    if energy is not None and not (_is_number(energy) and energy > 0):
        problems.append(f"energy_mwh is {energy!r}; give MWh above 0, or leave it out")
    elif energy is not None and abs(load.sum() / energy - 1.0) > ENERGY_TOLERANCE:
        problems.append(f"the load adds up to {load.sum():,.0f} MWh, but energy_mwh is "
                        f"{energy:,.0f}; a percentage or the order of the weeks is wrong")
    if problems:
        raise RiskModelError(report(where, problems))
    return system


def system_path(name: str | Path) -> Path:
    """Return the file of a system that ships, by name, or the file given; raise if neither."""
    names = shipped_systems()
    if str(name) in names:
        return shipped_folder() / FOLDER / f"{name}.toml"
    path = Path(name).expanduser()
    if path.is_file():
        return path
    near = get_close_matches(str(name), names, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}? " if near else ""
    raise RiskModelError(f"there is no generating system {str(name)!r}; {hint}"
                         f"{', '.join(names)} ship, or give a TOML file of your own")


def _strange(table: Mapping[str, Any], known: Iterable[str], where: str) -> list[str]:
    known = list(known)
    problems = []
    for key in table:
        if key not in known:
            near = get_close_matches(key, known, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join(known)}"
            problems.append(f"{where}{key} means nothing here{hint}")
    return problems


def _units(rows: Any, problems: list[str]) -> tuple[UnitClass, ...]:
    if not (isinstance(rows, list) and rows and all(isinstance(row, Mapping) for row in rows)):
        problems.append("units is not there; give rows with " + ", ".join(UNIT_KEYS))
        return ()
    units = []
    for place, row in enumerate(rows):
        where = f"units[{place}]"
        wrong = _strange(row, UNIT_KEYS, f"{where}.")
        missing = [key for key in UNIT_KEYS if key not in row]
        if missing:
            wrong.append(f"{where} lacks {', '.join(missing)}")
        wrong += [f"{where}.{key} is {row[key]!r}; give a number" for key in UNIT_KEYS[1:]
                  if key in row and not _is_number(row[key])]
        problems += wrong
        if not wrong:
            units.append(UnitClass(str(row["name"]), float(row["mw"]), row["count"],
                                   float(row["forced_outage_rate"]), float(row["mttf_h"]),
                                   float(row["mttr_h"])))
    return tuple(units)


def _published(data: Mapping[str, Any], problems: list[str]) -> dict[str, float]:
    sources = data.get("sources", {})
    found = {}
    for place, row in enumerate(data.get("published", [])):
        if not (isinstance(row, Mapping) and _is_number(row.get("value"))
                and isinstance(row.get("measure"), str)):
            problems.append(f"published[{place}] lacks measure or value")
        elif row.get("source") not in sources:
            problems.append(f"published[{place}] names the source {row.get('source')!r}, which is "
                            "not in [sources]")
        else:
            found[row["measure"]] = float(row["value"])
    return found


# -------------------------------------------------------------------- the load


def _load(data: Mapping[str, Any], folder: Path | None,
          problems: list[str]) -> NDArray[np.float64]:
    table = data.get("load")
    nothing = np.zeros(0)
    if not isinstance(table, Mapping):
        problems.append("load is not there; give [load] with file, or weekly_percent, "
                        "daily_percent and seasons")
        return nothing
    strange = _strange(table, LOAD_KEYS, "load.")
    if strange:
        problems += strange
        return nothing
    if "file" in table:
        return _load_file((folder or Path()) / str(table["file"]), problems)
    peak: Any = data.get("peak_mw")
    if not (_is_number(peak) and peak > 0):
        problems.append(f"peak_mw is {peak!r}; give the year's highest load in MW")
        return nothing
    weekly = _percent(table.get("weekly_percent"), None, "load.weekly_percent", problems)
    daily = _percent(table.get("daily_percent"), 7, "load.daily_percent", problems)
    hourly = _hourly(table.get("seasons"), len(weekly), problems)
    if problems:
        return nothing
    weekend = np.arange(7) >= 5
    shape = hourly[:, weekend.astype(int), :]  # (weeks, 7, 24)
    return (float(peak) * (weekly[:, None, None] * daily[None, :, None] * shape) / 1e6).ravel()


def _hourly(seasons: Any, weeks: int, problems: list[str]) -> NDArray[np.float64]:
    """Return per cent of the day's peak by week, weekday (0) or weekend (1), and hour."""
    shape = np.full((weeks, 2, 24), np.nan)
    if not (isinstance(seasons, list) and seasons
            and all(isinstance(season, Mapping) for season in seasons)):
        problems.append("load.seasons is not there; give rows with " + ", ".join(SEASON_KEYS))
        return shape
    for place, season in enumerate(seasons):
        where = f"load.seasons[{place}]"
        problems += _strange(season, SEASON_KEYS, f"{where}.")
        days = [_percent(season.get(key), 24, f"{where}.{key}", problems)
                for key in ("weekday_percent", "weekend_percent")]
        for span in season.get("weeks", []):
            if not (isinstance(span, list) and len(span) == 2
                    and all(isinstance(week, int) for week in span)
                    and 1 <= span[0] <= span[1] <= weeks):
                problems.append(f"{where}.weeks holds {span!r}; give first and last week, "
                                f"1 to {weeks}")
            elif all(len(day) == 24 for day in days):
                if not np.isnan(shape[span[0] - 1:span[1]]).all():
                    problems.append(f"{where}: weeks {span} stand in two seasons")
                shape[span[0] - 1:span[1]] = days
    bare = np.flatnonzero(np.isnan(shape).any(axis=(1, 2))) + 1
    if len(bare) and not problems:
        problems.append(f"weeks {', '.join(map(str, bare))} are in no season; add them to one")
    return shape


def _percent(values: Any, length: int | None, where: str,
             problems: list[str]) -> NDArray[np.float64]:
    """Return percentages of a peak; the largest is 100, else the peak is never reached."""
    if not (isinstance(values, list) and values and all(map(_is_number, values))):
        problems.append(f"{where} is not a list of numbers")
        return np.zeros(0)
    found = np.array(values, float)
    if length is not None and len(found) != length:
        problems.append(f"{where} has {len(found)} numbers; it has {length}")
    elif not ((found > 0) & (found <= 100)).all() or found.max() != 100:
        problems.append(f"{where} goes from {found.min():g} to {found.max():g}; per cent of a "
                        "peak are above 0, and the largest is 100")
    return found


def _load_file(path: Path, problems: list[str]) -> NDArray[np.float64]:
    try:
        lines = path.read_text(encoding="utf-8-sig").split()
    except (OSError, UnicodeDecodeError):
        problems.append(f"load.file {path} cannot be read; give a UTF-8 text with one load in MW "
                        "a line")
        return np.zeros(0)
    try:
        return np.array(lines, float)
    except ValueError as error:
        problems.append(f"load.file {path.name}: {error}; it has one load in MW a line, no header")
        return np.zeros(0)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
