"""Days of a training run that are lost, a lab a line: rigid, quorum and elastic."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from riskmodel.errors import RiskModelError
from riskmodel.figures.drawing import drawn
from riskmodel.figures.foot_facts import About, about
from riskmodel.figures.labels import lab_label, plain_ticks
from riskmodel.figures.palette import colour
from riskmodel.figures.sheet import sheet
from riskmodel.report.names import Names
from riskmodel.report.numbers import short
from riskmodel.report.progress_figure import RUNS
from riskmodel.report.training import cells_of, run_days

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from riskmodel.engine.losses.losses import Losses
    from riskmodel.world.world import World

MEASURES = {"aal": "an average year", "tvar": "the worst 1 in {:,.0f} years"}
MOST = 10
_FEW_DECADES = 50.0
_LEAST = 1e-3  # days; what is below is drawn at the edge


def training(table: pd.DataFrame, about_it: Losses | World | About, *, measure: str = "tvar",
             lab: str | None = None, most: int = MOST, seed: int | None = None,
             world: World | None = None, size: str = "double", width_mm: float | None = None
             ) -> Figure:
    """Draw the days that a run over all of a lab's sites loses, by how the run stands a loss.

    Parameters
    ----------
    table : of ``rm.training_losses``
    about_it : the losses it was made from, for the foot line
    measure : "tvar" (the worst years) or "aal" (the average year)
    lab : one lab; those that lose most if not given ; most : labs
    world, size, width_mm : see ``exceedance``

    Raises
    ------
    RiskModelError : an unknown measure, or no lab of the table lost anything
    """
    if measure not in MEASURES:
        raise RiskModelError(f"training: measure is {measure!r}; give aal or tvar")
    cells, labs = cells_of(table)
    on = sheet(size, width_mm)
    chosen = [each for each in labs if lab in (None, each) and run_days(cells[each], measure)]
    if not chosen:
        raise RiskModelError("training: " + (f"{lab} lost nothing, or is not in the table" if lab
                                             else "no lab of the table lost anything"))
    chosen = chosen[:on.rows(most, lines=1.5)]
    names = Names(world or getattr(about_it, "world", None))
    of = table[table["measure"] == measure].iloc[0]
    words = MEASURES[measure].format(1 / (1 - of["level"]) if of["level"] < 1 else math.nan)

    def paint(figure: Figure) -> None:
        axis = figure.subplots()
        for place, (run, (word, ink)) in enumerate(RUNS.items()):
            for row, each in enumerate(chosen):
                bars = run_days(cells[each], measure)
                if run not in bars:
                    continue
                value, low, high = (max(end, _LEAST) for end in bars[run])
                y = row + (place - 1) * 0.24
                if low == low and high == high:
                    axis.plot([low, high], [y, y], color=colour(ink), linewidth=on.points / 8)
                axis.plot([value], [y], "o", color=colour(ink), markersize=0.42 * on.points,
                          label=word if row == 0 else None)
        axis.set(xscale="log", ylim=(len(chosen) - 0.5, -0.5),
                 xlabel="lost of the run in " + words + ", days")
        low, high = axis.get_xlim()
        if high / low < _FEW_DECADES:
            axis.set_xticks([step * 10.0**power for power in range(-4, 6) for step in (1, 2, 5)
                             if low <= step * 10.0**power <= high])
        axis.set_yticks(range(len(chosen)),
                        [lab_label(names, each, on.letters(0.3)) for each in chosen])
        axis.grid(axis="x")
        axis.tick_params(axis="y", length=0)
        plain_ticks(axis, "x", short)
        figure.legend(loc="outside upper left", ncols=1 if on.narrow else 3, handletextpad=0.2)

    return drawn(
        paint, name="training", sheet=on,
        height_mm=on.height_of_rows(1.5 * len(chosen) + (3 if on.narrow else 1)),
        about=about(about_it, n=int(table["n"].max()), seed=seed), units={"x": "days", "y": ""},
        caption=f"Days of a training run over all of a lab's sites that are lost in {words}: of a "
                "run that needs every site, one that needs three quarters of them, and one that "
                "goes on with what is left. Lines: 95 % intervals of simulation.")
