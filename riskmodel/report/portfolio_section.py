"""Section: scenarios on several portfolios, all labs together and lab by lab."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from riskmodel.measures.yeartable import TOTAL
from riskmodel.report.context import Section
from riskmodel.report.heat import SHADES, bounds, labs_in_order, shade
from riskmodel.report.names import UNKNOWN_LAB, Names, clean
from riskmodel.report.numbers import number
from riskmodel.report.page import render

KEY = "portfolios"


def build(table: pd.DataFrame, titles: Mapping[str, str], names: Names) -> Section:
    """Write the section; ``table`` is of ``stress_table``, ``titles`` name the scenarios."""
    portfolios = list(table["portfolio"].unique())
    total = table[table["lab"] == TOTAL]
    order = total.groupby("scenario")["lost_mw_days"].max().sort_values(ascending=False).index
    cells = total.set_index(["scenario", "portfolio"])["lost_mw_days"].to_dict()
    first = portfolios[0]
    rows = [{"id": scenario, "name": clean(titles.get(scenario, scenario), 100),
             "cells": [_cell(cells.get((scenario, each), math.nan),
                             cells.get((scenario, first), math.nan) if each != first else math.nan)
                       for each in portfolios]} for scenario in order]
    labs = labs_in_order(table)
    return Section(KEY, "What each portfolio loses", render(
        "portfolios.html.j2", portfolios=[clean(each) for each in portfolios], rows=rows,
        labs=[{"id": lab, "name": "Unknown" if lab == UNKNOWN_LAB else names.lab(lab)}
              for lab in labs],
        details=[_detail(table[table["portfolio"] == each], each, order, labs, titles)
                 for each in portfolios],
        bounds=bounds(), shades=len(SHADES)))


def _detail(mine: pd.DataFrame, portfolio: str, order: pd.Index, labs: list[str],
            titles: Mapping[str, str]) -> dict[str, Any]:
    lost = mine.set_index(["scenario", "lab"])["lost_mw_days"].to_dict()
    held = mine.drop_duplicates("lab").set_index("lab")["capacity_mw"].to_dict()
    days = mine.drop_duplicates("scenario").set_index("scenario")["world_as_of"].to_dict()
    return {"name": clean(portfolio), "mw": number(held.get(TOTAL, math.nan)), "rows": [
        {"id": scenario, "name": clean(titles.get(scenario, scenario), 100),
         "day": days[scenario], "total": _cell(lost[scenario, TOTAL]),
         "cells": [_cell(lost.get((scenario, lab), math.nan)) for lab in labs]}
        for scenario in order if scenario in days]}


def _cell(lost: float, against: float = math.nan) -> dict[str, Any]:
    change = lost / against - 1 if against > 0 else math.nan
    words = "" if math.isnan(change) else "=" if abs(change) < 5e-4 else f"{100 * change:+.3g} %"
    return {"lost": lost, "shade": shade(lost), "change": words.replace("-", "−")}
