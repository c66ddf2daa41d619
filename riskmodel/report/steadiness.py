"""Whether enough years were simulated: the same measures on the first part of the run."""

from __future__ import annotations

import math
import warnings
from typing import Any

from riskmodel.errors import BeyondSpanWarning, RiskModelError
from riskmodel.report.context import TAIL_LEVEL, Context, Section, records
from riskmodel.report.page import render

MOST_ROWS = 8
_SHOWN = (("aal", None, "AAL"), ("tvar", TAIL_LEVEL, f"TVaR {100 * TAIL_LEVEL:g} %"))


def _table(context: Context, measure: str, level: float | None) -> list[dict[str, Any]]:
    from riskmodel.measures.convergence import convergence

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", BeyondSpanWarning)
        try:
            frame = convergence(context.losses, measure=measure, level=level, lab="total")
        except RiskModelError:  # fewer years than the level needs
            return []
    frame = frame[frame["value"].notna()]
    if frame.empty:
        return []
    last = float(frame["n"].max())  # ever half as many years
    nearest = {int((frame["n"] - last / 2**step).abs().idxmin()) for step in range(MOST_ROWS)}
    rows = records(frame.loc[sorted(nearest)])
    low = min(float(row["value"]) - 1.96 * _error(row) for row in rows)
    high = max(float(row["value"]) + 1.96 * _error(row) for row in rows)
    span = (high - low) or 1.0
    for row in rows:
        row["at"] = 100 * (float(row["value"]) - low) / span
        row["from"] = 100 * (float(row["value"]) - 1.96 * _error(row) - low) / span
        row["width"] = 100 * 2 * 1.96 * _error(row) / span
    return rows


def _error(row: dict[str, Any]) -> float:
    se = float(row["se"])
    return 0.0 if math.isnan(se) else se


def build(context: Context) -> Section:
    """Write the section."""
    title = "Were enough years simulated?"
    if not context.annual or context.total_lost == 0:
        why = "a story is not sampled" if not context.annual else "no loss was seen"
        return Section("steadiness", title, render("missing.html.j2",
                                                   what="A convergence table", why=why))
    tables = [(label, _table(context, measure, level)) for measure, level, label in _SHOWN]
    return Section("steadiness", title, render(
        "steadiness.html.j2", whose=context.subject,
        tables=[(label, rows) for label, rows in tables if rows]))
