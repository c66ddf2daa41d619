"""The two sides of a comparison: year values of each, and the error of their difference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from riskmodel.engine.losses.losses import Losses
from riskmodel.engine.outages.rare_years import KEY
from riskmodel.errors import RiskModelError
from riskmodel.measures import estimators as est
from riskmodel.measures import weighted as wt
from riskmodel.measures import worldspread as ws
from riskmodel.measures.influence import tail_influence
from riskmodel.measures.yeartable import TOTAL, Floats, require_annual, year_series

if TYPE_CHECKING:
    from numpy.typing import NDArray

SERIES = {"aal": "lost", "aal_share": "lost", "p_loss": "lost", "aep": "lost", "var": "lost",
           "tvar": "lost", "oep": "largest", "lole": "shortfall_days", "lolh": "shortfall_h",
           "eue": "shortfall_mw_days"}
QUANTILES = ("aep", "oep", "var")
TAILS = (*QUANTILES, "tvar")


def require_comparable(base: Losses, other: Losses, paired: bool | None) -> bool:
    """Return whether years of the same number are the same disasters; refuse what does not fit."""
    for losses in (base, other):
        require_annual(losses, "a comparison")
    for name, what in (("booking", "booking"), ("horizon_days", "horizon_days")):
        one, two = getattr(base, name), getattr(other, name)
        if one != two:
            raise RiskModelError(f"compare: base has {what} {one!r} and other {two!r}; a year must "
                                 "mean the same on both sides: simulate both alike")
    caps = [losses.manifest.get("recovery_cap_days") for losses in (base, other)]
    if None not in caps and caps[0] != caps[1]:
        raise RiskModelError(f"compare: outages last {caps[0]:g} days at most in base and "
                             f"{caps[1]:g} in other (recovery_cap_days); simulate both alike")
    if paired is False:
        return False
    proposals = [losses.manifest.get(KEY) for losses in (base, other)]
    if [_asked(each) for each in proposals] != [_asked(each) for each in proposals[::-1]]:
        raise RiskModelError(
            "compare: the years of base and other were drawn under different proposals "
            "(simulate(rare=...)), so that years of the same number are not the same disasters; "
            "simulate both with the same, or say paired=False")
    names = ("n_years", "seed", "worlds") if paired is None else ("n_years", "worlds")
    for name in names:
        one, two = getattr(base, name), getattr(other, name)
        if one != two:
            raise RiskModelError(
                f"compare: base has {name}={one} and other {name}={two}. Years are compared one "
                "by one under common draws: simulate both with the same years, seed and worlds"
                + ("; or say paired=False to take them as two independent runs, with wider errors"
                   if name != "worlds" else ""))
    if paired is None and base.seed is None:
        raise RiskModelError("compare: these losses have no seed, so nothing says whether years of "
                             "the same number are the same disasters; say paired=True or "
                             "paired=False")
    return True


def _asked(proposal: Mapping[str, Any] | None) -> tuple[Any, ...] | None:
    """Return what was asked of a proposal, without what is true of its theatres in one world."""
    return None if proposal is None else (
        proposal["defensive"], proposal["theatres"], proposal["even"])


@dataclass(frozen=True, eq=False)
class Side:
    """One of two losses, read as one number a year; a lab it does not know lost nothing."""

    losses: Losses
    _tables: dict[str, dict[str, tuple[NDArray, Floats]]] = field(default_factory=dict)
    _kept: dict[tuple[str, str], Floats] = field(default_factory=dict)  # of the lab in hand

    @property
    def n(self) -> int:
        """Simulated years."""
        return self.losses.n_years

    @property
    def worlds(self) -> int:
        """States of the world."""
        return self.losses.worlds

    @cached_property
    def _place(self) -> dict[int, int] | None:
        """Where each year stands, for year tables that do not count from 0."""
        years = np.unique(self.losses.years["year"].to_numpy())
        if not years.size or (years.min() >= 0 and years.max() < self.n):
            return None
        return {int(year): i for i, year in enumerate(years)}

    def years(self, lab: str, series: str) -> Floats:
        """Return the values of every year, shape (n,)."""
        if (lab, series) not in self._kept:
            if any(kept != lab for kept, _ in self._kept):
                self._kept.clear()
            found: tuple[NDArray, Floats] = (np.zeros(0, np.int64), np.zeros(0))
            if lab == TOTAL or lab in self.losses.labs:
                found = self._series(TOTAL if lab == TOTAL else "lab", series)[lab]
            values = np.zeros(self.n)
            year = np.asarray(found[0]).astype(np.int64)
            if self._place is not None:
                year = np.array([self._place[int(one)] for one in year], np.int64)
            values[year] = found[1]
            self._kept[lab, series] = values
        return self._kept[lab, series]

    def _series(self, by: str, series: str) -> dict[str, tuple[NDArray, Floats]]:
        key = f"{by} {series}"
        if key not in self._tables:
            self._tables[key] = year_series(self.losses, by, series, weighted=True)
        return self._tables[key]

    def capacity(self, lab: str) -> float:
        """Return IT MW held, the mean over the years."""
        if lab == TOTAL:
            return float(np.sum(self.losses.capacity_mw))
        place = {name: i for i, name in enumerate(self.losses.labs)}
        return float(self.losses.capacity_mw[place[lab]]) if lab in place else 0.0

    def needs(self, lab: str) -> bool:
        """Tell whether a lab, or any lab, needs some of its capacity up at once."""
        labs = self.losses.labs if lab == TOTAL else (lab,)
        need = dict(zip(self.losses.labs, self.losses.needed_share, strict=True))
        return any(need.get(name, 0.0) != 0 for name in labs)

    def world_capacity(self, lab: str) -> Floats:
        """Return IT MW held in each state of the world."""
        mw = self.losses.world_capacity_mw
        if mw is None:
            return np.full(self.worlds, self.capacity(lab))
        if lab == TOTAL:
            return np.asarray(mw.sum(axis=1), float)
        place = {name: i for i, name in enumerate(self.losses.labs)}
        return mw[:, place[lab]] if lab in place else np.zeros(self.worlds)

    def count(self, measure: str, level: float) -> float:
        """Return how many years are in the tail of a measure."""
        of = est.tail_count_of_period if measure in ("aep", "oep") else est.tail_count_of_level
        return float(of(self.n, level)[0])

    def sample(self, lab: str, measure: str) -> wt.Sample:
        """Return the weighted years of a measure."""
        assert self.losses.weights is not None
        return wt.sample(self.years(lab, SERIES[measure]), self.losses.weights, self.n)

    def holds(self, lab: str, measure: str, level: float) -> bool:
        """Tell whether the years reach as far out as the tail of a measure."""
        count = self.count(measure, level)
        return count >= 1 if self.losses.weights is None else self.sample(lab, measure).holds(count)

    def value(self, lab: str, measure: str, level: float) -> float:
        """Return a measure; NaN where the year values or the tail are not there."""
        values = self.years(lab, SERIES[measure])
        if np.isnan(values).any():
            return float("nan")
        if self.losses.weights is not None:
            return self._weighted_value(lab, measure, level)
        if measure in QUANTILES:
            return float(est.quantile(values, self.n, self.count(measure, level))[0])
        if measure == "aal_share":
            size = float(self._size(lab).mean())
            return float(values.mean()) / size if size > 0 else float("nan")
        return float(mean_influence(values, measure, level)[0])

    def _weighted_value(self, lab: str, measure: str, level: float) -> float:
        of = self.sample(lab, measure)
        if measure in QUANTILES:
            return wt.quantile(of, self.count(measure, level))
        if measure == "tvar":
            return wt.tail_mean(of, self.count(measure, level))
        if measure == "p_loss":
            return wt.loss_probability(of)[0]
        size = float(self._size(lab).mean()) if measure == "aal_share" else 1.0
        return wt.mean_loss(of)[0] / size if size > 0 else float("nan")

    def influence(self, lab: str, measure: str, level: float) -> Floats:
        """Return the influence of each year on a measure that is no quantile, shape (n,)."""
        values = self.years(lab, SERIES[measure])
        weights = self.losses.weights
        if weights is not None:
            if measure == "tvar":
                edge = wt.quantile(self.sample(lab, measure), self.count(measure, level))
                return edge + weights * np.maximum(values - edge, 0) / (1 - level)
            values = weights * ((values > 0) if measure == "p_loss" else values)
            whole = float(self._size(lab).mean()) if measure == "aal_share" else 1.0
            return values / whole
        if measure == "aal_share":
            size = self._size(lab)
            value = self.value(lab, measure, level)
            return np.asarray(value + (values - value * size) / float(size.mean()), float)
        return mean_influence(values, measure, level)[1]

    def _size(self, lab: str) -> Floats:
        """Return capacity x horizon of each year, MW-days."""
        per_world = self.world_capacity(lab) * self.losses.horizon_days
        return per_world[np.arange(self.n) % self.worlds]

    def shares(self, lab: str) -> Floats:
        """Return each year's loss over the capacity x horizon of its own state of the world."""
        size = self._size(lab)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(size > 0, self.years(lab, "lost") / size, np.nan)


def mean_influence(values: Floats, measure: str, level: float) -> tuple[float, Floats]:
    """Return a mean or TVaR of year values and the influence of each year."""
    if measure == "tvar":
        return tail_influence(values, level)
    if measure == "p_loss":
        values = (values > 0).astype(float)
    return float(values.mean()), values


def by_world(values: Floats, worlds: int) -> ws.YearValues:
    """Return values of every year with the state of the world of each."""
    n = values.size
    return ws.YearValues(np.arange(n) % worlds, values, ws.years_of_worlds(n, worlds))


def same_holdings(one: Side, two: Side, lab: str) -> bool:
    """Tell whether a lab is known to hold the same on both sides, in the same world or not."""
    base, other = one.losses, two.losses
    if base is other or one.capacity(lab) == two.capacity(lab) == 0:
        return True
    prints = [losses.manifest.get("world", {}).get("fingerprint") for losses in (base, other)]
    if base.manifest.get("perils") != other.manifest.get("perils"):
        return False
    if prints[0] is not None and prints[0] == prints[1]:
        return True
    if base.world is None or other.world is None:
        return False
    held = [_held(losses, lab) for losses in (base, other)]
    return set(held[0]) == set(held[1]) and all(
        abs(mw - held[1][site]) <= 1e-9 * mw for site, mw in held[0].items())


def _held(losses: Losses, lab: str) -> dict[str, float]:
    """Return the MW that a lab, or all, effectively hold by site."""
    world = losses.world
    assert world is not None
    size = dict(zip(world.sites["site_id"], world.sites["it_mw"], strict=True))
    found: dict[str, float] = {}
    for name, site, share in world.effective_holdings().itertuples(index=False):
        if lab in (TOTAL, name) and share * size[site] > 0:
            found[site] = found.get(site, 0.0) + share * size[site]
    return found
