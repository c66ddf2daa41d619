"""A part of a world: without some sites or labs, or with some only.

What hangs on what stays, and so do nodes that nothing needs any more and events that hit nothing:
the disasters of the rest are the same as before. Labs that lose everything stay in ``labs`` with
nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskmodel.errors import RiskModelError
from riskmodel.world.columns import near
from riskmodel.world.edits import edited, require_labs, require_sites
from riskmodel.world.edits_capacity import sites_at
from riskmodel.world.exposure import UNKNOWN

if TYPE_CHECKING:
    from riskmodel.world.world import World


def drop(world: World, *, sites: str | Iterable[str] = (), labs: str | Iterable[str] = ()) -> World:
    """Return the world without some sites, and with nothing held by some labs.

    A dropped lab's capacity goes to ``unknown``. A dropped site goes with its steps, holdings and
    needs; one that other nodes need stays, empty, so that what needs it fails as before.

    Raises
    ------
    RiskModelError
        A name is not there, or no site would be left.
    """
    gone, nobody = set(_names(sites)), set(_names(labs))
    require_sites(world, sorted(gone), "drop")
    require_labs(world, sorted(nobody), "drop")
    if UNKNOWN in nobody:
        raise RiskModelError("drop: 'unknown' holds what nobody is known to hold and cannot be "
                             "dropped; drop sites, or take a subset of labs")
    if not gone and not nobody:
        return replace(world)
    if not set(world.sites["site_id"]) - gone:
        raise RiskModelError("drop: no site would be left")
    frames = {}
    if nobody and world.holdings["lab_id"].isin(nobody).any():
        frames["holdings"] = world.holdings[~world.holdings["lab_id"].isin(nobody)]
    if gone:
        frames |= _without(world, gone, frames.get("holdings", world.holdings))
    if not frames:
        return replace(world)
    needed = gone & set(frames["sites"]["site_id"]) if gone else set()
    return edited(world, changed=needed, **frames)


def subset(world: World, *, sites: str | Iterable[str] | None = None,
           labs: str | Iterable[str] | None = None,
           countries: str | Iterable[str] | None = None,
           grid_regions: str | Iterable[str] | None = None) -> World:
    """Return the part of the world that meets every condition given.

    ``sites``, ``countries`` (ISO 3166-1 alpha-2) and ``grid_regions`` keep the sites they name.
    ``labs`` keeps the sites where one of these labs is named with a share, however unsure, and
    leaves what others hold there to ``unknown``.

    Raises
    ------
    RiskModelError
        A name is not there, or no site meets the conditions.
    """
    kept = pd.Series(True, index=world.sites.index)
    others: set[str] = set()
    if sites is not None:
        wanted = _names(sites)
        require_sites(world, wanted, "subset")
        kept &= world.sites["site_id"].isin(wanted)
    for column, given in (("country_iso2", countries), ("grid_region", grid_regions)):
        if given is not None:
            wanted = _names(given)
            _require_values(world.sites[column], wanted, column)
            kept &= world.sites[column].isin(wanted)
    if labs is not None:
        wanted = _names(labs)
        require_labs(world, wanted, "subset")
        named = world.holdings[world.holdings["share"] > 0]
        mine = named.loc[named["lab_id"].isin(wanted), "site_id"]
        if UNKNOWN in wanted:
            held = world.effective_holdings()
            mine = pd.concat([mine, held.loc[held["lab_id"] == UNKNOWN, "site_id"]])
        kept &= world.sites["site_id"].isin(mine)
        others = set(world.holdings["lab_id"]) - {*wanted, UNKNOWN}
    if not kept.any():
        raise RiskModelError("subset: no site of this world meets all of the conditions")
    return drop(world, sites=world.sites.loc[~kept, "site_id"], labs=sorted(others))


def _names(given: str | Iterable[str]) -> list[str]:
    return [given] if isinstance(given, str) else list(dict.fromkeys(given))


def _require_values(column: pd.Series, wanted: Collection[str], name: str) -> None:
    known = sorted(set(column) - {""})
    for value in wanted:
        if value not in known:
            raise RiskModelError(f"subset: no site has {name} '{value}'{near(str(value), known)}; "
                                 f"there are {', '.join(known) or 'none'}")


def _without(world: World, gone: set[str], holdings: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the tables without some sites; those that other nodes need are emptied instead."""
    rows = world.requirements
    needed = gone & set(rows.loc[~rows["node_id"].isin(gone), "member_id"])
    while more := gone & set(rows.loc[rows["node_id"].isin(needed), "member_id"]) - needed:
        needed |= more
    away = gone - needed
    frames = {"holdings": holdings[~holdings["site_id"].isin(gone)]}
    sites = sites_at(world, dict.fromkeys(needed, 0.0), dict.fromkeys(needed, "dropped"))
    sites.loc[sites["site_id"].isin(needed), "accelerator_count"] = np.nan
    frames["sites"] = sites[~sites["site_id"].isin(away)]
    for name, column in (("sites_timeline", "site_id"), ("deal_sites", "site_id"),
                         ("nodes", "node_id"), ("requirements", "node_id")):
        table: pd.DataFrame = getattr(world, name)
        out = table[column].isin(gone if column == "site_id" else away)
        if out.any():
            frames[name] = table[~out]
    return frames
