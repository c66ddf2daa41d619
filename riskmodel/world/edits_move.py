"""Move capacity of a lab from one site to another."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from riskmodel.errors import RiskModelError
from riskmodel.world.edits import edited, require_labs, require_sites
from riskmodel.world.edits_capacity import capacity_after, capacity_of, sites_at, timeline_with
from riskmodel.world.edits_holdings import HeldMegawatts, require_held
from riskmodel.world.edits_steps import larger, smaller, steps_of, under_construction
from riskmodel.world.exposure import UNKNOWN

if TYPE_CHECKING:
    from riskmodel.world.world import World


def move(world: World, lab: str, mw: float, from_site: str, to_site: str) -> World:
    """Return the world with MW of a lab's IT capacity at another site.

    ``from_site`` shrinks and ``to_site`` grows by ``mw``, also where nothing runs yet; what hangs
    on what stays as it is. Facility power, bands and accelerators of both sites go in proportion.
    Everybody else keeps the MW it holds at both sites. What moves nothing (0 MW, or from a site to
    itself) returns an equal world.

    **Attribution.** What moves keeps the probability of the rows it came from, and their truth: in
    every state of the world (``worlds=K``) it is the lab's at the new site exactly where the lab's
    row at the old one is true, and ``unknown``'s elsewhere. So total capacity is the same in every
    state, and so is every lab's. One exception: where the rows of ``from_site`` claim more than
    all of it, they are alternatives of which at most one is true; an alternative that no longer
    fits there holds all that is left, and ``unknown`` the rest.

    **A future day.** A slice of all that the site has moves: what runs when the record ends runs at
    the new site too, what is still under construction opens there on the same days.

    Parameters
    ----------
    lab : who moves; ``unknown`` moves what nobody is known to hold
    mw : IT capacity, MW
    from_site, to_site : site ids

    Raises
    ------
    RiskModelError
        A name is not there, ``mw`` is negative or not finite, or the lab holds less than that at
        ``from_site``: the message says what it holds, and where.
    """
    require_labs(world, [lab], "move")
    require_sites(world, [from_site, to_site], "move")
    if not (math.isfinite(mw) and mw >= 0):
        raise RiskModelError(f"move: mw is {mw!r}; give MW of IT capacity, 0 or more (the other "
                             "way round is a move with the two sites exchanged)")
    require_held(world, lab, from_site, mw, "move")
    if mw == 0 or from_site == to_site:
        return replace(world)
    before = {site: capacity_of(world, site) for site in (from_site, to_site)}
    mw = min(mw, before[from_site])
    held = HeldMegawatts(world, before)
    if lab == UNKNOWN and held.rivals(from_site):
        raise RiskModelError(
            f"move: more of {from_site} is claimed than there is. What counts as unknown's there "
            "belongs to one of the claims in other states of the world; move a lab's holding, or "
            "lower the shares first")
    held.give(held.take(lab, from_site, mw, home=to_site), to_site, came_from=from_site)
    steps = {from_site: smaller(steps_of(world, from_site), before[from_site], mw),
             to_site: larger(world, to_site, before[to_site], mw,
                             under_construction(world, from_site), f"moved from {from_site}")}
    capacity = {from_site: capacity_after(world, steps[from_site], before[from_site] - mw),
                to_site: capacity_after(world, steps[to_site], before[to_site] + mw)}
    frames = {
        "sites": sites_at(world, capacity, {
            from_site: f"{mw:g} MW of {lab} moved to {to_site}",
            to_site: f"{mw:g} MW of {lab} moved here from {from_site}"}, {to_site: from_site}),
        "holdings": held.as_shares(capacity)}
    if any(steps.values()):
        frames["sites_timeline"] = timeline_with(world, steps)
    return edited(world, changed=set(capacity), **frames)
