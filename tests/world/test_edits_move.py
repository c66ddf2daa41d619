import numpy as np
import pandas as pd
import pytest
from edited_worlds import LABS, SITES, lab_totals, megawatts, worlds
from frames import frames, world
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import riskmodel as rm
from riskmodel.world.building import steps_to_come
from riskmodel.world.io import write_world

MOVE = {"lab": "openai", "mw": 300, "from_site": "stargate_abilene",
        "to_site": "ms_fairwater_wisconsin"}
BACK = {**MOVE, "from_site": MOVE["to_site"], "to_site": MOVE["from_site"]}


@pytest.fixture(scope="module")
def shipped():
    return rm.read_world()


def close(one, other):
    assert set(one) == set(other)
    for key, value in one.items():
        assert other[key] == pytest.approx(value, rel=1e-9, abs=1e-7)


def move_something(data, small, labs=(*LABS, "unknown")):
    """Draw a lab, a site where it holds something, a share of that, and where it goes."""
    held = megawatts(small)
    mine = sorted(key for key in held if key[0] in labs)
    assume(mine)
    lab, here = data.draw(st.sampled_from(mine))
    there = data.draw(st.sampled_from([site for site in SITES if site != here]))
    mw = held[lab, here] * data.draw(st.sampled_from([0.1, 0.5, 1.0]))
    return lab, mw, here, there


def test_the_contract(shipped):
    alt = shipped.move(**MOVE)
    alt.check()
    before, after = megawatts(shipped), megawatts(alt)
    before["openai", "stargate_abilene"] -= 300
    before["openai", "ms_fairwater_wisconsin"] += 300
    close(before, after)
    assert alt.fingerprint != shipped.fingerprint
    row = alt.sites.set_index("site_id").loc["ms_fairwater_wisconsin"]
    old = shipped.sites.set_index("site_id").loc["ms_fairwater_wisconsin"]
    for name in ("facility_mw", "accelerator_count", "it_mw_low", "it_mw_high"):
        assert row[name] / old[name] == pytest.approx(row["it_mw"] / old["it_mw"])
    assert "300 MW of openai moved here from stargate_abilene" in row["it_mw_basis"]


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_others_keep_their_megawatts_and_the_total_stays(data):
    small = data.draw(worlds())
    lab, mw, here, there = move_something(data, small)
    alt = small.move(lab, mw, here, there)
    alt.check({"expected_share_above_one": "ignore"})
    before = megawatts(small)
    after = megawatts(alt)
    before[lab, here] -= mw
    before[lab, there] = before.get((lab, there), 0.0) + mw
    close({k: v for k, v in before.items() if v > 1e-6}, after)
    assert alt.sites["it_mw"].sum() == pytest.approx(small.sites["it_mw"].sum(), rel=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_there_and_back_is_where_one_was(data):
    small = data.draw(worlds(rivals=data.draw(st.booleans())))
    lab, mw, here, there = move_something(data, small, labs=LABS)
    back = small.move(lab, mw, here, there).move(lab, mw, there, here)
    close(megawatts(small), megawatts(back))
    np.testing.assert_allclose(back.sites["it_mw"], small.sites["it_mw"], atol=1e-9)
    assert set(back.holdings["origin"]) == {""}


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_in_every_state_of_the_world_every_lab_keeps_its_total(data):
    small = data.draw(worlds())
    alt = small
    for _ in range(data.draw(st.integers(1, 3))):
        alt = alt.move(*move_something(data, alt))
    before, after = lab_totals(small), lab_totals(alt)
    for lab in {*before, *after}:
        np.testing.assert_allclose(after.get(lab, 0.0), before.get(lab, 0.0), atol=1e-6)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_where_claims_are_rivals_the_total_is_still_conserved(data):
    small = data.draw(worlds(rivals=True))
    alt = small.move(*move_something(data, small, labs=LABS))
    alt.check({"expected_share_above_one": "ignore"})
    total = sum(lab_totals(alt).values())
    np.testing.assert_allclose(total, small.sites["it_mw"].sum(), atol=1e-6)
    for values in lab_totals(alt).values():
        assert values.min() >= -1e-9


def test_what_moves_stays_true_and_false_with_what_it_came_from():
    holdings = pd.DataFrame({"lab_id": ["x", "y", "y"], "site_id": ["a", "a", "b"],
                             "share": [0.5, 0.5, 1.0], "probability": [0.7, 0.9, 0.8]})
    small = world(holdings=holdings)
    alt = small.move("x", 20, "a", "b").move("x", 10, "b", "c").move("y", 50, "b", "c")
    kept = alt.holdings.set_index(["lab_id", "site_id", "origin"])
    assert kept["probability"].to_dict() == {
        ("x", "a", ""): 0.7, ("y", "a", ""): 0.9, ("x", "b", "a"): 0.7, ("x", "c", "a"): 0.7,
        ("y", "c", "b"): 0.8}
    x = lab_totals(alt)["x"]
    assert set(np.round(x, 9)) == {0.0, 50.0}
    assert (np.round(lab_totals(small)["x"], 9) == np.round(x, 9)).all()


def test_a_move_into_a_contested_site_leaves_its_claims_rivals():
    holdings = pd.DataFrame({"lab_id": ["x", "y", "z"], "site_id": ["a", "b", "b"],
                             "share": [1.0, 1.0, 1.0], "probability": [0.6, 0.5, 0.4]})
    labs = pd.DataFrame({"lab_id": ["x", "y", "z"], "needed_share": 0.8})
    small = world(holdings=holdings, labs=labs)
    alt = small.move("x", 60, "a", "b")
    before, after = lab_totals(small, 4000), lab_totals(alt, 4000)
    for lab in "xyz":
        np.testing.assert_allclose(after[lab], before[lab], atol=1e-9)
    assert not ((after["y"] > 0) & (after["z"] > 0)).any()


def test_what_counts_as_unknowns_cannot_leave_a_contested_site():
    holdings = pd.DataFrame({"lab_id": ["x", "y"], "site_id": ["a", "a"], "share": [1.0, 1.0],
                             "probability": [0.5, 0.4]})
    with pytest.raises(rm.RiskModelError, match="more of a is claimed than there is"):
        world(holdings=holdings).move("unknown", 10, "a", "b")


@pytest.mark.parametrize("nothing", [
    {**MOVE, "mw": 0}, {**MOVE, "to_site": MOVE["from_site"]}])
def test_a_move_of_nothing_is_an_equal_world(shipped, nothing):
    alt = shipped.move(**nothing)
    assert alt is not shipped
    assert alt.fingerprint == shipped.fingerprint


@pytest.mark.parametrize(("wrong", "says"), [
    ({"mw": 500}, "openai holds 421 MW at stargate_abilene, not the 500 MW asked for. It holds 421 "
                  "MW at stargate_abilene, "),
    ({"lab": "safe_superintelligence"}, "no lab 'safe_superintelligence'"),
    ({"lab": "openal"}, "did you mean 'openai'"),
    ({"to_site": "ms_fairwater_wisconsinn"}, "did you mean 'ms_fairwater_wisconsin'"),
    ({"mw": -1}, "0 or more"),
    ({"mw": float("nan")}, "0 or more"),
])
def test_what_cannot_move_says_why(shipped, wrong, says):
    with pytest.raises(rm.RiskModelError, match=says):
        shipped.move(**{**MOVE, **wrong})


def test_where_nothing_runs_yet_the_newcomer_brings_its_proportions(shipped):
    empty = shipped.sites[(shipped.sites["it_mw"] == 0) & (shipped.sites["pue"] > 1)].iloc[0]
    alt = shipped.move("openai", 100, "stargate_abilene", empty["site_id"])
    alt.check()
    row = alt.sites.set_index("site_id").loc[empty["site_id"]]
    donor = shipped.sites.set_index("site_id").loc["stargate_abilene"]
    assert row["it_mw"] == pytest.approx(100)
    assert row["facility_mw"] == pytest.approx(100 * row["pue"], rel=1e-4)
    assert row["accelerator_count"] == pytest.approx(donor["accelerator_count"] * 100 / 421)
    assert megawatts(alt)["openai", empty["site_id"]] == pytest.approx(100)


# ---------------------------------------------------------------- worlds of other days


@pytest.mark.parametrize("as_of", ["2026-09-24", "2027-12-31"])
def test_a_moved_world_is_written_and_read_back_equal(tmp_path, as_of):
    start = rm.read_world(as_of=as_of)
    for there in ("ms_fairwater_wisconsin", "meta_hyperion", "stargate_uae"):
        start = start.move("openai", 200 / 3, "stargate_abilene", there)
    start.check()
    back = rm.read_world(write_world(start, tmp_path), as_of=as_of)
    pd.testing.assert_frame_equal(back.sites.drop(columns="confidence"),
                                  start.sites.drop(columns="confidence"))
    pd.testing.assert_frame_equal(steps_to_come(back), steps_to_come(start))
    assert back.fingerprint == start.fingerprint


@pytest.mark.parametrize("there", ["ms_fairwater_wisconsin", "coreweave_denton", "meta_hyperion",
                                   "stargate_uae"])
def test_what_is_under_construction_opens_on_the_same_days_elsewhere(there):
    start = rm.read_world(as_of="2027-12-31")
    alt = start.move("openai", 300, "stargate_abilene", there)

    def to_come(of):
        steps = steps_to_come(of).assign(
            mw=lambda rows: rows["share"] * rows["site_id"].map(
                of.sites.set_index("site_id")["it_mw"]))
        return steps.groupby(["site_id", "days_open"])["mw"].sum()

    before, after = to_come(start), to_come(alt)
    here = before["stargate_abilene"]
    assert len(here) > 0
    moved = here * 300 / start.sites.set_index("site_id")["it_mw"]["stargate_abilene"]
    change = after.sub(before, fill_value=0.0)
    np.testing.assert_allclose(change["stargate_abilene"], -moved, atol=1e-6)
    arrived = change[there]
    np.testing.assert_allclose(arrived[arrived.abs() > 1e-6].to_numpy(), moved.to_numpy(),
                               atol=1e-6)
    assert change.sum() == pytest.approx(0.0, abs=1e-6)


def test_growth_that_is_planned_stays_planned(tmp_path):
    alt = rm.read_world().move("openai", 300, "stargate_abilene", "meta_hyperion")
    folder = write_world(alt, tmp_path)
    for day in ("2028-12-31",):
        then, later = rm.read_world(as_of=day), rm.read_world(folder, as_of=day)
        change = (later.sites.set_index("site_id")["it_mw"]
                  - then.sites.set_index("site_id")["it_mw"])
        assert change["stargate_abilene"] == pytest.approx(-300)
        assert change["meta_hyperion"] == pytest.approx(300)
        assert change.drop(["stargate_abilene", "meta_hyperion"]).abs().max() == 0
        built, planned = steps_to_come(later), steps_to_come(then)
        size = {site: float(mw) for site, mw in zip(later.sites["site_id"], later.sites["it_mw"],
                                                    strict=True)}
        was = {site: float(mw) for site, mw in zip(then.sites["site_id"], then.sites["it_mw"],
                                                   strict=True)}
        for site in ("stargate_abilene", "meta_hyperion"):
            assert (built.loc[built["site_id"] == site, "share"].sum() * size[site]
                    == pytest.approx(planned.loc[planned["site_id"] == site, "share"].sum()
                                     * was[site]))


STEPS = pd.DataFrame([
    ("a", "2026-01-01", 60.0, "observed_or_confirmed"), ("a", "2026-08-01", 80.0, "projected"),
    ("a", "2027-02-01", 100.0, "projected"), ("b", "2026-02-01", 30.0, "estimated"),
    ("b", "2026-07-01", 50.0, "projected"), ("b", "2028-01-01", 90.0, "projected")],
    columns=["site_id", "date", "it_mw", "state"]).assign(as_of="2026-11-01")


@pytest.mark.parametrize("as_of", ["2026-05-01", "2026-11-01", "2027-12-31"])
@pytest.mark.parametrize(("here", "there"), [("a", "b"), ("b", "a"), ("a", "c"), ("c", "a")])
def test_late_steps_and_sites_without_steps(tmp_path, as_of, here, there):
    holdings = pd.DataFrame({"lab_id": "x", "site_id": ["a", "b", "c"], "share": 1.0})
    start = world(sites_timeline=STEPS, as_of=as_of, holdings=holdings,
                  sites=frames()["sites"].assign(as_of="2026-11-01"))
    alt = start.move("x", 15, here, there)
    alt.check()
    change = (alt.sites["it_mw"] - start.sites["it_mw"]).to_numpy()
    wanted = [15.0 * ((site == there) - (site == here)) for site in start.sites["site_id"]]
    np.testing.assert_allclose(change, wanted, atol=1e-12)

    def to_come(of):
        return float((steps_to_come(of)["share"] * steps_to_come(of)["site_id"].map(
            of.sites.set_index("site_id")["it_mw"])).sum())

    assert to_come(alt) == pytest.approx(to_come(start), abs=1e-9)
    if as_of > "2026-11-01":  # written, a world in memory takes its day for that of its record
        return
    back = rm.read_world(write_world(alt, tmp_path), as_of=as_of)
    assert back.sites["it_mw"].tolist() == alt.sites["it_mw"].tolist()
    pd.testing.assert_frame_equal(steps_to_come(back), steps_to_come(alt), check_exact=False)
