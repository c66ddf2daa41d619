"""Where a lab's next MW would do least harm: the split, its check, its prices, its frontier."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from riskmodel.decisions.allocation.check import AS_IS, CHOSEN, EQUAL, FITTED, FRESH, pick
from riskmodel.decisions.allocation.shadow_words import tail_words
from riskmodel.decisions.allocation.text import check_words, price_lines, split_lines
from riskmodel.report.context import Section
from riskmodel.report.frontier_figure import frontier_figure
from riskmodel.report.names import Names, clean
from riskmodel.report.numbers import number, whole
from riskmodel.report.page import render, whole_page
from riskmodel.world.wholefile import write_whole

if TYPE_CHECKING:
    from riskmodel.decisions.allocation.allocation import Allocation
    from riskmodel.decisions.allocation.frontier import Frontier

TITLE = "Where to put the next MW"
SPLITS = {CHOSEN: "This split", EQUAL: "Evenly over the candidates",
          AS_IS: "Where the lab is today"}
#: rows of the table of places; the rest is summed in one
_MOST_PLACES = 25
_LONG = 160


def build(found: Allocation, curve: Frontier | None = None, *, sites: bool = False) -> Section:
    """Write the section; ``sites`` names single sites, without it places go by region."""
    names = Names(found.world, sites)
    places = _places(found, names, sites)
    shown = found.rows.to_dict("records")
    body = render(
        "allocation.html.j2", places=places[:_MOST_PLACES], rest=_rest(places[_MOST_PLACES:]),
        lab=names.lab(found.lab), mw=found.mw, beside=found.existing and found.years.held_mw > 0,
        held=found.years.held_mw, n=found.years.n_years, tail=tail_words(found.level),
        money=found.price, replicates=found.replicates, splits=_splits(found),
        said=check_words(found), fresh=found.fresh is not None,
        prices=[clean(f"{line}.", _LONG * 2)
                for line in price_lines(found, named=_namer(names, sites))],
        rows=[{**row, "name": clean(row["name"], _LONG)} for row in shown],
        unit=found.objective_unit, notes=_notes(found), gap=found.split.gap,
        curve=None if curve is None else frontier_figure(curve, key="frontier"),
        curve_what="" if curve is None else curve.what,
        left_out=[] if curve is None else [_limit(curve, limit) for limit in curve.left_out])
    return Section("allocation", TITLE, body)


def write_allocation(found: Allocation, path: str | Path, curve: Frontier | None = None, *,
                     sites: bool = False) -> Path:
    """Write the section as a page of its own and return its path."""
    section = build(found, curve, sites=sites)
    about = [f"World of {found.world.as_of}" if found.world.as_of else "A world without a date",
             f"{whole(found.years.n_years)} simulated years", f"seed {found.years.seed}"]
    if found.years.worlds > 1:
        about.append(f"{whole(found.years.worlds)} worlds")
    sample = FITTED if found.fresh is None else FRESH
    figures = [(number(found.mw), "MW", "to place"),
               (number(float((found.table["mw"] > 0).sum())), "places",
                f"of {len(found.table)} candidates")]
    figures += [(number(pick(found.summary, sample, split)[0]), "MW-days",
                 f"{tail_words(found.level)}: {SPLITS[split].lower()}")
                for split in (CHOSEN, EQUAL)]
    title = f"Where to put {number(found.mw)} MW for {Names(found.world).lab(found.lab)}"
    text = whole_page(title=title, sections=[section], about=about, figures=figures)
    target = Path(path)
    write_whole(target, text)
    return target


def _namer(names: Names, sites: bool) -> Callable[[str, str], str]:
    """Return what names a candidate: itself if sites are named, else its region."""
    return lambda site, region: names.node(site) if sites else f"a site in {names.region(region)}"


def _places(found: Allocation, names: Names, sites: bool) -> list[dict[str, Any]]:
    lines = split_lines(found, sites=sites)
    top = max((mw for _, mw, _, _ in lines), default=1.0)
    return [{"name": names.node(name) if sites else names.region(name), "mw": mw, "low": low,
             "high": high, "share": mw / found.mw, "width": 100 * mw / top,
             "redrawn": not np.isnan(low)} for name, mw, low, high in lines]


def _rest(places: list[dict[str, Any]]) -> dict[str, Any] | None:
    if not places:
        return None
    return {"count": len(places), "mw": sum(place["mw"] for place in places),
            "share": sum(place["share"] for place in places)}


def _splits(found: Allocation) -> list[dict[str, Any]]:
    """Return a row a split: its tail on fitted and on fresh years, its average."""
    last = FITTED if found.fresh is None else FRESH
    rows = []
    for split, name in SPLITS.items():
        fitted, fresh = (pick(found.summary, sample, split) for sample in (FITTED, FRESH))
        if np.isnan(fitted[0]):
            continue
        rows.append({"name": name, "fitted": fitted, "fresh": fresh,
                     "aal": pick(found.summary, last, split, measure="aal")})
    return rows


def _notes(found: Allocation) -> list[str]:
    """Return the notes as sentences that name no site."""
    return [clean(f"{note[0].upper()}{note[1:]}.", 400) for note in found.notes]


def _limit(curve: Frontier, limit: float) -> str:
    return f"{limit:,.6g}" if curve.along == "budget" else f"{100 * limit:.3g} %"
