"""Checks of places: inside their country, and no rough place where a fine one is needed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from riskmodel.errors import Problem, RiskModelError
from riskmodel.world.columns import near, shown
from riskmodel.world.findings import problem, readable, where

if TYPE_CHECKING:
    from riskmodel.world.world import World

#: outlines of countries are drawn coarsely: harbours and islands lie off them by this much
OUTLINE_KM = 15.0


def outside_country(world: World) -> Iterator[Problem]:
    """Find places outside the country they name, by more than their own and the outline's error."""
    for name, key in (("sites", "site_id"), ("nodes", "node_id")):
        frame = getattr(world, name)
        placed = ((frame["country_iso2"] != "") & frame["lat"].between(-90, 90)
                  & frame["lon"].between(-180, 180))
        if not placed.any() or not readable(world, name, "lat", "lon"):
            continue
        try:
            regions = world.regions
        except RiskModelError as error:
            yield Problem("outside_country", "warn", where(world, name),
                          f"places could not be compared with their countries: {error}",
                          "give the folder its regions.parquet")
            return
        countries = regions[regions["kind"] == "country"]
        shapes = dict(zip(countries["country_iso2"], countries.geometry, strict=True))
        unknown = placed & ~frame["country_iso2"].isin(list(shapes))
        for code in dict.fromkeys(frame["country_iso2"][unknown]):
            yield problem(world, "unknown_country", "warn", name, frame["country_iso2"] == code,
                          f"there is no outline of a country '{code}'{near(code, shapes)}",
                          "use the ISO 3166-1 alpha-2 code in capitals, as DE or GB")
        for i in np.flatnonzero(placed & ~unknown):
            row = frame.iloc[int(i)]
            away = _outside_km(shapes[row["country_iso2"]], row["lat"], row["lon"])
            error_km = float(np.nan_to_num(row["coord_precision_km"]))
            if away > max(OUTLINE_KM, error_km):
                flipped = _outside_km(shapes[row["country_iso2"]], row["lon"], row["lat"]) \
                    if abs(row["lon"]) <= 90 else np.inf
                hint = "lat and lon seem to be exchanged" if flipped <= OUTLINE_KM else \
                    "correct the coordinates or the country; a sign or an exchanged lat and lon " \
                    "is the usual slip"
                yield problem(world, "outside_country", "raise", name, frame.index == i,
                              f"'{row[key]}' at lat {row['lat']:g}, lon {row['lon']:g} lies "
                              f"{away:,.0f} km outside {row['country_iso2']}", hint)


def _outside_km(shape: object, lat: float, lon: float) -> float:
    from riskmodel.world.geography import distance_to_polygon_km

    return distance_to_polygon_km(shape, float(lat), float(lon))


def placeholder_coordinates(world: World) -> Iterator[Problem]:
    """Find rough places used for nearness, and coordinates that stand for nothing.

    A feed that several sites share says that they are neighbours; a place known to 15 km and worse
    cannot say that. Latitude 0, longitude 0 in a file is an empty cell that became a number.
    """
    from riskmodel.world.geography import PLACEHOLDER_KM

    sites = world.sites
    if not len(sites):
        return
    rough = sites["coord_precision_km"] >= PLACEHOLDER_KM
    rows = world.requirements
    if rough.any() and len(rows):
        feeds = set(world.nodes.loc[world.nodes["kind"] == "feed", "node_id"])
        on_feed = rows[rows["member_id"].isin(feeds) & rows["node_id"].isin(sites["site_id"])]
        users = on_feed.groupby("member_id")["node_id"].agg(lambda ids: sorted(set(ids)))
        bad = set(sites.loc[rough, "site_id"])
        for feed, ids in users.items():
            coarse = [site for site in ids if site in bad]
            if len(ids) > 1 and coarse:
                mask = (rows["member_id"] == feed) & rows["node_id"].isin(coarse)
                yield problem(world, "placeholder_coordinates", "warn", "requirements", mask,
                              f"{shown(coarse)} share '{feed}' with other sites as neighbours, "
                              f"but their places are only known to {PLACEHOLDER_KM:g} km or worse",
                              "give each its own feed, or better coordinates with a smaller "
                              "coord_precision_km")
    if "sites" in world.lines:
        null = (sites["lat"] == 0) & (sites["lon"] == 0)
        if null.any():
            yield problem(world, "placeholder_coordinates", "warn", "sites", null,
                          f"{shown(sites.loc[null, 'site_id'])} lies at lat 0, lon 0, which is "
                          "open sea: a placeholder", "give the place, or the nearest town with "
                          "its coord_precision_km")
