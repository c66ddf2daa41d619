"""How sure the records are, and how much of the answer rests on the weak ones."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import pandas as pd

from riskmodel.report.context import Context, Section
from riskmodel.report.first_years import low_confidence
from riskmodel.report.names import texts
from riskmodel.report.page import render

LEVELS = ("high", "medium", "low")
MOST_LABS = 20
LAYER_NAMES = {"site": "the site itself", "holding": "who holds it",
               "requirement": "what it hangs on", "rate": "the rate of the event",
               "any": "any of these"}
_TABLES = (("sites", "Sites"), ("sites_timeline", "Capacity steps"), ("holdings", "Holdings"),
           ("deals", "Deals"), ("requirements", "Requirements"), ("events", "Event table"),
           ("events_observed", "Observed events"))


def low_share(context: Context) -> tuple[dict[str, float], str]:
    """Return lab -> share of its AAL that rests on low-confidence records, or why not."""
    if "low_share" not in context.kept:
        context.kept["low_share"] = _low_share(context)
    found: tuple[dict[str, float], str] = context.kept["low_share"]
    return found


def _low_share(context: Context) -> tuple[dict[str, float], str]:
    if not context.annual:
        return {}, "a story has no average"
    if context.world is None:
        return {}, "the world was not given with the losses"
    if context.total_lost == 0:
        return {}, "nothing was lost"
    frame = low_confidence(context)
    if frame is None:
        return {}, "its perils cannot be loaded again from their ids"
    context.kept["low_layers"] = {
        str(lab): dict(zip(part["layer"].astype(str), part["value"].astype(float), strict=True))
        for lab, part in frame.groupby("lab")}
    context.kept["low_years"] = int(frame["n"].iloc[0])
    if context.lab:  # the lab is the whole, and all labs are what it is compared with
        of_all = frame[(frame["lab"] == "total") & (frame["layer"] == "any")]
        context.kept["low_share_of_all"] = float(of_all["value"].iloc[0])
        frame = frame[frame["lab"] == context.lab]
        frame = pd.concat([frame, frame.assign(lab="total")])
        context.kept["low_layers"]["total"] = context.kept["low_layers"][context.lab]
    whole = frame[frame["layer"] == "any"]
    return {str(lab): float(share) for lab, share in
            zip(whole["lab"], whole["value"], strict=True)}, ""


def record_counts(context: Context) -> list[dict[str, Any]]:
    """Return table by table how many records are of which confidence."""
    rows = []
    for name, label in _TABLES:
        frame: pd.DataFrame = getattr(context.world, name)
        if frame.empty or "confidence" not in frame:
            continue
        words = Counter(str(word).strip().lower() for word in texts(frame, "confidence"))
        counts = [words.pop(level, 0) for level in LEVELS]
        rows.append({"name": label, "counts": counts, "other": sum(words.values()),
                     "all": len(frame)})
    return rows


def capacity_by_confidence(context: Context) -> list[tuple[str, float, float]]:
    """Return the IT MW that stands on records of each level, and its share."""
    sites = context.world.sites  # type: ignore[union-attr]
    words = texts(sites, "confidence").str.lower()
    mw = sites["site_id"].map(context.held).fillna(0.0)
    whole = float(mw.sum())
    rows = []
    for level in (*LEVELS, ""):
        part = float(mw[words == level].sum())
        if part > 0:
            rows.append((level or "not stated", part, part / whole))
    return rows


def build(context: Context) -> Section:
    """Write the section."""
    if context.world is None:
        body = render("missing.html.j2", what="The confidence of the records",
                      why="the world was not given with the losses")
        return Section("confidence", "How sure the records are", body)
    shares, why = low_share(context)
    layers = context.kept.get("low_layers", {})
    labs = [lab for lab in context.ranked if not math.isnan(shares.get(lab, math.nan))]
    rows = [(context.called(lab), [layers[lab].get(layer, math.nan) for layer in LAYER_NAMES])
            for lab in [*([] if context.lab else labs[:MOST_LABS]), "total"] if lab in layers]
    body = render("confidence.html.j2", shares=rows, layers=list(LAYER_NAMES.values()),
                  years=context.kept.get("low_years"), counts=record_counts(context),
                  levels=LEVELS, why=why, capacity=capacity_by_confidence(context))
    return Section("confidence", "How sure the records are", body)
