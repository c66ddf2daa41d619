"""Which unknown number moves a measure most: a bar from its low to its high end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskmodel.errors import RiskModelError
from riskmodel.figures.drawing import drawn
from riskmodel.figures.foot_facts import About, about
from riskmodel.figures.labels import label, plain_ticks, who_words
from riskmodel.figures.palette import colour
from riskmodel.figures.sheet import sheet
from riskmodel.measures.estimators import Z95
from riskmodel.report.context import records
from riskmodel.report.names import Names
from riskmodel.report.numbers import short

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from riskmodel.engine.losses.losses import Losses
    from riskmodel.world.world import World

MOST = 12
ENDS = {"low": ("number at its 5 % point", "c4"), "high": ("number at its 95 % point", "c2")}


def tornado(table: pd.DataFrame, about_it: Losses | World | About, *, measure: str = "aal",
            seed: int | None = None, most: int = MOST, world: World | None = None,
            size: str = "double", width_mm: float | None = None) -> Figure:
    """Draw what moves the measure most, largest swing first.

    Parameters
    ----------
    table : of ``rm.tornado``
    about_it : the world it was made from, for the foot line ; seed : that it was made with
    measure : "aal" or "tvar" ; most : bars
    world, size, width_mm : see ``exceedance``

    Raises
    ------
    RiskModelError : the table has no row of the measure
    """
    mine = table[table["measure"] == measure]
    if mine.empty:
        raise RiskModelError(f"tornado: the table has no row of {measure!r}; give aal or tvar")
    on = sheet(size, width_mm)
    order = mine["swing"].abs().sort_values(ascending=False, kind="stable").index
    rows = records(mine.loc[order].head(on.rows(most, lines=1.5)))
    base, who, level = float(rows[0]["base"]), str(rows[0]["lab"]), float(rows[0]["level"])
    names = Names(world or (about_it if hasattr(about_it, "perils") else None))  # type: ignore[arg-type]
    unit = "MW-days a year" if measure == "aal" else "MW-days"
    words = "average annual loss" if measure == "aal" else (
        f"mean of the worst {100 * (1 - level):g} % of years")

    def paint(figure: Figure) -> None:
        axis = figure.subplots()
        for end, (word, ink) in ENDS.items():
            axis.barh(range(len(rows)), [row[end] - base for row in rows], left=base, height=0.62,
                      color=colour(ink), label=word)
        far = [max(row["low"], row["high"], key=lambda value: abs(value - base)) for row in rows]
        axis.errorbar(far, range(len(rows)), xerr=[Z95 * row["se"] if row["se"] > 0 else 0.0
                                                   for row in rows],
                      fmt="none", ecolor=colour("ink"), elinewidth=on.points / 12)
        axis.axvline(base, color=colour("ink"), linewidth=on.points / 12)
        axis.set_yticks(range(len(rows)), [
            "\n".join(part for part in (
                label(names.peril(str(row["peril"])), on.letters(0.36)) if row["peril"] else "",
                _ending(str(row["number"]), on.letters(0.36))) if part) for row in rows],
            linespacing=1.0, fontsize=0.82 * on.points)
        axis.invert_yaxis()
        axis.set_xlabel(f"{words}, {unit}")
        axis.grid(axis="x")
        axis.tick_params(axis="y", length=0)
        plain_ticks(axis, "x", short)
        figure.legend(loc="outside upper left", ncols=1 if on.narrow else 2)

    return drawn(
        paint, name="tornado", sheet=on,
        height_mm=on.height_of_rows(1.5 * len(rows) + (2 if on.narrow else 1)),
        about=about(about_it, n=int(rows[0]["n"]), seed=seed), units={"x": unit, "y": ""},
        caption=f"The {words} of {who_words(names, who)} when one number is set to the 5 % and to "
                "the 95 % point of what is known of it, all others at their best (upright line), "
                f"under the same draws. Lines: {Z95:.2f} standard errors of the swing.")


def _ending(number: str, longest: int) -> str:
    """Return the name of a number; of a long one the end, which tells it from its neighbours."""
    return label(number if len(number) <= longest else f"…{number[1 - longest:]}", longest)
