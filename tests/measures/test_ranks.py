"""Ranks of means: what is told apart, what is tied, and how often that is wrong."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from riskmodel.errors import RiskModelError
from riskmodel.measures.ranks import rank_table, standard_errors


def slow_verdicts(values: np.ndarray, chance: float) -> set[tuple[int, int]]:
    """Return the pairs (better, worse) that are significant together: Holm, one pair at a time."""
    tests = []
    for i in range(values.shape[1]):
        for j in range(i + 1, values.shape[1]):
            gap = values[:, j] - values[:, i]
            se = gap.std(ddof=1) / np.sqrt(len(gap))
            p = 2 * norm.sf(abs(gap.mean()) / se) if se > 0 else float(gap.mean() == 0)
            tests.append((p, (i, j) if gap.mean() >= 0 else (j, i)))
    found = set()
    for done, (p, pair) in enumerate(sorted(tests)):
        if p > chance / (len(tests) - done):
            break
        found.add(pair)
    return found


def test_the_ranks_are_those_that_no_verdict_forbids():
    rng = np.random.default_rng(5)
    values = rng.normal([0.0, 0.05, 0.5, 0.52, 2.0], 1.0, (300, 5))[:, [3, 0, 4, 1, 2]]
    found = rank_table(values, chance=0.05)
    pairs = slow_verdicts(values, 0.05)
    assert 0 < len(pairs) < 10
    best = int(found["rank"].argmin())
    for j in range(5):
        assert found["rank_low"][j] == 1 + sum(b == j for _, b in pairs)
        assert found["rank_high"][j] == 5 - sum(a == j for a, _ in pairs)
        assert found["tied_with_best"][j] == ((best, j) not in pairs)
        gap = values[:, j] - values[:, best]
        assert found["to_best"][j] == pytest.approx(gap.mean())
        assert found["to_best_se"][j] == pytest.approx(gap.std(ddof=1) / np.sqrt(300))
    order = np.argsort(found["rank"])
    assert (np.diff(values.mean(axis=0)[order]) > 0).all()
    last = int(order.iloc[-1])
    assert np.isnan(found["to_next"][last])
    for i, j in pairwise(order):
        assert found["to_next"][i] == pytest.approx(values[:, j].mean() - values[:, i].mean())
        assert found["tied_with_next"][i] == ((i, j) not in pairs)


def test_large_may_be_good():
    values = np.random.default_rng(5).normal([0.0, 1.0, 3.0], 1.0, (200, 3))
    found = rank_table(values, low_is_good=False)
    assert found["rank"].tolist() == [3, 2, 1]
    assert found["to_best"].tolist() == pytest.approx(
        values.mean(axis=0)[2] - values.mean(axis=0))


def test_equal_columns_are_tied_and_exactly_so():
    values = np.random.default_rng(1).normal(0, 1, (50, 3))
    values[:, 1] = values[:, 0]
    values[:, 2] = values[:, 0] + 1.0  # a constant more: no scatter, and no doubt
    found = rank_table(values)
    assert found["rank"].tolist() == [1, 2, 3]
    assert found[["rank_low", "rank_high"]].to_numpy().tolist() == [[1, 2], [1, 2], [3, 3]]
    assert found["to_next"].iloc[0] == 0
    assert found["tied_with_best"].tolist() == [True, True, False]


def test_a_false_verdict_among_equals_is_as_rare_as_promised():
    rng = np.random.default_rng(11)
    runs, wrong = 200, 0
    for _ in range(runs):
        shared = rng.normal(0, 3, (100, 1))  # common draws
        found = rank_table(shared + rng.normal(0, 1, (100, 6)))
        wrong += bool((found["rank_high"] - found["rank_low"] < 5).any())
    assert wrong <= runs * 0.05 + 4 * np.sqrt(runs * 0.05 * 0.95)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 6), st.integers(1, 12), st.integers(0, 2**31), st.integers(1, 3))
def test_a_rank_lies_in_its_range_wherever_the_column_stands(width, n, seed, worlds):
    rng = np.random.default_rng(seed)
    values = rng.integers(0, 3, (n, width)).astype(float)
    found = rank_table(values, worlds=min(worlds, n))
    assert sorted(found["rank"]) == list(range(1, width + 1))
    assert (found["rank_low"] <= found["rank"]).all()
    assert (found["rank"] <= found["rank_high"]).all()
    mixed = rng.permutation(width)
    again = rank_table(values[:, mixed], worlds=min(worlds, n))
    assert (again["rank_low"].to_numpy() == found["rank_low"].to_numpy()[mixed]).all()
    assert (again["rank_high"].to_numpy() == found["rank_high"].to_numpy()[mixed]).all()


def test_what_is_not_known_has_no_rank():
    values = np.column_stack([np.arange(4.0), np.full(4, np.nan), np.zeros(4)])
    found = rank_table(values)
    assert found["rank"].tolist()[0::2] == [2, 1]
    assert found.loc[1, ["rank", "rank_low", "to_best"]].isna().all()
    assert not found.loc[1, "tied_with_best"]
    assert rank_table(np.full((3, 2), np.nan))["rank"].isna().all()


def test_years_of_one_world_are_a_cluster():
    world = np.random.default_rng(3).normal(0, 1, 20)
    values = np.tile(world, 50)[:, None]  # year y is of world y mod 20
    assert standard_errors(values, 20)[0] == pytest.approx(world.std(ddof=1) / np.sqrt(20))
    assert standard_errors(values)[0] < 0.2 * standard_errors(values, 20)[0]
    assert np.isnan(standard_errors(values[:1])).all()


def test_only_a_table_is_ranked():
    with pytest.raises(RiskModelError, match="1 axes"):
        rank_table(np.zeros(3))
