"""Earthquakes: rates of the forecasts, shaking of the paper, and what a simulation makes of them.

The catalogue and the simulated world are compared with numbers worked out here from the file.
"""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import riskmodel as rm
from riskmodel.errors import RiskModelError
from riskmodel.perils.earthquake import Earthquake
from riskmodel.perils.placed_nodes import along_line, placed_nodes, read_line
from riskmodel.perils.spec import read_spec, shipped_data
from riskmodel.world.geography import distance_km
from riskmodel.world.shipped import shipped_folder
from tests.perils import natural
from tests.perils.natural import changed, check_means, check_quantiles, placed_world

OAKLAND = (37.80, -122.27)


@pytest.fixture(scope="module")
def peril():
    return Earthquake(read_spec(shipped_data("earthquake")))


@pytest.fixture(scope="module")
def near():
    """Three sites at rising distance from the Hayward fault, and a local supply beside it."""
    return placed_world({"close": OAKLAND, "mid": (37.95, -121.3), "far": (38.6, -119.5),
                         "fed": (37.7, -122.1)}, grid="CAISO", feeds=["fed"])


def rates(peril):
    table = peril.catalogue(placed_world({"nowhere": (0.0, 0.0)}))
    one = table.drop_duplicates("event_id")
    return one.assign(zone=one["event_id"].str.split("/").str[0])


def test_zones_keep_the_rates_of_the_forecasts(peril):
    by_zone = rates(peril).groupby("zone")["rate_per_yr"].sum()
    record = pd.read_csv(Path(shipped_folder()) / "hazard_rates.csv").set_index("rate_id")
    stated = record["annual_rate_best"].astype(float)
    assert by_zone["bay_area"] == pytest.approx(stated["R54"])
    assert by_zone["california"] + by_zone["bay_area"] == pytest.approx(stated["R53"])
    assert by_zone["southern_kanto"] == pytest.approx(stated["R55"])
    assert by_zone["nankai"] == pytest.approx(stated["R56"])
    assert 1 - math.exp(-50 * by_zone["wasatch"]) == pytest.approx(0.43, abs=0.001)
    assert 0.25 < 1 - math.exp(-50 * by_zone["new_madrid"]) < 0.40


def larger(peril, zone, magnitude):
    """Return the yearly rate of that magnitude or more, from the law and not from its classes."""
    data = peril.spec.data["zones"][zone]
    low, high, b = (data[name]["best"] for name in ("m_min", "m_max", "b"))
    top = 10 ** (-b * (high - low))
    return peril.zone_rate(zone) * (10 ** (-b * (magnitude - low)) - top) / (1 - top)


def test_slopes_leave_the_large_ones_their_chance(peril):
    california = larger(peril, "california", 8.0) * 0.159 / peril.zone_rate("california")
    assert 1 - math.exp(-30 * california) == pytest.approx(0.07, abs=0.02)
    assert 0.07 < 1 - math.exp(-50 * larger(peril, "new_madrid", 7.0)) < 0.10


def test_magnitude_classes_are_gutenberg_richter(peril):
    magnitude, share = peril.magnitudes("north_china")
    assert share.sum() == pytest.approx(1.0, abs=1e-12)
    steps = np.log10(share[:-1] / share[1:]) / np.diff(magnitude)
    np.testing.assert_allclose(steps, 0.9, rtol=1e-9)


def test_shaking_is_that_of_the_paper(peril):
    """Atkinson and Wald 2007, by hand: magnitude 7 at 20 km in California, 7.5 at 55 km east."""
    def by_hand(c, h, r_t, m, d):
        r = math.sqrt(d * d + h * h)
        bend = math.log10(r / r_t) if r > r_t else 0.0
        return (c[0] + c[1] * (m - 6) + c[2] * (m - 6) ** 2 + c[3] * math.log10(r) + c[4] * r
                + c[5] * bend + c[6] * m * math.log10(r))

    west = (12.27, 2.270, 0.1304, -1.30, -0.0007070, 1.95, -0.577)
    east = (11.72, 2.36, 0.1155, -0.44, -0.002044, 2.31, -0.479)
    assert by_hand(west, 14, 30, 7.0, 20) == pytest.approx(7.24, abs=0.01)
    for m, d in ((7.0, 20.0), (6.5, 3.0), (8.0, 120.0)):
        assert peril.intensity("active", m, d) == pytest.approx(by_hand(west, 14, 30, m, d))
        assert peril.intensity("stable", m, d) == pytest.approx(by_hand(east, 17, 80, m, d))
    km = np.array([1.0, 10.0, 50.0, 200.0])
    assert (peril.intensity("stable", 7.5, km) > peril.intensity("active", 7.5, km) - 0.1).all()


@pytest.mark.parametrize("what", ["structure", "cooling", "feed"])
def test_chances_fall_with_distance_and_rise_with_magnitude(peril, what):
    km = np.linspace(0.0, 600.0, 200)
    rows = [peril.chance(what, peril.intensity("active", m, km)) for m in (6.5, 7.5, 8.5)]
    assert all((np.diff(row) <= 0).all() for row in rows)
    assert all((b > a).all() for a, b in pairwise(rows))
    # the scatter of shaking widens the scatter of strength
    half = shipped_data("earthquake")[what]["half"]["best"]
    assert peril.chance(what, half) == pytest.approx(0.5)
    assert peril.chance(what, half + math.hypot(0.6, 0.7)) == pytest.approx(stats.norm.cdf(1))


def test_ruptures_lie_on_the_trace_and_have_their_length(peril):
    events, lat, lon = peril.ruptures("wasatch")
    km = np.concatenate([[0], np.cumsum(distance_km(lat[:-1], lon[:-1], lat[1:], lon[1:]))])
    for event in events:
        span = np.ptp(km[event.points])
        wanted = min(10 ** (-2.44 + 0.59 * event.magnitude), km[-1])
        assert abs(span - wanted) <= 10.0, event.event_id
    reached = sorted({i for event in events for i in range(*event.points.indices(len(lat)))})
    assert np.diff(reached).max() == 1  # no gap, and no end left out by more than half a step
    assert km[reached[0]] < 35.0
    assert km[-1] - km[reached[-1]] < 35.0


def test_a_nearer_site_is_hit_more_often(peril, near):
    table = peril.catalogue(near)
    bay = table[table["event_id"].str.startswith("bay_area/")]
    hit = [natural.hit_rate(bay, site) for site in ("close", "mid", "far")]
    assert hit[0] > 2 * hit[1]
    assert hit[1] > 2 * hit[2]
    parts = table[table["node_id"] == "close"]
    assert set(parts["part"]) == {"structure", "cooling"}
    assert set(table.loc[table["node_id"] == "feed:fed", "duration_group"]) == {"feeds"}


def test_the_distance_is_geodesic_to_the_nearest_point_of_the_rupture(peril, near):
    table = peril.catalogue(near)
    event, (lat, lon) = "bay_area/m2/1", OAKLAND
    events, lats, lons = peril.ruptures("bay_area")
    (rupture,) = [each for each in events if each.event_id == event]
    apart = distance_km(lats[rupture.points], lons[rupture.points], lat, lon).min()
    wanted = peril.chance("cooling", peril.intensity("active", rupture.magnitude, apart))
    row = table[(table["event_id"] == event) & (table["node_id"] == "close")
                & (table["part"] == "cooling")]
    assert row["probability"].item() == pytest.approx(float(wanted), rel=1e-12)


def test_an_ill_known_place_is_seen_no_finer(peril):
    def of(precision):
        world = placed_world({"site": OAKLAND}, precision=precision)
        return natural.hit_rate(peril.catalogue(world), "site")

    assert of(4.0) == of(0.0)
    assert of(300.0) < 0.5 * of(0.0)
    nodes = placed_nodes(placed_world({"site": OAKLAND}, precision=300.0))
    apart = distance_km(nodes.lat, nodes.lon, *OAKLAND)
    assert apart.max() < 300.0
    # evenly over the disc: the mean square distance is half of the radius's
    assert (apart**2).mean() == pytest.approx(300.0**2 / 2)
    assert nodes.mean(np.arange(len(nodes.lat)), np.ones(len(nodes.lat))) == pytest.approx(1.0)


def test_grids_go_with_the_chance_of_their_kind(peril):
    assert peril.grid_chance("island", 7.0) == pytest.approx(0.1)
    assert peril.grid_chance("island", 6.7) == pytest.approx(0.1 * 4**-0.3)
    assert peril.grid_chance("large", 7.0) < peril.grid_chance("island", 7.0)
    assert peril.grid_chance("island", 12.0) == 1.0
    rows = peril.catalogue(placed_world({"s": (0.0, 0.0)})).query("node_id == 'grid:HEPCO'")
    assert len(rows) > 0
    assert (rows["duration_h"] == 30.0).all()
    # the island's grid goes once in centuries, as it did in 2018
    assert 1 / 2000 < (rows["rate_per_yr"] * rows["probability"]).sum() < 1 / 100


def test_simulated_losses_and_rates_are_the_catalogues(peril, near):
    seen = check_means(near, peril, 200_000)
    assert seen["close"] > 1000
    assert seen["feed:fed"] > 1000
    assert seen["grid:CAISO"] > 50


def test_simulated_durations_are_the_files(near):
    only = changed(Earthquake, "earthquake", cooling__half=90.0, feed__half=90.0,
                   grid__large=0.0, structure__half=7.0)
    causes = natural.simulated(near, only, 60_000)
    causes = causes[causes["node"] == "close"]
    hours = causes["lost_mw_days"] * 24.0 / (0.5 * natural.MW)
    check_quantiles(hours.to_numpy(), stats.lognorm(0.8, scale=2880.0))


def test_magnitudes_of_simulated_events_follow_the_law(near):
    certain = changed(Earthquake, "earthquake", feed__half=-90.0, structure__half=90.0,
                      cooling__half=90.0, grid__large=0.0)
    causes = natural.simulated(near, certain, 60_000)
    bay = causes[causes["event_id"].str.startswith("bay_area/")].drop_duplicates("event")
    _, share = certain.magnitudes("bay_area")
    n = len(bay)
    assert abs(n - 0.0424 * 60_000) < 4 * math.sqrt(0.0424 * 60_000)
    for m, p in enumerate(share):
        found = bay["event_id"].str.contains(f"/m{m + 1}/").mean()
        assert abs(found - p) < 4 * math.sqrt(p * (1 - p) / n)
    # starts lie evenly over the year
    check_quantiles(bay["start_h"].to_numpy(), stats.uniform(0, 8760))


def test_a_higher_rate_keeps_the_events_that_are_there(near):
    runs = [natural.simulated(near, changed(Earthquake, "earthquake", zones__bay_area__rate=rate,
                                            zones__california__rate=0.159 + rate - 0.0424), 20_000)
            for rate in (0.0424, 0.06)]
    less, more = (set(zip(run["year"], run["start_h"], strict=True)) for run in runs)
    assert len(more) > len(less)
    # arrivals stay where they are; which event one is may change with the table of shares
    assert len(less & more) > 0.7 * len(less)


def test_sites_that_leave_do_not_change_the_others(peril):
    places = {"close": OAKLAND, "mid": (37.6, -121.9), "utah": (40.7, -111.95)}
    whole = natural.simulated(placed_world(places), peril, 30_000)
    part = natural.simulated(placed_world({"mid": places["mid"]}), peril, 30_000)
    of = ["year", "start_h", "event_id", "lost_mw_days"]
    pd.testing.assert_frame_equal(whole.loc[whole["node"] == "mid", of].reset_index(drop=True),
                                  part[of])
    assert len(part) > 20


def test_a_feed_without_coordinates_has_no_place():
    world = placed_world({"fed": OAKLAND}, feeds=["fed"])
    assert "feed:fed" in set(placed_nodes(world).node_id)
    bare = rm.World.from_frames(
        sites=world.sites[["site_id", "lat", "lon", "it_mw"]], holdings=world.holdings,
        labs=world.labs, nodes=world.nodes[["node_id", "kind"]], requirements=world.requirements)
    assert "feed:fed" not in set(placed_nodes(bare).node_id)


def test_lines_are_read_and_refused():
    lat, lon = read_line("LINESTRING (-1 2, 3 4.5)", "x")
    assert (lat.tolist(), lon.tolist()) == ([2.0, 4.5], [-1.0, 3.0])
    y, x, km = along_line(lat, lon, 25.0)
    assert np.diff(km).max() <= 25.0 + 1e-6
    assert km[-1] == pytest.approx(float(distance_km(2, -1, 4.5, 3)), rel=1e-6)
    assert (y[0], x[-1]) == (2.0, 3.0)
    for text in ("POINT (1 2)", "LINESTRING (1 2)", "LINESTRING (1 x, 2 3)", "", "LINESTRING ()",
                 "LINESTRING (1 2 3, 4 5)", "LINESTRING (1 95, 2 3)"):
        with pytest.raises(RiskModelError, match=r"zones.a.trace: .* is no line"):
            read_line(text, "zones.a.trace")


def test_a_zone_without_room_for_magnitudes_is_refused():
    broken = changed(Earthquake, "earthquake", zones__wasatch__m_max=6.0)
    with pytest.raises(RiskModelError, match=r"zones\.wasatch has m_max 6.0 not above m_min"):
        broken.catalogue(placed_world({"s": (0.0, 0.0)}))


def test_rates_stay_below_the_ceiling_with_every_high(peril):
    highs = sum(zone["rate"]["high"] for zone in peril.spec.data["zones"].values())
    assert 2 * highs < peril.spec.ceiling_rate_per_yr
