"""Where a site is: country, state, grid region and interconnection, from the polygons that ship.

The grid region is, in this order: what the file says, where the record knows the word; the planning
region of the United States or the European bidding zone the place lies in; the country's only grid
in the record; the grid of the nearest site of the record in the same country; a grid of the
country's code. Every row says which it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from riskmodel.exchange.incoming import BadRow
from riskmodel.exchange.site_rows import SiteRow
from riskmodel.world.geography import distance_km
from riskmodel.world.placement import place

if TYPE_CHECKING:
    from riskmodel.world.rules import Rules
    from riskmodel.world.world import World

#: synchronous systems of grids that no row of the record names: general knowledge
_INTERCONNECTION = {
    **dict.fromkeys(("FRCC", "AECI", "ISONE", "LGEE"), "EASTERN"),
    **dict.fromkeys(("BANC", "CAISO", "IID", "LDWP", "MT"), "WESTERN"),
    **dict.fromkeys(("NO1", "NO2", "NO3", "NO4", "NO5", "SE1", "SE2", "SE3", "SE4", "FI", "DK2"),
                    "NORDIC")}
_ISO_LEVEL = ("CAISO", "ISONE")
#: what people write for a country, besides its code and the name in the polygons
_COUNTRY_WORDS = {"usa": "US", "united states": "US", "us": "US", "u.s.": "US", "uk": "GB",
                  "great britain": "GB", "england": "GB", "scotland": "GB", "uae": "AE",
                  "korea": "KR", "south korea": "KR", "czech republic": "CZ", "holland": "NL",
                  "hong kong": "HK", "deutschland": "DE", "schweiz": "CH"}
_BASIS = "imported: "


@dataclass(frozen=True)
class Places:
    """The polygons and the record that say where a place is."""

    shipped: World
    rules: Rules

    @cached_property
    def _polygons(self) -> Mapping[str, Any]:
        regions = self.shipped.regions
        return {kind: regions[regions["kind"] == kind].reset_index(drop=True)
                for kind in ("country", "state", "grid_us", "bidding_zone")}

    @cached_property
    def country_names(self) -> dict[str, str]:
        """Country code -> name, as the polygons have them."""
        countries = self._polygons["country"]
        return dict(zip(countries["country_iso2"], countries["name"], strict=True))

    def country_code(self, text: str) -> str:
        """Return the ISO code of what somebody wrote for a country, or nothing."""
        word = text.strip()
        if word.upper() in self.country_names and len(word) == 2:
            return word.upper()
        lower = {name.lower(): code for code, name in self.country_names.items()}
        return _COUNTRY_WORDS.get(word.lower(), lower.get(word.lower(), ""))

    def found(self, kind: str, column: str, lat: Sequence[float],
              lon: Sequence[float], reach_km: float | None = None) -> list[str]:
        """Return a column of the polygon of a kind at each place, or the nearest within reach."""
        polygons = self._polygons[kind]
        by_id = dict(zip(polygons["region_id"], polygons[column], strict=True))
        at = place(np.asarray(lon, dtype=float), np.asarray(lat, dtype=float), polygons,
                   self.rules.number("nearest_km") if reach_km is None else reach_km)
        return [str(by_id.get(region, "")) for region in at["region_id"]]

    def grid(self, country: str, lat: float, lon: float, parent: str,
             zone: str) -> tuple[str, str, str]:
        """Return grid region, its level and why it was taken.

        ``parent`` and ``zone`` are the planning region and the bidding zone at the place.
        """
        if country == "US":
            if parent:
                known = self.rules["planning_areas"].get(parent, [parent])[0]
                level = "iso" if known in _ISO_LEVEL else "balancing_authority"
                return known, level, "planning region at the place"
        elif zone:  # one beside it only where it is the country's own
            return zone, "bidding_zone", "bidding zone at the place"
        there = self.shipped.sites[(self.shipped.sites["country_iso2"] == country)
                                   & (self.shipped.sites["grid_region"] != "OFF_GRID")]
        grids = sorted(set(there["grid_region"]) - {""})
        if country != "US" and len(grids) == 1:
            return grids[0], "national", "the country's only grid in the record"
        if country != "US" and grids:
            apart = distance_km(there["lat"], there["lon"], lat, lon)
            nearest = there["grid_region"].iat[int(np.argmin(apart))]
            return str(nearest), "regional", "grid of the nearest site of the record"
        return country, "national", "a grid of the whole country; the record knows none"

    def interconnection(self, grid: str, country: str, level: str) -> str:
        """Return the synchronous system behind a grid region."""
        known = self.shipped.grid_regions
        rows = known.loc[known["grid_region"] == grid, "interconnection"]
        if len(rows):
            return str(rows.iat[0])
        if level == "bidding_zone":
            return _INTERCONNECTION.get(grid, "CONTINENTAL_EUROPE")
        return _INTERCONNECTION.get(grid, country)


def place_sites(rows: list[SiteRow], places: Places,
                as_of: str) -> tuple[list[dict[str, Any]], list[BadRow]]:
    """Fill country, state and grid of each site; return new rows of ``grid_regions``, and the bad.

    A row whose place lies far outside the country it names is bad: a wrong place would be believed.
    """
    new: dict[str, dict[str, Any]] = {}
    bad: list[BadRow] = []
    record = places.shipped.grid_regions
    where = [row.cells["lat"] for row in rows], [row.cells["lon"] for row in rows]
    there = [places.found(kind, column, *where, reach_km=reach) if rows else []
             for kind, column, reach in (
                 ("country", "country_iso2", None), ("state", "name", None),
                 ("grid_us", "parent", None), ("bidding_zone", "parent", 0.0),
                 ("bidding_zone", "parent", None), ("bidding_zone", "country_iso2", None))]
    for row, at, state, parent, inside, beside, owner in zip(rows, *there, strict=True):
        cells = row.cells
        lat, lon = cells["lat"], cells["lon"]
        said = places.country_code(cells["country"])
        problem = _country_problem(places, row, at, said)
        if problem:
            bad.append(problem)
            continue
        country = said or at
        cells["country_iso2"] = country
        if country == "US":
            cells.setdefault("admin1", state)
        text = str(cells.get("grid_region", ""))
        rows_of = record[(record["grid_region"] == text) | (record["grid_region_text"] == text)]
        if text and len(rows_of):
            cells["grid_region"] = str(rows_of["grid_region"].iat[0])
            cells["grid_region_text"] = str(rows_of["grid_region_text"].iat[0])
            continue
        if text:
            grid, level, why = text, "regional", "as the file says; the record does not know it"
        else:
            grid, level, why = places.grid(
                country, lat, lon, parent, inside or (beside if owner == country else ""))
        rows_of = record[record["grid_region"] == grid]
        cells["grid_region"] = grid
        words = f"{_BASIS}{grid} ({why})"
        cells["grid_region_text"] = words
        new.setdefault(words, {
            "grid_region_text": words, "grid_region": grid,
            "interconnection": places.interconnection(grid, country, level),
            "level": str(rows_of["level"].iat[0]) if len(rows_of) else level, "basis": why,
            "source_urls": "polygons of regions.parquet", "as_of": as_of,
            "confidence": "medium" if "at the place" in why else "low"})
    return list(new.values()), bad


def _country_problem(places: Places, row: SiteRow, at: str, said: str) -> BadRow | None:
    cells = row.cells
    lat, lon, text = cells["lat"], cells["lon"], cells["country"]
    if text and not said:
        return BadRow(row.row, f"the country is '{text}', which is not known", "write its ISO "
                      "3166-1 code, as US or GB, or its English name")
    if not at:
        if said:
            return BadRow(row.row, f"lat {lat:g}, lon {lon:g} lies in no country, and the file "
                          f"says {said}", "correct the place: a sign, or exchanged lat and lon")
        return BadRow(row.row, f"lat {lat:g}, lon {lon:g} lies in no country", "correct the place: "
                      "a sign, or exchanged lat and lon")
    if said and said != at and said != _near_border(places, cells, said):
        exchanged = (abs(lon) <= 90
                     and places.found("country", "country_iso2", [lon], [lat]) == [said])
        return BadRow(row.row, f"lat {lat:g}, lon {lon:g} lies in {at}, and the file says {said}",
                      "lat and lon seem to be exchanged" if exchanged
                      else "correct the place or the country")
    return None


def _near_border(places: Places, cells: Mapping[str, Any], said: str) -> str:
    """Return the country said, where the place lies within reach of it."""
    polygons = places._polygons["country"]
    own = polygons[polygons["country_iso2"] == said].reset_index(drop=True)
    reach = max(places.rules.number("nearest_km"), float(cells["coord_precision_km"]))
    at = place(np.array([cells["lon"]]), np.array([cells["lat"]]), own, reach)
    return said if at["region_id"].iat[0] else ""
