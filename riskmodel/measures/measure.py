"""``measure`` and ``exceedance``: the annual measures of ``Losses`` as tidy frames."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from riskmodel.engine.long.long_run import LongRun
from riskmodel.engine.losses.losses import Losses
from riskmodel.errors import BeyondSpanWarning
from riskmodel.measures import estimators as est
from riskmodel.measures.bands import BAND_COLUMNS, CAMPAIGN, curve_bands, with_bands
from riskmodel.measures.campaigns import check_occurrence, largest_campaign_losses
from riskmodel.measures.long_run import shortfall
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
from riskmodel.measures.weighted_measure import N_EFFECTIVE, weighted_curve, weighted_rows
from riskmodel.measures.yeartable import (
    TOTAL,
    Floats,
    capacity_of,
    largest_event_losses,
    names_of,
    one_of,
    require_annual,
    split_by_lab,
    sum_by,
    year_losses,
)

MEASURES = ("capacity", "aal", "aal_share", "p_loss", "aep", "oep", "var", "tvar", "lole", "lolh",
            "eue")
RETURN_PERIODS = (2, 5, 10, 25, 50, 100, 200, 250, 500, 1000)
LEVELS = (0.9, 0.95, 0.99, 0.995, 0.999)
COLUMNS = ("lab", "measure", "level", "value", "se", "low", "high", "unit", "n", "booking", "note",
           *BAND_COLUMNS)


def measure(losses: Losses, by: str = "lab", measures: Iterable[str] | str | None = None,
            return_periods: ArrayLike = RETURN_PERIODS, levels: ArrayLike = LEVELS
            ) -> pd.DataFrame:
    """Return annual measures with their errors.

    Parameters
    ----------
    by : "lab" for each lab, "total" for all labs together (summed year by year first)
    measures : some of ``capacity, aal, aal_share, p_loss, aep, oep, var, tvar, lole, lolh, eue``;
        None for all
    return_periods : years, for aep and oep ; levels : probabilities, for var and tvar

    Returns
    -------
    frame ``lab, measure, level, value, se, low, high, unit, n, booking, note, band, band_low,
    band_high, worlds``
        ``level`` is the return period of aep and oep, the probability of var and tvar, NaN else.
        ``low`` and ``high`` are 95 % intervals: exact for p_loss, distribution-free ranks for aep,
        oep and var, normal for the means. Where nothing was seen ``high`` is an upper bound and
        ``se`` NaN. ``aal`` is MW-days a year; ``aal_share`` is it over capacity x horizon; lole,
        lolh and eue always stand on calendar booking.
        ``se`` is the error of simulation: a finite number of years and, with several worlds, of
        worlds. ``band`` is ignorance: the standard deviation of the measure between worlds once
        the sampling variance within them is taken off, 0 where that is negative; ``band_low`` and
        ``band_high`` are the 5 and 95 % of what a world's true measure may be. All three are NaN
        with one world, and where a world has too few years: 20 for means, 20 in the tail (20 x
        the return period) for the others; ``note`` then says so.
        Where the years carry weights (``simulate(rare=...)``) everything is weighted, and a last
        column ``n_effective`` says how many plain years would know the row as well; see
        ``riskmodel.measures.weighted``.

    Warns
    -----
    BeyondSpanWarning
        once, naming the return periods and levels beyond the simulated span; their value is NaN.

    Raises
    ------
    RiskModelError : an unknown word, or annual measures of a story
    """
    wanted = list(MEASURES) if measures is None else (
        [measures] if isinstance(measures, str) else list(measures))
    for name in wanted:
        one_of(name, MEASURES, "measure")
    for name in wanted:
        if name != "capacity":
            require_annual(losses, name)
    labs = names_of(losses, by)
    n = losses.n_years
    periods = np.atleast_1d(np.asarray(return_periods, dtype=float))
    alphas = np.atleast_1d(np.asarray(levels, dtype=float))
    # counts first: a wrong period or level is refused whatever was asked
    of_period = est.tail_count_of_period(n, periods)
    of_level = est.tail_count_of_level(n, alphas)
    if losses.weights is not None:
        rows = weighted_rows(losses, by, wanted, periods, alphas)
        _warn_beyond_rows(n, rows)
        return with_bands(_typed(rows, (N_EFFECTIVE,)), losses, by)
    _warn_beyond(n, periods[of_period < 1] if {"aep", "oep"} & set(wanted) else [],
                 alphas[of_level < 1] if {"var", "tvar"} & set(wanted) else [])

    capacity = capacity_of(losses, by)
    sums = _descending_each(year_losses(losses, by), n)
    largest = _descending_each(largest_event_losses(losses, by), n) if "oep" in wanted else {}
    adequacy = {name: _adequacy(losses, by, column) for name, column in ADEQUACY.items()
                if name in wanted}
    longest = longest_loss_days(losses)

    rows = []
    for lab in labs:
        mw = capacity[lab]
        for name in wanted:
            if name == "capacity":
                found = [row(np.nan, mw, 0.0 if np.isfinite(mw) else np.nan, mw, mw)]
            elif name == "aal":
                found = [_mean(sums[lab], n, worst_loss(mw, longest))]
            elif name == "aal_share":
                found = [scaled(_mean(sums[lab], n, worst_loss(mw, longest)),
                                mw * losses.horizon_days)]
            elif name == "p_loss":
                value, se, low, high = est.loss_probability(sums[lab], n)
                found = [row(np.nan, value, se, low, high, "" if value else NOTHING_SEEN)]
            elif name == "aep":
                found = _quantiles(sums[lab], n, of_period, periods)
            elif name == "oep":
                found = _quantiles(largest[lab], n, of_period, periods)
            elif name == "var":
                found = _quantiles(sums[lab], n, of_level, alphas)
            elif name == "tvar":
                found = _tail_means(sums[lab], n, of_level, alphas)
            else:
                found = [_adequacy_row(name, lab, adequacy[name], losses, mw)]
            if mw == 0 and not sums[lab].size:
                found = [certain(each) for each in found]
            booking = "calendar" if name in ADEQUACY else losses.booking
            rows += [{"lab": lab, "measure": name, "unit": UNITS[name], "n": n,
                      "booking": booking, **each} for each in found]
    return with_bands(_typed(rows), losses, by)


def exceedance(losses: Losses, basis: str = "aep", by: str = "lab",
               return_periods: ArrayLike | None = None, occurrence: str = "event") -> pd.DataFrame:
    """Return the exceedance curve: the loss reached once in ``return_period`` years.

    ``basis`` is "aep" (sum of a year) or "oep" (largest single event of a year); there is no bare
    exceedance. ``occurrence="campaign"`` makes oep count the events of one campaign as one. None
    for ``return_periods`` gives the market's periods within the span and, between them, ranks dense
    enough to draw.

    Returns
    -------
    frame ``lab, basis, return_period, lost_mw_days, se, low, high, n, booking, band, band_low,
    band_high, worlds``; the band is that of :func:`measure`, as is ``n_effective`` where the years
    carry weights.
    """
    one_of(basis, ("aep", "oep"), "basis")
    check_occurrence(occurrence, basis)
    require_annual(losses, f"the {basis} curve")
    n = losses.n_years
    if losses.weights is not None:
        return _weighted_curve(losses, "campaign" if occurrence == "campaign" else
                               "lost" if basis == "aep" else "largest", basis, by, return_periods)
    if return_periods is None:
        ranks = np.unique(np.geomspace(1, n, 60).round())
        ladder = [period for period in CURVE_PERIODS if period <= n]
        periods = np.unique(np.concatenate([n / ranks, ladder]))
    else:
        periods = np.atleast_1d(np.asarray(return_periods, dtype=float))
    counts = est.tail_count_of_period(n, periods)
    _warn_beyond(n, periods[counts < 1], [])
    read = (year_losses if basis == "aep" else largest_event_losses if occurrence == "event"
            else largest_campaign_losses)
    values = _descending_each(read(losses, by), n)
    frames = []
    for lab in names_of(losses, by):
        low, high = est.quantile_interval(values[lab], n, counts)
        frames.append(pd.DataFrame({
            "lab": lab, "basis": basis, "return_period": periods,
            "lost_mw_days": est.quantile(values[lab], n, counts),
            "se": est.quantile_se(values[lab], n, counts), "low": low, "high": high, "n": n,
            "booking": losses.booking}))
    if not frames:
        return pd.DataFrame(columns=["lab", "basis", "return_period", "lost_mw_days", "se", "low",
                                     "high", "n", "booking", *BAND_COLUMNS])
    return curve_bands(pd.concat(frames, ignore_index=True), losses,
                       CAMPAIGN if occurrence == "campaign" else basis, by)


def _weighted_curve(losses: Losses, series: str, basis: str, by: str,
                    return_periods: ArrayLike | None) -> pd.DataFrame:
    periods = None if return_periods is None else np.atleast_1d(
        np.asarray(return_periods, dtype=float))
    if periods is not None:
        est.tail_count_of_period(losses.n_years, periods)  # refuses what is no return period
    found = weighted_curve(losses, series, by, periods)
    beyond = found.loc[found["lost_mw_days"].isna() & found["se"].isna(), "return_period"]
    if series == "lost":
        _warn_beyond(losses.n_years, list(dict.fromkeys(beyond)), [])
    found.insert(1, "basis", basis)
    worth = found.pop("n_effective")
    return curve_bands(found.assign(n=losses.n_years, booking=losses.booking),
                       losses, basis, by).assign(n_effective=worth)


def _warn_beyond_rows(n: int, rows: list[dict[str, Any]]) -> None:
    """Warn of levels beyond the weighted years of some lab."""
    beyond = [row for row in rows if row["note"] == BEYOND]
    _warn_beyond(n, list(dict.fromkeys(
        row["level"] for row in beyond if row["measure"] in ("aep", "oep"))), list(dict.fromkeys(
            row["level"] for row in beyond if row["measure"] in ("var", "tvar"))))


def _warn_beyond(n: int, periods: Sequence[float] | Floats, levels: Sequence[float] | Floats
                 ) -> None:
    parts = []
    if len(periods):
        parts.append("return periods " + ", ".join(f"{period:g}" for period in periods))
    if len(levels):
        parts.append("levels " + ", ".join(f"{level:g}" for level in levels))
    if parts:
        warnings.warn(
            f"{' and '.join(parts)} lie beyond the span of {n} simulated years: the answer is NaN. "
            "Simulate more years, or ask for less.", BeyondSpanWarning, stacklevel=3)


def _descending_each(values: dict[str, Any], n: int) -> dict[str, Any]:
    return {lab: est.descending(array, n) for lab, array in values.items()}


def _mean(values: Any, n: int, worst: float) -> dict[str, Any]:
    """A mean; where nothing was seen, bounded by the hidden probability times the worst year."""
    value, se = est.mean_loss(values, n)
    if values.size:
        return row(np.nan, value, se, max(value - est.Z95 * se, 0.0), value + est.Z95 * se)
    if worst == 0:
        return row(np.nan, 0.0, 0.0, 0.0, 0.0, NO_NEED)
    return row(np.nan, 0.0, np.nan, 0.0, est.never_seen_bound(n) * worst, NOTHING_SEEN)


def _quantiles(values: Any, n: int, counts: Floats, levels: Floats) -> list[dict[str, Any]]:
    value = est.quantile(values, n, counts)
    se = est.quantile_se(values, n, counts)
    low, high = est.quantile_interval(values, n, counts)
    unknown = est.unknown(values)
    return [row(levels[i], value[i], se[i], low[i], high[i],
                NO_EVENTS if unknown else BEYOND if counts[i] < 1
                else OPEN_ABOVE if np.isnan(high[i]) else "")
            for i in range(len(levels))]


def _tail_means(values: Any, n: int, counts: Floats, levels: Floats) -> list[dict[str, Any]]:
    value = est.tail_mean(values, n, counts)
    se = est.tail_mean_se(values, n, counts)
    low = np.maximum(value - est.Z95 * se, 0.0)
    return [row(levels[i], value[i], se[i], low[i], value[i] + est.Z95 * se[i],
                BEYOND if counts[i] < 1 else "") for i in range(len(levels))]


def _adequacy(losses: Losses, by: str, column: str) -> dict[str, Any] | None:
    if isinstance(losses, LongRun):
        return shortfall(losses, by, column)
    frame = losses.adequacy
    if frame is None:
        return None
    if by == TOTAL:
        values = frame[column].to_numpy(dtype=float)
        return {TOTAL: sum_by(frame["year"].to_numpy(), values)[1]}
    return split_by_lab(frame, column, losses.labs)


def _adequacy_row(name: str, lab: str, values: dict[str, Any] | None, losses: Losses, mw: float
                  ) -> dict[str, Any]:
    missing = no_shortfall(name, lab, known=values is not None)
    if values is None or missing:
        return row(np.nan, np.nan, np.nan, np.nan, np.nan, missing)
    return _mean(est.descending(values[lab], losses.n_years), losses.n_years,
                 worst_shortfall(name, lab, losses, mw))


def _typed(rows: list[dict[str, Any]], more: tuple[str, ...] = ()) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=[*COLUMNS[:-len(BAND_COLUMNS)], *more])
    for name in ("level", "value", "se", "low", "high", *more):
        frame[name] = frame[name].astype(float)
    return frame
