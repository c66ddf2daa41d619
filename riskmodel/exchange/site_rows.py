"""From cells of a stranger's table to sites: each row taken whole, or named with its mend."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from riskmodel.exchange.incoming import BadRow, Incoming
from riskmodel.world.columns import NUMBER
from riskmodel.world.rules_graph import slug
from riskmodel.world.slips import meant_date, meant_number
from riskmodel.world.tables import SITES

#: our columns that are read here and not as cells of the table sites
_OWN = ("site_id", "lab", "share", "country_iso2")
_DAY = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")
_LONGEST_ID = 60
#: a place given to a whole degree is not known better than this
_KM_PER_DEGREE = 111.2


@dataclass
class SiteRow:
    """One site as the file gives it: cells of the table sites, who holds it, and from where."""

    row: int
    cells: dict[str, Any]
    #: name, how sure, share (None: not said)
    labs: list[tuple[str, str, float | None]] = field(default_factory=list)
    also: list[int] = field(default_factory=list)  # further rows of the same site


@dataclass(frozen=True)
class Terms:
    """How power and holders are read."""

    pue: float  # facility power over IT power where the file has none
    mw_column: str = ""  # a column whose cells are turned into MW ...
    mw_per_unit: float = 0.0  # ... by this factor
    lab: str = ""  # who holds a site for which the file names nobody


class _Wrong(Exception):
    def __init__(self, message: str, mend: str) -> None:
        super().__init__(message)
        self.message, self.mend = message, mend


def site_rows(read: Incoming, taken: Mapping[str, str],
              terms: Terms) -> tuple[list[SiteRow], list[BadRow]]:
    """Return the sites of a file, and the rows that are none with the mend of each."""
    bad = {each.row: each for each in read.bad}
    rows: list[SiteRow] = []
    for values, number in zip(read.frame.to_dict("records"), read.rows, strict=True):
        if number in bad:
            continue
        cells = {ours: str(values[theirs]).strip() for ours, theirs in taken.items()}
        scaled = str(values.get(terms.mw_column, "")).strip() if terms.mw_column else ""
        try:
            rows.append(_row(number, cells, scaled, read, terms))
        except _Wrong as wrong:
            bad[number] = BadRow(number, wrong.message, wrong.mend)
    rows, twice = _joined(rows)
    return rows, sorted([*bad.values(), *twice], key=lambda each: each.row)


def _row(number: int, cells: Mapping[str, str], scaled: str, read: Incoming,
         terms: Terms) -> SiteRow:
    out: dict[str, Any] = {}
    for ours, text in cells.items():
        if ours in _OWN or not text:
            continue
        column = SITES.column(ours)
        if column.kind == "number":
            out[ours] = _number(ours, text, read.decimal_comma)
            if ((column.low is not None and out[ours] < column.low)
                    or (column.high is not None and out[ours] > column.high)):
                exchanged = " (lat and lon exchanged?)" if ours in ("lat", "lon") else ""
                raise _Wrong(f"{ours} is {text}; it must lie between {column.low:g} and "
                             f"{'any' if column.high is None else f'{column.high:g}'}",
                             f"correct it{exchanged}")
        elif column.kind == "date":
            if not _DAY.fullmatch(text):
                raise _Wrong(f"{ours} is '{text}', which is no ISO 8601 date",
                             f"write 2026-10-01 {meant_date(text)}".strip()
                             + f"; or leave the column out with --map {ours}=")
            out[ours] = text
        elif column.values:
            word = text.lower().replace(" ", "_")
            if word not in column.values:
                raise _Wrong(f"{ours} is '{text}'", f"use one of {', '.join(column.values)}; or "
                             f"leave the column out with --map {ours}=")
            out[ours] = word
        else:
            out[ours] = " ".join(text.split()) if ours != "source_urls" else _sources(text)
    for ours in ("lat", "lon"):
        if ours not in out:
            raise _Wrong(f"there is no {ours}", "give latitude and longitude in decimal degrees; "
                         "where only the town is known, the town's, with coord_precision_km")
    _power(out, scaled, terms)
    out.setdefault("coord_precision_km", _precision(cells["lat"], cells["lon"]))
    out["name"] = out.get("name") or cells.get("site_id") or f"Site of row {number}"
    out["country"] = cells.get("country_iso2", "")
    out["site_id"] = cells.get("site_id") or short_id(out["name"]) or f"site_{number}"
    out["given_id"] = bool(cells.get("site_id"))
    return SiteRow(number, out, _labs(cells, terms))


def short_id(name: str) -> str:
    """Return an id made of a name; one of an endless name is cut, and told apart by its hash.

    Examples
    --------
    >>> short_id("Oak Campus (north)")
    'oak_campus_north'
    """
    made = slug(name)
    if len(made) <= _LONGEST_ID:
        return made
    return f"{made[:_LONGEST_ID - 9]}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def _number(ours: str, text: str, decimal_comma: bool) -> float:
    word = text.replace(",", ".") if decimal_comma and text.count(",") == 1 else text
    if not NUMBER.fullmatch(word):
        meant = meant_number(text)
        raise _Wrong(f"{ours} is '{text}', which is no number",
                     "write a plain number with a point for decimals"
                     + (f" ({meant})" if meant else ""))
    return float(word)


def _power(out: dict[str, Any], scaled: str, terms: Terms) -> None:
    """Fill IT and facility power from what there is; nothing is guessed from nothing."""
    pue = out.get("pue")
    if "it_mw" in out:
        out["it_mw_basis"] = "given"
    elif "facility_mw" in out:
        out["it_mw"] = round(out["facility_mw"] / (pue or terms.pue), 6)
        out["it_mw_basis"] = f"facility power over PUE {pue or terms.pue:g}"
    elif scaled:
        value = _number(terms.mw_column, scaled, False)
        out["it_mw"] = round(value * terms.mw_per_unit, 6)
        out["it_mw_basis"] = f"{terms.mw_column} x {terms.mw_per_unit:g} (a stated factor)"
        out.setdefault("confidence", "low")
    else:
        raise _Wrong("there is no power", "give MW of IT power (0 where nothing runs), or facility "
                     "power with --map facility_mw=COLUMN, or a factor with --mw-per COLUMN=MW")
    if pue is None:
        out["pue"], out["pue_basis"] = terms.pue, "default: rules.toml pue_default"
    else:
        out["pue_basis"] = "given"
    out.setdefault("facility_mw", round(out["it_mw"] * out["pue"], 6))
    out["power_mw"], out["power_basis"] = out["facility_mw"], "facility"


def _precision(*texts: str) -> float:
    """Return how wrong a place may be by the digits it is given with, in km."""
    digits = min(len(text.partition(".")[2]) for text in texts)
    return float(f"{max(_KM_PER_DEGREE * 10.0 ** -digits, 0.1):.2g}")


def _sources(text: str) -> str:
    found = re.findall(r"https?://[^\s()\[\],;\"']+", text)
    return ";".join(dict.fromkeys(found)) if found else " ".join(text.split())


def _labs(cells: Mapping[str, str], terms: Terms) -> list[tuple[str, str, float | None]]:
    share = _share(cells.get("share", ""))
    text = cells.get("lab", "") or terms.lab
    labs: list[tuple[str, str, float | None]] = []
    for word in re.split(r"[;,|\n]", text):
        name, _, tag = word.partition("#")
        if name.strip():
            labs.append((" ".join(name.split()), tag.strip(), None))
    if share is not None and not labs:
        raise _Wrong("there is a share and no lab", "name the lab that holds it, or leave the "
                     "share empty")
    if share is not None and len(labs) > 1:
        raise _Wrong(f"one share stands for {len(labs)} labs", "give each lab a row of its own "
                     "with its share")
    return [(name, tag, share) for name, tag, _ in labs]


def _share(text: str) -> float | None:
    if not text:
        return None
    word = text.removesuffix("%").strip()
    share = _number("share", word, True) / (100 if text.endswith("%") else 1)
    if not 0 <= share <= 1:
        raise _Wrong(f"share is {text}", "write a share from 0 to 1"
                     + (f" (if {text} per cent was meant: {share / 100:g})"
                        if 1 < share <= 100 else ""))
    return share


def _differ(one: SiteRow, other: SiteRow) -> str:
    """Return the first column in which two rows of one site contradict each other."""
    mine = set(_OWN) | {"notes"}
    return next((name for name, value in other.cells.items()
                 if name not in mine and one.cells.get(name, value) != value), "")


def _join_notes(one: SiteRow, other: SiteRow) -> None:
    for name, value in other.cells.items():
        one.cells.setdefault(name, value)
    said = other.cells.get("notes", "")
    if said and said not in str(one.cells.get("notes", "")):
        one.cells["notes"] = "; ".join(filter(None, [one.cells.get("notes", ""), said]))


def _joined(rows: Sequence[SiteRow]) -> tuple[list[SiteRow], list[BadRow]]:
    """Join rows of one site that name its labs one by one; refuse what stands twice otherwise."""
    first: dict[str, SiteRow] = {}
    bad: list[BadRow] = []
    for row in rows:
        site, n = row.cells["site_id"], 2
        while True:
            other = first.get(site)
            if other is None:
                row.cells["site_id"] = site
                first[site] = row
                break
            same = all(row.cells[name] == other.cells[name] for name in ("lat", "lon", "it_mw"))
            new = {lab for lab, _, _ in row.labs} - {lab for lab, _, _ in other.labs}
            if same and row.labs and len(new) == len(row.labs):
                differ = _differ(other, row)
                if differ:
                    bad.append(BadRow(row.row, f"'{site}' on row {other.row} has another {differ}",
                                      "give the rows of one site the same cells, but for lab, "
                                      "share and notes"))
                    break
                other.labs += row.labs
                _join_notes(other, row)
                other.also.append(row.row)
                break
            if row.cells["given_id"] or same:
                bad.append(BadRow(row.row, f"'{site}' stands on row {other.row} too",
                                  "keep one of the rows, or give each site its own site_id; rows "
                                  "that share a site must agree in place and power and name "
                                  "different labs"))
                break
            site, n = f"{row.cells['site_id']}_{n}", n + 1
    for row in first.values():
        total = sum(share or 0.0 for _, _, share in row.labs)
        if total > 1 + 1e-9:
            where = f" with row{'s' if len(row.also) > 1 else ''} " + ", ".join(
                map(str, row.also)) if row.also else ""
            bad.append(BadRow(row.row, f"the shares of '{row.cells['site_id']}'{where} add up to "
                              f"{total:g}", "lower them to 1 together"))
    gone = {each.row for each in bad}
    return [row for row in first.values() if row.row not in gone], bad
