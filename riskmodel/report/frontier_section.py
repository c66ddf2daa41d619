"""How far each lab is from the best spread of its MW: average against tail, as it is and at best.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riskmodel.decisions.allocation.check import AS_IS
from riskmodel.decisions.allocation.shadow_words import tail_words
from riskmodel.decisions.allocation.spread_frontier import (
    FEWEST,
    FRONTIER,
    SpreadFrontier,
    spread_frontier,
)
from riskmodel.errors import RiskModelError
from riskmodel.report.context import Context, Section
from riskmodel.report.first_years import first_courses
from riskmodel.report.names import UNKNOWN_LAB, clean
from riskmodel.report.page import render
from riskmodel.report.spread_figure import AMONG, TODAY, spread_figure

if TYPE_CHECKING:
    from riskmodel.engine.losses.courses import Courses
    from riskmodel.engine.losses.losses import Losses

KEY, TITLE = "frontier", "How far from the best spread"
MOST_LABS = 4
LEVELS = (0.99, 0.95)  # the first that half of the years can hold
_CLEAR = 1.96


def build(context: Context) -> Section:
    """Write the section from the first years of a run; what it cannot stand on, it says."""
    if not context.annual:
        return _missing("this is a story, and a story has no average year")
    if context.world is None:
        return _missing("the world was not given with the losses")
    try:
        losses, courses = first_courses(context)
    except RiskModelError as error:
        return _missing(str(error))
    half = losses.n_years // 2 // losses.worlds * losses.worlds
    level = next((each for each in LEVELS if half * (1 - each) >= FEWEST - 1e-9), None)
    if level is None:
        return _missing(f"{losses.n_years:,} years are too few: half of them must leave {FEWEST} "
                        f"beyond {LEVELS[-1]:.0%}; simulate more years")
    labs = [context.lab] if context.lab else sorted(
        (lab for lab in context.ranked if lab != UNKNOWN_LAB),
        key=lambda lab: -context.capacity[lab])[:MOST_LABS]
    booked = courses[0 if losses.booking == "occurrence" else 1]
    rows, pictures = [], []
    for place, lab in enumerate(labs):
        found = _found(losses, lab, level, booked)
        if found is None:
            continue
        name = context.names.lab(lab)
        rows.append(_row(lab, name, found))
        pictures.append({"name": name, "svg": spread_figure(found, key=f"spread-{place}",
                                                            name=name)})
    if not rows:
        return _missing(f"{context.called('total')} holds nothing that could be split")
    first = next(iter(rows))
    return Section(KEY, TITLE, render(
        "frontier.html.j2", rows=rows, pictures=pictures, tail=tail_words(level), level=level,
        n_fitted=first["n_fitted"], n_fresh=first["n_fresh"], keys=[TODAY, *AMONG.values()],
        among=list(AMONG)))


def _found(losses: Losses, lab: str, level: float, courses: Courses
           ) -> dict[str, SpreadFrontier] | None:
    try:
        return {among: spread_frontier(losses, lab, among, level=level, courses=courses)
                for among in AMONG}
    except RiskModelError:
        return None  # it holds nothing on this day


def _row(lab: str, name: str, found: dict[str, SpreadFrontier]) -> dict[str, Any]:
    """Return the lab as it is, and against the best of each set of sites."""
    one = next(iter(found.values()))
    row: dict[str, Any] = {"lab": lab, "name": name, "mw": one.mw, "n_fitted": one.n_fitted,
                           "n_fresh": one.n_fresh, "now": _pair(one, AS_IS)}
    for among, each in found.items():
        sites = each.splits[each.splits["limit"] == each.nearest]
        row[among] = {"best": _pair(each, FRONTIER), "apart": _pair(each, "difference"),
                      "sites": int(sites["candidate"].nunique()),
                      "used": int((sites["mw"] > 1e-6 * each.mw).sum())}
    return row


def _pair(found: SpreadFrontier, split: str) -> dict[str, tuple[float, float, bool]]:
    """Return value, error and whether it is beyond chance, of average and tail."""
    return {measure: (value, se, bool(abs(value) > _CLEAR * se)) for measure in ("aal", "tvar")
            for value, se in [found.of(split, measure)]}


def _missing(why: str) -> Section:
    return Section(KEY, TITLE, render("missing.html.j2", what="The best spread",
                                      why=clean(why, 300)))
