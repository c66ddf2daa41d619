"""A generating system: units that fail and come back, against the load of every hour of a year."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from riskmodel.errors import RiskModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: capacities are whole multiples of this many MW
FINEST_MW = 0.001
#: MW below which a shortage is rounding: 2850 MW x 0.95 x 0.88 is not exact in binary
ROUNDING_MW = 1e-7


@dataclass(frozen=True)
class UnitClass:
    """Generating units that are alike: two states, exponential times.

    ``mw`` of each, ``count`` of them, the ``forced_outage_rate`` (share of time down, 0 to 1,
    below 1), mean time to failure and mean time to repair in hours. Printed tables round the
    forced outage rate, so it need not be exactly mttr / (mttf + mttr): see
    ``GeneratingSystem.from_hours``.
    """

    name: str
    mw: float
    count: int
    forced_outage_rate: float
    mttf_h: float
    mttr_h: float

    @property
    def from_hours(self) -> float:
        """Share of time down that the two mean times give."""
        return self.mttr_h / (self.mttf_h + self.mttr_h)


@dataclass(frozen=True, eq=False)
class GeneratingSystem:
    """Units and load.

    Attributes
    ----------
    system_id : short name; the units' draws are keyed by it and by their own names
    units : classes of units
    load_mw : load of each hour from the start of the year, shape (hours,)
    published : index -> value, where somebody printed one (names as in ``exact_indices``)
    """

    system_id: str
    units: tuple[UnitClass, ...]
    load_mw: NDArray[np.float64]
    name: str = ""
    published: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        problems = list(unit_problems(self.units))
        load = np.asarray(self.load_mw, float)
        if load.ndim != 1 or not len(load):
            problems.append("the load is not a list of hours; give MW, one number an hour")
        elif not (np.isfinite(load).all() and (load > 0).all()):
            problems.append("the load of some hours is not above 0; give MW, one number an hour")
        elif len(load) > 8784:
            problems.append(f"the load has {len(load)} hours; a year has 8760, or 8784")
        if problems:
            raise RiskModelError(report(f"generating system {self.system_id!r}", problems))
        load = load.copy()
        load.flags.writeable = False  # every index below rests on it
        object.__setattr__(self, "load_mw", load)

    @property
    def capacity_mw(self) -> float:
        """MW installed."""
        return float(sum(unit.mw * unit.count for unit in self.units))

    @property
    def peak_mw(self) -> float:
        """MW of the highest hour."""
        return float(self.load_mw.max())

    @property
    def step_mw(self) -> float:
        """Largest step, in MW, of which every unit is a whole multiple."""
        return math.gcd(*(round(unit.mw / FINEST_MW) for unit in self.units)) * FINEST_MW

    def steps(self, mw: float) -> int:
        """Return a unit's MW as a number of steps."""
        return round(mw / self.step_mw)

    def spare_steps(self, load_mw: NDArray[np.float64] | None = None) -> NDArray[np.int64]:
        """Return the steps of capacity that may be lost before a load is short.

        -1 where it is short with every unit up. Shape of ``load_mw``, the system's own if None.
        """
        load = self.load_mw if load_mw is None else load_mw
        spare = (self.capacity_mw - load + ROUNDING_MW) / self.step_mw
        return np.maximum(np.floor(spare).astype(np.int64), -1)

    def from_hours(self) -> GeneratingSystem:
        """Return the system with each forced outage rate worked out from the mean times.

        Everywhere else the forced outage rate and the time to repair hold, and the time to failure
        follows from them.
        """
        units = tuple(replace(unit, forced_outage_rate=unit.from_hours) for unit in self.units)
        return replace(self, units=units)

    def with_load(self, factor: float) -> GeneratingSystem:
        """Return the system with every hour's load times ``factor``, nothing published."""
        return replace(self, load_mw=self.load_mw * factor, published={})


def unit_problems(units: Sequence[UnitClass]) -> list[str]:
    """Return what is wrong with a table of units, one line each; empty if it is sound."""
    if not units:
        return ["there is no unit; give at least one row of units"]
    problems = []
    names = [unit.name for unit in units]
    for name in sorted({name for name in names if names.count(name) > 1}):
        problems.append(f"two rows of units are called {name!r}; give each its own name")
    for unit in units:
        where = f"unit {unit.name!r}"
        if not unit.name:
            problems.append("a row of units has no name; its draws are keyed by it")
        if not (math.isfinite(unit.mw) and unit.mw > 0):
            problems.append(f"{where}: mw is {unit.mw}; give MW above 0")
        elif abs(unit.mw / FINEST_MW - round(unit.mw / FINEST_MW)) > 1e-6:
            problems.append(f"{where}: mw is {unit.mw}; round it to {FINEST_MW} MW")
        if isinstance(unit.count, bool) or unit.count != int(unit.count) or unit.count < 1:
            problems.append(f"{where}: count is {unit.count}; give a whole number above 0")
        if not 0 <= unit.forced_outage_rate < 1:
            problems.append(f"{where}: forced_outage_rate is {unit.forced_outage_rate}; give the "
                            "share of time it is down, 0 or more and below 1")
        for key in ("mttf_h", "mttr_h"):
            hours = getattr(unit, key)
            if not (math.isfinite(hours) and hours > 0):
                problems.append(f"{where}: {key} is {hours}; give mean hours, above 0")
    return problems


def report(where: str, problems: Sequence[str]) -> str:
    """Return one message that lists everything wrong with a system."""
    listed = "\n".join(f"  {problem}" for problem in problems)
    return f"{where}: {len(problems)} problem{'s' if len(problems) != 1 else ''}:\n{listed}"
