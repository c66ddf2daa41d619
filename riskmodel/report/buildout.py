"""Build-out to 2030: the layers of each lab, its fan with and without shocks, and its suppliers."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from riskmodel.compute.buildout import ALL_LAYERS, build_out
from riskmodel.compute.buildout_draws import PLAN, WITH, WITHOUT, BuildOutDraws, draw_build_out
from riskmodel.compute.buildout_fan import build_out_causes, build_out_fan
from riskmodel.compute.deal_numbers import LAYER_OF
from riskmodel.compute.supply_dependence import NAMED, supply_dependence
from riskmodel.errors import RiskModelError
from riskmodel.report.buildout_figure import build_out_fan_figure
from riskmodel.report.context import Context, Section, records
from riskmodel.report.names import UNKNOWN_LAB, Names
from riskmodel.report.numbers import number, percent, whole
from riskmodel.report.page import render, whole_page
from riskmodel.world.wholefile import write_whole

if TYPE_CHECKING:
    from riskmodel.world.world import World

TITLE = "Build-out to 2030"
MOST_LABS = 6
#: draws of the section of a report, fewer than what the command takes
DRAWS = 1000
CAUSES = {"slips": "ordinary slips", "chip_supply": "late chips",
          "transformers": "transformers", "export_control": "export rules",
          "kinetic_strike": "campaigns", "all shocks": "all four"}
LAYER_WORDS = {"energised": "energised", "scheduled": "dated", "contracted": "contracted",
               "announced": "announced", "up_to": "up to"}
_LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)


def build(context: Context) -> Section:
    """Write the section for the labs that plan most, with few draws."""
    if context.world is None:
        return _missing("there is no world to read")
    try:
        layers = build_out(context.world)
        labs = largest(layers, lab=context.lab)
        if context.lab and not labs:
            return _missing(f"{context.subject} is not known to hold or plan anything")
        if not labs:
            return _missing("no lab is known to hold or plan anything")
        drawn = draw_build_out(context.world, labs, draws=DRAWS,
                               seed=context.losses.seed or 0)
        suppliers = supply_dependence(context.world, labs)
    except RiskModelError as error:
        return _missing(str(error))
    return written(context.names, context.world, layers, drawn, suppliers)


def largest(layers: pd.DataFrame, most: int = MOST_LABS, lab: str = "") -> list[str]:
    """Return the named labs, or only ``lab``, with most MW energised or dated on the last day."""
    last = layers[(layers["date"] == layers["date"].max())
                  & layers["layer"].isin(["energised", "scheduled"])]
    mw = last.groupby("lab")["it_mw"].sum()
    mw = mw[mw.index == lab] if lab else mw
    mw = mw[(mw > 0) & (mw.index != UNKNOWN_LAB)].sort_values(ascending=False, kind="stable")
    return [str(lab) for lab in mw.index[:most]]


def written(names: Names, world: World, layers: pd.DataFrame, drawn: BuildOutDraws,
            suppliers: pd.DataFrame) -> Section:
    """Write the section from the frames of ``build_out``, its draws and ``supply_dependence``."""
    fan = build_out_fan(world, drawn=drawn, levels=_LEVELS)
    causes = build_out_causes(world, drawn=drawn)
    fan = fan[fan["unit"] == "MW"]
    labs = list(drawn.labs)
    days = list(drawn.days)
    panels = []
    for place, lab in enumerate(labs):
        by_case = cases_of(fan, lab)
        panels.append({"name": names.lab(lab), "svg": build_out_fan_figure(
            days, by_case[PLAN][0.5], by_case[WITHOUT], by_case[WITH], key=f"build-out-{place}",
            title=names.lab(lab))})
    shown = _worst_day(causes, days)
    body = render(
        "buildout.html.j2", panels=panels, n=drawn.n, labs={lab: names.lab(lab) for lab in labs},
        layers=[_layer_row(layers, lab, day) for lab in labs for day in (days[0], days[-1])],
        words=LAYER_WORDS, last=days[-1].isoformat(), first=days[0].isoformat(),
        causes=_cause_rows(causes, labs, shown), cause_words=CAUSES, shown=shown.isoformat(),
        said=_said(names, fan, labs[0], shown), suppliers=_supplier_rows(suppliers, labs),
        supplier_names=[supplier for _, supplier in NAMED], seed=drawn.seed,
        apart=_apart(layers, labs, days[-1]))
    return Section("build-out", TITLE, body)


def cases_of(fan: pd.DataFrame, lab: str) -> dict[str, dict[float, list[float]]]:
    """Return MW on each day of one lab: case -> level -> values in the order of days."""
    mine = fan[(fan["lab"] == lab) & (fan["unit"] == "MW")]
    return {case: {float(str(level)): part["value"].tolist() for level, part in
                   mine[mine["case"] == case].groupby("level")}
            for case in (PLAN, WITHOUT, WITH)}


def write_build_out(world: World, layers: pd.DataFrame, drawn: BuildOutDraws,
                    suppliers: pd.DataFrame, path: str | Path) -> Path:
    """Write the build-out as a page of its own and return its path."""
    section = written(Names(world), world, layers, drawn, suppliers)
    about = [f"World of {world.as_of}" if world.as_of else "A world without a date",
             f"{whole(drawn.n)} draws", f"seed {drawn.seed}"]
    if drawn.worlds > 1:
        about.append(f"{whole(drawn.worlds)} worlds")
    last = drawn.it_mw[PLAN][:, :, -1].mean(axis=0).sum()
    figures = [(number(float(last)), "MW IT", f"energised or dated by {drawn.days[-1]}, "
                f"{len(drawn.labs)} labs")]
    target = Path(path)
    write_whole(target, whole_page(title=TITLE, sections=[section], about=about, figures=figures))
    return target


def _worst_day(causes: pd.DataFrame, days: list[dt.date]) -> dt.date:
    """Return the year's end on which shocks take most from all labs together."""
    ends = [day for day in days[1:] if (day.month, day.day) == (12, 31)] or days[-1:]
    taken = causes[causes["cause"] == "all shocks"].groupby("date")["value"].sum()
    return max(ends, key=lambda day: float(taken.get(day.isoformat(), 0.0)))


def _layer_row(layers: pd.DataFrame, lab: str, day: dt.date) -> dict[str, Any]:
    mine = layers[(layers["lab"] == lab) & (layers["date"] == day.isoformat())]
    cells = {row["layer"]: row for row in records(mine)}
    return {"lab": lab, "date": day.isoformat(), "cells": [cells[layer] for layer in ALL_LAYERS],
            "total": cells[ALL_LAYERS[-1]]["cumulative_mw"]}


def _apart(layers: pd.DataFrame, labs: list[str], day: dt.date) -> dict[str, float]:
    """Return the MW that are not counted, by what their deals are."""
    rows = layers[(layers["date"] == day.isoformat()) & layers["lab"].isin(labs)
                  & ~layers["layer"].isin([*ALL_LAYERS, *LAYER_OF])]
    sums = rows.groupby("layer")["it_mw"].sum()
    return {str(word).replace("_", "-"): float(mw) for word, mw in
            zip(sums.index, sums.to_numpy(float).tolist(), strict=True)}


def _cause_rows(causes: pd.DataFrame, labs: list[str], day: dt.date) -> list[dict[str, Any]]:
    rows = causes[causes["date"] == day.isoformat()]
    found = {(row["lab"], row["cause"]): row for row in records(rows)}
    return [{"lab": lab, "planned": found[lab, "slips"]["planned_mw"],
             "cells": [found.get((lab, cause)) for cause in CAUSES]} for lab in labs]


def _supplier_rows(suppliers: pd.DataFrame, labs: list[str]) -> list[dict[str, Any]]:
    rows = []
    for lab in labs:
        for layer in ("energised", "contracted"):
            mine = suppliers[(suppliers["lab"] == lab) & (suppliers["layer"] == layer)]
            if not len(mine):
                continue
            found = {(row["role"], row["supplier"]): row for row in records(mine)}
            unnamed = found.get(("designer", "unknown"), {"value": 0.0})
            rows.append({"lab": lab, "layer": layer, "unknown": unnamed["value"],
                         "mw": float(mine["layer_mw"].to_numpy(float)[0]),
                         "cells": [_share(found, role, supplier) for role, supplier in NAMED]})
    return rows


def _share(found: dict[tuple[str, str], dict[str, Any]], role: str, supplier: str
           ) -> dict[str, Any]:
    row = found.get((role, supplier))
    unnamed = found.get((role, "unknown"), {"value": 0.0})["value"]
    low, value, high = ((row["low"], row["value"], row["high"]) if row is not None
                        else (0.0, 0.0, unnamed))
    return {"value": value, "shown": percent(value),
            "bounds": f"{percent(low)} to {percent(high)}" if high - low > 5e-4 else ""}


def _said(names: Names, fan: pd.DataFrame, lab: str, day: dt.date) -> str:
    mine = fan[(fan["lab"] == lab) & (fan["date"] == day.isoformat())]
    at = {(row["case"], row["level"]): row["value"] for row in records(mine)}
    return (f"{names.lab(lab)} is planned to have {number(at[PLAN, 0.5])} MW on {day}. With the "
            f"slips that are usual, half of the draws have {number(at[WITHOUT, 0.5])} MW or more; "
            f"with shocks {number(at[WITH, 0.5])} MW, and one in twenty less than "
            f"{number(at[WITH, 0.05])} MW (without shocks {number(at[WITHOUT, 0.05])} MW).")


def _missing(why: str) -> Section:
    return Section("build-out", TITLE, render("missing.html.j2", what="The build-out", why=why))
