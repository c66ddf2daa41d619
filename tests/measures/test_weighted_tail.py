"""The tail of weighted years is the plain estimators' where all weigh the same."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.measures import estimators as est
from riskmodel.measures.weighted_tail import weighted_tail


@given(losses=st.lists(st.integers(0, 9), min_size=4, max_size=40),
       level=st.sampled_from([0.0, 0.5, 0.75]))
def test_equal_weights_are_the_estimators(losses, level):
    lost, n = np.array(losses, float), len(losses)
    tail = weighted_tail(lost, np.full(n, 1.0 / n), level)
    assert tail.cvar == pytest.approx(float(est.tail_value_at_risk(lost, n, level)[0]), abs=1e-12)
    assert tail.var == float(est.value_at_risk(lost, n, level)[0])
    assert tail.parts.sum() == pytest.approx(1.0)
    assert (tail.parts > 0).all()


def test_a_heavy_year_is_split_at_the_boundary():
    tail = weighted_tail(np.array([1.0, 10.0, 4.0]), np.array([0.5, 0.1, 0.4]), 0.7)
    assert tail.years.tolist() == [1, 2]
    assert tail.parts == pytest.approx([1 / 3, 2 / 3])
    assert (tail.var, tail.cvar) == pytest.approx((4.0, 6.0))
