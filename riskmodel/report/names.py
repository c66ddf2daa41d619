"""What a reader sees instead of ids; sites appear as their region unless they were asked for."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from riskmodel.world.unseen import UNSEEN

if TYPE_CHECKING:
    import pandas as pd

    from riskmodel.world.world import World

LONGEST = 70
MOST_MARKS = 4  # on one letter: more of them would pile up over the lines above

PERIL_NAMES = {
    "kinetic_strike": "Kinetic strike", "grid_outage": "Grid outage",
    "cloud_outage": "Cloud outage", "site_failure": "Site failure",
    "adequacy_curtailment": "Curtailment", "cable_cut": "Cable cut", "chip_supply": "Chip supply",
    "cyber": "Cyber attack or fault", "earthquake": "Earthquake",
    "export_control": "Export control", "fuel_cut": "Fuel cut", "heatwave": "Heatwave",
    "hurricane": "Hurricane", "load_trip": "Load trip", "sabotage": "Sabotage",
    "sanctions_cutoff": "Sanctions cut-off", "winter_storm": "Winter storm",
}
KIND_NAMES = {
    "grid": "grid", "interconnection": "interconnection", "feed": "local supply",
    "plant": "on-site generation", "gas": "gas supply", "cloud": "cloud provider",
    "cloud_region": "cloud region", "zone": "cloud zone", "country": "country",
    "theatre": "theatre", "operator": "operator", "corridor": "network corridor", "site": "site",
}
UNKNOWN_LAB = "unknown"


def clean(value: object, longest: int = LONGEST) -> str:
    """Return a text fit to be shown: no control or direction marks, and not endless."""
    text = str(value)
    shown = " ".join((text if text.isascii() and text.isprintable() else
                      _few_marks(UNSEEN.sub(" ", text))).split())
    return shown if len(shown) <= longest else shown[: longest - 1] + "…"


def _few_marks(text: str) -> str:
    found, marks = [], 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character).startswith("M") else 0
        if marks <= MOST_MARKS:
            found.append(character)
    return "".join(found)


def _text(value: object) -> str:
    return "" if value is None or value != value else str(value)


def texts(frame: pd.DataFrame, column: str) -> pd.Series:
    """Return a column as text, empty where nothing stands in it (or where it is not there)."""
    import pandas as pd

    cells = [_text(cell) for cell in frame[column]] if column in frame else [""] * len(frame)
    return pd.Series(cells, index=frame.index, dtype=object)


@dataclass(frozen=True)
class Names:
    """Names of labs, perils, regions and nodes of one world (or of none)."""

    world: World | None
    sites: bool = False  # show sites by name

    @cached_property
    def _labs(self) -> dict[str, str]:
        if self.world is None or "name" not in self.world.labs.columns:
            return {}
        pairs = zip(self.world.labs["lab_id"], self.world.labs["name"], strict=True)
        named = {str(lab): _text(name) for lab, name in pairs}
        twice = {name for name in named.values() if list(named.values()).count(name) > 1}
        return {lab: f"{name} ({lab})" if name in twice else name
                for lab, name in named.items() if name}

    @cached_property
    def _site_rows(self) -> dict[str, Any]:
        if self.world is None:
            return {}
        return {str(row["site_id"]): row for row in self.world.sites.to_dict("records")}

    @cached_property
    def _node_rows(self) -> dict[str, Any]:
        if self.world is None:
            return {}
        return {str(row["node_id"]): row for row in self.world.nodes.to_dict("records")}

    @cached_property
    def _region_names(self) -> dict[str, str]:
        regions = world_regions(self.world)
        if regions is None:
            return {}
        countries = regions[regions["kind"].isin(["country", "theatre"])]
        return {str(i): str(n) for i, n in
                zip(countries["region_id"], countries["name"], strict=True) if _text(n)}

    @cached_property
    def _grid_countries(self) -> dict[str, str]:
        """Grid region -> its country, for grids whose sites lie in one country."""
        found: dict[str, set[str]] = {}
        for row in self._site_rows.values():
            if _text(row.get("grid_region")):
                found.setdefault(str(row["grid_region"]), set()).add(
                    _text(row.get("country_iso2")))
        return {region: countries.pop() for region, countries in found.items()
                if len(countries) == 1}

    @cached_property
    def _served(self) -> dict[str, list[str]]:
        """Member -> the nodes that need it."""
        if self.world is None:
            return {}
        needs = self.world.requirements
        found: dict[str, list[str]] = {}
        for node, member in zip(needs["node_id"], needs["member_id"], strict=True):
            found.setdefault(str(member), []).append(str(node))
        return found

    def lab(self, lab: str) -> str:
        """Return the name of a lab."""
        if lab == UNKNOWN_LAB:
            return "Unknown (not attributed)"
        return clean(self._labs.get(lab, lab))

    def peril(self, peril: str) -> str:
        """Return the name of a peril."""
        given = ""
        if self.world is not None:
            given = _text(dict(self.world.perils.get(peril) or {}).get("name", ""))
        return clean(given or PERIL_NAMES.get(peril) or peril.replace("_", " ").capitalize())

    def region(self, region: str) -> str:
        """Return the name of a region of a peril, of a grid region or of a country."""
        if not region:
            return "no region given"
        if region in self._site_rows:
            return self.node(region)
        name = self._region_names.get(region)
        theatre = self.world is not None and region in set(self.world.theatres["theatre_id"])
        if theatre:
            return clean(f"{(name or region).replace('_', ' ').capitalize()} theatre"
                         if "theatre" not in (name or "").lower() else str(name))
        if name:
            return clean(name)
        if region in self._grid_countries:
            return self._grid(region)
        for kind in ("cloud", "cloud_region", "interconnection", "operator", "corridor"):
            row = self._node_rows.get(f"{kind}:{region}") or self._node_rows.get(
                f"{kind}:{region.lower()}")
            if row is not None:
                return self._with_kind(_text(row.get("name")) or region, kind)
        return self._grid(region)

    def _grid(self, region: str) -> str:
        """Return the name of a grid region; outside the United States with its country."""
        words = region.split("_")
        long = len(words) > 1 and all(len(word) > 3 for word in words)  # words, not initials
        shown = " ".join(word.capitalize() if long else word for word in words)
        country = self._grid_countries.get(region, "")
        if country in ("", "US") or self.country(country) in shown:
            return clean(shown)
        return clean(f"{shown} ({self.country(country)})")

    def country(self, iso2: str) -> str:
        """Return the name of a country."""
        return clean(self._region_names.get(iso2, iso2)) or "no country given"

    def place_of_site(self, site: str) -> str:
        """Return the grid region of a site, else its country, else nothing."""
        row = self._site_rows.get(site, {})
        return _text(row.get("grid_region")) or _text(row.get("country_iso2"))

    def users(self, node: str) -> list[str]:
        """Return the sites that need a node, directly or through others."""
        seen, stack, found = {node}, [node], []
        while stack:
            this = stack.pop()
            if this in self._site_rows and this != node:
                found.append(this)
            for user in self._served.get(this, ()):
                if user not in seen:
                    seen.add(user)
                    stack.append(user)
        return sorted(found)

    def node(self, node: str) -> str:
        """Return the name of a node; a site, its feed and its plant go by region."""
        if node in self._site_rows:
            if self.sites:
                return clean(_text(self._site_rows[node].get("name")) or node)
            place = self.place_of_site(node)
            return f"a site in {self.region(place)}" if place else "a site"
        row = self._node_rows.get(node, {})
        kind = _text(row.get("kind")) or (node.split(":", 1)[0] if ":" in node else "")
        if kind in ("feed", "plant", "site", "zone") and not self.sites:
            places = sorted({self.place_of_site(site) for site in self.users(node)} - {""})
            place = self.region(places[0]) if places else ""
            word = KIND_NAMES[kind] if kind in ("feed", "plant") else "a site"
            return f"{word} in {place}" if place else word
        name = _text(row.get("name"))
        bare = node.split(":", 1)[1] if ":" in node else node
        shown = (self.region(bare) if kind == "grid" and name in ("", bare, node)
                 else name or self._region_names.get(bare, bare))
        return self._with_kind(shown, kind)

    def _with_kind(self, name: str, kind: str) -> str:
        word = KIND_NAMES.get(kind, kind)
        shown = clean(name)
        if not word or word.lower() in shown.lower():
            return shown
        if kind in ("grid", "interconnection", "theatre"):
            return f"{shown} {word}"
        return f"{shown} ({word})"


def world_regions(world: World | None) -> pd.DataFrame | None:
    """Return the polygons of a world, or None where it has none (a world in memory)."""
    from riskmodel.errors import RiskModelError

    if world is None:
        return None
    try:
        regions = world.regions
    except (RiskModelError, FileNotFoundError):
        return None
    return None if len(regions) == 0 else regions
