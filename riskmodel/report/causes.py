"""What takes the capacity down: peril, region, root node, and lab by lab. The parts add up."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from riskmodel.report.context import TAIL_LEVEL, Context, Section, records
from riskmodel.report.page import render

MOST_ROWS = 12
MOST_LABS = 16


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


def _by_name(frame: pd.DataFrame, by: str, name: Any) -> pd.DataFrame:
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
        for peril in context.perils:
            width = 100 * float(part.get(peril, 0.0)) / whole
            if width > 0:
                pieces.append({"peril": context.names.peril(peril), "left": left, "width": width,
                               "colour": context.colour(peril)})
                left += width
        stacks.append({"name": name, "value": whole, "pieces": pieces})
    return stacks


def _cells(context: Context) -> tuple[list[str], list[dict[str, Any]]]:
    """Return region x peril values for the largest regions."""
    frame = context.by_region
    order = frame.groupby("region")["value"].sum().sort_values(ascending=False)
    rows = []
    for region in list(order.index)[:MOST_ROWS]:
        part = frame[frame["region"] == region].set_index("peril")["value"]
        rows.append({"name": context.names.region(str(region)), "value": float(order[region]),
                     "cells": [float(part.get(peril, 0.0)) for peril in context.perils]})
    rest = list(order.index)[MOST_ROWS:]
    if rest:
        part = frame[frame["region"].isin(rest)].groupby("peril")["value"].sum()
        rows.append({"name": f"{len(rest)} more regions", "value": float(order[rest].sum()),
                     "cells": [float(part.get(peril, 0.0)) for peril in context.perils]})
    return context.perils, rows


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
                   MOST_ROWS)
    nodes = _by_name(context.contributions(measure, ["node"]), "node", names.node)
    columns, cells = _cells(context)
    body = render(
        "causes.html.j2", annual=context.annual, perils=perils, perils_sum=_sum(perils),
        stacks=_stacks(context), legend=[(names.peril(p), context.colour(p)) for p in columns],
        columns=[names.peril(p) for p in columns], cells=cells,
        totals=[float(context.by_peril.set_index("peril")["value"][p]) for p in columns],
        total=float(context.by_peril["value"].sum()), level=TAIL_LEVEL, sites=context.sites,
        nodes=_rows(context, nodes, "node", str, {}, MOST_ROWS))
    return Section("causes", title, body)
