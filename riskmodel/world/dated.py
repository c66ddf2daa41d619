"""The same world on another day."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

from riskmodel.errors import RiskModelError
from riskmodel.world import exposure
from riskmodel.world.building import record_date

if TYPE_CHECKING:
    from riskmodel.world.world import World


def on_date(world: World, as_of: str | dt.date) -> World:
    """Return the world with the capacity that its timeline gives for a day.

    The same as reading its folder with ``as_of``, also for a world in memory or one that was
    edited. Holdings have no dates of their own: who holds a share of a site holds it on every day.

    Raises
    ------
    RiskModelError : no day, or none that can be read
    """
    day = exposure.to_date(as_of)
    if day is None:
        raise RiskModelError("on_date: there is no day; give one as 2027-12-31")
    given = world.sites_as_given
    sites = exposure.sites_on(given, world.sites_timeline, day, record_date(world))
    return replace(world, sites=sites, as_of=day, cut=(given, sites))
