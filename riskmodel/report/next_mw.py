"""Where the next MW should go: a map and a ranking of the grid regions, with what is not known."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskmodel.decisions.next_mw.candidate_years import candidate_years
from riskmodel.decisions.next_mw.grid_area import grid_area
from riskmodel.decisions.next_mw.marginal import next_mw
from riskmodel.decisions.next_mw.text import MEASURES, lead_words
from riskmodel.engine.losses.firstyears import first_years
from riskmodel.errors import BeyondSpanWarning, RiskModelError
from riskmodel.measures.yeartable import TOTAL
from riskmodel.report.area_map import area_map, views
from riskmodel.report.context import Context, Section, records
from riskmodel.report.names import UNKNOWN_LAB, Names, clean
from riskmodel.report.numbers import estimate, percent, whole
from riskmodel.report.page import render, whole_page
from riskmodel.report.rank_figure import rank_dots, ranks
from riskmodel.report.shades import bounds
from riskmodel.world.wholefile import write_whole

if TYPE_CHECKING:
    import pandas as pd

    from riskmodel.world.world import World

TITLE = "Where the next MW should go"
KEY = "next-mw"
MOST_YEARS = 5_000  # of a report: they are run again with the candidates in them
MOST_LABS = 6
_LEAST_LACK = 1e-4  # of a capacity credit: below there is one shade
_FEWEST_INSIDE = 2  # regions that are worth a closer picture


def written(found: pd.DataFrame, world: World, *, also: dict[str, pd.DataFrame] | None = None,
            key: str = KEY) -> Section:
    """Write the section of one ranking.

    Parameters
    ----------
    found : the frame of ``next_mw``
    world : its world, for names and outlines
    also : lab -> frame of the same regions for that lab, told in a sentence each
    """
    names = Names(world)
    by = str(found["by"].iat[0])
    lab = _lab(names, str(found["lab"].iat[0]))
    rows = [_row(row, names, by) for row in records(found) if row["rank"] == row["rank"]]
    left_out = [{"name": names.region(row["region"]), "why": clean(row["left_out"], 300)}
                for row in records(found) if row["left_out"]]
    measure = MEASURES[by]
    unit = measure.unit.replace("{money}", str(found["currency"].iat[0]))
    at = bounds([row["value"] for row in rows])
    maps, missing = _maps(world, rows, at, key, f"{measure.name}, {unit}")
    body = render(
        "next_mw.html.j2", rows=rows, key=key, maps=maps, left_out=left_out, by=by, unit=unit,
        name=measure.name, lab=lab, missing=missing,
        said=lead_words(found, names.region, lab),
        labs=[lead_words(frame, names.region, _lab(names, name)) for name, frame in
              (also or {}).items()],
        n=int(found["n"].max()), worlds=int(found["worlds"].max()), mw=float(found["mw"].max()),
        currency=str(found["currency"].iat[0]), tail=1.0 / (1.0 - float(found["level"].max())),
        bounds=[f"{bound:,.6g}" for bound in at],
        dots=rank_dots([{**row, "value": row["shown"], "se": row["shown_se"]} for row in rows],
                       key=f"{key}-ranks", unit=f"{measure.name}, {unit}",
                       title=f"Grid regions ranked by {measure.name}"))
    return Section(key, TITLE, body)


def build(context: Context) -> Section:
    """Write the section from a run: a MW alone, and a sentence for each of the largest labs."""
    if not context.annual:
        return _missing("this is a story, and a story has no average year")
    if "next_mw" not in context.kept:
        context.kept["next_mw"] = _asked(context)
    found = context.kept["next_mw"]
    if isinstance(found, str):
        return _missing(found)
    alone, also, world = found
    return written(alone, world, also=also)


def _asked(context: Context) -> tuple[pd.DataFrame, dict[str, pd.DataFrame], World] | str:
    """Return the ranking of a MW alone and those of the largest labs, or why there are none."""
    try:
        losses = first_years(replace(context.run, world=context.world), MOST_YEARS)
        run = candidate_years(losses)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", BeyondSpanWarning)  # the text says so itself
            labs = sorted((lab for lab in context.ranked if lab != UNKNOWN_LAB),
                          key=lambda lab: -context.capacity[lab])[:MOST_LABS]
            # who asks matters for what a place is worth while one is short, little for its cost
            alone = next_mw(run)
            if not alone["rank"].notna().any():
                return "no grid region of this world can be given a candidate"
            return alone, {lab: next_mw(run, lab, by="credit") for lab in labs}, run.world
    except RiskModelError as error:
        return str(error)


def _missing(why: str) -> Section:
    return Section(KEY, TITLE, render("missing.html.j2", what="The ranking of grid regions",
                                      why=clean(why, 300)))


def write_next_mw(found: pd.DataFrame, world: World, path: str | Path, *, seed: int | None = None
                  ) -> Path:
    """Write the ranking as a page of its own and return its path."""
    section = written(found, world)
    rows = found[found["rank"].notna()]
    n, worlds = (int(found[name].max()) for name in ("n", "worlds"))
    about = [f"World of {world.as_of}" if world.as_of else "A world without a date",
             f"{whole(n)} simulated years"]
    if seed is not None:
        about.append(f"seed {seed}")
    if worlds > 1:
        about.append(f"{whole(worlds)} worlds")
    figures = [(whole(len(rows)), "grid regions", "with a candidate"),
               (whole(int(rows["tied_with_best"].sum())), "of them",
                "cannot be told from the best")]
    lab = _lab(Names(world), str(found["lab"].iat[0]))
    title = f"Where the next MW of {lab} should go" if lab else TITLE
    target = Path(path)
    write_whole(target, whole_page(title=title, sections=[section], about=about, figures=figures))
    return target


def _lab(names: Names, lab: str) -> str:
    """Return what a lab is called in a sentence; nothing for a MW alone."""
    return "all labs together" if lab == TOTAL else names.lab(lab) if lab else ""


def _row(row: dict[str, Any], names: Names, by: str) -> dict[str, Any]:
    """Return a region as the page shows it."""
    name = names.region(row["region"])
    value, se = float(row[by]), float(row[f"{by}_se"])
    # a credit is shaded by what of it is lacking: little is good in every shade
    lacking = max(1.0 - value, _LEAST_LACK) if by == "credit" else value
    told = f"{name}: {estimate(value, se)}, rank {ranks(row)}"
    return {**row, "name": name, "short": clean(row["region"].replace("_", " "), 20),
            "value": lacking, "shown": value, "shown_se": se, "ranks": ranks(row), "text": told,
            "country": names.country(row["country_iso2"]) if row["country_iso2"] else "",
            "theatre_name": ", ".join(names.region(each) for each in row["theatre"].split(";")
                                      if each),
            "share": percent(row["aal_share"])}


def _maps(world: World, rows: list[dict[str, Any]], at: list[float], key: str,
          what: str) -> tuple[list[dict[str, Any]], list[str]]:
    areas = {row["region"]: grid_area(world, row["region"]) for row in rows}
    windows = {name: (title, view) for name, (title, view) in views().items() if view.globe or sum(
        view.holds(row["lon"], row["lat"]) for row in rows) >= _FEWEST_INSIDE}
    closer = [view for _, view in windows.values() if not view.globe]
    found = []
    for window, (title, view) in windows.items():
        drawn = area_map(world, rows, view, at, areas=areas, closer=closer if view.globe else (),
                         key=f"{key}-{window}", what=what,
                         title=f"{title}: grid regions by {what}")
        if drawn is None:
            continue
        found.append({"title": title, "svg": drawn, "small": view.width < 900})
    return found, [row["name"] for row in rows if areas[row["region"]] is None]
