"""Winter storms: power and gas together, at the counted rates, and ice by state."""

from __future__ import annotations

import copy
import dataclasses
import math
from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest

import riskmodel as rm
from riskmodel.perils.posterior import gamma_posterior
from riskmodel.perils.spec import read_spec, shipped_data
from riskmodel.perils.winter_storm import WinterStorm, plants_by_gas
from riskmodel.testing import check_peril
from tests.perils.small_world import build_world, far_out

DATA = shipped_data("winter_storm")
WEIBULL_MEAN = 0.35 * 95.7 * math.gamma(1 + 1 / 1.183)


@pytest.fixture(scope="module")
def peril():
    return WinterStorm(read_spec(DATA))


def gas_world():
    """Return a site in Texas that lives on gas for 60 % and on the grid for 40 %."""
    nodes = {"feed:a": "feed", "grid:ERCOT": "grid", "plant:a": "plant", "gas:ERCOT": "gas"}
    needs = pd.DataFrame(
        [("a", "power", "feed:a", 0.4, "proportional"),
         ("a", "power", "plant:a", 0.6, "proportional"),
         ("plant:a", "fuel", "gas:ERCOT", 1.0, "quorum"),
         ("feed:a", "grid", "grid:ERCOT", 1.0, "quorum")],
        columns=["node_id", "group", "member_id", "weight", "mode"])
    return rm.World.from_frames(
        sites=pd.DataFrame({"site_id": ["a"], "lat": 32.0, "lon": -99.0, "it_mw": 100.0,
                            "country_iso2": "US", "grid_region": "ERCOT"}),
        holdings=pd.DataFrame({"lab_id": ["lab"], "site_id": ["a"], "share": [1.0]}),
        labs=pd.DataFrame({"lab_id": ["lab"], "needed_share": [0.8]}),
        nodes=pd.DataFrame({"node_id": list(nodes), "kind": list(nodes.values())}),
        requirements=needs)


def test_rates_are_the_counts(peril):
    groups: dict[str, float] = {}
    for name, rate in peril.rates().items():
        group = DATA["storms"][name]["group"]
        groups[group] = groups.get(group, 0.0) + rate
    assert groups["ercot"] == pytest.approx(gamma_posterior(2, 15.9).mean, rel=1e-3)
    assert groups["us"] == pytest.approx(gamma_posterior(1, 11).mean, rel=1e-3)
    table = peril.catalogue(build_world()).drop_duplicates("event_id")
    ice = table[table["event_id"].str.startswith("ice/")]
    regions = ice["event_id"].str.split("/").str[1]
    for region, count in (("RFC", 36), ("SERC", 26), ("TRE", 8), ("WECC", 9), ("NPCC", 9),
                          ("SPP_MRO", 10)):
        gone = sum(row["best"] for row in DATA["ice"]["allocation"]
                   if row["region"] == region and row["grid"] == "elsewhere")
        rate = gamma_posterior(count, 16.58).mean * (1 - gone)
        assert ice.loc[regions == region, "rate_per_yr"].sum() == pytest.approx(rate, rel=1e-3)


def test_weights_and_shares_that_do_not_add_up_are_scaled():
    data = copy.deepcopy(DATA)
    for storm in data["storms"].values():
        storm["weight"]["best"] *= 1.7
    for row in data["ice"]["allocation"]:
        row["best"] *= 0.5
    skewed = WinterStorm(dataclasses.replace(read_spec(DATA), data=data))
    plain = WinterStorm(read_spec(DATA))
    assert skewed.rates() == pytest.approx(plain.rates())
    pd.testing.assert_series_equal(skewed.catalogue(build_world())["rate_per_yr"],
                                   plain.catalogue(build_world())["rate_per_yr"])


def test_depths_are_mw_shed_over_peak_and_gas_goes_with_power(peril):
    table = peril.catalogue(gas_world())
    storm = table[table["event_id"] == "shed/uri"].set_index("node_id")
    assert storm.loc["grid:ERCOT", "depth"] == pytest.approx(20_000 / 69_000, abs=0.001)
    # 31 % of a third of the generation, all of it gas-fired, which is half of the whole
    assert storm.loc["gas:ERCOT", "depth"] == pytest.approx(0.314 * 0.32 / 0.5)
    assert storm.loc["plant:a", "probability"] == pytest.approx(0.442 * 0.32)
    elliott = table[table["event_id"] == "shed/elliott"].set_index("node_id")
    assert {"grid:TVA", "grid:DUKE", "gas:TVA", "gas:PJM"} <= set(elliott.index)
    assert elliott.loc["grid:TVA", "depth"] == pytest.approx(3000 / 33_400, rel=0.02)
    assert (table["duration_group"] == "event").all()
    both = table[table["event_id"].str.startswith("shed/") & table["node_id"].str.startswith(
        ("grid:", "gas:"))].groupby("event_id")["node_id"]
    assert all(any(n.startswith("gas:") for n in nodes) for _, nodes in both)


def test_gas_and_power_fail_at_once_in_the_simulation(peril):
    """What the plant loses and what the grid loses add up while both are short."""
    data = copy.deepcopy(DATA)
    data["causes"]["freezing"].update(low=0.0, best=0.0)
    data["storms"]["texas_2011"]["weight"].update(low=0.0, best=0.0)
    quiet = WinterStorm(read_spec(data))
    years = 20_000
    losses = rm.simulate(gas_world(), years=years, seed=5, perils=[quiet], adequacy=False)
    rate = quiet.rates()["uri"]
    median, sigma, longer = 72.0, 0.35, 1.2
    mean = median * math.exp(sigma**2 / 2)
    shed = rate * mean * 0.4 * 0.29 + rate * mean * longer * 0.6 * quiet.gas_depth("uri")
    ice = (gamma_posterior(8, 16.58).mean * DATA["ice"]["footprint"]["best"] * WEIBULL_MEAN) * 0.4
    yearly = np.zeros(years)
    yearly[:len(losses.years)] = losses.years["lost_mw_days"]
    expected = (shed + ice) * 100 / 24
    assert abs(yearly.mean() - expected) < 4 * yearly.std() / np.sqrt(years)


def test_simulated_frequency_of_shedding(peril):
    years = 20_000
    losses = rm.simulate(gas_world(), years=years, seed=6, perils=[peril], adequacy=False)
    causes = losses.causes.astype({"node": str})
    hit = causes[causes["node"].isin(["grid:ERCOT", "gas:ERCOT", "plant:a"])]["year"].nunique()
    rate = peril.rates()["uri"] + peril.rates()["texas_2011"]
    chance = 1 - math.exp(-rate)
    assert abs(hit / years - chance) < 4 * math.sqrt(chance * (1 - chance) / years)


def test_hours_of_load_shed_are_lognormal_about_those_on_record(peril):
    """Without gas or ice: each year with one storm has lost depth x hours."""
    data = copy.deepcopy(DATA)
    data["storms"]["texas_2011"]["weight"].update(low=0.0, best=0.0)
    data["ice"]["depth"].update(low=0.0, best=0.0)
    world = build_world(keep={"abilene"})
    losses = rm.simulate(world, years=20_000, seed=8, perils=[WinterStorm(read_spec(data))],
                         adequacy=False)
    lost = losses.causes.groupby(["year", "event"])["lost_mw_days"].sum().to_numpy()
    hours = lost * 24 / 100 / 0.29
    n = len(hours)
    assert n > 1000
    for q in (0.1, 0.5, 0.9):
        edge = 72 * math.exp(0.35 * NormalDist().inv_cdf(q))
        assert abs((hours < edge).mean() - q) < 4 * math.sqrt(q * (1 - q) / n)


def test_events_stay_when_sites_go_and_rules_are_kept(peril):
    full = peril.catalogue(build_world()).drop_duplicates("event_id")
    none = peril.catalogue(build_world(keep={"sines"})).drop_duplicates("event_id")
    assert list(full["event_id"]) == list(none["event_id"])
    assert list(full["rate_per_yr"]) == list(none["rate_per_yr"])
    assert len(check_peril(peril, gas_world())) > 30
    check_peril(peril, build_world())
    assert plants_by_gas(gas_world()) == {"ERCOT": ["plant:a"]}


def test_rates_far_out_in_their_bands_fit_under_the_ceiling():
    data = far_out(DATA, divisors=("states", "gas_fired", "shape"))
    table = WinterStorm(read_spec(data)).catalogue(build_world())
    assert table.drop_duplicates("event_id")["rate_per_yr"].sum() < DATA["ceiling_rate_per_yr"]
    assert table["depth"].between(0, 1).all()
    assert table["probability"].between(0, 1).all()
