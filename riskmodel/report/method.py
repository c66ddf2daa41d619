"""How it was computed, in a few equations."""

from __future__ import annotations

from riskmodel.report.context import TAIL_LEVEL, Context, Section
from riskmodel.report.limits import cap_days
from riskmodel.report.page import render


def build(context: Context) -> Section:
    """Write the method notes."""
    body = render("method.html.j2", booking=context.losses.booking, cap=cap_days(context),
                  horizon=context.losses.horizon_days, level=TAIL_LEVEL)
    return Section("method", "How it was computed", body)
