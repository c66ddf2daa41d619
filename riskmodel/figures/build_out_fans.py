"""The build-out: the record's plan, what slips leave of it, and what shocks do."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from riskmodel.compute.buildout_draws import PLAN, WITH, WITHOUT
from riskmodel.errors import RiskModelError
from riskmodel.figures.drawing import drawn
from riskmodel.figures.foot_facts import DRAWS, About, day_of
from riskmodel.figures.labels import lab_label, plain_ticks
from riskmodel.figures.palette import colour
from riskmodel.figures.sheet import sheet
from riskmodel.measures.yeartable import one_of
from riskmodel.report.buildout import cases_of
from riskmodel.report.names import Names
from riskmodel.report.numbers import nice_ticks, whole

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from riskmodel.world.world import World

MOST_PANELS = 12
_OUTER, _INNER = (0.05, 0.95), (0.25, 0.75)


def build_out(fan: pd.DataFrame, about_it: World | About, *,
              labs: Sequence[str] | str | None = None, size: str = "double",
              width_mm: float | None = None) -> Figure:
    """Draw what each lab has energised on each day, a panel a lab.

    Parameters
    ----------
    fan : of ``rm.build_out_fan`` with the levels .05, .25, .5, .75 and .95
    about_it : the world it was made from, for names and the foot line
    labs : all of the frame if not given, at most 12
    size, width_mm : see ``exceedance``

    Raises
    ------
    RiskModelError : an unknown lab, or a level that is not in the frame
    """
    known = [str(lab) for lab in dict.fromkeys(fan["lab"])]
    given = known if labs is None else [labs] if isinstance(labs, str) else list(labs)
    chosen = [one_of(lab, known, "lab") for lab in given][:MOST_PANELS]
    if not chosen:
        raise RiskModelError("build_out: the frame is empty; give what rm.build_out_fan returned")
    cases = {lab: cases_of(fan, lab) for lab in chosen}
    missing = {0.5, *_OUTER, *_INNER} - set(cases[chosen[0]][WITH])
    if missing:
        raise RiskModelError("build_out: the frame has not the levels "
                             f"{', '.join(f'{level:g}' for level in sorted(missing))}; make it "
                             "with rm.build_out_fan's own levels")
    days = [dt.date.fromisoformat(str(day)) for day in dict.fromkeys(fan["date"])]
    on = sheet(size, width_mm)
    across = min(len(chosen), 2 if on.narrow else 3)
    down = math.ceil(len(chosen) / across)
    names = Names(None if isinstance(about_it, About) else about_it)

    def paint(figure: Figure) -> None:
        axes = list(figure.subplots(down, across, squeeze=False).flat)
        for place, (axis, lab) in enumerate(zip(axes, chosen, strict=False)):
            _panel(axis, days, cases[lab])
            axis.set_title(lab_label(names, lab, on.letters(0.72 / across)))
            if place % across == 0:
                axis.set_ylabel("IT power, GW")
        for axis in axes[len(chosen):]:
            axis.remove()
        handles, words = axes[0].get_legend_handles_labels()
        figure.legend(handles, words, loc="outside upper left", ncols=1 if on.narrow else 3)

    first = fan.iloc[0]
    as_of = about_it.as_of if isinstance(about_it, About) else day_of(about_it)
    more = (f"{whole(first['worlds'])} worlds",) if first["worlds"] > 1 else ()
    ratio = (0.75 if on.narrow else 0.45) if len(chosen) == 1 else 0.8 * down / across + 0.1
    return drawn(
        paint, name="build-out", sheet=on, height_mm=on.height_mm(ratio),
        about=About(int(first["n"]), int(first["seed"]), as_of, DRAWS, more),
        units={"x": "date", "y": "GW"},
        caption="IT power that each lab has energised: as the record plans it, with the slips "
                "that are usual (line: half of the draws, thin lines: nine in ten between them), "
                "and with shocks to supply on top (line: half of the draws, darker band: half of "
                "them, band: nine in ten).")


def _panel(axis: Axes, days: list[dt.date], cases: dict[str, dict[float, list[float]]]) -> None:
    from matplotlib.dates import DateFormatter, YearLocator

    def gw(case: str, level: float) -> list[float]:
        return [mw / 1000.0 for mw in cases[case][level]]

    for low, high in (_OUTER, _INNER):
        axis.fill_between(days, gw(WITH, low), gw(WITH, high), color=colour("c1"), alpha=0.2,  # type: ignore[arg-type]
                          linewidth=0)
    axis.plot(days, gw(PLAN, 0.5), color=colour("ink"), linewidth=0.7,  # type: ignore[arg-type]
              label="planned by the record")
    for level in _OUTER:
        axis.plot(days, gw(WITHOUT, level), color=colour("c2"), linewidth=0.6)  # type: ignore[arg-type]
    axis.plot(days, gw(WITHOUT, 0.5), color=colour("c2"), label="with usual slips")  # type: ignore[arg-type]
    axis.plot(days, gw(WITH, 0.5), color=colour("c1"), linestyle=(0, (4, 2)),  # type: ignore[arg-type]
              label="with shocks on top")
    ticks = nice_ticks(max(gw(PLAN, 0.5)) or 1.0)
    axis.set(xlim=(days[0], days[-1]), ylim=(0, ticks[-1]), yticks=ticks)  # type: ignore[arg-type]
    axis.xaxis.set_major_locator(YearLocator(1 if (days[-1] - days[0]).days < 2200 else 2))
    axis.xaxis.set_major_formatter(DateFormatter("%Y"))
    axis.grid(axis="y")
    plain_ticks(axis, "y", lambda at: f"{at:.4g}")
