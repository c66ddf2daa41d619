"""Add a site to a world: where it is, who holds it, and what it hangs on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmodel.errors import RiskModelError
from riskmodel.world import edits_needs as needs
from riskmodel.world.columns import near
from riskmodel.world.edits import appended, edited, require_labs, require_sites, typed_rows
from riskmodel.world.exposure import ROUNDING, UNKNOWN
from riskmodel.world.tables import SITES

if TYPE_CHECKING:
    from riskmodel.world.rules import Rules
    from riskmodel.world.world import World

#: what a site takes over from the one it is like, where nothing else is said
_TAKEN_OVER = ("operator", "owner", "country_iso2", "admin1", "locality", "lat", "lon",
               "coord_precision_km", "pue", "pue_basis", "status", "operational_from",
               "chip_family", "grid_region_text", "grid_region", "cloud_provider", "cloud_region",
               "confidence")
_HELD = "given by add_site"


def add_site(world: World, *, site_id: str, it_mw: float, lat: float | None = None,
             lon: float | None = None, lab: str | None = None,
             holdings: Mapping[str, float] | None = None, country_iso2: str = "",
             grid_region: str = "", operator: str = "", cloud_region: str = "",
             like: str | None = None, requirements: pd.DataFrame | None = None,
             nodes: pd.DataFrame | None = None, **columns: Any) -> World:
    """Return a world with one more site.

    What the site hangs on is, in this order: the rows of ``requirements``; what the site ``like``
    hangs on; what the rules of the world's folder (``rules.toml``) make of its grid region,
    country, operator, cloud and generation, as they did for the sites of the record; else the
    nodes ``grid:<grid_region>`` and ``country:<country_iso2>`` where the world has them.
    Every peril finds the site in the tables, and nothing that happens to another site changes.
    Only where the site brings a new grid, operator or cloud do the perils that list these as
    events (``adequacy_curtailment``, ``cyber``) draw their years anew.

    Parameters
    ----------
    site_id : name of the site, new to the world.
    it_mw : IT capacity, MW. It counts as running, also in a world of a future day.
    lat, lon : degrees, WGS84; those of ``like`` where not given.
    lab : the lab that holds all of it; or ``holdings``, lab -> share. What nobody is given is held
        by ``unknown``.
    country_iso2, grid_region : where it is; both are needed where rules are to say what it hangs
        on. ``grid_region`` is one of the table ``grid_regions``, with a site or without.
    operator, cloud_region : who runs it. ``cloud_region`` is a code such as "us-east-1"; the cloud
        is that of ``cloud_provider``, else of a site with the same code.
    like : a site whose needs are copied, and whose attributes stand in for those not given. The
        rows of the world's event table on that site are copied too. Generation behind the meter
        becomes the new site's own, and so does the local supply beyond 15 km.
    requirements : rows ``group, member_id`` and the rest of that table; ``node_id`` is the site's
        where it is left out. ``nodes`` holds the nodes they name that the world does not have.
    columns : any other column of the table ``sites``, such as ``name``, ``chip_family``,
        ``onsite_generation_mw``, ``coord_precision_km`` (0 where not given: the place is meant).

    Raises
    ------
    RiskModelError
        The name is taken, a lab, site or region does not exist, or shares add up to more than 1.
    WorldError
        A value is of the wrong kind.
    """
    if site_id in {*world.sites["site_id"], *world.nodes["node_id"]}:
        raise RiskModelError(f"add_site: there is already a site or node '{site_id}'; give the new "
                             "one another site_id")
    if like is not None:
        require_sites(world, [like], "add_site: like")
    if requirements is not None and like is not None:
        raise RiskModelError("add_site: give either like= or requirements=, not both: each says "
                             "what the site hangs on")
    if nodes is not None and requirements is None:
        raise RiskModelError("add_site: nodes= goes with requirements=, whose rows use them")
    unknown = [name for name in columns if name not in SITES.names]
    if unknown:
        raise RiskModelError(f"add_site: '{unknown[0]}' is no column of the table sites"
                             f"{near(unknown[0], SITES.names)}")
    rules = needs.rules_of(world)
    told = {"site_id": site_id, "lat": lat, "lon": lon, "it_mw": it_mw,
            "country_iso2": country_iso2, "grid_region": grid_region, "operator": operator,
            "cloud_region": cloud_region, **columns}
    row = _site_row(world, {k: v for k, v in told.items() if v is not None and v != ""}, like,
                    rules)
    site = row.iloc[0]
    new_nodes: needs.Rows = []
    new_events: needs.Rows = []
    if requirements is not None:
        new_nodes, rows = needs.needs_as_given(world, site, requirements, nodes)
    elif like is not None:
        new_nodes, rows, new_events = needs.needs_like(world, site, like)
    elif rules is not None:
        new_nodes, rows = needs.needs_by_rules(world, site, rules)
    else:
        rows = needs.needs_on_existing(world, site)
    frames = {"sites": appended(world.sites, row),
              "holdings": appended(world.holdings, _holdings(world, site_id, lab, holdings)),
              "nodes": appended(world.nodes, _typed("nodes", new_nodes)),
              "requirements": appended(world.requirements, _typed("requirements", rows)),
              "events": appended(world.events, _typed("events", new_events))}
    return edited(world, changed={site_id}, **{
        name: frame for name, frame in frames.items() if frame is not getattr(world, name)})


def _typed(table: str, rows: needs.Rows) -> pd.DataFrame:
    return typed_rows(table, rows, f"{table} of add_site") if rows else pd.DataFrame()


def _site_row(world: World, told: dict[str, Any], like: str | None,
              rules: Rules | None) -> pd.DataFrame:
    """Return the new row of ``sites``: as told, then as ``like``, then by default."""
    row: dict[str, Any] = {"name": told["site_id"], "status": "operational",
                           "it_mw_basis": "added by add_site",
                           "as_of": str(world.as_of or ""), "coord_precision_km": 0.0,
                           "lat": None, "lon": None}
    if like is not None:
        other = world.sites[world.sites["site_id"] == like].iloc[0]
        row |= {name: other[name] for name in _TAKEN_OVER}
        if {"lat", "lon"} & set(told):  # a place of its own is as exact as it is said to be
            row["coord_precision_km"] = 0.0
    if "grid_region" in told and "grid_region_text" not in told:
        row["grid_region_text"] = _text_of(world, str(told["grid_region"]))
    row |= told
    if "grid_region" not in told and "grid_region_text" in told:
        texts = world.grid_regions.set_index("grid_region_text")["grid_region"]
        row["grid_region"] = texts.get(told["grid_region_text"], "")
    if row.get("cloud_region") and not row.get("cloud_provider"):
        same = world.sites[world.sites["cloud_region"] == row["cloud_region"]]
        if len(same):
            row["cloud_provider"] = same["cloud_provider"].iat[0]
        elif rules is not None:
            raise RiskModelError(f"add_site: no site of this world is in the cloud region "
                                 f"'{row['cloud_region']}', so nothing says whose it is; give "
                                 "cloud_provider, as the column of the table sites writes it")
    if rules is not None and not np.isfinite(_number(row.get("pue"))):
        row |= {"pue": rules.number("pue_default"), "pue_basis": "default: rules.toml pue_default"}
    facility = _number(told["it_mw"]) * _number(row.get("pue"))
    if "facility_mw" not in told and np.isfinite(facility):
        row["facility_mw"] = facility
    if "power_mw" not in told and np.isfinite(_number(row.get("facility_mw"))):
        # power of its own is known: the rules then take it for a campus, not for a zone of a cloud
        row |= {"power_mw": row["facility_mw"], "power_basis": "facility"}
    return typed_rows("sites", [row], "the new site of add_site")


def _text_of(world: World, region: str) -> str:
    """Return the record's first words for a grid region."""
    found = world.grid_regions.loc[world.grid_regions["grid_region"] == region, "grid_region_text"]
    return str(found.iat[0]) if len(found) else ""


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return float("nan")


def _holdings(world: World, site_id: str, lab: str | None,
              holdings: Mapping[str, float] | None) -> pd.DataFrame:
    if lab is not None and holdings is not None:
        raise RiskModelError("add_site: give either lab= or holdings=, not both")
    shares = {lab: 1.0} if lab is not None else dict(holdings or {})
    require_labs(world, shares, "add_site")
    for name, share in shares.items():
        if not 0.0 <= _number(share) <= 1.0:
            raise RiskModelError(f"add_site: the share of {name} is {share!r}; give a share of the "
                                 "site from 0 to 1")
    if sum(shares.values()) > 1.0 + ROUNDING:
        raise RiskModelError(f"add_site: the shares of '{site_id}' add up to "
                             f"{sum(shares.values()):g}; lower them to 1 together")
    rows = [{"lab_id": name, "site_id": site_id, "share": float(share), "probability": 1.0,
             "attribution": "confirmed", "share_basis": _HELD, "probability_basis": _HELD}
            for name, share in shares.items() if share > 0 and name != UNKNOWN]
    return typed_rows("holdings", rows, "holdings of add_site") if rows else pd.DataFrame()
