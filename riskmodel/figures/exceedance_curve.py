"""Exceedance curves with their bands: how much is lost in a year of a given rarity."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from riskmodel.errors import BeyondSpanWarning, RiskModelError
from riskmodel.figures.context import chosen_lab, context_of, refuse_story
from riskmodel.figures.drawing import drawn
from riskmodel.figures.foot_facts import about
from riskmodel.figures.labels import TOTAL, lab_label, name_whose, plain_ticks, who_words
from riskmodel.figures.palette import colour
from riskmodel.figures.sheet import sheet
from riskmodel.measures.measure import exceedance as points
from riskmodel.report.curves import BAND, band, periods, top
from riskmodel.report.numbers import nice_ticks, short, whole

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from riskmodel.engine.losses.losses import Losses
    from riskmodel.world.world import World

BASES = {"aep": ("all losses of a year (AEP)", "c2", "-"),
         "oep": ("its largest event (OEP)", "c1", (0, (4, 2)))}
MOST_PANELS = 12


def exceedance(losses: Losses, labs: Sequence[str] | str | None = None, *,
               basis: Sequence[str] | str = ("aep", "oep"), world: World | None = None,
               size: str = "double", width_mm: float | None = None) -> Figure:
    """Draw exceedance curves, a panel a lab, with bands of 1.96 standard errors.

    The numbers are those of ``rm.exceedance`` at the report's return periods, which end where five
    years are left beyond.

    Parameters
    ----------
    losses : result of ``simulate`` or ``read_losses``
    labs : one lab, several, or "total"; all labs together if not given
    basis : "aep", "oep" or both
    world : gives names to labs, where the losses do not hold it
    size, width_mm : "single" (85 mm), "double" (178 mm), "slide" (254 mm), or a width

    Returns
    -------
    matplotlib figure; axes: return period in years (logarithmic), MW-days

    Raises
    ------
    RiskModelError : a story, an unknown lab or basis, too few years, or nothing lost
    """
    refuse_story(losses, "exceedance")
    given = [labs] if isinstance(labs, str) or labs is None else list(labs)
    chosen = list(dict.fromkeys(chosen_lab(losses, lab) for lab in given))
    bases = [basis] if isinstance(basis, str) else list(basis)
    if not bases or any(name not in BASES for name in bases):
        raise RiskModelError(f"exceedance: basis is {basis!r}; give aep, oep or both")
    if not 0 < len(chosen) <= MOST_PANELS:
        raise RiskModelError(f"exceedance: {len(chosen)} labs; name 1 to {MOST_PANELS}")
    context = context_of(losses, world)
    grid = periods(losses.n_years)
    if not grid:
        raise RiskModelError(f"exceedance: {losses.n_years} years are too few for a curve; "
                             "simulate more")
    curves = {lab: {name: _curve(losses, name, lab, grid) for name in bases} for lab in chosen}
    lost = [lab for lab, by in curves.items()
            if any(len(curve) and curve["lost_mw_days"].max() > 0 for curve in by.values())]
    if not lost:
        raise RiskModelError(f"exceedance: no loss of {', '.join(chosen)} was seen in "
                             f"{whole(losses.n_years)} years; simulate more, or name another lab")
    on = sheet(size, width_mm)
    across = min(len(chosen), 2 if on.narrow else 3)
    down = math.ceil(len(chosen) / across)

    def paint(figure: Figure) -> None:
        axes = figure.subplots(down, across, squeeze=False).flat
        for axis, lab in zip(axes, chosen, strict=False):
            _panel(axis, curves[lab])
            if len(chosen) > 1:
                axis.set_title(lab_label(context.names, lab, on.letters(0.72 / across)))
        for axis in list(axes)[len(chosen):]:
            axis.remove()
        first = figure.axes[0]
        if len(chosen) == 1:
            name_whose(first, context.names, chosen[0], on.letters(0.7))
            first.set(xlabel="return period, years", ylabel="lost capacity, MW-days")
            first.legend(loc="upper left")
        else:
            for place, axis in enumerate(figure.axes):
                if place % across == 0:
                    axis.set_ylabel("lost, MW-days")
                if place + across >= len(chosen):
                    axis.set_xlabel("return period, years")
            handles, words = first.get_legend_handles_labels()
            figure.legend(handles, words, loc="outside upper left", ncols=1 if on.narrow else 3)

    who = ", ".join(who_words(context.names, lab) for lab in chosen)
    words = " and of ".join(BASES[name][0] for name in bases)
    ratio = 0.68 if len(chosen) == 1 and on.narrow else (
        0.45 if len(chosen) == 1 else 0.85 * down / across)
    return drawn(
        paint, name="exceedance" if len(chosen) == 1 else "exceedance-labs", sheet=on,
        height_mm=on.height_mm(ratio), about=about(losses), units={"x": "years", "y": "MW-days"},
        caption=f"Exceedance curves of {who}: lost capacity of {words} that is reached or passed "
                f"once in so many years on average. Bands: {BAND} standard errors of simulation.")


def _curve(losses: Losses, basis: str, lab: str, grid: list[float]) -> pd.DataFrame:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", BeyondSpanWarning)  # weighted years may end earlier
        found = points(losses, basis, by=TOTAL if lab == TOTAL else "lab", return_periods=grid)
    return found[found["lab"] == lab].dropna(subset=["lost_mw_days"])


def _panel(axis: Axes, curves: dict[str, pd.DataFrame]) -> None:
    for basis, curve in curves.items():
        if curve.empty:
            continue
        word, ink, dash = BASES[basis]
        low, high = band(curve)
        axis.fill_between(curve["return_period"], low, high, color=colour(ink), alpha=0.18,
                          linewidth=0)
        axis.plot(curve["return_period"], curve["lost_mw_days"], color=colour(ink),
                  linestyle=dash, label=word)  # type: ignore[arg-type]
    ticks = nice_ticks(top(list(curves.values())))
    last = max(float(curve["return_period"].max()) for curve in curves.values() if len(curve))
    axis.set(xscale="log", xlim=(1, last), ylim=(0, ticks[-1]), yticks=ticks)
    axis.set_xticks([period for period in (1, 10, 100, 1_000, 10_000, 100_000)
                     if period <= last * 1.001])
    axis.grid(axis="y")
    plain_ticks(axis, "x", whole)
    plain_ticks(axis, "y", short)
