"""Influence of years on a tail's means: the same split, and the same error, as Euler's rule."""

from __future__ import annotations

import numpy as np
import pytest

from riskmodel.measures.euler import explained, split
from riskmodel.measures.influence import euler_influence, tail_influence


@pytest.fixture(scope="module")
def parts():
    rng = np.random.default_rng(2)
    common = rng.exponential(1.0, (4000, 1))
    lost = rng.exponential([1.0, 2.0, 5.0], (4000, 3)) + common * [3.0, 0.0, 1.0]
    lost[rng.random(4000) < 0.6] = 0.0
    return lost


@pytest.mark.parametrize("level", [0.5, 0.9, 0.9505])  # a tie at 0, whole years, a split year
def test_means_and_errors_are_those_of_the_split(parts, level):
    loss = parts.sum(axis=1)
    found = euler_influence(loss, parts, level)
    bad = np.flatnonzero(loss)
    of = explained(bad, loss[bad], len(loss), "tvar", level)
    year, group = np.repeat(bad, 3), np.tile(np.arange(3), len(bad))
    value, error = split(of, year, group, parts[bad].ravel(), 3)
    assert found.mean(axis=0) == pytest.approx(value)
    assert found.mean(axis=0).sum() == pytest.approx(tail_influence(loss, level)[0])
    assert found.std(axis=0) / np.sqrt(len(loss)) == pytest.approx(error, rel=0.01)


def test_a_level_beyond_the_years_is_nan(parts):
    assert np.isnan(euler_influence(parts.sum(axis=1), parts, 0.99999)).all()
