"""The first years of a run again, watching every site: what several sections read."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from riskmodel.engine.courses import Courses, booked_courses
from riskmodel.engine.losses import Losses
from riskmodel.measures.confidence import low_confidence_share
from riskmodel.report.context import Context

MOST_YEARS = 20_000  # watched: what is kept of a year grows with the sites it hits


def first_courses(context: Context) -> tuple[Losses, tuple[Courses, Courses]]:
    """Return the losses of the first years, and the courses of all sites in them.

    Raises
    ------
    RiskModelError : the run cannot be run again
    """
    if "courses" not in context.kept:
        losses = first_years(context.losses, MOST_YEARS)
        occurrence, calendar = booked_courses(losses, world=context.world)
        context.kept["courses"] = losses, (occurrence, calendar)
    return context.kept["courses"]  # type: ignore[no-any-return]


def first_years(losses: Losses, most: int) -> Losses:
    """Return the losses of the first years of a run, whole rounds of its worlds."""
    n = min(losses.n_years, max(most - most % losses.worlds, losses.worlds))
    if n == losses.n_years:
        return losses
    frames = {name: frame[frame["year"] < n] for name in ("years", "causes", "adequacy")
              if (frame := getattr(losses, name)) is not None}
    return replace(losses, n_years=n, **frames)


def low_confidence(context: Context) -> pd.DataFrame | None:
    """Return the shares of the AAL that rest on low records, computed once."""
    if "low_confidence" not in context.kept:
        context.kept["low_confidence"] = low_confidence_share(context.losses)
    return context.kept["low_confidence"]  # type: ignore[no-any-return]
