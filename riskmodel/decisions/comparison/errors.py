"""How well the difference of a measure between two runs is known, and how far worlds differ in it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from riskmodel.decisions.comparison.sides import (
    QUANTILES,
    SERIES,
    TAILS,
    Side,
    by_world,
    mean_influence,
)
from riskmodel.measures import estimators as est
from riskmodel.measures import weighted as wt
from riskmodel.measures import worldspread as ws
from riskmodel.measures.influence import paired_se
from riskmodel.measures.paired_quantile import paired_quantile_se

if TYPE_CHECKING:
    from riskmodel.measures.yeartable import Floats

#: draws of the years of one state of the world, of which many are averaged
_DRAWS_OF_WORLD = 100


@dataclass(frozen=True, eq=False)
class Pair:
    """Both sides; ``together`` says that years of the same number are the same disasters."""

    base: Side
    other: Side
    together: bool
    _kept: dict[tuple[str, str, float], float] = field(default_factory=dict)

    @property
    def labs(self) -> tuple[str, ...]:
        """The labs of either side that hold something on one of them."""
        every = dict.fromkeys((*self.base.losses.labs, *self.other.losses.labs))
        return tuple(lab for lab in every
                     if not self.base.capacity(lab) == self.other.capacity(lab) == 0)

    def error(self, lab: str, measure: str, level: float) -> tuple[float, float]:
        """Return the standard error of the difference, and how many of them reach to 95 %."""
        if not self.together:
            one, two = (_error_alone(side, lab, measure, level)
                        for side in (self.base, self.other))
            several = [side.worlds for side in (self.base, self.other) if side.worlds > 1]
            return float(np.hypot(one, two)), _reach(min(several, default=1))
        worlds = self.base.worlds
        if measure in QUANTILES:
            se = self._error_of_quantile(lab, SERIES[measure], self.base.count(measure, level))
        else:
            se = _error_of_mean(self.other.influence(lab, measure, level)
                                - self.base.influence(lab, measure, level), worlds)
        return se, _reach(worlds)

    def _error_of_quantile(self, lab: str, series: str, count: float) -> float:
        key = lab, series, count  # AEP at 100 years and VaR at .99 are one quantile
        if key not in self._kept:
            base, other = (side.years(lab, series) for side in (self.base, self.other))
            batch = np.arange(base.size) % self.base.worlds
            self._kept[key] = paired_quantile_se(
                base, other, count, batch,
                weights=(self.base.losses.weights, self.other.losses.weights))
        return self._kept[key]

    def band(self, lab: str, measure: str, level: float) -> ws.Between:
        """Return the spread of the paired difference between states of the world."""
        worlds = self.base.worlds
        if not self.together or worlds < 2:
            return ws.NO_BAND
        of = by_world(np.zeros(self.base.n), worlds)
        if measure in TAILS:
            share = 1.0 / level if measure in ("aep", "oep") else 1.0 - level
            if not ws.enough_for_tail(of, np.array([share]))[0]:
                return ws.NO_BAND
            return ws.between(*self._tails_of_worlds(lab, measure, level, share), signed=True)
        if not ws.enough_for_mean(of):
            return ws.NO_BAND
        if measure == "aal_share":
            apart = self.other.shares(lab) - self.base.shares(lab)
        else:
            apart = (self.other.influence(lab, measure, level)
                     - self.base.influence(lab, measure, level))
        return ws.between(*ws.means(by_world(apart, worlds)), signed=True)

    def _tails_of_worlds(self, lab: str, measure: str, level: float,
                         share: float) -> tuple[Floats, Floats]:
        """Return the difference in each state of the world, and its squared error."""
        worlds = self.base.worlds
        apart, error = np.empty(worlds), np.empty(worlds)
        for world in range(worlds):
            base, other = (side.years(lab, SERIES[measure])[world::worlds]
                           for side in (self.base, self.other))
            if measure == "tvar":
                (one, left), (two, right) = (mean_influence(values, measure, level)
                                             for values in (base, other))
                apart[world], error[world] = two - one, paired_se(right, left) ** 2
                continue
            count = float(est.whole_where_close(np.array([base.size * share]))[0])
            one, two = (float(est.quantile(values, base.size, count)[0])
                        for values in (base, other))
            apart[world] = two - one
            error[world] = paired_quantile_se(base, other, count, draws=_DRAWS_OF_WORLD) ** 2
        return apart, error


def _error_alone(side: Side, lab: str, measure: str, level: float) -> float:
    """Return the standard error of a measure of one side by itself."""
    if measure not in QUANTILES:
        return _error_of_mean(side.influence(lab, measure, level), side.worlds)
    values = side.years(lab, SERIES[measure])
    count = side.count(measure, level)
    if side.losses.weights is not None:
        return wt.quantile_error(side.sample(lab, measure), count)[0]
    error = float(est.quantile_se(values, side.n, count)[0])
    if side.worlds < 2:
        return error
    edge = float(est.quantile(values, side.n, count)[0])
    beyond = (values >= edge).astype(float)
    return error * float(np.sqrt(ws.design_effect(by_world(beyond, side.worlds), beyond)))


def _error_of_mean(influence: Floats, worlds: int) -> float:
    """Return the standard error of the mean of year values; years of one state are a cluster."""
    if worlds < 2:
        return paired_se(influence, np.zeros_like(influence))
    return float(np.sqrt(ws.pooled_variance(by_world(influence, worlds), influence)))


def _reach(worlds: int) -> float:
    """Return how many standard errors reach to 95 %: of t where states of the world are counted."""
    if worlds < 2:
        return est.Z95
    from scipy.special import stdtrit

    return float(stdtrit(worlds - 1, 0.975))
