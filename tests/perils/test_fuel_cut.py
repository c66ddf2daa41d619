"""Fuel cuts: lines, gas regions, and gas from the Gulf after stocks are used up."""

from __future__ import annotations

import copy
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtr

from riskmodel.perils import quantiles
from riskmodel.perils.fuel_cut import FuelCut, gas_regions, plants
from riskmodel.perils.registry import load_perils
from riskmodel.perils.spec import figure, read_spec, shipped_data
from riskmodel.testing import check_peril
from riskmodel.world.world import World
from tests.perils.small_world import Draws, far_out

DATA = shipped_data("fuel_cut")
PERIL = FuelCut(read_spec(DATA))
YEARS = 40_000


def world(sites=("abilene", "memphis", "taipei")) -> World:
    place = {"abilene": ("US", "ERCOT"), "memphis": ("US", "TVA"), "taipei": ("TW", "TAIPOWER")}
    grids = {f"grid:{grid}": country for country, grid in place.values()}
    nodes = [(grid, "grid", country) for grid, country in grids.items()]
    nodes += [("gas:ERCOT", "gas", "US"), ("gas:TVA", "gas", "US"),
              ("plant:abilene", "plant", "US"), ("plant:memphis", "plant", "US")]
    needs = [("plant:abilene", "fuel", "gas:ERCOT"), ("plant:memphis", "fuel", "gas:TVA")]
    for site in sites:
        grid = f"grid:{place[site][1]}"
        needs.append((site, "power", grid))
        if site != "taipei":
            needs.append((site, "own power", f"plant:{site}"))
    return World.from_frames(
        sites=pd.DataFrame({"site_id": list(sites), "lat": 32.0, "lon": -99.0, "it_mw": 100.0,
                            "country_iso2": [place[s][0] for s in sites]}),
        holdings=pd.DataFrame({"lab_id": "lab", "site_id": list(sites), "share": 1.0}),
        labs=pd.DataFrame({"lab_id": ["lab"], "needed_share": [0.8]}),
        nodes=pd.DataFrame(nodes, columns=["node_id", "kind", "country_iso2"]),
        requirements=pd.DataFrame(needs, columns=["node_id", "group", "member_id"]))


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return PERIL.sample(Draws(np.arange(YEARS), "fuel_cut"), world())


def near(got: float, rate: float, n: int) -> bool:
    return abs(got - rate) < 4 * np.sqrt(rate / n)


def test_plants_and_regions_are_found_in_the_requirements():
    assert plants(world()) == {"plant:abilene": "gas:ERCOT", "plant:memphis": "gas:TVA"}
    assert gas_regions(world()) == ["gas:ERCOT", "gas:TVA"]


def test_rate_and_duration_of_lines_and_areas(table):
    assert PERIL.rate("line") == pytest.approx(55 / 490_000 * 150 * 0.5 + 0.02)
    for kind, prefix in (("line", "plant:"), ("area", "gas:")):
        rows = table[table["node_id"].str.startswith(prefix)]
        for _, mine in rows.groupby("node_id"):
            assert near(len(mine) / YEARS, PERIL.rate(kind), YEARS)
        assert set(rows["depth"]) == {figure(DATA, kind, "depth")}
        hours = rows["duration_h"].to_numpy()
        for p in (0.1, 0.5, 0.9):
            level = quantiles.lognormal(p, figure(DATA, kind, "median"),
                                        figure(DATA, kind, "sigma"))
            assert abs((hours <= level).mean() - p) < 4 * np.sqrt(p * (1 - p) / len(hours))
        starts = rows["start_h"].to_numpy() / 8760
        assert abs(starts.mean() - 0.5) < 4 / np.sqrt(12 * len(starts))


def test_gulf_gas_waits_for_the_stock_and_takes_a_part(table):
    rows = table[table["region"] == "GULF_LNG"]
    assert set(rows["node_id"]) == {"grid:TAIPOWER"}
    stock = 24 * figure(DATA, "lng", "importers", "TW", "stock")
    assert (rows["start_h"] - rows["event_start_h"]).round(6).unique().tolist() == [stock]
    assert rows["depth"].unique().tolist() == [pytest.approx(0.42 * 0.31 * 0.15)]
    median, sigma = (figure(DATA, "lng", name) for name in ("median", "sigma"))
    outlast = float(ndtr(np.log(24 * median / stock) / sigma))
    assert near(len(rows) / YEARS, figure(DATA, "lng", "rate") * outlast, YEARS)
    assert PERIL.lost("GB") < 0.002  # importers of other gas lose next to nothing


def test_rules_are_kept():
    assert len(check_peril(PERIL, world(), years=2000)) > 50
    assert check_peril(PERIL, world(sites=("taipei",)), years=4000)["node_id"].nunique() == 5


def test_a_higher_rate_keeps_the_failures_that_are_there(table):
    data = copy.deepcopy(DATA)
    data["area"]["rate"]["best"] *= 2
    more = FuelCut(replace(PERIL.spec, data=data)).sample(
        Draws(np.arange(YEARS), "fuel_cut"), world())
    keys = ["year", "node_id", "start_h"]
    assert len(more) > len(table)
    assert len(table.merge(more, on=keys)) == len(table)


def test_rates_far_out_in_their_bands_fit_under_the_ceilings():
    data = far_out(DATA, divisors=("network",))
    wild = FuelCut(replace(PERIL.spec, data=data))
    for kind in ("line", "area", "lng"):
        assert wild.rate(kind) < data[kind]["ceiling_per_yr"]
    wild.sample(Draws(np.arange(200), "fuel_cut"), world())


def test_shipped_plants_fail(shipped):
    peril = load_perils(shipped, ["fuel_cut"])[0]
    rows = peril.sample(Draws(np.arange(3000), "fuel_cut"), shipped)
    assert set(plants(shipped)) <= set(rows["node_id"])
    assert set(rows["region"]) <= set(peril.regions(shipped))
    assert not rows["node_id"].isin(shipped.sites["site_id"]).any()
