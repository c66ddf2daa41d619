"""``contributions``: what a measure is made of, in numbers that add up to it.

AAL is additive. TVaR is split by Euler's rule: each cause gives its mean over the years of the tail
of what is explained (co-TVaR); years that tie at VaR share the tail evenly. Standard errors come
from the same estimator: for TVaR, a cause with tail mean ``c`` and mean ``m`` in the years around
VaR has the variance ``[Var(X | tail) + level (c - m)^2] / (n (1 - level))``, of which the error of
TVaR itself is the case X = L.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmodel.engine.losses import Losses
from riskmodel.errors import BeyondSpanWarning, RiskModelError
from riskmodel.measures import estimators as est
from riskmodel.measures.yeartable import TOTAL, Floats, one_of, require_annual, year_totals

CAUSES = ("peril", "region", "node", "lab", "event")
MEASURES = ("aal", "tvar", TOTAL)
#: causes that miss more than this share of the loss are not explained away
_SUMS_TO = 1e-6


def contributions(losses: Losses, measure: str = "aal", level: float | None = None,
                  by: Sequence[str] | str = ("peril",), lab: str | None = None) -> pd.DataFrame:
    """Split a measure by cause.

    Parameters
    ----------
    measure : "aal", "tvar" (with ``level``), or "total" for a story
    by : some of "peril", "region", "node" (the root node), "lab", "event"
    lab : whose measure is explained; None or "total" for all labs together

    Returns
    -------
    frame ``of, lab, <by>, measure, level, value, share, se, unit, n, booking``
        ``of`` is the lab (or "total") whose measure, or whose tail, is explained; ``lab`` is the
        lab that contributes where ``by`` has it, else the same as ``of``. Largest first. The
        values add up to the measure. With "event" rows of no contribution are left out.

    Raises
    ------
    RiskModelError : an unknown word; a story asked for annual measures; a year table that does not
        say what caused the losses
    """
    columns = [by] if isinstance(by, str) else list(by)
    if not columns or len(set(columns)) < len(columns):
        raise RiskModelError("contributions: by needs one or more different columns of "
                             f"{', '.join(CAUSES)}")
    for name in columns:
        one_of(name, CAUSES, "by")
    one_of(measure, MEASURES, "measure")
    if measure == TOTAL:
        if losses.kind == "annual":
            raise RiskModelError("contributions: 'total' is the measure of a story; of simulated "
                                 "years ask for 'aal' or 'tvar'")
    else:
        require_annual(losses, measure)
    if (measure == "tvar") != (level is not None):
        raise RiskModelError("contributions: give a level (such as 0.99) with 'tvar', and only "
                             "with it")

    of = TOTAL if lab in (None, TOTAL) else str(lab)
    years, totals = year_totals(losses, of)
    causes = _causes(losses, columns, of, years, totals)
    weights, count = _weights(losses, measure, level, totals)

    # one cell per year and cause: errors need the year as the unit
    codes, keys = _groups(causes, columns)
    size = len(keys)
    place = np.searchsorted(years, causes["year"].to_numpy())
    cell, cell_of = np.unique(place * max(size, 1) + codes, return_inverse=True)
    lost = causes["lost_mw_days"].to_numpy(dtype=float)
    amount = np.asarray(np.bincount(cell_of, weights=lost, minlength=cell.size), dtype=float)
    cell_year, cell_group = cell // max(size, 1), cell % max(size, 1)

    def sums(values: Floats) -> Floats:
        return np.asarray(np.bincount(cell_group, weights=values, minlength=size), dtype=float)

    part = weights[cell_year]
    value = sums(part * amount) / count
    if measure == TOTAL:
        se = np.zeros(size)
    elif measure == "aal":
        square = sums(amount**2) - count * value**2
        se = (np.sqrt(np.maximum(square, 0.0) / (count - 1) / count) if count > 1
              else np.full(size, np.nan))
    else:
        near = _near_edge(totals, losses.n_years, count)
        at_edge = sums(near[cell_year] * amount)
        variance = np.maximum(sums(part * amount**2) / count - value**2, 0.0)
        tail = np.ceil(count)
        variance *= tail / max(tail - 1, 1)
        spread = variance + (1 - count / losses.n_years) * (value - at_edge) ** 2
        se = np.sqrt(spread / count) if tail > 1 else np.full(size, np.nan)

    whole = float((weights * totals).sum()) / count if totals.size else 0.0
    out = keys
    out.insert(0, "of", of)
    if "lab" in columns:
        out.insert(1, "lab", out.pop("lab"))
    else:
        out.insert(1, "lab", of)
    out["measure"] = measure
    out["level"] = np.nan if level is None else float(level)
    out["value"] = value
    out["share"] = value / whole if whole else np.nan
    out["se"] = se
    out["unit"] = "MW-days"
    out["n"] = losses.n_years
    out["booking"] = losses.booking
    if "event" in columns:
        out = out[out["value"] != 0]
    return out.sort_values(["value", *columns], ascending=[False] + [True] * len(columns),
                           ignore_index=True)


def _causes(losses: Losses, columns: Sequence[str], of: str, years: NDArray, totals: Floats
            ) -> pd.DataFrame:
    """Rows ``year, <columns>, lost_mw_days`` that add up to the loss explained."""
    # who lost is in the year table itself, so that other people's year tables can be read
    frame = losses.years if list(columns) == ["lab"] else losses.causes
    keep = frame["lost_mw_days"].to_numpy(dtype=float) != 0
    if of != TOTAL:
        keep &= (frame["lab"] == of).to_numpy()
    frame = frame[keep]
    lost = float(totals.sum())
    found = float(frame["lost_mw_days"].sum())
    known = np.isin(frame["year"].to_numpy(), years).all()
    if not (known and abs(found - lost) <= _SUMS_TO * lost):
        raise RiskModelError(
            f"contributions: the causes of {of} hold {found:g} MW-days, its years {lost:g}, or "
            "they speak of other years; a year table without its causes can be split by lab only")
    return frame


def _groups(causes: pd.DataFrame, columns: Sequence[str]) -> tuple[NDArray, pd.DataFrame]:
    """Number the distinct combinations of the columns; return each row's number and the names."""
    codes = np.zeros(len(causes), dtype=np.int64)
    words = []
    for name in columns:
        code, distinct = pd.factorize(causes[name])
        words.append(np.asarray(distinct))
        codes = codes * max(len(distinct), 1) + code
    present, codes = np.unique(codes, return_inverse=True)
    frame = pd.DataFrame(index=range(present.size))
    for name, distinct in zip(reversed(columns), reversed(words), strict=True):
        present, digit = np.divmod(present, max(len(distinct), 1))
        frame.insert(0, name, distinct[digit])
    return codes, frame


def _weights(losses: Losses, measure: str, level: float | None, totals: Floats
             ) -> tuple[Floats, float]:
    """Weight of each year with a loss, and by what to divide."""
    if measure == TOTAL:
        return np.ones(totals.size), 1.0
    if measure == "aal":
        return np.ones(totals.size), float(losses.n_years)
    assert level is not None
    count = float(est.tail_count_of_level(losses.n_years, level)[0])
    if count < 1:
        warnings.warn(f"level {level:g} lies beyond the span of {losses.n_years} simulated years: "
                      "the answer is NaN. Simulate more years, or ask for less.",
                      BeyondSpanWarning, stacklevel=3)
        return np.full(totals.size, np.nan), count
    return est.tail_weights(totals, losses.n_years, count), count


def _near_edge(totals: Floats, n_years: int, count: float) -> Floats:
    """Weights that average over the years whose rank is near the edge of the tail."""
    if count < 1:
        return np.full(totals.size, np.nan)
    reach = max(3.0, 0.2 * count)
    high = min(count + reach, float(n_years))
    low = count - reach if count - reach >= 1 else 0.0
    inner = est.tail_weights(totals, n_years, low) if low else np.zeros(totals.size)
    return np.asarray((est.tail_weights(totals, n_years, high) - inner) / (high - low), dtype=float)
