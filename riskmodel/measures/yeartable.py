"""Reading the year table of ``Losses``: one array of year losses per lab, or one of the total."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmodel.engine.long.long_run import LongRun
from riskmodel.engine.losses.losses import Losses
from riskmodel.engine.outages.rare_years import refuse_weighted
from riskmodel.errors import RiskModelError
from riskmodel.measures.long_run import ranked
from riskmodel.measures.rows import TOTAL

Floats = NDArray[np.float64]


def require_annual(losses: Losses, what: str) -> None:
    """Refuse annual measures of a story."""
    if losses.kind != "annual":
        raise RiskModelError(
            f"{what} is an annual measure, and these are the losses of a {losses.kind}, not of "
            "simulated years; read losses.years, or contributions(losses, measure='total')")


def one_of(value: str, allowed: Sequence[str], what: str) -> str:
    """Return ``value`` if it is allowed; else an error with the nearest word."""
    if value not in allowed:
        near = get_close_matches(str(value), list(allowed), n=1)
        hint = f"; did you mean {near[0]!r}?" if near else "."
        raise RiskModelError(f"{what} is {value!r}{hint} Give one of: {', '.join(allowed)}")
    return value


def names_of(losses: Losses, by: str) -> tuple[str, ...]:
    """Return the labs, or the one word ``total``."""
    return losses.labs if one_of(by, ("lab", TOTAL), "by") == "lab" else (TOTAL,)


def capacity_of(losses: Losses, by: str) -> dict[str, float]:
    """Return the IT capacity in MW of each lab, or of all together."""
    if by == TOTAL:
        return {TOTAL: float(np.sum(losses.capacity_mw))}
    return dict(zip(losses.labs, (float(mw) for mw in losses.capacity_mw), strict=True))


def split_by_lab(frame: pd.DataFrame, column: str, labs: Sequence[str]) -> dict[str, Floats]:
    """Return the values of ``column`` of each lab, in no stated order."""
    codes = pd.Index(list(labs)).get_indexer(pd.Index(frame["lab"]))
    values = frame[column].to_numpy(dtype=float)
    order = np.argsort(codes, kind="stable")
    edges = np.searchsorted(codes[order], np.arange(len(labs) + 1))
    values = values[order]
    return {lab: values[edges[i]:edges[i + 1]] for i, lab in enumerate(labs)}


def sum_by(keys: NDArray, values: Floats) -> tuple[NDArray, Floats]:
    """Return the distinct keys, sorted, and the sum of the values of each."""
    distinct, codes = np.unique(keys, return_inverse=True)
    sums = np.bincount(codes, weights=values, minlength=distinct.size)
    return distinct, np.asarray(sums, dtype=float)


def year_totals(losses: Losses, lab: str | None, *,
                weighted: bool = False) -> tuple[NDArray, Floats]:
    """Return the years with a loss and the loss of each: of one lab, or of all (None, "total").

    Here and below: years that carry weights are refused unless the caller says that it knows.
    """
    _check_weights(losses, weighted)
    frame = losses.years
    if lab is not None and lab != TOTAL:
        one_of(lab, losses.labs, "lab")
        frame = frame[(frame["lab"] == lab).to_numpy()]
    return sum_by(frame["year"].to_numpy(), frame["lost_mw_days"].to_numpy(dtype=float))


def _check_weights(losses: Losses, weighted: bool) -> None:
    if not weighted:
        refuse_weighted(losses)


def year_losses(losses: Losses, by: str) -> dict[str, Any]:
    """Return the year losses (AEP basis) of each lab, or of all together.

    Arrays; of a long run a summary that the estimators read as well.
    """
    refuse_weighted(losses)
    if isinstance(losses, LongRun):
        return dict(ranked(losses, by, "aep"))
    if by == TOTAL:
        return {TOTAL: year_totals(losses, None)[1]}
    return split_by_lab(losses.years, "lost_mw_days", losses.labs)


def year_series(losses: Losses, by: str, what: str, *,
                weighted: bool = False) -> dict[str, tuple[NDArray, Floats]]:
    """Return years and their values, of each lab or of all together.

    ``what`` is "lost" (AEP basis), "largest" (OEP basis) or a column of ``losses.adequacy``. Years
    without a value are left out.
    """
    _check_weights(losses, weighted)
    if what == "largest" and by == TOTAL:
        return {TOTAL: _largest_of_all(losses)}
    frame = losses.years if what in ("lost", "largest") else losses.adequacy
    if frame is None:
        raise RiskModelError("the shortfall of calendar years was not computed")
    column = {"lost": "lost_mw_days", "largest": "max_event_mw_days"}.get(what, what)
    if by == TOTAL:
        return {TOTAL: sum_by(frame["year"].to_numpy(), frame[column].to_numpy(dtype=float))}
    years = split_by_lab(frame, "year", losses.labs)
    values = split_by_lab(frame, column, losses.labs)
    return {lab: (years[lab].astype(np.int64), values[lab]) for lab in losses.labs}


def largest_event_losses(losses: Losses, by: str) -> dict[str, Any]:
    """Return the largest single event of each year (OEP basis) of each lab, or of all together.

    That of all together is the largest sum over labs of one event, not the sum of the labs'
    largest. Where the causes are not known (a bare year table of several labs) it is NaN.
    """
    refuse_weighted(losses)
    if isinstance(losses, LongRun):
        return dict(ranked(losses, by, "oep"))
    if by == "lab":
        return split_by_lab(losses.years, "max_event_mw_days", losses.labs)
    return {TOTAL: _largest_of_all(losses)[1]}


def _largest_of_all(losses: Losses) -> tuple[NDArray, Floats]:
    causes = losses.causes
    if not len(causes):
        years = losses.years["year"].to_numpy()
        if losses.years["lab"].nunique() <= 1:
            return years, losses.years["max_event_mw_days"].to_numpy(dtype=float)
        return np.unique(years), np.full(losses.years["year"].nunique(), np.nan)
    keys = causes["event"].to_numpy()
    events, codes = np.unique(keys, return_inverse=True)
    lost = np.bincount(codes, weights=causes["lost_mw_days"].to_numpy(dtype=float),
                       minlength=events.size)
    year_of = np.empty(events.size, dtype=causes["year"].to_numpy().dtype)
    year_of[codes] = causes["year"].to_numpy()
    years, place = np.unique(year_of, return_inverse=True)
    largest = np.zeros(years.size)
    np.maximum.at(largest, place, lost)
    return years, largest
