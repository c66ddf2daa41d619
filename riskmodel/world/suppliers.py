"""Who or what supplies each node: the other side that a lab hangs on when that node fails.

Every node has one supplier, so that losses split by supplier leave nothing out:

- a cloud: itself; a cloud region or a zone: its cloud;
- an operator: itself; a site: the operator of its halls, else ``(the site itself)``;
- a grid: itself; a local supply: the grid it draws on, however it draws on it, else
  ``(local supply)``; an interconnection: itself, since no single grid answers for it;
- a gas supply: itself; generation on site: the gas it burns, else who runs the site;
- a corridor of cables, and any other node: itself;
- a country or a theatre: ``(country)``: there is no other side to change.

Companies go by name, so that a cloud and the operator of halls of the same name are one supplier.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from riskmodel.world.world import World

COUNTRY = "(country)"
ITSELF = "(the site itself)"
LOCAL = "(local supply)"
NOT_NAMED = "(not named)"
_WORD = {"grid": "grid", "interconnection": "interconnection", "gas": "gas supply",
         "corridor": "network corridor"}


@dataclass(frozen=True)
class Suppliers:
    """Supplier of each node of a world; ask with ``of_node``."""

    world: World

    @cached_property
    def _kind(self) -> dict[str, str]:
        nodes = self.world.all_nodes
        return dict(zip(nodes["node_id"], nodes["kind"], strict=True))

    @cached_property
    def _name(self) -> dict[str, str]:
        nodes = self.world.all_nodes
        return dict(zip(nodes["node_id"], nodes["name"], strict=True))

    @cached_property
    def _needs(self) -> dict[str, list[str]]:
        rows, found = self.world.requirements, {}  # type: ignore[var-annotated]
        for node, member in zip(rows["node_id"], rows["member_id"], strict=True):
            found.setdefault(node, []).append(member)
        return found

    @cached_property
    def _users(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for node, members in self._needs.items():
            for member in members:
                found.setdefault(member, []).append(node)
        return found

    @cached_property
    def _site(self) -> dict[str, dict[str, str]]:
        sites = self.world.sites
        return {site: {"operator": operator, "chips": chips} for site, operator, chips in zip(
            sites["site_id"], sites["operator"], sites["chip_family"], strict=True)}

    def of_node(self, node: str) -> str:
        """Return who supplies a node; see the module for the rules."""
        kind = self._kind.get(node, "")
        if kind in ("country", "theatre"):
            return COUNTRY
        if kind in ("cloud_region", "zone"):
            return self.reached(node, "cloud") or self._own(node, kind)
        if kind == "feed":
            return self.reached(node, "grid") or LOCAL
        if kind == "plant":
            return (self.reached(node, "gas")
                    or next((self.of_site(site) for site in self._users.get(node, ())
                             if site in self._site), "") or LOCAL)
        return self.of_site(node) if node in self._site else self._own(node, kind)

    def of_site(self, site: str) -> str:
        """Return who runs a site's halls: the operator its rows name, else its own record's."""
        stated = re.sub(r"\s*\(.*?\)", "", self._site[site]["operator"].split(" / ")[0]).strip()
        return self.reached(site, "operator") or stated or ITSELF

    def reached(self, node: str, kind: str) -> str:
        """Return the first node of a kind that a node needs, the nearest first; "" for none."""
        seen, ring = {node}, [node]
        while ring:
            ring = list(dict.fromkeys(member for one in ring for member in self._needs.get(one, ())
                                      if member not in seen))
            seen.update(ring)
            for member in ring:
                if self._kind.get(member) == kind:
                    return self._own(member, kind)
        return ""

    def designers(self, site: str) -> str:
        """Return who designs the chips that a site names, joined by " / "."""
        chips = self.world.chips
        of = dict(zip(chips["chip_family"], chips["designer"], strict=True))
        named = {of.get(family.strip(), "") for family in self._site[site]["chips"].split(";")}
        return " / ".join(sorted(named - {""})) or NOT_NAMED

    def makers(self, country: str, kinds: Collection[str]) -> str:
        """Return the companies of the supply nodes of some types in a country, joined by " / "."""
        rows = self.world.supply_nodes
        found = rows[(rows["country_iso2"] == country) & rows["node_type"].isin(list(kinds))]
        return " / ".join(sorted(set(found["operator"]) - {""})) or NOT_NAMED

    def _own(self, node: str, kind: str) -> str:
        name = self._name.get(node, "") or node.split(":", 1)[-1]
        word = _WORD.get(kind, "")
        return f"{name} ({word})" if word and word not in name.lower() else name
