"""Which steps of the build-out open late, by how long and why, in many draws of the future.

One draw is one course of events from the day of the record to the last day asked for. The shocks
are those of the perils, which say what they do to a step (``delays`` of ``chip_supply`` and
``export_control``), so that a world read with ``as_of`` loses in the engine what it lacks here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmodel.compute.campaign_damage import Campaign, campaign_damage
from riskmodel.compute.slips import FILE as SLIPS_FILE
from riskmodel.compute.slips import Slips
from riskmodel.engine.losses.losses import HOURS_PER_DAY
from riskmodel.engine.outages.given import KeyedBlock
from riskmodel.engine.plan.plan import HOURS_PER_YEAR
from riskmodel.world.building import record_date, steps_to_come
from riskmodel.world.dated import on_date

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmodel.world.world import World

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

#: cause -> the peril it is drawn by
CAUSES = {"chip_supply": "chip_supply", "transformers": "chip_supply",
          "export_control": "export_control", "kinetic_strike": "kinetic_strike"}
SLIPS = "slips"
#: the kind of chip_supply that is a transformer and no chip
_EQUIPMENT = "equipment"
_NONE: tuple[str, ...] = ()


@dataclass(frozen=True)
class Steps:
    """Steps still to come on the last day: ``site`` is a position among the world's sites."""

    site: Ints
    date: tuple[str, ...]
    sites: tuple[str, ...]
    frame: pd.DataFrame

    @classmethod
    def of(cls, world: World, last: dt.date, sites: Sequence[str]) -> Steps:
        """Read the steps that the world counts by ``last`` and its record had not seen."""
        frame = steps_to_come(on_date(world, last))
        place = {site: i for i, site in enumerate(sites)}
        return cls(np.array([place[site] for site in frame["site_id"]], np.int64),
                   tuple(frame["date"]), tuple(sites), frame)

    def on(self, world: World, day: dt.date) -> StepsOn:
        """Return which of the steps a day counts."""
        frame = steps_to_come(on_date(world, day))
        number = {key: i for i, key in enumerate(zip(frame["site_id"], frame["date"],
                                                     strict=True))}
        at = np.array([number.get((self.sites[site], date), -1)
                       for site, date in zip(self.site, self.date, strict=True)], np.int64)
        counted = at >= 0
        share, days = (np.where(counted, frame[name].to_numpy(float)[at], 0.0) if len(frame)
                       else np.zeros(len(at)) for name in ("share", "days_open"))
        return StepsOn(counted, share, days)


@dataclass(frozen=True)
class StepsOn:
    """The steps of ``Steps`` on one day: whether it counts them, share of the site, days open."""

    counted: NDArray[np.bool_]
    share: Floats
    days_open: Floats


@dataclass(frozen=True, eq=False)
class LateOpenings:
    """What happens to the build-out in some draws, as arrays.

    ``late_*``: a row a shock and step (position of the draw, of the step, of the cause among
    ``causes``, days of delay, share of the step). ``hit_*``: a row a hit on a site, days since the
    record; a hit takes its part of what the site has, built or not. ``slip_d``: days by which each
    step slips in each draw, shape (draws, steps), or None.
    """

    draws: int
    steps: Steps
    causes: tuple[str, ...]
    late_row: Ints
    late_step: Ints
    late_cause: Ints
    late_d: Floats
    late_share: Floats
    hit_row: Ints
    hit_site: Ints
    hit_start_d: Floats
    hit_end_d: Floats
    hit_depth: Floats
    slip_d: Floats | None

    def missing(self, on: StepsOn, day_d: float, causes: Collection[str] = _NONE, *,
                slips: bool = False, grace_d: float = 0.0) -> Floats:
        """Return the share of each site that a day lacks, shape (draws, sites).

        As the engine's own availability: within a step the longest delay counts, steps and hits
        add up, and more than all cannot be gone.

        Parameters
        ----------
        on, day_d : the steps of the day, and days from the record to it
        causes : those that count; slips with ``slips``
        grace_d : what is late by no more than this is not late
        """
        out = np.zeros((self.draws, len(self.steps.sites)))
        open_for = np.where(on.counted, np.maximum(on.days_open, grace_d), np.inf)
        chosen = np.isin(self.late_cause, [self.causes.index(cause) for cause in causes])
        chosen &= self.late_d > open_for[self.late_step]
        depth = np.zeros((self.draws, len(on.share)))
        np.maximum.at(depth, (self.late_row[chosen], self.late_step[chosen]),
                      self.late_share[chosen])
        if slips and self.slip_d is not None:
            depth[self.slip_d > open_for] = 1.0
        if depth.any():
            of_site = np.zeros((len(on.share), len(self.steps.sites)))
            of_site[np.arange(len(on.share)), self.steps.site] = on.share
            out += depth @ of_site
        if "kinetic_strike" in causes:
            there = (self.hit_start_d <= day_d) & (self.hit_end_d > day_d)
            np.add.at(out, (self.hit_row[there], self.hit_site[there]), self.hit_depth[there])
        return np.minimum(out, 1.0)


def late_openings(world: World, steps: Steps, last: dt.date, draws: Ints, seed: int,
                  perils: Mapping[str, Any], causes: Sequence[str],
                  campaign: Campaign | None = None) -> LateOpenings:
    """Draw what delays or destroys the steps of a world up to a day.

    Parameters
    ----------
    steps : ``Steps.of(world, last, sites)``
    draws : their numbers, rising; each is a pure function of the seed and its number
    perils : id -> object, of those that ``causes`` need; with ``buildout`` (``Slips``) sites slip
    campaign : a campaign that is given, instead of those that ``kinetic_strike`` draws
    """
    record = record_date(world)
    late: list[pd.DataFrame] = []
    damage = pd.DataFrame()
    slips = perils.get(SLIPS_FILE)
    slip_d = None
    if record is not None and len(steps.date):
        then = on_date(world, last)
        for peril_id in ("chip_supply", "export_control"):
            if any(CAUSES[cause] == peril_id for cause in causes):
                found = perils[peril_id].delays(
                    KeyedBlock(draws, HOURS_PER_YEAR, seed, peril_id), then)
                late.append(found.assign(cause=np.where(
                    found["kind"] == _EQUIPMENT, "transformers", peril_id)).rename(
                        columns={"year": "draw"}))
        if isinstance(slips, Slips):
            slip_d = slips.days(KeyedBlock(draws, HOURS_PER_YEAR, seed, SLIPS_FILE),
                                [steps.sites[site] for site in steps.site])
    if record is not None and last > record and "kinetic_strike" in causes:
        block = KeyedBlock(draws, HOURS_PER_DAY * (last - record).days, seed, "kinetic_strike")
        stopped, damage = campaign_damage(block, perils["kinetic_strike"].spec, world, record,
                                          last, steps.frame, campaign)
        late.append(stopped.assign(cause="kinetic_strike"))
    return _packed(late, damage, steps, draws, tuple(causes), slip_d)


def _packed(late: Sequence[pd.DataFrame], damage: pd.DataFrame, steps: Steps, draws: Ints,
            causes: tuple[str, ...], slip_d: Floats | None) -> LateOpenings:
    wanted = ["draw", "cause", "site_id", "date", "delay_days", "late_share"]
    some = [part[wanted] for part in late if len(part)]
    table = pd.concat(some, ignore_index=True) if some else pd.DataFrame(columns=wanted)
    table = table[table["cause"].isin(causes) & (table["late_share"].astype(float) > 0)]
    step_at = pd.MultiIndex.from_arrays([[steps.sites[site] for site in steps.site], steps.date])
    place = pd.Index(list(steps.sites))
    hit = damage if len(damage) else pd.DataFrame(
        columns=["draw", "site_id", "start_d", "end_d", "depth"])

    def floats(frame: pd.DataFrame, column: str) -> Floats:
        return frame[column].to_numpy(float)

    return LateOpenings(
        len(draws), steps, causes, np.searchsorted(draws, table["draw"].to_numpy(np.int64)),
        step_at.get_indexer(pd.MultiIndex.from_arrays([table["site_id"], table["date"]]))
        if len(table) else np.zeros(0, np.int64),
        np.array([causes.index(cause) for cause in table["cause"]], np.int64),
        floats(table, "delay_days"), floats(table, "late_share"),
        np.searchsorted(draws, hit["draw"].to_numpy(np.int64)),
        place.get_indexer(pd.Index(hit["site_id"].astype(object))).astype(np.int64),
        floats(hit, "start_d"), floats(hit, "end_d"), floats(hit, "depth"), slip_d)
