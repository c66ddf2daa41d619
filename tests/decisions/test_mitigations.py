"""Mitigations are worth what the coalitions say: exactly, paired, and adding up."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import riskmodel as rm
from riskmodel.decisions.mitigations import mitigations as mit
from riskmodel.decisions.mitigations.value import COLUMNS, mitigation_value, only_of
from riskmodel.measures.shapley import shapley
from riskmodel.measures.yearvalues import mean_and_se, year_values
from tests.engine.small import table
from tests.engine.unsure import Storms, spec_of, stated

EVENTS = table({"event_id": "blackout", "peril": "blackout", "node_id": "grid:g",
                "rate_per_yr": 1.5, "duration_h": 60.0, "duration_dist": "exponential"},
               {"event_id": "line", "peril": "line", "node_id": "feed:f", "rate_per_yr": 3.0,
                "duration_h": 40.0, "duration_dist": "exponential"},
               {"event_id": "console", "peril": "console", "node_id": "cloud:c",
                "rate_per_yr": 2.0, "duration_h": 30.0, "duration_dist": "exponential"},
               {"event_id": "fire", "peril": "fire", "node_id": "far", "rate_per_yr": 1.0,
                "duration_h": 500.0, "duration_dist": "exponential"})


def world(**more) -> rm.World:
    """A lab at one site on one line and one cloud; another lab far away."""
    kinds = {"feed:f": "feed", "grid:g": "grid", "cloud:c": "cloud"}
    rows = [("s", "power", "feed:f", 1.0, 2.0), ("feed:f", "grid", "grid:g", 1.0, 0.0),
            ("s", "control", "cloud:c", 0.5, 3.0)]
    return rm.World.from_frames(
        sites=pd.DataFrame({"site_id": ["s", "far"], "lat": 50.0, "lon": 10.0,
                            "it_mw": [100.0, 300.0]}),
        labs=pd.DataFrame({"lab_id": ["lab", "other"], "needed_share": [0.8, 0.8]}),
        holdings=pd.DataFrame({"lab_id": ["lab", "other", "other"], "site_id": ["s", "s", "far"],
                               "share": [0.6, 0.4, 1.0]}),
        nodes=pd.DataFrame({"node_id": list(kinds), "kind": list(kinds.values())}),
        requirements=pd.DataFrame(rows, columns=["node_id", "group", "member_id", "share",
                                                 "ride_through_h"]), events=EVENTS, **more)


def wanted() -> list[mit.Mitigation]:
    return [mit.reserve("lab", 24.0), mit.second_feed("lab"), mit.on_site_generation("lab", 0.5),
            mit.control_plane_reserve("lab", 12.0)]


def by_hand(of, found, measure, level, years, seed, worlds=1, perils=None, lab="lab"):
    """Every coalition by a run of its own, over the whole world."""
    def value(inside):
        after = of
        for each in found:
            if each.name in inside:
                after = each.apply(after)
        losses = rm.simulate(after, years, seed, worlds=worlds, perils=perils)
        named = rm.measure(losses, by="lab" if lab else "total", measures=measure,
                           levels=level or 0.5)
        return -named[named["lab"] == (lab or "total")]["value"].item()

    return shapley(value, [each.name for each in found]).set_index("player")


@pytest.mark.parametrize(("measure", "level", "lab"), [("aal", None, "lab"), ("tvar", 0.9, "lab"),
                                                       ("tvar", 0.905, None)])
def test_values_are_those_of_all_coalitions_and_add_up(measure, level, lab):
    of, found = world(), wanted()
    frame = mitigation_value(of, lab, found, 150, 3, measure=measure, level=level or 0.99)
    expected = by_hand(of, found, measure, level, 150, 3, lab=lab).loc[frame["mitigation"]]
    assert frame["value"].to_list() == pytest.approx(expected["value"].to_list(), rel=1e-9)
    assert frame["first_in"].to_list() == pytest.approx(expected["first_in"].to_list(), abs=1e-9)
    assert frame["last_in"].to_list() == pytest.approx(expected["last_in"].to_list(), abs=1e-9)
    joint = (frame["base"] - frame["with_all"]).iat[0]
    assert frame["value"].sum() == pytest.approx(joint, rel=1e-12)
    assert frame["share"].sum() == pytest.approx(1, rel=1e-12)
    assert frame["value"].is_monotonic_decreasing
    assert frame.columns.tolist() == list(COLUMNS)
    assert (frame["coalitions"] == 16).all()
    assert (frame["unit"] == "MW-days").all()


def test_two_that_do_the_same_are_worth_half_each_and_little_on_top():
    found = [replace(mit.reserve("lab", 48.0), name=name) for name in ("one", "two")]
    frame = mitigation_value(world(), "lab", found, 200, 1).set_index("mitigation")
    assert frame.at["one", "value"] == pytest.approx(frame.at["two", "value"], rel=1e-12)
    assert frame.at["one", "value"] == pytest.approx(frame.at["one", "first_in"] / 2, rel=1e-12)
    assert (frame[["last_in", "last_in_se"]] == 0).all(axis=None)
    idle = [*wanted(), mit.fuel_store("lab", sites=["far"])]  # there is no plant
    frame = mitigation_value(world(), "lab", idle, 20, 1).set_index("mitigation")
    assert (frame.loc["fuel for 72 h", ["value", "se", "first_in", "last_in"]] == 0).all()
    idle = mitigation_value(world(), "lab", [mit.fuel_store("lab")], 50, 1)  # it has no plant
    assert (idle[["value", "se", "first_in"]] == 0).all(axis=None)


def test_errors_are_those_of_repeated_runs():
    of, found = world(), wanted()[:2]
    runs = [mitigation_value(of, "lab", found, 60, seed).set_index("mitigation")
            for seed in range(20)]
    for value, error in (("value", "se"), ("first_in", "first_in_se"), ("last_in", "last_in_se")):
        spread = pd.concat([run[value] for run in runs], axis=1).std(axis=1)
        said = np.sqrt(pd.concat([run[error]**2 for run in runs], axis=1).mean(axis=1))
        # 4 standard errors of a standard deviation, of losses with a heavy tail
        assert (np.abs(np.log(said / spread)) < 4 / np.sqrt(20)).all(), value


def test_random_orders_come_close_and_add_up():
    of, found = world(), wanted()
    exact = mitigation_value(of, "lab", found, 100, 3).set_index("mitigation")
    drawn = mitigation_value(of, "lab", found, 100, 3, permutations=8).set_index("mitigation")
    drawn = drawn.loc[exact.index]
    assert drawn["value"].sum() == pytest.approx(exact["value"].sum(), rel=1e-12)
    assert (drawn["se"] >= exact["se"] * 0.5).all()
    assert (np.abs(drawn["value"] - exact["value"]) < 4 * drawn["se"]).all()
    assert (drawn["first_in"] == exact["first_in"]).all()


def test_worlds_of_ignorance_have_their_own_error():
    perils = [Storms(spec_of("squall", stated(1.0, 3.0, 9.0), stated(2.0, 90.0, 500.0, "h")),
                     "feed:f"), "blackout"]
    of, found = world(), wanted()[:2]
    frame = mitigation_value(of, "lab", found, 120, 4, perils=perils, worlds=6)
    expected = by_hand(of, found, "aal", None, 120, 4, worlds=6, perils=perils)
    assert frame.set_index("mitigation")["value"].to_dict() == pytest.approx(
        expected["value"].to_dict(), rel=1e-9)
    losses = [rm.simulate(each, 120, 4, perils=perils, worlds=6)
              for each in (of, found[1].apply(of))]
    saved = year_values(losses[0], "lab") - year_values(losses[1], "lab")
    means = [saved[k::6].mean() for k in range(6)]
    said = frame.set_index("mitigation").at[found[1].name, "first_in_se"]
    assert said == pytest.approx(np.std(means, ddof=1) / np.sqrt(6), rel=1e-9)
    assert np.isnan(mean_and_se(np.ones((2, 1)))[1]).all()


def test_repair_scales_the_times_of_an_event_table_and_of_a_file():
    faster = mit.faster_repair("fire", factor=0.5)
    frame = mitigation_value(world(), "other", [faster], 100, 2)
    fires = rm.contributions(rm.simulate(world(), 100, 2), lab="other").set_index("peril")
    assert frame["value"].item() == pytest.approx(fires.at["fire", "value"] / 2, rel=1e-6)
    shipped = rm.read_world()
    after = mit.spare_transformers(0.25).apply(shipped)
    before = shipped.perils["sabotage"]["transformer"]["median"]
    scaled = after.perils["sabotage"]["transformer"]["median"]
    assert [scaled[key] / before[key] for key in ("low", "best", "high")] == [0.25] * 3
    assert after.perils["sabotage"]["few"] == shipped.perils["sabotage"]["few"]
    assert after.perils["cyber"] is shipped.perils["cyber"]
    name = next(iter(shipped.perils["winter_storm"]["storms"]))
    storm = mit.faster_repair("winter_storm", [f"storms.{name}.hours[0]"], 0.1).apply(shipped)
    hours = [of.perils["winter_storm"]["storms"][name]["hours"] for of in (shipped, storm)]
    assert hours[1][0] == hours[0][0] | {key: hours[0][0][key] * 0.1
                                         for key in ("low", "best", "high")}
    assert hours[1][1:] == hours[0][1:]
    for wrong, says in ((mit.faster_repair("sabotage", ["attacks"]), "no time 'attacks'"),
                        (mit.faster_repair("sabotage"), "transformer.median"),
                        (mit.faster_repair("flood"), "no peril flood")):
        with pytest.raises(rm.RiskModelError, match=says):
            wrong.apply(shipped)


def test_the_shipped_world_cut_down_to_a_lab_has_the_same_losses():
    of = mit.reserve("meta", 48.0).apply(mit.second_feed("meta").apply(rm.read_world()))
    small = only_of(of, "meta")
    assert len(small.sites) < len(of.sites) / 3
    assert len(small.nodes) < len(of.nodes)
    whole, part = (rm.simulate(each, 300, 5, adequacy=False) for each in (of, small))
    assert (year_values(whole, "meta") == year_values(part, "meta")).all()
    assert year_values(whole, "meta").sum() > 0


def test_leaving_a_theatre_moves_all_that_is_there():
    of = rm.read_world()
    held = of.lab_capacity()
    inside = mit.theatre_sites(of)["gulf"]
    lab = next(lab for lab in held.index if lab != "unknown" and any(
        site in inside for site in of.effective_holdings().query("lab_id == @lab")["site_id"]))
    there = "stargate_abilene"
    after = mit.leave_theatre(of, "gulf", lab, there).apply(of)
    moved = after.effective_holdings().merge(after.sites[["site_id", "it_mw"]], on="site_id")
    moved = moved[(moved["lab_id"] == lab) & moved["site_id"].isin(inside)]
    assert (moved["share"] * moved["it_mw"]).sum() == pytest.approx(0, abs=1e-9)
    assert after.lab_capacity()[lab] == pytest.approx(held[lab])
    for theatre, to_site in (("golf", there), ("gulf", next(iter(inside)))):
        with pytest.raises(rm.RiskModelError, match=theatre):
            mit.leave_theatre(of, theatre, lab, to_site)


def test_the_usual_ones_are_those_that_change_something():
    usual = mit.usual_mitigations(world(), "lab")
    names = [each.name for each in usual]
    assert len(names) == len(set(names))
    assert "fuel for 72 h" in names  # once generation is there
    assert not any("transformer" in name for name in names)  # no peril of this world breaks one
    shipped = rm.read_world()
    for lab in ("openai", "anthropic"):
        usual = mit.usual_mitigations(shipped, lab)
        assert 4 <= len(usual) <= 6
        for each in usual:
            assert each.does
            assert each.does_not
            assert each.source == "judgement" or "http" in each.source or "judgement" in each.source


@pytest.mark.parametrize(("change", "says"), [
    ({"mitigations": []}, "one mitigation at least"),
    ({"mitigations": [mit.reserve("lab"), mit.reserve("lab")]}, "name of its own"),
    ({"lab": "labb"}, "did you mean 'lab'"),
    ({"measure": "eue"}, "aal, tvar"),
    ({"measure": "tvar", "level": 0.999}, "cannot hold"),
    ({"permutations": 2}, "4 or more"),
    ({"mitigations": [mit.reserve("lab", hours) for hours in range(1, 17)], "permutations": 0},
     "65,536 coalitions")])
def test_what_cannot_be_is_refused(change, says):
    asked = {"lab": "lab", "mitigations": wanted()[:2], **change}
    with pytest.raises(rm.RiskModelError, match=says):
        mitigation_value(world(), asked.pop("lab"), asked.pop("mitigations"), 50, 1, **asked)
    with pytest.raises(rm.RiskModelError, match="factor is 0"):
        mit.spare_transformers(0.0)
