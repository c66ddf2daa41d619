"""Sequential simulation: every unit through the year, exact in continuous time.

Each unit alternates between up and down with exponential times, from a stationary start. Load
steps at the full hour. Between two changes nothing happens, so a shortage is a row of pieces of
constant depth, without time steps. Draws are keyed by year and unit: they depend on nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskmodel.perils.adequacy.convolution import peak_hours

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmodel.perils.adequacy.systems import GeneratingSystem, UnitClass
    from riskmodel.perils.protocol import Block

#: years drawn at a time: memory stays flat, and nothing depends on it
CHUNK = 500
PIECE_COLUMNS = ("year", "event", "start_h", "duration_h", "short_mw", "load_mw")


def shortages(system: GeneratingSystem, block: Block) -> pd.DataFrame:
    """Return every shortage of the block's years as pieces of constant depth.

    Returns
    -------
    frame with ``PIECE_COLUMNS``, ordered by year and start: the number ``event`` counts the
    shortages of a year from 0, and pieces that touch are one shortage; hours from the start of the
    year; MW not served and MW of load. Load beyond the system's hours is not there: nothing is
    short in it.
    """
    years = np.asarray(block.years, np.int64)
    parts = [_chunk(system, block, years[first:first + CHUNK])
             for first in range(0, len(years), CHUNK)]
    column = {name: np.concatenate([part[name] for part in parts]) if parts else np.zeros(0)
              for name in ("year", "start_h", "end_h", "short_mw", "load_mw")}
    year, start, end = column["year"].astype(np.int64), column["start_h"], column["end_h"]
    order = np.lexsort((start, year))
    year, start, end = year[order], start[order], end[order]
    new_year = np.append(True, year[1:] != year[:-1])[:len(year)]
    new = new_year.copy()
    new[1:] |= start[1:] != end[:-1]
    serial = np.cumsum(new) - 1
    event = serial - np.maximum.accumulate(np.where(new_year, serial, 0))
    return pd.DataFrame({
        "year": year, "event": event.astype(np.int64), "start_h": start,
        "duration_h": end - start, "short_mw": column["short_mw"][order],
        "load_mw": column["load_mw"][order]}, columns=list(PIECE_COLUMNS))


def yearly_indices(system: GeneratingSystem, pieces: pd.DataFrame,
                   years: NDArray[np.int64]) -> pd.DataFrame:
    """Return the indices of each simulated year, one row a year, named as in ``exact_indices``.

    The means estimate what ``exact_indices`` gives; ``shortfall_h`` is left out (a ratio).
    """
    place = np.searchsorted(np.sort(years), pieces["year"])
    start = pieces["start_h"].to_numpy()
    hours = pieces["duration_h"].to_numpy()
    short = pieces["short_mw"].to_numpy()

    def total(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.bincount(place, weights=values, minlength=len(years)).astype(np.float64)

    hour = start.astype(np.int64)
    at_full_hour = start == hour  # the state an hourly observer sees
    load = system.load_mw
    first = np.append(True, np.diff(pieces["year"] * 10_000 + pieces["event"]) != 0)[:len(start)]
    seen_year, seen_hour = place[at_full_hour], hour[at_full_hour]
    seen = seen_year * (len(load) + 1) + seen_hour
    good_before = np.append(True, np.diff(seen) != 1)[:len(seen)] & (seen_hour > 0)
    frame = {
        "lole": total(hours), "loee": total(short * hours),
        "lole_days": total((at_full_hour & np.isin(hour, peak_hours(load))).astype(float)),
        "lolp_peak": total((at_full_hour & (hour == int(load.argmax()))).astype(float)),
        "lolf": total((first & (start > 0)).astype(float)),
        "lolf_hourly": np.bincount(seen_year, weights=good_before.astype(float),
                                   minlength=len(years)),
        "curtailed": total(short / pieces["load_mw"].to_numpy() * hours),
    }
    return pd.DataFrame({"year": np.sort(years), **frame})


# -------------------------------------------------------------------- one chunk of years


def _chunk(system: GeneratingSystem, block: Block,
           years: NDArray[np.int64]) -> dict[str, NDArray[np.float64]]:
    row, time, jump, down = _changes(system, block, years)
    order = np.lexsort((time, row))
    row, time, jump = row[order], time[order], jump[order]
    on_outage = np.cumsum(jump)
    # every row begins with its change at hour 0, which holds what is down then
    begin = np.searchsorted(row, np.arange(len(years)))
    on_outage += np.repeat(down - on_outage[begin], np.diff(np.append(begin, len(row))))
    until = np.append(time[1:], 0.0)
    until[np.append(begin[1:], len(row)) - 1] = len(system.load_mw)
    row, start, end, out = _may_be_short(system, row, time, until, on_outage)
    return _pieces(system, years[row], start, end, out)


def _changes(system: GeneratingSystem, block: Block, years: NDArray[np.int64]) -> tuple[
        NDArray[np.int64], NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """Return row, hour and steps lost of every change, and what is down at hour 0 by row."""
    rows = np.arange(len(years))
    down = np.zeros(len(years), np.int64)
    found = [(rows, np.zeros(len(years)), np.zeros(len(years), np.int64))]
    for unit in system.units:
        if unit.forced_outage_rate > 0:
            steps = system.steps(unit.mw)
            names = np.array([f"{system.system_id}/{unit.name}/{n + 1}"
                              for n in range(unit.count)], object)
            at_first = (block.uniform("unit down at first", year=years[:, None],
                                      entity=names[None, :]) < unit.forced_outage_rate)
            down += steps * at_first.sum(axis=1)
            row, time, fails = _transitions(unit, block, years, names, at_first,
                                            float(len(system.load_mw)))
            found.append((row, time, np.where(fails, steps, -steps)))
    row, time, jump = (np.concatenate(each) for each in zip(*found, strict=True))
    return row, time, jump, down


def _transitions(unit: UnitClass, block: Block, years: NDArray[np.int64],
                 names: NDArray[np.object_], at_first: NDArray[np.bool_], horizon_h: float,
                 ) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.bool_]]:
    """Return row, hour and direction of every change of the units of one class."""
    down_h = unit.mttr_h
    up_h = down_h * (1.0 - unit.forced_outage_rate) / unit.forced_outage_rate
    usual = 2.0 * horizon_h / (up_h + down_h)
    many = int(np.ceil(usual + 3.0 * np.sqrt(usual))) + 2  # most draws are done in one go
    row, column = (each.ravel() for each in np.indices(at_first.shape))
    is_down, reached = at_first.ravel(), np.zeros(at_first.size)
    found: list[tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.bool_]]] = []
    done = 0
    while len(row):
        number = done + np.arange(many)
        u = block.uniform("unit hours", year=years[row][:, None], event=number[None, :],
                          entity=names[column][:, None])
        now_down = is_down[:, None] ^ (number % 2 == 1)[None, :]
        time = reached[:, None] + np.cumsum(-np.log(u) * np.where(now_down, down_h, up_h), axis=1)
        inside = time < horizon_h
        at, k = np.nonzero(inside)
        found.append((row[at], time[at, k], ~now_down[at, k]))
        left = inside[:, -1]
        row, column, is_down, reached = row[left], column[left], is_down[left], time[left, -1]
        done += many
    rows, times, fails = (np.concatenate(each) for each in zip(*found, strict=True))
    return rows, times, fails


def _may_be_short(system: GeneratingSystem, row: NDArray[np.int64], start: NDArray[np.float64],
                  end: NDArray[np.float64], out: NDArray[np.int64]) -> tuple[
        NDArray[np.int64], NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Keep the spans between changes in which the highest load is above what is there."""
    spare = system.spare_steps()
    kept = np.flatnonzero((out > spare.min()) & (end > start))
    lowest = _range_minimum(spare, start[kept].astype(np.int64),
                            np.ceil(end[kept]).astype(np.int64))
    kept = kept[out[kept] > lowest]
    return row[kept], start[kept], end[kept], out[kept]


def _range_minimum(values: NDArray[np.int64], first: NDArray[np.int64],
                   stop: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return min(values[first:stop]) of many ranges, from minima over powers of two."""
    table = [values]
    while 2 ** len(table) <= len(values):
        half = 2 ** (len(table) - 1)
        table.append(np.minimum(table[-1][:-half], table[-1][half:]))
    found = np.empty(len(first), np.int64)
    level = np.floor(np.log2(stop - first)).astype(np.int64)
    for power in np.unique(level):
        mine = level == power
        found[mine] = np.minimum(table[power][first[mine]],
                                 table[power][stop[mine] - 2**int(power)])
    return found


def _pieces(system: GeneratingSystem, year: NDArray[np.int64], start: NDArray[np.float64],
            end: NDArray[np.float64], out: NDArray[np.int64]) -> dict[str, NDArray[np.float64]]:
    """Cut the spans at the full hours and keep the pieces in which load is short."""
    first = start.astype(np.int64)
    hours = np.ceil(end).astype(np.int64) - first
    which = np.repeat(np.arange(len(first)), hours)
    hour = first[which] + np.arange(len(which)) - np.repeat(np.cumsum(hours) - hours, hours)
    spare = system.spare_steps()
    short = out[which] > spare[hour]
    which, hour = which[short], hour[short]
    load = system.load_mw[hour]
    return {"year": year[which], "start_h": np.maximum(start[which], hour),
            "end_h": np.minimum(end[which], hour + 1.0),
            "short_mw": load - (system.capacity_mw - out[which] * system.step_mw),
            "load_mw": load}
