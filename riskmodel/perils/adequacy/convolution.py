"""Exact indices of a generating system, by convolution of its units.

The capacity on outage is a sum of independent two-state units. Its distribution, the joint
distribution of two moments an hour apart, and the rate at which it passes a level all follow unit
by unit (Billinton and Allan, Reliability Evaluation of Power Systems, 2nd ed. 1996, chapters 2 and
3). No random number, no rounding beyond the arithmetic.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from riskmodel.errors import RiskModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmodel.perils.adequacy.systems import GeneratingSystem

#: index -> unit, in the order people read them
INDICES = {
    "lole": "h/yr", "loee": "MWh/yr", "lole_days": "d/yr", "lolp_peak": "1",
    "lolf": "1/yr", "lolf_hourly": "1/yr", "shortfall_h": "h", "curtailed": "h/yr",
}
#: one-dimensional tables longer than this, and joint tables wider than that, are refused
LONGEST = 5_000_000
WIDEST = 5_000


def exact_indices(system: GeneratingSystem, *, joint: bool = True) -> dict[str, float]:
    """Return the exact indices of a system for one year of its load, nothing rescaled.

    Returns
    -------
    dict with the keys of ``INDICES``:
        ``lole`` hours of the year with load short; ``loee`` energy not served, MWh;
        ``lole_days`` days whose peak hour is short; ``lolp_peak`` chance of a shortage in the
        year's peak hour; ``lolf`` shortages a year, units in continuous time and load in hourly
        steps; ``lolf_hourly`` the same seen once an hour (hour pairs good then short, first hour
        not paired with the last); ``shortfall_h`` mean length of a shortage, lole / lolf;
        ``curtailed`` sum over the hours of the expected share of load not served.
        ``lolf_hourly`` is NaN where the joint table would be too wide, or with ``joint=False``.

    Raises
    ------
    RiskModelError : a table of so many steps; round the units' MW.
    """
    spare = system.spare_steps()
    load = system.load_mw
    p_short = short_chance(system)
    not_served = expected_short_mw(system, load)
    days = peak_hours(load)
    lolf = event_frequency(system)
    wide = int(spare.max()) + 1 > WIDEST
    lole = float(p_short.sum())
    return {
        "lole": lole,
        "loee": float(not_served.sum()),
        "lole_days": float(p_short[days].sum()),
        "lolp_peak": float(p_short[int(load.argmax())]),
        "lolf": lolf,
        "lolf_hourly": float("nan") if wide or not joint else hourly_frequency(system),
        "shortfall_h": lole / lolf if lolf > 0 else float("nan"),
        "curtailed": float((not_served / load).sum()),
    }


def outage_table(system: GeneratingSystem, steps: int | None = None) -> NDArray[np.float64]:
    """Return P(capacity on outage = i x step_mw) for i = 0 .. steps, all of it if None."""
    top = _length(system, steps)
    table = np.zeros(top + 1)
    table[0] = 1.0
    for jump, down, _ in _each_unit(system):
        table = (1.0 - down) * table + down * _shifted(table, jump)
    return table


def short_chance(system: GeneratingSystem) -> NDArray[np.float64]:
    """Return each hour's chance that load is short, shape (hours,)."""
    spare = system.spare_steps()
    table = outage_table(system)
    above = np.append(np.cumsum(table[::-1])[::-1], 0.0)  # chance of i steps or more
    return above[np.minimum(spare + 1, len(table))]


def expected_short_mw(system: GeneratingSystem,
                      load_mw: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the expected MW not served at each of these loads, shape of ``load_mw``."""
    table = outage_table(system)
    step = system.step_mw
    above = np.append(np.cumsum(table[::-1])[::-1], 0.0)
    mw_above = np.append(np.cumsum((table * np.arange(len(table)))[::-1])[::-1], 0.0) * step
    first = np.minimum(system.spare_steps(load_mw) + 1, len(table))
    return mw_above[first] - (system.capacity_mw - load_mw) * above[first]


def curtailed_first(system: GeneratingSystem, large_load_mw: float) -> float:
    """Return the yearly sum of the expected share lost by a load that is cut before any other.

    The share is min(1, MW short / ``large_load_mw``): the ``curtailed`` of an interruptible block.
    """
    load = system.load_mw
    beyond = expected_short_mw(system, load - large_load_mw)  # short with the block off
    return float((expected_short_mw(system, load) - beyond).sum() / large_load_mw)


def event_frequency(system: GeneratingSystem) -> float:
    """Return shortages a year: units fail at any moment, load steps at the full hour.

    Within an hour the good state ends at the rate at which outages pass the hour's spare capacity;
    at an hour's end it ends if the load steps above what is there.
    """
    spare = system.spare_steps()
    top = _length(system, None)
    table = np.zeros(top + 1)
    table[0] = 1.0
    rate = np.zeros(top + 1)  # of leaving "i steps or less on outage" upwards, 1/h
    for jump, down, repair_h in _each_unit(system):
        failing = down / repair_h  # per hour: (1 - down) / mttf, in balance with the repairs
        low = np.cumsum(table)
        rate = ((1.0 - down) * rate + down * _shifted(rate, jump)
                + failing * (low - _shifted(low, jump)))
        table = (1.0 - down) * table + down * _shifted(table, jump)
    at = np.clip(spare, 0, top)
    by_units = float(np.where((spare >= 0) & (spare <= top), rate[at], 0.0).sum())
    p_short = short_chance(system)
    by_load = float(np.maximum(np.diff(p_short), 0.0).sum())
    return by_units + by_load


def hourly_frequency(system: GeneratingSystem) -> float:
    """Return the expected number of hour pairs good then short, state seen once an hour."""
    spare = system.spare_steps()
    top = max(int(spare.max()), 0)
    if top + 1 > WIDEST:
        raise RiskModelError(f"the joint table of two hours would be {top + 1} steps of "
                             f"{system.step_mw:g} MW wide; round the units to coarser MW")
    joint = np.zeros((top + 1, top + 1))
    joint[0, 0] = 1.0
    for jump, down, repair_h in _each_unit(system):
        # two-state unit over one hour: it forgets at the sum of both rates
        forget = -np.expm1(-1.0 / (repair_h * (1.0 - down)))
        change = down * (1.0 - down) * forget
        both_up, both_down = 1.0 - down - change, down - change
        new = both_up * joint
        if jump <= top:
            new[:, jump:] += change * joint[:, :-jump]
            new[jump:, :] += change * joint[:-jump, :]
            new[jump:, jump:] += both_down * joint[:-jump, :-jump]
        joint = new
    np.cumsum(joint, axis=0, out=joint)
    np.cumsum(joint, axis=1, out=joint)
    before, after = spare[:-1], spare[1:]
    good = np.where(before >= 0, np.cumsum(outage_table(system, top))[np.maximum(before, 0)], 0.0)
    good_twice = np.where((before >= 0) & (after >= 0),
                          joint[np.maximum(before, 0), np.maximum(after, 0)], 0.0)
    return float((good - good_twice).sum())


def peak_hours(load: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the first hour of each day's highest load, shape (days,)."""
    days = len(load) // 24
    return load[:24 * days].reshape(days, 24).argmax(axis=1) + 24 * np.arange(days)


def _each_unit(system: GeneratingSystem) -> Iterator[tuple[int, float, float]]:
    """Yield steps, share of time down and mean hours to repair of every unit, small units first."""
    for unit in sorted(system.units, key=lambda unit: (unit.mw, unit.name)):
        for _ in range(unit.count):
            yield system.steps(unit.mw), unit.forced_outage_rate, unit.mttr_h


def _length(system: GeneratingSystem, steps: int | None) -> int:
    whole = sum(system.steps(unit.mw) * unit.count for unit in system.units)
    if whole > LONGEST:
        raise RiskModelError(f"generating system {system.system_id!r}: {system.capacity_mw:,.0f} "
                             f"MW in steps of {system.step_mw:g} MW make {whole:,} rows; round "
                             "the units to coarser MW")
    return whole if steps is None else min(steps, whole)


def _shifted(table: NDArray[np.float64], jump: int) -> NDArray[np.float64]:
    moved = np.zeros_like(table)
    if jump < len(table):
        moved[jump:] = table[:-jump]
    return moved
