"""Shapley values keep their axioms, equal the slow mean over all orders, and estimate it honestly.
"""

from __future__ import annotations

from itertools import permutations
from math import factorial

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import riskmodel as rm
from riskmodel.measures.shapley import drawn_game, shapley, shapley_permutations

PLAYERS = "abcde"


def slow(value, players):
    """The mean contribution over every order, one order at a time."""
    total = dict.fromkeys(players, 0.0)
    for order in permutations(players):
        inside = frozenset()
        for player in order:
            total[player] += value(inside | {player}) - value(inside)
            inside |= {player}
    return {player: each / factorial(len(players)) for player, each in total.items()}


@st.composite
def games(draw):
    """A worth for each coalition of two to five players, nobody's included."""
    players = PLAYERS[:draw(st.integers(2, 5))]
    worth = draw(st.lists(st.floats(-100, 100), min_size=2**len(players),
                          max_size=2**len(players)))

    def value(coalition):
        return worth[sum(2**players.index(player) for player in coalition)]

    return players, value


@settings(max_examples=60, deadline=None)
@given(games())
def test_it_is_the_mean_over_all_orders_and_adds_up(game):
    players, value = game
    frame = shapley(value, players)
    found = dict(zip(frame["player"], frame["value"], strict=True))
    assert found == pytest.approx(slow(value, players), abs=1e-9)
    whole = value(frozenset(players)) - value(frozenset())
    assert frame["value"].sum() == pytest.approx(whole, abs=1e-9)
    for row in frame.itertuples():
        others = frozenset(players) - {row.player}
        assert row.first_in == value(frozenset(row.player)) - value(frozenset())
        assert row.last_in == value(frozenset(players)) - value(others)


@settings(max_examples=40, deadline=None)
@given(games())
def test_who_changes_nothing_gets_nothing_and_the_same_get_the_same(game):
    players, value = game

    def with_dummy(coalition):
        return value(coalition - {"z"})

    frame = shapley(with_dummy, [*players, "z"]).set_index("player")
    assert frame.at["z", "value"] == pytest.approx(0, abs=1e-9)
    assert frame.loc[list(players), "value"].to_list() == pytest.approx(
        shapley(value, players)["value"].to_list(), abs=1e-9)

    def alike(coalition):  # the last two players stand in for each other
        if players[-1] in coalition and players[-2] not in coalition:
            coalition = coalition - {players[-1]} | {players[-2]}
        return value(coalition)

    frame = shapley(alike, players).set_index("player")
    assert frame.at[players[-1], "value"] == pytest.approx(frame.at[players[-2], "value"],
                                                           abs=1e-9)


def weighted(coalition):
    """A game of eight whose parts neither add nor are alike: the root of a sum."""
    return float(np.sqrt(sum((player + 1) ** 2 for player in coalition)))


def test_random_orders_come_within_their_error_and_add_up():
    exact = shapley(weighted, range(8))["value"].to_numpy()
    frame = shapley_permutations(weighted, range(8), permutations=60, seed=3)
    assert (frame["se"] > 0).all()
    assert (np.abs(frame["value"] - exact) < 4 * frame["se"]).all()
    assert frame["value"].sum() == pytest.approx(weighted(range(8)), rel=1e-12)
    pd.testing.assert_frame_equal(frame, shapley_permutations(weighted, range(8), 60, 3))
    again = shapley_permutations(weighted, range(8), permutations=60, seed=4)
    assert (frame["value"] != again["value"]).any()


def test_the_error_is_that_of_repeated_draws():
    runs = [shapley_permutations(weighted, range(5), 12, seed) for seed in range(150)]
    spread = np.std([run["value"] for run in runs], axis=0, ddof=1)
    said = np.sqrt(np.mean([run["se"]**2 for run in runs], axis=0))
    assert (np.abs(np.log(said / spread)) < 4 / np.sqrt(2 * 150)).all()


def test_every_other_order_is_the_reverse_of_the_one_before():
    orders = drawn_game(6, 10, 1).orders
    assert (orders[1::2] == orders[0::2, ::-1]).all()
    assert (np.sort(orders, axis=1) == np.arange(6)).all()
    # a game that adds is exact from any orders
    added = shapley_permutations(lambda coalition: float(sum(coalition)), range(20), 4)
    assert added["value"].to_list() == pytest.approx(list(range(20)), abs=1e-9)


@pytest.mark.parametrize("how", [shapley, lambda value, players: shapley_permutations(
    value, players, 40, seed=2)], ids=["exact", "orders"])
def test_a_coalition_is_asked_for_once(how):
    asked = []

    def value(coalition):
        asked.append(coalition)
        return weighted(coalition)

    frame = how(value, range(6))
    assert len(asked) == len(set(asked)) == frame["n"].iat[0] <= 64


def test_what_cannot_be_is_refused():
    with pytest.raises(rm.RiskModelError, match="shapley_permutations"):
        shapley(weighted, range(16))
    for wrong in ([], ["a", "a"]):
        with pytest.raises(rm.RiskModelError, match="player"):
            shapley(weighted, wrong)
    with pytest.raises(rm.RiskModelError, match="4 or more"):
        shapley_permutations(weighted, range(3), 2)
    with pytest.raises(rm.RiskModelError, match="generator"):
        shapley_permutations(weighted, range(3), seed=np.random.default_rng(1))
