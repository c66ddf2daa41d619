"""What a site's supply may be given: a reserve, a second line, generation, stored fuel, a way round
its control plane. Each returns a new world, and done twice it is done once.

A site's power groups are those with a local supply, a grid, a plant or gas among their members;
its control-plane groups those with a cloud or a cloud region.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmodel.errors import RiskModelError
from riskmodel.world.columns import near
from riskmodel.world.edits import appended, edited, require_sites, typed_rows

if TYPE_CHECKING:
    from riskmodel.world.world import World

POWER = ("feed", "grid", "interconnection", "plant", "gas")
LINES = ("feed", "grid", "interconnection")
CONTROL = ("cloud", "cloud_region")
#: a tank is filled again by road: a judgement
FUEL_RECHARGE_H = 72.0
_TERMS = ("k", "mode", "share", "ride_through_h", "recharge_h")

Row = dict[str, Any]


class _Draft:
    """Requirement rows and new nodes of a world while an edit works on them."""

    def __init__(self, world: World, sites: Collection[str], what: str) -> None:
        require_sites(world, sites, what)
        self.world, self.what = world, what
        self.sites = [site for site in world.sites["site_id"] if site in set(sites)]
        self.kind = dict(zip(world.all_nodes["node_id"], world.all_nodes["kind"], strict=True))
        self.rows: list[Row] = [{str(k): v for k, v in row.items()}
                                for row in world.requirements.to_dict("records")]
        self.new: list[Row] = []

    def groups(self, node: str, kinds: Collection[str]) -> list[list[Row]]:
        """Return the groups of a node that have a member of one of the kinds."""
        found: dict[str, list[Row]] = {}
        for row in self.rows:
            if row["node_id"] == node:
                found.setdefault(row["group"], []).append(row)
        return [rows for rows in found.values()
                if any(self.kind.get(row["member_id"]) in kinds for row in rows)]

    def add_node(self, node_id: str, kind: str, name: str, **more: Any) -> str:
        """Add a node unless it is there."""
        if node_id not in self.kind:
            self.kind[node_id] = kind
            self.new.append({"node_id": node_id, "kind": kind, "name": name, "rule": self.what,
                             "source_urls": "judgement", "as_of": str(self.world.as_of or ""),
                             "confidence": "low", **more})
        return node_id

    def need(self, node: str, group: str, member: str, **terms: Any) -> Row:
        """Return the row of a need, added unless it is there; a plain requirement but for terms."""
        for there in self.rows:
            if (there["node_id"], there["group"], there["member_id"]) == (node, group, member):
                return there
        row = {**dict.fromkeys(self.world.requirements.columns, ""), "node_id": node,
               "group": group, "member_id": member, "weight": 1.0, "k": 1.0, "mode": "quorum",
               "share": 1.0, "ride_through_h": 0.0, "recharge_h": 24.0, "rule": self.what,
               "source_urls": "judgement", "as_of": str(self.world.as_of or ""),
               "confidence": "low", **terms}
        self.rows.append(row)
        return row

    def whole(self, rows: list[Row]) -> list[Row]:
        """Return a power group as one whose members add up: proportional, with k = 1.

        A quorum of several becomes one member, a node of its own that needs them as before.
        """
        first = rows[0]
        if first["mode"] == "proportional":
            return rows
        member = first["member_id"]
        if len(rows) > 1:
            member = self.add_node(f"either:{first['node_id']}/{first['group']}", "feed",
                                   f"Supply of {first['node_id']}")
            for row in rows:
                self.need(member, "lines", row["member_id"], k=row["k"])
            self.rows = [row for row in self.rows
                         if not any(row is other for other in rows[1:])]
        first.update(member_id=member, mode="proportional", weight=1.0, k=1.0)
        return [first]

    def finish(self) -> World:
        """Return the new world."""
        like = self.world.requirements
        needs = pd.DataFrame({name: pd.Series([row[name] for row in self.rows],
                                              dtype=like[name].dtype) for name in like.columns})
        new = (typed_rows("nodes", self.new, f"nodes of {self.what}") if self.new
               else pd.DataFrame())
        return edited(self.world, requirements=needs, nodes=appended(self.world.nodes, new))


def with_reserve(world: World, sites: Collection[str], hours: float, *,
                 control_plane: bool = False) -> World:
    """Return a world in which the power of the sites is bridged for ``hours`` at least.

    With ``control_plane`` it is their control plane that is.
    """
    _positive(hours, "hours", "with_reserve")
    draft = _Draft(world, sites, "with_reserve")
    for site in draft.sites:
        for rows in draft.groups(site, CONTROL if control_plane else POWER):
            for row in rows:
                row["ride_through_h"] = max(row["ride_through_h"], float(hours))
    return draft.finish()


def with_second_feed(world: World, sites: Collection[str], grid: str | None = None) -> World:
    """Return a world in which the sites have a second line beside each they have; either will do.

    The new line has failures of its own, at the place of the first. It hangs on the same grid, or
    on ``grid``, a grid node of the world. Sites that share a line share the second.
    """
    draft = _Draft(world, sites, "with_second_feed")
    if grid is not None and draft.kind.get(grid) not in ("grid", "interconnection"):
        grids = [node for node, kind in draft.kind.items() if kind == "grid"]
        raise RiskModelError(f"with_second_feed: there is no grid {grid!r} in this world"
                             f"{near(grid, grids)}; a second line needs a grid that perils know")
    place = {**_places(world.sites, "site_id"), **_places(world.nodes, "node_id")}
    for site in draft.sites:
        for rows in draft.groups(site, LINES):
            for row in rows:
                line = row["member_id"]
                if draft.kind.get(line) not in LINES or str(line).startswith("either:"):
                    continue
                own = [other for other in draft.rows if other["node_id"] == line
                       and draft.kind.get(other["member_id"]) in LINES]
                behind = own[0] if draft.kind[line] == "feed" and own else None
                second = draft.add_node(f"feed:{_bare(line)}/second", "feed",
                                        f"Second line beside {line}",
                                        **place[line if behind else site])
                draft.need(second, "grid", grid or (behind["member_id"] if behind else line),
                           share=behind["share"] if behind else 1.0)
                either = draft.add_node(f"either:{line}", "feed", f"Either line beside {line}")
                draft.need(either, "lines", line)
                draft.need(either, "lines", second)
                row["member_id"] = either
    return draft.finish()


def with_generation(world: World, sites: Collection[str], share: float) -> World:
    """Return a world in which the sites have gas-fired generation for ``share`` of their supply.

    It stands beside the lines that are there, which go on carrying what they carried, and hangs on
    the gas of the same grid's area. A plant that is there is raised to the share.
    """
    if not 0 < share <= 1:
        raise RiskModelError(f"with_generation: share is {share}; give one above 0, at most 1")
    draft = _Draft(world, sites, "with_generation")
    of = {row["site_id"]: row for row in world.sites.to_dict("records")}
    place = _places(world.sites, "site_id")
    for site in draft.sites:
        for rows in draft.groups(site, POWER)[:1]:
            rows = draft.whole(rows)
            plants = [row for row in rows if draft.kind.get(row["member_id"]) == "plant"]
            for row in plants:
                row["weight"] = max(row["weight"], float(share))
            if plants:
                continue
            country = of[site]["country_iso2"]
            plant = draft.add_node(f"plant:{site}", "plant", f"Generation at {site}",
                                   country_iso2=country, **place[site])
            draft.need(site, rows[0]["group"], plant, weight=float(share),
                       **{name: rows[0][name] for name in _TERMS})
            area = _bare(_grid_of(draft, rows) or of[site]["grid_region"] or site)
            gas = draft.add_node(f"gas:{area}", "gas", f"Gas supply, {area}",
                                 country_iso2=country)
            draft.need(plant, "fuel", gas)
    return draft.finish()


def with_fuel_store(world: World, sites: Collection[str], hours: float) -> World:
    """Return a world in which the plants of the sites run ``hours`` on fuel that lies beside them.

    Whatever stops such a plant is bridged, since the perils' outages of plants are those of its
    fuel; frozen plants are among them, which a tank would not start.
    """
    _positive(hours, "hours", "with_fuel_store")
    draft = _Draft(world, sites, "with_fuel_store")
    for site in draft.sites:
        for rows in draft.groups(site, ("plant",)):
            for row in rows:
                plant = row["member_id"]
                if draft.kind.get(plant) != "plant":
                    continue
                bare = str(plant).removeprefix("stored:")
                store = draft.add_node(f"stored:{bare}", "plant", f"{bare} with its tank")
                fuel = draft.need(store, "fuel", bare, recharge_h=FUEL_RECHARGE_H)
                fuel["ride_through_h"] = max(fuel["ride_through_h"], float(hours))
                row["member_id"] = store
    return draft.finish()


def with_second_control_plane(world: World, sites: Collection[str], member: str | None = None
                              ) -> World:
    """Return a world in which the sites may be run from a second control plane; either will do.

    ``member`` is a cloud or cloud region of the world; None is one of the tenant's own,
    ``cloud:own``, which fails as the perils let any cloud fail.
    """
    draft = _Draft(world, sites, "with_second_control_plane")
    if member is None:
        member = draft.add_node("cloud:own", "cloud", "Tenant's own control plane")
    elif draft.kind.get(member) not in CONTROL:
        clouds = [node for node, kind in draft.kind.items() if kind in CONTROL]
        raise RiskModelError(f"with_second_control_plane: there is no cloud {member!r} in this "
                             f"world{near(member, clouds)}")
    for site in draft.sites:
        for rows in draft.groups(site, CONTROL):
            first = rows[0]
            if first["mode"] == "quorum" and member not in [row["member_id"] for row in rows]:
                draft.need(site, first["group"], member, **{name: first[name] for name in _TERMS})
    return draft.finish()


def _grid_of(draft: _Draft, rows: list[Row]) -> str:
    """Return the grid that a power group reaches, the nearest first; "" for none."""
    ring, seen = [row["member_id"] for row in rows], set()  # type: ignore[var-annotated]
    while ring:
        for node in ring:
            if draft.kind.get(node) == "grid":
                return str(node)
        seen.update(ring)
        ring = [row["member_id"] for row in draft.rows
                if row["node_id"] in ring and row["member_id"] not in seen]
    return ""


def _places(frame: pd.DataFrame, key: str) -> dict[str, dict[str, float]]:
    """Return where each row is; a place that is not known has no columns."""
    columns = ("lat", "lon", "coord_precision_km")
    return {row[key]: {name: float(row[name]) for name in columns if not np.isnan(row[name])}
            for row in frame.to_dict("records")}


def _bare(node: object) -> str:
    return str(node).split(":", 1)[-1]


def _positive(value: float, name: str, what: str) -> None:
    if not (np.isfinite(value) and value > 0):
        raise RiskModelError(f"{what}: {name} is {value}; give a number above 0")
