"""A small valid world folder, and the ways to break it.

``write_small_world(folder)`` writes it; ``BROKEN_WORLDS`` maps a name to a ``BrokenWorld`` whose
``break_it(folder)`` damages one thing and which says what the error must speak of.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

FILES = {
    "registry.toml": 'as_of = "2026-11-01"\n',
    "labs.csv": ("lab_id,name,needed_share\n"
                 "aurora,Aurora Lab,0.8\n"
                 "boreal,Boreal Research,0.5\n"),
    "sites.csv": (
        "site_id,name,country_iso2,lat,lon,coord_precision_km,facility_mw,it_mw,status,"
        "operational_from,full_capacity_date,confidence\n"
        "dublin_one,Dublin One,IE,53.35,-6.4,2,130,100,operational,2024-05-01,2026-03-01,high\n"
        'koeln_hall,"Köln, Halle 3",DE,50.94,6.95,2,65,50,operational,2025-01-15,2025-09-01,'
        "medium\n"
        "texas_big,Texas Big,US,32.45,-99.73,5,260,200,partial,2025-06-01,2027-06-01,low\n"),
    "sites_timeline.csv": (
        "site_id,date,it_mw,facility_mw,state\n"
        "texas_big,2025-06-01,80,104,observed_or_confirmed\n"
        "texas_big,2026-06-01,200,260,estimated\n"
        "texas_big,2027-06-01,900,1170,projected\n"),
    "holdings.csv": ("lab_id,site_id,share,kind,probability\n"
                     "aurora,dublin_one,0.7,owned,1\n"
                     "boreal,dublin_one,0.2,leased,0.9\n"
                     "aurora,texas_big,1,cloud,0.8\n"
                     "boreal,koeln_hall,1,cloud,0.3\n"),
    "nodes.csv": ("node_id,kind,country_iso2\n"
                  "grid:IE,grid,IE\n"
                  "grid:DE,grid,DE\n"
                  "grid:ERCOT,grid,US\n"
                  "plant:texas_big,plant,US\n"
                  "cloud_region:nimbus/eu-1,cloud_region,\n"
                  "cloud:nimbus,cloud,\n"),
    "requirements.csv": (
        "node_id,group,member_id,weight,k,mode,share,ride_through_h,confidence\n"
        "dublin_one,power,grid:IE,,1,quorum,1,0.25,medium\n"
        "koeln_hall,power,grid:DE,,,,,,low\n"
        "texas_big,power,grid:ERCOT,0.6,1,proportional,1,0,medium\n"
        "texas_big,power,plant:texas_big,0.4,1,proportional,1,0,medium\n"
        "dublin_one,control_plane,cloud_region:nimbus/eu-1,,1,quorum,0.3,0,low\n"
        "koeln_hall,control_plane,cloud_region:nimbus/eu-1,,1,quorum,0.3,0,low\n"
        "cloud_region:nimbus/eu-1,provider,cloud:nimbus,,1,quorum,1,0,high\n"),
    "events.csv": (
        "event_id,peril,region,rate_per_yr,node_id,probability,depth,duration_dist,duration_h,"
        "duration_shape\n"
        "storm,winter_storm,ERCOT,0.5,grid:ERCOT,1,0.7,lognormal,48,0.8\n"
        "storm,winter_storm,ERCOT,0.5,plant:texas_big,0.4,1,lognormal,24,0.8\n"
        "blackout,winter_storm,IE,0.2,grid:IE,1,1,fixed,12,\n"
        "slip,cloud_fault,eu-1,2,cloud:nimbus,1,1,exponential,6,\n"),
}


def write_small_world(folder: Path) -> Path:
    """Write the small valid world into a folder and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@dataclass(frozen=True)
class BrokenWorld:
    """How to break one thing, and what the error must say about it."""

    break_it: Callable[[Path], None]
    check: str
    file: str
    rows: tuple[int, ...]  # lines of the file, the header is 1
    says: tuple[str, ...]  # words of the message
    mend: str  # a word of the mend


def _swap(name: str, old: str, new: str) -> Callable[[Path], None]:
    def break_it(folder: Path) -> None:
        text = (folder / name).read_text(encoding="utf-8")
        assert text.count(old) == 1, (name, old)
        (folder / name).write_text(text.replace(old, new), encoding="utf-8")
    return break_it


def _remove(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def _empty(name: str) -> Callable[[Path], None]:
    def break_it(folder: Path) -> None:
        (folder / name).write_bytes(b"")
    return break_it


def _latin1(name: str) -> Callable[[Path], None]:
    def break_it(folder: Path) -> None:
        text = (folder / name).read_text(encoding="utf-8")
        (folder / name).write_bytes(text.encode("latin-1"))
    return break_it


def _drop_column(name: str, column: str) -> Callable[[Path], None]:
    def break_it(folder: Path) -> None:
        rows = [line.split(",") for line in
                (folder / name).read_text(encoding="utf-8").splitlines()]
        at = rows[0].index(column)
        text = "".join(",".join(row[:at] + row[at + 1:]) + "\n" for row in rows)
        (folder / name).write_text(text, encoding="utf-8")
    return break_it


#: the fourteen worlds that must be refused
BROKEN_WORLDS: dict[str, BrokenWorld] = {
    "file_missing": BrokenWorld(
        _remove("holdings.csv"), "missing_file", "holdings.csv", (), ("missing",), "holdings.csv"),
    "column_missing": BrokenWorld(
        _drop_column("labs.csv", "needed_share"), "missing_column", "labs.csv", (1,),
        ("needed_share", "missing"), "add the column"),
    "column_unknown": BrokenWorld(
        _swap("sites.csv", "facility_mw,it_mw", "facillity_mw,it_mw"), "unknown_column",
        "sites.csv", (1,), ("facillity_mw", "did you mean 'facility_mw'"), "rename it"),
    "type_wrong": BrokenWorld(
        _swap("sites.csv", ",260,200,", ",260,about 200,"), "wrong_type", "sites.csv", (4,),
        ("it_mw", "about 200", "number"), "plain number in MW"),
    "coordinates_empty": BrokenWorld(
        _swap("sites.csv", "50.94,6.95", ","), "empty_cells", "sites.csv", (3,),
        ("lat", "empty"), "coord_precision_km"),
    "latitude_95": BrokenWorld(
        _swap("sites.csv", "53.35,-6.4", "95,-6.4"), "bounds", "sites.csv", (2,),
        ("lat is 95", "90 degrees or less"), "lat and lon exchanged"),
    "shares_above_one": BrokenWorld(
        _swap("holdings.csv", "dublin_one,0.2", "dublin_one,0.6"), "shares_above_one",
        "holdings.csv", (2, 3), ("dublin_one", "1.3", "aurora 0.7 + boreal 0.6"), "lower them"),
    "unknown_node": BrokenWorld(
        _swap("requirements.csv", "texas_big,power,grid:ERCOT", "texas_big,power,grid:ERCOTT"),
        "foreign_keys", "requirements.csv", (4,), ("grid:ERCOTT", "did you mean 'grid:ERCOT'"),
        "nodes.csv"),
    "power_negative": BrokenWorld(
        _swap("sites.csv", ",130,100,", ",130,-100,"), "bounds", "sites.csv", (2,),
        ("it_mw is -100 MW", "0 MW or more"), "positive"),
    "site_twice": BrokenWorld(
        _swap("sites.csv", "texas_big,Texas Big", "dublin_one,Texas Big"), "duplicate_keys",
        "sites.csv", (2, 4), ("site_id 'dublin_one'", "2 times"), "keep one"),
    "dates_reversed": BrokenWorld(
        _swap("sites.csv", "2024-05-01,2026-03-01", "2026-03-01,2024-05-01"), "dates",
        "sites.csv", (2,), ("operational_from 2026-03-01", "after full_capacity_date 2024-05-01"),
        "exchange"),
    "not_utf8": BrokenWorld(
        _latin1("sites.csv"), "not_utf8", "sites.csv", (3,), ("not UTF-8", "0xf6", "Köln"),
        "UTF-8"),
    "file_empty": BrokenWorld(
        _empty("labs.csv"), "empty_file", "labs.csv", (), ("empty",), "header"),
    "k_above_group": BrokenWorld(
        _swap("requirements.csv", "grid:IE,,1,quorum", "grid:IE,,2,quorum"), "k_range",
        "requirements.csv", (2,), ("group 'power' of 'dublin_one'", "k = 2 of 1 member"),
        "set k to 1"),
}
