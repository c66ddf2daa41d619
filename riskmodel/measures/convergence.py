"""``convergence``: how an estimate settles as years are added, and how batches of years differ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from riskmodel.engine.losses.losses import Losses
from riskmodel.errors import RiskModelError
from riskmodel.measures import estimators as est
from riskmodel.measures import weighted as wt
from riskmodel.measures.yeartable import TOTAL, Floats, one_of, require_annual, year_totals

MEASURES = ("aal", "p_loss", "var", "tvar")


def convergence(losses: Losses, measure: str = "aal", level: float | None = None,
                lab: str | None = None, points: int = 30) -> pd.DataFrame:
    """Return the running estimate of a measure after the first n years.

    ``n`` grows geometrically up to all years, from the fewest that can hold the level. ``lab``
    None or "total" is all labs together.

    Returns
    -------
    frame ``lab, measure, level, n, value, se, rel_se, unit``
    """
    place, values = _in_order(losses, measure, level, lab)
    least = 2 if level is None else int(np.ceil(np.round(1 / (1 - level), 9)))
    if least > losses.n_years:
        raise RiskModelError(f"convergence: {losses.n_years} years cannot hold the level {level}; "
                             "simulate more years, or ask for less")
    start = min(max(least, 10), losses.n_years)
    steps = np.unique(np.geomspace(start, losses.n_years, points).round().astype(int))
    ends = np.searchsorted(place, steps)
    found = [_estimate(values.part(0, int(end)), int(n), measure, level)
             for n, end in zip(steps, ends, strict=True)]
    return _frame(losses, measure, level, lab, steps, found)


def batches(losses: Losses, measure: str = "aal", level: float | None = None,
            lab: str | None = None, count: int = 10) -> pd.DataFrame:
    """Return the measure of ``count`` separate batches of consecutive years.

    Returns
    -------
    frame ``lab, measure, level, n, value, se, rel_se, unit, batch``, where ``n`` is the number of
    years of the batch. Years left over when ``n_years`` is not a multiple are in the last batch.
    """
    place, values = _in_order(losses, measure, level, lab)
    if not 2 <= count <= losses.n_years:
        raise RiskModelError(f"batches: count is {count}; give 2 up to the {losses.n_years} years")
    edges = np.arange(count + 1) * (losses.n_years // count)
    edges[-1] = losses.n_years
    cuts = np.searchsorted(place, edges)
    sizes = np.diff(edges)
    found = [_estimate(values.part(int(cuts[i]), int(cuts[i + 1])), int(sizes[i]), measure, level)
             for i in range(count)]
    return _frame(losses, measure, level, lab, sizes, found).assign(batch=np.arange(count))


def is_converged(losses: Losses, measure: str = "aal", level: float | None = None,
                 lab: str | None = None, within: float = 0.1) -> bool:
    """Tell whether the 95 % half-width is below ``within`` of the value, in both halves too.

    The halves have half the years, so theirs may be wider by the root of two.
    """
    _, values = _in_order(losses, measure, level, lab)
    whole = _estimate(values, losses.n_years, measure, level)
    halves = batches(losses, measure, level, lab, count=2)
    value = np.append(whole[0], halves["value"].to_numpy(dtype=float))
    se = np.append(whole[1], halves["se"].to_numpy(dtype=float))
    limit = within * np.array([1.0, np.sqrt(2), np.sqrt(2)])
    return bool(((value > 0) & (est.Z95 * se <= limit * value)).all())


def _in_order(losses: Losses, measure: str, level: float | None, lab: str | None
              ) -> tuple[np.ndarray, _Values]:
    one_of(measure, MEASURES, "measure")
    require_annual(losses, measure)
    if (measure in ("var", "tvar")) != (level is not None):
        raise RiskModelError("give a level (such as 0.99) with var and tvar, and only with them")
    years, values = year_totals(losses, lab, weighted=True)
    place = np.asarray(years).astype(np.int64)
    if place.size and place.max() == losses.n_years and place.min() >= 1:
        place = place - 1  # years counted from 1
    if place.size and (place.min() < 0 or place.max() >= losses.n_years):
        raise RiskModelError("years must count from 0 (or 1) to n_years, so that the first n years "
                             f"are known; they run from {place.min()} to {place.max()}")
    return place, _Values(values, None if losses.weights is None else losses.weights[place])


@dataclass(frozen=True, eq=False)
class _Values:
    """Losses of years in order, with their weights where they carry any."""

    losses: Floats
    weights: Floats | None

    def part(self, first: int, last: int) -> _Values:
        return _Values(self.losses[first:last],
                       None if self.weights is None else self.weights[first:last])


def _estimate(of: _Values, n: int, measure: str, level: float | None) -> tuple[float, float]:
    values = of.losses
    if of.weights is not None:
        return _weighted(wt.sample(values, of.weights, n), measure, level)
    if measure == "aal":
        return est.mean_loss(values, n)
    if measure == "p_loss":
        return est.loss_probability(values, n)[:2]
    count = est.tail_count_of_level(n, 0.0 if level is None else level)
    if measure == "var":
        return float(est.quantile(values, n, count)[0]), float(est.quantile_se(values, n, count)[0])
    return float(est.tail_mean(values, n, count)[0]), float(est.tail_mean_se(values, n, count)[0])


def _weighted(of: wt.Sample, measure: str, level: float | None) -> tuple[float, float]:
    if measure == "aal":
        return wt.mean_loss(of)[:2]
    if measure == "p_loss":
        return wt.loss_probability(of)[:2]
    count = float(est.tail_count_of_level(of.n, 0.0 if level is None else level)[0])
    if measure == "var":
        return wt.quantile(of, count), wt.quantile_error(of, count)[0]
    return wt.tail_mean(of, count), wt.tail_mean_error(of, count)[0]


def _frame(losses: Losses, measure: str, level: float | None, lab: str | None, n: np.ndarray,
           found: list[tuple[float, float]]) -> pd.DataFrame:
    value = np.array([pair[0] for pair in found])
    se = np.array([pair[1] for pair in found])
    relative = np.divide(se, value, out=np.full(value.shape, np.nan), where=value > 0)
    return pd.DataFrame({
        "lab": TOTAL if lab in (None, TOTAL) else lab, "measure": measure,
        "level": np.nan if level is None else float(level), "n": n, "value": value, "se": se,
        "rel_se": relative, "unit": "1" if measure == "p_loss" else "MW-days"})
