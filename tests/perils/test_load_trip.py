"""Load trips: counted rates, MW lost over the load that is there, and halls that come back late."""

from __future__ import annotations

import copy

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, stats

import riskmodel as rm
from riskmodel.errors import RiskModelError
from riskmodel.perils.load_trip import PART, LoadTrip, halls_by_interconnection
from riskmodel.perils.posterior import gamma_posterior
from riskmodel.perils.spec import read_spec, shipped_data
from riskmodel.testing import check_peril
from riskmodel.world.edits_supply import with_second_feed
from tests.perils.small_world import Draws, build_world, far_out

DATA = shipped_data("load_trip")
SYSTEMS = {"ERCOT": "TEXAS", "PJM": "EASTERN", "AZPS": "WESTERN", "PT": "CONTINENTAL_EUROPE"}
#: site, supply, grid, place, km known, reserve in h, share of the grid
PLACES = [
    ("ashburn_1", "feed:ashburn", "PJM", (39.02, -77.48), 1.0, 0.1, 1.0),
    ("ashburn_2", "feed:ashburn", "PJM", (39.02, -77.48), 1.0, 0.1, 1.0),
    ("toledo_1", "feed:toledo", "PJM", (41.6, -83.5), 1.0, 0.1, 1.0),
    ("toledo_2", "feed:toledo", "PJM", (41.6, -83.5), 1.0, 24.0, 1.0),
    ("abilene", "feed:abilene", "ERCOT", (32.5, -99.8), 1.0, 0.1, 0.4),
    ("somewhere", "feed:somewhere", "ERCOT", (32.8, -96.9), 300.0, 0.1, 1.0),
    ("sines", "feed:sines", "PT", (38.5, -8.3), 1.0, 0.1, 1.0),
]
DRAWN = ["year", "region", "event_start_h", "node_id", "part", "start_h", "duration_h", "depth"]


def world(keep=None):
    rows = [row for row in PLACES if keep is None or row[0] in keep]
    feeds = {row[1]: row for row in PLACES}
    grids = sorted({row[2] for row in PLACES})
    nodes = pd.DataFrame(
        [(feed, "feed", *row[3], row[4]) for feed, row in feeds.items()]
        + [(f"grid:{g}", "grid", np.nan, np.nan, np.nan) for g in grids]
        + [(f"interconnection:{SYSTEMS[g]}", "interconnection", np.nan, np.nan, np.nan)
           for g in grids] + [("plant:abilene", "plant", np.nan, np.nan, np.nan)],
        columns=["node_id", "kind", "lat", "lon", "coord_precision_km"])
    needs = [(row[0], "power", row[1], row[6], "proportional", row[5]) for row in rows]
    if keep is None or "abilene" in keep:
        needs.append(("abilene", "power", "plant:abilene", 0.6, "proportional", 0.1))
    needs += [(feed, "grid", f"grid:{row[2]}", 1.0, "quorum", 0.0) for feed, row in feeds.items()]
    needs += [(f"grid:{g}", "interconnection", f"interconnection:{SYSTEMS[g]}", 1.0, "quorum", 0.0)
              for g in grids]
    ids = [row[0] for row in rows]
    return rm.World.from_frames(
        sites=pd.DataFrame({"site_id": ids, "lat": [row[3][0] for row in rows],
                            "lon": [row[3][1] for row in rows], "it_mw": 100.0,
                            "country_iso2": "US", "grid_region": [row[2] for row in rows]}),
        holdings=pd.DataFrame({"lab_id": "lab", "site_id": ids, "share": 1.0}),
        labs=pd.DataFrame({"lab_id": ["lab"], "needed_share": [0.8]}), nodes=nodes,
        requirements=pd.DataFrame(needs, columns=["node_id", "group", "member_id", "weight",
                                                  "mode", "ride_through_h"]))


def changed(changes):
    data = copy.deepcopy(DATA)
    for path, value in changes.items():
        number = data
        for step in path.split("."):
            number = number[step]
        number.update(low=min(number["low"], value), best=value, high=max(number["high"], value))
        for key in ("counted", "count", "exposure", "exposure_factor"):
            number.pop(key, None)
    return LoadTrip(read_spec(data))


SHIPPED = LoadTrip(read_spec(DATA))
#: every hall that goes is down at once
AT_ONCE = {"return.transfer_fails": 1.0}


def sampled(peril, of, years, first=0):
    return peril.sample(Draws(np.arange(first, first + years), "load_trip"), of)


def rows(table):
    return {*map(tuple, table[DRAWN].to_numpy())}


def mean_share(interconnection, load):
    """Return the mean of min(1, MW lost / load), by quadrature."""
    section = DATA["interconnections"][interconnection]
    law = stats.lognorm(section["lost_sigma"]["best"], scale=section["lost_median"]["best"])
    return integrate.quad(lambda x: law.sf(x * load), 0, 1)[0]


def test_rates_are_the_counts_grown_with_the_load():
    growth = DATA["growth"]["rate"]["best"]
    assert SHIPPED.rate("EASTERN") == pytest.approx(growth * gamma_posterior(6, 1.0).mean, rel=1e-3)
    assert SHIPPED.rate("TEXAS") == pytest.approx(growth * gamma_posterior(26, 3.4).mean, rel=1e-3)
    assert SHIPPED.rate("WESTERN") == pytest.approx(SHIPPED.rate("EASTERN") * 0.5 * 10 / 27)


def test_sizes_are_the_fit_to_the_six():
    six = np.log([1500, 1800, 428, 227, 540, 1300])
    law = DATA["interconnections"]["EASTERN"]
    assert law["lost_median"]["best"] == pytest.approx(np.exp(six.mean()), rel=0.002)
    assert law["lost_sigma"]["best"] == pytest.approx(six.std(ddof=1), rel=0.002)


def test_metros_and_the_rest_add_up_to_the_load():
    found = halls_by_interconnection(world())
    for name in ("EASTERN", "TEXAS"):
        metros = SHIPPED.metros(world(), name, found[name])
        total = DATA["interconnections"][name]["load"]["best"]
        assert sum(metro.load_mw for metro in metros) == pytest.approx(total)
        assert metros[-1].load_mw >= 0.2 * total
    by_metro = {metro.name: {hall.site for hall in metro.halls}
                for name in ("EASTERN", "TEXAS")
                for metro in SHIPPED.metros(world(), name, found[name])
                if metro.halls}
    assert by_metro["northern_virginia"] == {"ashburn_1", "ashburn_2"}
    # in the middle of Dallas, if it were known to better than 300 km
    assert "dallas" not in by_metro
    crowded = changed({f"interconnections.{name}.load": 6000.0 for name in ("EASTERN",)})
    metros = crowded.metros(world(), "EASTERN", found["EASTERN"])
    assert metros[-1].load_mw == pytest.approx(0.2 * 6000)


def test_a_second_line_spares_no_hall_a_dip():
    twice = with_second_feed(world(), [row[0] for row in PLACES])
    assert halls_by_interconnection(twice) == halls_by_interconnection(world())
    table = sampled(SHIPPED, twice, 200)
    pd.testing.assert_frame_equal(table, sampled(SHIPPED, world(), 200))
    assert len(table)


def test_halls_know_their_reserve_and_what_the_grid_carries():
    halls = {hall.site: hall for of in halls_by_interconnection(world()).values() for hall in of}
    assert halls["abilene"].grid_share == pytest.approx(0.4)
    assert halls["toledo_2"].reserve_h == 24
    assert halls["ashburn_1"].grid_share == 1


def test_each_hall_goes_as_often_as_mw_lost_over_the_load_says():
    years = 20_000
    table = sampled(changed(AT_ONCE), world(), years)
    loads = {"ashburn_1": ("EASTERN", 4500), "toledo_1": ("EASTERN", 16_000),
             "toledo_2": ("EASTERN", 16_000), "abilene": ("TEXAS", 6900),
             "somewhere": ("TEXAS", 6900)}
    for site, (name, load) in loads.items():
        total = DATA["interconnections"][name]["load"]["best"]
        rate = SHIPPED.rate(name) * load / total * mean_share(name, load)
        found = (table["node_id"] == site).sum()
        assert abs(found - rate * years) < 4 * np.sqrt(rate * years), site
    assert "sines" not in set(table["node_id"])
    assert set(table["part"]) == {PART}
    np.testing.assert_allclose(table.loc[table["node_id"] == "abilene", "depth"], 0.6 * 0.4)


def test_halls_of_one_supply_go_together_outside_the_metros():
    table = sampled(changed(AT_ONCE), world(), 8000)
    events = table.groupby(["year", "event"])["node_id"].agg(set)
    one = events[[("toledo_1" in nodes) or ("toledo_2" in nodes) for nodes in events]]
    assert len(one) > 500
    assert all({"toledo_1", "toledo_2"} <= nodes for nodes in one)
    # in a metro each hall by itself: more often together than by chance, and not always
    ashburn = events[["ashburn_1" in nodes for nodes in events]]
    both = np.mean(["ashburn_2" in nodes for nodes in ashburn])
    assert 0.15 < both < 0.95


def test_hours_are_those_of_the_switching_back_less_the_reserve():
    law = stats.lognorm(0.8, scale=4.0)
    table = sampled(changed(AT_ONCE), world(), 8000)
    hours = table.loc[table["node_id"] == "toledo_1", "duration_h"].to_numpy()
    for q in (0.1, 0.25, 0.5, 0.75, 0.9):
        below = (hours < law.ppf(q)).mean()
        assert abs(below - q) < 4 * np.sqrt(q * (1 - q) / len(hours)), q
    plain = sampled(changed({"return.transfer_fails": 0.0}), world(), 8000)
    late = plain[plain["node_id"] == "toledo_1"]
    np.testing.assert_allclose(late["start_h"] - late["event_start_h"], 0.1)
    n, chance = len(hours), law.sf(24.0)  # a day of diesel outlasts nearly all of them
    found = (plain["node_id"] == "toledo_2").sum()
    assert abs(found - n * chance) < 4 * np.sqrt(n * chance) + 1
    some = sampled(changed({"return.transfer_fails": 0.3}), world(), 8000)
    found = ((some["node_id"] == "toledo_2") & (some["start_h"] == some["event_start_h"])).sum()
    assert abs(found - 0.3 * n) < 4 * np.sqrt(0.21 * n)


def test_simulated_losses_are_the_closed_form():
    years, name, load = 20_000, "EASTERN", 16_000
    of = world(keep={"toledo_1"})
    losses = rm.simulate(of, years=years, seed=3, perils=[changed(AT_ONCE)], adequacy=False)
    rate = SHIPPED.rate(name) * load / 27_000 * mean_share(name, load)
    expected = rate * 0.6 * stats.lognorm(0.8, scale=4.0).mean() / 24 * 100
    yearly = np.zeros(years)
    yearly[:len(losses.years)] = losses.years["lost_mw_days"]
    assert abs(yearly.mean() - expected) < 4 * yearly.std() / np.sqrt(years)


def test_more_events_only_add_and_sites_that_leave_change_nothing():
    base = rows(sampled(SHIPPED, world(), 2000))
    for change in ({"growth.rate": 2.0}, {"interconnections.TEXAS.rate": 12.0}):
        assert base < rows(sampled(changed(change), world(), 2000))
    fewer = sampled(SHIPPED, world(keep={"ashburn_2", "toledo_1", "somewhere"}), 2000)
    kept = {row for row in base if row[3] in ("ashburn_2", "toledo_1", "somewhere")}
    assert rows(fewer) == kept
    parts = pd.concat([sampled(SHIPPED, world(), n, first) for first, n in ((0, 33), (33, 1967))])
    assert rows(parts) == base


def test_rules_are_kept():
    assert len(check_peril(SHIPPED, world(), years=200)) > 100
    check_peril(SHIPPED, build_world(), years=50)
    check_peril(SHIPPED, years=50)
    assert len(sampled(SHIPPED, world(keep={"sines"}), 100)) == 0


def test_numbers_far_out_in_their_bands_still_draw():
    data = far_out(DATA, divisors=("load",))
    table = sampled(LoadTrip(read_spec(data)), world(), 200)
    assert table["depth"].between(0, 1).all()
    assert len(table) > len(sampled(SHIPPED, world(), 200))


def test_a_metro_without_a_place_is_refused():
    data = copy.deepcopy(DATA)
    data["metros"][0]["at"] = "39.0"
    with pytest.raises(RiskModelError, match="write latitude and longitude as text"):
        sampled(LoadTrip(read_spec(data)), world(), 10)
