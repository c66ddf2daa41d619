"""Properties that hold for any year losses, and the corners of the rank rule."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmodel import RiskModelError
from riskmodel.measures import estimators as est

LEVELS = (0.0, .3, .5, .9, .95, .99)
amounts = st.one_of(st.just(0.0), st.integers(1, 5).map(float), st.floats(1e-3, 1e6))
samples = st.lists(amounts, min_size=1, max_size=60).map(np.array)
extra_years = st.integers(0, 300)
fast = settings(max_examples=150, deadline=None)


def var_tvar(losses, n):
    levels = [level for level in LEVELS if n * (1 - level) >= 1]
    return est.value_at_risk(losses, n, levels), est.tail_value_at_risk(losses, n, levels)


@fast
@given(samples, extra_years)
def test_tvar_is_not_below_var_and_both_grow_with_the_level(losses, more):
    var, tvar = var_tvar(losses, losses.size + more)
    assert (tvar >= var).all()
    assert (np.diff(var) >= 0).all()
    assert (np.diff(tvar) >= -1e-9 * tvar[1:]).all()


@fast
@given(samples, extra_years)
def test_tvar_is_the_rockafellar_uryasev_form(losses, more):
    n = losses.size + more
    all_years = np.append(losses, np.zeros(more))
    for level in LEVELS:
        if n * (1 - level) < 1:
            continue
        var, tvar = (f(losses, n, level).item()
                     for f in (est.value_at_risk, est.tail_value_at_risk))
        excess = np.maximum(all_years - var, 0).mean() / (1 - level)
        assert tvar == pytest.approx(var + excess, rel=1e-9, abs=1e-9)


@fast
@given(samples, extra_years, st.floats(1e-3, 1e3))
def test_scale_equivariance(losses, more, scale):
    n = losses.size + more
    counts = [count for count in (1.0, 1.5, 2.0, n / 3, n / 2) if count >= 1]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        for f in (est.quantile, est.tail_mean, est.quantile_se, est.tail_mean_se):
            np.testing.assert_allclose(f(losses * scale, n, counts), scale * f(losses, n, counts),
                                       rtol=1e-6, atol=1e-6 * scale)


@fast
@given(samples, extra_years, st.randoms(use_true_random=False))
def test_order_and_written_zeros_do_not_matter(losses, more, random):
    n = losses.size + more
    shuffled = losses.copy()
    random.shuffle(shuffled)
    padded = np.append(shuffled, np.zeros(more // 2))
    counts = [1.0, max(n / 4, 1.0), max(n / 2, 1.0)]
    for f in (est.quantile, est.tail_mean, est.quantile_se, est.tail_mean_se):
        np.testing.assert_array_equal(f(losses, n, counts), f(padded, n, counts))
    assert est.mean_loss(losses, n) == est.mean_loss(padded, n)


@fast
@given(st.integers(1, 60).flatmap(lambda size: st.tuples(
    st.lists(amounts, min_size=size, max_size=size).map(np.array),
    st.lists(amounts, min_size=size, max_size=size).map(np.array))), extra_years)
def test_tvar_is_subadditive(pair, more):
    first, second = pair
    n = first.size + more
    together = var_tvar(first + second, n)[1]
    apart = var_tvar(first, n)[1] + var_tvar(second, n)[1]
    assert (together <= apart * (1 + 1e-12) + 1e-12).all()


@fast
@given(samples, extra_years, st.floats(1, 60))
def test_tail_weights_sum_to_the_tail_and_share_ties_evenly(losses, more, count):
    n = losses.size + more
    count = min(count, float(n))
    weights = est.tail_weights(losses, n, count)
    assert ((weights >= 0) & (weights <= 1 + 1e-12)).all()
    assert (weights * losses).sum() / count == pytest.approx(
        est.tail_mean(losses, n, count).item(), rel=1e-9, abs=1e-12)
    for value in set(losses):
        assert np.ptp(weights[losses == value]) == 0
    listed_tail = weights.sum()
    assert listed_tail <= count * (1 + 1e-12)
    if more == 0:
        assert listed_tail == pytest.approx(count, rel=1e-9)


def test_against_numpy_on_all_years():
    rng = np.random.default_rng(3)
    years = np.where(rng.random(5000) < .4, rng.lognormal(size=5000), 0.0)
    mean, se = est.mean_loss(years[years > 0], 5000)
    assert mean == pytest.approx(years.mean(), rel=1e-12)
    assert se == pytest.approx(years.std(ddof=1) / np.sqrt(5000), rel=1e-12)
    ordered = np.sort(years)[::-1]
    assert est.value_at_risk(years, 5000, .99).item() == ordered[49]
    assert est.tail_value_at_risk(years, 5000, .99).item() == pytest.approx(ordered[:50].mean())
    assert est.quantile(years, 5000, est.tail_count_of_period(5000, 100)).item() == ordered[49]


def test_boundary_year_of_a_fraction():
    # 10 years at 1-in-4: 2.5 years; the third largest is the quantile, half of it in the tail
    years = np.arange(1.0, 11.0)
    count = est.tail_count_of_period(10, 4)
    assert count.item() == 2.5
    assert est.quantile(years, 10, count).item() == 8
    assert est.tail_mean(years, 10, count).item() == pytest.approx((10 + 9 + 8 / 2) / 2.5)


def test_binary_fractions_do_not_move_the_boundary():
    for n in (100, 1000, 10_000, 100_000, 1_000_000):
        for level, period in ((.9, 10), (.95, 20), (.99, 100), (.995, 200), (.999, 1000)):
            if n >= period:
                assert est.tail_count_of_level(n, level).item() == n // period
                assert est.tail_count_of_period(n, period).item() == n // period
                assert est.tail_count_of_period(n, 1 / (1 - level)).item() == n // period


def test_beyond_the_span_is_nan_and_the_span_itself_is_not():
    years = [3.0, 5.0]
    assert est.quantile(years, 10, 1.0).item() == 5
    for f in (est.quantile, est.tail_mean, est.quantile_se, est.tail_mean_se):
        assert np.isnan(f(years, 10, .999)).all()
    # a tail of one year says nothing of its spread
    assert np.isnan(est.tail_mean_se(years, 10, 1.0)).all()


def test_unknown_losses_make_every_answer_unknown():
    years = [1.0, np.nan, 3.0]
    for f in (est.quantile, est.tail_mean, est.quantile_se, est.tail_mean_se):
        assert np.isnan(f(years, 10, [1.0, 2.0])).all()
    assert np.isnan(est.mean_loss(years, 10)).all()
    assert np.isnan(est.loss_probability(years, 10)).all()
    assert np.isnan(est.quantile_interval(years, 10, 2.0)).all()


def test_what_is_refused():
    for losses, n in (([-1.0], 5), ([np.inf], 5), ([1.0, 2.0], 1), ([[1.0]], 5), ([1.0], 0)):
        with pytest.raises(RiskModelError):
            est.mean_loss(losses, n)
    with pytest.raises(RiskModelError, match="1 or more"):
        est.tail_count_of_period(10, [.5])
    for level in (1.0, -.1, np.nan):
        with pytest.raises(RiskModelError, match="probabilities"):
            est.tail_count_of_level(10, level)


def test_no_loss_at_all():
    assert est.mean_loss([], 100) == (0.0, 0.0)
    assert est.quantile([], 100, 1.0).item() == 0
    value, se, low, high = est.loss_probability([], 1000)
    assert (value, low) == (0, 0)
    assert np.isnan(se)
    assert high == pytest.approx(1 - .05 ** (1 / 1000), rel=1e-12)
    assert high == pytest.approx(3 / 1000, rel=.01)  # the rule of three


def test_probability_interval_is_exact():
    # Clopper and Pearson: at each end the tail of the binomial holds 2.5 %
    from scipy.stats import binom

    low, high = est.probability_interval(7, 200)
    assert binom.sf(6, 200, low) == pytest.approx(.025, rel=1e-9)
    assert binom.cdf(7, 200, high) == pytest.approx(.025, rel=1e-9)
    assert est.probability_interval(200, 200) == (pytest.approx(.05 ** (1 / 200)), 1.0)


def test_rank_interval_holds_what_it_says():
    from scipy.stats import binom

    for n, count in ((10_000, 40), (1000, 10), (5000, 2500), (200, 1), (1000, 33.3)):
        high, low = (rank.item() for rank in est.rank_interval(n, count))
        share = count / n
        covered = binom.cdf(low - 1, n, share) - binom.cdf(high - 1, n, share)
        assert covered >= .95
        assert binom.cdf(low - 2, n, share) - binom.cdf(high, n, share) < .95


def test_quantile_error_in_an_atom_is_the_rank_interval():
    years = np.full(50, 8.0)  # 50 of 100 years lose exactly 8
    assert est.quantile_se(years, 100, 20).item() == 0  # deep in the atom: certain
    assert est.quantile_se(years, 100, 49).item() > 0  # its edge is not
    assert est.quantile_se(years, 100, 55).item() > 0  # nor is a zero that is nearly a loss
    assert est.quantile_se(years, 100, 95).item() == 0


@pytest.mark.parametrize("tail", ["exponential", "pareto"])
def test_quantile_error_is_that_of_repeated_runs(tail):
    rng = np.random.default_rng(8)
    runs = [getattr(rng, tail)(*((3.0,) if tail == "pareto" else ()), size=2000)
            for _ in range(300)]
    for count in (20.0, 60.0):
        found = np.array([est.quantile(x, 2000, count).item() for x in runs])
        said = np.mean([est.quantile_se(x, 2000, count).item() for x in runs])
        assert said == pytest.approx(found.std(), rel=4 / np.sqrt(600))
