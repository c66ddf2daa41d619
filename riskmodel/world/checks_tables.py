"""Checks that follow from the definition of the tables: keys, references, bounds, words, dates."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskmodel.errors import Problem
from riskmodel.world.columns import near, shown
from riskmodel.world.findings import number, problem, readable, where, which_combination
from riskmodel.world.schema import Column
from riskmodel.world.slips import meant_date
from riskmodel.world.tables import TABLES

if TYPE_CHECKING:
    from riskmodel.world.world import World

#: values named one by one in messages about references; the rest is summed up
_MOST_NAMED = 12
#: columns whose bounds have a check under their own name
_OWN_NAME = {("requirements", "k"): "k_range", ("requirements", "weight"): "weights"}
#: above this a number is probably in a smaller unit
_LIKELY_MOST = {("sites", "it_mw"): (10_000.0, "kW"), ("sites", "facility_mw"): (15_000.0, "kW"),
                ("sites_timeline", "it_mw"): (10_000.0, "kW"), ("sites", "pue"): (3.0, "per cent"),
                ("sites", "onsite_generation_mw"): (15_000.0, "kW"),
                ("deals", "capacity_gw"): (50.0, "MW")}
#: pairs of a first and a last day in one row
_SPANS = {"sites": ("operational_from", "full_capacity_date"), "deals": ("start", "end")}
_ISO = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")


def no_rows(world: World) -> Iterator[Problem]:
    """A world without a site has nothing to lose."""
    if readable(world, "sites") and not len(world.sites):
        yield Problem("no_rows", "raise", where(world, "sites"), "there is no site in the table",
                      "give one row for each site that holds training capacity: site_id, lat, "
                      "lon and it_mw at the least")


def duplicate_keys(world: World) -> Iterator[Problem]:
    """Find rows with the same key."""
    for name, table in TABLES.items():
        frame: pd.DataFrame = getattr(world, name)
        if not table.key or not len(frame) or not readable(world, name, *table.key):
            continue
        if which_combination(frame, table.key).max() + 1 == len(frame):
            continue
        key = frame[list(table.key)]
        required = [c for c in table.key if table.column(c).required]
        again = key.duplicated(keep=False) & (key[required] != "").all(axis=1)
        if not again.any():
            continue
        for values, group in key[again].groupby(list(table.key), sort=False):
            if name == "requirements":
                node, need, member = values
                yield problem(world, "duplicate_member", "raise", name, key.index.isin(group.index),
                              f"group '{need}' of '{node}' names the member '{member}' "
                              f"{len(group)} times",
                              "keep one row for each member; its weight says how much it serves")
            else:
                text = ", ".join(f"{c} '{v}'" for c, v in zip(table.key, values, strict=True) if v)
                yield problem(world, "duplicate_keys", "raise", name, key.index.isin(group.index),
                              f"{text} stands {len(group)} times",
                              "keep one of these rows, or give each its own "
                              f"{' or '.join(table.key[-1:])}")


def foreign_keys(world: World) -> Iterator[Problem]:
    """Find references to rows that are not there."""
    nodes = set(world.sites["site_id"]) | set(world.nodes["node_id"])
    for name, table in TABLES.items():
        frame: pd.DataFrame = getattr(world, name)
        if not len(frame):
            continue
        for column in table.columns:
            if column.foreign:
                target, _, key = column.foreign.partition(".")
                if readable(world, target, key) and readable(world, name, column.name):
                    yield from _unknown(world, name, column.name, set(getattr(world, target)[key]),
                                        target, "foreign_keys", "raise")
    whole = readable(world, "nodes", "node_id") and readable(world, "sites", "site_id")
    for name, column_name, check, level in (
            ("requirements", "node_id", "foreign_keys", "raise"),
            ("requirements", "member_id", "foreign_keys", "raise"),
            ("events", "node_id", "event_nodes", "warn")):
        if whole and readable(world, name, column_name):
            yield from _unknown(world, name, column_name, nodes, "nodes", check, level)


def _unknown(world: World, name: str, column: str, known: set[str], target: str, check: str,
             level: str) -> Iterator[Problem]:
    cells = getattr(world, name)[column]
    values = [value for value in dict.fromkeys(cells.tolist()) if value and value not in known]
    if not values:
        return
    lost = cells.isin(values)
    place = f"{where(world, target)} or {where(world, 'sites')}" if target == "nodes" \
        else where(world, target)
    thing = "node" if target == "nodes" else "row"
    if check == "event_nodes" and len(values) > 3:
        # a part of a world keeps the event table of the whole: one line says it
        yield problem(world, check, level, name, lost,
                      f"{len(values)} nodes the events hit are not in this world: {shown(values)}",
                      "nothing to do if the world is a part of a larger one; else add the nodes")
        return
    for value in values[:_MOST_NAMED]:
        yield problem(world, check, level, name, cells == value,
                      f"{column} '{value}' is no {thing} of {place}{near(value, known)}",
                      f"correct the id, or add '{value}' to {place}")
    if len(values) > _MOST_NAMED:
        rest = set(values[_MOST_NAMED:])
        yield problem(world, check, level, name, cells.isin(rest),
                      f"{len(rest)} more values of {column} are no {thing} of {place}: "
                      f"{shown(values[_MOST_NAMED:])}",
                      f"correct the ids, or add them to {place}")


def bounds(world: World) -> Iterator[Problem]:
    """Find numbers outside the bounds of their column."""
    for name, table in TABLES.items():
        frame: pd.DataFrame = getattr(world, name)
        if not len(frame):
            continue
        for column in table.columns:
            if column.kind not in ("number", "integer"):
                continue
            cells = frame[column.name].to_numpy(dtype=float, na_value=np.nan)
            check = _OWN_NAME.get((name, column.name), "bounds")
            for mask, text in _outside(column, cells):
                if mask.any():
                    unit = f" {column.unit}" if column.unit not in ("", "1") else ""
                    values = ", ".join(number(v) for v in list(dict.fromkeys(cells[mask]))[:3])
                    yield problem(world, check, "raise", name, mask,
                                  f"{column.name} is {values}{unit}; it must be {text}",
                                  _mend_bounds(column, float(cells[mask][0]), frame, mask))


def _outside(column: Column, cells: np.ndarray) -> Iterator[tuple[np.ndarray, str]]:
    unit = f" {column.unit}" if column.unit not in ("", "1") else ""
    with np.errstate(invalid="ignore"):
        if column.low is not None:
            yield cells < column.low, f"{number(column.low)}{unit} or more"
        if column.above is not None:
            yield cells <= column.above, f"above {number(column.above)}{unit}"
        if column.high is not None:
            yield cells > column.high, f"{number(column.high)}{unit} or less"


def _mend_bounds(column: Column, value: float, frame: pd.DataFrame, mask: np.ndarray) -> str:
    if column.name == "lat":
        other = float(frame["lon"].to_numpy(dtype=float)[mask][0])
        if abs(other) <= 90 and abs(value) <= 180:
            return "latitudes run from -90 to 90: were lat and lon exchanged?"
        return "latitudes run from -90 to 90: correct it"
    if column.name == "lon":
        return "longitudes run from -180 to 180, east positive: correct it"
    if column.high == 1.0 and 2.0 <= value <= 100.0:
        return f"write a share from 0 to 1 (if {number(value)} per cent was meant: " \
               f"{number(value / 100)})"
    if column.name.endswith(("_mw", "_mw_low", "_mw_high")) and value < 0:
        return "write the power as a positive number; leave it empty where it is unknown" \
            if not column.required else \
            "write the power as a positive number, or 0 where nothing runs"
    return f"correct the number ({column.meaning})"


def allowed_values(world: World) -> Iterator[Problem]:
    """Find words a column does not know."""
    for name, table in TABLES.items():
        frame: pd.DataFrame = getattr(world, name)
        if not len(frame):
            continue
        for column in table.columns:
            if not column.values:
                continue
            cells = frame[column.name]
            odd = [v for v in dict.fromkeys(cells.tolist()) if v and v not in column.values]
            for value in odd[:_MOST_NAMED]:
                check, level = ("unusual_values", "warn") if column.soft \
                    else ("allowed_values", "raise")
                yield problem(world, check, level, name, cells == value,
                              f"{column.name} is '{value}'{near(value, column.values)}",
                              f"use one of {', '.join(column.values)}")


def dates(world: World) -> Iterator[Problem]:
    """Find cells that are no ISO 8601 date, and first days after last days.

    A year or a month alone is a date known that far; only a timeline needs its day.
    """
    for name, table in TABLES.items():
        frame: pd.DataFrame = getattr(world, name)
        if not len(frame):
            continue
        for column in table.columns:
            if column.kind != "date":
                continue
            cells = frame[column.name]
            no_date = {cell for cell in set(cells.tolist()) if cell and (
                (span := _span(cell)) is None or (column.required and span[0] != span[1]))}
            if no_date:
                bad = cells.isin(no_date)
                whole = " with its day" if column.required else ""
                guesses = [text for cell in sorted(no_date)[:3] if (text := meant_date(cell))]
                meant = f" ({'; '.join(guesses)})" if guesses else ""
                yield problem(world, "dates", "raise", name, bad,
                              f"{column.name} holds {shown(cells[bad])}, which is not an ISO 8601 "
                              f"date{whole}", f"write it as 2026-10-01{meant}"
                              + ("" if column.required else ", or 2026-10 or 2026 if no more is "
                                                            "known"))
    for name, (first, last) in _SPANS.items():
        frame = getattr(world, name)
        if not len(frame):
            continue
        spans = [(_span(a), _span(b)) for a, b in zip(frame[first], frame[last], strict=True)]
        reverse = np.array([a is not None and b is not None and a[0] > b[1] for a, b in spans],
                           dtype=bool)
        if reverse.any():
            i = int(np.flatnonzero(reverse)[0])
            yield problem(world, "dates", "raise", name, reverse,
                          f"{first} {frame[first].iat[i]} lies after {last} {frame[last].iat[i]}",
                          f"correct one of the two, or exchange them: {first} comes first")
    yield from _timeline_order(world)


def _timeline_order(world: World) -> Iterator[Problem]:
    steps = world.sites_timeline
    if not len(steps) or not readable(world, "sites_timeline", "site_id", "date"):
        return
    previous = steps.groupby("site_id")["date"].shift()
    back = (previous.notna() & (steps["date"] < previous) & (steps["date"] != "")).to_numpy()
    if back.any():
        i = int(np.flatnonzero(back)[0])
        yield problem(world, "dates", "raise", "sites_timeline", back,
                      f"the steps of '{steps['site_id'].iat[i]}' run backwards: "
                      f"{steps['date'].iat[i]} stands after {previous.iat[i]}",
                      "put the steps of a site in the order of their dates, or correct the date")


def _span(text: str) -> tuple[dt.date, dt.date] | None:
    """Return first and last day that a date, month or year may mean."""
    found = _ISO.fullmatch(text)
    if found is None:
        return None
    year, month, day = (int(part) if part else None for part in found.groups())
    try:
        if year is None or month is None:
            return dt.date(int(found[1]), 1, 1), dt.date(int(found[1]), 12, 31)
        if day is None:
            return (dt.date(year, month, 1),
                    dt.date(year, month, calendar.monthrange(year, month)[1]))
        return dt.date(year, month, day), dt.date(year, month, day)
    except ValueError:
        return None


def units(world: World) -> Iterator[Problem]:
    """Find numbers so large that they are probably in another unit."""
    for (name, column), (most, unit) in _LIKELY_MOST.items():
        cells = getattr(world, name)[column].to_numpy(dtype=float, na_value=np.nan)
        if not len(cells):
            continue
        with np.errstate(invalid="ignore"):
            large = cells > most
        if large.any():
            wanted = TABLES[name].column(column).unit
            yield problem(world, "units", "warn", name, large,
                          f"{column} is {number(float(np.nanmax(cells)))}; the column is in "
                          f"{'a ratio' if wanted == '1' else wanted}, and above {number(most)} "
                          f"it looks like {unit}",
                          f"convert it if it was given in {unit}; else leave it")
