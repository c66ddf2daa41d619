"""Hurricanes: the counts of landfalls, the decay of wind, and what a simulation makes of them."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from riskmodel.perils.hurricane import Hurricane
from riskmodel.perils.spec import read_spec, shipped_data
from riskmodel.world.geography import distance_km
from tests.perils import natural
from tests.perils.natural import changed, check_means, check_quantiles, placed_world

HOUSTON = (29.76, -95.37)
TEXAS = {"coast": (29.2, -95.4), "houston": HOUSTON, "austin": (30.3, -97.7),
         "abilene": (32.45, -99.73)}
#: hits by state and category, 1851-2004, as the Hurricane Center prints them
US = (109, 72, 71, 18, 3)


@pytest.fixture(scope="module")
def peril():
    return Hurricane(read_spec(shipped_data("hurricane")))


@pytest.fixture(scope="module")
def texas():
    return placed_world({**TEXAS, "fed": HOUSTON}, grid="ERCOT", feeds=["fed"])


def heads(peril):
    one = peril.catalogue(placed_world({"s": (0.0, 0.0)})).drop_duplicates("event_id")
    return one.assign(coast=one["event_id"].str.split("/").str[0],
                      category=one["event_id"].str.extract(r"/cat(\d)/", expand=False))


def test_landfalls_add_up_to_the_countrys(peril):
    """1.67 to 1.8 hurricanes a year cross the coast; 92 of category 3 up and 21 of 4 in 154."""
    mainland = heads(peril).query("coast not in ['remnant', 'puerto_rico']")
    assert 1.67 < mainland["rate_per_yr"].sum() < 1.80
    by = mainland.groupby("category")["rate_per_yr"].sum()
    assert by[["3", "4", "5"]].sum() == pytest.approx(92 / 154, abs=0.06)
    assert by[["4", "5"]].sum() == pytest.approx(21 / 154, abs=0.03)


def test_coasts_keep_their_counts(peril):
    rate = heads(peril).groupby("coast")["rate_per_yr"].sum()
    minor, major = 181.5 / 298, 92.5 / 124  # storms over hits
    for coast, count, large, years in (
            ("texas", 66, 19, 174), ("louisiana", 58, 18, 174), ("florida", 120, 37, 174),
            ("north_carolina", 46, 12, 154), ("new_york", 12, 5, 154)):
        share = (large + 0.5) / (count + 1)
        storms = (1 - share) * minor + share * major
        assert rate[coast] == pytest.approx((count + 0.5) / years * storms, rel=1e-3)
    texas = heads(peril).query("coast == 'texas'").groupby("category")["rate_per_yr"].sum()
    hits = texas[["3", "4", "5"]].sum() / major, texas[["1", "2"]].sum() / minor
    assert hits[0] / sum(hits) == pytest.approx(19.5 / 67, rel=1e-3)
    assert texas["1"] / texas["2"] == pytest.approx(US[0] / US[1], rel=0.01)
    assert texas["3"] / texas["4"] == pytest.approx(US[2] / US[3], rel=0.03)


def test_wind_decays_inland_as_the_paper_has_it(peril):
    """Kaplan and DeMaria 1995: 100 kt at landfall; after 8 h at 25 km/h, that is 200 km."""
    by_hand = 26.7 + (0.9 * 100 - 26.7) * math.exp(-0.095 * 8)
    assert by_hand == pytest.approx(56.3, abs=0.1)
    assert peril.centre_wind(100.0, 200.0) == pytest.approx(by_hand)
    inland = peril.centre_wind(130.0, np.linspace(0, 2000, 50))
    assert (np.diff(inland) < 0).all()
    assert inland[-1] == pytest.approx(26.7, abs=0.1)
    assert peril.centre_wind(20.0, 100.0) == pytest.approx(26.7)  # a weak storm does not gain


def test_wind_is_that_of_the_distance_along_and_beside_the_track(peril):
    (event,) = [e for e in peril.landfalls() if e.event_id == "texas/cat3/6"]
    from pyproj import Geod

    geod = Geod(ellps="WGS84")
    lon, lat, _ = geod.fwd(event.lon, event.lat, event.heading_deg, 150_000)
    assert peril.wind(event, lat, lon).item() == pytest.approx(
        float(peril.centre_wind(104.0, 150.0)), rel=1e-6)
    lon, lat, _ = geod.fwd(event.lon, event.lat, event.heading_deg + 90, 90_000)
    assert peril.wind(event, lat, lon).item() == pytest.approx(
        float(peril.centre_wind(104.0, 0.0)) * 2**-0.6, rel=1e-6)
    lon, lat, _ = geod.fwd(event.lon, event.lat, event.heading_deg + 180, 200_000)
    behind = peril.wind(event, lat, lon).item()  # over the sea it came from
    assert behind == pytest.approx(float(peril.centre_wind(104.0, 0.0)) * (200 / 45) ** -0.6)


def test_chances_are_lognormal_in_wind(peril):
    assert peril.chance("feed", 85.0) == pytest.approx(0.5)
    assert peril.chance("feed", 85.0 * math.exp(0.25)) == pytest.approx(stats.norm.cdf(1))
    for what in ("structure", "cooling", "feed", "grid"):
        assert (np.diff(peril.chance(what, np.arange(20.0, 160.0, 5.0))) >= 0).all()
        assert peril.chance(what, 0.0) < 1e-6
    # halls outlast their plant outdoors, and that outlasts the lines
    order = [float(peril.chance(what, 100.0)) for what in ("structure", "cooling", "feed")]
    assert order == sorted(order)


def test_beryl_left_transmission_mostly_whole(peril):
    """2024: 70 kt at the coast, Houston about 60 km inland, transmission mostly whole."""
    assert 0.02 < float(peril.chance("feed", peril.centre_wind(70.0, 60.0))) < 0.3


def test_chances_decay_from_the_coast_inland(peril, texas):
    table = peril.catalogue(texas)
    landfalls = table[table["event_id"].str.startswith("texas/")]
    hit = [natural.hit_rate(landfalls, site) for site in TEXAS]
    assert hit[0] > 1.5 * hit[1] > 1.5 * 3 * hit[2] > 0
    assert hit[3] == 0.0 or hit[3] < hit[2] / 10
    rows = table[table["node_id"] == "feed:fed"]
    assert set(rows["duration_dist"]) == {"weibull"}
    np.testing.assert_allclose(rows["duration_h"], 0.35 * 110.4)
    assert set(table.loc[table["event_id"].str.startswith("texas/"), "region"]) == {"US-TX"}


def test_events_do_not_reach_beyond_their_coast(peril):
    table = peril.catalogue(placed_world({"seattle": (47.6, -122.3), "paris": (48.9, 2.3)}))
    assert not set(table["node_id"]) & {"seattle", "paris"}
    assert (distance_km([47.6], [-122.3], [29.3], [-94.8]) > 2000).all()


def test_an_islands_grid_goes_and_the_mainlands_does_not(peril):
    table = peril.catalogue(placed_world({"s": (0.0, 0.0)}))
    island = table[table["node_id"] == "grid:PREPA"]
    assert (island["probability"] > 0).all()
    strong = island["event_id"].str.contains("cat5")
    assert island.loc[strong, "probability"].min() > island.loc[~strong, "probability"].max()
    # Maria: nearly sure to take all of it
    assert float(peril.chance("grid", 135.0)) > 0.8
    others = table[table["node_id"].str.startswith("grid:") & (table["node_id"] != "grid:PREPA")]
    assert (others["probability"] == 0).all()


def test_remnants_keep_their_share_of_the_state_events(peril):
    table = heads(peril).query("coast == 'remnant'")
    region = table["event_id"].str.split("/").str[1]
    rate = table.groupby(region)["rate_per_yr"].sum()
    record = {"RFC": 15, "SERC": 26, "TRE": 6, "NPCC": 8}
    elsewhere = {row["region"]: row["best"] for row in peril.spec.data["remnants"]["allocation"]
                 if row["grid"] == "elsewhere"}
    for name, count in record.items():
        share = peril.spec.data["remnants"]["share"][name]["best"]
        given = 1.0 - elsewhere.get(name, 0.0)
        assert rate[name] == pytest.approx((count + 0.5) / 16.58 * share * given, rel=1e-3)
    shares = dict.fromkeys(record, 0.0)
    for row in peril.spec.data["remnants"]["allocation"]:
        shares[row["region"]] += row["best"]
    assert shares == {name: pytest.approx(1.0) for name in record}


def test_simulated_losses_and_rates_are_the_catalogues(peril, texas):
    seen = check_means(texas, peril, 200_000)
    assert seen["feed:fed"] > 1000
    assert seen["coast"] > 300


def test_simulated_durations_are_the_files(texas):
    feeds = changed(Hurricane, "hurricane", feed__half=60.0)
    causes = natural.simulated(texas, feeds, 60_000)
    causes = causes[causes["node"] == "feed:fed"]
    hours = causes["lost_mw_days"] * 24.0 / natural.MW
    check_quantiles(hours.to_numpy(), stats.weibull_min(0.887, scale=0.35 * 110.4))


def test_simulated_categories_follow_the_counts(texas):
    certain = changed(Hurricane, "hurricane", feed__half=5.0, cooling__half=900.0,
                      structure__half=900.0)
    causes = natural.simulated(texas, certain, 20_000)
    landfalls = causes[causes["event_id"].str.startswith("texas/")].drop_duplicates("event")
    rates = certain.category_rates("texas")
    n, rate = len(landfalls), sum(rates.values())
    assert abs(n - rate * 20_000) < 4 * math.sqrt(rate * 20_000)
    for category, p in ((name, each / rate) for name, each in rates.items()):
        found = landfalls["event_id"].str.contains(f"/cat{category}/").mean()
        assert abs(found - p) < 4 * math.sqrt(p * (1 - p) / n)


def test_sites_of_one_coast_go_together(texas):
    """Feeds and sites near one landfall share its event: far more often than by chance."""
    peril = changed(Hurricane, "hurricane", cooling__half=60.0)
    causes = natural.simulated(texas, peril, 40_000)
    pair = causes[causes["node"].isin(["coast", "houston"])]
    both = pair.groupby("event")["node"].nunique().eq(2).sum()
    alone = {node: pair.loc[pair["node"] == node, "event"].nunique() for node in TEXAS}
    assert both > 0.2 * min(alone["coast"], alone["houston"])


def test_sites_that_leave_do_not_change_the_others(peril):
    whole = natural.simulated(placed_world(TEXAS), peril, 30_000)
    part = natural.simulated(placed_world({"coast": TEXAS["coast"]}), peril, 30_000)
    of = ["year", "start_h", "event_id", "lost_mw_days"]
    pd.testing.assert_frame_equal(whole.loc[whole["node"] == "coast", of].reset_index(drop=True),
                                  part[of])
    assert len(part) > 40


def test_more_hits_more_loss(texas):
    rates = [changed(Hurricane, "hurricane", coasts__texas__hits=hits).catalogue(texas)
             for hits in (0.2, 0.4)]
    less, more = (natural.mean_loss(table) for table in rates)
    assert all(more[node] > less[node] for node in ("coast", "houston", "feed:fed"))


def test_rates_stay_below_the_ceiling_with_every_high(peril):
    data = peril.spec.data
    highs = sum(coast["hits"]["high"] for coast in data["coasts"].values())
    highs = highs * data["storms_per_hit"]["major"]["high"] + sum(
        number["high"] for number in data["remnants"]["rates"].values())
    assert 2 * highs < peril.spec.ceiling_rate_per_yr
