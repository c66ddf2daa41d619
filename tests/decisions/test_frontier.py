"""The frontier: convex where it must be, ended by what cannot be kept, with bands."""

from __future__ import annotations

import numpy as np
import pytest

import riskmodel as rm
from tests.decisions.allocation_case import SITES, small_world


@pytest.fixture(scope="module")
def found():
    world = small_world()
    runs = [rm.simulate(world, 1000, seed, adequacy=False) for seed in (1, 2)]
    return rm.allocate(world, "one", 200.0, SITES, 0.95, losses=runs[0], fresh=runs[1],
                       cost={"US": 9.0, "NO": 14.0, "AE": 6.0}, shares_of="new", replicates=4)


def tails(curve, sample="fitted"):
    frame = curve.table
    return frame[(frame["measure"] == "tvar") & (frame["sample"] == sample)]


def test_money_buys_a_smaller_tail_ever_less(found):
    curve = rm.frontier(found)
    line = tails(curve)
    assert len(line) == 7
    assert not curve.left_out
    value = line["value"].to_numpy()
    assert (np.diff(value) <= 1e-6).all()
    assert (np.diff(value, 2) >= -1e-6 * value[0]).all()  # evenly spaced limits: convex
    assert value[-1] == pytest.approx(found.split.cvar, rel=1e-6)
    spent = curve.table[curve.table["measure"] == "cost"]["value"].to_numpy()
    assert (spent <= line["limit"].to_numpy() * (1 + 1e-6)).all()
    assert spent[0] == pytest.approx(6.0 * 200.0, rel=1e-5)
    assert (line["low"] < line["high"]).all()
    assert (tails(curve, "fresh")["se"] > 0).all()
    per_point = curve.splits.groupby("limit")["mw"].sum()
    assert per_point.to_numpy() == pytest.approx(np.full(7, 200.0))


def test_spread_and_home_cost_something_and_what_cannot_be_kept_is_left_out(found):
    spread = rm.frontier(found, "max_share", [0.15, 0.3, 0.6, 1.0], of="operator", replicates=0)
    assert list(spread.left_out) == []  # dubai's operator is not known: no row binds it
    assert (np.diff(tails(spread)["value"]) <= 1e-6).all()
    home = rm.frontier(found, "min_domestic", [0.0, 0.5, 1.0], of="US", replicates=0)
    assert (np.diff(tails(home)["value"]) >= -1e-6).all()
    countries = rm.frontier(found, "max_share", [0.2, 0.5], of="country", replicates=0)
    assert list(countries.left_out) == [0.2]
    assert "at most 20 % in" in countries.left_out[0.2]
    assert tails(countries)["limit"].tolist() == [0.5]


def test_the_points_start_from_the_allocation_it_was_given(found):
    line = tails(rm.frontier(found, "min_domestic", [0.0], of="US", replicates=0))
    assert line["value"].iloc[0] == pytest.approx(found.split.cvar, rel=1e-6)


@pytest.mark.parametrize(("asked", "says"), [
    ({"along": "cost"}, "budget"), ({"along": "max_share"}, "of='grid_region'"),
    ({"along": "min_domestic"}, "of='US'"), ({"values": []}, "is empty"),
    ({"along": "max_share", "of": "country", "values": [0.1]}, "no limit can be kept"),
])
def test_wrong_input_is_refused(found, asked, says):
    with pytest.raises(rm.RiskModelError, match=says):
        rm.frontier(found, replicates=0, **asked)
