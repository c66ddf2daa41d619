"""How much of a lab one event could find together: within a radius, on one grid, in a theatre.

A zone of a radius is the circle that holds the most of the lab's capacity, its centre anywhere on
Earth (:mod:`riskmodel.decisions.concentration.densest_circle`). It goes by the regions of what it
holds, and no centre is given: this is a map of accumulation, not of targets. Places are as good as
their ``coord_precision_km`` and no better: ``low`` counts what a circle surely holds, ``high`` what
it could hold if every place were off by that much towards the centre, and a place known less well
than the radius counts in ``high`` alone. On a grid, in a country and so on a site counts whole,
however much of its supply comes from there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskmodel.decisions.concentration.concentration import mw_by_site
from riskmodel.decisions.concentration.densest_circle import Circles
from riskmodel.errors import RiskModelError
from riskmodel.measures.yeartable import one_of
from riskmodel.world.site_groups import place_name, records, site_groups

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmodel.world.world import World

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]
    Row = dict[str, object]

RADIUS = "radius"
#: regions by which a circle goes
MOST_REGIONS = 3
#: kinds of zones beside circles, in the order of the table
KINDS = ("feed", "grid_region", "interconnection", "gas_area", "cloud_region", "cloud", "operator",
         "country", "theatre")
COLUMNS = ("lab", "kind", "radius_km", "rank", "zone", "value", "low", "high", "unit", "share",
           "n_sites", "lab_mw")


def accumulation(world: World, lab: str | Sequence[str] | None = None,
                 radius_km: float | Sequence[float] = (50.0, 100.0, 250.0), *,
                 kinds: str | Sequence[str] | None = None, top: int = 1) -> pd.DataFrame:
    """Return the zones that hold most of each lab's capacity at the world's date.

    Parameters
    ----------
    lab : one or several of lab_id and ``total``; every lab with capacity, and the total, if not
        given.
    radius_km : of the circles; one or several, or none of them.
    kinds : some of ``KINDS``; all of them if not given.
    top : zones of each kind to give, largest first; of circles the largest only, since the next
        would be the same one moved a little.

    Returns
    -------
    frame ``lab, kind, radius_km, rank, zone, value, low, high, unit, share, n_sites, lab_mw``
        ``value`` is MW of IT power in the zone and ``share`` its part of ``lab_mw``, all the lab
        has. ``low`` and ``high`` bound it for what is not known: places (circles), or sites whose
        group the record does not name. No row where nothing of a lab is in a zone of the kind.

    Raises
    ------
    RiskModelError : no such lab or kind, nothing in operation, or a radius that is not above 0.
    """
    radii = [float(each) for each in np.atleast_1d(np.asarray(radius_km, dtype=float))]
    if any(not each > 0 for each in radii) or top < 1:
        raise RiskModelError(f"radius_km is {radius_km} and top {top}; give radii above 0 km, and "
                             "1 zone or more")
    wanted = [kinds] if isinstance(kinds, str) else list(KINDS if kinds is None else kinds)
    for kind in wanted:
        one_of(kind, KINDS, "kind")
    held = mw_by_site(world, lab)
    sites = world.sites.drop_duplicates("site_id").reset_index(drop=True)
    mw = {name: part.groupby(level=0).sum().reindex(sites["site_id"]).fillna(0.0).to_numpy()
          for name, part in held.items()}
    found = [row for radius in radii for row in _circles(sites, mw, radius)]
    found += [row for kind in wanted
              for row in _zones(site_groups(world, kind), kind, mw, sites["site_id"], top)]
    frame = pd.DataFrame(found, columns=list(COLUMNS))
    places = {name: place for place, name in enumerate(held)}
    return frame.sort_values("lab", key=lambda names: names.map(places), kind="stable",
                             ignore_index=True)


def _row(lab: str, kind: str, zone: str, bounds: tuple[float, float, float], mw: Floats,
         inside: Mask, *, radius: float = np.nan, rank: int = 1) -> Row:
    value, low, high = bounds
    whole = float(mw.sum())
    return {"lab": lab, "kind": kind, "radius_km": radius, "rank": rank, "zone": zone,
            "value": value, "low": low, "high": high, "unit": "MW", "share": value / whole,
            "n_sites": int((inside & (mw > 0)).sum()), "lab_mw": whole}


def _circles(sites: pd.DataFrame, labs: dict[str, Floats], radius: float) -> list[Row]:
    """Return the best circle of each lab."""
    error = sites["coord_precision_km"].fillna(0.0).to_numpy()
    lat, lon = sites["lat"].to_numpy(), sites["lon"].to_numpy()
    reach = {"low": radius - error, "value": np.where(error <= radius, radius, -1.0),
             "high": radius + error}
    rows = []
    for lab, mw in labs.items():
        mine = np.flatnonzero(mw > 0)
        held = {name: mine[Circles(lat[mine], lon[mine], km[mine]).densest(mw[mine])]
                for name, km in reach.items()}
        low, value, high = (float(mw[held[name]].sum()) for name in ("low", "value", "high"))
        inside = np.zeros(len(sites), dtype=bool)
        inside[held["value"]] = True
        rows.append(_row(lab, RADIUS, _where(sites, mw, inside), (value, low, high), mw, inside,
                         radius=radius))
    return rows


def _where(sites: pd.DataFrame, mw: Floats, inside: Mask) -> str:
    """Return the regions of what a circle holds, largest first."""
    held = inside & (mw > 0)
    if not held.any():
        return "no place is known well enough"
    regions = [place_name(site) for site in records(sites[held])]
    sums = pd.Series(mw[held]).groupby(regions, sort=False).sum()
    shown = list(sums.sort_values(ascending=False, kind="stable").index)
    more = f" and {len(shown) - MOST_REGIONS} more" if len(shown) > MOST_REGIONS else ""
    return "; ".join(shown[:MOST_REGIONS]) + more


def _zones(groups: pd.DataFrame, kind: str, labs: dict[str, Floats], sites: pd.Series,
           top: int) -> list[Row]:
    """Return the largest zones of one kind for each lab."""
    place = pd.Series(np.arange(len(sites)), index=sites)
    groups = groups[~groups.duplicated(["site_id", "group"])]
    rows = []
    known = groups["certainty"].isin(["known", "split"])
    members = {str(name): place[part["site_id"]].to_numpy()
               for name, part in groups[known].groupby("name", sort=False)}
    open_end = place[groups.loc[groups["certainty"] == "unknown", "site_id"]].to_numpy()
    for lab, mw in labs.items():
        sums = {name: float(mw[where].sum()) for name, where in members.items()}
        ranked = sorted((name for name, value in sums.items() if value > 0),
                        key=lambda name: (-round(sums[name], 6), name))
        for rank, name in enumerate(ranked[:top], start=1):
            inside = np.zeros(len(mw), dtype=bool)
            inside[members[name]] = True
            bounds = sums[name], sums[name], sums[name] + float(mw[open_end].sum())
            rows.append(_row(lab, kind, name, bounds, mw, inside, rank=rank))
    return rows
