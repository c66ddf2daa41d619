"""How an estimate settles as years are added."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskmodel.errors import RiskModelError
from riskmodel.figures.context import chosen_lab, context_of, refuse_story
from riskmodel.figures.drawing import drawn
from riskmodel.figures.foot_facts import about
from riskmodel.figures.labels import name_whose, plain_ticks, who_words
from riskmodel.figures.palette import colour
from riskmodel.figures.sheet import sheet
from riskmodel.measures.convergence import convergence as running
from riskmodel.measures.estimators import Z95
from riskmodel.report.curves import MOST_BAND
from riskmodel.report.numbers import whole

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from riskmodel.engine.losses.losses import Losses
    from riskmodel.world.world import World

MEASURES = {"aal": "average annual loss", "p_loss": "share of years with a loss",
            "var": "loss of the worst {:g} % of years, or more",
            "tvar": "mean of the worst {:g} % of years"}


def convergence(losses: Losses, measure: str = "tvar", level: float | None = None,
                lab: str | None = None, *, world: World | None = None, size: str = "double",
                width_mm: float | None = None) -> Figure:
    """Draw the estimate after the first n years, with its band of 1.96 standard errors.

    The numbers are those of ``rm.convergence``.

    Parameters
    ----------
    measure : "aal", "p_loss", "var" or "tvar" ; level : of var and tvar, .99 if not given
    lab : all labs together if not given ; world, size, width_mm : see ``exceedance``

    Raises
    ------
    RiskModelError : see ``rm.convergence``; nothing was lost
    """
    refuse_story(losses, "convergence")
    who = chosen_lab(losses, lab)
    if measure in ("var", "tvar") and level is None:
        level = 0.99
    context = context_of(losses, world)
    found = running(context.losses, measure, level, who).dropna(subset=["value"])
    if found.empty or not found["value"].max() > 0:
        raise RiskModelError(f"convergence: no loss of {who} was seen; simulate more years, or "
                             "name another lab")
    on = sheet(size, width_mm)
    words = MEASURES[measure].format(100 * (1 - (level or 0.0)))
    unit = "share of years" if measure == "p_loss" else (
        "MW-days a year" if measure == "aal" else "MW-days")

    def paint(figure: Figure) -> None:
        axis = figure.subplots()
        n, value = found["n"].to_numpy(float), found["value"].to_numpy(float)
        reach = Z95 * found["se"].fillna(0.0).to_numpy(float)
        axis.fill_between(n, value - reach, value + reach, color=colour("c2"), alpha=0.18,
                          linewidth=0)
        axis.plot(n, value, color=colour("c2"))
        axis.axhline(value[-1], color=colour("soft"), linewidth=on.points / 14,
                     linestyle=(0, (3, 3)))
        axis.set(xscale="log", xlim=(n[0], n[-1]), xlabel="simulated years",
                 ylabel=("share of years" if measure == "p_loss" else f"{words},\n{unit}"))
        axis.set_xticks([step for power in range(6) for step in (10**power, 3 * 10**power)
                         if n[0] <= step <= n[-1]])
        # few years have wide bands; they are cut so that the rest can be seen
        axis.set_ylim(0, min(float((value + reach).max()), MOST_BAND * float(value.max())))
        axis.grid(axis="y")
        name_whose(axis, context.names, who, on.letters(0.7))
        plain_ticks(axis, "x", whole)
        plain_ticks(axis, "y", lambda at: f"{at:,.6g}")

    return drawn(
        paint, name="convergence", sheet=on, height_mm=on.height_mm(0.65 if on.narrow else 0.4),
        about=about(context.losses), units={"x": "years", "y": unit},
        caption=f"{words[0].upper()}{words[1:]} of {who_words(context.names, who)} after the "
                f"first n simulated years. Band: {Z95:.2f} standard errors; dashed: the estimate "
                "from all years.")
