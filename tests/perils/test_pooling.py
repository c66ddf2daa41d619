"""Pooling of probabilities."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.errors import RiskModelError
from riskmodel.perils.pooling import linear_pool, odds_pool

CHANCES = st.lists(st.floats(0.001, 0.999), min_size=1, max_size=6)


@given(CHANCES)
def test_a_pool_lies_between_its_judges(said):
    for pool in (linear_pool, odds_pool):
        assert min(said) - 1e-12 <= pool(said) <= max(said) + 1e-12


@given(CHANCES)
def test_the_odds_pool_treats_yes_and_no_alike(said):
    assert odds_pool(said) == pytest.approx(1 - odds_pool([1 - p for p in said]), abs=1e-9)
    once = odds_pool(said)
    assert odds_pool(said, extremise=2.0) == pytest.approx(
        once**2 / (once**2 + (1 - once) ** 2), abs=1e-9)


def test_weights_count():
    assert linear_pool([.1, .4], [3, 1]) == pytest.approx(.175)
    assert odds_pool([.1, .4], [1, 0]) == pytest.approx(.1)
    assert odds_pool([.1, .1, .4]) == pytest.approx(odds_pool([.1, .4], [2, 1]))


def test_a_certain_judge_decides_alone():
    assert odds_pool([0.0, .5]) == 0.0
    assert odds_pool([1.0, .5]) == 1.0
    assert odds_pool([1.0, .5], [0, 1]) == .5


@pytest.mark.parametrize(("said", "more", "message"), [
    ([], {}, "one or more"), ([1.2], {}, "from 0 to 1"), ([.5], {"weights": [1, 1]}, "one weight"),
    ([.5], {"weights": [0.0]}, "not all 0"), ([.5], {"extremise": 0.0}, "power above 0"),
    ([0.0, 1.0], {}, "no mean"), ([float("nan")], {}, "from 0 to 1")])
def test_what_cannot_be_pooled_is_refused(said, more, message):
    with pytest.raises(RiskModelError, match=message):
        odds_pool(said, **more)
