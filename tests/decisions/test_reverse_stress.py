"""The mildest event that does it: by hand, against brute force, and "nothing does it"."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import riskmodel as rm
from riskmodel.decisions.reverse.scenarios import scaled
from riskmodel.decisions.reverse.spells import is_held
from riskmodel.engine.stories.stories import set_stage
from riskmodel.measures.labcourse import lab_course
from tests.decisions.test_suite import scenario
from tests.engine.small import hit, table, world
from tests.engine.test_reference import QUIET
from tests.reference.worlds import as_world, stories

#: 100 MW each: ``s`` rides through 8 h on grid ``g``; ``t`` takes .6 from ``g`` and .4 from ``h``
GRID = world(("s", "power", "g", {"ride_through_h": 8.0}),
             ("t", "power", "g", {"mode": "proportional", "weight": 0.6}),
             ("t", "power", "h", {"mode": "proportional", "weight": 0.4}), sites=("s", "t"))


def test_a_battery_makes_a_step_by_hand():
    """Half of 200 MW for a day: .625 of ``g`` takes .625 of s after its battery and .375 of t."""
    found = rm.reverse_stress(GRID, "lab", 0.5, 1.0, family="grid")
    best = found.mildest
    assert (found.kind, best["member"], best["nodes"]) == ("outages", "g", 1)
    assert best["depth"] == pytest.approx(0.625, rel=1e-8)  # x + .6 x = 1
    assert best["duration_h"] == pytest.approx(8 / 0.625 + 24, rel=1e-8)
    assert best["severity"] == pytest.approx(8 + 24 * 0.625, rel=1e-8)
    assert best["severity_at_least"] == pytest.approx(best["severity"], rel=0.0101)
    assert best["least_depth"] == pytest.approx(0.625, rel=1e-8)
    assert best["duration_h_at_full_depth"] == pytest.approx(32.0, rel=1e-8)
    assert best["most_share"] == pytest.approx(0.8)
    other = found.members.set_index("member").loc["h"]
    assert not other["does_it"]
    assert other["most_share"] == pytest.approx(0.2)
    curve = found.frontier
    assert (curve["member"] == "g").all()
    assert (8 / curve["depth"] + 24).to_numpy() == pytest.approx(curve["duration_h"].to_numpy())
    assert "the mildest is g, 62.5 % down for 36.8 h (wholly down: 32 h)" in str(found)


def test_a_second_site_is_milder_when_the_wait_is_short():
    """s alone does it from depth .5 for any time beyond its battery; t needs 5/6 and has none."""
    labs = {"one": 1.0}
    two = world(("s", "power", "g", {"ride_through_h": 8.0}), ("t", "power", "g"),
                sites=("s", "t"), labs=labs, holdings=[("one", "s", 1.0), ("one", "t", 0.5)])
    found = rm.reverse_stress(two, "one", 1 / 3, 1 / 24, family=["g"])
    # below depth 2/3 it needs the battery dry, which takes longer than it is worth
    shallow = found.frontier[found.frontier["depth"] < 2 / 3 - 1e-6]
    assert found.mildest["least_depth"] == pytest.approx(1 / 3, rel=1e-8)
    assert (shallow["severity"] > 8).all()
    assert found.mildest["depth"] == pytest.approx(1.0)
    assert found.mildest["duration_h"] == pytest.approx(1.0)
    assert "No other does it." in str(found)


def test_nothing_does_it_is_an_answer():
    found = rm.reverse_stress(GRID, "lab", 0.9, 1.0, family="grid")
    assert not found.found
    assert found.mildest is None
    assert found.frontier.empty
    assert "nothing among grid nodes does it, each failing alone. The most that one takes for so " \
        "long is 80 % (g)." in str(found)


def test_places_together_do_what_none_does_alone():
    found = rm.reverse_stress(GRID, "lab", 0.9, 1.0, family=["g", "h", "g+h", "site@*"])
    assert found.members.loc[found.members["does_it"], "member"].tolist() == ["site@*", "g+h"]
    both = found.members.set_index("member").loc["g+h"]
    assert (both["depth"], both["nodes"]) == (pytest.approx(0.9), 2)
    assert both["duration_h"] == pytest.approx(8 / 0.9 + 24)


def test_a_scenario_made_milder_and_worse():
    """As told ``g`` fails by half for 48 h: half of ``s`` after 16 h, .3 of ``t``."""
    told = scenario({"node": "g", "duration_h": 48.0, "depth": 0.5}, name="told")
    found = rm.reverse_stress(GRID, "lab", 0.4, 1.0, family=[told])
    best = found.mildest
    assert best["as_told"]
    # 1.6 x = .8 gives x = .5: no shallower one does it, and 8/.5 + 24 = 40 h will do
    assert best["depth_factor"] == pytest.approx(1.0, rel=1e-5)
    assert best["duration_factor"] == pytest.approx(40 / 48, rel=1e-5)
    assert best["duration_factor_as_deep"] == pytest.approx(40 / 48, rel=1e-5)
    assert best["depth_factor_as_long"] == pytest.approx(1.0, rel=1e-5)
    worse = rm.reverse_stress(GRID, "lab", 0.5, 3.0, family=[told]).mildest
    assert not worse["as_told"]
    assert worse["depth_factor"] == pytest.approx(1.25, rel=1e-5)
    assert worse["duration_factor"] == pytest.approx((8 / 0.625 + 72) / 48, rel=1e-5)
    assert np.isnan(worse["duration_factor_as_deep"])  # at half depth never
    assert np.isnan(worse["depth_factor_as_long"])  # in 48 h never
    none = rm.reverse_stress(GRID, "lab", 0.9, 1.0, family=[told])
    assert "no scenario does it, however deep and long it is made. The most that one takes" in \
        str(none)


def test_what_is_for_good_counts_as_the_cap():
    told = scenario({"node": "s", "permanent": True, "depth": 1.0}, name="gone")
    best = rm.reverse_stress(GRID, "lab", 0.5, 73.0, family=[told]).mildest
    assert best["duration_factor"] == pytest.approx(0.1, rel=1e-5)
    assert best["depth_factor"] == pytest.approx(1.0, rel=1e-5)


def test_a_scenario_that_names_what_is_not_there_is_left_out():
    told = [scenario({"node": "gone", "duration_h": 1.0}, name="x"),
            scenario({"hits": {"country": "FR"}, "duration_h": 1.0}, name="y")]
    found = rm.reverse_stress(GRID, "lab", 0.5, 1.0, family=told)
    assert "no node 'gone'" in found.left_out["x"]
    assert found.members["does_it"].tolist() == [False]
    assert "None takes anything of it for so long." in str(found)


def years(rate: float = 2.0) -> rm.Losses:
    events = pd.concat([
        table({"event_id": "long"}, node_id="g", duration_h=100.0, rate_per_yr=rate / 100),
        table({"event_id": "short"}, node_id="g", duration_h=20.0, rate_per_yr=rate)])
    of = world(("s", "power", "g"), ("t", "power", "g"), sites=("s", "t"), events=events)
    return rm.simulate(of, 3000, 1)


def test_simulated_years_that_do_it():
    losses = years()
    found = rm.reverse_stress(losses.world, "lab", 1.0, 3.0, family=losses)
    lost = losses.years.set_index("year")["lost_mw_days"]
    # a spell of three days takes the long event, or four short ones in a row
    long = losses.events[losses.events["event_id"] == "long"]["year"].unique()
    members = found.members
    assert set(long) <= set(members["year"])
    assert len(set(members["year"]) - set(long)) <= 2
    assert members["lost_mw_days"].to_numpy() == pytest.approx(
        lost[members["year"]].to_numpy())
    assert members["lost_mw_days"].is_monotonic_increasing
    first = members.iloc[0]
    assert first["return_period_yr"] == pytest.approx(
        3000 / (lost >= first["lost_mw_days"] - 1e-9).sum())
    assert first["spell_days"] >= 3.0
    assert (members["cause_share"] > 0.3).all()
    assert (members["event_id"] == "long").mean() > 0.9
    share = len(members) / 3000
    assert found.chance["value"] == pytest.approx(share)
    assert abs(share - -np.expm1(-0.02)) < 4 * np.sqrt(0.02 / 3000)
    assert f"{len(members)} of 3,000 simulated years do it" in str(found)
    everybody = rm.reverse_stress(losses.world, "total", 1.0, 3.0, family=losses)
    assert everybody.members["year"].tolist() == members["year"].tolist()


def test_no_simulated_year_does_it():
    losses = years(rate=0.01)
    found = rm.reverse_stress(losses.world, "lab", 1.0, 300.0, family=losses)
    assert not found.found
    assert found.chance["high"] == pytest.approx(-np.log(0.05) / 3000, rel=1e-3)
    assert "below 1 in 1,00" in str(found)


@pytest.mark.parametrize(("options", "message"), [
    ({"lab": "lba"}, "no lab 'lba'.*did you mean 'lab'"), ({"share": 0}, "share is 0"),
    ({"share": 1.1}, "share is 1.1"), ({"days": 0}, "days is 0"), ({"days": 1000}, "up to the 730"),
    ({"family": "gird"}, "no node of kind 'gird'.*did you mean 'grid'"),
    ({"family": []}, r"family is \[\]"), ({"family": ["x"]}, "no node 'x'"),
    ({"family": ["g", "g"]}, "stands twice"), ({"tolerance": 0}, "tolerance is 0")])
def test_what_cannot_be_asked(options, message):
    with pytest.raises(rm.RiskModelError, match=message):
        rm.reverse_stress(GRID, **{"lab": "lab", "share": 0.5, "days": 1.0, **options})


def test_a_lab_without_capacity_cannot_lose_a_share():
    idle = world(("s", "power", "g"), labs={"lab": 1.0, "idle": 1.0})
    with pytest.raises(rm.RiskModelError, match="'idle' has no capacity"):
        rm.reverse_stress(idle, "idle")


def does_it(of: rm.World, lab: str, share: float, days: float, told) -> np.ndarray:
    """Ask each of many stories, one by one in the engine, whether it does it."""
    stage = set_stage(of, {"storm"}, {"here"}, recovery_cap_days=730, check=False)
    mw = stage.held_mw[stage.labs.index(lab)]
    return is_held(lab_course(stage.play(told), mw), share * mw.sum(), days * 24)


@settings(max_examples=10, deadline=None, suppress_health_check=QUIET)
@given(stories(cycles=False), st.sampled_from([0.25, 0.5, 0.9]), st.sampled_from([0.1, 1.0, 5.0]))
def test_brute_force_finds_nothing_milder(drawn, share, days):
    """On random worlds: all nodes, a fine grid of depths, durations by bisection one story each."""
    nodes, *_ = drawn
    of = as_world([drawn])
    names = [f"0/{node}" for node in nodes]
    found = rm.reverse_stress(of, "0/x", share, days, family=names)
    depths = np.linspace(0.1, 1.0, 10)
    low, high = np.zeros((len(names), 10)), np.full((len(names), 10), 17_520.0)
    for step in range(36):
        middle = high if step == 0 else (low + high) / 2
        told = [[hit((node, 0.0, middle[i, k], depth))]
                for i, node in enumerate(names) for k, depth in enumerate(depths)]
        true = does_it(of, "0/x", share, days, told).reshape(low.shape)
        if step == 0:
            ever = true
        low, high = np.where(true, low, middle), np.where(true, middle, high)
    severity = np.where(ever, high * depths, np.inf).min(axis=1)
    answer = found.members.set_index("member")
    for name, best, possible in zip(names, severity, ever, strict=True):
        row = answer.loc[name]
        # the grid may miss what turns true between two depths, never the other way round
        assert row["does_it"] or not possible.any()
        if not row["does_it"]:
            continue
        assert does_it(of, "0/x", share, days, [[hit((name, 0.0, row["duration_h"] * (1 + 1e-9),
                                                      min(row["depth"] * (1 + 1e-12), 1.0)))]])[0]
        assert row["severity"] <= best * 1.0101
        assert row["severity_at_least"] <= best * (1 + 1e-6)
        # a grid of tenths is at most one step of depth worse
        assert best * row["depth"] <= row["severity"] * (row["depth"] + 0.1) * (1 + 1e-6)


@settings(max_examples=8, deadline=None, suppress_health_check=QUIET)
@given(stories(cycles=False), st.sampled_from([0.25, 0.5, 0.9]), st.sampled_from([0.1, 1.0]))
def test_scaled_stories_do_it_and_slightly_milder_ones_do_not(drawn, share, days):
    of = as_world([drawn])
    told = scenario(*({"node": f"0/{o.node}", "start_h": o.start_h, "duration_h": o.duration_h,
                       "depth": o.depth, "part": o.part}
                      for event in drawn[2] for o in event.outages))
    found = rm.reverse_stress(of, "0/x", share, days, family=[told])
    events = [rm.Event("storm", "here", each.outages) for each in told.events(of)]
    cap = 17_520.0

    def ask(*factors):
        return does_it(of, "0/x", share, days, [scaled(events, *pair, cap) for pair in factors])

    row = found.members.iloc[0]
    as_told, ever = ask((1.0, 1.0), (1e3, 1e6))
    assert (row["as_told"], row["does_it"]) == (as_told, ever)
    if ever:
        points = found.frontier[["depth_factor", "duration_factor"]].to_numpy()
        assert ask(*points).all()
        assert not ask(*(points * [1, 1 - 1e-5])).any()
        assert not ask((points[:, 0].min() * (1 - 1e-5), 1e6)).any()
