"""Conditions on a split of capacity, from the tables of a world, each with a readable name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskmodel.decisions.allocation.linear_rows import Row
from riskmodel.errors import RiskModelError
from riskmodel.world.columns import near
from riskmodel.world.exposure import UNKNOWN
from riskmodel.world.geography import distance_km, require_precision
from riskmodel.world.site_groups import DIMENSIONS, place_name, site_groups

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmodel.world.world import World

    Floats = NDArray[np.float64]

SHARES_OF = ("all", "new")


@dataclass(frozen=True)
class Conditions:
    """What a split must keep. Shares are 0-1.

    Attributes
    ----------
    caps : most new MW at each candidate: one number for all, or site_id -> MW (no cap where not
        named)
    max_share : dimension (``operator``, ``country``, ``grid_region``, ``interconnection``,
        ``theatre``, ``cloud`` ... see ``riskmodel.world.site_groups``) -> most share of one group,
        one number for every group or group -> share
    min_domestic : country, or several joined by commas -> least share there together
    shares_of : "all": of what the lab holds afterwards, what it has already included; "new": of the
        new MW alone
    hub : a site_id or (lat, lon) from which ``max_km`` (nothing beyond) and ``mean_km`` (average
        over the new MW) are measured, geodesically. A place counts at the far end of its
        ``coord_precision_km``. Light in fibre needs about 10 ms there and back for 1,000 km.
    cost : per new MW: site_id, grid region or country -> amount (the first that is named counts);
        ``budget`` : most in all; ``cost_unit`` : such as USD
    rows : further rows over the candidates, in their order
    """

    caps: float | Mapping[str, float] | None = None
    max_share: Mapping[str, float | Mapping[str, float]] = field(default_factory=dict)
    min_domestic: Mapping[str, float] = field(default_factory=dict)
    shares_of: str = "all"
    hub: str | tuple[float, float] | None = None
    max_km: float | None = None
    mean_km: float | None = None
    cost: Mapping[str, float] | None = None
    budget: float | None = None
    cost_unit: str = "USD"
    rows: Sequence[Row] = ()


def caps_of(candidates: Sequence[str], mw: float,
            caps: float | Mapping[str, float] | None) -> Floats:
    """Return the cap of each candidate in MW; ``mw`` where it has none."""
    if caps is None:
        return np.full(len(candidates), mw)
    if not isinstance(caps, Mapping):
        caps = dict.fromkeys(candidates, float(caps))
    for site, cap in caps.items():
        if site not in candidates:
            raise RiskModelError(f"caps name {site!r}, which is no candidate"
                                 f"{near(str(site), list(candidates))}")
        if not cap >= 0:
            raise RiskModelError(f"the cap of {site} is {cap!r}; give MW, 0 or more")
    return np.array([min(float(caps.get(site, mw)), mw) for site in candidates])


def cost_of(world: World, candidates: Sequence[str], cost: Mapping[str, float] | None) -> Floats:
    """Return the cost per MW of each candidate; zeros where no cost was given."""
    if cost is None:
        return np.zeros(len(candidates))
    region = dict(zip(world.sites["site_id"], world.sites["grid_region"], strict=True))
    country = dict(zip(world.sites["site_id"], world.sites["country_iso2"], strict=True))
    found, bare = [], []
    for site in candidates:
        keys = (site, region[site], country[site])
        named = [float(cost[key]) for key in keys if key and key in cost]
        found.append(named[0] if named else np.nan)
        if not named:
            bare.append(f"{site} ({', '.join(str(key) for key in keys[1:] if key) or 'no region'})")
    if bare:
        raise RiskModelError(f"no cost is given for {', '.join(bare[:5])}"
                             f"{f' and {len(bare) - 5} more' if len(bare) > 5 else ''}; name the "
                             "site, its grid region or its country")
    values = np.array(found)
    if not np.isfinite(values).all() or (values < 0).any():
        raise RiskModelError("costs must be finite and not negative")
    return values


def allocation_rows(world: World, candidates: Sequence[str], mw: float, conditions: Conditions,
                    held: Mapping[str, float] | None = None) -> tuple[Row, ...]:
    """Return the rows of a split of ``mw`` over candidate sites.

    Parameters
    ----------
    held : site_id -> MW that the lab keeps where it is; it counts in shares "of all"

    Raises
    ------
    RiskModelError : a dimension, group, country or site is not there, or a number is out of bounds
    """
    if conditions.shares_of not in SHARES_OF:
        raise RiskModelError(f"shares_of is {conditions.shares_of!r}; give one of "
                             f"{', '.join(SHARES_OF)}")
    kept = dict(held or {}) if conditions.shares_of == "all" else {}
    total = mw + sum(kept.values())
    rows: list[Row] = []
    for dimension, share in conditions.max_share.items():
        rows += _most(world, candidates, dimension, share, kept, total)
    for countries, share in conditions.min_domestic.items():
        rows.append(_domestic(world, candidates, countries, share, kept, total))
    rows += _distances(world, candidates, mw, conditions)
    if conditions.budget is not None:
        if conditions.cost is None:
            raise RiskModelError("a budget needs costs: cost={'ERCOT': 9e6, ...}")
        unit = conditions.cost_unit
        rows.append(Row(f"costs at most {conditions.budget:,.6g} {unit}",
                        cost_of(world, candidates, conditions.cost), float(conditions.budget),
                        unit=unit, place="the budget"))
    return (*rows, *conditions.rows)


def _share(value: float, what: str) -> float:
    if not isinstance(value, int | float) or not 0 <= value <= 1:
        raise RiskModelError(f"{what} is {value!r}; give a share from 0 to 1 (.4 is 40 %)")
    return float(value)


def _most(world: World, candidates: Sequence[str], dimension: str,
          share: float | Mapping[str, float], held: Mapping[str, float],
          total: float) -> list[Row]:
    """Return a row for each group of a dimension that holds candidates."""
    groups = site_groups(world, dimension)
    word = DIMENSIONS[dimension]
    mine = groups[groups["site_id"].isin(list(candidates))]
    named = mine[(mine["certainty"] != "none") & (mine["group"] != UNKNOWN)]
    names = dict(zip(groups["group"], groups["name"], strict=True))
    if isinstance(share, Mapping):
        for group in share:
            if group not in names:
                raise RiskModelError(f"max_share: there is no {word} {group!r}"
                                     f"{near(str(group), names)}")
        limits = {group: _share(each, f"max_share of {group}") for group, each in share.items()}
    else:
        limits = dict.fromkeys(named["group"], _share(share, f"max_share of a {word}"))
    rows = []
    for group, most in limits.items():
        # a site that belongs to several groups hangs on each of them whole
        inside = set(groups.loc[groups["group"] == group, "site_id"])
        there = sum(held_mw for site, held_mw in held.items() if site in inside)
        rows.append(Row(
            f"at most {100 * most:.4g} % in {names[group]} ({word})", _members(candidates, inside),
            most * total - there, whole=total, already=there, place=names[group],
            note="shares_of='new' would leave them out" if there > most * total else ""))
    return rows


def _domestic(world: World, candidates: Sequence[str], countries: str, share: float,
              held: Mapping[str, float], total: float) -> Row:
    codes = [code.strip() for code in str(countries).split(",") if code.strip()]
    known = set(world.sites["country_iso2"]) - {""}
    for code in codes:
        if code not in known:
            raise RiskModelError(f"min_domestic: no site of this world lies in {code!r}"
                                 f"{near(code, known)} (ISO 3166-1 alpha-2)")
    least = _share(share, f"min_domestic of {countries}")
    inside = set(world.sites.loc[world.sites["country_iso2"].isin(codes), "site_id"])
    there = sum(held_mw for site, held_mw in held.items() if site in inside)
    place = " and ".join(codes)
    return Row(f"at least {100 * least:.4g} % in {place}", _members(candidates, inside),
               max(least * total - there, 0.0), at_least=True, whole=total, already=there,
               place=place)


def _members(candidates: Sequence[str], inside: set[str]) -> Floats:
    return np.array([float(site in inside) for site in candidates])


def _distances(world: World, candidates: Sequence[str], mw: float,
               conditions: Conditions) -> list[Row]:
    if conditions.max_km is None and conditions.mean_km is None:
        return []
    if conditions.hub is None:
        raise RiskModelError("max_km and mean_km are distances from a hub: name a site_id or give "
                             "(lat, lon)")
    sites = world.sites.set_index("site_id", drop=False)
    name, lat, lon, rough = _hub(sites, conditions.hub)
    places = sites.loc[list(candidates)]
    precision = places["coord_precision_km"].fillna(0.0).to_numpy() + rough
    apart = distance_km(places["lat"], places["lon"], lat, lon)
    far = apart + precision
    rows = []
    for km, what in ((conditions.max_km, "max_km"), (conditions.mean_km, "mean_km")):
        if km is not None and not (np.isfinite(km) and km > 0):
            raise RiskModelError(f"{what} is {km!r}; give km, above 0")
        if km is not None:
            near_by = places[apart - precision <= km]
            require_precision(near_by.reset_index(drop=True), km, what)
    if conditions.max_km is not None:
        unsure = int(((apart - precision <= conditions.max_km) & (far > conditions.max_km)).sum())
        rows.append(Row(f"nothing beyond {conditions.max_km:g} km of {name}",
                        (far > conditions.max_km).astype(float), 0.0, place=f"reach of {name}",
                        note=f"{unsure} of those beyond may lie within: their places are not known "
                             "that well" if unsure else ""))
    if conditions.mean_km is not None:
        rows.append(Row(f"on average at most {conditions.mean_km:g} km from {name}", far / mw,
                        float(conditions.mean_km), unit="km", place=f"the average from {name}"))
    return rows


def _hub(sites: pd.DataFrame, hub: str | tuple[float, float]) -> tuple[str, float, float, float]:
    """Return name, latitude, longitude and precision (km) of the hub."""
    if isinstance(hub, str):
        if hub not in sites.index:
            raise RiskModelError(f"the hub {hub!r} is no site of this world"
                                 f"{near(hub, list(sites.index))}")
        row = sites.loc[[hub]]
        told = {str(key): value for key, value in row.to_dict("records")[0].items()}
        lat, lon = float(row["lat"].iloc[0]), float(row["lon"].iloc[0])
        rough = float(row["coord_precision_km"].fillna(0.0).iloc[0])
        return f"the hub in {place_name(told)}", lat, lon, rough
    try:
        lat, lon = (float(value) for value in hub)
    except (TypeError, ValueError):
        raise RiskModelError(f"the hub is {hub!r}; give a site_id or (lat, lon)") from None
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise RiskModelError(f"the hub is at latitude {lat:g}, longitude {lon:g}; latitudes go "
                             "from -90 to 90, longitudes from -180 to 180")
    return f"{lat:g}, {lon:g}", lat, lon, 0.0
