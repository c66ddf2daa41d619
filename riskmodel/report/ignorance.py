"""Chance and ignorance beside each other: bands per lab, and the numbers that make them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from riskmodel.errors import RiskModelError
from riskmodel.report.context import Context, Section, records
from riskmodel.report.names import clean
from riskmodel.report.numbers import number, percent, whole
from riskmodel.report.page import render

if TYPE_CHECKING:
    import pandas as pd

MOST_LABS, MOST_INPUTS = 12, 10
Z95 = 1.96
TITLE = "Chance, and what nobody knows"


def build(context: Context) -> Section:
    """Write the section; only for a run with several worlds."""
    losses = context.losses
    rows = [_row(context, lab) for lab in
            ([context.lab] if context.lab else ["total", *context.first(MOST_LABS, hit=True)])]
    rows = [row for row in rows if not math.isnan(row["band"])]
    if not rows:
        return Section("ignorance", TITLE, render(
            "missing.html.j2", what="The band of ignorance",
            why=f"{whole(losses.n_years)} years leave each of {whole(losses.worlds)} worlds too "
                "few; simulate more years, or fewer worlds"))
    top = max(max(row["band_high"], row["value"] + Z95 * row["se"]) / row["size"] for row in rows)
    for row in rows:
        row["bars"] = {name: 100 * row[name] / row["size"] / top
                       for name in ("value", "band_low", "band_high")}
        low = max(row["value"] - Z95 * row["se"], 0.0)
        row["error_from"] = 100 * low / row["size"] / top
        row["error_width"] = 100 * (row["value"] + Z95 * row["se"] - low) / row["size"] / top
    inputs, why = _inputs(context)
    body = render("ignorance.html.j2", rows=rows, inputs=inputs, why=why, worlds=losses.worlds,
                  whose=context.subject, n=losses.n_years, said=said(context), kept=_kept(context),
                  years=losses.n_years // losses.worlds)
    return Section("ignorance", TITLE, body)


def said(context: Context) -> str:
    """Say in a sentence how ignorance compares with the error of simulation."""
    row = context.row("total", "aal")
    value, se, band = (float(row[name]) for name in ("value", "se", "band"))
    if math.isnan(band) or not value > 0:
        return ""
    text = (f"What the rates, severities and attributions themselves do not know spreads the "
            f"average by {percent(band / value)} of it: in nine worlds of ten it lies between "
            f"{number(float(row['band_low']))} and {number(float(row['band_high']))} MW-days a "
            "year")
    if se > 0 and band > 0:
        text += f". That is {number(band / se, 2)} times the error of simulation"
    return text + "."


def _row(context: Context, lab: str) -> dict[str, Any]:
    found = context.row(lab, "aal")
    share = context.value(lab, "aal_share")
    value = float(found["value"])
    # bars of labs of all sizes on one scale: shares of their capacity where it is known
    size = value / share if share > 0 else 1.0
    return {"name": context.called(lab), "value": value, "se": float(found["se"]), "size": size,
            **{key: float(found.get(key, math.nan)) for key in ("band", "band_low", "band_high")}}


def _inputs(context: Context) -> tuple[list[dict[str, Any]], str]:
    """Return the numbers that explain most of the spread between worlds, or why not."""
    from riskmodel.measures.inputshares import input_shares

    if context.world is None:
        return [], "the world was not given with the losses"
    try:
        frame = input_shares(context.run, context.lab or None)
    except RiskModelError as error:
        return [], str(error)
    return _bars(context, frame[frame["share"] > 2 * frame["se"].fillna(0)].head(MOST_INPUTS)), ""


def _bars(context: Context, frame: pd.DataFrame) -> list[dict[str, Any]]:
    rows = records(frame)
    widest = max((row["share"] for row in rows), default=1.0)
    for row in rows:
        row["peril"] = ", ".join(context.names.peril(each) for each in row["peril"].split(", ")
                                 ) if row["peril"] else "–"
        row["number"] = clean(row["number"], 120)
        row["width"] = 100 * row["share"] / widest
    return rows


def _kept(context: Context) -> list[str]:
    """Return the perils that every world took as they are."""
    told = context.losses.manifest.get("ignorance") or {}
    return [context.names.peril(str(peril)) for peril in told.get("as_they_are", [])]
