"""Figures for papers and slides, from the numbers of the report.

Each function takes what a measure returns and gives a ``matplotlib.figure.Figure``; ``write``
puts it into a file, the same bytes for the same numbers. Names are loaded when first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

#: figure -> module that draws it
FIGURES = {
    "exceedance": "exceedance_curve",
    "contributions": "contribution_bars",
    "convergence": "running_estimate",
    "world_map": "region_map",
    "year": "year_course",
    "stress_heat": "heat_cells",
    "diversification": "arrangement_dots",
    "firm_mw": "arrangement_dots",
    "frontier": "frontier_line",
    "build_out": "build_out_fans",
    "training": "run_day_dots",
    "tornado": "tornado_bars",
    "difference": "difference_marks",
    "backtests": "forecast_marks",
    "restoration": "forecast_marks",
}
_OTHER = {"About": "foot_facts", "about": "foot_facts", "Note": "drawing", "note": "drawing",
          "write": "files"}

__all__ = ["FIGURES", *FIGURES, *_OTHER]


def __getattr__(name: str) -> Any:
    module = FIGURES.get(name) or _OTHER.get(name)
    if module is None:
        raise AttributeError(f"module 'riskmodel.figures' has no attribute {name!r}; its figures "
                             f"are {', '.join(FIGURES)}")
    value = getattr(import_module(f"riskmodel.figures.{module}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(set(__all__) | set(globals()))


if TYPE_CHECKING:
    from riskmodel.figures.arrangement_dots import diversification, firm_mw
    from riskmodel.figures.build_out_fans import build_out
    from riskmodel.figures.contribution_bars import contributions
    from riskmodel.figures.difference_marks import difference
    from riskmodel.figures.drawing import Note, note
    from riskmodel.figures.exceedance_curve import exceedance
    from riskmodel.figures.files import write
    from riskmodel.figures.foot_facts import About, about
    from riskmodel.figures.forecast_marks import backtests, restoration
    from riskmodel.figures.frontier_line import frontier
    from riskmodel.figures.heat_cells import stress_heat
    from riskmodel.figures.region_map import world_map
    from riskmodel.figures.run_day_dots import training
    from riskmodel.figures.running_estimate import convergence
    from riskmodel.figures.tornado_bars import tornado
    from riskmodel.figures.year_course import year
