"""The band of ignorance beside the sampling error: columns of ``measure`` and ``exceedance``.

With one world the band is NaN. With more, ``se``, ``low`` and ``high`` count years and worlds (see
``riskmodel.measures.worldspread``); ``band`` is the standard deviation of the measure between
worlds, ``band_low`` and ``band_high`` the 5 and 95 % of what a world's true measure may be.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from riskmodel.engine.long.long_run import LongRun
from riskmodel.engine.losses.losses import Losses
from riskmodel.errors import RiskModelError
from riskmodel.measures import estimators as est
from riskmodel.measures import worldspread as ws
from riskmodel.measures.campaigns import largest_campaign_series
from riskmodel.measures.long_run import long_bands
from riskmodel.measures.rows import normal, set_band
from riskmodel.measures.worldspread import Between, YearValues
from riskmodel.measures.yeartable import TOTAL, Floats, names_of, year_series

BAND_COLUMNS = ("band", "band_low", "band_high", "worlds")
CAMPAIGN = "oep of campaigns"
_SERIES = {"aal": "lost", "aal_share": "lost", "p_loss": "lost", "aep": "lost", "var": "lost",
           "tvar": "lost", "oep": "largest", "lole": "shortfall_days", "lolh": "shortfall_h",
           "eue": "shortfall_mw_days", CAMPAIGN: "campaign"}
_OF_PERIODS = ("aep", "oep", CAMPAIGN)


def with_bands(frame: pd.DataFrame, losses: Losses, by: str) -> pd.DataFrame:
    """Return a frame of ``measure`` with its bands and with errors that know of worlds."""
    out = frame.assign(**dict.fromkeys(BAND_COLUMNS[:3], np.nan), worlds=losses.worlds)
    if losses.worlds == 1:
        return out
    if isinstance(losses, LongRun):
        return long_bands(out, losses, by)
    read = _Reader(losses, by)
    rows: list[dict[str, Any]] = []
    for (lab, name), part in out.groupby(["lab", "measure"], sort=False):
        group = [{str(key): item for key, item in row.items()}
                 for row in part.to_dict("records")]
        for row, found in zip(group, _between(read, str(lab), str(name), group), strict=True):
            set_band(row, found)
            if str(name) != "capacity":
                _set_error(row, read, str(lab), str(name))
        rows += group
    return pd.DataFrame(rows, index=out.index).astype(out.dtypes.to_dict())


def curve_bands(frame: pd.DataFrame, losses: Losses, basis: str, by: str) -> pd.DataFrame:
    """Return a frame of ``exceedance`` with its bands and with errors that know of worlds.

    ``basis`` is "aep", "oep" or ``CAMPAIGN``.
    """
    named = frame.rename(columns={"return_period": "level", "lost_mw_days": "value"})
    found = with_bands(named.assign(measure=basis, note=""), losses, by)
    return found.drop(columns=["measure", "note"]).rename(
        columns={"level": "return_period", "value": "lost_mw_days"})


def between_worlds(losses: Losses, by: str = "lab", measures: Sequence[str] | str = ("aal",),
                   levels: ArrayLike = (0.99,), return_periods: ArrayLike = (100,)
                   ) -> pd.DataFrame:
    """Return the variance between worlds of measures, with its standard error and interval.

    Returns
    -------
    frame ``lab, measure, level, worlds, years_per_world, variance, se, low, high, band, band_low,
    band_high``: ``variance`` is unbiased and may be negative, ``low`` and ``high`` its 95 %
    interval. An interval that holds 0 means that the run cannot tell worlds apart in this measure.
    NaN where a world has too few years.

    Raises
    ------
    RiskModelError : the run has one world.
    """
    if losses.worlds < 2:
        raise RiskModelError("between_worlds: these losses have one world; simulate with "
                             "worlds=K to learn what ignorance does")
    read = _Reader(losses, by)
    rows = []
    for lab in names_of(losses, by):
        for name in [measures] if isinstance(measures, str) else measures:
            if name != "capacity" and name not in _SERIES:
                raise RiskModelError(f"between_worlds: there is no measure {name!r}; give some "
                                     f"of: capacity, {', '.join(_SERIES)}")
            at = (np.atleast_1d(np.asarray(return_periods, float)) if name in ("aep", "oep")
                  else np.atleast_1d(np.asarray(levels, float)) if name in ("var", "tvar")
                  else np.array([np.nan]))
            group = [{"lab": lab, "measure": name, "level": float(level)} for level in at]
            for row, found in zip(group, _between(read, lab, name, group), strict=True):
                rows.append({**row, "worlds": losses.worlds,
                             "years_per_world": losses.n_years // losses.worlds,
                             **found._asdict()})
    return pd.DataFrame(rows)


class _Reader:
    """The year values of every lab, read once."""

    def __init__(self, losses: Losses, by: str) -> None:
        self.losses, self.by = losses, by
        self.place = {lab: i for i, lab in enumerate(losses.labs)}
        self._kept: dict[str, dict[str, YearValues]] = {}

    def values(self, lab: str, measure: str) -> YearValues | None:
        """Return the year values behind a measure; None where they do not exist."""
        series = _SERIES[measure]
        none = self.losses.adequacy is None or (lab == TOTAL and measure != "eue")
        if series.startswith("shortfall") and none:
            return None
        if series not in self._kept:
            pairs = (largest_campaign_series(self.losses, self.by) if series == "campaign"
                     else year_series(self.losses, self.by, series))
            self._kept[series] = {name: ws.values_of_years(self.losses, *pair)
                                  for name, pair in pairs.items()}
        return self._kept[series][lab]

    def capacity(self, lab: str) -> Floats:
        """Return the IT MW of a lab in each world."""
        mw = self.losses.world_capacity_mw
        if mw is None:
            return np.full(self.losses.worlds, np.nan)
        return mw.sum(axis=1) if lab == TOTAL else mw[:, self.place[lab]]


def _between(read: _Reader, lab: str, name: str, rows: Sequence[dict[str, Any]]) -> list[Between]:
    """Return the spread between worlds of each row of one lab and measure."""
    if name == "capacity":
        mw = read.capacity(lab)
        return [ws.between(mw, np.zeros_like(mw))] * len(rows)
    of = read.values(lab, name)
    if of is None or (of.value.size and np.isnan(of.value).any()):
        return [ws.NO_BAND] * len(rows)
    level = np.array([row["level"] for row in rows], dtype=float)
    if name in (*_OF_PERIODS, "var", "tvar"):
        share = 1.0 / level if name in _OF_PERIODS else 1.0 - level
        enough = ws.enough_for_tail(of, share)
        found = [ws.NO_BAND] * len(rows)
        if enough.any():
            take = ws.tail_means if name == "tvar" else ws.quantiles
            value, error = take(of, share[enough])
            for place, i in enumerate(np.flatnonzero(enough)):
                found[i] = ws.between(value[:, place], error[:, place])
        return found
    if not ws.enough_for_mean(of):
        return [ws.NO_BAND] * len(rows)
    if name == "p_loss":
        of = YearValues(of.world, (of.value > 0).astype(float), of.count)
    size = read.capacity(lab) * read.losses.horizon_days if name == "aal_share" else None
    return [ws.between(*ws.means(of, size))] * len(rows)


def _set_error(row: dict[str, Any], read: _Reader, lab: str, name: str) -> None:
    """Widen a row's error by what its years share within their worlds."""
    of = read.values(lab, name)
    if of is None or not of.value.size or not np.isfinite(row["value"]) or not row["value"] > 0:
        return
    total = of.n_years
    if name == "aal_share":
        size = read.capacity(lab) * read.losses.horizon_days
        if not np.isfinite(size).all():
            return
        mean_size = float(of.count @ size) / total
        row["se"] = float(np.sqrt(ws.pooled_variance(of, of.value, row["value"] * size))
                          / mean_size)
        normal(row)
    elif name == "p_loss":
        effect = ws.design_effect(of, (of.value > 0).astype(float))
        row["se"] *= np.sqrt(effect)
        n = total / effect
        row["low"], row["high"] = est.share_interval(row["value"] * n, n)
    elif name in (*_OF_PERIODS, "var"):
        effect = ws.design_effect(of, (of.value >= row["value"]).astype(float))
        row["se"] *= np.sqrt(effect)
        share = 1.0 / row["level"] if name != "var" else 1.0 - row["level"]
        low, high = est.quantile_interval(of.value, total, share * total, effect=max(effect, 1.0))
        row["low"], row["high"] = float(low[0]), float(high[0])
    elif name == "tvar":
        edge = float(est.quantile(of.value, total, est.tail_count_of_level(total, row["level"]))[0])
        row["se"] *= np.sqrt(ws.design_effect(of, np.maximum(of.value - edge, 0.0)))
        normal(row)
    else:
        row["se"] = float(np.sqrt(ws.pooled_variance(of, of.value)))
        normal(row)
