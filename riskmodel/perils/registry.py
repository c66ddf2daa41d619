"""Which perils there are: built in, registered, installed beside us, or tables of the world."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from importlib import import_module
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any

from riskmodel.errors import RiskModelError
from riskmodel.perils.catalogue import event_table_perils
from riskmodel.perils.protocol import PerilSpec
from riskmodel.perils.spec import id_problems, read_spec, shipped_data

if TYPE_CHECKING:
    from pathlib import Path

    from riskmodel.world.world import World

#: entry-point group under which an installed package offers perils (objects, or their classes)
GROUP = "riskmodel.perils"

#: peril id -> where its class is; each takes the spec read from its TOML
BUILT_IN: Mapping[str, tuple[str, str]] = {
    "adequacy_curtailment": ("riskmodel.perils.adequacy_curtailment", "AdequacyCurtailment"),
    "cable_cut": ("riskmodel.perils.cable_cut", "CableCut"),
    "chip_supply": ("riskmodel.perils.chip_supply", "ChipSupply"),
    "cloud_outage": ("riskmodel.perils.cloud_outage", "CloudOutage"),
    "cyber": ("riskmodel.perils.cyber", "Cyber"),
    "earthquake": ("riskmodel.perils.earthquake", "Earthquake"),
    "export_control": ("riskmodel.perils.export_control", "ExportControl"),
    "fuel_cut": ("riskmodel.perils.fuel_cut", "FuelCut"),
    "grid_outage": ("riskmodel.perils.grid_outage", "GridOutage"),
    "heatwave": ("riskmodel.perils.heatwave", "Heatwave"),
    "hurricane": ("riskmodel.perils.hurricane", "Hurricane"),
    "kinetic_strike": ("riskmodel.perils.kinetic_strike", "KineticStrike"),
    "load_trip": ("riskmodel.perils.load_trip", "LoadTrip"),
    "sabotage": ("riskmodel.perils.sabotage", "Sabotage"),
    "sanctions_cutoff": ("riskmodel.perils.sanctions_cutoff", "SanctionsCutoff"),
    "site_failure": ("riskmodel.perils.site_failure", "SiteFailure"),
    "winter_storm": ("riskmodel.perils.winter_storm", "WinterStorm"),
}

#: a world's own peril file with this key draws its events from the generating system it names
GENERATING_SYSTEM = "generating_system"

_registered: dict[str, Any] = {}


def register_peril(peril: Any) -> Any:
    """Make a peril object known to every later ``load_perils``; returns it.

    Registering the same id again replaces the object, so that a notebook cell can be run twice.

    Raises
    ------
    RiskModelError
        It is no peril (no spec, or neither ``catalogue`` nor ``sample``), or its id is built in.
    """
    peril_id = _peril_id(peril, "register_peril")
    if peril_id in BUILT_IN:
        raise RiskModelError(f"register_peril: {peril_id!r} is built in; give yours another id, or "
                             "pass the object itself in perils=[...]")
    problems = id_problems(peril_id)
    if problems:
        raise RiskModelError(f"register_peril: {problems[0]}")
    _registered[peril_id] = peril
    return peril


def unregister_peril(peril_id: str) -> None:
    """Forget a registered peril; nothing happens where there is none."""
    _registered.pop(peril_id, None)


def load_perils(world: World, perils: Iterable[Any] | str | None = None) -> list[Any]:
    """Return the peril objects of a run, ordered by id.

    Parameters
    ----------
    world : the world they act on; its ``perils`` are the parsed TOML files, its ``events`` the
        event table.
    perils : ids and peril objects to take; None takes every file and event-table id of the world
        and everything registered or installed. A built-in peril without a file in the world may
        still be named: it then reads the file that ships.

    Raises
    ------
    RiskModelError
        An id is unknown (the message names the nearest), stands twice, or is both a built-in peril
        and an event table of the world; or a file of the world is unsound.
    """
    offered = _offered(world)
    if perils is None:
        return [offered[peril_id]() for peril_id in sorted(offered)]
    if isinstance(perils, str):
        perils = [perils]
    chosen: dict[str, Any] = {}
    for wanted in perils:
        peril = _named(wanted, offered) if isinstance(wanted, str) else wanted
        peril_id = _peril_id(peril, "perils")
        if peril_id in chosen:
            raise RiskModelError(f"perils: {peril_id!r} stands twice; name each peril once")
        chosen[peril_id] = peril
    return [chosen[peril_id] for peril_id in sorted(chosen)]


def _named(peril_id: str, offered: Mapping[str, Callable[[], Any]]) -> Any:
    if peril_id in offered:
        return offered[peril_id]()
    if peril_id in BUILT_IN:
        return _built_in(peril_id, shipped_data(peril_id))
    known = sorted({*offered, *BUILT_IN})
    near = get_close_matches(peril_id, known, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise RiskModelError(f"there is no peril {peril_id!r}{hint or '.'} "
                         f"There are {', '.join(known)}")


def _offered(world: World) -> dict[str, Callable[[], Any]]:
    """Return id -> how to make the peril, for everything that a run takes by default."""
    tables = {peril.spec.peril_id: peril for peril in event_table_perils(world)}
    outside = {**_installed(), **_registered}
    offered: dict[str, Callable[[], Any]] = {}
    for peril_id, peril in {**outside, **tables}.items():
        offered[peril_id] = lambda peril=peril: peril  # type: ignore[misc]
    both = sorted(set(tables) & set(outside))
    for peril_id, data in world.perils.items():
        if peril_id in BUILT_IN:
            if peril_id in tables:
                both.append(peril_id)
            offered[peril_id] = lambda i=peril_id, d=data: _built_in(i, d)  # type: ignore[misc]
        elif GENERATING_SYSTEM in data and peril_id not in offered:
            offered[peril_id] = lambda i=peril_id, d=data: (  # type: ignore[misc]
                _generator(i, d, world.folder))
        elif peril_id not in offered:
            near = get_close_matches(peril_id, [*BUILT_IN, *offered], n=1, cutoff=0.5)
            hint = f" (near: {near[0]})" if near else ""
            raise RiskModelError(
                f"perils/{peril_id}.toml: no peril of that id is built in{hint}, registered or in "
                "the event table; rename the file and its id, or register the peril first")
    if both:
        raise RiskModelError(
            f"{', '.join(sorted(set(both)))}: the world's event table uses the id of another "
            "peril, and both would draw from one stream; rename the peril in the event table, or "
            "take the TOML file out of the world")
    return offered


def _built_in(peril_id: str, data: Mapping[str, Any]) -> Any:
    spec = read_spec(data, f"perils/{peril_id}.toml")
    if spec.peril_id != peril_id:
        raise RiskModelError(f"perils/{peril_id}.toml: its id is {spec.peril_id!r}; file name and "
                             "id must agree")
    module, name = BUILT_IN[peril_id]
    return getattr(import_module(module), name)(spec)


def _generator(peril_id: str, data: Mapping[str, Any], folder: Path | None) -> Any:
    """Return the peril of a file that names a generating system."""
    from riskmodel.perils.adequacy.generator import AdequacyGenerator

    if data.get("id") != peril_id:
        raise RiskModelError(f"perils/{peril_id}.toml: its id is {data.get('id')!r}; file name and "
                             "id must agree")
    return AdequacyGenerator.from_file(data, folder)


def _installed() -> dict[str, Any]:
    """Return the perils that installed packages offer under the entry-point group."""
    found: dict[str, Any] = {}
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: (entry.name, entry.value)):
        where = f"entry point {entry.name!r} of {GROUP}"
        try:
            peril = entry.load()
        except Exception as error:
            raise RiskModelError(f"{where}: {entry.value} does not load ({error}); mend or remove "
                                 "the package that offers it") from error
        if isinstance(peril, type):
            peril = peril()
        peril_id = _peril_id(peril, where)
        if peril_id in BUILT_IN or peril_id in found:
            raise RiskModelError(f"{where}: the id {peril_id!r} is taken; it needs another")
        found[peril_id] = peril
    return found


def _peril_id(peril: Any, where: str) -> str:
    """Return the id of a peril object, or say why it is none."""
    spec = getattr(peril, "spec", None)
    if isinstance(peril, type) or not isinstance(spec, PerilSpec):
        raise RiskModelError(f"{where}: {peril!r} is no peril; it needs a `spec` "
                             "(riskmodel.perils.protocol.PerilSpec), or give the id as text")
    kinds = [name for name in ("catalogue", "sample") if callable(getattr(peril, name, None))]
    if len(kinds) != 1:
        raise RiskModelError(f"{where}: {spec.peril_id!r} has {' and '.join(kinds) or 'neither'} "
                             "of catalogue(world) and sample(block, world); it needs exactly one")
    return spec.peril_id
