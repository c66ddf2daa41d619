"""The page of back-tests: what was predicted from what was known, and what happened."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskmodel.report.backtests import overview
from riskmodel.report.context import Section, records
from riskmodel.report.forecast import strip
from riskmodel.report.numbers import whole
from riskmodel.report.page import render, whole_page
from riskmodel.report.restoration_fan import fan
from riskmodel.world.wholefile import write_whole

if TYPE_CHECKING:
    from riskmodel.decisions.backtests.backtest import BackTest

TITLE = "Back-tests: predicted from what was known, against what happened"


def write_backtests(tests: Sequence[BackTest], path: str | Path) -> Path:
    """Write the page of back-tests as one HTML file and return its path."""
    target = Path(path)
    write_whole(target, render_backtests(tests))
    return target


def render_backtests(tests: Sequence[BackTest]) -> str:
    """Return the page as text."""
    quantities = sum(len(test.table) for test in tests)
    inside = sum(int(test.table["inside"].sum()) for test in tests)
    sections = [overview(tests, linked=True)] + [
        Section(f"bt-{test.backtest_id}", test.name, render("backtest.html.j2", **_told(test)))
        for test in tests]
    first = tests[0]
    return whole_page(
        title=TITLE, sections=sections,
        about=[f"{len(tests)} back-tests", f"{whole(first.n)} draws each", f"seed {first.seed}"],
        figures=[(f"{inside} of {quantities}", "quantities", "inside the 90 % band"),
                 (f"{sum(test.table['inside'].all() for test in tests)} of {len(tests)}",
                  "back-tests", "with every quantity inside")])


def _told(test: BackTest) -> dict[str, Any]:
    panels = []
    for row in records(test.table):
        name = str(row["quantity"])
        panels.append({**row, "at_least": name in test.lower_bound, "svg": strip(
            test.samples[name], float(row["observed"]), key=f"{test.backtest_id}-{name}",
            title=f"{row['what']}, {row['unit']}", low=float(row["low"]), high=float(row["high"]),
            logs=row["crps_unit"] == "ln", at_least=name in test.lower_bound)})
    curve = None
    if {"half_h", "full_h"} <= set(test.samples):
        seen = test.table.set_index("quantity")["observed"]
        curve = fan(test.samples["half_h"], test.samples["full_h"],
                    observed_half=float(seen["half_h"]), observed_full=float(seen["full_h"]),
                    key=f"{test.backtest_id}-curve", title=test.name)
    return {"test": test, "panels": panels, "curve": curve, "inputs": records(test.inputs),
            "sources": test.sources, "freeze": test.freeze.isoformat()}
