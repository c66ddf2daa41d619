"""What the spread of a lab's sites is worth: four arrangements of the same MW, and firm MW."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from riskmodel.errors import RiskModelError
from riskmodel.figures.drawing import drawn
from riskmodel.figures.foot_facts import About, about
from riskmodel.figures.labels import lab_label, plain_ticks
from riskmodel.figures.palette import colour
from riskmodel.figures.sheet import sheet
from riskmodel.measures.yeartable import one_of
from riskmodel.report.arrangement_figure import ARRANGEMENTS, BAND
from riskmodel.report.context import records
from riskmodel.report.diversification import days_of_all
from riskmodel.report.names import Names
from riskmodel.report.numbers import short

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from riskmodel.decisions.diversification.diversification import Diversification
    from riskmodel.engine.losses.losses import Losses
    from riskmodel.world.world import World

MOST = 10


def diversification(found: Diversification, about_it: Losses | World | About, *,
                    labs: Sequence[str] | None = None, most: int = MOST,
                    world: World | None = None, size: str = "double",
                    width_mm: float | None = None) -> Figure:
    """Draw the tail of each lab when the same MW stand in four arrangements.

    Parameters
    ----------
    found : of ``rm.diversification``
    about_it : the losses it was made from, or what ``figures.about`` returned: for the foot line
    labs : those with several sites, largest first, if not given
    most : labs ; world, size, width_mm : see ``exceedance``

    Raises
    ------
    RiskModelError : an unknown lab, or none with more than one site
    """
    chosen = _chosen(found, labs)
    on = sheet(size, width_mm)
    chosen = chosen[:on.rows(most, lines=1.6)]
    names = Names(world or getattr(about_it, "world", None))
    dots = {lab: days_of_all(found, lab) for lab in chosen}
    years = f"{1 / (1 - found.level):,.0f}"

    def paint(figure: Figure) -> None:
        axis = figure.subplots()
        for place, (name, (word, ink)) in enumerate(ARRANGEMENTS.items()):
            there = [(row, *dots[lab][name]) for row, lab in enumerate(chosen)
                     if name in dots[lab]]
            if there:
                rows, values, errors = zip(*there, strict=True)
                axis.errorbar(values, [row + (place - 1.5) * 0.17 for row in rows], fmt="o",
                              xerr=[BAND * se if se > 0 else 0.0 for se in errors],
                              color=colour(ink), label=word, markersize=0.42 * on.points,
                              elinewidth=on.points / 9)
        axis.set_yticks(range(len(chosen)),
                        [lab_label(names, lab, on.letters(0.3)) for lab in chosen])
        axis.set(ylim=(len(chosen) - 0.45, -0.55),
                 xlabel=f"worst 1 in {years} years, days of all of a lab's capacity")
        axis.set_xlim(left=0)
        axis.grid(axis="x")
        axis.tick_params(axis="y", length=0)
        plain_ticks(axis, "x", short)
        figure.legend(loc="outside upper left", ncols=2 if on.narrow else 4, handletextpad=0.2)

    return drawn(
        paint, name="diversification", sheet=on,
        height_mm=on.height_of_rows(1.6 * len(chosen) + (2.5 if on.narrow else 1.5)),
        about=_about(found, about_it), units={"x": "days", "y": ""},
        caption=f"Mean loss of the worst 1 in {years} years of each lab, in days of all its "
                "capacity, with the same MW in four arrangements: all at its largest site, as it "
                "is, the same sites with fates that are not linked, and even over independent "
                f"copies of the largest. Lines: {BAND} standard errors of simulation.")


def firm_mw(found: Diversification, about_it: Losses | World | About, *,
            labs: Sequence[str] | None = None, most: int = MOST, world: World | None = None,
            size: str = "double", width_mm: float | None = None) -> Figure:
    """Draw what the spread of each lab is worth in MW of capacity that never fails.

    Parameters, errors : as of ``diversification``; labs without an answer (the base never falls
    short) are left out.
    """
    rows = [row for row in records(found.table) if row["comparison"] == "spread"
            and row["measure"] == "efc" and row["value"] == row["value"]]
    known = {row["lab"]: row for row in rows}
    chosen = [lab for lab in _chosen(found, labs) if lab in known]
    if not chosen:
        raise RiskModelError("firm_mw: no lab's firm MW is known: with everything at its largest "
                             "site none falls short of its need; simulate more years")
    on = sheet(size, width_mm)
    chosen = chosen[:on.rows(most)]
    names = Names(world or getattr(about_it, "world", None))

    def paint(figure: Figure) -> None:
        axis = figure.subplots()
        for place, lab in enumerate(chosen):
            row = known[lab]
            axis.plot([row["low"], row["high"]], [place, place], color=colour("c2"),
                      linewidth=on.points / 6, solid_capstyle="round", alpha=0.5)
            axis.plot([row["value"]], [place], "o", color=colour("c2"))
        axis.axvline(0, color=colour("ink"), linewidth=on.points / 14)
        axis.set_yticks(range(len(chosen)),
                        [lab_label(names, lab, on.letters(0.3)) for lab in chosen])
        axis.set(ylim=(len(chosen) - 0.5, -0.5), xlabel="worth of the spread, MW of firm capacity")
        axis.grid(axis="x")
        axis.tick_params(axis="y", length=0)
        plain_ticks(axis, "x", short)

    return drawn(
        paint, name="firm-mw", sheet=on, height_mm=on.height_of_rows(len(chosen)),
        about=_about(found, about_it), units={"x": "MW", "y": ""},
        caption="What the spread of each lab's sites is worth, against the same MW at its largest "
                "site: MW of capacity that never fails and would leave as little of its need "
                "unserved. Bars: 95 % of sampling. Below 0 the spread is worse.")


def _chosen(found: Diversification, labs: Sequence[str] | None) -> list[str]:
    if labs is not None:
        known = [str(lab) for lab in found.labs["lab"]]
        return [one_of(lab, known, "lab") for lab in labs]
    spread = found.labs[found.labs["sites"] > 1].sort_values("capacity_mw", ascending=False,
                                                             kind="stable")
    if spread.empty:
        raise RiskModelError("diversification: no lab has more than one site, so nothing is spread")
    return [str(lab) for lab in spread["lab"]]


def _about(found: Diversification, source: Losses | World | About) -> About:
    return about(source, n=found.n_years, seed=found.seed)
