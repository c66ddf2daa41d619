"""``allocate``: exact on the years, flattered by them, and explained."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import riskmodel as rm
from riskmodel.decisions.allocation.check import CHOSEN, EQUAL, FRESH, pick
from riskmodel.decisions.price.price import Price
from tests.decisions.allocation_case import SITES, small_world

YEARS = 1500


@pytest.fixture(scope="module")
def world():
    return small_world()


@pytest.fixture(scope="module")
def runs(world):
    return [rm.simulate(world, YEARS, seed, adequacy=False) for seed in (1, 2)]


@pytest.fixture(scope="module")
def found(world, runs):
    return rm.allocate(world, "one", 200.0, SITES, 0.95, losses=runs[0], fresh=runs[1],
                       caps={"oslo": 60.0}, max_share={"grid_region": 0.55}, replicates=8)


def test_the_losses_are_those_of_a_world_with_the_split(world, runs, found):
    """Exact: the same years, simulated with the capacity in place, lose the same."""
    mw = dict(zip(found.candidates, found.split.mw, strict=True))
    sites = world.sites.assign(
        it_mw=[size + mw[site] for site, size in
               zip(world.sites["site_id"], world.sites["it_mw"], strict=True)])
    share = {"tex_a": (100.0 + mw["tex_a"]) / (100.0 + mw["tex_a"])}
    share |= {site: mw[site] / (size + mw[site]) for site, size in
              zip(world.sites["site_id"], world.sites["it_mw"], strict=True)
              if site != "tex_a" and mw[site] > 0}
    holdings = pd.DataFrame({"lab_id": "one", "site_id": list(share), "share": share.values()})
    moved = rm.World.from_frames(
        sites=sites, holdings=holdings, labs=world.labs, nodes=world.nodes, events=world.events,
        requirements=world.requirements, as_of="2026-11-23")
    after = rm.measure(rm.simulate(moved, YEARS, 1, adequacy=False), measures=["tvar", "aal"],
                       levels=0.95).set_index(["lab", "measure"])["value"]
    assert found.split.cvar == pytest.approx(after["one", "tvar"], rel=1e-9)
    assert found.split.aal == pytest.approx(after["one", "aal"], rel=1e-9)


def test_the_tables_say_what_the_split_does(found):
    assert found.table["mw"].sum() == pytest.approx(200.0)
    assert found.table["share"].sum() == pytest.approx(1.0)
    used = found.table.set_index("candidate")["mw"]
    assert used["oslo"] == pytest.approx(60.0)  # at its cap
    ercot = found.rows.set_index("name").loc["at most 55 % in ERCOT (grid region)"]
    assert ercot["used"] == pytest.approx(used["tex_a"] + used["tex_b"])
    assert (found.table["mw_low"] <= found.table["mw_high"]).all()
    assert found.split.gap <= 1e-6
    tvar, se = pick(found.summary, FRESH, CHOSEN)
    assert se > 0
    against, paired = pick(found.summary, FRESH, CHOSEN, EQUAL)
    assert tvar - pick(found.summary, FRESH, EQUAL)[0] == pytest.approx(against)
    assert paired < np.hypot(se, pick(found.summary, FRESH, EQUAL)[1])  # common years help
    assert set(found.summary["unit"]) == {"MW-days", "MW-days/yr"}


def test_prices_are_told_for_what_binds(found):
    text = found.to_text()
    assert "One more MW allowed at oslo would cut the 1-in-20 tail mean by" in text
    assert "Each further MW to place adds" in text
    for row in found.rows.to_dict("records"):
        assert (row["words"] != "") == row["binding"]
        assert row["gain"] <= row["shadow_price"] * (1 + 1e-4)
    assert "oslo" not in found.to_text(sites=False)
    assert "NO1: 60.0 MW" in found.to_text(sites=False)


def test_without_what_is_there_the_split_is_of_itself(world, runs):
    alone = rm.allocate(world, "none", 100.0, SITES, 0.95, losses=runs[0], fresh=False,
                        existing=False, replicates=0)
    assert np.isnan(alone.optimism.value)
    assert any("not checked on fresh years" in note for note in alone.notes)
    assert any("holds nothing today" in note for note in alone.notes)
    assert alone.table["mw_low"].isna().all()
    assert "beside" not in alone.to_text()
    # dubai fails most and alone; ERCOT twice: neither is left out, none takes it all
    assert 0 < alone.table["mw"].max() < 100.0


def test_fitted_years_flatter_a_split_of_few_years():
    """Sixty equal, independent sites and few tail years: any preference is noise."""
    names = [f"s{i:02d}" for i in range(60)]
    events = pd.DataFrame({
        "event_id": names, "peril": "fire", "region": "here", "rate_per_yr": 0.3, "node_id": names,
        "probability": 1.0, "depth": 1.0, "duration_dist": "exponential", "duration_h": 240.0})
    world = rm.World.from_frames(
        sites=pd.DataFrame({"site_id": names, "lat": 50.0, "lon": 10.0, "it_mw": 1.0}),
        labs=pd.DataFrame({"lab_id": ["one"], "needed_share": [0.5]}), events=events,
        holdings=pd.DataFrame({"lab_id": ["one"], "site_id": ["s00"], "share": [1.0]}))
    found = rm.allocate(world, "one", 60.0, level=0.9, years=300, seed=5, existing=False,
                        replicates=0)
    assert found.optimism.clear
    assert any("flatter" in note for note in found.notes)
    worse, se = pick(found.summary, FRESH, CHOSEN, EQUAL)
    assert worse > 2 * se  # the equal split is the truth here
    assert "optimistic" in found.to_text()
    assert "It is worse than the equal split" in found.to_text()


def test_one_candidate_takes_everything_and_is_not_flattered(world, runs):
    found = rm.allocate(world, "none", 10.0, ["ohio"], 0.95, losses=runs[0], fresh=runs[1],
                        replicates=2)
    assert found.table["mw"].tolist() == [10.0]
    assert found.optimism.value == pytest.approx(0.0, abs=1e-9)
    assert not found.optimism.clear


def test_money_weighs_average_tail_and_cost(world, runs):
    price = Price(per_mw_day=1000.0, rate_per_yr=0.1)
    kwargs = {"losses": runs[0], "fresh": False, "replicates": 0, "price": price}
    free = rm.allocate(world, "one", 50.0, SITES, 0.95, **kwargs)
    paid = rm.allocate(world, "one", 50.0, SITES, 0.95, **kwargs,
                       cost={"US": 0.0, "NO": 0.0, "AE": 0.0, "oslo": 1e6})
    assert free.split.objective == pytest.approx(
        1000.0 * free.split.aal + 100.0 * free.split.cvar)
    table = paid.table.set_index("candidate")
    assert free.table.set_index("candidate").loc["oslo", "mw"] > 0
    assert table.loc["oslo", "mw"] == 0
    assert paid.objective_unit == "USD a year"
    assert "USD a year" in paid.to_text()


def test_worlds_hold_what_they_hold(world):
    """Half the worlds know the holding: what is kept loses in these alone."""
    unsure = replace(world, holdings=world.holdings.assign(probability=[0.5]))
    found = rm.allocate(unsure, "one", 50.0, SITES, 0.9, years=800, seed=3, worlds=20,
                        replicates=3)
    held = found.years
    lost = np.flatnonzero(held.held_losses) % 20
    assert 0 < len(set(lost)) < 20
    assert 0 < held.held_mw < 100.0
    assert pick(found.summary, FRESH, CHOSEN)[1] > 0


def test_a_grid_region_is_a_candidate_by_its_probe(world, runs):
    """The probe hangs on the region's grid, so it loses what a site there loses."""
    found = rm.allocate(world, "none", 60.0, ["ohio", "NO1", "ERCOT"], 0.95, years=YEARS, seed=1,
                        fresh=False, replicates=0, caps={"NO1": 30.0}, cost={"NO1": 2.0, "US": 1.0})
    assert found.candidates == ("ohio", "candidate:NO1", "candidate:ERCOT")
    table = found.table.set_index("candidate")
    assert table.loc["candidate:NO1", ["cap", "cost", "region"]].tolist() == [30.0, 2.0, "NO1"]
    site = rm.allocate(world, "none", 60.0, ["ohio", "oslo", "tex_a"], 0.95, losses=runs[0],
                       fresh=False, replicates=0, caps={"oslo": 30.0})
    assert found.split.cvar == pytest.approx(site.split.cvar, rel=1e-6)
    every = rm.allocate(world, "none", 60.0, "regions", 0.9, years=300, fresh=False, replicates=0)
    assert set(every.candidates) == {"candidate:NO1", "candidate:ERCOT", "candidate:PJM"}
    with pytest.raises(rm.RiskModelError, match="with_candidates"):
        rm.allocate(world, "none", 60.0, ["NO1"], 0.9, losses=runs[0])


def test_clashes_are_named_before_anything_runs(world):
    with pytest.raises(rm.RiskModelError) as raised:
        rm.allocate(world, "one", 300.0, SITES, years=10**9, max_share={"country": {"US": 0.3}},
                    caps={"oslo": 50.0, "dubai": 50.0})
    said = str(raised.value)
    assert "at most 30 % in US (country) (100 MW are there already): would have to be 75 %" in said
    assert "at most 50 MW at oslo: would have to be 230 MW or more" in said


@pytest.mark.parametrize(("change", "says"), [
    ({"lab": "onne"}, "did you mean 'one'"), ({"candidates": ["ohoi"]}, "did you mean 'ohio'"),
    ({"candidates": ["ohio", "ohio"]}, "stands twice"), ({"candidates": []}, "is empty"),
    ({"mw": -1.0}, "above 0"), ({"level": 0.99}, "20 at least"), ({"level": 2.0}, "between 0 and"),
])
def test_wrong_input_is_refused(world, runs, change, says):
    asked = {"lab": "one", "mw": 10.0, "candidates": list(SITES), "level": 0.9} | change
    with pytest.raises(rm.RiskModelError, match=says):
        rm.allocate(world, losses=runs[0], fresh=False, **asked)


def test_fresh_years_are_of_another_seed(world, runs):
    with pytest.raises(rm.RiskModelError, match="another seed"):
        rm.allocate(world, "one", 10.0, SITES, 0.95, losses=runs[0], fresh=runs[0])
