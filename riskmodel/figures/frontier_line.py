"""A frontier: the least tail against the limit that is turned, with its band."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskmodel.decisions.allocation.check import FITTED, FRESH
from riskmodel.decisions.allocation.shadow_words import tail_words
from riskmodel.figures.drawing import drawn
from riskmodel.figures.foot_facts import About, about
from riskmodel.figures.labels import label, plain_ticks
from riskmodel.figures.palette import colour
from riskmodel.figures.sheet import sheet
from riskmodel.report.numbers import nice_ticks, short

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from riskmodel.decisions.allocation.frontier import Frontier
    from riskmodel.engine.losses.losses import Losses
    from riskmodel.world.world import World


def frontier(curve: Frontier, about_it: Losses | World | About, *, seed: int | None = None,
             size: str = "double", width_mm: float | None = None) -> Figure:
    """Draw the best tail at each limit, its band, and the same splits on fresh years.

    Parameters
    ----------
    curve : of ``rm.frontier``
    about_it : the losses or the world it was made from, for the foot line ; seed : of its years
    size, width_mm : see ``exceedance``
    """
    on = sheet(size, width_mm)
    tail = curve.table[curve.table["measure"] == "tvar"]
    lines = {name: tail[tail["sample"] == name].sort_values("limit") for name in (FITTED, FRESH)}
    fitted = lines[FITTED]
    money = curve.along == "budget"
    what = label(curve.what if money else curve.what.removesuffix(", share") + ", %", 60)

    def paint(figure: Figure) -> None:
        axis = figure.subplots()
        axis.fill_between(fitted["limit"], fitted["low"], fitted["high"], color=colour("c2"),
                          alpha=0.18, linewidth=0)
        for name, ink, dash in ((FITTED, "c2", "-"), (FRESH, "c1", (0, (4, 2)))):
            if len(lines[name]):
                axis.plot(lines[name]["limit"], lines[name]["value"], color=colour(ink),
                          linestyle=dash, marker="o", markersize=0.35 * on.points,
                          label=f"{name} years")
        ticks = nice_ticks(float(tail[["value", "high"]].max().max()))
        axis.set(ylim=(0, ticks[-1]), yticks=ticks, xlabel=what,
                 ylabel="mean of the worst years, MW-days")
        axis.grid(axis="y")
        plain_ticks(axis, "x", short if money else lambda share: f"{100 * share:.0f} %")
        plain_ticks(axis, "y", short)
        axis.legend(loc="lower left")

    unit = what.rpartition(", ")[2] if money else "%"
    return drawn(
        paint, name="frontier", sheet=on, height_mm=on.height_mm(0.68 if on.narrow else 0.42),
        about=about(about_it, n=int(fitted["n"].max()), seed=seed),
        units={"x": unit, "y": "MW-days"},
        caption=f"The least {tail_words(curve.level)} of {label(curve.lab, 40)} against {what}. "
                "Band: 90 % of the best values when the years are drawn again and the split is "
                "made anew; dashed: the same splits on years they were not made from.")
