"""Rows from the tables of a world: who is in them, their limits, and the words."""

from __future__ import annotations

import numpy as np
import pytest

from riskmodel.decisions.allocation.rows import Conditions, allocation_rows, caps_of, cost_of
from riskmodel.errors import RiskModelError
from riskmodel.world.geography import distance_km
from tests.decisions.allocation_case import SITES, small_world

HELD = {"tex_a": 100.0}


@pytest.fixture(scope="module")
def world():
    return small_world()


def rows(world, held=None, mw=100.0, **conditions):
    return {row.name: row for row in
            allocation_rows(world, SITES, mw, Conditions(**conditions), held)}


def test_every_group_of_a_dimension_has_a_row(world):
    found = rows(world, max_share={"grid_region": 0.4, "operator": {"Alpha": 0.25}})
    assert list(found) == ["at most 40 % in ERCOT (grid region)",
                           "at most 40 % in PJM (grid region)", "at most 40 % in NO1 (grid region)",
                           "at most 25 % in Alpha (operator)"]
    ercot = found["at most 40 % in ERCOT (grid region)"]
    assert ercot.coefficients.tolist() == [1, 1, 0, 0, 0]
    assert (ercot.limit, ercot.whole, ercot.at_least) == (40.0, 100.0, False)


def test_shares_count_what_the_lab_keeps_unless_asked_not_to(world):
    both = rows(world, HELD, max_share={"grid_region": {"ERCOT": 0.6}}, min_domestic={"US": 0.9})
    ercot, home = both.values()
    assert ercot.limit == pytest.approx(20.0)  # 60 % of 200 less the 100 that are there
    assert (home.limit, home.at_least) == (pytest.approx(80.0), True)
    assert "100 MW are there already" in ercot.remark
    alone = rows(world, HELD, max_share={"grid_region": {"ERCOT": 0.6}}, shares_of="new")
    assert [row.limit for row in alone.values()] == [pytest.approx(60.0)]


def test_theatres_and_countries_together(world):
    found = rows(world, max_share={"theatre": 0.1}, min_domestic={"US, NO": 0.75})
    theatre, home = found.values()
    assert theatre.coefficients.tolist() == [0, 0, 0, 0, 1]
    assert home.coefficients.tolist() == [1, 1, 1, 1, 0]
    assert home.name == "at least 75 % in US and NO"


def test_distances_take_the_far_end_of_what_is_known(world):
    sites = world.sites.set_index("site_id")
    apart = distance_km(sites["lat"], sites["lon"], 40.0, -83.0)
    precision = sites["coord_precision_km"].to_numpy() + 5.0
    found = rows(world, hub="ohio", max_km=2000.0, mean_km=900.0)
    reach, mean = found.values()
    assert reach.coefficients.tolist() == (apart + precision > 2000.0).astype(float).tolist()
    assert reach.limit == 0.0
    split = np.array([10.0, 20.0, 70.0, 0.0, 0.0])
    assert mean.used(split) == pytest.approx(float((apart + precision) @ split) / 100.0)
    assert mean.limit == 900.0
    edge = float(apart[SITES.index("oslo")])
    near_edge = next(iter(rows(world, hub=(40.0, -83.0), max_km=edge + 10.0).values()))
    assert near_edge.coefficients[SITES.index("oslo")] == 1.0  # within, but for its 20 km
    assert "1 of those beyond may lie within" in near_edge.remark
    with pytest.raises(RiskModelError, match="finer than these places are known"):
        rows(world, hub=(59.9, 10.7), max_km=15.0)


def test_costs_by_site_grid_or_country(world):
    cost = {"ERCOT": 8.0, "US": 9.0, "NO": 11.0, "dubai": 7.0}
    assert cost_of(world, SITES, cost).tolist() == [8.0, 8.0, 9.0, 11.0, 7.0]
    row = next(iter(rows(world, cost=cost, budget=900.0, cost_unit="USD m").values()))
    assert (row.name, row.limit) == ("costs at most 900 USD m", 900.0)
    with pytest.raises(RiskModelError, match=r"no cost is given for oslo \(NO1, NO\)"):
        cost_of(world, SITES, {"US": 9.0, "AE": 7.0})


def test_caps_are_one_number_or_by_name():
    assert caps_of(SITES, 50.0, 30.0).tolist() == [30.0] * 5
    assert caps_of(SITES, 50.0, {"ohio": 20.0}).tolist() == [50, 50, 20, 50, 50]
    with pytest.raises(RiskModelError, match="did you mean 'ohio'"):
        caps_of(SITES, 50.0, {"ohoi": 20.0})


@pytest.mark.parametrize(("conditions", "says"), [
    ({"max_share": {"grid": 0.4}}, "grid_region"),
    ({"max_share": {"grid_region": {"ERCTO": 0.4}}}, "did you mean 'ERCOT'"),
    ({"max_share": {"grid_region": 40}}, "give a share from 0 to 1"),
    ({"min_domestic": {"GB": 0.4}}, "no site of this world lies in 'GB'"),
    ({"shares_of": "old"}, "all, new"), ({"max_km": 100.0}, "name a site_id or give"),
    ({"hub": "ohoi", "max_km": 100.0}, "did you mean 'ohio'"),
    ({"hub": (400.0, 0.0), "max_km": 100.0}, "latitude 400"),
    ({"hub": "ohio", "mean_km": -1.0}, "give km, above 0"), ({"budget": 10.0}, "needs costs"),
])
def test_wrong_conditions_are_refused(world, conditions, says):
    with pytest.raises(RiskModelError, match=says):
        rows(world, **conditions)
