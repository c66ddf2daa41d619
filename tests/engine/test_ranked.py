"""Many values in little room: what is exact is exact, the rest within the stated error."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import riskmodel as rm
from riskmodel.engine.long.ranked import RELATIVE_ERROR, Ranked

TOP = 7
values = st.lists(st.one_of(
    st.just(0.0), st.sampled_from([1.0, 625.0, 1e-3]),
    st.floats(1e-9, 1e12, allow_nan=False, allow_subnormal=False)), max_size=60)


def ranked(*lists, top: int = TOP, worlds: int = 1) -> Ranked:
    one = Ranked(top, worlds)
    for i, some in enumerate(lists):
        one.add(np.array(some, dtype=float), i % worlds)
    return one


@settings(max_examples=80, deadline=None)
@given(values, values, values)
def test_ranks_are_exact_at_the_top_and_within_the_error_below(one, two, three):
    found = ranked(one, two, three)
    true = np.sort(np.array([*one, *two, *three], dtype=float))[::-1]
    rank = np.arange(1, true.size + 3)
    got, true = found.at_rank(rank), np.append(true, [0.0, 0.0])
    assert got[:TOP].tolist() == true[:TOP].tolist()
    assert (np.abs(got - true) <= RELATIVE_ERROR * true).all()
    assert (got[1:] <= got[:-1]).all()
    assert found.size == np.count_nonzero(true)
    assert found.total == pytest.approx(true.sum(), rel=1e-12)
    assert found.squares == pytest.approx((true**2).sum(), rel=1e-12)
    for count in (1, TOP, TOP + 3, true.size):
        tail = found.largest(count)
        assert tail.size == np.count_nonzero(true[:count])
        assert tail.total == pytest.approx(true[:count].sum(), rel=RELATIVE_ERROR)
        assert tail.squares == pytest.approx((true[:count]**2).sum(), rel=2.1 * RELATIVE_ERROR)
        if count <= TOP:
            assert tail.total == pytest.approx(true[:count].sum(), rel=1e-14)


@settings(max_examples=80, deadline=None)
@given(values, values, values)
def test_merging_is_seeing_everything(one, two, three):
    """However the parts are put together: the same counts, the same largest values."""
    left = ranked(one, two)
    left.merge(ranked(three))
    right = ranked(two)
    right.merge(ranked(three))
    first = ranked(one)
    first.merge(right)
    whole = ranked(one, two, three).arrays()
    for found in (left.arrays(), first.arrays()):
        assert found["top"].tolist() == whole["top"].tolist()
        assert found["bin"].tolist() == whole["bin"].tolist()
        assert found["bins"][0].tolist() == whole["bins"][0].tolist()
        np.testing.assert_allclose(found["bins"], whole["bins"], rtol=1e-12)
        np.testing.assert_allclose(found["sums"], whole["sums"], rtol=1e-12)


def test_a_stop_between_blocks_changes_nothing():
    """To arrays and back after every block: the same bytes as in one go."""
    blocks = np.random.default_rng(1).lognormal(3, 2, (20, 50))
    straight, halting = Ranked(100, 3), Ranked(100, 3)
    for i, block in enumerate(blocks):
        straight.add(block, i % 3)
        straight.settle()  # as at the end of a part
        halting.add(block, i % 3)
        halting = Ranked.from_arrays(halting.arrays(), 100, 3)
    for name, array in straight.arrays().items():
        assert array.tobytes() == halting.arrays()[name].tobytes()


def test_the_worlds_of_the_largest_are_known():
    found = ranked([9.0, 1.0, 8.0], [7.0], [6.0, 5.0], top=4, worlds=3)
    assert found.worlds_of_largest(4).tolist() == [2, 1, 1]
    assert found.sums_by_world(found.top[:3]).tolist() == [17.0, 7.0, 0.0]
    assert found.worlds_of_largest(5) is None


def test_an_atom_on_both_sides_of_the_last_value_kept_stays_one_value():
    found = ranked(np.full(1000, 0.1), top=10)
    assert set(found.at_rank(np.arange(1, 1001)).tolist()) == {0.1}


def test_what_cannot_be_is_refused():
    with pytest.raises(rm.RiskModelError, match="infinite"):
        ranked([np.inf])
    with pytest.raises(rm.RiskModelError, match="do not merge"):
        ranked([1.0], top=3).merge(ranked([1.0], top=4))
    with pytest.raises(rm.RiskModelError, match="keep one value at least"):
        Ranked(0)
