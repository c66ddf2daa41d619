"""Mitigations: what could be done about a risk, as edits of a world that can be combined.

Each says what it does, what it does not do, and what its numbers rest on. What each is worth, alone
and among others, is in ``riskmodel.decisions.mitigations.value``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from riskmodel.errors import RiskModelError
from riskmodel.perils.kinetic.targets import theatre_sites
from riskmodel.perils.spec import numbers
from riskmodel.world import edits_supply as supply
from riskmodel.world.columns import near
from riskmodel.world.edits import edited
from riskmodel.world.exposure import mw_of_lab

if TYPE_CHECKING:
    from riskmodel.world.world import World

#: units of a number that says how long something takes
_TIMES = ("h", "d")
#: hours of repair of a large transformer, by peril
TRANSFORMERS = {"sabotage": ("transformer.median",), "kinetic_strike": ("repair.transformer_median",
                                                                       "repair.spare_median"),
                "chip_supply": ("equipment.median",)}


@dataclass(frozen=True)
class Mitigation:
    """Something that could be done.

    Attributes
    ----------
    name : short, and its own among those compared
    does, does_not : a sentence each, for people
    source : where its numbers come from, or the word judgement
    edit : world -> world; the world given is not changed
    """

    name: str
    does: str
    does_not: str
    source: str
    edit: Callable[[World], World]

    def apply(self, world: World) -> World:
        """Return the world with the mitigation in place."""
        return self.edit(world)


def sites_of(world: World, lab: str | None) -> list[str]:
    """Return the sites that a lab may hold something of; None takes every site."""
    held = world.holdings
    mine = set(held.loc[(held["lab_id"] == lab) & (held["share"] > 0), "site_id"])
    return [site for site in world.sites["site_id"] if lab is None or site in mine]


def _at_sites(edit: Callable[[World, Collection[str]], World], lab: str | None,
              sites: Collection[str] | None) -> Callable[[World], World]:
    """Return the edit at the sites given, else at those of the lab in the world it meets."""
    return lambda world: edit(world, sites if sites is not None else sites_of(world, lab))


def reserve(lab: str | None = None, hours: float = 24.0, *,
            sites: Collection[str] | None = None) -> Mitigation:
    """Batteries or diesel: the power of the sites is bridged for ``hours`` at full load."""
    return Mitigation(
        f"reserve {hours:g} h",
        f"Batteries or diesel carry the whole load for {hours:g} h at least.",
        "It does not help a hall that is itself hit, shorten what lasts longer than it, or count "
        "sets that fail to start.",
        "https://core-es.com/preventing-downtime-data-centers (12 h at the least, 48 to 72 h as a "
        "common aim)", _at_sites(partial(supply.with_reserve, hours=hours), lab, sites))


def second_feed(lab: str | None = None, grid: str | None = None, *,
                sites: Collection[str] | None = None) -> Mitigation:
    """A second line beside each that a site has, from the same grid or from another."""
    of = grid.removeprefix("grid:") if grid else "the same grid"
    return Mitigation(
        f"second feed ({of})", f"A second line of its own from {of}; either carries the load.",
        "It does not help when its grid collapses or sheds load, nor against dips of the voltage; "
        "a disturbance that reaches the place reaches both lines.", "judgement",
        _at_sites(partial(supply.with_second_feed, grid=grid), lab, sites))


def on_site_generation(lab: str | None = None, share: float = 0.3, *,
                       sites: Collection[str] | None = None) -> Mitigation:
    """Gas-fired generation behind the meter, beside the lines that are there."""
    return Mitigation(
        f"generation {100 * share:g} %",
        f"Gas-fired generation on site can carry {100 * share:g} % of the load, beside the lines.",
        "It does not run without gas: a cold spell may take the grid and the gas of one area "
        "together.", "judgement",
        _at_sites(partial(supply.with_generation, share=share), lab, sites))


def fuel_store(lab: str | None = None, hours: float = 72.0, *,
               sites: Collection[str] | None = None) -> Mitigation:
    """Fuel beside the plants of the sites: they run ``hours`` without gas."""
    return Mitigation(
        f"fuel for {hours:g} h", f"Plants behind the meter can burn stored fuel for {hours:g} h.",
        "It does not help sites without a plant. It is given credit for plants that freeze, which "
        "a tank would not start.", "judgement",
        _at_sites(partial(supply.with_fuel_store, hours=hours), lab, sites))


def control_plane_reserve(lab: str | None = None, hours: float = 24.0, *,
                          sites: Collection[str] | None = None) -> Mitigation:
    """Jobs go on for ``hours`` without the cloud's control plane."""
    return Mitigation(
        f"control plane {hours:g} h",
        f"Jobs run and restart for {hours:g} h without the cloud's control plane (cached "
        "credentials, a scheduler of one's own).",
        "It does not help when the zone itself stops, or a provider cuts the tenant off.",
        "judgement", _at_sites(partial(supply.with_reserve, hours=hours, control_plane=True), lab,
                               sites))


def second_control_plane(lab: str | None = None, member: str | None = None, *,
                         sites: Collection[str] | None = None) -> Mitigation:
    """A second control plane: another cloud of the world, or the tenant's own."""
    which = (member or "own").split(":", 1)[-1]
    return Mitigation(
        f"second control plane ({which})", "The halls can be run from a second control plane.",
        "It does not help when the zone itself stops, or against a fault that both share beyond "
        "what the perils know.", "judgement; fails as the perils let any cloud fail",
        _at_sites(partial(supply.with_second_control_plane, member=member), lab, sites))


def faster_repair(peril: str, paths: Collection[str] = (), factor: float = 0.5, *,
                  name: str = "", source: str = "judgement") -> Mitigation:
    """Repair that takes ``factor`` of the time, for one peril and everybody whom it hits.

    ``paths`` names numbers of the peril's file as ``riskmodel perils show`` does, each a time;
    of a peril that is an event table in the world it is empty, and all its durations are scaled.
    """
    return _scaled({peril: tuple(paths)}, factor, name or f"faster repair ({peril})",
                   f"What {peril} breaks is mended in {100 * factor:g} % of the time.",
                   "It changes no rate and no depth, and holds for every site alike.", source)


def spare_transformers(factor: float = 0.1) -> Mitigation:
    """Large transformers from a shared store instead of from the factory."""
    return _scaled(TRANSFORMERS, factor, "spare transformers",
                   f"A large transformer is in place in {100 * factor:g} % of the time, from a "
                   "store.",
                   "It does not stop attacks or failures, and no store fits every size; it holds "
                   "for every site alike.", "judgement")


def leave_theatre(world: World, theatre: str, lab: str, to_site: str) -> Mitigation:
    """Move all that a lab holds in a theatre to one site elsewhere."""
    known = sorted(set(world.theatres["theatre_id"]))
    if theatre not in known:
        raise RiskModelError(f"leave_theatre: there is no theatre {theatre!r} in this world"
                             f"{near(theatre, known)}")
    inside = theatre_sites(world).get(theatre, {})
    if to_site in inside:
        raise RiskModelError(f"leave_theatre: {to_site} lies in {theatre} itself")

    def edit(of: World) -> World:
        for site, mw in mw_of_lab(of, lab).items():
            if site in inside:
                of = of.move(lab=lab, mw=mw, from_site=site, to_site=to_site)
        return of

    return Mitigation(f"leave {theatre}", f"All capacity in {theatre} moves to {to_site}.",
                      "It does not take away what may happen at the new place, and costs the move.",
                      "judgement", edit)


def _scaled(paths: Mapping[str, Collection[str]], factor: float, name: str, does: str,
            does_not: str, source: str) -> Mitigation:
    if not factor > 0:
        raise RiskModelError(f"{name}: factor is {factor}; give one above 0, below 1 for faster")
    return Mitigation(name, does, does_not, source,
                      lambda world: _with_times(world, paths, factor, name))


def _with_times(world: World, paths: Mapping[str, Collection[str]], factor: float,
                what: str) -> World:
    """Return the world with some times of some perils multiplied; absent perils are left out."""
    perils = dict(world.perils)
    events = world.events
    found = False
    for peril, named in paths.items():
        if peril in perils:
            known = {path: number for path, number in numbers(perils[peril]).items()
                     if number.get("unit") in _TIMES}
            lost = [path for path in named if path not in known]
            if lost or not named:
                text = f"no time {lost[0]!r}" if lost else "times of its own to choose from"
                raise RiskModelError(f"{what}: the peril {peril} has {text}; its times are "
                                     f"{', '.join(known)}")
            data: Any = perils[peril]
            for path in named:
                data = _replaced(data, re.findall(r"[^.\[\]]+", path), factor)
            perils[peril] = data
            found = True
        elif (events["peril"] == peril).any():
            mine = events["peril"] == peril
            events = events.assign(duration_h=events["duration_h"].where(
                ~mine, events["duration_h"] * factor))
            found = True
    if not found:
        raise RiskModelError(f"{what}: this world has no peril {' or '.join(paths)}; it has "
                             f"{', '.join([*world.perils, *events['peril'].unique()]) or 'none'}")
    new = replace(world, perils=perils)
    return new if events is world.events else edited(new, events=events)


def _replaced(data: Any, steps: list[str], factor: float) -> Any:
    """Return a peril's data with one number multiplied; what is given is not changed."""
    if not steps:
        return {**data, **{key: data[key] * factor for key in ("low", "best", "high")}}
    if isinstance(data, Mapping):
        return {**data, steps[0]: _replaced(data[steps[0]], steps[1:], factor)}
    at = int(steps[0])
    return [*data[:at], _replaced(data[at], steps[1:], factor), *data[at + 1:]]


def usual_mitigations(world: World, lab: str | None = None) -> list[Mitigation]:
    """Return those of the usual mitigations that change anything for a lab's sites, in an order in
    which they build on each other: six at the most.
    """
    offered = [reserve(lab), second_feed(lab), on_site_generation(lab), fuel_store(lab),
               control_plane_reserve(lab)]
    if set(TRANSFORMERS) & set(world.perils):
        offered.append(spare_transformers())
    found = []
    of = world
    for each in offered:
        after = each.apply(of)
        if after.fingerprint != of.fingerprint:
            found.append(each)
            of = after
    return found
