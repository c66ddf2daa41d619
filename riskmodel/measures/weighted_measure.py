"""``measure`` and ``exceedance`` of weighted years: the same rows, and what the years are worth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmodel.engine.losses.losses import Losses
from riskmodel.measures import estimators as est
from riskmodel.measures import weighted as wt
from riskmodel.measures.campaigns import largest_campaign_series
from riskmodel.measures.rows import (
    ADEQUACY,
    BEYOND,
    CURVE_PERIODS,
    NO_EVENTS,
    NO_NEED,
    NOTHING_SEEN,
    OPEN_ABOVE,
    UNITS,
    certain,
    longest_loss_days,
    no_shortfall,
    row,
    scaled,
    worst_loss,
    worst_shortfall,
)
from riskmodel.measures.weighted import Floats, Sample
from riskmodel.measures.yeartable import capacity_of, names_of, year_series

#: the column that only weighted runs have
N_EFFECTIVE = "n_effective"


class WeightedYears:
    """The weighted years of every lab, or of all together, read when they are asked for."""

    def __init__(self, losses: Losses, by: str) -> None:
        assert losses.weights is not None
        self.losses, self.by, self.weights = losses, by, losses.weights
        self.heaviest = float(losses.weights.max())
        self._kept: dict[str, dict[str, Sample]] = {}

    def of(self, lab: str, series: str) -> Sample:
        """Return one lab's values of a series: "lost", "largest", "campaign" or of adequacy."""
        if series not in self._kept:
            pairs = (largest_campaign_series(self.losses, self.by) if series == "campaign"
                     else year_series(self.losses, self.by, series, weighted=True))
            self._kept[series] = {name: self._sample(*pair) for name, pair in pairs.items()}
        return self._kept[series][lab]

    def _sample(self, years: NDArray, values: Floats) -> Sample:
        return wt.sample(values, self.weights[np.asarray(years, np.int64)], self.losses.n_years)


def weighted_rows(losses: Losses, by: str, wanted: Sequence[str], periods: Floats,
                  levels: Floats) -> list[dict[str, Any]]:
    """Return the rows of ``measure`` for weighted years, each with ``n_effective``.

    ``n_effective`` is the number of plain years that would know the row as well.
    """
    read, capacity = WeightedYears(losses, by), capacity_of(losses, by)
    longest = longest_loss_days(losses)
    n = losses.n_years
    rows: list[dict[str, Any]] = []
    for lab in names_of(losses, by):
        mw = capacity[lab]
        for name in wanted:
            booking = losses.booking
            if name == "capacity":
                found = [row(np.nan, mw, 0.0 if np.isfinite(mw) else np.nan, mw, mw)]
            elif name in ADEQUACY:
                found, booking = [_adequacy(read, lab, name, mw)], "calendar"
            elif name in ("aep", "oep"):
                of = read.of(lab, "largest" if name == "oep" else "lost")
                found = [_quantile(of, n / period, period) for period in periods]
            elif name == "var":
                found = [_quantile(read.of(lab, "lost"), float(est.tail_count_of_level(
                    n, level)[0]), level) for level in levels]
            elif name == "tvar":
                found = [_tail_mean(read.of(lab, "lost"), float(est.tail_count_of_level(
                    n, level)[0]), level) for level in levels]
            elif name == "p_loss":
                found = [_probability(read.of(lab, "lost"), read.heaviest)]
            else:
                mean = _mean(read.of(lab, "lost"), read.heaviest, worst_loss(mw, longest))
                found = [mean if name == "aal" else scaled(mean, mw * losses.horizon_days)]
            if mw == 0 and not read.of(lab, "lost").losses.size:
                found = [certain(each) for each in found]
            rows += [{"lab": lab, "measure": name, "unit": UNITS[name], "n": n,
                      "booking": booking, N_EFFECTIVE: np.nan, **each} for each in found]
    return rows


def weighted_curve(losses: Losses, series: str, by: str, periods: Floats | None) -> pd.DataFrame:
    """Return the rows of ``exceedance`` for weighted years: lab, return_period, loss and errors.

    ``series`` is "lost", "largest" or "campaign". None for ``periods`` reaches as far out as the
    weighted years of every lab do.
    """
    read, n = WeightedYears(losses, by), losses.n_years
    labs = names_of(losses, by)
    if periods is None:
        first = [float(of.weights[0]) for lab in labs if (of := read.of(lab, series)).losses.size]
        longest = n / max([*first, 1.0])
        ladder = [period for period in CURVE_PERIODS if period <= longest]
        periods = np.unique(np.concatenate([np.geomspace(1.0, max(longest, 1.0), 60), ladder]))
    frames = []
    for lab in labs:
        of = read.of(lab, series)
        rows = pd.DataFrame([_quantile(of, n / period, period) for period in periods])
        frames.append(pd.DataFrame({
            "lab": lab, "return_period": periods, "lost_mw_days": rows["value"], "se": rows["se"],
            "low": rows["low"], "high": rows["high"], N_EFFECTIVE: rows[N_EFFECTIVE]}))
    return pd.concat(frames, ignore_index=True)


def _row(level: float, value: float, se: float, low: float, high: float, note: str,
         worth: float) -> dict[str, Any]:
    return {**row(level, value, se, low, high, note), N_EFFECTIVE: worth}


def _normal(level: float, value: float, se: float, worth: float, note: str = ""
            ) -> dict[str, Any]:
    return _row(level, value, se, float(np.maximum(value - est.Z95 * se, 0.0)),
                value + est.Z95 * se, note, worth)


def _mean(of: Sample, heaviest: float, worst: float) -> dict[str, Any]:
    value, se, worth = wt.mean_loss(of)
    if of.losses.size:
        return _normal(np.nan, value, se, worth)
    if worst == 0:
        return _row(np.nan, 0.0, 0.0, 0.0, 0.0, NO_NEED, np.nan)
    return _row(np.nan, 0.0, np.nan, 0.0, _never_seen(of.n, heaviest) * worst, NOTHING_SEEN,
                np.nan)


def _probability(of: Sample, heaviest: float) -> dict[str, Any]:
    value, se, worth = wt.loss_probability(of)
    if not of.losses.size:
        return _row(np.nan, 0.0, np.nan, 0.0, _never_seen(of.n, heaviest), NOTHING_SEEN, np.nan)
    if not 0 < value < 1 or not np.isfinite(worth):
        return _normal(np.nan, value, se, worth)
    return _row(np.nan, value, se, *est.share_interval(value * worth, worth), "", worth)


def _never_seen(n: int, heaviest: float) -> float:
    """Return a 95 % bound: what is drawn as rarely as the heaviest year says may yet be missing."""
    return float(min(est.never_seen_bound(n) * max(heaviest, 1.0), 1.0))


def _quantile(of: Sample, count: float, level: float) -> dict[str, Any]:
    value = wt.quantile(of, count)
    se, worth = wt.quantile_error(of, count)
    low, high = wt.quantile_interval(of, count)
    note = (NO_EVENTS if of.unknown else _beyond(of, count) or
            (OPEN_ABOVE if np.isnan(high) else ""))
    return _row(level, value, se, low, high, note, worth)


def _tail_mean(of: Sample, count: float, level: float) -> dict[str, Any]:
    se, worth = wt.tail_mean_error(of, count)
    return _normal(level, wt.tail_mean(of, count), se, worth, _beyond(of, count))


def _beyond(of: Sample, count: float) -> str:
    return "" if of.holds(count) else BEYOND


def _adequacy(read: WeightedYears, lab: str, name: str, mw: float) -> dict[str, Any]:
    losses = read.losses
    missing = no_shortfall(name, lab, known=losses.adequacy is not None)
    if missing:
        return _row(np.nan, np.nan, np.nan, np.nan, np.nan, missing, np.nan)
    return _mean(read.of(lab, ADEQUACY[name]), read.heaviest,
                 worst_shortfall(name, lab, losses, mw))

