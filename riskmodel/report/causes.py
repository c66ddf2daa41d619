"""What takes the capacity down: peril, lab, region, supplier and root node. The parts add up."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from riskmodel.engine.losses.firstyears import first_years
from riskmodel.errors import RiskModelError
from riskmodel.measures.contributions import contributions
from riskmodel.report.context import TAIL_LEVEL, Context, Section, records
from riskmodel.report.first_years import MOST_YEARS
from riskmodel.report.names import clean
from riskmodel.report.page import render

MOST_ROWS = 12
MOST_SITES = 20
ALL_PERILS = 24  # of the first table: each family has its line
MOST_LABS = 16
MOST_PERILS = 7  # columns and colours of their own; the others are summed
OTHERS = "Other perils"


def _tail(context: Context, by: list[str]) -> dict[tuple[str, ...], float]:
    """Return the share of the tail (TVaR) that each part explains."""
    if not context.annual or context.losses.n_years * (1 - TAIL_LEVEL) < 1:
        return {}
    frame = context.contributions("tvar", by, level=TAIL_LEVEL)
    return {tuple(str(row[name]) for name in by): float(row["share"])
            for row in records(frame)}


def _rows(context: Context, frame: pd.DataFrame, by: str, name: Any,
          tail: dict[tuple[str, ...], float], most: int) -> list[dict[str, Any]]:
    """Return rows of a bar table: the largest parts, what is left, and the sum."""
    frame = frame[frame["value"] > 0]
    top = float(frame["value"].max()) if len(frame) else math.nan
    rows = []
    for row in records(frame.head(most)):
        key = str(row[by])
        rows.append({"name": name(key), "key": key, "value": float(row["value"]),
                     "se": float(row.get("se", math.nan)), "share": float(row["share"]),
                     "width": 100 * float(row["value"]) / top,
                     "tail": tail.get((key,), 0.0 if tail else math.nan),
                     "colour": context.colour(key) if by == "peril" else "plain"})
    rest = frame.iloc[most:]
    if len(rest):
        value = float(rest["value"].sum())
        rows.append({"name": f"{len(rest)} more", "key": "", "value": value, "se": math.nan,
                     "share": float(rest["share"].sum()), "width": 0.0,  # no bar: not one cause
                     "tail": sum(tail.get((str(key),), 0.0) for key in rest[by])
                     if tail else math.nan, "colour": "c8" if by == "peril" else "plain"})
    return rows


def _sum(rows: list[dict[str, Any]]) -> dict[str, float]:
    return {what: math.fsum(row[what] for row in rows) for what in ("value", "share", "tail")}


def by_name(frame: pd.DataFrame, by: str, name: Any) -> pd.DataFrame:
    """Add up the rows that a reader sees under one name."""
    frame = frame.assign(**{by: [name(str(key)) for key in frame[by]]})
    frame = frame.groupby(by, as_index=False, sort=False)[["value", "share"]].sum()
    return frame.sort_values("value", ascending=False, ignore_index=True)


def _stacks(context: Context) -> list[dict[str, Any]]:
    """Return for each lab the shares of the perils in its loss, as widths of a bar."""
    frame = context.contributions("aal" if context.annual else "total", ["lab", "peril"])
    shown = context.first(MOST_LABS, hit=True)
    rest = [lab for lab in context.ranked if context.lost[lab] > 0 and lab not in set(shown)]
    groups = [(context.names.lab(lab), [lab]) for lab in shown]
    if rest:
        groups.append((f"{len(rest)} more lab{'s' if len(rest) > 1 else ''}", rest))
    stacks = []
    for name, labs in groups:
        part = frame[frame["lab"].isin(labs)].groupby("peril")["value"].sum()
        whole = float(part.sum())
        if whole <= 0:
            continue
        left, pieces = 0.0, []
        for peril, colour, members in _columns(context):
            width = 100 * math.fsum(float(part.get(each, 0.0)) for each in members) / whole
            if width > 0:
                pieces.append({"peril": peril, "left": left, "width": width, "colour": colour})
                left += width
        stacks.append({"name": name, "value": whole, "pieces": pieces})
    return stacks


def _columns(context: Context) -> list[tuple[str, str, list[str]]]:
    """Return name, colour and members of the perils shown apart, and of the others together."""
    apart = context.perils if len(context.perils) <= MOST_PERILS + 1 else (
        context.perils[:MOST_PERILS])
    columns = [(context.names.peril(peril), context.colour(peril), [peril]) for peril in apart]
    rest = context.perils[len(apart):]
    return [*columns, (OTHERS, "c8", rest)] if rest else columns


def _cells(context: Context) -> list[dict[str, Any]]:
    """Return region x peril values for the largest regions."""
    frame = context.by_region
    order = frame.groupby("region")["value"].sum().sort_values(ascending=False)

    def row(name: str, value: float, part: pd.DataFrame) -> dict[str, Any]:
        found = part.groupby("peril", observed=True)["value"].sum()
        return {"name": name, "value": value, "cells": [
            math.fsum(float(found.get(peril, 0.0)) for peril in members)
            for _, _, members in _columns(context)]}

    rows = [row(context.names.region(str(region)), float(order[region]),
                frame[frame["region"] == region]) for region in list(order.index)[:MOST_ROWS]]
    rest = list(order.index)[MOST_ROWS:]
    if rest:
        rows.append(row(f"{len(rest)} more regions", float(order[rest].sum()),
                        frame[frame["region"].isin(rest)]))
    return rows


def _suppliers(context: Context) -> tuple[list[dict[str, Any]], str]:
    """Return the rows by who supplied what failed, or why there are none."""
    if context.world is None:
        return [], "the world was not given with the losses"
    try:
        frame = context.contributions("aal" if context.annual else "total", ["supplier"])
        tail = _tail(context, ["supplier"])
    except RiskModelError as error:
        return [], str(error)
    return _rows(context, frame, "supplier", lambda name: clean(name.replace("_", " ")), tail,
                 MOST_ROWS), ""


def _felt(context: Context) -> tuple[list[dict[str, Any]], int]:
    """Return the rows by the site that felt it, in how many years; none unless sites are asked for.
    """
    if not (context.sites and context.annual):
        return [], 0
    losses = first_years(context.run, MOST_YEARS)  # they are run again
    try:
        frame = contributions(losses, by=["site"], lab=context.lab or None, world=context.world)
    except RiskModelError:  # the table of suppliers has said why
        return [], 0
    return _rows(context, frame, "site", context.names.node, {}, MOST_SITES), losses.n_years


def build(context: Context) -> Section:
    """Write the section."""
    title = "What takes the capacity down"
    if context.total_lost == 0 or context.losses.causes.empty:
        why = ("nothing was lost" if context.total_lost == 0
               else "these losses carry no causes (a year table from elsewhere)")
        return Section("causes", title, render("missing.html.j2",
                                               what="A table of contributions", why=why))
    names, measure = context.names, "aal" if context.annual else "total"
    perils = _rows(context, context.by_peril, "peril", names.peril, _tail(context, ["peril"]),
                   ALL_PERILS)
    nodes = by_name(context.contributions(measure, ["node"]), "node", names.node)
    suppliers, why = _suppliers(context)
    felt, felt_years = _felt(context)
    columns = _columns(context)
    values = context.by_peril.set_index("peril")["value"]
    body = render(
        "causes.html.j2", annual=context.annual, perils=perils, perils_sum=_sum(perils),
        subject=context.subject[:1].upper() + context.subject[1:],
        stacks=[] if context.lab else _stacks(context),
        legend=[(name, colour) for name, colour, _ in columns],
        columns=[name for name, _, _ in columns], cells=_cells(context),
        totals=[math.fsum(float(values[p]) for p in members) for _, _, members in columns],
        total=float(context.by_peril["value"].sum()), level=TAIL_LEVEL, sites=context.sites,
        nodes=_rows(context, nodes, "node", str, {}, MOST_ROWS), suppliers=suppliers,
        no_suppliers=why, felt=felt, felt_years=felt_years)
    return Section("causes", title, body)
