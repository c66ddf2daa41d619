"""What sites have in common: one operator, country, grid, cloud, chip, foundry, theatre.

What a site hangs on is read from the requirement rows (a site belongs to every grid it reaches
through them); what they do not say, from the site's own columns. Nothing is guessed: where the
record names nothing the site's group is ``unknown``, and where it names several without saying how
much of each, the site is split evenly between them and marked so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from riskmodel.errors import RiskModelError
from riskmodel.world.columns import near
from riskmodel.world.exposure import UNKNOWN

if TYPE_CHECKING:
    from riskmodel.world.world import World

#: what sites can be grouped by, and what a group of the kind is called
DIMENSIONS = {
    "site": "site", "operator": "operator", "country": "country", "grid_region": "grid region",
    "interconnection": "interconnection", "feed": "local supply", "gas_area": "gas area",
    "cloud": "cloud", "cloud_region": "cloud region", "theatre": "theatre",
    "chip": "chip family", "designer": "chip designer", "foundry": "foundry",
}
#: dimension -> kind of the nodes that stand for its groups
_NODE_KINDS = {"operator": "operator", "grid_region": "grid", "interconnection": "interconnection",
               "feed": "feed", "gas_area": "gas", "cloud": "cloud",
               "cloud_region": "cloud_region", "theatre": "theatre"}
#: dimensions in which a site without a group has none, and shares no fate with another through it
_MAY_HAVE_NONE = ("feed", "gas_area", "cloud_region", "theatre")
COLUMNS = ("site_id", "group", "name", "share", "certainty")

#: a group's id and the name it goes by
_Pairs = list[tuple[str, str]]


def site_groups(world: World, dimension: str) -> pd.DataFrame:
    """Return which groups each site belongs to, and with which share of its capacity.

    Parameters
    ----------
    dimension : one of ``DIMENSIONS``

    Returns
    -------
    frame ``site_id, group, name, share, certainty``
        one row a site and group; shares of a site add up to 1. ``certainty`` is ``known`` (one
        group), ``split`` (the record names several: even shares are an assumption; what a site
        hangs on it hangs on whole, whatever the share), ``unknown`` (it names none, group
        ``unknown``) or ``none`` (there is none to share, group empty). ``name`` is fit to be shown:
        sites and local supplies go by their region.

    Raises
    ------
    RiskModelError
        There is no such dimension.
    """
    if dimension not in DIMENSIONS:
        hint = near(str(dimension), DIMENSIONS)
        raise RiskModelError(f"there is no dimension {dimension!r}{hint}; sites can be grouped by "
                             f"{', '.join(DIMENSIONS)}")
    reader = _Reader(world)
    rows: list[tuple[str, str, str, float, str]] = []
    for site in records(world.sites):
        pairs, none = reader.groups(dimension, site)
        if pairs:
            certainty = "known" if len(pairs) == 1 else "split"
            rows += [(site["site_id"], group, name, 1.0 / len(pairs), certainty)
                     for group, name in pairs]
        elif none:
            rows.append((site["site_id"], "", "", 1.0, "none"))
        else:
            rows.append((site["site_id"], UNKNOWN, UNKNOWN, 1.0, "unknown"))
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    return frame.assign(name=_told_apart(frame))


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame as mappings from column to cell."""
    return [{str(name): cell for name, cell in row.items()} for row in frame.to_dict("records")]


def place_name(site: Mapping[str, Any]) -> str:
    """Return where a site is without naming it: state or province and country, else its grid."""
    parts = [str(site[key]) for key in ("admin1", "country_iso2") if site[key]]
    return ", ".join(parts) or str(site["grid_region"]) or "a place without a name"


def _told_apart(frame: pd.DataFrame) -> list[str]:
    """Number groups whose names are the same: "Ohio, US (2)" is another than "Ohio, US"."""
    seen: dict[str, list[str]] = {}
    shown = []
    for group, name in zip(frame["group"], frame["name"], strict=True):
        groups = seen.setdefault(name, [])
        if group not in groups:
            groups.append(group)
        place = groups.index(group)
        shown.append(name if place == 0 else f"{name} ({place + 1})")
    return shown


class _Reader:
    """The groups of single sites of one world."""

    def __init__(self, world: World) -> None:
        self.world = world

    def groups(self, dimension: str, site: Mapping[str, Any]) -> tuple[_Pairs, bool]:
        """Return the groups of a site, and where there are none whether none exists to share."""
        pairs = self._hangs_on(site, _NODE_KINDS[dimension]) if dimension in _NODE_KINDS else []
        if not pairs and (named := self._named.get(dimension)) is not None:
            pairs = named(site)
        off_grid = dimension in ("grid_region", "interconnection") and self._off_grid(site)
        return [] if off_grid else pairs, off_grid or dimension in _MAY_HAVE_NONE

    @cached_property
    def _named(self) -> dict[str, Callable[[Mapping[str, Any]], _Pairs]]:
        """Dimension -> the groups that a site's own columns name."""
        return {
            "site": lambda site: [(site["site_id"], place_name(site))],
            "operator": lambda site: _text(_first(site["operator"])),
            "country": self._country,
            "grid_region": lambda site: _text(site["grid_region"]),
            "interconnection": lambda site: _text(
                self._grids["interconnection"].get(site["grid_region"], "")),
            "cloud": lambda site: _text(_first(site["cloud_provider"])),
            "cloud_region": lambda site: _text(site["cloud_region"]),
            "theatre": lambda site: self._theatres.get(site["country_iso2"], []),
            "chip": lambda site: [(each, each) for each in _families(site)],
            "designer": lambda site: self._made_by(site, "designer"),
            "foundry": lambda site: self._made_by(site, "foundry"),
        }

    # ------------------------------------------------------------ through requirement rows

    @cached_property
    def _needs(self) -> dict[str, list[str]]:
        needs: dict[str, list[str]] = {}
        rows = self.world.requirements
        for node, member in zip(rows["node_id"].tolist(), rows["member_id"].tolist(), strict=True):
            needs.setdefault(node, []).append(member)
        return needs

    @cached_property
    def _kinds(self) -> dict[str, str]:
        nodes = self.world.nodes
        return dict(zip(nodes["node_id"].tolist(), nodes["kind"].tolist(), strict=True))

    @cached_property
    def _names(self) -> dict[str, str]:
        nodes = self.world.nodes
        return dict(zip(nodes["node_id"].tolist(), nodes["name"].tolist(), strict=True))

    @cached_property
    def _reached(self) -> dict[str, list[str]]:
        """Site -> every node it needs, directly or through others."""
        found = {}
        for site in self.world.sites["site_id"].tolist():
            seen: dict[str, None] = {}
            stack = list(reversed(self._needs.get(site, [])))
            while stack:
                node = stack.pop()
                if node not in seen:
                    seen[node] = None
                    stack += reversed(self._needs.get(node, []))
            found[site] = list(seen)
        return found

    def _hangs_on(self, site: Mapping[str, Any], kind: str) -> _Pairs:
        nodes = [node for node in self._reached[site["site_id"]] if self._kinds.get(node) == kind]
        pairs = []
        for node in nodes:
            group = node.removeprefix(f"{kind}:")
            shown = self._names.get(node) or group
            if kind == "feed":
                shown = f"local supply in {place_name(self._first_fed[node])}"
            pairs.append((group, shown))
        return pairs

    @cached_property
    def _first_fed(self) -> dict[str, dict[str, Any]]:
        """Node -> the first site of the table that reaches it."""
        first: dict[str, dict[str, Any]] = {}
        for site in records(self.world.sites):
            for node in self._reached[site["site_id"]]:
                first.setdefault(node, site)
        return first

    # ------------------------------------------------------------------ through the record

    @cached_property
    def _grids(self) -> dict[str, dict[str, str]]:
        """``interconnection`` and ``level`` of each normalised grid region."""
        table = self.world.grid_regions.drop_duplicates("grid_region").set_index("grid_region")
        return {name: dict(zip(table.index.tolist(), table[name].tolist(), strict=True))
                for name in ("interconnection", "level")}

    def _off_grid(self, site: Mapping[str, Any]) -> bool:
        return self._grids["level"].get(site["grid_region"]) == "off_grid"

    def _country(self, site: Mapping[str, Any]) -> _Pairs:
        code = site["country_iso2"]
        return [(code, self._names.get(f"country:{code}") or code)] if code else []

    @cached_property
    def _theatres(self) -> dict[str, _Pairs]:
        """Country -> its theatres."""
        theatres: dict[str, _Pairs] = {}
        for row in records(self.world.theatres):
            theatre = row["theatre_id"]
            name = theatre.replace("_", " ").title()
            theatres.setdefault(row["country_iso2"], []).append((theatre, name))
        return theatres

    @cached_property
    def _makers(self) -> dict[str, dict[str, list[str]]]:
        """``designer`` and ``foundry`` of each chip family, as far as the record names them."""
        chips = self.world.chips
        return {column: {family: _makers(text) for family, text in
                         zip(chips["chip_family"], chips[column], strict=True)}
                for column in ("designer", "foundry")}

    def _made_by(self, site: Mapping[str, Any], column: str) -> _Pairs:
        """Return who makes the site's chips; nobody where one family's maker is not known."""
        makers = [self._makers[column].get(family, []) for family in _families(site)]
        if not all(makers):
            return []
        return [(each, each) for each in dict.fromkeys(name for part in makers for name in part)]


def _families(site: Mapping[str, Any]) -> list[str]:
    return list(dict.fromkeys(part.strip() for part in str(site["chip_family"]).split(";")
                              if part.strip()))


def _makers(text: str) -> list[str]:
    """Return the makers a cell names: what stands in brackets or helps after a slash is left out.

    Examples
    --------
    >>> _makers("Amazon (Annapurna; Marvell/Alchip design help)"), _makers("Google / Broadcom")
    (['Amazon'], ['Google'])
    >>> _makers("SMIC;TSMC (older dies)")
    ['SMIC', 'TSMC']
    """
    bare = re.sub(r"\s*\(.*?\)", "", text)
    return [name for part in bare.split(";") if (name := _first(part))]


def _first(text: str) -> str:
    """Return the first of several names joined by a slash, without what stands in brackets."""
    return re.sub(r"\s*\(.*?\)", "", str(text).split(" / ")[0]).strip()


def _text(value: str) -> _Pairs:
    return [(value, value)] if value else []
