"""Weighted estimators: the plain ones where weights are 1, and right where they are not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import riskmodel as rm
from riskmodel.errors import BeyondSpanWarning, RiskModelError
from riskmodel.measures import estimators as est
from riskmodel.measures import weighted as wt
from tests.measures.hand_built import random_losses

LISTS = st.lists(st.integers(0, 12), min_size=2, max_size=60)


@settings(deadline=None)
@given(losses=LISTS, share=st.sampled_from([0.04, 0.1, 0.25, 0.5, 0.9, 1.0]))
def test_weights_of_one_are_the_plain_estimators(losses, share):
    values, n = np.array(losses, float), len(losses)
    count = share * n
    of = wt.sample(values, np.ones(n), n)
    assert wt.mean_loss(of)[:2] == pytest.approx(est.mean_loss(values, n), nan_ok=True, abs=1e-12)
    assert wt.loss_probability(of)[0] == est.loss_probability(values, n)[0]
    assert wt.quantile(of, count) == pytest.approx(
        float(est.quantile(values, n, count)[0]), nan_ok=True)
    assert wt.quantile_interval(of, count) == pytest.approx(
        tuple(float(side[0]) for side in est.quantile_interval(values, n, count)), nan_ok=True)
    assert wt.quantile_error(of, count)[0] == pytest.approx(
        float(est.quantile_se(values, n, count)[0]), nan_ok=True, abs=1e-9)
    assert wt.tail_mean(of, count) == pytest.approx(
        float(est.tail_mean(values, n, count)[0]), nan_ok=True)
    if count >= 1:
        edge = float(est.quantile(values, n, count)[0])
        parts = wt.tail_parts(values, np.ones(n), n, count)
        plain = est.tail_weights(values, n, count)
        assert parts[values > 0] == pytest.approx(plain[values > 0])
        assert edge == 0 or parts.sum() == pytest.approx(count)


@settings(deadline=None)
@given(rows=st.lists(st.tuples(st.integers(0, 9), st.integers(1, 4)), min_size=2, max_size=30),
       share=st.sampled_from([0.2, 0.5, 0.8]))
def test_a_whole_weight_is_so_many_equal_years(rows, share):
    values, weights = (np.array(column, float) for column in zip(*rows, strict=True))
    n = int(weights.sum())
    many = np.repeat(values, weights.astype(int))
    of, count = wt.sample(values, weights, n), share * n
    assert wt.mean_loss(of)[0] == pytest.approx(est.mean_loss(many, n)[0])
    if of.holds(count):
        assert wt.quantile(of, count) == float(est.quantile(many, n, count)[0])
        assert wt.tail_mean(of, count) == pytest.approx(float(est.tail_mean(many, n, count)[0]))
        parts = wt.tail_parts(values, weights, n, count)
        assert float(parts @ values) / count == pytest.approx(wt.tail_mean(of, count))


def test_the_tail_mean_error_is_the_plain_one_but_for_small_samples():
    values = np.random.default_rng(3).exponential(10, 4000)
    of = wt.sample(values, np.ones(4000), 4000)
    for count in (40.0, 400.0):
        assert wt.tail_mean_error(of, count)[0] == pytest.approx(
            float(est.tail_mean_se(values, 4000, count)[0]), rel=0.03)


def _tilted(seed, n=4000):
    """Draw Exp(1) years from Exp(mean 4), a tenth of them from Exp(1): weights up to 10."""
    rng = np.random.default_rng(seed)
    loss = rng.exponential(np.where(rng.random(n) < 0.1, 1.0, 4.0))
    weight = 1.0 / (0.1 + 0.9 * np.exp(0.75 * loss) / 4.0)
    return wt.sample(loss, weight, n)


def test_estimates_under_a_tilt_are_right_and_so_are_their_errors():
    n, runs = 4000, 300
    found = {name: [] for name in ("mean", "probability", "quantile", "tvar")}
    for seed in range(runs):
        of = _tilted(seed, n)
        found["mean"].append(wt.mean_loss(of)[:2])
        found["quantile"].append((wt.quantile(of, n / 1000), wt.quantile_error(of, n / 1000)[0]))
        found["tvar"].append((wt.tail_mean(of, n / 1000), wt.tail_mean_error(of, n / 1000)[0]))
        found["probability"].append(wt.loss_probability(of)[:2])
    truth = {"mean": 1.0, "probability": 1.0, "quantile": np.log(1000), "tvar": 1 + np.log(1000)}
    for name, pairs in found.items():
        value, se = np.array(pairs).T
        spread = value.std(ddof=1)
        assert abs(value.mean() - truth[name]) < 4 * spread / np.sqrt(runs) + 0.002, name
        assert np.sqrt((se**2).mean()) == pytest.approx(spread, rel=0.2), name


def test_what_weighted_years_are_worth():
    n, period = 20_000, 1000
    of = _tilted(1, n)
    _, se, worth = wt.mean_loss(of)
    assert worth == pytest.approx(1.0 / se**2, rel=0.05)  # the variance of Exp(1) is 1
    se, worth = wt.tail_mean_error(of, n / period)
    # TVaR of Exp(1) at 1 - p from m plain years: variance (1 + (1 - p)) / (p m)
    assert worth == pytest.approx((2 - 1 / period) * period / se**2, rel=0.1)


def test_measures_of_weights_of_one_are_those_of_plain_years():
    plain = random_losses()
    same = replace(plain, weights=np.ones(plain.n_years))
    for by in ("lab", "total"):
        one, two = rm.measure(plain, by=by), rm.measure(same, by=by)
        assert (two["note"] == one["note"]).all()
        for column in ("value", "se", "low", "high"):
            rough = 0.05 if column != "value" else 1e-9  # small tails have another correction
            np.testing.assert_allclose(two[column], one[column], rtol=rough, atol=1e-9)
        assert np.allclose(two["n_effective"].dropna(), plain.n_years, rtol=1e-6)
    for basis, occurrence in (("aep", "event"), ("oep", "event"), ("oep", "campaign")):
        one, two = (rm.exceedance(losses, basis, return_periods=[2, 10, 100], occurrence=occurrence)
                    for losses in (plain, same))
        np.testing.assert_allclose(two["lost_mw_days"], one["lost_mw_days"])
        np.testing.assert_allclose(two["se"], one["se"])
    for measure, level in (("aal", None), ("tvar", 0.95)):
        one, two = (rm.contributions(losses, measure, level, by=["peril", "region"])
                    for losses in (plain, same))
        np.testing.assert_allclose(two["value"], one["value"])
        np.testing.assert_allclose(two["se"], one["se"], rtol=0.05)
        one, two = (rm.convergence(losses, measure, level, points=4) for losses in (plain, same))
        np.testing.assert_allclose(two["value"], one["value"])


def test_parts_of_weighted_measures_add_up():
    losses = random_losses(ties=True)
    weights = np.random.default_rng(2).exponential(1.0, losses.n_years)
    losses = replace(losses, weights=weights)
    for measure, level in (("aal", None), ("tvar", 0.9), ("tvar", 0.99)):
        whole = rm.measure(losses, "total", measures=measure, levels=(level or 0.5,))
        for by in (["peril"], ["lab"], ["node", "region"]):
            parts = rm.contributions(losses, measure, level, by=by)
            assert parts["value"].sum() == pytest.approx(float(whole["value"].iloc[0]))


def test_nothing_is_said_beyond_the_years():
    losses = replace(random_losses(500), weights=np.full(500, 0.01))
    with pytest.warns(BeyondSpanWarning, match="return periods 1000"):
        found = rm.measure(losses, measures="aep", return_periods=[400, 1000])
    assert found.loc[found["level"] == 1000, "value"].isna().sum() == 4


def test_a_bound_where_no_weighted_year_lost_anything():
    empty = pd.DataFrame({"year": [0], "lab": ["a"], "lost_mw_days": [0.0]})
    losses = rm.Losses.from_years(empty, 100, weights=np.full(100, 4.0))
    row = rm.measure(losses, measures="p_loss").iloc[0]
    assert (row["value"], row["high"]) == (0.0, pytest.approx(4 * est.never_seen_bound(100)))


def test_weights_from_elsewhere_are_kept_with_the_years(tmp_path):
    frame = pd.DataFrame({"year": [0, 2], "lab": "a", "lost_mw_days": [3.0, 5.0]})
    losses = rm.Losses.from_years(frame, 4, weights=[0.5, 1.0, 0.25, 1.0])
    found = rm.read_losses(losses.to_parquet(tmp_path / "out"))
    assert found.weights.tolist() == [0.5, 1.0, 0.25, 1.0]
    aal = rm.measure(found, measures="aal").iloc[0]
    assert aal["value"] == pytest.approx((0.5 * 3 + 0.25 * 5) / 4)
    for wrong in ([1.0], [1, 1, 1, -1], [1, 1, 1, np.nan]):
        with pytest.raises(RiskModelError, match="weights must be 4"):
            rm.Losses.from_years(frame, 4, weights=wrong)


def test_what_counts_years_alike_refuses_weights():
    losses = replace(random_losses(), weights=np.ones(2000))
    from riskmodel.measures.yeartable import year_losses, year_series, year_totals
    from riskmodel.measures.yearvalues import year_values

    for ask in (lambda: rm.site_courses(losses), lambda: rm.cover(losses),
                lambda: rm.diversification(losses), lambda: rm.ledgers(losses),
                lambda: rm.importance(losses, "a"), lambda: rm.training_losses(losses),
                lambda: rm.independent_bets(losses), lambda: year_losses(losses, "lab"),
                lambda: year_totals(losses, None), lambda: year_series(losses, "lab", "lost"),
                lambda: year_values(losses, "a"),
                lambda: rm.equivalent_firm_mw(losses, losses, "a")):
        with pytest.raises(RiskModelError, match=r"weights|came in as a year table|computed on"):
            ask()
