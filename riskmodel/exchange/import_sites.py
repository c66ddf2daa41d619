"""Import sites from a stranger's file: a folder that is a whole, valid world, and nothing lost."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from riskmodel.errors import Problem, RiskModelError
from riskmodel.exchange.column_guesses import plain, take_columns
from riskmodel.exchange.epoch_sites import as_epoch, is_epoch
from riskmodel.exchange.incoming import BadRow, Incoming
from riskmodel.exchange.lab_shares import holdings_and_labs
from riskmodel.exchange.made_world import (
    check_against_file,
    tables_of,
    write_made_world,
)
from riskmodel.exchange.map_layer import SUFFIXES, read_map_layer
from riskmodel.exchange.oed_locations import as_oed, is_oed
from riskmodel.exchange.placed_sites import Places, place_sites
from riskmodel.exchange.site_rows import SiteRow, Terms, site_rows
from riskmodel.exchange.spreadsheet import read_spreadsheet
from riskmodel.exchange.starter_world import require_empty
from riskmodel.world.edits_needs import rules_of
from riskmodel.world.io import read_world
from riskmodel.world.world import World

FORMS = ("auto", "sheet", "layer", "oed", "epoch")
_SHOWN = 20


class BadRows(RiskModelError):
    """Rows of a file cannot be taken; ``rows`` lists them with their mend."""

    def __init__(self, name: str, rows: Sequence[BadRow], of: int) -> None:
        self.rows = tuple(rows)
        told: dict[tuple[str, str], list[int]] = {}
        for each in rows:
            told.setdefault((each.message, each.mend), []).append(each.row)
        lines = [f"  row{'s' if len(at) > 1 else ''} {_numbers(at)}: {message}\n    mend: {mend}"
                 for (message, mend), at in told.items()]
        more = f"\n  and {len(lines) - _SHOWN} more" if len(lines) > _SHOWN else ""
        super().__init__("\n".join([
            f"{name}: {len(rows)} of {of} rows cannot be taken; nothing was written. Mend them, or "
            "leave them out with --skip-bad, which lists them in a file:",
            *lines[:_SHOWN]]) + more)


def _numbers(rows: Sequence[int]) -> str:
    shown = ", ".join(map(str, rows[:8]))
    return shown + (f" and {len(rows) - 8} more" if len(rows) > 8 else "")


@dataclass(frozen=True)
class Imported:
    """What an import did: the world it wrote, which column became which, what was left."""

    world: World
    folder: Path
    form: str
    columns: Mapping[str, str]  # column of the world -> column of the file
    unused: tuple[str, ...]  # columns kept beside the world
    skipped: tuple[BadRow, ...]
    notes: tuple[str, ...]
    warnings: tuple[Problem, ...]


def import_sites(file: str | Path, folder: str | Path, *, form: str = "auto",
                 columns: Mapping[str, str] | None = None, skip_bad: bool = False,
                 lab: str = "", mw_per: tuple[str, float] | None = None,
                 places: str | Path | None = None, layer: str | None = None,
                 crs: str | None = None, as_of: str | None = None) -> Imported:
    """Write the sites of a file as a world of their own, linked by place as the shipped world is.

    Parameters
    ----------
    file : a spreadsheet (.csv, .tsv, .txt, .xlsx), a map layer (GeoPackage, GeoParquet, GeoJSON,
        shapefile), an OED location file, or Epoch AI's table of data centres.
    folder : where the world goes; new or empty.
    form : one of ``FORMS``; "auto" looks at the ending and at the columns.
    columns : column of the world -> column of the file, against the guesses; "" takes none.
    skip_bad : leave out rows that cannot be taken, and list them in ``skipped_rows.csv``.
    lab : who holds the sites for which the file names nobody; ``unknown`` if not given.
    mw_per : a column and the MW that one unit of it stands for, for files without power.
    places : a table ``name, lat, lon`` for files without coordinates.
    layer, crs : layer or sheet, and the reference system where the file does not say it.
    as_of : the world's date, ISO 8601; that of the shipped world if not given.

    Raises
    ------
    RiskModelError
        The file cannot be read, or (``BadRows``) some of its rows cannot be taken.
    WorldError
        The sites do not make a valid world; rows are those of the file.
    """
    path, target = Path(file), Path(folder)
    require_empty(target, "import-sites")
    shipped = _shipped()
    rules = rules_of(shipped)
    if rules is None:
        raise RiskModelError("the shipped world has no rules.toml; reinstall riskmodel")
    day = as_of or str(shipped.as_of)
    read = _read(path, form, places, layer, crs, shipped)
    taken, notes = take_columns(list(read.frame.columns), read.known, columns or {})
    if mw_per is not None and mw_per[0] not in read.frame.columns:
        raise RiskModelError(f"--mw-per {mw_per[0]}: the file has no such column; it has "
                             f"{', '.join(read.frame.columns)}")
    for ours in ("lat", "lon"):
        if ours not in taken:
            raise RiskModelError(
                f"{path.name} has no column that looks like {ours}; say which it is with --map "
                f"{ours}=COLUMN (columns: {', '.join(map(str, read.frame.columns))})")
    scaled = mw_per or ("", 0.0)
    if mw_per is not None:
        taken.pop("it_mw", None)
        notes = [note for note in notes if "facility_mw" not in note]
        notes.append(f"MW are {scaled[0]} x {scaled[1]:g}, a stated factor")
    terms = Terms(rules.number("pue_default"), scaled[0], scaled[1], lab)
    rows, bad = site_rows(read, taken, terms)
    placed = Places(shipped, rules)
    grids, misplaced = place_sites(rows, placed, day)
    gone = {each.row for each in misplaced}
    rows = [row for row in rows if row.row not in gone]
    bad = sorted([*bad, *misplaced], key=lambda each: each.row)
    if bad and not (skip_bad and rows):
        raise BadRows(path.name, bad, len(read.rows))
    holdings, labs = holdings_and_labs(rows, shipped, rules, day, read.source)
    world = tables_of(rows, holdings, labs, grids, shipped, rules, placed.country_names, day,
                      read.source)
    warnings = check_against_file(world, rows, path.name)
    unused = [name for name in read.frame.columns
              if name not in taken.values() and name not in read.used and name != scaled[0]]
    notes = [*read.notes, *notes, *_told(rows)]
    target.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        write_made_world(world, work, read=read, taken=taken, unused=unused, rows=rows, bad=bad,
                         notes=notes, shipped=shipped, as_of=day)
        made = read_world(work)  # what was written is what a run will read
        work.chmod(0o755)
        if target.is_dir():
            target.rmdir()  # it is empty
        work.rename(target)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return Imported(replace(made, folder=target), target, read.form, taken, tuple(unused),
                    tuple(bad), tuple(notes), tuple(warnings))


@cache  # it does not change while a program runs, and is read only here
def _shipped() -> World:
    return read_world()


def _read(path: Path, form: str, places: str | Path | None, layer: str | None, crs: str | None,
          shipped: World) -> Incoming:
    if form not in FORMS:
        raise RiskModelError(f"there is no form '{form}'; use one of {', '.join(FORMS)}")
    if not path.is_file():
        raise RiskModelError(f"there is no file '{path}'")
    if form == "layer" or (form == "auto" and path.suffix.lower() in SUFFIXES):
        return read_map_layer(path, layer, crs)
    read = read_spreadsheet(path, layer)
    names = read.frame.columns
    if form == "epoch" and not is_epoch(names):
        raise RiskModelError(f"{path.name} does not have the columns of Epoch's table (Name, "
                             "Owner, Users, Current power (MW), Current H100 equivalents); import "
                             "it as a spreadsheet with --from sheet")
    if form == "oed" and not is_oed(names):
        raise RiskModelError(f"{path.name} does not have the columns of an OED location file "
                             "(PortNumber, AccNumber, LocNumber); use --from sheet")
    if form == "epoch" or (form == "auto" and is_epoch(names)):
        return as_epoch(read, _known_places(places, shipped))
    if form == "oed" or (form == "auto" and is_oed(names)):
        return as_oed(read)
    if places is not None:
        raise RiskModelError("--places goes with Epoch's table; give latitude and longitude as "
                             "columns of the file")
    return read


def _known_places(file: str | Path | None,
                  shipped: World) -> dict[str, tuple[str, str, str]]:
    """Return lat, lon and precision by name: of a file of places first, then of the record."""
    out: dict[str, tuple[str, str, str]] = {}
    for site in shipped.sites.to_dict("records"):
        for name in (site["name"], site["site_id"]):
            out.setdefault(plain(str(name).split("(")[0]), (
                f"{site['lat']:g}", f"{site['lon']:g}", f"{site['coord_precision_km']:g}"))
    if file is None:
        return out
    table = read_spreadsheet(Path(file))
    taken, _ = take_columns(list(table.frame.columns), {}, {})
    missing = [name for name in ("name", "lat", "lon") if name not in taken]
    if missing:
        raise RiskModelError(f"{Path(file).name} lacks {', '.join(missing)}; a table of places has "
                             "name, lat and lon")
    for row in table.frame.to_dict("records"):
        given = row.get(taken.get("coord_precision_km", ""), "")
        out[plain(str(row[taken["name"]]))] = (row[taken["lat"]], row[taken["lon"]], given)
    return out


def _sites(count: int) -> str:
    return f"{count} site{'s' if count != 1 else ''}"


def _told(rows: Sequence[SiteRow]) -> list[str]:
    """Return notes on what was filled in for sites that did not say it."""
    notes = []
    over = sum("over PUE" in str(row.cells.get("it_mw_basis", "")) for row in rows)
    if over:
        notes.append(f"IT power of {_sites(over)} is facility power over PUE")
    nobody = sum(not row.labs for row in rows)
    if nobody:
        notes.append(f"{nobody} of {len(rows)} sites name no lab: they belong to 'unknown'")
    guessed = [row for row in rows if "imported: " in str(row.cells.get("grid_region_text", ""))]
    rough = [row for row in guessed
             if "at the place" not in str(row.cells["grid_region_text"])]
    if guessed:
        notes.append(f"the grid region of {_sites(len(guessed))} follows from the place"
                     + (f", of {len(rough)} of them only from the country: look at grid_region"
                        if rough else ""))
    return notes
