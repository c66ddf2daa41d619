"""Shocks that make late what is under construction; shared by ``chip_supply``, ``export_control``.

A simulated year begins on the world's ``as_of``. A shock in the time between the record and that
day delays the steps of the timeline that were to open after it. What is then still missing on the
first day of the year is an own outage of the site, from hour 0 until the step opens late: part
"step DATE", as deep as the step's share of the site. Steps that open within the year are not in
the world's capacity, so shocks within the year take nothing from it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskmodel.perils.arrivals import Arrivals, arrivals
from riskmodel.perils.kept import kept_with_world
from riskmodel.perils.outages import Outages
from riskmodel.world.building import steps_to_come

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmodel.perils.protocol import Block
    from riskmodel.world.world import World

#: event numbers of one kind of shock lie below this
EVENTS_PER_KIND = 1_000_000_000
DELAY_COLUMNS = ("kind", "year", "event", "region", "site_id", "date", "share", "days_open",
                 "delay_days", "late_share")


@dataclass(frozen=True)
class Shock:
    """A cause of delay: its name, where it is, its rate, and how much of each site it reaches.

    ``reach`` maps site ids to a share, 0-1; sites that are not named are not reached.
    """

    name: str
    region: str
    rate_per_yr: float
    reach: dict[str, float]


@dataclass(frozen=True)
class Pairs:
    """Shocks and the steps they reach, one element a pair, with the draws of the shocks."""

    found: Arrivals
    arrival: NDArray[np.int64]  # index into ``found``
    site: NDArray[np.object_]
    reach: NDArray[np.float64]

    def shared(self, purpose: str) -> NDArray[np.float64]:
        """Return a uniform per pair, the same for every step that a shock reaches."""
        return self.found.draw(purpose)[self.arrival]

    def own(self, purpose: str) -> NDArray[np.float64]:
        """Return a uniform per pair, the same for every step of one site that a shock reaches."""
        return self.found.draw(purpose, self.arrival, [str(site) for site in self.site])


#: pairs -> days of delay, and the share of the step that is late
Delay = Callable[[Pairs], "tuple[NDArray[np.float64], NDArray[np.float64]]"]


_steps = kept_with_world(steps_to_come)


def none_late(block: Block, world: World) -> bool:
    """Tell whether a block has nothing that can be late.

    No step is to come, or its years are those of calendar booking's warm-up, before ``as_of``:
    delays are whole without it.
    """
    return bool(getattr(block, "segment", 0)) or not len(_steps(world))


def no_delays() -> pd.DataFrame:
    """Return the frame of ``step_delays`` without a row."""
    return pd.DataFrame(columns=list(DELAY_COLUMNS))


def step_delays(block: Block, world: World, kind: str, number: int, shocks: Sequence[Shock],
                ceiling_per_yr: float, lead_days: float, delay: Delay) -> pd.DataFrame:
    """Return by how long one kind of shock delays the steps that it reaches.

    Parameters
    ----------
    kind, number : name and place of the kind within its peril; they key draws and events
    shocks : the causes of this kind; they must not depend on which sites are in the world, except
        where a cause is a site's own
    ceiling_per_yr : rate of the dominating process of each cause
    lead_days : a step is safe from shocks in the last days before it opens: it has its goods
    delay : what a shock does to a step it reaches

    Returns
    -------
    frame ``kind, year, event, region, site_id, date, share, days_open, delay_days, late_share``
        a row for each shock and step, also where the step is open again by ``as_of``. ``date``,
        ``share`` and ``days_open`` are those of ``steps_to_come``; the part ``late_share`` of the
        step opens ``delay_days`` later than that. Of several rows of one step the longest counts.
    """
    if not shocks or none_late(block, world):
        return no_delays()
    steps = _steps(world)
    slot_days = block.horizon_h / 24.0
    slots = math.ceil(steps["days_watched"].max() / slot_days)
    causes = [f"{shock.name}#{slot}" for slot in range(slots) for shock in shocks]
    found = arrivals(block, kind, causes, [s.rate_per_yr for s in shocks] * slots, ceiling_per_yr)
    shock = found.cause % len(shocks)
    before = (found.cause // len(shocks) + found.part_of_year) * slot_days  # days before as_of
    reach = np.array([[one.reach.get(site, 0.0) for site in steps["site_id"]] for one in shocks])
    opens, watched = (steps[name].to_numpy(float) for name in ("days_open", "days_watched"))
    hit = ((before[:, None] > opens + lead_days) & (before[:, None] < watched)
           & (reach[shock] > 0))
    arrival, step = np.nonzero(hit)
    sites = steps["site_id"].to_numpy(object)[step]
    pairs = Pairs(found, arrival, sites, reach[shock[arrival], step])
    days, share = delay(pairs)
    regions = np.array([one.region for one in shocks], object)
    return pd.DataFrame({
        "kind": np.full(len(arrival), kind, object), "year": found.year[arrival],
        "event": number * EVENTS_PER_KIND + found.event[arrival],
        "region": regions[shock[arrival]], "site_id": sites,
        "date": steps["date"].to_numpy(object)[step],
        "share": steps["share"].to_numpy(float)[step], "days_open": opens[step],
        "delay_days": days, "late_share": share})


def late_steps(delays: pd.DataFrame) -> Outages:
    """Return the own outages of delayed steps: what is still missing on the day ``as_of``."""
    if not len(delays):
        return Outages.none()
    hours = 24.0 * (delays["delay_days"].to_numpy(float) - delays["days_open"].to_numpy(float))
    some = (hours > 0) & (delays["late_share"].to_numpy(float) > 0)
    late, hours = delays[some], hours[some]
    count = len(late)
    return Outages.of({
        "year": late["year"].to_numpy(), "event": late["event"].to_numpy(),
        "region": late["region"].to_numpy(object), "campaign_id": np.full(count, -1, np.int64),
        "event_start_h": np.zeros(count), "node_id": late["site_id"].to_numpy(object),
        "part": np.array([f"step {date}" for date in late["date"]], object),
        "start_h": np.zeros(count), "duration_h": hours,
        "depth": np.minimum(1.0, late["late_share"].to_numpy(float)
                            * late["share"].to_numpy(float))})
