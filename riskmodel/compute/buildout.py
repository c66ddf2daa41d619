"""Capacity of each lab to a future day, in layers that never count a MW twice.

``energised`` ran on the day of the record; ``scheduled`` are the dated steps of its sites since
then, as the record plans them; ``contracted``, ``announced`` and ``up_to`` are what deals add
beyond that (:mod:`riskmodel.compute.deal_ledger`). The layers of deals are not dated: they say what
is promised in all by a deal in force on the day, not what will be there. What is non-binding,
paused, superseded or dropped is shown apart and adds to nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskmodel.compute.deal_ledger import LAYERS, HeldMegawatts, ledger_rows
from riskmodel.compute.deal_numbers import LAYER_OF, Deal, read_deals
from riskmodel.compute.planned_power import PlannedPower, most
from riskmodel.errors import RiskModelError
from riskmodel.world.building import record_date
from riskmodel.world.edits import require_labs
from riskmodel.world.exposure import UNKNOWN, to_date

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmodel.world.world import World

UNTIL = "2030-12-31"
STEPS = ("quarter", "half", "year")
ALL_LAYERS = ("energised", "scheduled", *LAYERS)
COLUMNS = ("lab", "date", "layer", "it_mw", "low", "high", "facility_mw", "counted",
           "cumulative_mw", "cumulative_low", "cumulative_high", "unit", "basis", "confidence")


def build_out(world: World, lab: str | Sequence[str] | None = None,
              until: str | dt.date = UNTIL, *, every: str = "quarter",
              dates: Iterable[str | dt.date] | None = None) -> pd.DataFrame:
    """Return the capacity of each lab on a ladder of days, layer by layer.

    Parameters
    ----------
    lab : one lab_id or several; every lab that holds, plans or has signed something if not given
    until : last day of the ladder
    every : "quarter", "half" or "year": the ladder's rungs after the day of the record
    dates : the days themselves, instead of a ladder

    Returns
    -------
    frame ``lab, date, layer, it_mw, low, high, facility_mw, counted, cumulative_mw, cumulative_low,
    cumulative_high, unit, basis, confidence``
        ``it_mw`` is MW of IT power, ``facility_mw`` the same times the PUE of the sites (of deals:
        of their sites, else of all). Layers of one lab and day add up; ``cumulative_*`` does it
        for you, with bounds of its own. ``low`` and ``high``: of ``energised`` and ``scheduled``
        the bounds of the sites' power, who holds them taken as it counts (``probability`` above
        one half); of deals as :mod:`riskmodel.compute.deal_ledger` says. ``confidence`` is the word
        that most of the MW carry. Rows with ``counted`` False add to nothing.

    Raises
    ------
    RiskModelError : no such lab, a day that cannot be read, ``until`` before the record's day
    """
    ladder = ladder_of(world, until, every, dates)
    record = record_date(world)
    deals = {name: read_deals(world, name) for name in labs_asked(world, lab, "build_out")}
    plan = PlannedPower.of(world, [record or ladder[0], *ladder])
    rows: list[tuple[object, ...]] = []
    for at, day in enumerate(ladder, 1):
        for name, of in deals.items():
            rows += _site_rows(name, day, plan, at, of)
            rows += _deal_rows(name, day, of, HeldMegawatts.of(plan, at, name), rows[-1])
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    if lab is None:
        some = frame.groupby("lab")[["it_mw"]].transform("max")["it_mw"] > 0
        frame = frame[some.to_numpy()].reset_index(drop=True)
    return frame


def ladder_of(world: World, until: str | dt.date = UNTIL, every: str = "quarter",
              dates: Iterable[str | dt.date] | None = None) -> list[dt.date]:
    """Return the days of a ladder: the record's, the ends of its periods, and ``until``."""
    if dates is not None:
        days = sorted({day for day in (to_date(one, "dates") for one in dates) if day})
        if not days:
            raise RiskModelError("build_out: dates is empty; give days as 2027-12-31")
        return days
    if every not in STEPS:
        raise RiskModelError(f"build_out: every is {every!r}; it is one of {', '.join(STEPS)}")
    last, first = to_date(until, "until"), record_date(world) or world.as_of
    if last is None or first is None:
        raise RiskModelError("build_out: neither the world nor the call has a date; give dates")
    if last < first:
        raise RiskModelError(f"build_out: until is {last}, before the record's day {first}; ask "
                             "for a later one")
    months = {"quarter": (3, 6, 9, 12), "half": (6, 12), "year": (12,)}[every]
    ends = [dt.date(year + month // 12, month % 12 + 1, 1) - dt.timedelta(days=1)
            for year in range(first.year, last.year + 1) for month in months]
    return sorted({first, last, *(day for day in ends if first < day < last)})


def _site_rows(lab: str, day: dt.date, plan: PlannedPower, at: int, deals: Sequence[Deal]
               ) -> list[tuple[object, ...]]:
    """Return the rows of what runs and of what is dated; day 0 of the plan is the record's."""
    share, record, now = plan.of_lab(lab), plan.power[0], plan.power[at]
    out: list[tuple[object, ...]] = []
    so_far = np.zeros(3)
    ends = ("it_mw", "low", "high", "facility_mw")
    kept = {end: share * np.minimum(getattr(now, end), getattr(record, end)) for end in ends}
    rest = {end: share * getattr(now, end) - kept[end] for end in ends}
    for layer, part, words, basis in (
            ("energised", kept, record.confidence, "ran on the day of the record"),
            ("scheduled", rest, now.confidence,
             "steps of the timeline after it, as the record dates them")):
        best, low, high, facility = (float(part[end].sum()) for end in ends)
        value = [best, min(low, best), max(high, best)]
        so_far = so_far + value
        out.append((lab, day.isoformat(), layer, *value, facility, True, *so_far.tolist(), "MW",
                    basis + _past_term(day, plan.sites, part["it_mw"], deals),
                    most(words, part["it_mw"])))
    return out


def _past_term(day: dt.date, sites: Sequence[str], mw: NDArray[np.float64],
               deals: Sequence[Deal]) -> str:
    """Say what stands at sites of deals whose term is over."""
    over = {site for deal in deals if deal.counts and deal.last is not None and deal.last < day
            for site in deal.sites}
    over -= {site for deal in deals if deal.counts and deal.in_force(day) for site in deal.sites}
    lapsed = sum(float(part) for site, part in zip(sites, mw, strict=True) if site in over)
    return (f"; {lapsed:,.0f} MW of it at sites of deals whose term is over by then"
            if lapsed > 0 else "")


def _deal_rows(lab: str, day: dt.date, deals: Sequence[Deal], held: HeldMegawatts,
               below: Sequence[object]) -> list[tuple[object, ...]]:
    """Return the rows of the layers of deals, and of what is shown apart."""
    ledger = ledger_rows(deals, held, day)
    at = COLUMNS.index("cumulative_mw")
    so_far = [float(str(below[at + i])) for i in range(3)]
    out: list[tuple[object, ...]] = []
    for layer in LAYERS:
        part = ledger[(ledger["layer"] == layer) & (ledger["added_mw"] + ledger["added_high"] > 0)]
        value = [float(part[name].sum()) for name in ("added_mw", "added_low", "added_high")]
        so_far = [a + b for a, b in zip(so_far, value, strict=True)]
        basis = "; ".join(part.loc[part["added_mw"] > 0, "deal_id"]) or "no deal adds to it"
        out.append((lab, day.isoformat(), layer, *value,
                    float((part["added_mw"] * part["pue"]).sum()), True, *so_far, "MW", basis,
                    most(part["confidence"], part["added_mw"])))
    for standing in sorted({deal.standing for deal in deals} - set(LAYER_OF)):
        apart = [deal for deal in deals if deal.standing == standing and deal.kind != "equity"
                 and deal.stated_gw > 0]
        if apart:
            mw = [sum(getattr(deal.ceiling, end) for deal in apart)
                  for end in ("best", "low", "high")]
            out.append((lab, day.isoformat(), standing, *mw,
                        sum(deal.ceiling.best * deal.pue for deal in apart), False,
                        np.nan, np.nan, np.nan, "MW",
                        "not counted: " + "; ".join(deal.deal_id for deal in apart),
                        most([deal.confidence for deal in apart],
                             np.array([deal.ceiling.best for deal in apart]))))
    return out


def labs_asked(world: World, lab: str | Sequence[str] | None, what: str) -> list[str]:
    """Return the labs asked for; all of the world, ``unknown`` last, if none is."""
    if lab is None:
        return sorted(dict.fromkeys(world.labs["lab_id"]), key=lambda name: name == UNKNOWN)
    wanted = [lab] if isinstance(lab, str) else list(lab)
    require_labs(world, wanted, what)
    return wanted
