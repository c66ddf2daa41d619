"""Scenarios by labs: what each costs each lab, shaded by powers of ten."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from riskmodel.errors import RiskModelError
from riskmodel.figures.drawing import drawn
from riskmodel.figures.foot_facts import STORY, About
from riskmodel.figures.labels import TOTAL, lab_label, label
from riskmodel.figures.palette import HEAT, colour, tint
from riskmodel.figures.sheet import MM_PER_POINT, sheet
from riskmodel.report.context import records
from riskmodel.report.heat import bounds, labs_in_order, shade
from riskmodel.report.names import Names
from riskmodel.report.numbers import number, short

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from riskmodel.world.world import World

MOST_ROWS = 40
_CELL = 5.4  # letters across a cell
_NAMES = 0.33  # of the width, for the names of scenarios


def stress_heat(table: pd.DataFrame, *, titles: Mapping[str, str] | None = None,
                world: World | None = None, most: int = MOST_ROWS, size: str = "double",
                width_mm: float | None = None) -> Figure:
    """Draw what each scenario costs each lab, the costliest scenario first, the worst lab first.

    Parameters
    ----------
    table : of ``rm.stress_table`` for one portfolio, or ``Suite.table``
    titles : scenario id -> what it is called; the id if not given
    world : gives names to labs
    most : scenarios; fewer where a slide has no room
    size, width_mm : see ``exceedance``. Labs that find no room are summed in one column.

    Raises
    ------
    RiskModelError : the table is empty or holds several portfolios
    """
    if "portfolio" in table and table["portfolio"].nunique() > 1:
        raise RiskModelError("stress_heat: the table holds several portfolios; give the rows of "
                             "one: table[table['portfolio'] == name]")
    total = table[table["lab"] == TOTAL].set_index("scenario")["lost_mw_days"]
    if total.empty:
        raise RiskModelError("stress_heat: the table has no row of the total; give what "
                             "rm.stress_table or rm.stress_suite returned")
    on = sheet(size, width_mm)
    order = [str(key) for key in total.sort_values(ascending=False, kind="stable").index]
    shown = order[:on.rows(most, lines=0.8)]
    labs = labs_in_order(table)
    cell = _CELL * 0.55 * 0.8 * on.points * MM_PER_POINT
    room = int((1 - _NAMES) * on.width_mm / cell) - 1  # the total has a column too
    apart = labs if len(labs) <= room else labs[:room - 1]
    lost = {(str(row["scenario"]), str(row["lab"])): float(row["lost_mw_days"])
            for row in records(table[table["capacity_mw"] > 0])}
    rest = labs[len(apart):]
    names = Names(world)
    words = [*(lab_label(names, lab, 18) for lab in apart),
             *([f"{len(rest)} more labs"] if rest else []), "All labs"]
    cells = [[*(_lost(lost, scenario, [lab]) for lab in apart),
              *([_lost(lost, scenario, rest)] if rest else []), float(total[scenario])]
             for scenario in shown]

    def paint(figure: Figure) -> None:
        axis = figure.subplots()
        _cells(axis, cells, on.points)
        axis.set_yticks(range(len(shown)), [
            label((titles or {}).get(each, each), on.letters(_NAMES), each) for each in shown])
        axis.set_xticks(range(len(words)), words, rotation=60, ha="left", va="bottom",
                        rotation_mode="anchor")
        axis.tick_params(length=0, top=True, labeltop=True, bottom=False, labelbottom=False)
        for spine in axis.spines.values():
            spine.set_visible(False)
        axis.set(xlim=(-0.5, len(words) - 0.5), ylim=(len(shown) - 0.5, -0.5))
        axis.set_xlabel("lost capacity, MW-days", fontsize=0.85 * on.points)

    left = len(order) - len(shown)
    return drawn(
        paint, name="stress-heat", sheet=on,
        height_mm=on.height_of_rows(0.8 * len(shown) + 5.5),
        about=About(0, None, _days(table), STORY), units={"cells": "MW-days", "x": "", "y": ""},
        caption="Lost capacity of each lab in each scenario, MW-days, each scenario on the world "
                "of its own day. A scenario is told, not drawn: it has no frequency and no "
                f"sampling error. Darker from {', '.join(bounds())} MW-days on."
                + (f" {left} scenarios that cost less are left out." if left else ""))


def _lost(lost: Mapping[tuple[str, str], float], scenario: str, labs: list[str]) -> float:
    """Return MW-days of labs in a scenario; NaN where none of them holds anything on its day."""
    there = [lost[scenario, lab] for lab in labs if (scenario, lab) in lost]
    return math.fsum(there) if there else math.nan


def _cells(axis: Axes, cells: list[list[float]], points: float) -> None:
    from matplotlib.patches import Rectangle

    for row, line in enumerate(cells):
        for column, value in enumerate(line):
            if math.isnan(value):
                continue
            degree = shade(value)
            if degree:
                axis.add_patch(Rectangle((column - 0.48, row - 0.47), 0.96, 0.94,
                                         facecolor=tint("c1", HEAT[degree - 1])))
            axis.text(column, row, _in_cell(value), ha="center", va="center",
                      fontsize=0.8 * points,
                      fontweight="bold" if column == len(line) - 1 else "normal",
                      color=colour("ink" if degree else "soft"))


def _in_cell(value: float) -> str:
    """Write MW-days in little room, two digits: 54,321 -> 54k."""
    return short(float(f"{value:.2g}")) if value >= 1 else number(value, 1)


def _days(table: pd.DataFrame) -> str:
    days = sorted({str(day) for day in table["world_as_of"] if str(day)})
    return days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}" if days else ""
