"""The page of ``riskmodel diversify``: what the spread of each lab's sites is worth."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from riskmodel.decisions.diversification.diversification import Diversification
from riskmodel.engine.losses.losses import Losses
from riskmodel.report import diversification as section
from riskmodel.report.context import Context
from riskmodel.report.numbers import number, whole
from riskmodel.report.page import whole_page
from riskmodel.world.wholefile import write_whole

TITLE = "What geographic diversification is worth"


def write_diversification(found: Diversification, needed: pd.DataFrame, losses: Losses,
                          path: str | Path) -> Path:
    """Write the page as one HTML file and return its path."""
    context = Context(losses, losses.world)
    body = section.written(context, found, needed)
    about = [f"World of {context.as_of}" if context.as_of else "A world without a date",
             f"{whole(found.n_years)} simulated years", f"seed {found.seed}"]
    if losses.worlds > 1:
        about.append(f"{whole(losses.worlds)} worlds")
    labs = found.labs
    figures = [(number(float(labs["capacity_mw"].sum())), "MW IT", f"of {len(labs)} labs"),
               (number(float((labs["sites"] > 1).sum())), "labs", "with more than one site")]
    target = Path(path)
    write_whole(target, whole_page(title=TITLE, sections=[body], about=about, figures=figures))
    return target
