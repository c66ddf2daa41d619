"""One more MW in each grid region: derivatives, credits of known answer, order of known rates."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import riskmodel as rm
from riskmodel.decisions.next_mw.marginal import BY, COLUMNS
from riskmodel.decisions.price.price import Price
from riskmodel.errors import BeyondSpanWarning, RiskModelError
from tests.engine.small import table

PRICE = Price(100.0, 0.1, low=50.0, high=300.0)


def grids(rates: dict[str, float], *, hours: float = 24.0, dist: str = "exponential",
          held: dict[str, float] | None = None, needed: float = 1.0, mw: float = 100.0) -> rm.World:
    """Make a world of one site a grid; a grid fails so many times a year. ``held``: the lab's."""
    held = dict.fromkeys(rates, 1.0) if held is None else held
    names = list(rates)
    return rm.World.from_frames(
        sites=pd.DataFrame({"site_id": [f"site {name}" for name in names], "lat": 50.0,
                            "lon": 10.0 + np.arange(len(names)), "it_mw": mw,
                            "grid_region": names}),
        labs=pd.DataFrame({"lab_id": ["lab"], "needed_share": [needed]}),
        holdings=pd.DataFrame({"lab_id": "lab", "site_id": [f"site {name}" for name in held],
                               "share": list(held.values())}),
        nodes=pd.DataFrame({"node_id": [f"grid:{name}" for name in names], "kind": "grid"}),
        requirements=pd.DataFrame({"node_id": [f"site {name}" for name in names],
                                   "group": "power",
                                   "member_id": [f"grid:{name}" for name in names]}),
        events=table(*({"event_id": name, "node_id": f"grid:{name}", "rate_per_yr": rate}
                       for name, rate in rates.items() if rate > 0),
                     duration_h=hours, duration_dist=dist))


def values(world: rm.World, lab_mw: float, need_mw: float, years: int, seed: int
           ) -> dict[str, float]:
    """Return TVaR and EUE of a lab that needs so many MW, by an ordinary run."""
    fixed = replace(world, labs=world.labs.assign(
        needed_share=[need_mw / lab_mw if name == "lab" else 0.0
                      for name in world.labs["lab_id"]]))
    found = rm.measure(rm.simulate(fixed, years, seed), measures=["tvar", "eue"], levels=[0.9])
    mine = found[found["lab"] == "lab"]
    return dict(zip(mine["measure"], mine["value"], strict=True))


def test_the_derivative_is_a_finite_difference_of_ordinary_runs():
    world = grids({"a": 3.0, "b": 1.5, "c": 5.0}, hours=300.0, needed=0.8)
    found = rm.next_mw(world, "lab", level=0.9, mw=40.0, years=800, seed=3,
                       price=PRICE).set_index("region")
    before = values(world, 300.0, 240.0, 800, 3)
    firm = grids({"a": 3.0, "b": 1.5, "c": 5.0, "firm": 0.0}, hours=300.0)
    for mw, tail, credit in ((1e-4, "tail", "credit"), (40.0, "block_tail", "block_credit")):
        def after(world: rm.World, region: str, mw: float = mw) -> dict[str, float]:
            more = world.add_site(site_id="new", it_mw=mw, lat=50.0, lon=10.0, lab="lab",
                                  grid_region=region)
            return values(more, 300.0 + mw, 240.0, 800, 3)

        unserved = {name: before["eue"] - after(world, name)["eue"] for name in "abc"}
        whole = before["eue"] - after(
            replace(firm, sites=firm.sites.assign(it_mw=[100.0, 100.0, 100.0, 0.0])),
            "firm")["eue"]
        for name in "abc":
            rise = (after(world, name)["tvar"] - before["tvar"]) / mw
            assert found[tail][name] == pytest.approx(rise, rel=1e-5)
            assert found[credit][name] == pytest.approx(unserved[name] / whole, rel=1e-5)
    assert (found["block_tail"] >= found["tail"]).all()  # TVaR is convex in what is added


def test_known_rates_are_put_in_their_order_and_equals_are_tied():
    rates = {"d": 8.0, "b": 1.0, "a": 0.5, "c": 3.0, "a too": 0.5}
    found = rm.next_mw(grids(rates, dist="fixed"), by="aal", years=3000, seed=4, price=PRICE)
    assert [name[0] for name in found["region"]] == ["a", "a", "b", "c", "d"]
    assert found["rank_low"].tolist() == [1, 1, 3, 4, 5]
    assert found["rank_high"].tolist() == [2, 2, 3, 4, 5]
    assert found["tied_with_best"].tolist() == [True, True, False, False, False]
    assert found["tied_with_next"].tolist() == [True, False, False, False, False]
    expected = np.array([rates[name] for name in found["region"]])  # a day each
    assert (np.abs(found["aal"] - expected) <= 4 * np.sqrt(expected / 3000)).all()
    assert found["aal_se"].to_numpy() == pytest.approx(np.sqrt(expected / 3000), rel=0.1)
    assert found["aal_share"].to_numpy() == pytest.approx(found["aal"] / 365.0)
    # alone, a MW has its own tail, and a block is as many MW as it has
    assert found["tail"].to_numpy() == pytest.approx(found["block_tail"].to_numpy())
    assert (found["tail"] > found["aal"]).all()
    assert found[["credit", "saving", "block_credit"]].isna().all(axis=None)
    cost = 100.0 * found["aal"] + 0.1 * 100.0 * found["tail"]
    assert found["cost"].to_numpy() == pytest.approx(cost.to_numpy())
    assert (found["cost_low"] < found["cost"]).all()
    assert (found["cost"] < found["cost_high"]).all()


def test_credit_is_one_where_nothing_fails_and_zero_where_all_fails_with_the_lab():
    world = grids({"lab's": 2.0, "apart": 0.0, "other": 2.0}, held={"lab's": 1.0})
    found = rm.next_mw(world, "lab", by="credit", years=2000, seed=6, level=0.9,
                       price=PRICE).set_index("region")
    assert found.index.tolist() == ["apart", "other", "lab's"]
    assert found["credit"]["apart"] == 1.0
    assert found["credit"]["lab's"] == pytest.approx(0.0, abs=1e-12)
    assert found["credit_se"][["apart", "lab's"]].tolist() == pytest.approx([0.0, 0.0], abs=1e-12)
    # independent, down 2 days in 365: rho = 2/365 of the short hours
    assert abs(found["credit"]["other"] - (1 - 2 / 365)) <= 4 * found["credit_se"]["other"]
    assert 0 < found["credit_se"]["other"] < 0.02
    # its tail is that of the lab itself, per MW
    own = rm.measure(rm.simulate(world, 2000, 6), measures=["tvar"], levels=[0.9])
    tvar = own.loc[own["lab"] == "lab", "value"].iat[0]
    assert found["tail"]["lab's"] == pytest.approx(tvar / 100.0)
    assert found["saving"]["lab's"] == pytest.approx(0.0, abs=1e-9)
    assert found["saving"]["apart"] == pytest.approx(
        found["cost"]["lab's"] - found["cost"]["apart"])


def test_a_lab_that_is_never_short_gives_no_credit():
    world = grids({"a": 1.0, "b": 2.0}, needed=0.0)
    found = rm.next_mw(world, "lab", years=500, seed=1, level=0.9, price=PRICE)
    assert found[["credit", "credit_se", "block_credit"]].isna().all(axis=None)
    assert found["rank"].tolist() == [1, 2]
    asked = rm.next_mw(world, "lab", by="credit", years=500, seed=1, level=0.9, price=PRICE)
    assert asked["rank"].isna().all()
    half = rm.next_mw(world, "lab", needed_share=0.75, years=500, seed=1, level=0.9, price=PRICE)
    assert half["credit"].notna().all()


def test_a_tail_beyond_the_years_is_not_guessed():
    world = grids({"a": 1.0, "b": 2.0})
    with pytest.warns(BeyondSpanWarning, match="0.999"):
        found = rm.next_mw(world, "lab", level=0.999, years=100, seed=1, price=PRICE, by="aal")
    assert found[["tail", "cost", "block_tail", "saving"]].isna().all(axis=None)
    assert found["rank"].tolist() == [1, 2]


def test_losses_stand_for_their_world_years_and_seed():
    world = grids({"a": 1.0, "b": 2.0}, needed=0.9)
    losses = rm.simulate(world, 300, 8, adequacy=False)
    same = rm.next_mw(losses, "lab", level=0.9, price=PRICE)
    told = rm.next_mw(world, "lab", level=0.9, years=300, seed=8, price=PRICE)
    pd.testing.assert_frame_equal(same, told)
    assert tuple(told.columns) == COLUMNS
    assert set(told["n"]) == {300}
    run = rm.candidate_years(world, years=300, seed=8)
    pd.testing.assert_frame_equal(rm.next_mw(run, "lab", level=0.9, price=PRICE), told)
    alone = rm.candidate_years(world, years=300, seed=8, lab="")
    pd.testing.assert_frame_equal(rm.next_mw(run, level=0.9, price=PRICE),
                                  rm.next_mw(alone, level=0.9, price=PRICE))
    with pytest.raises(RiskModelError, match="candidates alone were watched"):
        rm.next_mw(alone, "lab", level=0.9, price=PRICE)
    both = rm.next_mw(world, "total", level=0.9, years=300, seed=8, price=PRICE, needed_share=0.9)
    assert both["tail"].to_numpy() == pytest.approx(told["tail"].to_numpy())
    assert set(both["lab"]) == {"total"}


def test_several_worlds_have_a_band_and_wider_errors():
    from tests.engine.unsure import Storms, spec_of, stated

    world = grids({"a": 1.0, "b": 2.0})
    perils = [Storms(spec_of("gale", stated(0.2, 2.0, 20.0), stated(20.0, 30.0, 40.0, "h")),
                     "grid:b"), "storm"]
    found = rm.next_mw(world, "lab", level=0.9, years=2000, seed=2, worlds=20, price=PRICE,
                       perils=perils, by="aal").set_index("region")
    one = rm.next_mw(world, "lab", level=0.9, years=2000, seed=2, price=PRICE, perils=perils,
                     by="aal").set_index("region")
    assert found["aal_band_low"]["b"] < found["aal"]["b"] < found["aal_band_high"]["b"]
    assert np.ptp(found.loc["b", ["aal_band_low", "aal_band_high"]]) > 5 * one["aal_se"]["b"]
    assert found["aal_se"]["b"] > 3 * one["aal_se"]["b"]
    assert one[["aal_band_low", "aal_band_high"]].isna().all(axis=None)


def test_a_region_without_a_candidate_stands_last_with_its_reason():
    world = grids({"a": 1.0, "b": 2.0})
    there = replace(world, sites=world.sites.assign(grid_region=["a", "nowhere"]))
    found = rm.next_mw(there, years=100, seed=1, level=0.9, price=PRICE)
    assert found["region"].tolist() == ["a", "b", "nowhere"]
    assert "no site stands there" in found["left_out"].iat[1]
    assert "grid:nowhere" in found["left_out"].iat[2]
    assert found["rank"].isna().tolist() == [False, True, True]
    assert found["aal"].isna().tolist() == [False, True, True]
    with pytest.raises(RiskModelError, match="no region can have"):
        rm.next_mw(there, regions=["nowhere"], years=10, price=PRICE)


@pytest.mark.parametrize(("how", "says"), [
    ({"mw": 0.0}, "mw is 0"), ({"mw": np.nan}, "mw is nan"), ({"level": 1.0}, "level is 1"),
    ({"by": "beauty"}, "by is 'beauty'"), ({"by": "credit"}, "give lab="),
    ({"lab": "labb"}, "did you mean 'lab'"), ({"regions": ["aa"]}, "no grid region 'aa'"),
    ({"lab": "lab", "needed_share": 1.5}, "needed_share is 1.5"), ({"years": 0}, "years is 0"),
    ({"lab": "total"}, "give needed_share"), ({"worlds": 9, "years": 5}, "9 worlds in 5 years"),
])
def test_wrong_questions_are_refused(how, says):
    with pytest.raises(RiskModelError, match=says):
        rm.next_mw(grids({"a": 1.0}), **{"years": 100, "price": PRICE, "level": 0.9, **how})


def test_a_lab_without_capacity_is_refused():
    world = grids({"a": 1.0}, mw=0.0)
    with pytest.raises(RiskModelError, match="no capacity on that day"):
        rm.next_mw(world, "lab", years=100, price=PRICE, level=0.9)


@pytest.mark.parametrize("by", BY)
def test_rank_one_is_the_best_by_what_was_asked(by):
    world = grids({"a": 1.0, "b": 6.0, "c": 3.0}, hours=100.0)
    found = rm.next_mw(world, "lab", by=by, years=400, seed=2, level=0.9, price=PRICE)
    assert found["rank"].tolist() == [1, 2, 3]
    assert found[by].is_monotonic_increasing if by != "credit" else (
        found[by].is_monotonic_decreasing)
    assert set(found["by"]) == {by}
