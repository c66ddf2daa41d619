"""Every named check, on a world that has the fault and on one that only looks like it."""

import numpy as np
import pandas as pd
import pytest
from frames import event, frames, names, nodes, requirements, world

import riskmodel as rm
from riskmodel.world.checks import CHECKS

G = nodes("g", "h", "i")


def problems(**tables):
    return world(**tables).all_problems()


def the_problem(check, **tables):
    """Return the one problem there is."""
    found = problems(**tables)
    assert names(found) == [check], [str(p) for p in found]
    assert found[0].level == CHECKS[check].level
    assert found[0].mend
    return found[0]


def needs(*rows):
    return {"nodes": G, "requirements": requirements(*rows)}


def sites(**columns):
    return frames()["sites"].assign(**columns)


def holdings(**columns):
    return frames()["holdings"].assign(**columns)


def test_a_sound_world_has_no_problem():
    assert problems(**needs(("a", "power", "g", {}), ("a", "power", "h", {}),
                            ("g", "up", "i", {"share": 0.5, "ride_through_h": 4})),
                    events=pd.DataFrame([event(), event(node_id="g")])) == []


# ------------------------------------------------------------------ keys and references

def test_no_rows():
    the_problem("no_rows", sites=sites().iloc[:0], holdings=holdings().iloc[:0])


def test_duplicate_keys_name_every_row():
    table = pd.concat([frames()["labs"], frames()["labs"].iloc[:1]])
    found = the_problem("duplicate_keys", labs=table)
    assert found.rows == (0, 2)
    assert "lab_id 'x' stands 2 times" in found.message


def test_the_same_event_in_another_peril_part_or_node_is_no_duplicate():
    rows = [event(), event(peril="q"), event(part="hall 2"), event(node_id="b")]
    assert problems(events=pd.DataFrame(rows)) == []
    the_problem("duplicate_keys", events=pd.DataFrame([event(), event()]))


def test_foreign_keys_with_near_match():
    found = the_problem("foreign_keys", holdings=holdings(site_id=["a", "a", "B"]))
    assert found.rows == (2,)
    assert "did you mean 'b'" in found.message
    assert names(problems(deals=pd.DataFrame({"deal_id": ["d"], "lab_id": ["nobody"]}))) == [
        "foreign_keys"]


def test_many_unknown_values_are_summed_up():
    rows = [("a", f"g{i}", f"lost {i}", {}) for i in range(30)]
    found = problems(**needs(*rows))
    assert len(found) == 13
    assert sum(len(p.rows) for p in found) == 30


def test_a_site_is_a_node_whether_listed_or_not():
    tables = needs(("a", "pair", "b", {}))
    assert problems(**tables) == []
    tables["nodes"] = pd.concat([nodes("a", kind="zone"), G])
    assert problems(**tables) == []
    assert world(**tables).all_nodes["kind"].tolist()[:2] == ["zone", "site"]


def test_event_on_a_node_of_a_larger_world_only_warns():
    assert the_problem("event_nodes", events=pd.DataFrame(
        [event(), event(node_id="grid:far")])).rows == (1,)
    many = pd.DataFrame([event(node_id=f"far {i}") for i in range(9)])
    assert the_problem("event_nodes", events=many).message.startswith("9 nodes")


# ------------------------------------------------------------------ single cells

@pytest.mark.parametrize(("table", "column", "value", "words"), [
    ("sites", "lat", 95.0, "90 degrees or less"),
    ("sites", "lat", -90.5, "-90 degrees or more"),
    ("sites", "lon", 180.5, "180 degrees or less"),
    ("sites", "it_mw", -1.0, "0 MW or more"),
    ("sites", "pue", 0.9, "1 or more"),
    ("sites", "coord_precision_km", -2.0, "0 km or more"),
    ("holdings", "share", 1.5, "1 or less"),
    ("holdings", "probability", -0.1, "0 or more"),
    ("labs", "needed_share", 80.0, "1 or less"),
])
def test_bounds(table, column, value, words):
    frame = frames()[table].copy()
    last = len(frame) - 1
    frame.loc[last, column] = value
    found = the_problem("bounds", **{table: frame})
    assert found.rows == (last,)
    assert words in found.message


def test_the_edge_of_a_bound_is_inside():
    assert problems(sites=sites(lat=[90.0, -90.0, 0.0], lon=[180.0, -180.0, 0.0], pue=1.0)) == []


def test_per_cent_is_recognised():
    assert "0.8" in the_problem("bounds", labs=frames()["labs"].assign(
        needed_share=[80.0, 0.5])).mend


def test_empty_cells_of_a_required_column():
    assert the_problem("empty_cells", sites=sites(it_mw=[1.0, np.nan, 3.0])).rows == (1,)
    assert the_problem("empty_cells", labs=pd.DataFrame(
        {"lab_id": ["x", "y", " "], "needed_share": 0.5})).rows == (2,)


def test_allowed_and_usual_values():
    found = the_problem("allowed_values", sites=sites(status=["operational", "", "opertional"]))
    assert found.rows == (2,)
    assert "did you mean 'operational'" in found.message
    the_problem("unusual_values", nodes=nodes("g", kind="volcano"))
    assert "did you mean 'quorum'" in the_problem(
        "allowed_values", **needs(("a", "p", "g", {"mode": "quorom"}))).message


@pytest.mark.parametrize("good", ["2026", "2026-02", "2026-02-28", ""])
def test_dates_as_far_as_they_are_known(good):
    assert problems(sites=sites(operational_from=good)) == []


@pytest.mark.parametrize("bad", ["2026-02-30", "28.02.2026", "2026-13", "soon", "26-02-28"])
def test_dates_that_are_none(bad):
    assert the_problem("dates", sites=sites(operational_from=["", bad, ""])).rows == (1,)


@pytest.mark.parametrize(("first", "last", "reverse"), [
    ("2026-05-02", "2026-05-01", True), ("2026-05-01", "2026-05-01", False),
    ("2027", "2026-12", True), ("2026", "2026-01-05", False), ("2026-05", "2026", False),
    ("2026-05-02", "", False)])
def test_dates_in_reverse(first, last, reverse):
    found = problems(sites=sites(operational_from=first, full_capacity_date=last))
    assert names(found) == ["dates"] * reverse


def test_deals_in_reverse():
    deals = pd.DataFrame({"deal_id": ["d", "e"], "lab_id": "x", "start": ["2027", "about 2030"],
                          "end": ["2026", "2029"]})
    assert the_problem("dates", deals=deals).rows == (0,)


def test_timeline_backwards_and_without_a_day():
    steps = pd.DataFrame({"site_id": ["a", "b", "a"], "it_mw": 1.0, "state": "estimated",
                          "date": ["2026-02-01", "2025-01-01", "2026-01-01"]})
    assert the_problem("dates", sites_timeline=steps).rows == (2,)
    steps["date"] = ["2026-02-01", "2025", "2026-03-01"]
    assert the_problem("dates", sites_timeline=steps).rows == (1,)


def test_units():
    found = the_problem("units", sites=sites(it_mw=[100_000.0, 50.0, 30.0]))
    assert "kW" in found.message
    assert found.rows == (0,)


# ------------------------------------------------------------------ exposure

def test_shares_above_one():
    found = the_problem("shares_above_one", holdings=holdings(share=[0.7, 0.4, 1.0]))
    assert found.rows == (0, 1)
    assert "1.1" in found.message
    assert problems(holdings=holdings(share=[0.7 + 1e-12, 0.3, 1.0])) == []  # rounding


def test_alternatives_may_add_up_to_more_but_not_their_chances():
    assert problems(holdings=holdings(share=[1.0, 1.0, 1.0], probability=[0.5, 0.5, 1.0])) == []
    found = the_problem("expected_share_above_one", holdings=holdings(
        share=[1.0, 1.0, 1.0], probability=[0.7, 0.4, 1.0]))
    assert found.rows == (0, 1)


def test_it_above_facility():
    found = the_problem("it_above_facility", sites=sites(facility_mw=[100.0, 49.0, np.nan]))
    assert found.rows == (1,)
    steps = pd.DataFrame({"site_id": ["a"], "date": ["2026-01-01"], "it_mw": [10.0],
                          "facility_mw": [9.0], "state": ["estimated"]})
    assert the_problem("it_above_facility", sites_timeline=steps).where == "sites_timeline"


def test_bands():
    assert the_problem("bands", sites=sites(it_mw_low=[90.0, 60.0, np.nan],
                                            it_mw_high=[110.0, 70.0, 30.0])).rows == (1,)


# ------------------------------------------------------------------ requirements

def test_duplicate_member():
    found = the_problem("duplicate_member", **needs(("a", "p", "g", {}), ("a", "p", "g", {})))
    assert found.rows == (0, 1)
    assert problems(**needs(("a", "p", "g", {}), ("a", "q", "g", {}))) == []


@pytest.mark.parametrize(("column", "one", "other"), [
    ("k", 1, 2), ("mode", "quorum", "proportional"), ("share", 0.5, 1.0),
    ("ride_through_h", 0.0, 1.0), ("recharge_h", 24.0, 0.0)])
def test_group_consistency(column, one, other):
    found = the_problem("group_consistency", **needs(
        ("a", "p", "g", {column: one}), ("a", "p", "h", {column: other}),
        ("b", "p", "h", {column: one})))
    assert found.rows == (0, 1)
    assert f"differ in {column}" in found.message


def test_weight_and_confidence_may_differ_in_a_group():
    assert problems(**needs(
        ("a", "p", "g", {"mode": "proportional", "weight": 0.6, "confidence": "low"}),
        ("a", "p", "h", {"mode": "proportional", "weight": 0.4, "confidence": "high"}))) == []


@pytest.mark.parametrize(("k", "words"), [
    (3, "k = 3 of 2 members"), (1.5, "not a whole number"), (0.5, "fewer than one")])
def test_k_range_of_a_quorum(k, words):
    found = the_problem("k_range", **needs(("a", "p", "g", {"k": k}), ("a", "p", "h", {"k": k})))
    assert found.rows == (0, 1)
    assert words in found.message


@pytest.mark.parametrize("mode", ["quorum", "proportional"])
@pytest.mark.parametrize("k", [0.0, -1.0])
def test_k_must_be_positive(k, mode):
    the_problem("k_range", **needs(("a", "p", "g", {"k": k, "mode": mode})))


def test_k_of_a_proportional_group_counts_weight():
    rows = [("a", "p", "g", {"k": 1.5, "mode": "proportional", "weight": 1.0}),
            ("a", "p", "h", {"k": 1.5, "mode": "proportional", "weight": 0.6})]
    assert problems(**needs(*rows)) == []
    rows[1][3]["weight"] = 0.4
    assert "add up to 1.4" in the_problem("k_range", **needs(*rows)).message
    rows[1][3]["weight"] = 0.499999999  # looks like enough and is short for ever
    assert "1.499999999" in the_problem("k_range", **needs(*rows)).message


def test_k_of_a_proportional_group_may_be_megawatts_or_less_than_one():
    for k, weights in ((100.0, (60.0, 40.0)), (0.8, (0.6, 0.4)), (1.0, (0.7, 0.1, 0.2)),
                       (1.0, (0.1,) * 10)):
        ids = [f"n{i}" for i in range(len(weights))]
        assert problems(nodes=nodes(*ids), requirements=requirements(*(
            ("a", "p", node, {"k": k, "mode": "proportional", "weight": weight})
            for node, weight in zip(ids, weights, strict=True)))) == []


@pytest.mark.parametrize("weight", [0.0, -0.5])
def test_weights_are_positive(weight):
    assert the_problem("weights", **needs(
        ("a", "p", "g", {"mode": "proportional", "weight": weight}),
        ("a", "p", "h", {"mode": "proportional", "weight": 2.0}))).rows == (0,)


def test_cycles_are_named_and_refused_in_strict_mode():
    tables = needs(("a", "p", "g", {}), ("g", "q", "h", {}), ("h", "q", "i", {}),
                   ("i", "q", "g", {}))
    found = the_problem("cycles", **tables)
    assert found.rows == (1, 2, 3)
    assert "g -> h -> i -> g" in found.message
    assert names(world(**tables).check()) == ["cycles"]
    for how in ({"strict": True}, {"levels": {"cycles": "raise"}}):
        with pytest.raises(rm.WorldError, match="circle"):
            world(**tables).check(**how)


def test_a_node_that_needs_itself():
    assert "'g' needs itself" in the_problem("cycles", **needs(("g", "q", "g", {}))).message


def test_a_diamond_is_no_cycle():
    assert problems(**needs(("a", "p", "g", {}), ("a", "p", "h", {}), ("g", "q", "i", {}),
                            ("h", "q", "i", {}))) == []


def test_two_circles_are_told_apart():
    found = problems(**needs(("g", "q", "h", {}), ("h", "q", "g", {}), ("a", "q", "b", {}),
                             ("b", "q", "a", {})))
    assert sorted(p.rows for p in found) == [(0, 1), (2, 3)]


def test_a_reserve_inside_a_circle_is_refused_always():
    rows = [("g", "q", "h", {"ride_through_h": 2.0}), ("h", "q", "g", {}),
            ("a", "p", "g", {"ride_through_h": 8.0})]  # outside the circle it is welcome
    found = problems(**needs(*rows))
    assert names(found) == ["ride_through_in_cycle", "cycles"]
    assert found[0].rows == (0,)
    with pytest.raises(rm.WorldError, match="reserve"):
        world(**needs(*rows)).check()
    with pytest.raises(rm.RiskModelError, match="cannot be lowered"):
        world(**needs(*rows)).check(levels={"ride_through_in_cycle": "warn"})
    own = problems(**needs(("g", "q", "g", {"ride_through_h": 2.0})))
    assert names(own) == ["ride_through_in_cycle", "cycles"]


# ------------------------------------------------------------------ events

def test_event_consistency():
    rows = [event(), event(node_id="b", rate_per_yr=0.2), event(event_id="f", rate_per_yr=9.0)]
    found = the_problem("event_consistency", events=pd.DataFrame(rows))
    assert found.rows == (0, 1)
    the_problem("event_consistency",
                events=pd.DataFrame([event(), event(node_id="b", region="s")]))


@pytest.mark.parametrize(("changes", "good"), [
    ({"duration_dist": "lognormal"}, False),
    ({"duration_dist": "lognormal", "duration_shape": 0.0}, True),
    ({"duration_dist": "weibull", "duration_shape": 0.0}, False),
    ({"duration_dist": "weibull", "duration_shape": 0.7}, True),
    ({"duration_dist": "exponential", "duration_h": 0.0}, False),
    ({"duration_dist": "fixed", "duration_h": 0.0}, True),
])
def test_durations(changes, good):
    found = problems(events=pd.DataFrame([event(**changes)]))
    assert names(found) == [] if good else ["durations"]


# ------------------------------------------------------------------ places

@pytest.mark.parametrize(("lat", "lon", "precision", "away"), [
    (53.35, -6.26, 0.0, False), (51.5, -0.13, 0.0, True),
    (53.35, -6.0, 0.0, False),    # a few km into the sea: outlines are coarse
    (52.0, -4.9, 200.0, False),   # Wales, but the place may be wrong by 200 km
    (52.0, -4.9, 5.0, True)])
def test_outside_country(lat, lon, precision, away):
    found = problems(sites=sites(lat=[lat, 0, 0], lon=[lon, 0, 0], country_iso2=["IE", "", ""],
                                 coord_precision_km=precision))
    assert names(found) == ["outside_country"] * away
    if away:
        assert found[0].rows == (0,)


def test_an_exchanged_place_is_recognised():
    found = the_problem("outside_country", sites=sites(
        lat=[-6.26, 0, 0], lon=[53.35, 0, 0], country_iso2=["IE", "", ""]))
    assert "exchanged" in found.mend


def test_unknown_country():
    the_problem("unknown_country", sites=sites(country_iso2=["", "Ireland", ""]))


def test_placeholder_coordinates_cannot_make_neighbours():
    feed = {"nodes": nodes("feed:x", kind="feed"), "requirements": requirements(
        ("a", "power", "feed:x", {}), ("b", "power", "feed:x", {}))}
    assert problems(**feed) == []
    found = the_problem("placeholder_coordinates", **feed,
                        sites=sites(coord_precision_km=[0.0, 25.0, 50.0]))
    assert found.rows == (1,)
    alone = {"nodes": nodes("feed:x", kind="feed"), "requirements": requirements(
        ("b", "power", "feed:x", {}))}
    assert problems(**alone, sites=sites(coord_precision_km=[0.0, 25.0, 50.0])) == []


# ------------------------------------------------------------------ levels

def test_levels_are_checked_too():
    with pytest.raises(rm.RiskModelError, match="did you mean 'cycles'"):
        world().check(levels={"cycle": "raise"})
    with pytest.raises(rm.RiskModelError, match="'raise', 'warn' or 'ignore'"):
        world().check(levels={"cycles": "error"})
    with pytest.raises(rm.RiskModelError, match="cannot be lowered"):
        world().check(levels={"bounds": "ignore"})


def test_a_level_can_be_lowered():
    small = world(holdings=holdings(share=[0.7, 0.4, 1.0]))
    assert names(small.check(levels={"shares_above_one": "warn"})) == ["shares_above_one"]
    assert small.check(levels={"shares_above_one": "ignore"}) == []


def test_checking_twice_finds_the_same():
    small = world(sites=sites(lat=[95.0, 0, 0], it_mw=[-1.0, 2, 3]))
    assert small.all_problems() == small.all_problems()
    assert len(small.all_problems()) == 2
