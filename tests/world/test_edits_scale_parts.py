import numpy as np
import pandas as pd
import pytest
from edited_worlds import LABS, lab_totals, megawatts, worlds
from frames import event, frames, nodes, requirements, world
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import riskmodel as rm
from riskmodel.world.building import steps_to_come
from riskmodel.world.io import write_world


@pytest.fixture(scope="module")
def shipped():
    return rm.read_world()


# ---------------------------------------------------------------- scale


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_labs_capacity_grows_and_everybody_else_keeps_theirs(data):
    small = data.draw(worlds())
    lab = data.draw(st.sampled_from([*LABS, "unknown"]))
    factor = data.draw(st.sampled_from([0.0, 0.25, 3.0]))
    site = data.draw(st.sampled_from([None, "a"]))
    alt = small.scale(factor, lab=lab, site=site)
    alt.check({"expected_share_above_one": "ignore"})
    before, after = megawatts(small), megawatts(alt)
    wanted = {key: value * (factor if key[0] == lab and site in (None, key[1]) else 1.0)
              for key, value in before.items()}
    wanted = {key: value for key, value in wanted.items() if value > 1e-6}
    assert set(after) == set(wanted)
    for key, value in wanted.items():
        assert after[key] == pytest.approx(value, rel=1e-9)


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_everything_and_a_site_scale_in_every_state(data):
    small = data.draw(worlds(rivals=data.draw(st.booleans())))
    assume(small.sites["it_mw"].sum() > 0)
    alt = small.scale(0.5)
    for lab, values in lab_totals(alt).items():
        np.testing.assert_allclose(values, 0.5 * lab_totals(small)[lab], atol=1e-9)
    assert small.scale(1).fingerprint == small.fingerprint
    if small.sites["it_mw"][0] > 0:
        assert small.scale(3, site="a").sites["it_mw"].tolist() == [
            3 * small.sites["it_mw"][0], *small.sites["it_mw"][1:]]


@pytest.mark.parametrize("as_of", [None, "2027-12-31"])
def test_steps_follow_and_the_scaled_world_reads_back_equal(tmp_path, as_of):
    start = rm.read_world(as_of=as_of)
    alt = start.scale(1.25, lab="openai").scale(2, site="meta_hyperion").scale(1 / 3)
    alt.check()
    was, now = steps_to_come(start), steps_to_come(alt)
    np.testing.assert_allclose(was["share"], now["share"])
    back = rm.read_world(write_world(alt, tmp_path), as_of=as_of)
    assert back.fingerprint == alt.fingerprint
    assert alt.lab_capacity()["xai"] == pytest.approx(start.lab_capacity()["xai"] / 3)
    assert alt.lab_capacity()["openai"] == pytest.approx(1.25 / 3 * start.lab_capacity()["openai"])


@pytest.mark.parametrize(("call", "says"), [
    (lambda small: small.scale(-1), "0 or more"),
    (lambda small: small.scale(2, lab="w"), "no lab 'w'"),
    (lambda small: small.scale(2, site="aa"), "no site 'aa'"),
    (lambda small: small.drop(sites=["a", "b", "c"]), "no site would be left"),
    (lambda small: small.drop(sites="d"), "no site 'd'"),
    (lambda small: small.drop(labs=["w"]), "no lab 'w'"),
    (lambda small: small.drop(labs="unknown"), "cannot be dropped"),
    (lambda small: small.subset(countries="DE"), "no site has country_iso2 'DE'"),
    (lambda small: small.subset(labs="x", sites="b"), "meets all"),
])
def test_what_cannot_be_done_says_why(call, says):
    with pytest.raises(rm.RiskModelError, match=says):
        call(world())


# ---------------------------------------------------------------- drop, subset


def test_a_dropped_labs_capacity_is_nobodys():
    alt = world().drop(labs="y")
    alt.check()
    assert alt.lab_capacity().to_dict() == pytest.approx({"x": 60, "y": 0, "unknown": 120})
    assert world().drop().fingerprint == world().fingerprint


def test_a_dropped_site_takes_its_rows_along(shipped):
    alt = shipped.drop(sites=["stargate_abilene", "aws_new_carlisle"])
    alt.check()
    assert len(alt.sites) == len(shipped.sites) - 2
    for name in ("sites_timeline", "holdings", "deal_sites"):
        assert not set(getattr(alt, name)["site_id"]) & {"stargate_abilene", "aws_new_carlisle"}
    assert alt.nodes.equals(shipped.nodes)  # what nothing needs any more stays
    assert "plant:stargate_abilene" in set(alt.requirements["node_id"])


def test_a_site_that_others_need_stays_empty():
    small = world(requirements=requirements(("b", "power", "a", {}), ("a", "power", "g", {})),
                  nodes=nodes("g"))
    alt = small.drop(sites=["a", "c"])
    alt.check()
    assert alt.sites[["site_id", "it_mw"]].values.tolist() == [["a", 0.0], ["b", 50.0]]
    assert set(alt.holdings["site_id"]) == {"b"}
    storm = [rm.Event("storm", "here", [rm.OwnOutage("g", 0, 24)])]
    lost = rm.stress(alt, storm).years
    assert lost["lost_mw_days"].tolist() == pytest.approx([50.0])


def test_a_subset_meets_every_condition(shipped):
    part = shipped.subset(labs=["openai", "xai"], countries=["US"])
    part.check()
    assert set(part.sites["country_iso2"]) == {"US"}
    capacity = part.lab_capacity()
    assert capacity["openai"] > 0
    assert capacity["xai"] > 0
    assert set(capacity[capacity > 0].index) == {"openai", "xai", "unknown"}
    us = shipped.sites[shipped.sites["country_iso2"] == "US"].set_index("site_id")["it_mw"]
    held = shipped.effective_holdings()
    held = held[held["lab_id"].eq("openai") & held["site_id"].isin(us.index)]
    assert capacity["openai"] == pytest.approx((held["share"] * held["site_id"].map(us)).sum())
    grid = shipped.subset(grid_regions="ERCOT")
    assert set(grid.sites["grid_region"]) == {"ERCOT"}
    only = shipped.subset(labs="unknown")
    assert only.lab_capacity()["unknown"] >= shipped.lab_capacity()["unknown"]


@pytest.mark.filterwarnings("ignore::riskmodel.errors.RiskModelWarning")
def test_the_disasters_of_the_rest_stay_the_same():
    table = pd.DataFrame([event(event_id=site, node_id=site, rate_per_yr=1.5, probability=0.7,
                                duration_dist="exponential") for site in "abc"]
                         + [event(event_id="all", node_id=site, probability=0.5) for site in "abc"])
    small = world(events=table, labs=pd.DataFrame({"lab_id": ["x", "y", "z"],
                                                   "needed_share": 1.0}),
                  holdings=frames()["holdings"].assign(lab_id=["x", "y", "z"]))
    base = rm.simulate(small, years=300, seed=4)
    for alt, labs in ((small.drop(sites="a"), ["z"]), (small.subset(sites="b"), ["z"]),
                      (small.move("x", 30, "a", "c"), ["y", "z"]), (small.drop(labs="z"), ["x"]),
                      (small.scale(2, lab="x"), ["y", "z"]),
                      (small.add_site(site_id="d", it_mw=9, like="a", lab="x"), ["z", "y"])):
        other = rm.simulate(alt, years=300, seed=4)
        for lab in labs:
            one, two = (losses.years[losses.years["lab"] == lab].reset_index(drop=True)
                        for losses in (base, other))
            assert len(one) > 100
            pd.testing.assert_frame_equal(one, two, rtol=1e-12)
