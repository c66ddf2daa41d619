"""What a measure is made of: a bar for each cause, with its error."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pandas as pd

from riskmodel.errors import RiskModelError
from riskmodel.figures.context import chosen_lab, context_of
from riskmodel.figures.drawing import drawn
from riskmodel.figures.foot_facts import about
from riskmodel.figures.labels import (
    lab_label,
    label,
    name_whose,
    plain_ticks,
    who_words,
)
from riskmodel.figures.palette import colour
from riskmodel.figures.sheet import sheet
from riskmodel.measures.contributions import contributions as parts
from riskmodel.measures.estimators import Z95
from riskmodel.report.causes import by_name
from riskmodel.report.context import Context, records
from riskmodel.report.numbers import nice_ticks, short

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from riskmodel.engine.losses.losses import Losses
    from riskmodel.world.world import World

BY = ("peril", "region", "node", "lab", "supplier", "site")
#: what a long run knows of all its years
OF_ALL = ("peril", "region", "node", "lab")
MOST = 12
#: share of the whole below which a cause is not worth a bar
SLIVER = 0.005


def contributions(losses: Losses, by: str = "peril", *, measure: str | None = None,
                  level: float | None = None, lab: str | None = None, most: int = MOST,
                  world: World | None = None, size: str = "double",
                  width_mm: float | None = None) -> Figure:
    """Draw what a measure is made of, largest first; the parts add up to it.

    The numbers are those of ``rm.contributions``.

    Parameters
    ----------
    by : "peril", "region", "node" (root nodes; a site goes by its region), "lab", "supplier", or
        "site" (names single sites, and runs the years again)
    measure : "aal", or "tvar" with a ``level``; of a story its "total"
    lab : whose measure; all labs together if not given
    most : bars; what is left is summed in one more
    world, size, width_mm : see ``exceedance``

    Raises
    ------
    RiskModelError : see ``rm.contributions``; nothing was lost
    """
    if by not in BY:
        raise RiskModelError(f"contributions: by is {by!r}; give one of {', '.join(BY)}")
    who = chosen_lab(losses, lab)
    context = context_of(losses, world, sites=by == "site")
    asked = measure or ("aal" if context.annual else "total")
    # of a long run averages are known of all years, tails and sites of its first
    source = losses if asked == "aal" and by in OF_ALL else context.losses
    found = parts(source, asked, level, [by], who, world=context.world)
    found = found[found["value"] > 0].sort_values("value", ascending=False, kind="stable")
    if found.empty:
        raise RiskModelError(f"contributions: {who} lost nothing that has a cause; simulate more "
                             "years, or name another lab")
    if by == "node":  # several nodes may go by one name, such as two sites of a region
        found = by_name(found, by, context.names.node).assign(se=math.nan)
    on = sheet(size, width_mm)
    seen = int((found["value"] >= SLIVER * found["value"].sum()).sum())
    room = on.rows(max(1, min(most, seen)))
    rows = _rows(context, found, by, room, on.letters(0.34))
    unit = "MW-days" if asked == "total" else "MW-days a year"
    if asked == "tvar":
        unit = "MW-days"

    def paint(figure: Figure) -> None:
        axis = figure.subplots()
        places = list(range(len(rows)))
        bars = axis.barh(places, [row["value"] for row in rows], height=0.66,
                         color=[row["colour"] for row in rows])
        if rows[-1]["rest"]:  # not one cause: its outline alone
            bars[-1].set(facecolor="none", edgecolor=colour("c8"), linewidth=on.points / 12)
        known = [place for place in places if rows[place]["se"] > 0]
        axis.errorbar([rows[p]["value"] for p in known], known, fmt="none",
                      xerr=[Z95 * rows[p]["se"] for p in known], ecolor=colour("ink"),
                      elinewidth=on.points / 12)
        axis.set_yticks(places, [row["name"] for row in rows])
        high = max(row["value"] + Z95 * (row["se"] if row["se"] > 0 else 0.0) for row in rows)
        ticks = nice_ticks(high, 4 if on.narrow else 5)
        axis.set(xlim=(0, max(high * 1.02, ticks[-1] if ticks[-1] < 1.15 * high else 0)),
                 xticks=[tick for tick in ticks if tick <= high * 1.15],
                 xlabel=f"{_measure_words(asked, level)}, {unit}")
        axis.invert_yaxis()
        name_whose(axis, context.names, who, on.letters(0.6))
        axis.spines["left"].set_visible(False)
        axis.tick_params(axis="y", length=0)
        axis.grid(axis="x")
        plain_ticks(axis, "x", short)

    held = "" if by == "node" else f" Lines: {Z95:.2f} standard errors of simulation."
    return drawn(
        paint, name=f"contributions-{by}", sheet=on, height_mm=on.height_of_rows(len(rows)),
        about=about(source), units={"x": unit, "y": ""},
        caption=f"What the {_measure_words(asked, level)} of "
                f"{who_words(context.names, who)} is made of, by {by}; the parts add up to "
                f"it.{held}")


def _rows(context: Context, found: pd.DataFrame, by: str, most: int, longest: int
          ) -> list[dict[str, Any]]:
    naming: dict[str, Callable[[str], str]] = {
        "peril": context.names.peril, "region": context.names.region, "node": str,
        "lab": lambda lab: lab_label(context.names, lab, longest), "site": context.names.node,
        "supplier": lambda who: who.replace("_", " ")}
    name = naming[by]
    rows = [{"name": label(name(str(row[by])), longest, str(row[by])),
             "value": float(row["value"]), "se": float(row["se"]), "rest": False,
             "colour": colour(context.colour(str(row[by])) if by == "peril" else "accent")}
            for row in records(found.head(most))]
    rest = found.iloc[most:]
    if len(rest):
        rows.append({"name": f"{len(rest)} more", "value": float(rest["value"].sum()),
                     "se": math.nan, "rest": True, "colour": colour("c8")})
    return rows


def _measure_words(measure: str, level: float | None) -> str:
    if measure == "tvar":
        return f"mean of the worst {100 * (1 - float(level or 0)):g} % of years"
    return "average annual loss" if measure == "aal" else "loss of the story"
