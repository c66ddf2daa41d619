"""Section: a grid of outages, a small table a place, and who is hit by the worst of each."""

from __future__ import annotations

from typing import Any

import pandas as pd

from riskmodel.measures.yeartable import TOTAL
from riskmodel.report.context import Section
from riskmodel.report.heat import bounds, shade
from riskmodel.report.names import UNKNOWN_LAB, Names, clean
from riskmodel.report.page import render
from riskmodel.report.place_names import place_name


def build(grid: pd.DataFrame, names: Names, number: int) -> Section:
    """Write the section of the grid ``number``; ``grid`` is a frame of ``stress_grid``."""
    peril = str(grid["peril"].iloc[0])
    words = names.peril(peril)
    total = grid[grid["lab"] == TOTAL]
    worst = grid[(grid["duration_h"] == grid["duration_h"].max())
                 & (grid["depth"] == grid["depth"].max())]
    alone = worst[(worst["lab"] != TOTAL) & (worst["capacity_mw"] > 0)]
    sums = alone.groupby("lab")["lost_mw_days"].sum()
    labs = sorted(sums[sums > 0].index, key=lambda lab: (lab == UNKNOWN_LAB, -sums[lab], lab))
    portfolios = []
    for portfolio, mine in total.groupby("portfolio", sort=False):
        places = [_place(str(where), part, names)
                  for where, part in mine.groupby("where", sort=False)]
        hit = alone[alone["portfolio"] == portfolio].set_index(["where", "lab"])["lost_share_peak"]
        portfolios.append({
            "name": clean(portfolio), "places": places,
            "worst": [{"name": place["name"], "shares": [
                float(hit.get((place["id"], lab), float("nan"))) for lab in labs]}
                for place in places]})
    return Section(f"grid-{number}", f"Outages by place, length and depth: {words}", render(
        "grid.html.j2", portfolios=portfolios, several=len(portfolios) > 1, key=f"grid-{number}",
        durations=[hours_word(value) for value in sorted(total["duration_h"].unique())],
        labs=["Unknown" if lab == UNKNOWN_LAB else names.lab(lab) for lab in labs],
        longest=hours_word(float(grid["duration_h"].max())), deepest=float(grid["depth"].max()),
        bounds=bounds()))


def _place(where: str, part: pd.DataFrame, names: Names) -> dict[str, Any]:
    lost = part.set_index(["depth", "duration_h"])["lost_mw_days"]
    durations = sorted(part["duration_h"].unique())
    nodes = int(part["nodes"].iloc[0])
    return {"id": where, "name": place_name(where, names), "nodes": nodes, "rows": [
        {"depth": float(depth), "cells": [
            {"lost": float(lost[depth, hours]), "shade": shade(float(lost[depth, hours]))}
            for hours in durations]} for depth in sorted(part["depth"].unique())]}


def hours_word(hours: float) -> str:
    """Return hours as a heading: 12 h, 4 days."""
    days = hours / 24
    return f"{hours:g} h" if hours < 48 else f"{days:.3g} days"
