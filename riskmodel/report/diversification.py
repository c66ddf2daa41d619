"""What the spread of each lab's sites is worth, beside what the same MW would be elsewhere."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from riskmodel.decisions.diversification.diversification import Diversification, diversification
from riskmodel.decisions.diversification.needed_share import needed_share_figures
from riskmodel.decisions.diversification.text import quote, shown_table
from riskmodel.errors import RiskModelError
from riskmodel.report.arrangement_figure import (
    ARRANGEMENTS,
    arrangement_dots,
    needed_share_curves,
)
from riskmodel.report.context import Context, Section, records
from riskmodel.report.names import clean
from riskmodel.report.page import render

if TYPE_CHECKING:
    from riskmodel.engine.losses.courses import Courses

TITLE = "What diversification is worth"
MOST_LABS, MOST_QUOTES, MOST_CURVES = 12, 7, 7


def build(context: Context) -> Section:
    """Write the section from a run; what it cannot stand on, it says."""
    if not context.annual:
        return _missing("this is a story, and a story has no average year")
    found = worth(context)
    if isinstance(found, str):
        return _missing(found)
    return written(context, *found)


def worth(context: Context) -> tuple[Diversification, pd.DataFrame] | str:
    """Return the worth of each lab's spread and its dependence on the needed share, or why not."""
    from riskmodel.report.first_years import first_courses, low_confidence

    if "diversification" not in context.kept:
        answer: tuple[Diversification, pd.DataFrame] | str
        try:
            losses, courses = first_courses(context)
            labs = [lab for lab in context.first(MOST_LABS) if lab != "unknown"]
            if not labs:
                raise RiskModelError(f"{context.subject} holds no capacity that is attributed"
                                     if context.lab else "nobody but the unknown holds capacity")
            found = diversification(losses, labs, courses=courses, world=context.world,
                                    low_confidence=low_confidence(context))
            answer = found, _needed(found, losses, courses)
        except RiskModelError as error:
            answer = str(error)
        context.kept["diversification"] = answer
    return context.kept["diversification"]  # type: ignore[no-any-return]


def _needed(found: Diversification, losses: Any, courses: tuple[Courses, Courses]) -> pd.DataFrame:
    spread = found.labs[found.labs["sites"] > 1]
    frames = [needed_share_figures(losses, lab, courses=courses)
              for lab in spread.nlargest(MOST_CURVES, "capacity_mw")["lab"]]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def written(context: Context, found: Diversification, needed: pd.DataFrame) -> Section:
    """Write the section from answers that are at hand."""
    names = {lab: context.names.lab(lab) for lab in found.labs["lab"]}
    table = shown_table(found)
    table = table.sort_values("capacity_mw", ascending=False, kind="stable")
    rows = []
    for row in records(table):
        row["name"] = names[row["lab"]]
        row["region"] = context.names.region(row["largest_region"])
        row["beyond"] = {name: abs(row[name]) > 1.96 * row[f"{name}_se"]
                         for name in ("aal", "tvar", "eue", "money")}
        rows.append(row)
    spread = [row for row in rows if row["sites"] > 1]
    quotes = [quote(found, row["lab"], row["name"], row["region"]) for row in spread[:MOST_QUOTES]]
    curves = ""
    if len(needed):
        efc = needed[needed["measure"] == "efc"]
        labs = [row["lab"] for row in spread if row["lab"] in set(efc["lab"])]
        curves = needed_share_curves(efc, {lab: names[lab] for lab in labs},
                                     {row["lab"]: row["capacity_mw"] for row in rows},
                                     key="needed-share")
    body = render("diversification.html.j2", rows=rows, quotes=quotes, price=found.price,
                  level=found.level, years=1 / (1 - found.level), n=found.n_years,
                  dots=_dots(found, spread[:MOST_QUOTES]), curves=curves,
                  keys=list(ARRANGEMENTS.values()), any_note=bool((table["efc_note"] != "").any()))
    return Section("diversification", TITLE, body)


def days_of_all(found: Diversification, lab: str) -> dict[str, tuple[float, float]]:
    """Return the tail of each arrangement of a lab in days of all its capacity, with its error."""
    mw = float(found.labs.loc[found.labs["lab"] == lab, "capacity_mw"].iloc[0])
    tail = found.placed[(found.placed["measure"] == "tvar") & (found.placed["lab"] == lab)]
    mine = {row["arrangement"]: (float(row["value"]), float(row["se"])) for row in records(tail)}
    return {name: (mine[name][0] / mw, mine[name][1] / mw) for name in ARRANGEMENTS
            if not math.isnan(mine[name][0])}


def _dots(found: Diversification, rows: Sequence[dict[str, Any]]) -> Any:
    if not rows:
        return ""
    return arrangement_dots(
        [{"name": row["name"], "dots": days_of_all(found, row["lab"])} for row in rows],
        key="arrangements",
        unit=f"days of all its capacity lost in the worst 1 in {1 / (1 - found.level):,.0f} years")


def _missing(why: str) -> Section:
    return Section("diversification", TITLE, render(
        "missing.html.j2", what="The worth of diversification", why=clean(why, 300)))
