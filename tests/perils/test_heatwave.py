"""Heatwaves: halls shut down as often as the record says, together over a region."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from scipy import stats

import riskmodel as rm
from riskmodel.errors import RiskModelError
from riskmodel.perils.heatwave import Heatwave
from riskmodel.perils.spec import read_spec, shipped_data
from tests.perils import natural
from tests.perils.natural import changed, check_means, check_quantiles, placed_world

RECORD = {"RFC": 3, "SERC": 1, "TRE": 1, "WECC": 3, "NPCC": 2}
PLACES = {"one": (32.4, -99.7), "two": (31.1, -97.3), "three": (30.7, -97.0),
          "fed": (29.4, -98.8)}


@pytest.fixture(scope="module")
def peril():
    return Heatwave(read_spec(shipped_data("heatwave")))


@pytest.fixture(scope="module")
def texas():
    return placed_world(PLACES, grid="ERCOT", feeds=["fed"])


def test_a_site_is_shut_down_as_often_as_the_record_says(peril, texas):
    """.02 a year of lost cooling; heat's part is one of three cases: Jeffreys, 1.5 in 4."""
    assert peril.shutdown_rate() == pytest.approx(0.02 * 1.5 / 4)
    table = peril.catalogue(texas)
    domes = table[table["node_id"] == "one"]
    assert set(domes["part"]) == {"cooling"}
    assert (domes["rate_per_yr"] * domes["probability"]).sum() == pytest.approx(0.0075)


@pytest.mark.parametrize("rate", [0.02, 0.15])
def test_how_often_domes_come_leaves_the_rate_of_a_site(rate, texas):
    table = changed(Heatwave, "heatwave", dome__rate=rate).catalogue(texas)
    domes = table[table["node_id"] == "one"]
    assert (domes["rate_per_yr"] * domes["probability"]).sum() == pytest.approx(0.0075)


def test_what_is_left_of_lost_cooling_is_site_failures(peril):
    """Heat and the other causes add up to the three cases; none is counted twice."""
    other = shipped_data("site_failure")["cooling"]
    share = peril.spec.data["cooling"]["heat_share"]
    assert other["rate"]["best"] == peril.spec.data["cooling"]["shutdown_rate"]["best"]
    assert share["hits"] + other["share_without_heat"]["hits"] == share["trials"] == 3
    assert share["best"] + other["share_without_heat"]["best"] == pytest.approx(1.0)


def test_a_chance_is_never_above_one():
    often = changed(Heatwave, "heatwave", cooling__shutdown_rate=5.0)
    assert often.chance_in_dome() == 1.0


def test_grid_events_keep_the_counts(peril, texas):
    one = peril.catalogue(texas).drop_duplicates("event_id")
    one = one[one["event_id"].str.startswith("grid/")]
    rate = one.groupby(one["event_id"].str.split("/").str[1])["rate_per_yr"].sum()
    elsewhere = {row["region"]: row["best"] for row in peril.spec.data["supply"]["allocation"]
                 if row["grid"] == "elsewhere"}
    for region, count in RECORD.items():
        wanted = (count + 0.5) / 16.58 * (1 - elsewhere.get(region, 0.0))
        assert rate[region] == pytest.approx(wanted, rel=1e-3)
    assert sum(RECORD.values()) == 10  # .6 a year, all heat events of the record
    rows = peril.catalogue(texas).query("node_id == 'feed:fed' and probability > 0")
    assert set(rows["duration_dist"]) == {"lognormal"}
    assert rows["duration_h"].item() == pytest.approx(0.35 * math.exp(2.374), rel=1e-3)
    assert rows["duration_shape"].item() == 1.332
    assert rows["probability"].item() == 0.03


def test_every_grid_of_the_shipped_world_has_its_region(peril):
    world = rm.read_world()
    grids = {grid for region in peril.spec.data["regions"].values() for grid in region["grids"]}
    there = set(world.nodes.loc[world.nodes["kind"] == "grid", "node_id"].str.removeprefix("grid:"))
    assert there <= grids
    listed = [grid for region in peril.spec.data["regions"].values() for grid in region["grids"]]
    assert len(listed) == len(set(listed))
    regions = peril.site_region(world)
    assert regions["stargate_abilene"] == "us_south_central"
    off_grid = world.sites.loc[world.sites["grid_region"] == "OFF_GRID", "site_id"]
    assert {regions[site] for site in off_grid} <= {"us_south_central", "us_southwest", "us_east",
                                                    "us_midwest"}


def test_a_site_on_no_listed_grid_takes_the_nearest_centre(peril):
    world = placed_world({"perth": (-37.8, 144.9), "leeds": (53.8, -1.5), "hsinchu": (24.8, 121.0)})
    assert peril.site_region(world) == {"perth": "southeast_australia",
                                        "leeds": "northwest_europe", "hsinchu": "taiwan"}


def test_simulated_losses_and_rates_are_the_catalogues(peril, texas):
    seen = check_means(texas, peril, 200_000)
    assert seen["one"] > 1000
    assert seen["feed:fed"] > 300


def test_sites_of_one_region_share_their_domes(peril, texas):
    """Given a dome each of three fails by itself: pairs, triples as a binomial has them."""
    causes = natural.simulated(texas, peril, 200_000)
    domes = causes[causes["event_id"] == "dome/us_south_central"]
    together = domes[domes["node"].isin(["one", "two", "three"])].groupby("event")["node"].nunique()
    n, p = 0.05 * 200_000, peril.chance_in_dome()
    for k in (1, 2, 3):
        wanted = n * stats.binom.pmf(k, 3, p)
        assert abs((together == k).sum() - wanted) < 4 * math.sqrt(wanted)
    independent = 200_000 * 0.0075**2  # pairs of one year, did each site have its own events
    assert (together >= 2).sum() > 10 * 3 * independent


def test_simulated_durations_are_the_files(peril, texas):
    causes = natural.simulated(texas, peril, 200_000)
    cooling = causes[causes["node"] == "two"]
    hours = cooling["lost_mw_days"] * 24.0 / (0.3 * natural.MW)
    check_quantiles(hours.to_numpy(), stats.lognorm(0.7, scale=24.0))
    feed = causes[causes["node"] == "feed:fed"]
    hours = feed["lost_mw_days"] * 24.0 / (0.7 * natural.MW)
    check_quantiles(hours.to_numpy(), stats.lognorm(1.332, scale=0.35 * 10.74))


def test_sites_that_leave_do_not_change_the_others(peril):
    whole = natural.simulated(placed_world(PLACES, grid="ERCOT"), peril, 30_000)
    part = natural.simulated(placed_world({"two": PLACES["two"]}, grid="ERCOT"), peril, 30_000)
    of = ["year", "start_h", "event_id", "lost_mw_days"]
    pd.testing.assert_frame_equal(whole.loc[whole["node"] == "two", of].reset_index(drop=True),
                                  part[of])
    assert len(part) > 100


def test_more_shutdowns_more_loss(texas):
    less, more = (natural.mean_loss(changed(
        Heatwave, "heatwave", cooling__shutdown_rate=rate).catalogue(texas))
        for rate in (0.01, 0.03))
    assert more["one"] == pytest.approx(3 * less["one"])


def test_a_grid_without_its_states_is_refused(texas):
    peril = changed(Heatwave, "heatwave", dome__rate=0.05)
    rows = peril.spec.data["supply"]["states"]
    rows[:] = [row for row in rows if row["grid"] != "ERCOT"]
    with pytest.raises(RiskModelError, match=r"supply\.states has no row for ERCOT"):
        peril.catalogue(texas)


def test_rates_stay_below_the_ceiling_with_every_high(peril):
    data = peril.spec.data
    highs = len(data["regions"]) * data["dome"]["rate"]["high"] + sum(
        number["high"] for number in data["supply"]["rates"].values())
    assert 2 * highs < peril.spec.ceiling_rate_per_yr
