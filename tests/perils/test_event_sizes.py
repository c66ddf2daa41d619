"""Sizes and their rank correlation with hours, against scipy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from riskmodel.perils.event_sizes import (
    coupled,
    normal_correlation,
    truncated_pareto,
    truncated_pareto_mean,
)


@pytest.mark.parametrize("exponent", [1.0, 1.27, 2.1])
def test_truncated_pareto_is_scipys(exponent):
    law = stats.truncpareto(exponent, 700.0)
    u = np.linspace(0.001, 0.999, 50)
    np.testing.assert_allclose(truncated_pareto(u, exponent, 700.0), law.ppf(u), rtol=1e-9)
    mean = integrate.quad(law.sf, 1, 700.0, limit=500)[0] + 1
    assert truncated_pareto_mean(exponent, 700.0) == pytest.approx(mean, rel=1e-6)


def test_a_copula_keeps_uniforms_and_has_the_rank_correlation():
    rng = np.random.default_rng(5)
    n = 100_000
    size, u = rng.random((2, n))
    found = coupled(u, size, 0.3)
    assert stats.kstest(found, "uniform").pvalue > 1e-4
    assert abs(stats.spearmanr(size, found)[0] - 0.3) < 4 / np.sqrt(n)
    assert normal_correlation(0.3) == pytest.approx(0.3129, abs=1e-4)
    np.testing.assert_allclose(coupled(u, size, 1.0), size, rtol=1e-5)
