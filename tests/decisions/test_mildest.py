"""The search for the mildest event: exact where a formula knows the answer, never beaten."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmodel.decisions.reverse.mildest import least_true, trade_off

LONGEST = 1000.0


def steps(corners):
    """Return the shortest length of a falling staircase, each corner (depth, length) included."""
    depth, length = (np.array(side, dtype=float) for side in zip(*corners, strict=True))

    def shortest(asked):
        ever = depth[None, :] <= np.asarray(asked)[:, None]
        return np.where(ever, length, np.inf).min(axis=1)

    return shortest


def asked_by(shortest):
    return lambda depth, length: (shortest(depth.ravel()).reshape(depth.shape) <= length)


def test_thresholds_are_met_from_above_and_exactly():
    bounds = np.array([[3.3], [0.01], [17_520.0]])
    found = least_true(lambda tries: tries >= bounds, np.zeros(3), np.full(3, 17_520.0))
    assert (found >= bounds[:, 0]).all()
    assert found == pytest.approx(bounds[:, 0], rel=1e-9)


@pytest.mark.parametrize("told", [True, False])
def test_a_battery_and_a_second_feed(told):
    """From depth .6 it takes 10 h and 8/depth of battery; from .25 on, 200 h and the battery."""
    def shortest(depth):
        return np.where(depth >= 0.25, np.where(depth >= 0.6, 10 + 8 / depth, 200 + 8 / depth),
                        np.inf)

    found = trade_off(asked_by(shortest), LONGEST, shortest=shortest if told else None)
    assert found.mildest == pytest.approx((0.6, 10 + 8 / 0.6), rel=1e-8)
    assert found.depth[0] == pytest.approx(0.25, rel=1e-8)  # the shallowest that does it
    assert found.length[0] == pytest.approx(232.0, rel=1e-8)
    assert found.length[-1] == pytest.approx(18.0, rel=1e-8)
    assert found.at_least <= 14.0 <= found.at_least * 1.01


def test_nothing_does_it():
    found = trade_off(lambda depth, length: np.zeros(depth.shape, bool), LONGEST)
    assert found.mildest is None
    assert len(found.depth) == 0


def test_only_the_worst_does_it():
    found = trade_off(lambda depth, length: (depth >= 1) & (length >= LONGEST), LONGEST)
    assert found.mildest == pytest.approx((1.0, LONGEST))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(0.01, 1.0), st.floats(0.5, LONGEST)), min_size=1, max_size=6),
       st.booleans())
def test_no_event_is_milder_than_what_was_found(corners, told):
    """Every corner of a staircase is an event that does it; the best of them is the answer."""
    shortest = steps(corners)
    found = trade_off(asked_by(shortest), LONGEST, shortest=shortest if told else None)
    best = min(depth * length for depth, length in corners)
    depth, length = found.mildest
    assert length >= shortest(np.array([depth]))[0] * (1 - 1e-12)  # it does it
    assert depth * length <= best * (1.01 + 1e-8)
    assert found.at_least <= best * (1 + 1e-8)
    assert (np.diff(found.depth) > 0).all()
    assert (np.diff(found.length) <= 1e-6 * found.length[:-1]).all()
