"""The table of scenarios and labs: what each scenario costs each lab, the costliest first."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pandas as pd

from riskmodel.measures.yeartable import TOTAL
from riskmodel.report.context import records
from riskmodel.report.heat import bounds, labs_in_order, shade
from riskmodel.report.names import UNKNOWN_LAB, clean
from riskmodel.report.numbers import percent

YEAR_DAYS = 365.0


def scenario_table(table: pd.DataFrame, titles: Mapping[str, str], lab_name: Callable[[str], str],
                   *, finds_nothing: Iterable[str] = ()) -> dict[str, Any]:
    """Return what ``scenario_table.html.j2`` shows.

    Parameters
    ----------
    table : ``scenario, world_as_of, lab, capacity_mw, lost_mw_days``, of ``stress_suite`` or
        ``stress_table``; the shares shown are of what the lab's capacity on that day is worth in a
        year (``capacity_mw`` x 365)
    titles : scenario -> its name
    finds_nothing : scenarios of which a part finds nothing in its world
    """
    labs = labs_in_order(table)
    marked = set(finds_nothing)
    every = table[table["lab"] == TOTAL].sort_values("lost_mw_days", ascending=False,
                                                     kind="stable")
    of = {(row["scenario"], row["lab"]): row for row in records(table)}
    rows = [{"id": total["scenario"], "name": clean(titles[total["scenario"]], 100),
             "day": str(total["world_as_of"]), "total": _cell(total),
             "cells": [_cell(of.get((total["scenario"], lab))) for lab in labs],
             "nothing": total["scenario"] in marked} for total in records(every)]
    return {"rows": rows, "bounds": bounds(),
            "labs": [{"id": lab, "name": "Unknown" if lab == UNKNOWN_LAB else lab_name(lab)}
                     for lab in labs]}


def _cell(row: Mapping[str, Any] | None) -> dict[str, Any]:
    if row is None or not row["capacity_mw"] > 0:
        return {"lost": math.nan, "shade": 0, "share": ""}
    lost = float(row["lost_mw_days"])
    return {"lost": lost, "shade": shade(lost),
            "share": percent(lost / (row["capacity_mw"] * YEAR_DAYS)) if lost > 0 else ""}
