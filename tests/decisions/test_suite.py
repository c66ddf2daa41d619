"""The suite: each scenario on its own world, and the figures of each worked out by hand."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

import riskmodel as rm
from riskmodel.decisions.stress.suite import COLUMNS, course_of, play, stress_suite
from riskmodel.measures.yeartable import TOTAL
from riskmodel.perils.scenarios import read_scenario


def scenario(*outages: dict, name: str = "try", world_as_of: str | None = None) -> rm.Scenario:
    rows = [{"source": "a", "start_h": 0.0, "depth": 1.0, **row} for row in outages]
    data = {"id": name, "name": name, "story": "It goes dark.", "as_of": "2026-11-24",
            "confidence": "low", "does_not_cover": ["Else."],
            "sources": {"a": {"title": "A", "url": "https://a.b", "published": "2026-01-01"}},
            "events": [{"peril": "grid_outage", "region": "R", "outages": rows}]}
    return read_scenario(data | ({"world_as_of": world_as_of} if world_as_of else {}))


@pytest.fixture(scope="module")
def world() -> rm.World:
    """Two sites of 100 MW; ``one`` holds the first whole and half of the second."""
    return rm.World.from_frames(
        sites=pd.DataFrame({"site_id": ["a", "b"], "lat": 30.0, "lon": -99.0, "it_mw": 100.0}),
        labs=pd.DataFrame({"lab_id": ["one", "two"], "needed_share": [0.9, 0.5]}),
        holdings=pd.DataFrame({"lab_id": ["one", "one", "two"], "site_id": ["a", "b", "b"],
                               "share": [1.0, 0.5, 0.5]}))


def rows_of(played) -> dict:
    return {row["lab"]: row for row in played.table.to_dict("records")}


def test_figures_by_hand(world):
    """``a`` is dark for 10 h; ``b`` half dark from hour 5 to 45."""
    played = play(world, scenario({"node": "a", "duration_h": 10.0},
                                  {"node": "b", "start_h": 5.0, "duration_h": 40.0, "depth": 0.5}))
    rows = rows_of(played)
    one, two, total = rows["one"], rows["two"], rows[TOTAL]
    assert one["capacity_mw"] == 150.0
    assert one["lost_mw_days"] == pytest.approx((100 * 10 + 25 * 40) / 24)
    assert one["lost_mw_peak"] == pytest.approx(125.0)
    assert one["lost_share_peak"] == pytest.approx(125 / 150)
    assert one["hours_to_50pct_back"] == pytest.approx(5.0)  # deepest from 5 to 10, then 25 MW
    assert one["hours_to_90pct_back"] == pytest.approx(40.0)
    # 135 MW needed at once: 85 MW short for five hours, 110 for five, 10 for the rest
    assert one["shortfall_mw_days"] == pytest.approx((85 * 5 + 110 * 5 + 10 * 35) / 24)
    assert (two["lost_mw_peak"], two["shortfall_mw_days"]) == (pytest.approx(25.0), 0.0)
    assert two["hours_to_50pct_back"] == two["hours_to_90pct_back"] == pytest.approx(40.0)
    assert total["lost_mw_days"] == pytest.approx(one["lost_mw_days"] + two["lost_mw_days"])
    assert total["lost_mw_peak"] == pytest.approx(150.0)
    assert played.total_lost == pytest.approx(total["lost_mw_days"])


def test_what_never_comes_back_says_so(world):
    played = play(world, scenario({"node": "a", "permanent": True, "depth": 0.4, "part": "x"},
                                  {"node": "a", "duration_h": 24.0, "depth": 0.6, "part": "y"}))
    one = rows_of(played)["one"]
    assert one["hours_to_50pct_back"] == pytest.approx(24.0)
    assert np.isinf(one["hours_to_90pct_back"])
    assert one["lost_mw_days"] == pytest.approx(40 * 730 + 60)
    two = rows_of(played)["two"]
    assert np.isnan(two["hours_to_50pct_back"])
    assert two["lost_mw_days"] == 0.0
    short = play(world, scenario({"node": "a", "permanent": True}), recovery_cap_days=10)
    assert rows_of(short)["one"]["lost_mw_days"] == pytest.approx(1000.0)


def test_a_dip_that_comes_again_counts_to_the_last(world):
    played = play(world, scenario({"node": "a", "duration_h": 2.0, "every_h": 24, "times": 3}))
    assert rows_of(played)["one"]["hours_to_50pct_back"] == pytest.approx(50.0)


def test_the_course_adds_up_to_the_loss(world):
    played = play(world, scenario({"node": "a", "duration_h": 10.0},
                                  {"node": "b", "start_h": 5.0, "duration_h": 40.0, "depth": 0.5}))
    course = course_of(played.course)
    area = sum(level * (after[0] - hour) for (hour, level), after in pairwise(course))
    assert area / 24 == pytest.approx(played.total_lost)


def test_each_is_played_on_the_world_it_asks_for(world):
    asked = []

    def on(day):
        asked.append(day)
        return world

    suite = stress_suite(on, [
        scenario({"node": "a", "duration_h": 1.0}, name="x"),
        scenario({"node": "b", "duration_h": 3.0}, name="y", world_as_of="2027-12-31"),
        scenario({"node": "b", "duration_h": 2.0}, name="z", world_as_of="2027-12-31")])
    assert asked == [None, dt.date(2027, 12, 31)]  # each world read once
    assert tuple(suite.table.columns) == COLUMNS
    assert suite.table["scenario"].tolist() == ["x"] * 3 + ["y"] * 3 + ["z"] * 3
    assert [each.scenario.scenario_id for each in suite.ranked] == ["y", "z", "x"]


def test_what_cannot_be_played_is_left_out_only_if_asked(world):
    told = [scenario({"node": "gone", "duration_h": 1.0}, name="x"),
            scenario({"node": "a", "duration_h": 1.0}, name="y")]
    with pytest.raises(rm.RiskModelError, match="no node 'gone'"):
        stress_suite(world, told)
    suite = stress_suite(world, told, leave_out=True)
    assert list(suite.left_out) == ["x"]
    assert set(suite.table["scenario"]) == {"y"}


def test_two_scenarios_of_one_name_are_refused(world):
    with pytest.raises(rm.RiskModelError, match="two scenarios are called 'x'"):
        stress_suite(world, [scenario({"node": "a", "duration_h": 1.0}, name="x")] * 2)


def test_stress_says_what_it_takes(world):
    with pytest.raises(rm.RiskModelError, match="a Scenario, an Event or a list"):
        rm.stress(world, ["gulf-campaign-2026"])
