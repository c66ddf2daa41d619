"""The headline table: what each lab stands to lose, with errors."""

from __future__ import annotations

import math
from typing import Any

from riskmodel.measures.until import sentence
from riskmodel.report.confidence import low_share
from riskmodel.report.context import (
    MOST_LABS,
    TAIL_LEVEL,
    TAIL_PERIOD,
    Context,
    Section,
)
from riskmodel.report.gulf import statement
from riskmodel.report.page import render


def _rows(context: Context) -> list[dict[str, Any]]:
    shares, _ = low_share(context)
    return [
        {"lab": lab, "name": context.called(lab),
         "low_confidence": shares.get(lab, math.nan),
         **{name: context.row(lab, name) for name in
            ("capacity", "aal", "aal_share", "p_loss", "aep", "tvar", "lole", "eue")}}
        for lab in context.lines(MOST_LABS)
    ]


def _beside(context: Context) -> list[dict[str, Any]]:
    """Return the row of all labs that the one lab is compared with."""
    if context.whole is None:
        return []
    return [{"lab": "total", "name": "All labs, to compare",
             "low_confidence": context.kept.get("low_share_of_all", math.nan),
             **{name: context.whole.row("total", name) for name in
                ("capacity", "aal", "aal_share", "p_loss", "aep", "tvar", "lole", "eue")}}]


def _story_rows(context: Context) -> list[dict[str, Any]]:
    short = context.losses.years.groupby("lab")["shortfall_mw_days"].sum()
    rows = []
    for lab in [context.lab] if context.lab else context.first(MOST_LABS):
        mw, lost = context.capacity[lab], context.lost[lab]
        rows.append({"name": context.names.lab(lab), "capacity": mw, "lost": lost,
                     "days": lost / mw if mw > 0 else math.nan,
                     "shortfall": float(short.get(lab, 0.0))})
    if context.lab:
        return rows
    total = context.total_capacity
    rows.append({"name": "All labs", "capacity": total, "lost": context.total_lost,
                 "days": context.total_lost / total if total > 0 else math.nan,
                 "shortfall": float(short.sum())})
    return rows


def _notes(context: Context) -> list[str]:
    notes = []
    n = context.measured.n_years
    if context.every is not None:
        notes.append(f"This table and the figures at the top are of all {n:,} years; what "
                     "explains them in other sections is made from the first "
                     f"{context.losses.n_years:,} of them, or from fewer where it says so.")
    if n < TAIL_PERIOD:
        notes.append(f"One year in {TAIL_PERIOD:g} lies beyond the {n} years simulated: no number "
                     "is given rather than a guess.")
    if "until" in context.losses.manifest:
        notes.append(sentence(context.losses.manifest["until"]))
    if context.weighing:
        notes.append(f"{context.weighing} What diversification, training, the next MW and a cover "
                     "are worth counts every year alike and is left out.")
    if context.losses.adequacy is None:
        notes.append("LOLE and EUE were not computed in this run.")
    shares, why = low_share(context)
    if not shares:
        notes.append(f"The share resting on low-confidence records is not computed: {why}.")
    if len(context.ranked) > MOST_LABS:
        notes.append(f"The {MOST_LABS} labs with the largest losses of {len(context.ranked)}; "
                     "the last row counts them all.")
    if any(context.lost[lab] == 0 for lab in context.ranked or [context.lab] if lab):
        notes.append("Where no loss was seen, the chance of a loss is given as an upper bound "
                     "(95 %).")
    return notes


def build(context: Context) -> Section:
    """Write the section."""
    idle = [context.names.lab(lab) for lab in context.idle]
    if not context.annual:
        body = render("headline_story.html.j2", rows=_story_rows(context), idle=idle,
                      gulf=statement(context))
        return Section("headline", f"What the story costs "
                       f"{context.subject if context.lab else 'each lab'}", body)
    body = render("headline.html.j2", rows=[*_rows(context), *_beside(context)], idle=idle,
                  notes=_notes(context), lab=context.lab, gulf=statement(context),
                  period=TAIL_PERIOD, level=TAIL_LEVEL, as_of=context.as_of,
                  has_world=context.world is not None)
    return Section("headline", f"What {context.subject if context.lab else 'each lab'} stands to "
                   "lose", body)
