"""One campaign of a theatre, many times over: what back-tests stand on."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from riskmodel.errors import RiskModelError
from riskmodel.perils.kinetic.accuracy import within
from riskmodel.perils.kinetic.sample import campaign_sample
from tests.perils.kinetic_case import draws, peril_with, within_se

N = 2000


def sample(theatre="gulf", n=N, days=10.0, numbers=None, **kwargs):
    spec = peril_with(theatre, **(numbers or {})).spec
    return campaign_sample(spec, theatre, n, draws(1).uniform, days, **kwargs)


@pytest.fixture(scope="module")
def gulf():
    return sample()


def test_waves_add_up(gulf):
    waves, totals = gulf.waves, gulf.totals()
    assert len(totals) == N
    assert (waves["start_h"] < 240).all()
    assert waves.groupby("replicate")["start_h"].min().eq(0).all()
    for weapon in ("drone", "ballistic", "cruise"):
        assert (waves[f"leaked_{weapon}"] <= waves[f"launched_{weapon}"]).all()
        assert totals[f"launched_{weapon}"].sum() == waves[f"launched_{weapon}"].sum()
    outages = gulf.outages
    hall = outages["part"].str.startswith("building")
    assert hall.sum() == totals["data_centre_direct"].sum()
    for kind in ("grid", "line", "gas", "cable"):
        assert (outages["target_class"] == kind).sum() == totals[kind].sum()
    assert (outages["duration_h"] > 0).all()


def test_means_follow_from_the_numbers(gulf):
    totals = gulf.totals()
    leaked = totals[["leaked_drone", "leaked_ballistic", "leaked_cruise"]].sum(axis=1)
    named = gulf.campaigns["named"].to_numpy()
    within_se(named, 0.7)
    aimed = 0.003 + 0.03049 * named
    within_se(totals["data_centre_direct"] - leaked * aimed * float(within(40, 30)), 0.0)
    within_se(totals["grid"] - leaked * 0.04, 0.0)
    within_se(totals["leaked_drone"] - totals["launched_drone"] * 0.05656, 0.0)


def test_the_record_of_march_2026_lies_within_what_is_predicted(gulf):
    """A plausibility check, not a fit: the record is that of one of five states under fire."""
    totals = gulf.totals()
    for column, seen in (("launched_drone", 1440), ("launched_ballistic", 253),
                         ("leaked_drone", 81), ("data_centre_direct", 2)):
        low, high = np.quantile(totals[column], [0.05, 0.95])
        assert low <= seen <= high, column
    assert np.quantile(gulf.zones_down(), 0.05) <= 3 <= np.quantile(gulf.zones_down(), 0.95)


def test_replicates_do_not_depend_on_their_number(gulf):
    less = sample(n=200)
    for name in ("waves", "outages", "campaigns"):
        whole = getattr(gulf, name)
        mine = whole[whole["replicate"] < 200]
        names = [c for c in ("replicate", "wave", "target_class", "target", "part", "start_h")
                 if c in mine]
        pd.testing.assert_frame_equal(mine.sort_values(names, ignore_index=True),
                                      getattr(less, name).sort_values(names, ignore_index=True))


def test_a_longer_window_keeps_the_waves_of_a_shorter(gulf):
    longer = sample(days=20.0, n=200)
    mine = gulf.waves[gulf.waves["replicate"] < 200]
    keys = ["replicate", "wave", "launched_drone", "leaked_drone"]
    front = mine[mine["wave"] < 64]
    assert set(map(tuple, front[keys].to_numpy())) <= set(map(tuple, longer.waves[keys].to_numpy()))
    assert len(longer.waves) > len(mine)


def test_given_size_naming_and_length():
    plain = sample(size=1.0, named=False, length_days=40, n=500)
    named = sample(size=1.0, named=True, length_days=40, n=500)
    assert (plain.campaigns["size"] == 1).all()
    assert (plain.campaigns["end_h"] == 960).all()
    pd.testing.assert_series_equal(plain.totals()["leaked_drone"], named.totals()["leaked_drone"])
    hits = [s.totals()["data_centre_direct"].sum() for s in (plain, named)]
    assert hits[1] > 5 * hits[0]
    big = sample(size=3.0, named=True, length_days=40, n=500)
    assert (big.totals()["launched_drone"] > 2.5 * named.totals()["launched_drone"]).all()


def test_frozen_numbers_stand_in_for_todays():
    shut = sample(numbers={"weapons__drone__leak": 0.0, "weapons__ballistic__leak": 0.0,
                           "weapons__cruise__leak": 0.0}, n=300)
    assert shut.totals().filter(like="leaked").sum().sum() == 0
    assert set(shut.outages["target_class"]) == {"line"}  # debris still falls
    assert (shut.zones_down() == 0).all()


def test_a_winter_of_a_long_war():
    found = sample("eastern_europe_baltic", 300, 120.0, kind="long_war", length_days=1000)
    waves = found.waves.groupby("replicate").size()
    # a renewal process that begins with a salvo: t / m + (CV^2 + 1) / 2 of them
    expected = 120 * 24 / 296 + (1 / 1.57 + 1) / 2
    assert abs(waves.mean() - expected) < 4 * waves.std() / np.sqrt(300) + 0.02
    hits = found.totals()["grid"]
    assert np.quantile(hits, 0.05) < 257 < np.quantile(hits, 0.95)
    # repaired under fire: far fewer are down at once than were hit
    down = found.facilities_down("grid", 119 * 24.0)
    assert down.mean() < 0.4 * found.facilities_down().mean()
    assert (found.facilities_down("grid") <= hits).all()


def test_zones_down_at_an_hour():
    found = sample(n=300, length_days=39)
    ever, early, later = (found.zones_down(hour) for hour in (None, 239.0, 24 * 400.0))
    assert (early <= ever).all()
    assert later.sum() < early.sum()
    assert ever.max() <= 60


@pytest.mark.parametrize(("change", "words"), [
    ({"theatre": "moon"}, "no theatre 'moon'"), ({"kind": "siege"}, "kind is 'siege'"),
    ({"n": 0}, "n = 0"), ({"days": 0.0}, "0.0 days")])
def test_what_makes_no_sense_is_refused(change, words):
    arguments = {"theatre": "gulf", "n": 5, "days": 10.0, "kind": "raid", **change}
    with pytest.raises(RiskModelError, match=words):
        campaign_sample(peril_with().spec, arguments["theatre"], arguments["n"], draws(1).uniform,
                        arguments["days"], kind=arguments["kind"])
