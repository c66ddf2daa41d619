"""The page of ``riskmodel stress``: scenarios, portfolios, grids, and what it takes in reverse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from riskmodel.decisions.reverse.reverse_stress import ReverseStress
from riskmodel.decisions.stress.suite import Suite
from riskmodel.measures.yeartable import TOTAL
from riskmodel.report import grid_section, portfolio_section, reverse_section, suite_page
from riskmodel.report.names import Names
from riskmodel.report.numbers import number
from riskmodel.report.page import whole_page
from riskmodel.world.wholefile import write_whole

if TYPE_CHECKING:
    from riskmodel.world.world import World


def write_stress(suite: Suite, path: str | Path, *, sites: bool = False,
                 table: pd.DataFrame | None = None, grids: Sequence[pd.DataFrame] = (),
                 reverse: Sequence[tuple[str, ReverseStress]] = (),
                 worlds: Mapping[str, World] | None = None) -> Path:
    """Write the page as one HTML file and return its path; see ``render_stress``."""
    target = Path(path)
    write_whole(target, render_stress(suite, sites=sites, table=table, grids=grids,
                                      reverse=reverse, worlds=worlds))
    return target


def render_stress(suite: Suite, *, sites: bool = False, table: pd.DataFrame | None = None,
                  grids: Sequence[pd.DataFrame] = (),
                  reverse: Sequence[tuple[str, ReverseStress]] = (),
                  worlds: Mapping[str, World] | None = None) -> str:
    """Return the page as text.

    Parameters
    ----------
    suite : the scenarios whose stories are told; where there are several portfolios, on the first
    table : of ``stress_table``, where there are several portfolios
    grids : frames of ``stress_grid``
    reverse : (name of the portfolio, answer)
    worlds : portfolio -> world on which grids and reverse questions were asked; the first one
        gives the names
    sites : name single sites; without it the page speaks of regions
    """
    world = next(iter((worlds or {}).values()), None)
    if world is None and suite.played:
        world = suite.played[0].world
    names = Names(world, sites)
    sections = []
    if table is not None and len(table):
        titles = {each.scenario.scenario_id: each.scenario.name for each in suite.played}
        sections.append(portfolio_section.build(table, titles, names))
    elif suite.played or suite.left_out or not (grids or reverse):
        sections.append(suite_page.table_section(suite))
    sections += [grid_section.build(grid, names, place) for place, grid in enumerate(grids, 1)]
    if reverse:
        sections.append(reverse_section.build(reverse, names))
    sections += suite_page.told_sections(suite, sites)
    days = sorted({str(each.world.as_of or "no date") for each in suite.played}
                  | {str(each.as_of or "no date") for each in (worlds or {}).values()})
    return whole_page(
        title=suite_page.TITLE, sections=sections,
        about=[f"worlds of {', '.join(days)}", "given stories, nothing drawn"],
        figures=_figures(suite, table, grids, reverse))


def _figures(suite: Suite, table: pd.DataFrame | None, grids: Sequence[pd.DataFrame],
             reverse: Sequence[tuple[str, ReverseStress]]) -> list[tuple[str, str, str]]:
    figures = suite_page.figures(suite) if suite.played or not (grids or reverse) else []
    if table is not None and len(table):
        figures.append((number(table["portfolio"].nunique()), "portfolios", "under each of them"))
    if grids:
        cells = sum(int((grid["lab"] == TOTAL).sum()) for grid in grids)
        figures.append((number(cells), "outages", "of every combination asked for"))
    if reverse:
        done = sum(found.found for _, found in reverse)
        figures.append((f"{done} of {len(reverse)}", "questions", "in reverse: something "
                        "does it"))
    return figures
