"""Quantile functions against scipy's, and monotone in their parameters."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from riskmodel.errors import RiskModelError
from riskmodel.perils import quantiles

U = np.concatenate([[2.0**-53, 1e-9, 0.5, 1 - 1e-12, 1 - 2.0**-53],
                    (np.arange(2000) + 0.5) / 2000])


@pytest.mark.parametrize("mean", [0.0, 1e-6, 0.05, 1.0, 7.3, 29.9, 31.0, 500.0])
def test_poisson_is_scipys(mean):
    level = U[(U > 1e-10) & (U < 1 - 1e-10)]  # beyond, the sums differ in their last bits
    expected = stats.poisson.ppf(level, mean) if mean else np.zeros(len(level))
    assert np.array_equal(quantiles.poisson(level, mean), expected)


def test_poisson_grows_with_the_mean_and_ends_at_the_edge_of_one():
    means = np.linspace(0, 60, 200)
    level = U[(U > 1e-10) & (U < 1 - 1e-10)]
    assert (np.diff(quantiles.poisson(level[:, None], means[None, :]), axis=1) >= 0).all()
    assert quantiles.poisson(1 - 2.0**-53, means).max() < 400


def test_poisson_refuses_a_negative_mean():
    with pytest.raises(RiskModelError, match="not negative"):
        quantiles.poisson(0.5, -1.0)
    assert quantiles.poisson(np.zeros(0), 1.0).shape == (0,)


def test_lognormal_and_beta_are_scipys():
    np.testing.assert_allclose(quantiles.lognormal(U, 120.0, 0.7),
                               stats.lognorm.ppf(U, 0.7, scale=120.0), rtol=1e-12)
    np.testing.assert_allclose(quantiles.beta(U, 2.0, 4.0), stats.beta.ppf(U, 2, 4), rtol=1e-9)


def test_gamma_is_scipys():
    np.testing.assert_allclose(quantiles.gamma(U, 1.57, 188.5),
                               stats.gamma.ppf(U, 1.57, scale=188.5), rtol=1e-9)
    assert quantiles.gamma(0.5, [1.0, 2.0], 3.0)[0] == pytest.approx(3.0 * np.log(2.0))
