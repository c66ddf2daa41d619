"""Make capacity a multiple of what it is: of everything, a site, a lab, or a lab at a site."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from riskmodel.errors import RiskModelError
from riskmodel.world.edits import edited, require_labs, require_sites
from riskmodel.world.edits_capacity import capacity_after, sites_at, timeline_with
from riskmodel.world.edits_holdings import HeldMegawatts
from riskmodel.world.edits_steps import in_proportion, steps_of
from riskmodel.world.exposure import UNKNOWN

if TYPE_CHECKING:
    from riskmodel.world.world import World


def scale(world: World, factor: float, *, lab: str | None = None,
          site: str | None = None) -> World:
    """Return the world with capacity multiplied by a factor.

    Of everything; of one ``site``, whoever holds it; of what one ``lab`` effectively holds, at
    every site or at one ``site``. Sites grow or shrink by what the lab gains or loses, and
    everybody else keeps its MW there. Planned steps, facility power, bands and accelerators of a
    site go in proportion. A factor of 1 returns an equal world.

    Raises
    ------
    RiskModelError
        A name is not there, or the factor is negative or not finite.
    """
    if not (math.isfinite(factor) and factor >= 0):
        raise RiskModelError(f"scale: the factor is {factor!r}; give a number, 0 or more")
    require_labs(world, [] if lab is None else [lab], "scale")
    require_sites(world, [] if site is None else [site], "scale")
    if factor == 1:
        return replace(world)
    size: dict[str, float] = dict(zip(world.sites["site_id"], world.sites["it_mw"], strict=True))
    where = [name for name in size if site in (None, name)]
    held = HeldMegawatts(world, where)
    ratio = {}
    for name in where:
        if lab is None:
            ratio[name] = factor
        elif size[name] > 0:
            rows = held.of(lab, name)
            if lab == UNKNOWN and rows and held.rivals(name):
                raise RiskModelError(
                    f"scale: more of {name} is claimed than there is. What counts as unknown's "
                    "there belongs to one of the claims in other states of the world; scale the "
                    "site, or lower the shares first")
            mine = sum(row["mw"] for row in rows)
            if mine > 0:
                ratio[name] = 1.0 + (factor - 1.0) * min(mine / size[name], 1.0)
                for row in rows:
                    row["mw"] *= factor
    steps = {name: in_proportion(steps_of(world, name), times) for name, times in ratio.items()}
    capacity = {name: capacity_after(world, steps[name], size[name] * times)
                for name, times in ratio.items()}
    who = "" if lab is None else f" for {lab}"
    frames = {"sites": sites_at(world, capacity, dict.fromkeys(
        capacity, f"{factor:g} times as much{who}"))}
    if lab is not None:
        frames["holdings"] = held.as_shares({name: capacity.get(name, size[name])
                                             for name in where})
    if any(steps.values()):
        frames["sites_timeline"] = timeline_with(world, {
            name: rows for name, rows in steps.items() if rows})
    return edited(world, changed=set(capacity), **frames)
