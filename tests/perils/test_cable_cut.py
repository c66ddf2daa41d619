"""Cable cuts: rates of the counts, sizes, repair; corridors only, never a hall by itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtr

import riskmodel as rm
from riskmodel.perils.cable_cut import CableCut
from riskmodel.perils.registry import load_perils
from riskmodel.perils.spec import figure, read_spec, shipped_data
from riskmodel.world.world import World
from tests.perils.best import set_best
from tests.perils.small_world import far_out

DATA = shipped_data("cable_cut")
PERIL = CableCut(read_spec(DATA))
YEARS = 20_000


def world(shares=(("a", "red_sea", 0.05),), also=()) -> World:
    sites = sorted({site for site, _, _ in shares} | set(also))
    nodes = sorted({f"corridor:{name}" for _, name, _ in shares})
    return World.from_frames(
        sites=pd.DataFrame({"site_id": sites, "lat": 24.0, "lon": 54.0, "it_mw": 100.0}),
        holdings=pd.DataFrame({"lab_id": "lab", "site_id": sites, "share": 1.0}),
        labs=pd.DataFrame({"lab_id": ["lab"], "needed_share": [0.8]}),
        nodes=pd.DataFrame({"node_id": nodes, "kind": "corridor"}),
        requirements=pd.DataFrame({
            "node_id": [s for s, _, _ in shares], "group": [f"backbone_{n}" for _, n, _ in shares],
            "member_id": [f"corridor:{n}" for _, n, _ in shares],
            "share": [x for _, _, x in shares]}))


def with_best(**paths) -> CableCut:
    return CableCut(replace(PERIL.spec, data=set_best(DATA, **paths)))


def test_rates_of_a_corridor_add_up_to_its_count():
    table = PERIL.catalogue(world())
    for name in ("red_sea", "luzon_strait", "west_africa", "baltic"):
        row = DATA["corridors"][name]
        total = table.loc[table["node_id"] == f"corridor:{name}", "rate_per_yr"].sum()
        assert total == pytest.approx(figure(row, "several"))
        assert total == pytest.approx((row["several"]["count"] + 0.5) / row["several"]["exposure"],
                                      rel=1e-3)
    faults = 175 / 1.7e6 * 180_000
    rates = PERIL.rates("trans_pacific")
    assert sum(rates.values()) == pytest.approx(faults)
    assert sum(r for n, r in rates.items() if n >= 3) == pytest.approx(0.0015 * faults)


def test_sizes_are_geometric_from_three_on_with_the_stated_mean():
    sizes = PERIL.sizes("red_sea")
    assert sum(sizes.values()) == pytest.approx(1.0)
    assert min(sizes) == 3
    assert max(sizes) == 15
    mean = sum(n * p for n, p in sizes.items())
    assert mean == pytest.approx(figure(DATA, "several", "mean_systems"), rel=0.01)


def test_what_is_lost_rises_with_the_cut_and_falls_with_the_spare():
    depths = [PERIL.depth("red_sea", n) for n in range(1, 16)]
    assert depths[0] == depths[1] == 0.0
    assert depths == sorted(depths)
    assert depths[-1] == 1.0
    assert depths[3] == pytest.approx((4 - 2) / (15 - 2))
    assert with_best(reroute__spare_systems=4.0).depth("red_sea", 5) < PERIL.depth("red_sea", 5)
    assert with_best(reroute__spare_systems=0.2).depth("red_sea", 1) == 0.0  # others carry one cut
    assert with_best(reroute__spare_systems=9.0).depth("west_africa", 8) == 0.0


def test_repair_is_slower_in_contested_waters_and_where_ships_are_shared():
    assert PERIL.days("red_sea", 3) == PERIL.days("red_sea", 4) == pytest.approx(57.0)
    assert PERIL.days("baltic", 4) == pytest.approx(35.2)
    assert PERIL.days("luzon_strait", 8) == pytest.approx(35.2 * (1 + 4 * 0.15))


def test_islands_cables_are_told_only_where_they_are():
    assert not PERIL.catalogue(world())["region"].eq("MATSU").any()
    matsu = PERIL.catalogue(world(shares=(("a", "matsu", 1.0),))).query("region == 'MATSU'")
    assert matsu["rate_per_yr"].tolist() == [pytest.approx(20.5 / 5)]
    assert matsu["depth"].tolist() == [0.5]


def test_simulated_marginals_equal_the_specification():
    """A site that hangs on the corridor with all it has: rate, depth x duration of each event.

    Repairs of two days in the middle, so that one event hardly ever hides another.
    """
    peril = with_best(repair__contested__median=2.0)
    losses = rm.simulate(world(shares=(("a", "red_sea", 1.0),)), years=YEARS, seed=11,
                         perils=[peril], adequacy=False)
    lost = losses.causes.groupby(["year", "event"])["lost_mw_days"].sum().to_numpy()
    rate = figure(DATA, "corridors", "red_sea", "several")
    assert abs(len(lost) / YEARS - rate) < 4 * np.sqrt(rate / YEARS)
    sizes = peril.sizes("red_sea")
    share = np.array(list(sizes.values()))
    scale = np.array([100 * peril.depth("red_sea", n) * peril.days("red_sea", n) for n in sizes])
    sigma = figure(DATA, "repair", "contested", "sigma")
    for level in (10.0, 30.0, 100.0):  # distribution function of the mixture of lognormals
        wanted = float(share @ ndtr(np.log(level / scale) / sigma))
        got = (lost <= level).mean()
        assert abs(got - wanted) < 4 * np.sqrt(wanted * (1 - wanted) / len(lost))


def test_rates_far_out_in_their_bands_fit_under_the_ceiling():
    peril = CableCut(replace(PERIL.spec, data=far_out(DATA, divisors=("cable_km",))))
    total = peril.catalogue(world())["rate_per_yr"].sum()
    assert total < PERIL.spec.ceiling_rate_per_yr


def test_a_single_hall_keeps_running():
    """A site without a requirement on a corridor loses nothing, one with it at most its share."""
    both = rm.simulate(world(shares=(("a", "red_sea", 0.05),), also=("hall",)), years=3000, seed=3,
                       perils=[PERIL], adequacy=False)
    roots = both.causes.astype({"node": str})["node"].unique().tolist()
    assert roots == ["corridor:red_sea"]
    alone = rm.simulate(world(), years=3000, seed=3, perils=[PERIL], adequacy=False)
    pd.testing.assert_series_equal(both.years["lost_mw_days"], alone.years["lost_mw_days"])
    assert both.years["lost_mw_days"].max() <= 0.05 * 100 * 2 * 730


def test_more_cuts_never_lose_less():
    table = PERIL.catalogue(world())
    more = with_best(corridors__red_sea__several=1.5).catalogue(world())
    assert (more["rate_per_yr"] >= table["rate_per_yr"] - 1e-15).all()


def test_shipped_sites_lean_on_corridors(shipped):
    table = load_perils(shipped, ["cable_cut"])[0].catalogue(shipped)
    assert table["node_id"].str.startswith("corridor:").all()
    needs = shipped.requirements[shipped.requirements["member_id"].str.startswith("corridor:")]
    assert set(needs["member_id"]) <= set(table["node_id"])
    assert needs["share"].max() <= 0.1
    country = dict(zip(shipped.sites["site_id"], shipped.sites["country_iso2"], strict=True))
    assert not {"US", "CN"} & {country[site] for site in needs["node_id"]}
