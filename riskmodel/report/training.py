"""What the lost years mean for training: compute, progress, months and model loss, lab by lab."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd

from riskmodel.compute.sitechips import unknown_chips
from riskmodel.errors import BeyondSpanWarning, RiskModelError
from riskmodel.report.context import Context, Section, records
from riskmodel.report.first_years import kept_first_years
from riskmodel.report.names import UNKNOWN_LAB
from riskmodel.report.page import render
from riskmodel.report.progress_figure import RUNS, progress_bars

TITLE = "What it means for training"
MOST_LABS, MOST_BARS, ALL_LABS = 20, 10, 100
MEASURES = {"aal": "average year", "tvar": "worst 1 in 100"}
_Cells = dict[tuple[str, str, str], dict[str, Any]]


def build(context: Context) -> Section:
    """Write the section from the first years of the run, run again; or say why it is not there."""
    if not context.annual:
        return _missing("this is a story, and a story has no average year")
    try:
        first = kept_first_years(context)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", BeyondSpanWarning)  # what is not held is a dash
            # thousands of labs are not computed to show a few
            frame = (first.training_of([context.lab]) if context.lab
                     else first.training if len(context.ranked) <= ALL_LABS
                     else first.training_of(context.first(MOST_LABS)))
    except RiskModelError as error:
        return _missing(str(error))
    if frame.empty:
        return _missing(f"{context.subject} trains nothing on that day" if context.lab
                        else "nobody but the unknown holds capacity")
    return written(context, frame, unknown_families(context))


def written(context: Context, frame: pd.DataFrame, unknown: list[dict[str, Any]]) -> Section:
    """Write the section from ``training_losses``."""
    cells, labs = cells_of(frame)
    rows = [{"lab": lab, "name": context.names.lab(lab), "of": cells[lab]}
            for lab in labs[:MOST_LABS]]
    more = sum(lost > 0 for lab, lost in context.lost.items() if lab != UNKNOWN_LAB) - len(rows)
    used = frame[frame["law"] != ""]
    growth = frame[frame["quantity"] == "trend_months_effective"]
    body = render(
        "training.html.j2", rows=rows, more=more, runs=list(RUNS.items()),
        measures=list(MEASURES.items()), n=int(frame["n"].max()),
        all_years=context.losses.n_years, worlds=context.losses.worlds,
        law=used["constants"].iloc[0] if len(used) else "",
        growth=growth["constants"].iloc[0] if len(growth) else "", unknown=unknown,
        figure=progress_bars([_bar(row) for row in rows[:MOST_BARS]], key="progress")
        if rows else "")
    return Section("training", TITLE, body)


def unknown_families(context: Context) -> list[dict[str, Any]]:
    """Return what runs on chips whose power or kind is not known, by family; no site is named."""
    if context.world is None:
        return []
    frame = unknown_chips(context.world)
    frame = frame[frame["it_mw"] > 0]
    if context.lab:
        held = {site: mw for site, mw in context.held.items() if mw > 0}
        frame = frame[frame["site_id"].isin(list(held))]
        frame = frame.assign(it_mw=frame["site_id"].map(held))
    rows = []
    for family, part in frame.groupby("chip_family", sort=False):
        mw = part["it_mw"].to_numpy(float)
        rows.append({
            "family": str(family).replace(";", ", ") or "not published", "sites": len(part),
            "mw": float(mw.sum()),
            "value": float(np.average(part["h100e_per_mw_it"], weights=mw)),
            "low": float(part["h100e_per_mw_it_low"].min()),
            "high": float(part["h100e_per_mw_it_high"].max())})
    return sorted(rows, key=lambda row: -row["mw"])


def _bar(row: dict[str, Any]) -> dict[str, Any]:
    return {"name": row["name"], "bars": run_days(row["of"])}


def run_days(cells: _Cells, measure: str = "tvar") -> dict[str, tuple[float, float, float]]:
    """Return run -> days of it lost, low and high, of one lab's ``cells``."""
    found = {run: cells.get(("lost_run_days", run, measure)) for run in RUNS}
    return {run: (float(one["value"]), float(one["low"]), float(one["high"]))
            for run, one in found.items() if one is not None and one["value"] == one["value"]}


def cells_of(frame: pd.DataFrame) -> tuple[dict[str, _Cells], list[str]]:
    """Return the rows of ``training_losses`` by lab and by (quantity, run, measure).

    With them the labs that lost something, worst first: what nobody lost is not worth a line.
    """
    cells: dict[str, _Cells] = {}
    for row in records(frame):
        cells.setdefault(row["lab"], {})[row["quantity"], row["run"], row["measure"]] = row
    labs = [lab for lab in cells if cells[lab]["mw_days", "", "aal"]["value"] > 0]
    return cells, sorted(labs, key=lambda lab: -cells[lab]["mw_days", "", "aal"]["value"])


def _missing(why: str) -> Section:
    return Section("training", TITLE, render(
        "missing.html.j2", what="What the losses mean for training", why=why))
