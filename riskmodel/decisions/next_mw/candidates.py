"""Candidate sites: one probe of 0 MW in every grid region, all alike but for where they are.

A probe has a local supply, a grid and its gas, an interconnection, a country, its theatre and its
corridors, by the rules of the world's folder, as a site of the record has; no generation behind the
meter, no cloud and no operator. It stands at the middle of the region's sites, weighted by
capacity, and is known no better than these are spread: what hits it is what hits a MW about where
the region's capacity stands. In a region of some hundred km that reaches hazards which none of its
sites is near (New Madrid, in MISO). It holds nothing, so that nobody's losses change; only the
numbers of events within a year may, where a probe has events of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmodel.decisions.next_mw.grid_area import grid_area, inner_point, into_area
from riskmodel.errors import RiskModelError
from riskmodel.world.columns import near
from riskmodel.world.edits_needs import rules_of
from riskmodel.world.geography import centre, distance_km

if TYPE_CHECKING:
    from riskmodel.world.world import World

PREFIX = "candidate:"
#: a probe stands for a county at the least, so that it is nobody's neighbour
LEAST_PRECISION_KM = 25.0
COLUMNS = ("region", "site_id", "country_iso2", "theatre", "interconnection", "level", "lat",
           "lon", "coord_precision_km", "placed_at", "sites", "it_mw", "left_out")


def with_candidates(world: World, regions: Sequence[str] | str | None = None, *,
                    operator: str = "", cloud_region: str = "") -> tuple[World, pd.DataFrame]:
    """Return the world with a probe in each grid region, and where the probes stand.

    Regions are those of the table ``grid_regions``; of a world without it, those of its sites and
    its grid nodes. A region gets a probe also where the world has sites.

    Parameters
    ----------
    regions : some of them; all if not given.
    operator, cloud_region : who runs the probes, for all of them; an operator or cloud that the
        world does not have makes the perils that list these draw their years anew.

    Returns
    -------
    The world, and a frame ``region, site_id, country_iso2, theatre, interconnection, level, lat,
    lon, coord_precision_km, placed_at, sites, it_mw, left_out``, a row a region in their order.
    ``sites`` and ``it_mw`` are what stands there. A region that cannot have a probe has ``site_id``
    empty and the reason in ``left_out``.

    Raises
    ------
    RiskModelError : a name is no grid region of this world, or a site has a probe's name
    """
    known = grid_regions(world)
    if isinstance(regions, str):
        regions = [regions]
    wanted = known if regions is None else list(dict.fromkeys(regions))
    for name in wanted:
        if name not in known:
            raise RiskModelError(f"candidates: there is no grid region '{name}'"
                                 f"{near(str(name), known)}; there are {', '.join(known)}")
    rules = rules_of(world)
    least = max(LEAST_PRECISION_KM, rules.number("feed_distance_km") if rules else 0.0)
    rows = []
    for name in wanted:
        row = _described(world, name, least, by_rules=rules is not None)
        if not row["left_out"]:
            world = world.add_site(
                site_id=row["site_id"], it_mw=0.0, lat=row["lat"], lon=row["lon"],
                coord_precision_km=row["coord_precision_km"], country_iso2=row["country_iso2"],
                grid_region=name, name=f"Candidate in {name}", operator=operator,
                cloud_region=cloud_region)
        rows.append(row)
    return world, pd.DataFrame(rows, columns=list(COLUMNS))


def grid_regions(world: World) -> list[str]:
    """Return the grid regions of a world, sorted."""
    table = world.grid_regions["grid_region"]
    if len(table):
        return sorted(set(table) - {""})
    grids = world.nodes.loc[world.nodes["kind"] == "grid", "node_id"]
    return sorted({*world.sites["grid_region"], *grids.str.removeprefix("grid:")} - {""})


def _described(world: World, region: str, least: float, *, by_rules: bool) -> dict[str, Any]:
    """Return the row of a region: where its probe stands, or why it has none."""
    table = world.grid_regions[world.grid_regions["grid_region"] == region]
    mine = world.sites[(world.sites["grid_region"] == region)
                       & ~world.sites["site_id"].str.startswith(PREFIX)]
    level = str(table["level"].iat[0]) if len(table) else ""
    country = _country(world, region, mine)
    theatres = world.theatres.loc[world.theatres["country_iso2"] == country, "theatre_id"]
    row: dict[str, Any] = {
        "region": region, "site_id": "", "country_iso2": country,
        "theatre": ";".join(sorted(set(theatres))) if country else "",
        "interconnection": str(table["interconnection"].iat[0]) if len(table) else "",
        "level": level, "lat": np.nan, "lon": np.nan, "coord_precision_km": np.nan,
        "placed_at": "", "sites": len(mine), "it_mw": float(mine["it_mw"].fillna(0.0).sum()),
        "left_out": ""}
    if level == "off_grid":
        row["left_out"] = "no public grid: what it costs hangs on generation of its own"
    elif by_rules and not country:
        row["left_out"] = "nothing says in which country it is"
    elif not by_rules and f"grid:{region}" not in set(world.nodes["node_id"]):
        row["left_out"] = f"there is no node grid:{region} that a site could hang on"
    else:
        row |= _place(world, region, mine, least)
    if not row["left_out"]:
        row["site_id"] = PREFIX + region
    return row


def _place(world: World, region: str, mine: pd.DataFrame, least: float) -> dict[str, Any]:
    """Return lat, lon, how well they are known and what they are."""
    area = grid_area(world, region)
    placed = mine[mine["lat"].notna() & mine["lon"].notna()]
    if not len(placed):
        if area is None:
            return {"left_out": "no site stands there and no polygon says where it is"}
        lat, lon, radius = inner_point(area)
        return {"lat": lat, "lon": lon, "coord_precision_km": max(least, radius),
                "placed_at": "a point inside its polygon"}
    mw = placed["it_mw"].fillna(0.0).to_numpy(float)
    weight = mw if mw.sum() > 0 else np.ones(len(mw))
    lon, lat, _ = centre(zip(placed["lon"], placed["lat"], weight, strict=True))
    how = (f"the middle of its {len(placed)} sites" if len(placed) > 1 else "where its site is")
    if len(placed) > 1 and mw.sum() > 0:
        how += ", weighted by capacity"
    import shapely

    if area is not None and not area.covers(shapely.Point(lon, lat)):
        lat, lon, moved = into_area(area, lat, lon)
        how += f", moved {moved:.0f} km into its polygon"
    apart = distance_km(placed["lat"], placed["lon"], lat, lon)
    spread = float(np.average(apart, weights=weight))
    rough = float(np.average(placed["coord_precision_km"].fillna(0.0), weights=weight))
    return {"lat": lat, "lon": lon, "coord_precision_km": max(least, spread, rough),
            "placed_at": how}


def _country(world: World, region: str, mine: pd.DataFrame) -> str:
    """Return the country of most of a region's sites, else of its grid, else of its polygons."""
    coded = mine[mine["country_iso2"] != ""]
    if len(coded):
        return str(coded["country_iso2"].mode().iat[0])
    node = world.nodes.loc[world.nodes["node_id"] == f"grid:{region}", "country_iso2"]
    if len(node) and node.iat[0]:
        return str(node.iat[0])
    from riskmodel.world.geography import read_regions

    shapes = read_regions(world.folder)
    found = shapes.loc[shapes["parent"] == region, "country_iso2"] if "parent" in shapes else node
    return str(found.iat[0]) if len(found) and found.iat[0] else ""
