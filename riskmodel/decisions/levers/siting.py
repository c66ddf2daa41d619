"""Domestic siting as a lever: a share of what a lab holds abroad, moved inside a country."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from riskmodel.errors import RiskModelError
from riskmodel.world.edits import require_labs, require_sites
from riskmodel.world.exposure import mw_of_lab

if TYPE_CHECKING:
    from riskmodel.world.world import World


def siting_lever(world: World, lab: str, domestic_share: float = 1.0, *, country: str = "US",
                 to: str | Iterable[str] | None = None) -> World:
    """Return the world with a share of a lab's capacity abroad moved inside a country.

    Every site abroad gives the same share. It goes to the sites named, or to all that the lab holds
    inside, in proportion to what the lab holds there (to named sites of which it holds nothing, in
    equal parts). What moves keeps the truth of its attribution; see ``World.move``.

    Parameters
    ----------
    domestic_share : of the MW outside the country, 0-1
    country : ISO 3166-1 alpha-2
    to : sites inside the country

    Raises
    ------
    RiskModelError : no such lab or site, a share beyond 0 and 1, a site that lies elsewhere,
        nothing abroad to move, or nowhere inside to put it
    """
    require_labs(world, [lab], "siting_lever")
    if not 0 <= domestic_share <= 1:
        raise RiskModelError(f"siting_lever: domestic_share is {domestic_share}; give a share from "
                             "0 to 1 of what the lab holds abroad")
    abroad, inside = held_by_side(world, lab, country)
    if not abroad:
        raise RiskModelError(f"siting_lever: {lab} holds nothing outside {country} at "
                             f"{world.as_of}; ask for another lab, or a later as_of")
    parts = _parts(world, lab, inside, country, to)
    for site, mw in abroad.items():
        for target, part in parts.items():
            world = world.move(lab, mw * domestic_share * part, site, target)
    return world


def held_by_side(world: World, lab: str, country: str) -> tuple[dict[str, float], dict[str, float]]:
    """Return a lab's MW by site abroad and inside a country; sites of 0 MW are left out.

    A site whose country nobody names is left out too.
    """
    where = dict(zip(world.sites["site_id"], world.sites["country_iso2"], strict=True))
    abroad: dict[str, float] = {}
    inside: dict[str, float] = {}
    for site, mw in mw_of_lab(world, lab).items():
        if where[site]:
            (inside if where[site] == country else abroad)[site] = mw
    return abroad, inside


def _parts(world: World, lab: str, inside: dict[str, float], country: str,
           to: str | Iterable[str] | None) -> dict[str, float]:
    """Return which part of what moves goes to each site."""
    if to is None:
        targets = list(inside)
        if not targets:
            raise RiskModelError(f"siting_lever: {lab} holds nothing inside {country} at "
                                 f"{world.as_of}; name the sites that take the capacity")
    else:
        targets = [to] if isinstance(to, str) else list(dict.fromkeys(to))
        require_sites(world, targets, "siting_lever")
        where = dict(zip(world.sites["site_id"], world.sites["country_iso2"], strict=True))
        for site in targets:
            if where[site] != country:
                raise RiskModelError(f"siting_lever: {site} lies in {where[site] or 'no country'}, "
                                     f"not in {country}; name sites inside it")
        if not targets:
            raise RiskModelError("siting_lever: to is empty; name sites, or leave it out")
    weight = np.array([inside.get(site, 0.0) for site in targets])
    if not weight.sum() > 0:
        weight = np.ones(len(targets))
    return dict(zip(targets, (weight / weight.sum()).tolist(), strict=True))
