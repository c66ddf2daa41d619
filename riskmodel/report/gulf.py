"""Whether capacity of known size runs in the Gulf on that day, and what would later."""

from __future__ import annotations

from typing import Any

import pandas as pd

from riskmodel.report.context import Context, records
from riskmodel.report.names import clean, texts
from riskmodel.report.numbers import number

THEATRE = "gulf"
_ESTIMATED = ("estimate", "band", "judgement", "assum")


def gulf_sites(context: Context) -> pd.DataFrame:
    """Return the sites of the Gulf theatre, with ``known``: whether their MW is on record."""
    world = context.world
    if world is None:
        return pd.DataFrame()
    theatres = world.theatres
    countries = set(theatres.loc[theatres["theatre_id"] == THEATRE, "country_iso2"])
    sites = world.sites[world.sites["country_iso2"].isin(countries)
                        & world.sites["site_id"].isin(list(context.held))].copy()
    sites["it_mw"] = sites["site_id"].map(context.held)
    basis = texts(sites, "it_mw_basis").str.lower()
    sites["known"] = ~basis.apply(lambda text: any(word in text for word in _ESTIMATED))
    return sites


def _later(context: Context, sites: pd.DataFrame) -> pd.DataFrame:
    """Return the steps after the day of the world: site_id, date, it_mw (first step up)."""
    steps = context.world.sites_timeline  # type: ignore[union-attr]
    steps = steps[steps["site_id"].isin(sites["site_id"])]
    steps = steps[(steps["it_mw"] > 0) & (steps["date"].astype(str) > context.as_of)]
    first = steps.sort_values("date").groupby("site_id", as_index=False).first()
    last = steps.sort_values("date").groupby("site_id")["it_mw"].last()
    first["last_mw"] = first["site_id"].map(last)
    return first


def _names(context: Context, rows: pd.DataFrame) -> str:
    """Name the sites, or where they are: a report shows regions unless asked for sites."""
    if context.sites:
        return ", ".join(f"{clean(row['name'] or row['site_id'])} "
                         f"({context.names.country(str(row['country_iso2']))})"
                         for row in records(rows))
    counts = rows.groupby("country_iso2").size()
    return ", ".join(f"{n} site{'s' if n > 1 else ''} in {context.names.country(str(country))}"
                     for country, n in counts.items())


def statement(context: Context) -> dict[str, Any] | None:
    """Return what to say about the Gulf; None where the world has no such theatre."""
    sites = gulf_sites(context)
    if context.world is None or sites.empty:
        return None
    running = sites[sites["it_mw"].fillna(0) > 0]
    known, guessed = running[running["known"]], running[~running["known"]]
    later = []
    if context.as_of:
        idle = sites[~sites["site_id"].isin(known["site_id"])]
        steps = _later(context, idle).merge(
            idle[["site_id", "name", "country_iso2"]], on="site_id")
        for row in records(steps):
            place = context.names.country(str(row["country_iso2"]))
            what = clean(row["name"] or row["site_id"]) if context.sites else "A site"
            text = f"{what} in {place}: {number(float(row['it_mw']))} MW from {row['date']}"
            if row["last_mw"] > row["it_mw"]:
                text += f", {number(float(row['last_mw']))} MW in the last step on record"
            later.append(f"{text} ({clean(row['state']).replace('_', ' ')})")
    return {
        "whose": f" of {context.subject}" if context.lab else "",
        "day": context.as_of or "the day of this world",
        "known_mw": float(known["it_mw"].sum()), "known": _names(context, known),
        "known_count": len(known), "guessed_count": len(guessed),
        "guessed_mw": float(guessed["it_mw"].sum()), "guessed": _names(context, guessed),
        "count": len(sites), "later": sorted(later),
    }
