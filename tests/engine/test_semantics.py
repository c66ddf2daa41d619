"""Every rule of dependencies, reserves and attribution, with numbers worked out by hand.

Sites have 100 MW; losses are told in hours of one site wholly down.
"""

import re

import pytest

import riskmodel as rm
from tests.engine.small import causes, hit, hours, lab_per_site, lost, table, world

RIDE = {"ride_through_h": 6.0}


def near(value, places=1e-9):
    return pytest.approx(value, abs=places)


# ------------------------------------------------------------------ own outages and parts

@pytest.mark.parametrize(("outages", "expected"), [
    ([("s", 0, 10, 0.3)], 3.0),
    # one part: the deepest counts, .5 and not .3 + .5
    ([("s", 0, 10, 0.3, "hall"), ("s", 0, 10, 0.5, "hall")], 5.0),
    # two parts add up
    ([("s", 0, 10, 0.3, "hall"), ("s", 0, 10, 0.5, "yard")], 8.0),
    # the whole node is a part like any other
    ([("s", 0, 10, 0.3), ("s", 0, 10, 0.5, "yard")], 8.0),
    # never more than everything: .7 + .6 is 1
    ([("s", 0, 10, 0.7, "hall"), ("s", 0, 10, 0.6, "yard")], 10.0),
    # .3 for ten hours, .2 more for two of them
    ([("s", 0, 10, 0.3), ("s", 4, 2, 0.5)], 3.4),
    # .5 for 0-4, 1 for 4-6, .5 for 6-10: the deeper outage ends first
    ([("s", 0, 10, 0.5), ("s", 4, 2, 1.0)], 6.0),
    # no depth, no hours: nothing
    ([("s", 0, 10, 0.0), ("s", 0, 0, 1.0)], 0.0)])
def test_own_availability(outages, expected):
    assert lost(world(), hit(*outages)) == near(expected)


def test_a_node_is_capped_by_its_worst_group_only():
    """min(own .9, grid .7, half of a dead cloud .5) = .5; the gaps do not add up."""
    of = world(("s", "power", "g"), ("s", "cloud", "c", {"share": 0.5}))
    assert lost(of, hit(("s", 0, 10, 0.1), ("g", 0, 10, 0.3), ("c", 0, 10))) == near(5.0)
    assert lost(of, hit(("s", 0, 10, 0.1), ("g", 0, 10, 0.3))) == near(3.0)


# ------------------------------------------------------------------ groups

@pytest.mark.parametrize(("k", "gap"), [(1, 0.1), (2, 0.3), (3, 0.6)])
def test_a_quorum_is_the_kth_largest(k, gap):
    """Members at .9, .4 and .7: sorted .9, .7, .4."""
    of = world(*(("s", "zones", z, {"k": k}) for z in "abc"))
    assert lost(of, hit(("a", 0, 10, 0.1), ("b", 0, 10, 0.6), ("c", 0, 10, 0.3))) == near(10 * gap)


def test_a_quorum_of_whole_members_is_on_or_off():
    """Two of three: one may go for nothing, the second costs everything while both are down."""
    of = world(*(("s", "zones", z, {"k": 2}) for z in "abc"))
    assert lost(of, hit(("a", 0, 10))) == 0.0
    assert lost(of, hit(("a", 0, 10), ("b", 6, 10))) == near(4.0)


def supply(k=1.0, weights=(0.6, 0.4), **terms):
    return world(*(("s", "power", node, {"mode": "proportional", "weight": w, "k": k, **terms})
                   for node, w in zip(("grid", "gas"), weights, strict=True)))


@pytest.mark.parametrize(("of", "grid", "gas", "gap"), [
    (supply(), 1.0, 0.0, 0.6),  # what the grid carries
    (supply(), 0.0, 1.0, 0.4),
    (supply(), 0.5, 0.0, 0.3),
    (supply(), 0.5, 1.0, 0.7),  # .6 x .5 + .4 x 0 = .3 is left
    (supply(k=0.8), 0.5, 0.0, 0.125),  # (.3 + .4) / .8 = .875
    (supply(weights=(0.6, 0.6)), 0.2, 0.0, 0.0),  # .48 + .6 is more than it needs
    (supply(weights=(0.6, 0.6)), 0.5, 0.0, 0.1)])
def test_proportional(of, grid, gas, gap):
    assert lost(of, hit(("grid", 0, 10, grid), ("gas", 0, 10, gas))) == near(10 * gap)


def test_shares():
    """Caps are a minimum: two halves lost leave a half; half of a .4 gap is .2."""
    of = world(("s", "one", "a", {"share": 0.5}), ("s", "two", "b", {"share": 0.5}))
    assert lost(of, hit(("a", 0, 10), ("b", 0, 10))) == near(5.0)
    assert lost(of, hit(("a", 0, 10, 0.4))) == near(2.0)
    assert lost(world(("s", "one", "a", {"share": 0.0})), hit(("a", 0, 10))) == 0.0


def test_shares_multiply_down_a_chain():
    """Half of a node that has lost half of .8 of its own: .5 x .8 = .4."""
    of = world(("s", "up", "b", {"share": 0.5}), ("b", "up", "a", {"share": 0.8}), ("a", "up", "z"))
    assert lost(of, hit(("z", 0, 10))) == near(4.0)


# ------------------------------------------------------------------ reserves

@pytest.mark.parametrize(("outages", "expected"), [
    ([("g", 0, 10)], 4.0),  # six of ten hours ridden through
    ([("g", 0, 6)], 0.0),  # exactly as long as the reserve
    ([("g", 0, 20, 0.5)], 4.0),  # half the load: it lasts 12 h, then .5 for 8 h
    ([("g", 0, 14, 0.5), ("g", 4, 10)], 6.0),  # 2 h spent by hour 4, the other 4 by hour 8
    # refill: 2 h left at hour 4, + 8 h x 6/24 = 4 at hour 12, so 6 of the next ten are lost
    ([("g", 0, 4), ("g", 12, 10)], 6.0),
    ([("g", 0, 4), ("g", 4, 4)], 2.0),  # no moment between them to refill
    ([("g", 0, 3), ("g", 103, 10)], 4.0),  # never fuller than full
    # empty at hour 6; .1 short until hour 30 does not refill: 24 x .1, then ten whole hours
    ([("g", 0, 6), ("g", 6, 24, 0.1), ("g", 30, 10)], 12.4)])
def test_ride_through(outages, expected):
    of = world(("s", "power", "g", RIDE))
    assert lost(of, hit(*outages)) == near(expected)


def test_a_reserve_that_refills_at_once():
    of = world(("s", "power", "g", {**RIDE, "recharge_h": 0.0}))
    assert lost(of, hit(("g", 0, 4), ("g", 5, 10))) == near(4.0)
    assert lost(of, hit(("g", 0, 4), ("g", 4, 4))) == near(2.0)  # never up between the two


def test_a_reserve_covers_its_group_only():
    """The site's own outage and the share: 1 - .5 x (1 - 0) once six hours are gone."""
    assert lost(world(("s", "power", "g", RIDE)), hit(("s", 0, 10), ("g", 0, 10))) == near(10.0)
    of = world(("s", "power", "g", {**RIDE, "share": 0.5}))
    assert lost(of, hit(("g", 0, 10))) == near(2.0)


def test_rounding_does_not_spend_a_reserve():
    """Ten tenths are 1 - 1.1e-16: full again after the first outage, 1 h of ten is ridden."""
    of = world(*(("s", "power", f"g{i}", {"mode": "proportional", "weight": 0.1,
                                          "ride_through_h": 1.0}) for i in range(10)))
    everything = [(f"g{i}", 1000, 10) for i in range(10)]
    assert sum([0.1] * 10) < 1.0
    assert lost(of, hit(("g0", 0, 2), *everything)) == near(9.0)
    # a gap of 5e-13 is rounding: nothing is lost, and nothing is drained in 8,000 hours
    of = world(("s", "power", "g", {"ride_through_h": 1e-9}))
    assert lost(of, hit(("g", 0, 8000, 5e-13), ("g", 8000, 1))) == near(1 - 1e-9, 1e-12)


# ------------------------------------------------------------------ cycles

def test_a_cycle_is_solved_for_the_smallest_outage():
    of = world(("s", "power", "b"), ("a", "x", "b"), ("b", "x", "a"))
    found = of.check()
    assert [problem.check for problem in found] == ["cycles"]
    assert "a -> b -> a" in found[0].message
    assert lost(of, hit(("s", 0, 1))) == near(1.0)  # nothing else falls
    assert lost(of, hit(("a", 0, 5))) == near(5.0)  # and all is up again with its cause
    with pytest.raises(rm.WorldError, match="cycles"):
        of.check(strict=True)


def test_a_cycle_with_shares():
    """a lost: b = 1 - .5 = .5. a at .6: b = .8, and a's own cap .9 does not bind."""
    half = {"share": 0.5}
    of = world(("s", "power", "b"), ("a", "x", "b", half), ("b", "x", "a", half))
    assert lost(of, hit(("a", 0, 10))) == near(5.0)
    assert lost(of, hit(("a", 0, 10, 0.4))) == near(2.0)


def test_a_cycle_that_has_to_be_iterated():
    """Without g: a = .5 b and b = a, so .5, .25 ... 0. With b at 1 - .8 (1 - a) it ends at 1/3."""
    half = {"mode": "proportional", "weight": 0.5}
    rows = [("s", "power", "b"), ("a", "x", "b", half), ("a", "x", "g", half)]
    assert lost(world(*rows, ("b", "x", "a")), hit(("g", 0, 10))) == near(10.0, 1e-9)
    of = world(*rows, ("b", "x", "a", {"share": 0.8}))  # b = .2 + .4 b
    assert lost(of, hit(("g", 0, 10))) == near(20 / 3, 1e-9)


# ------------------------------------------------------------------ overlaps, cap, year end

def test_overlapping_outages_are_united():
    of = world(("s", "power", "g"))
    assert lost(of, hit(("s", 0, 10), ("g", 5, 10))) == near(15.0)  # within one event
    assert lost(of, hit(("s", 0, 10)), hit(("s", 5, 10))) == near(15.0)  # of two
    assert lost(of, hit(("s", 0, 10, 0.5)), hit(("g", 5, 10))) == near(12.5)
    assert lost(of, hit(("s", 0, 10)), hit(("s", 0, 10))) == near(10.0)


def test_every_own_outage_ends_at_the_recovery_cap():
    """Two days after its own start, whatever its duration says."""
    assert lost(world(), hit(("s", 10, 1000)), recovery_cap_days=2.0) == near(48.0)
    assert lost(world(), hit(("s", 0, 40), ("s", 30, 1000)), recovery_cap_days=2.0) == near(78.0)


def test_the_year_of_the_event_bears_the_whole_loss():
    """Occurrence booking: 120 days from December still cost 120 days; calendar cuts them."""
    assert lost(world(), hit(("s", 8750, 100))) == near(100.0)
    of = world(events=table({"rate_per_yr": 0.02, "duration_h": 2880.0}))
    run = rm.simulate(of, years=4000, seed=1, adequacy=False)
    single = run.events.groupby("year")["event"].transform("size") == 1
    per_year = run.years.set_index("year")["lost_mw_days"]
    assert run.events.loc[single, "start_h"].max() > 8760 - 2880  # some run past the end
    assert per_year[run.events.loc[single, "year"]].to_numpy() == near(100.0 * 120)
    cut = rm.simulate(of, years=4000, seed=1, booking="calendar").years["lost_mw_days"]
    assert cut.min() < 100.0 * 100
    assert cut.max() == near(100.0 * 120)


# ------------------------------------------------------------------ what falls below the need

def test_shortfall_is_what_lies_below_the_need():
    """Of 200 MW 80 % are needed. Both sites half down for 10 h: 100 lost, 60 short."""
    of = world(sites=("s", "t"), needed=0.8)
    told = rm.stress(of, hit(("s", 20, 20, 0.5), ("t", 30, 10, 0.5)))
    row = told.years.iloc[0]
    assert row["lost_mw_days"] * 24 == near(50 * 20 + 50 * 10)
    assert row["shortfall_mw_days"] * 24 == near(10 * 10 + 60 * 10)  # 50 - 40, then 100 - 40
    need = told.adequacy.iloc[0]
    assert need["shortfall_h"] == near(20.0)
    assert need["shortfall_days"] == 2  # hours 20 to 40 touch two days
    below = rm.stress(of, hit(("s", 20, 20, 0.4)))  # exactly at the need: no shortfall
    assert below.years["shortfall_mw_days"].tolist() == [0.0]
    assert len(below.adequacy) == 0


# ------------------------------------------------------------------ who is the cause

def test_ties_go_to_the_earlier_outage():
    """Grid from 0, site from 2: the grid while both are down, the site alone after."""
    of = world(("s", "power", "g"))
    assert causes(of, hit(("g", 0, 10)), hit(("s", 2, 10))) == {"g": 10.0, "s": 2.0}
    assert causes(of, hit(("s", 0, 10, 0.5)), hit(("g", 2, 4))) == {"s": 3.0, "g": 4.0}  # deeper


def test_ties_of_one_instant_go_by_event_and_then_by_node_id():
    of = world(("s", "power", "g"))
    assert causes(of, hit(("s", 0, 10)), hit(("g", 0, 10))) == {"s": 10.0}
    assert causes(of, hit(("g", 0, 10)), hit(("s", 0, 10))) == {"g": 10.0}
    assert causes(of, hit(("s", 0, 10), ("g", 0, 10))) == {"g": 10.0}


def test_among_parts_the_deepest():
    """.3 of the hall from 0, .5 of the yard from 2: the yard takes all 8 x .8 of the overlap."""
    told = causes(world(), hit(("s", 0, 10, 0.3, "hall"), peril="fire"),
                  hit(("s", 2, 8, 0.5, "yard"), peril="flood"), by="peril")
    assert told == {"fire": 0.6, "flood": 6.4}


def test_the_failure_that_broke_the_quorum_is_the_cause():
    """Two of three needed: a falls at 0 for nothing, b at 3 breaks it, c at 5 changes nothing."""
    of = world(*(("s", "zones", z, {"k": 2}) for z in "abc"))
    assert causes(of, hit(("a", 0, 10)), hit(("b", 3, 7)), hit(("c", 5, 5))) == {"b": 7.0}
    # 1 of 3: only the last one breaks it
    of = world(*(("s", "zones", z) for z in "abc"))
    assert causes(of, hit(("a", 0, 10)), hit(("b", 3, 7)), hit(("c", 5, 5))) == {"c": 5.0}
    # partial depths: the second largest of .9, .4, .7 is c's
    of = world(*(("s", "zones", z, {"k": 2}) for z in "abc"))
    assert causes(of, hit(("a", 0, 10, .1), ("b", 0, 10, .6), ("c", 0, 10, .3))) == {"c": 3.0}


def test_the_largest_weighted_deficit_is_the_cause():
    """.6 x .5 = .3 of the grid against .4 x 1 of the gas: all .7 is the gas's."""
    assert causes(supply(), hit(("grid", 0, 10, 0.5)), hit(("gas", 0, 10))) == {"gas": 7.0}
    even = supply(weights=(0.5, 0.5))
    assert causes(even, hit(("gas", 0, 10)), hit(("grid", 2, 8))) == {"gas": 9.0}  # .5 x 2 + 8


def test_the_root_of_a_chain_is_named():
    of = world(("s", "up", "feed"), ("feed", "up", "grid"), ("grid", "up", "system"))
    assert causes(of, hit(("system", 0, 5), ("feed", 5, 1))) == {"system": 5.0, "feed": 1.0}


@pytest.mark.parametrize("by", [["peril"], ["region"], ["node"], ["lab"], ["event"],
                                ["peril", "node"]])
def test_contributions_of_a_story_add_up(by):
    of = lab_per_site(("s", "up", "g", RIDE), ("t", "up", "g"), sites=("s", "t"))
    told = rm.stress(of, [hit(("g", 0, 10), ("s", 3, 1, 0.4)),
                          hit(("t", 5, 9, 0.7), peril="fire", region="there")])
    parts = rm.contributions(told, measure="total", by=by)
    # s: .4 for an hour, then 4 h after the reserve; t: 10 h of grid, then .7 for 4 h
    assert parts["value"].sum() * 24 / 100 == near(0.4 + 4.0 + 10.0 + 2.8)
    assert parts["value"].sum() == near(told.years["lost_mw_days"].sum())
    if by == ["peril"]:
        split = parts.set_index("peril")["value"] * 24 / 100
        assert split["fire"] == near(2.8)


# ------------------------------------------------------------------ what is refused

P = {"mode": "proportional"}


@pytest.mark.parametrize(("rows", "check"), [
    ([("s", "p", "g", {"k": 1}), ("s", "p", "h", {"k": 2})], "group_consistency"),
    ([("s", "p", "g", {"share": .5}), ("s", "p", "h")], "group_consistency"),
    ([("s", "p", "g", RIDE), ("s", "p", "h")], "group_consistency"),
    ([("s", "p", "g"), ("s", "p", "g")], "duplicate_member"),
    ([("s", "p", "g", {"k": 2})], "k_range"),
    ([("s", "p", "g", {"k": 1.5}), ("s", "p", "h", {"k": 1.5})], "k_range"),
    ([("s", "p", "g", {**P, "k": 1.1})], "k_range"),
    ([("s", "p", "g", {**P, "weight": 0.0}), ("s", "p", "h", P)], "weights"),
    ([("g", "p", "h", RIDE), ("h", "p", "g")], "ride_through_in_cycle")])
def test_rows_that_mean_nothing_are_refused_by_name(rows, check):
    of = world(*rows)
    for call in (of.check, lambda: rm.stress(of, hit(("s", 0, 1))),
                 lambda: rm.simulate(of, years=1)):
        with pytest.raises(rm.WorldError) as caught:
            call()
        assert [problem.check for problem in caught.value.problems] == [check]


def test_a_story_names_nodes_of_this_world():
    of = world(("s", "power", "grid:ERCOT"))
    with pytest.raises(rm.RiskModelError, match=re.escape("did you mean 'grid:ERCOT'")):
        rm.stress(of, hit(("grid:ERCOTT", 0, 1)))
    with pytest.raises(rm.RiskModelError, match="OwnOutage of 's'"):
        hit(("s", -1, 1))
    with pytest.raises(rm.RiskModelError, match=re.escape("depth is 1.5")):
        hit(("s", 0, 1, 1.5))
    with pytest.raises(rm.RiskModelError, match="stress takes a Scenario, an Event"):
        rm.stress(of, ["grid:ERCOT"])


def test_a_story_is_not_a_year():
    told = rm.stress(world(), hit(("s", 0, 24)))
    assert told.kind == "story"
    assert hours(told) == near(24.0)
    for call in (lambda: rm.measure(told), lambda: rm.exceedance(told),
                 lambda: rm.contributions(told, measure="aal"), lambda: rm.convergence(told)):
        with pytest.raises(rm.RiskModelError, match="story"):
            call()


def test_a_story_without_outages_costs_nothing():
    for story in ([], hit(), [hit(("s", 0, 0))]):
        told = rm.stress(world(), story)
        assert len(told.years) == len(told.causes) == len(told.adequacy) == 0


def test_causes_that_go_round_a_circle_do_not_keep_it_from_settling():
    """s = (.1 a + .1 b + .25 s) / .45: .5 while one is down, 0 while both are: 1 + 7 + .5 h."""
    one = {"mode": "proportional", "k": 0.45}
    two = {"mode": "proportional", "k": 0.85, "share": 0.75}
    of = world(("s", "g", "a", {**one, "weight": 0.1}), ("s", "g", "b", {**one, "weight": 0.1}),
               ("s", "g", "t", {**one, "weight": 0.25}), ("s", "h", "u", {**two, "weight": 0.25}),
               ("s", "h", "v", {**two, "weight": 0.6}), ("t", "x", "u"), ("u", "x", "s"))
    assert lost(of, hit(("b", 2, 8), ("v", 3, 6, 0.7)), hit(("a", 0, 9))) == near(8.5)
