import datetime as dt

import numpy as np
import pandas as pd
import pytest
from frames import frames, world

import riskmodel as rm
from riskmodel.world.exposure import own_date
from tests.world_factory import write_small_world


def shares(small):
    held = small.effective_holdings()
    return {(lab, site): share for lab, site, share in held.itertuples(index=False)}


def test_what_nobody_holds_is_unknown():
    assert shares(world()) == {("x", "a"): 0.6, ("y", "a"): 0.4, ("y", "b"): 1.0,
                               ("unknown", "c"): 1.0}


def test_a_chance_of_one_half_or_less_does_not_count():
    holdings = frames()["holdings"].assign(probability=[0.5, 0.51, 0.2])
    assert shares(world(holdings=holdings)) == {("y", "a"): 0.4, ("unknown", "a"): 0.6,
                                                ("unknown", "b"): 1.0, ("unknown", "c"): 1.0}


def test_unknown_named_in_the_table_takes_the_rest_too():
    holdings = pd.DataFrame({"lab_id": ["unknown", "x"], "site_id": ["a", "a"],
                             "share": [0.3, 0.5]})
    assert shares(world(holdings=holdings)) == pytest.approx(
        {("unknown", "a"): 0.5, ("x", "a"): 0.5, ("unknown", "b"): 1.0, ("unknown", "c"): 1.0})


def test_every_site_adds_up_to_one():
    held = world(holdings=frames()["holdings"].assign(share=[1 / 3, 0.1, 0.7]))
    sums = held.effective_holdings().groupby("site_id")["share"].sum()
    np.testing.assert_allclose(sums, 1.0, rtol=0, atol=1e-15)


def test_unknown_is_added_only_where_it_holds_something():
    full = pd.DataFrame({"lab_id": ["x", "x", "y", "y"], "site_id": ["a", "b", "c", "a"],
                         "share": [0.9, 1.0, 1.0, 0.1]})
    assert world(holdings=full).labs["lab_id"].tolist() == ["x", "y"]
    labs = world().labs
    assert labs["lab_id"].tolist() == ["x", "y", "unknown"]
    assert labs["needed_share"].tolist() == [0.8, 0.5, 0.0]
    own = pd.DataFrame({"lab_id": ["unknown", "x", "y"], "needed_share": [0.4, 0.8, 0.5]})
    assert world(labs=own).labs["needed_share"].tolist() == [0.4, 0.8, 0.5]


def test_lab_capacity_lists_every_lab():
    labs = pd.DataFrame({"lab_id": ["x", "y", "idle"], "needed_share": [0.8, 0.5, 0.9]})
    capacity = world(labs=labs).lab_capacity()
    assert capacity.to_dict() == pytest.approx({"x": 60.0, "y": 90.0, "idle": 0.0, "unknown": 30.0})
    assert capacity.sum() == pytest.approx(frames()["sites"]["it_mw"].sum())


TIMELINE = pd.DataFrame({
    "site_id": ["a", "a", "a", "b"],
    "date": ["2025-01-01", "2026-01-01", "2027-01-01", "2026-06-01"],
    "it_mw": [40.0, 90.0, 400.0, 70.0],
    "facility_mw": [50.0, np.nan, 500.0, np.nan],
    "state": ["observed_or_confirmed", "estimated", "projected", "projected"],
    "as_of": ["2026-09-01"] * 4,
    "confidence": ["high", "medium", "low", "low"],
})


@pytest.mark.parametrize(("day", "a", "b"), [
    ("2024-12-31", 0.0, 0.0),   # before the first step
    ("2025-01-01", 40.0, 0.0),  # the day of a step counts
    ("2025-12-31", 40.0, 0.0),
    ("2026-08-31", 90.0, 0.0),  # b's projection lay before the world's date and never came true
    ("2026-09-01", 90.0, 0.0),  # on the world's own date projections do not count
    ("2026-09-02", 90.0, 70.0),  # later than it they do
    ("2027-01-01", 400.0, 70.0),
])
def test_capacity_of_a_day(day, a, b):
    small = world(sites_timeline=TIMELINE, as_of=day)
    assert small.as_of == dt.date.fromisoformat(day)
    # c has no timeline and keeps its own
    assert small.sites["it_mw"].tolist() == [a, b, 30.0]


def test_without_a_day_nothing_is_cut():
    assert world(sites_timeline=TIMELINE).sites["it_mw"].tolist() == [100.0, 50.0, 30.0]


def test_facility_power_bands_and_confidence_follow_the_step():
    sites = frames()["sites"].assign(
        facility_mw=[130.0, 65.0, 39.0], pue=[1.25, np.nan, np.nan], it_mw_low=[80.0, 40.0, 20.0],
        it_mw_high=[120.0, 60.0, 40.0], confidence=["high", "high", "high"])
    small = world(sites=sites, sites_timeline=TIMELINE, as_of="2026-02-01")
    a, b, c = (small.sites.loc[i] for i in range(3))
    assert a["it_mw"] == 90.0
    assert a["facility_mw"] == pytest.approx(90.0 * 1.25)  # the step gives none: IT x PUE
    assert (a["it_mw_low"], a["it_mw_high"]) == pytest.approx((72.0, 108.0))
    assert a["confidence"] == "medium"  # no surer than the step
    assert "2026-01-01" in a["it_mw_basis"]
    assert (b["it_mw"], b["it_mw_low"], b["facility_mw"]) == (0.0, 0.0, 0.0)
    assert (c["it_mw"], c["facility_mw"], c["confidence"]) == (30.0, 39.0, "high")
    early = world(sites=sites, sites_timeline=TIMELINE, as_of="2025-02-01")
    assert early.sites.loc[0, "facility_mw"] == 50.0


def test_a_wrong_figure_is_found_although_the_timeline_replaces_it():
    sites = frames()["sites"].assign(it_mw=[-100.0, 50.0, 30.0])
    small = world(sites=sites, sites_timeline=TIMELINE, as_of="2026-02-01")
    with pytest.raises(rm.WorldError, match="it_mw is -100 MW"):
        small.check()


def test_own_date_is_the_registry_s_or_the_last_day_of_the_sources():
    steps = world(sites_timeline=TIMELINE).sites_timeline
    assert own_date(dt.date(2020, 1, 1), steps) == dt.date(2020, 1, 1)
    assert own_date(None, steps) == dt.date(2026, 9, 1)
    assert own_date(None, steps.assign(as_of="")) is None


def test_a_folder_s_own_date_and_other_days(tmp_path):
    path = write_small_world(tmp_path)
    now = rm.read_world(path)
    assert now.as_of == dt.date(2026, 11, 1)
    assert now.sites.set_index("site_id")["it_mw"]["texas_big"] == 200.0
    for day, mw in (("2026-05-31", 80.0), (dt.date(2027, 12, 31), 900.0), ("2025-05-31", 0.0)):
        at = rm.read_world(path, as_of=day)
        assert at.sites.set_index("site_id")["it_mw"]["texas_big"] == mw
        assert at.sites.set_index("site_id")["it_mw"]["dublin_one"] == 100.0
    with pytest.raises(rm.RiskModelError, match="2026-10-01"):
        rm.read_world(path, as_of="2027-13-01")


def test_a_folder_without_a_registry_is_taken_as_it_stands(tmp_path):
    path = write_small_world(tmp_path)
    (path / "registry.toml").unlink()
    steps = path / "sites_timeline.csv"
    steps.write_text(steps.read_text().replace("2026-06-01,200,260", "2026-06-01,150,260"))
    plain = rm.read_world(path)
    assert plain.as_of is None
    assert plain.sites.set_index("site_id")["it_mw"]["texas_big"] == 200.0
    assert rm.read_world(path, as_of="2026-07-01").sites.set_index(
        "site_id")["it_mw"]["texas_big"] == 150.0
