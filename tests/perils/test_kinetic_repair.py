"""When repair starts, and how a later hit puts it off."""

from __future__ import annotations

import numpy as np
import pytest

from riskmodel.perils.kinetic.campaigns import KINDS
from riskmodel.perils.kinetic.repair import PERMANENT_H, access_delay, repair_start, whole_again
from riskmodel.perils.spec import shipped_data
from tests.perils.kinetic_case import peril_with


def test_repair_starts_at_the_campaigns_end_or_the_access_delay():
    # hit at 100 h: the campaign ends at 500 or 150 or is over; people may come 200 h after the hit
    assert repair_start(100.0, [500.0, 150.0, 90.0], 200.0).tolist() == [300.0, 150.0, 100.0]


def test_a_single_hit_is_mended_after_its_repair():
    assert whole_again([7], [100.0], [300.0], [50.0]).tolist() == [350.0]
    assert whole_again([], [], [], []).tolist() == []


def test_a_hit_on_what_is_mended_changes_nothing():
    # the first is mended at 30, before the second comes at 50
    assert whole_again([1, 1], [0.0, 50.0], [10.0, 60.0], [20.0, 100.0]).tolist() == [30.0, 160.0]


def test_a_hit_before_repair_is_done_starts_it_again():
    # the first would be mended at 55; the second comes at 50 and its repair may start at 60
    assert whole_again([1, 1], [0.0, 50.0], [10.0, 60.0], [45.0, 5.0]).tolist() == [105.0, 65.0]
    # also in any order of rows
    assert whole_again([1, 1], [50.0, 0.0], [60.0, 10.0], [5.0, 45.0]).tolist() == [65.0, 105.0]


def test_hits_on_another_part_change_nothing():
    assert whole_again([1, 2], [0.0, 50.0], [10.0, 60.0], [45.0, 5.0]).tolist() == [55.0, 65.0]


def test_a_chain_of_hits_puts_repair_off_to_the_last():
    hit, start = [0.0, 100.0, 200.0, 1000.0], [50.0, 150.0, 250.0, 1050.0]
    # 120 h of repair never fit between the first three; they fit before the fourth
    assert whole_again([3] * 4, hit, start, [120.0] * 4).tolist() == [370.0, 370.0, 370.0, 1170.0]


def test_access_of_a_later_campaign_never_makes_repair_start_earlier():
    # a raid's hit at 10 may be repaired at 20, but the war's hit before it waits until 500
    assert whole_again([1, 1], [0.0, 10.0], [500.0, 20.0], [30.0, 5.0]).tolist() == [530.0, 25.0]


def test_what_is_lost_for_good_stays_lost():
    end = whole_again([1, 1], [0.0, 10.0], [5.0, 15.0], [PERMANENT_H, 1.0])
    assert end[0] > PERMANENT_H
    assert end[1] == 16.0


def slow(target, hit, start, length):
    """The same rule, hit by hit."""
    ends = []
    for i in range(len(target)):
        begun = start[i]
        for j in sorted(range(len(target)), key=lambda j: hit[j]):
            if target[j] == target[i] and hit[j] > hit[i] and hit[j] < begun + length[i]:
                begun = max(begun, start[j])
        ends.append(begun + length[i])
    return ends


@pytest.mark.parametrize("seed", range(20))
def test_the_rule_hit_by_hit(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 60))
    target, hit = rng.integers(0, 5, n), rng.uniform(0, 1000, n)
    start = hit + rng.uniform(0, 100, n)
    length = rng.lognormal(3.5, 1.0, n)
    np.testing.assert_allclose(whole_again(target, hit, start, length),
                               slow(target, hit, start, length))


def test_one_more_hit_never_mends_anything_earlier():
    rng = np.random.default_rng(5)
    for _ in range(50):
        n = 12
        target, hit = rng.integers(0, 2, n), rng.uniform(0, 500, n)
        start, length = hit + rng.uniform(0, 200, n), rng.uniform(1, 100, n)
        less = whole_again(target[:-1], hit[:-1], start[:-1], length[:-1])
        assert (whole_again(target, hit, start, length)[:-1] >= less - 1e-9).all()


def test_a_grid_is_mended_under_fire_and_halls_of_a_short_war_wait():
    data = shipped_data("kinetic_strike")
    kind = np.arange(len(KINDS))
    for of in ("hall", "grid", "gas", "cable"):
        assert access_delay(data, kind, of).tolist() == [
            data["access"][name][of]["best"] for name in KINDS]
    assert access_delay(data, kind, "grid")[2] < access_delay(data, kind, "hall")[2]
    assert access_delay(data, kind, "grid")[1] < access_delay(data, kind, "hall")[1]


def test_own_outages_last_through_later_hits_on_the_same_part():
    """In a long war the grid's facilities are hit again and again: no part ends before its last."""
    from riskmodel.perils.kinetic.sample import campaign_sample
    from tests.perils.kinetic_case import draws

    spec = peril_with("eastern_europe_baltic", grid__targets=20.0).spec
    found = campaign_sample(spec, "eastern_europe_baltic", 20, draws(20).uniform, 120,
                            kind="long_war", length_days=400)
    grid = found.outages[found.outages["target_class"] == "grid"].copy()
    grid["end_h"] = grid["start_h"] + grid["duration_h"]
    again = 0
    for _, rows in grid.groupby(["replicate", "part"]):
        rows = rows.sort_values("start_h")
        for (_, one), (_, two) in zip(rows.iloc[:-1].iterrows(), rows.iloc[1:].iterrows(),
                                      strict=True):
            # either whole before the next hit, or its repair starts after it: access is 48 h
            assert one["end_h"] <= two["start_h"] or one["end_h"] > two["start_h"] + 48.0
            again += one["end_h"] > two["start_h"]
    assert again > 100
