"""The measures of a long run: what its accumulators say of all its years, by the usual formulas.

Bands of ignorance are there for the means, the chance of a loss and the capacity. Those of return
periods and tails would need the years of each world by rank, which are not kept: NaN, with a note.
Their errors count worlds as far as the value is among the largest that are kept one by one (with
the world of each), and are NaN with a note beyond.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from riskmodel.engine.long.accumulators import CAUSES, SERIES
from riskmodel.engine.long.long_run import LongRun
from riskmodel.engine.long.ranked import Moments, Ranked
from riskmodel.errors import RiskModelError
from riskmodel.measures import estimators as est
from riskmodel.measures import worldspread as ws
from riskmodel.measures.rows import TOTAL, add_note, normal, set_band
from riskmodel.measures.worldspread import Floats

NO_TAIL_BAND = "a long run keeps no band of return periods and tails"
NO_TAIL_ERROR = "its error with several worlds is not kept so far down"
_SERIES = {"aal": "lost", "aal_share": "lost", "p_loss": "lost", "lole": "shortfall_days",
           "lolh": "shortfall_h", "eue": "shortfall_mw_days"}


def rows_of(run: LongRun, by: str) -> dict[str, int]:
    """Return the row of the accumulators of each lab, or of all together."""
    if by == TOTAL:
        return {TOTAL: len(run.labs)}
    return {lab: i for i, lab in enumerate(run.labs)}


def ranked(run: LongRun, by: str, basis: str) -> dict[str, Ranked]:
    """Return the year losses ("aep") or largest events ("oep") of each lab, or of all together."""
    each: list[Ranked] = getattr(run.accumulators, basis)
    return {lab: each[row] for lab, row in rows_of(run, by).items()}


def shortfall(run: LongRun, by: str, column: str) -> dict[str, Moments] | None:
    """Return what is known of a column of the adequacy table."""
    if run.adequacy is None:
        return None
    return {lab: run.accumulators.moments_of(column, row)
            for lab, row in rows_of(run, by).items()}


# ---------------------------------------------------------------- contributions


def contributions_of_all(run: LongRun, columns: Sequence[str], of: str) -> pd.DataFrame:
    """Return what each cause costs in an average year: frame ``<cause>, value, share, se``.

    Raises
    ------
    RiskModelError : a split that is not kept
    """
    book, n = run.accumulators, run.n_years
    row = len(run.labs) if of == TOTAL else run.labs.index(of)
    whole = book.aep[row].total / n
    if list(columns) == ["lab"]:
        labs = range(len(run.labs)) if of == TOTAL else [row]
        found = [(run.labs[i], one.total, one.squares) for i in labs
                 if (one := book.aep[i].moments).size]
    elif len(columns) == 1 and columns[0] in CAUSES:
        found = [(word, *amounts[row]) for word, amounts in book.causes[columns[0]].items()
                 if amounts[row, 0] > 0]
    else:
        raise RiskModelError(
            f"contributions: of all years of a long run the AAL can be split by one of "
            f"{', '.join((*CAUSES, 'lab'))}, not by {', '.join(columns)}; give run.first, the "
            "ordinary losses of its first years")
    value, variance = ws.means_from_sums(
        np.full(len(found), float(n)), np.array([total for _, total, _ in found]),
        np.array([squares for *_, squares in found]))
    return pd.DataFrame({
        columns[0]: [word for word, *_ in found], "value": value,
        "share": value / whole if whole else np.nan, "se": np.sqrt(variance)})


# ---------------------------------------------------------------- bands and errors with worlds


class Sums(NamedTuple):
    """Of each world: years, years with a value, and the sums of the values and their squares."""

    years: Floats
    hit: Floats
    total: Floats
    squares: Floats


def _sums(run: LongRun, series: str, row: int) -> Sums:
    hit, total, squares = run.accumulators.moments[SERIES.index(series), row].T
    years = ws.years_of_worlds(run.n_years, run.worlds).astype(float)
    return Sums(years, hit, total, squares)


def long_bands(frame: pd.DataFrame, run: LongRun, by: str) -> pd.DataFrame:
    """Fill the bands of a frame of ``measure``, and widen its errors by what worlds share."""
    rows: list[dict[str, Any]] = []
    for told in frame.to_dict("records"):
        row = {str(key): item for key, item in told.items()}
        place = rows_of(run, by)[row["lab"]]
        mw = run.world_capacity_mw
        size = (np.full(run.worlds, np.nan) if mw is None
                else mw.sum(axis=1) if row["lab"] == TOTAL else mw[:, place])
        name = row["measure"]
        if name == "capacity":
            set_band(row, ws.between(size, np.zeros_like(size)), "")
        elif name in _SERIES:
            if np.isfinite(row["value"]):
                _of_means(row, _sums(run, _SERIES[name], place), size * run.horizon_days)
        else:
            _of_tails(row, getattr(run.accumulators, "oep" if name == "oep" else "aep")[place],
                      _sums(run, "lost", place).years)
            set_band(row, ws.NO_BAND, NO_TAIL_BAND)
        rows.append(row)
    return pd.DataFrame(rows, columns=frame.columns, index=frame.index).astype(
        frame.dtypes.to_dict())


def _of_means(row: dict[str, Any], of: Sums, size: Floats) -> None:
    name, total = row["measure"], float(of.years.sum())
    if name == "p_loss":
        of = of._replace(total=of.hit, squares=of.hit)
    few = of.years.min() < ws.FEWEST_YEARS
    found = ws.NO_BAND if few else ws.between(*ws.means_from_sums(
        of.years, of.total, of.squares, size if name == "aal_share" else None))
    set_band(row, found)
    if not row["value"] > 0:
        return
    base = row["value"] * size if name == "aal_share" else None
    if base is not None and not np.isfinite(base).all():
        return
    variance = ws.pooled_from_sums(of.years, of.total, of.squares, base)
    if name == "p_loss":
        effect = ws.effect_of(variance, total, of.total.sum(), of.squares.sum())
        row["se"] *= np.sqrt(effect)
        n = total / effect
        row["low"], row["high"] = est.share_interval(row["value"] * n, n)
        return
    row["se"] = float(np.sqrt(variance))
    if base is not None:
        row["se"] /= float(of.years @ size) / total
    normal(row)


def _of_tails(row: dict[str, Any], of: Ranked, years: Floats) -> None:
    """Widen the error of a quantile or a tail's mean by what the years of a world share."""
    if not row["value"] > 0:  # NaN as well
        return
    total = float(years.sum())
    name, level = row["measure"], row["level"]
    count = float((est.tail_count_of_period if name in ("aep", "oep")
                   else est.tail_count_of_level)(int(total), level)[0])
    edge = float(est.quantile(of, int(total), count)[0])
    beyond = int((of.top >= edge).sum())
    world = of.worlds_of_largest(beyond)
    if world is None or of.top.size < np.ceil(count):
        row |= {"se": np.nan, "low": np.nan, "high": np.nan}
        add_note(row, NO_TAIL_ERROR)
        return
    if name == "tvar":
        excess = of.top[:beyond] - edge
        sums = of.sums_by_world(excess), of.sums_by_world(excess**2)
    else:
        sums = world.astype(float), world.astype(float)
    effect = ws.effect_of(ws.pooled_from_sums(years, *sums), total, *(one.sum() for one in sums))
    row["se"] *= np.sqrt(effect)
    if name == "tvar":
        normal(row)
        return
    low, high = est.quantile_interval(of, int(total), count, effect=max(effect, 1.0))
    row["low"], row["high"] = float(low[0]), float(high[0])
