"""Quantiles read off a table, against the functions themselves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import betaincinv, gammaincinv

from riskmodel.perils import quantile_table, quantiles

U = np.concatenate([
    np.random.default_rng(3).random(4000), 10.0 ** np.random.default_rng(4).uniform(-15, -1, 500),
    1.0 - 10.0 ** np.random.default_rng(5).uniform(-15, -1, 500)])


@settings(max_examples=40, deadline=None)
@given(st.floats(0.02, 300), st.floats(0.02, 300))
def test_beta(a, b):
    read = quantile_table.beta(U, a, b)
    if read is None:  # a shape that bends too sharply says so itself
        assert min(a, b) < 0.2
        return
    exact = betaincinv(a, b, U)
    np.testing.assert_allclose(read, exact, rtol=2e-12, atol=1e-300)
    # what a defence stops is told as well as what it lets through
    np.testing.assert_allclose(1.0 - read, 1.0 - exact, rtol=0, atol=2e-13)


@settings(max_examples=40, deadline=None)
@given(st.floats(0.02, 300))
def test_gamma(shape):
    read = quantile_table.gamma(U, shape)
    if read is None:
        assert shape < 0.2
        return
    np.testing.assert_allclose(read, gammaincinv(shape, U), rtol=2e-12, atol=1e-300)


@pytest.mark.parametrize("law", [lambda u: quantiles.gamma(u, 2.0, 3.0),
                                 lambda u: quantiles.beta(u, 0.8, 2.5)])
def test_a_quantile_is_one_function_of_u(law):
    """Alone or among many, in any shape, and rising up to rounding."""
    many = law(U)
    assert (law(U.reshape(50, 100)).ravel() == many).all()
    assert (law(U[7:8]) == many[7:8]).all()
    rising = law(np.sort(U))
    assert (np.diff(rising) >= -1e-13 * rising[1:]).all()


def test_the_ends_and_shapes_without_a_table():
    assert quantiles.beta(np.array([0.0, 1.0]), 2.0, 3.0).tolist() == [0.0, 1.0]
    assert quantiles.beta(np.array([0.3]), 0.0, 3.0).tolist() == [0.0]
    assert quantile_table.beta(U, 0.01, 2.0) is None
    assert quantiles.beta(U, 0.01, 2.0) == pytest.approx(betaincinv(0.01, 2.0, U), rel=1e-13)
    assert quantiles.gamma(np.array([0.0]), 2.0, 1.0).tolist() == [0.0]
