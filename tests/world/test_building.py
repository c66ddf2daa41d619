"""What a future world counts that its record had not seen built."""

from __future__ import annotations

import pandas as pd
import pytest

import riskmodel as rm
from riskmodel.world.building import steps_to_come
from riskmodel.world.world import World

STEPS = [("a", "2026-01-01", 100.0, "observed_or_confirmed"), ("a", "2026-09-01", 150.0,
                                                               "projected"),
         ("a", "2027-03-01", 400.0, "projected"), ("a", "2027-09-01", 300.0, "projected"),
         ("a", "2028-06-01", 900.0, "projected"), ("b", "2026-02-01", 50.0, "estimated")]


def world(as_of, steps=STEPS, record="2026-11-01") -> World:
    timeline = pd.DataFrame(steps, columns=["site_id", "date", "it_mw", "state"]).assign(
        as_of=record)
    sites = sorted(set(timeline["site_id"]))
    return World.from_frames(
        sites=pd.DataFrame({"site_id": sites, "lat": 1.0, "lon": 1.0, "it_mw": 100.0,
                            "as_of": record}),
        holdings=pd.DataFrame({"lab_id": "lab", "site_id": sites, "share": 1.0}),
        labs=pd.DataFrame({"lab_id": ["lab"], "needed_share": [0.8]}),
        sites_timeline=timeline, as_of=as_of)


def test_nothing_is_built_in_a_world_of_its_own_day():
    for day in (None, "2026-03-01", "2026-11-01"):
        assert not len(steps_to_come(world(day)))


def test_steps_after_the_record_up_to_the_day():
    got = steps_to_come(world("2027-12-31"))
    # the site ends at 300 MW: of the 400 of March, 100 leave again; the late step of 2026 counts
    assert got["date"].tolist() == ["2026-09-01", "2027-03-01"]
    assert got["share"].tolist() == [pytest.approx(50 / 300), pytest.approx(150 / 300)]
    assert got["days_open"].tolist() == [424.0, 305.0]  # the first is due on the day after
    assert got["days_watched"].tolist() == [425.0, 425.0]


def test_a_site_that_leaves_changes_nothing_for_the_other():
    one = steps_to_come(world("2027-12-31", steps=[s for s in STEPS if s[0] == "a"]))
    pd.testing.assert_frame_equal(one, steps_to_come(world("2027-12-31")))


def test_shipped_steps_add_up_to_the_growth():
    now, then = rm.read_world(), rm.read_world(as_of="2027-12-31")
    assert not len(steps_to_come(now))
    steps = steps_to_come(then)
    capacity = then.sites.set_index("site_id")["it_mw"]
    growth = capacity - now.sites.set_index("site_id")["it_mw"]
    built = (steps["share"] * steps["site_id"].map(capacity)).groupby(steps["site_id"]).sum()
    shrunk = growth[growth < 0]
    assert not len(shrunk)
    pd.testing.assert_series_equal(built, growth[growth > 0].sort_index(), check_names=False,
                                   check_index_type=False, rtol=1e-9)
    assert then.fingerprint != rm.read_world(as_of="2027-12-30").fingerprint
