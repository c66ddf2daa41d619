"""What a simple cover on lost MW-days would pay each lab, and what its terms do."""

from __future__ import annotations

from typing import Any

from riskmodel.decisions.price.cover import Cover, recoveries
from riskmodel.decisions.price.cover_table import cover
from riskmodel.decisions.price.file import read_price
from riskmodel.engine.losses.courses import Courses
from riskmodel.engine.losses.losses import Losses
from riskmodel.engine.plan.held import held_mw
from riskmodel.errors import RiskModelError
from riskmodel.measures.yeartable import TOTAL
from riskmodel.report.context import TAIL_LEVEL, TAIL_PERIOD, Context, Section, records
from riskmodel.report.first_years import first_courses
from riskmodel.report.names import clean
from riskmodel.report.numbers import number
from riskmodel.report.page import render

TITLE = "What a cover on lost capacity would pay"
MOST_LABS = 12
#: the terms of the table: half a day is ridden out or argued about, a year is what markets write
TERMS = Cover(waiting_h=12.0, indemnity_days=365.0)
WAITING_H = (0.0, 6.0, 12.0, 24.0, 72.0, 168.0)
INDEMNITY_DAYS = (14.0, 30.0, 90.0, 180.0, 365.0)


def build(context: Context) -> Section:
    """Write the section from the first years of the run, run again."""
    if not context.annual:
        return _missing("this is a story, and a story has no average year")
    try:
        losses, (occurrence, _) = first_courses(context)
        rows = lab_rows(context, losses, occurrence)
        terms = term_rows(context, losses, occurrence)
        price = read_price(world=context.world)
    except RiskModelError as error:
        return _missing(str(error))
    return Section("cover", TITLE, render(
        "cover.html.j2", rows=rows, terms=terms, days=[number(each) for each in INDEMNITY_DAYS],
        price=price, sources=[(clean(title, 300), url.split(";")[0].strip())
                              for title, url in price.sources],
        n=losses.n_years, level=TAIL_LEVEL, whose=context.subject, period=TAIL_PERIOD,
        waiting=number(TERMS.waiting_h), indemnity=number(TERMS.indemnity_days)))


def lab_rows(context: Context, losses: Losses, courses: Courses) -> list[dict[str, Any]]:
    """Return a row a lab with the measures of the cover by name, all labs together first."""
    rows = []
    for lab in [context.lab] if context.lab else [TOTAL, *context.first(MOST_LABS, hit=True)]:
        frame = cover(losses, lab, waiting_h=TERMS.waiting_h, indemnity_days=TERMS.indemnity_days,
                      level=TAIL_LEVEL, courses=courses, world=context.world)
        found = {row["measure"]: row for row in records(frame)}
        rows.append({"lab": lab, "name": context.called(lab), **found})
    return rows


def term_rows(context: Context, losses: Losses, courses: Courses) -> list[dict[str, Any]]:
    """Return the share of the AAL, of all labs or the one, that is paid, a row a waiting period."""
    mw = held_mw(losses, context.lab or None, courses.sites, world=context.world)
    rows = []
    for wait in WAITING_H:
        cells = []
        for days in INDEMNITY_DAYS:
            found = recoveries(courses, mw, Cover(wait, days))
            lost = float(found.lost_mw_days.sum())
            share = float(found.paid_mw_days.sum()) / lost if lost > 0 else float("nan")
            cells.append({"share": share, "shade": int(6 * share) if share > 0 else 0})
        rows.append({"waiting": number(wait) if wait else "none", "cells": cells})
    return rows


def _missing(why: str) -> Section:
    return Section("cover", TITLE, render(
        "missing.html.j2", what="What a cover would pay", why=clean(why, 300)))
