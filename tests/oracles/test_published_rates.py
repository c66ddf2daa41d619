"""Published numbers of the helpers of perils: self-excitation, counts, pooling, restoration."""

import numpy as np
import pytest

from riskmodel.perils import hawkes
from riskmodel.perils.pooling import linear_pool, odds_pool
from riskmodel.perils.posterior import chance_next, gamma_posterior
from riskmodel.perils.restoration import (
    ExponentialRestoration,
    LinearRestoration,
    NormalRestoration,
)
from tests.perils.small_world import Draws

# background .5, jumps of .6 that decay at the rate 1
P40 = hawkes.Hawkes(background=0.5, branching=0.6, mean_delay=1.0)


def test_p40_hawkes_expectations():
    assert P40.expected_intensity(10.0) == pytest.approx(1.23626327, abs=1e-7)
    assert P40.expected_count(10.0) == pytest.approx(10.65934182, abs=1e-7)
    assert P40.stationary_rate == pytest.approx(1.25, abs=1e-12)
    assert P40.fano_factor == pytest.approx(6.25, abs=1e-12)
    assert P40.window_fano(1e9) == pytest.approx(6.25, abs=1e-7)


def test_p40_hawkes_by_simulation():
    paths = 20_000
    block = Draws(np.arange(paths), "p40", horizon_h=10.0)
    found = hawkes.sample(block, "p40", ["x"], 0.5 * 8760, 0.6, 1.0,
                          ceiling_per_yr=0.8 * 8760, memory_h=0.0)
    counts = np.bincount(found.year, minlength=paths)
    assert abs(counts.mean() - 10.65934182) < 4 * counts.std() / np.sqrt(paths)
    # the intensity at the end of each path, from its events
    intensity = 0.5 + np.bincount(found.year, 0.6 * np.exp(found.time_h - 10.0), paths)
    assert abs(intensity.mean() - 1.23626327) < 4 * intensity.std() / np.sqrt(paths)


def test_p41_borel_clusters():
    printed = [.54881164, .18071653, .08926140, .05225354, .03360627]
    np.testing.assert_allclose(hawkes.borel(np.arange(1, 6), 0.6), printed, rtol=0, atol=1e-8)
    assert hawkes.borel_mean(0.6) == pytest.approx(2.5, abs=1e-12)
    assert hawkes.borel_variance(0.6) == pytest.approx(9.375, abs=1e-12)
    k = np.arange(1, 2000)
    mass = hawkes.borel(k, 0.6)
    assert mass.sum() == pytest.approx(1.0, abs=1e-8)
    assert mass @ k == pytest.approx(2.5, abs=1e-8)
    assert mass @ (k - 2.5) ** 2 == pytest.approx(9.375, abs=1e-8)


def test_p41_borel_clusters_by_simulation():
    block = Draws(np.arange(4000), "p41", horizon_h=400.0)
    found = hawkes.sample(block, "p41", ["x"], 0.02 * 8760, 0.6, 1.0, ceiling_per_yr=0.02 * 8760,
                          memory_h=0.0)
    # clusters that begin early enough to end within the horizon
    key = found.year * 100_000 + found.cluster
    _, sizes = np.unique(key, return_counts=True)
    first = np.minimum.reduceat(found.time_h[np.argsort(key, kind="stable")],
                                np.append(0, np.cumsum(sizes)[:-1]))
    sizes = sizes[first < 300.0]
    n = len(sizes)
    assert n > 20_000
    assert abs(sizes.mean() - 2.5) < 4 * np.sqrt(9.375 / n)
    for k, p in enumerate([.54881164, .18071653, .08926140, .05225354, .03360627], start=1):
        assert abs((sizes == k).mean() - p) < 4 * np.sqrt(p * (1 - p) / n)
    fourth = ((sizes - sizes.mean()) ** 4).mean()
    assert abs(sizes.var() - 9.375) < 4 * np.sqrt((fourth - sizes.var() ** 2) / n)


def test_p44_gamma_posterior_of_a_count():
    one = gamma_posterior(1, 20.0)
    assert (one.mean, one.low, one.high) == pytest.approx((.075, .005395, .233710), abs=1e-6)
    assert chance_next(1, 20.0, 1.0) == pytest.approx(.070571, abs=1e-6)
    none = gamma_posterior(0, 20.0)
    assert none.mean == pytest.approx(.025, abs=1e-12)
    # the oracle's 95 % point of no event: 97.5 % of the rates lie below high, 95 % below it
    from scipy.stats import gamma

    law = gamma(0.5, scale=1 / 20.0)
    assert law.ppf(0.95) == pytest.approx(.096036, abs=1e-6)
    assert none.high == pytest.approx(law.ppf(0.975), rel=1e-9)


def test_p46_pooled_probabilities():
    said = [.01, .05, .20]
    assert linear_pool(said) == pytest.approx(.086667, abs=1e-6)
    assert odds_pool(said) == pytest.approx(.048555, abs=1e-6)
    assert odds_pool(said, extremise=2.5) == pytest.approx(.000588, abs=1e-6)


def test_p54_restoration_curves():
    substation = NormalRestoration(mean=3.0, deviation=1.5)
    np.testing.assert_allclose(substation.restored([1.0, 3.0, 7.0]), [.0912112, .5, .9961696],
                               rtol=0, atol=1e-4)
    assert LinearRestoration(length=180.0, lost=0.6).loss() == pytest.approx(54.0, abs=1e-4)
    assert ExponentialRestoration(tau=60.0).loss(180.0) == pytest.approx(57.012776, abs=1e-6)
