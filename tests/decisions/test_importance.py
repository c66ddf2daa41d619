"""Importance under sampled years: against exact systems, and against worlds without a node."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import riskmodel as rm
from riskmodel.decisions.importance import failing_sets
from riskmodel.errors import BeyondSpanWarning, RiskModelError
from riskmodel.measures.reliability import component_importance, k_of_n_paths
from tests.engine.small import table, world
from tests.engine.unsure import Sampled, Storms, spec_of, stated

BRIDGE = [("1", "4"), ("2", "5"), ("1", "3", "5"), ("2", "3", "4")]
#: unavailability of each component; outages of a Poisson process overlap: 1 - exp(-rate x hours)
DOWN = {"1": 0.1, "2": 0.1, "3": 0.1, "4": 0.1, "5": 0.1, "6": 0.2, "7": 0.1, "8": 0.05}
RATE = 10.0
YEARS, HELD = 500, 100


def outages_of(down: dict[str, float]):
    return table(*[{"event_id": f"e{name}", "peril": f"wear{name}", "node_id": f"e{name}",
                    "rate_per_yr": RATE, "duration_h": -np.log(1 - q) * 8760 / RATE}
                   for name, q in down.items()])


def system() -> rm.World:
    """Lab a hangs on the bridge, told by its paths; lab b on two of three unequal components."""
    paths = [("".join(path), path) for path in BRIDGE]
    rows = [(f"p{name}", f"g{c}", f"e{c}") for name, path in paths for c in path]
    rows += [("s", "any", f"p{name}") for name, _ in paths]
    rows += [("t", "two", f"e{c}", {"k": 2.0}) for c in "678"]
    return world(*rows, sites=("s", "t"), labs={"a": 1.0, "b": 1.0},
                 holdings=[("a", "s", 1.0), ("b", "t", 1.0)], events=outages_of(DOWN))


@pytest.fixture(scope="module")
def losses() -> rm.Losses:
    return rm.simulate(system(), YEARS, 3)


def wide(frame, basis="time", what="value"):
    return frame[frame["basis"] == basis].pivot(index="node", columns="measure", values=what)


@pytest.mark.parametrize(("lab", "paths"), [("a", BRIDGE), ("b", k_of_n_paths("678", 2))])
def test_sampled_years_agree_with_the_exact_count(losses, lab, paths):
    names = sorted(set().union(*map(set, paths)))
    exact = component_importance(paths, {name: 1 - DOWN[name] for name in names})
    exact = exact.assign(node="e" + exact["component"]).set_index("node")
    frame = rm.importance(losses, lab, held_years=HELD)
    for basis in ("time", "eue"):
        value, se = wide(frame, basis), wide(frame, basis, "se")
        scale = 1.0 if basis == "time" else 100.0 * 365.0  # one site, wholly up or down
        for measure in ("birnbaum", "criticality", "fussell_vesely", "raw", "rrw"):
            want = exact[measure] * (scale if measure == "birnbaum" else 1.0)
            z = (value[measure] - want) / se[measure]
            assert z[exact.index].abs().max() < 4, (basis, measure, z)
        assert se.loc[exact.index].notna().all().all()
        # what is down twice over is the fault of both and critical to neither
        assert (value["fussell_vesely"] - value["criticality"])[exact.index].min() > 0.005
    assert frame.attrs["sets_cut_short"] == 0.0
    assert set(frame.loc[frame["measure"] == "raw", "n"]) == {HELD}


def test_large_bunches_are_searched_by_small_sets(monkeypatch):
    losses = rm.simulate(system(), 60, 3)
    whole = wide(rm.importance(losses, "a", held_years=2))
    monkeypatch.setattr(failing_sets, "MOST_NODES", 2)
    for each in (failing_sets._subsets, failing_sets._steps):
        each.cache_clear()
    try:
        frame = rm.importance(losses, "a", held_years=2)
    finally:
        monkeypatch.undo()
        for each in (failing_sets._subsets, failing_sets._steps):
            each.cache_clear()
    assert frame.attrs["sets_cut_short"] > 0.3
    # no minimal cut of the bridge has more than three members: nothing is missed
    np.testing.assert_allclose(wide(frame)["fussell_vesely"], whole["fussell_vesely"], atol=1e-9)


NEEDS = (("s", "power", "f", {"ride_through_h": 30.0}), ("f", "grid", "g"),
         ("t", "power", "g", {"share": 0.6}), ("s", "cloud", "c", {"share": 0.5}))
EVENTS = table(
    {"event_id": "storm", "node_id": "g", "rate_per_yr": 4.0, "duration_h": 40.0,
     "duration_dist": "exponential", "depth": 0.8},
    {"event_id": "storm", "node_id": "f", "rate_per_yr": 4.0, "duration_h": 80.0,
     "duration_dist": "exponential", "probability": 0.5},
    {"event_id": "bug", "peril": "bug", "node_id": "c", "rate_per_yr": 6.0, "duration_h": 100.0},
    {"event_id": "fire", "peril": "fire", "node_id": "t", "rate_per_yr": 3.0, "depth": 0.7,
     "duration_h": 200.0, "part": "hall"},
    {"event_id": "fire2", "peril": "fire", "node_id": "t", "rate_per_yr": 2.0, "depth": 0.2,
     "duration_h": 300.0, "part": "yard"})


def site_world(events=EVENTS, **how) -> rm.World:
    return world(*NEEDS, sites=("s", "t"), labs={"lab": 0.7, "idle": 0.5},
                 holdings=[("lab", "s", 1.0), ("lab", "t", 1.0)], events=events, **how)


def test_without_a_node_is_the_world_in_which_it_never_fails():
    n = 300
    losses = rm.simulate(site_world(), n, 5)
    frame = rm.importance(losses, "lab", held_years=n)
    short = losses.adequacy["shortfall_h"].sum(), losses.adequacy["shortfall_mw_days"].sum()
    assert frame.attrs["short"]["time"] == pytest.approx(short[0] / n / 8760)
    assert frame.attrs["short"]["eue"] == pytest.approx(short[1] / n)
    for node in "gfct":
        # the draws stay what they are: only what hits the node is taken away
        calm = EVENTS.assign(probability=EVENTS["probability"].where(EVENTS["node_id"] != node, 0))
        table_of = rm.simulate(site_world(calm), n, 5).adequacy
        for basis, column, before in (("time", "shortfall_h", short[0]),
                                      ("eue", "shortfall_mw_days", short[1])):
            after = table_of[column].sum()
            assert wide(frame, basis).loc[node, "criticality"] == pytest.approx(1 - after / before)
        year = EVENTS.iloc[[0]].assign(event_id="always", peril="always", node_id=node, depth=1.0,
                                       rate_per_yr=30.0, duration_dist="fixed", duration_h=17520.0)
        held = rm.simulate(site_world(pd.concat([EVENTS, year])), n, 5).adequacy
        raw = wide(frame, "eue").loc[node, "raw"]
        assert raw == pytest.approx(held["shortfall_mw_days"].sum() / short[1], rel=0.02)


def test_several_worlds_and_sampled_outages():
    perils = [Storms(spec_of("gale", stated(1.0, 3.0, 9.0), stated(2.0, 90.0, 500.0, "h")), "g"),
              Sampled(spec_of("blaze", stated(0.1, 0.3, 0.9, "share")), "t"), "bug"]
    made = site_world()
    made.holdings.loc[:, "probability"] = [0.8, 0.9]
    losses = rm.simulate(made, 120, 5, perils=perils, worlds=3)
    frame = rm.importance(losses, "lab", held_years=30)
    mine = losses.adequacy[losses.adequacy["lab"] == "lab"]
    assert frame.attrs["short"]["years_short"] == mine["year"].nunique() > 20
    value = wide(frame)
    assert value.loc["g", "criticality"] > 0.05
    assert (value["fussell_vesely"] >= value["criticality"] - 1e-9).all()
    # at every moment short somebody belongs to a smallest failing set
    assert value["fussell_vesely"].sum() >= 1 - 1e-9


def test_a_node_that_never_failed_has_no_error_to_tell():
    frame = rm.importance(rm.simulate(site_world(), 60, 1), "lab", held_years=20)
    se, value = wide(frame, what="se"), wide(frame)
    assert value.loc["s", "criticality"] == value.loc["s", "fussell_vesely"] == 0.0
    assert se.loc["s", ["criticality", "fussell_vesely", "rrw"]].isna().all()
    assert value.loc["s", "raw"] > 1
    assert se.loc["g"].gt(0).all()


def test_a_lab_that_is_never_short():
    losses = rm.simulate(site_world(EVENTS[EVENTS["node_id"] == "c"]), 50, 1)
    with pytest.warns(BeyondSpanWarning, match="never short"):
        frame = rm.importance(losses, "lab", held_years=10)
    told = wide(frame)
    assert told[["criticality", "fussell_vesely", "raw", "rrw"]].isna().all().all()
    assert told.loc["t", "birnbaum"] == pytest.approx(1.0)  # known all the same
    with pytest.warns(BeyondSpanWarning, match="never short"):
        assert rm.importance(losses, "idle").empty  # it holds nothing


def test_what_cannot_be_told_is_refused():
    made = site_world()
    losses = rm.simulate(made, 20, 1, adequacy=False)
    with pytest.raises(RiskModelError, match="adequacy"):
        rm.importance(losses, "lab")
    with pytest.raises(RiskModelError, match="lab is 'lob'"):
        rm.importance(made, "lob", years=20)
    with pytest.raises(RiskModelError, match="held_years"):
        rm.importance(made, "lab", years=20, held_years=1)
    with pytest.raises(RiskModelError, match="kind is 'grids'"):
        rm.importance(made, "lab", years=20, kinds=["grids"])
    only = rm.importance(made, "lab", years=20, held_years=5, kinds=["site"])
    assert set(only["node"]) == {"s", "t"}
