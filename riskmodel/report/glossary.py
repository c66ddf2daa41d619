"""The words that the report uses, each in a sentence."""

from __future__ import annotations

from riskmodel.report.context import TAIL_LEVEL, TAIL_PERIOD, Context, Section
from riskmodel.report.page import render


def build(context: Context) -> Section:
    """Write the glossary."""
    return Section("glossary", "Words", render("glossary.html.j2", period=TAIL_PERIOD,
                                               level=TAIL_LEVEL))
