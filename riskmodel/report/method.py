"""Method notes in a few equations, and the words that the report uses."""

from __future__ import annotations

from riskmodel.report.context import TAIL_LEVEL, TAIL_PERIOD, Context, Section
from riskmodel.report.limits import cap_days
from riskmodel.report.page import render


def build(context: Context) -> Section:
    """Write the method notes."""
    body = render("method.html.j2", booking=context.losses.booking, cap=cap_days(context),
                  horizon=context.losses.horizon_days, level=TAIL_LEVEL)
    return Section("method", "How it was computed", body)


def build_glossary(context: Context) -> Section:
    """Write the glossary."""
    body = render("glossary.html.j2", period=TAIL_PERIOD, level=TAIL_LEVEL)
    return Section("glossary", "Words", body)
