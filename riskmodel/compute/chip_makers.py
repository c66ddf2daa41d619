"""Who a chip family hangs on: its designer, design partner, foundry, and makers of its memory.

Read from ``chips``, ``supply_nodes`` and ``compute/supply.toml``. Of each family a role's shares
add up to 1; what the record does not name is ``unknown``, with bounds from none to all. A design
partner is who stands after the slash ("Google / Broadcom"); what stands in brackets is left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from riskmodel.compute.inputs import Band, band, read_inputs
from riskmodel.world.exposure import UNKNOWN

if TYPE_CHECKING:
    from riskmodel.world.world import World

FILE = "supply"
ROLES = ("designer", "design_partner", "foundry", "foundry_place", "memory")
#: capacity that needs nobody in a role: no design partner, or memory on the die
NOBODY = "(nobody)"
_ALL, _NONE, _ANY = Band(1.0, 1.0, 1.0), Band(0.0, 0.0, 0.0), Band(0.0, 0.0, 1.0)
_ON_DIE = ("sram",)

#: role -> supplier -> share of a family
Makers = dict[str, dict[str, Band]]


def chip_makers(world: World) -> dict[str, Makers]:
    """Return family -> role -> supplier -> share, with its bounds."""
    data = read_inputs(FILE, world)
    partners: dict[str, set[str]] = {}
    memory = []
    for node in _rows(world.supply_nodes):
        if node["node_type"] == "memory" and node["operator"] not in memory:
            memory.append(node["operator"])
        if node["node_type"] == "designer":
            for family in _parts(node["chip_families"]):
                partners.setdefault(family, set()).add(node["operator"])
    found = {}
    for chip in _rows(world.chips):
        family = chip["chip_family"]
        designers = [_bare(name) for name in chip["designer"].split(" / ") if _bare(name)]
        own = designers[0] if designers else ""
        helped = list(dict.fromkeys([*designers[1:], *sorted(partners.get(family, set()) - {own})]))
        found[family] = {
            "designer": {own: _ALL} if own else _unknown(),
            "design_partner": _shared(helped) if helped else {NOBODY: _ALL} if own else _unknown(),
            "foundry": _shared([_bare(name) for name in _parts(chip["foundry"])]),
            "foundry_place": _place(chip["foundry_locations"]),
            "memory": _memory(chip["memory_supplier"], memory, family, data)}
    return found


def unknown_makers() -> Makers:
    """Return the makers of a chip that nobody names."""
    return {role: _unknown() for role in ROLES}


def mixed(one: Makers, other: Makers, share: float) -> Makers:
    """Return the makers of a family of which ``share`` is replaced by another."""
    out: Makers = {}
    for role in ROLES:
        names = dict.fromkeys([*one[role], *other[role]])
        out[role] = {name: Band(*((1.0 - share) * a + share * b for a, b in
                                  zip(one[role].get(name, _NONE), other[role].get(name, _NONE),
                                      strict=True))) for name in names}
    return out


def _memory(text: str, known: list[str], family: str, data: Mapping[str, Any]) -> dict[str, Band]:
    named = [name for name in known if name.lower() in text.lower()]
    bare = [_bare(part) for part in _parts(text)]
    named += [name for name in bare if name.isupper() and name not in named]  # CXMT
    if not named:
        on_die = any(word in text.lower() for word in _ON_DIE)
        return {NOBODY: _ALL} if on_die else _unknown()
    stated = {name: band(data, "memory_share", family, name, where=f"compute/{FILE}.toml")
              for name in data.get("memory_share", {}).get(family, {})}
    others = [name for name in named if name not in stated]
    rest = 1.0 - sum(one.best for one in stated.values())
    high = 1.0 - sum(one.low for one in stated.values())
    if not stated:
        return _shared(named)
    return {**stated, **{name: Band(0.0, rest / len(others), high) for name in others}}


def _shared(names: list[str]) -> dict[str, Band]:
    """Return equal shares; of several suppliers each may have none or all."""
    names = list(dict.fromkeys(name for name in names if name))
    if not names:
        return _unknown()
    if len(names) == 1:
        return {names[0]: _ALL}
    return {name: Band(0.0, 1.0 / len(names), 1.0) for name in names}


def _place(text: str) -> dict[str, Band]:
    """Return where the dies come from: Taiwan, or elsewhere, or both."""
    if not text.strip():
        return _unknown()
    first, *more = [part.lower() for part in _parts(text)]
    where = "Taiwan" if "taiwan" in first else "elsewhere"
    other = [part for part in more if ("taiwan" in part) != (where == "Taiwan")]
    if not other:
        return {where: _ALL}
    # a second place is named for some of it, and no record says how much
    away = "elsewhere" if where == "Taiwan" else "Taiwan"
    return {where: Band(0.5, 1.0, 1.0), away: Band(0.0, 0.0, 0.5)}


def _unknown() -> dict[str, Band]:
    return {UNKNOWN: _ALL}


def _bare(text: str) -> str:
    return re.sub(r"\s*\(.*?\)", "", text).strip()


def _parts(text: str) -> list[str]:
    """Return the parts between semicolons; those within brackets do not part."""
    return [part.strip() for part in re.split(r";(?![^(]*\))", str(text)) if part.strip()]


def _rows(frame: Any) -> list[dict[str, str]]:
    return [{str(key): str(value) for key, value in row.items()}
            for row in frame.to_dict("records")]
