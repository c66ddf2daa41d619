"""Two worlds compared: the difference of a measure with its interval, a line a lab."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskmodel.decisions.comparison.text import measure_name
from riskmodel.errors import RiskModelError
from riskmodel.figures.drawing import drawn
from riskmodel.figures.foot_facts import About, about
from riskmodel.figures.labels import TOTAL, lab_label, plain_ticks
from riskmodel.figures.palette import colour
from riskmodel.figures.sheet import sheet
from riskmodel.report.context import records
from riskmodel.report.difference_figure import COLOURS
from riskmodel.report.names import Names
from riskmodel.report.numbers import short

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from riskmodel.engine.losses.losses import Losses
    from riskmodel.world.world import World

MOST = 16
_MARKS = {"better": "v", "worse": "^"}  # not by colour alone


def difference(table: pd.DataFrame, about_it: Losses | World | About, *, measure: str = "aal",
               level: float | None = None, seed: int | None = None, most: int = MOST,
               world: World | None = None, size: str = "double", width_mm: float | None = None
               ) -> Figure:
    """Draw what another world changes for each lab, largest change first.

    Parameters
    ----------
    table : of ``rm.compare``
    about_it : the losses of the base, for the foot line
    measure : of the table ; level : of it, where the measure stands at several
    most : labs ; world, size, width_mm : see ``exceedance``

    Raises
    ------
    RiskModelError : the table has no row of the measure, or nothing changes
    """
    mine = table[table["measure"] == measure]
    if mine.empty:
        raise RiskModelError(f"difference: the table has no row of {measure!r}; it has "
                             f"{', '.join(dict.fromkeys(table['measure']))}")
    if level is not None:
        mine = mine[(mine["level"] - level).abs() < 1e-9]
    elif mine["level"].nunique() > 1:
        mine = mine[mine["level"] == mine["level"].iloc[0]]
    moved = [row for row in records(mine)
             if row["verdict"] != "no change" and row["difference"] == row["difference"]]
    if not moved:
        raise RiskModelError(f"difference: {measure} is the same in both worlds for every lab, or "
                             "not known at this level")
    moved.sort(key=lambda row: (row["lab"] != TOTAL, -abs(row["difference"])))
    on = sheet(size, width_mm)
    rows = moved[:on.rows(most)]
    share = rows[0]["unit"] == "1"
    scale, unit = (100.0, "%") if share else (1.0, str(rows[0]["unit"]))
    words = measure_name(measure, rows[0]["level"])
    names = Names(world or getattr(about_it, "world", None))

    def paint(figure: Figure) -> None:
        axis = figure.subplots()
        axis.axvline(0, color=colour("ink"), linewidth=on.points / 12)
        said = set()
        for place, row in enumerate(rows):
            ink = colour(COLOURS[row["verdict"]])
            if row["low"] == row["low"]:
                axis.plot([scale * row["low"], scale * row["high"]], [place, place], color=ink,
                          linewidth=on.points / 7)
            axis.plot([scale * row["difference"]], [place], _MARKS.get(row["verdict"], "o"),
                      color=ink, linestyle="none",
                      label=None if row["verdict"] in said else row["verdict"])
            said.add(row["verdict"])
        axis.set_yticks(range(len(rows)),
                        [lab_label(names, row["lab"], on.letters(0.3)) for row in rows])
        axis.set(ylim=(len(rows) - 0.5, -0.5), xlabel=f"{words}, other − base, {unit}")
        axis.grid(axis="x")
        axis.tick_params(axis="y", length=0)
        plain_ticks(axis, "x", short)
        figure.legend(loc="outside upper left", ncols=3, handletextpad=0.2)

    return drawn(
        paint, name=f"difference-{measure}", sheet=on,
        height_mm=on.height_of_rows(len(rows) + 1.5),
        about=about(about_it, n=int(rows[0]["n"]), seed=seed), units={"x": unit, "y": ""},
        caption=f"What the other world changes in the {words} of each lab, under the same "
                "disasters. Lines: 95 % intervals of the paired difference; where one holds 0, n "
                "years cannot tell.")
