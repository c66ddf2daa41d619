"""How the model did where it can be held against what happened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from riskmodel.report.context import Context, Section, records
from riskmodel.report.page import render

if TYPE_CHECKING:
    from riskmodel.decisions.backtests.backtest import BackTest

TITLE = "How the model did"
DRAWS = 2000  # of each forecast, when a run's report is written
SYSTEMS = (("rts79", "IEEE RTS-79"), ("rbts", "Roy Billinton Test System"))
SYSTEM_YEARS = 4000
INDICES = {"lole": "loss of load expectation, LOLE", "loee": "energy not supplied, LOEE",
           "lole_days": "days whose peak is short"}


def build(context: Context) -> Section:
    """Write the section of a run's report: the table of the world's back-tests."""
    from riskmodel.decisions.backtests.backtest import backtest, backtests

    if context.world is None:
        return Section("backtests", TITLE, render(
            "missing.html.j2", what="The table of back-tests",
            why="the world of the run is not at hand"))
    world = context.world
    tests = [backtest(world, name, n=DRAWS) for name in backtests(world)["backtest"]]
    if not tests:
        return Section("backtests", TITLE, render(
            "missing.html.j2", what="The table of back-tests", why="the world has none"))
    return overview(tests, known=known_answers())


def known_answers() -> list[dict[str, Any]]:
    """Return generating systems with published indices: exact and simulated beside them."""
    from riskmodel.measures.adequacy import adequacy_indices

    return [{**row, "name": name, "what": INDICES[str(row["measure"])]}
            for system, name in SYSTEMS
            for row in records(adequacy_indices(system, years=SYSTEM_YEARS, seed=7))
            if row["measure"] in INDICES]


def overview(tests: Sequence[BackTest], *, linked: bool = False,
             known: Sequence[dict[str, Any]] = ()) -> Section:
    """Return the table of back-tests, the bad ones among them.

    ``linked`` : the page holds a part for each of them. ``known`` : rows of known answers.
    """
    rows: list[dict[str, Any]] = []
    for test in tests:
        for row in records(test.table):
            row |= {"name": test.name, "id": test.backtest_id, "freeze": test.freeze.isoformat(),
                    "at_least": row["quantity"] in test.lower_bound}
            rows.append(row)
    return Section("backtests", TITLE, render("backtests.html.j2", rows=rows, linked=linked,
                                                known=known, system_years=SYSTEM_YEARS))
