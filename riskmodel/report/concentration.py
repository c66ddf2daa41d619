"""How much of each lab hangs together: by what its sites share, and within which zones."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from riskmodel.decisions.concentration.accumulation import RADIUS, accumulation
from riskmodel.decisions.concentration.concentration import concentration, mw_by_site
from riskmodel.errors import RiskModelError
from riskmodel.measures.yeartable import TOTAL
from riskmodel.report.context import Context, Section, records
from riskmodel.report.names import UNKNOWN_LAB, clean
from riskmodel.report.numbers import number, percent
from riskmodel.report.page import render
from riskmodel.world.site_groups import DIMENSIONS

if TYPE_CHECKING:
    import pandas as pd

TITLE = "What hangs together"
MOST_LABS = 12
#: columns of the heat table
BY = ("operator", "cloud", "country", "grid_region", "interconnection", "feed", "designer",
      "foundry", "theatre")
#: columns of the zones
RADIUS_KM = 100.0
ZONES = ("grid_region", "interconnection", "country", "theatre")
#: shades of the heat table: an effective number below the first is darkest
SHADES = (1.1, 1.5, 2.0, 3.0, 5.0)


def build(context: Context) -> Section:
    """Write the section; it needs the world, and no years."""
    if context.world is None:
        return _missing("the world was not given with the losses")
    try:
        sites = {lab: len(mw) for lab, mw in mw_by_site(context.world).items()}
        every = [lab for lab in sites if lab not in (TOTAL, UNKNOWN_LAB)]
        spread = [lab for lab in every if sites[lab] > 1]
        if context.lab and context.lab not in sites:
            return _missing(f"{context.subject} holds no capacity on that day")
        labs = [TOTAL, *([context.lab] if context.lab else spread[:MOST_LABS])]
        shares = concentration(context.world, BY, labs)
        zones = accumulation(context.world, labs, RADIUS_KM, kinds=ZONES)
    except RiskModelError as error:
        return _missing(str(error))
    alone = [] if context.lab else [_lab(context, lab) for lab in every if sites[lab] == 1]
    body = render(
        "concentration.html.j2", names={lab: _lab(context, lab) for lab in labs},
        columns=[DIMENSIONS[name] for name in BY], heat=heat_rows(context, shares, labs),
        zones=zone_rows(context, zones, labs), radius=RADIUS_KM,
        zone_names=[f"Within {RADIUS_KM:g} km", *(f"One {DIMENSIONS[kind]}" for kind in ZONES)],
        shades=[number(bound) for bound in SHADES], said=said(context, shares, labs[1:]),
        one_site=_list(alone),
        left_out=0 if context.lab else max(len(spread) - MOST_LABS, 0))
    return Section("concentration", TITLE, body)


def heat_rows(context: Context, shares: pd.DataFrame, labs: list[str]) -> list[dict[str, Any]]:
    """Return a row a lab with a cell a dimension: effective number, largest share, shade."""
    found = {(row["lab"], row["dimension"], row["measure"]): row for row in records(shares)}
    rows = []
    for lab in labs:
        cells = []
        for by in BY:
            count, top = (found[lab, by, name] for name in ("effective_number", "largest_share"))
            cells.append({"by": by, "value": count["value"], "number": _count(count),
                          "share": percent(top["value"]), "largest": _named(context, by, top),
                          "shade": _shade(count), "low": _plain(count["low"]),
                          "high": _plain(count["high"]),
                          "open": count["low"] != count["high"]})
        rows.append({"lab": lab, "cells": cells, "it_mw": found[lab, BY[0], "hhi"]["it_mw"]})
    return rows


def zone_rows(context: Context, zones: pd.DataFrame, labs: list[str]) -> list[dict[str, Any]]:
    """Return a row a lab with a cell a kind of zone: MW, share, and where."""
    found = {(row["lab"], row["kind"]): row for row in records(zones)}
    rows = []
    for lab in labs:
        cells: list[dict[str, Any] | None] = []
        for kind in (RADIUS, *ZONES):
            row = found.get((lab, kind))
            if row is None or not row["value"] > 0:
                cells.append(None)
                continue
            cells.append({"kind": kind, "value": row["value"], "share": row["share"],
                          "width": 100 * row["share"], "sites": row["n_sites"],
                          "where": _named(context, kind, {"largest": row["zone"]}),
                          "low": row["low"], "high": row["high"],
                          "open": row["low"] < row["value"] or row["high"] > row["value"]})
        rows.append({"lab": lab, "cells": cells})
    return rows


def said(context: Context, shares: pd.DataFrame, labs: list[str]) -> str:
    """Say in a sentence which labs have most of their MW on one grid."""
    grid = {row["lab"]: row for row in records(shares)
            if row["dimension"] == "grid_region" and row["measure"] == "largest_share"}
    alone = sorted((lab for lab in labs if grid[lab]["value"] >= 0.5),
                   key=lambda lab: (-grid[lab]["it_mw"], lab))
    if not labs:
        return "No named lab has more than one site."
    if context.lab:
        return (f"{percent(grid[context.lab]['value'])} of the capacity of {context.subject} "
                f"stands on {_named(context, 'grid_region', grid[context.lab])}; all labs stand "
                "in the first row, to compare.")
    if not alone:
        return "No lab with more than one site has half of its capacity on one grid."
    shown = [f"{_lab(context, lab)} ({percent(grid[lab]['value'])} on "
             f"{_named(context, 'grid_region', grid[lab])})" for lab in alone[:5]]
    more = f" and {len(alone) - 5} smaller ones" if len(alone) > 5 else ""
    return ("Half or more of the capacity stands on one grid at "
            f"{len(alone)} of the {len(labs)} labs with more than one site in the table: "
            f"{', '.join(shown)}{more}.")


def _lab(context: Context, lab: str) -> str:
    return "All labs" if lab == TOTAL else context.names.lab(lab)


def _named(context: Context, by: str, row: dict[str, Any]) -> str:
    """Return the name of a group as readers know it."""
    name = str(row["largest"])
    if by == "grid_region" and name:
        return context.names.region(name)
    if by == "interconnection" and len(name) <= 3:
        return clean(name.upper())  # initials
    return clean(name.removeprefix("local supply in "))


def _count(row: dict[str, Any]) -> str:
    if row["unknown_share"] == 1.0:
        return "?"
    return number(round(row["value"], 9), 2 if row["value"] < 10 else 3)


def _plain(value: float) -> str:
    return number(round(value, 9) if math.isfinite(value) else value, 2)


def _shade(row: dict[str, Any]) -> int:
    if row["unknown_share"] == 1.0:
        return 0
    return sum(row["value"] < bound for bound in SHADES)


def _list(names: list[str]) -> str:
    if len(names) <= MOST_LABS:
        return ", ".join(names)
    return f"{', '.join(names[:MOST_LABS])} and {len(names) - MOST_LABS} more"


def _missing(why: str) -> Section:
    return Section("concentration", TITLE, render(
        "missing.html.j2", what="What the labs' sites have in common", why=why))
