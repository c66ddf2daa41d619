"""What a supply is given does what it says and no more, told by stories whose hours are known."""

from __future__ import annotations

import pandas as pd
import pytest

import riskmodel as rm
from riskmodel.world.edits_supply import (
    with_fuel_store,
    with_generation,
    with_reserve,
    with_second_control_plane,
    with_second_feed,
)
from tests.engine.small import hit, lost

KINDS = {"feed:f": "feed", "grid:g": "grid", "grid:h": "grid", "interconnection:i":
         "interconnection", "plant:p": "plant", "gas:far": "gas", "cloud:c": "cloud",
         "cloud:d": "cloud"}
ROWS = [("s", "power", "feed:f", {}), ("s", "control", "cloud:c", {"share": 0.25}),
        ("t", "power", "feed:f", {"ride_through_h": 40.0}), ("p", "power", "plant:p", {}),
        ("plant:p", "fuel", "gas:far", {}), ("feed:f", "grid", "grid:g", {}),
        ("grid:g", "system", "interconnection:i", {}), ("d", "power", "grid:g", {}),
        ("q", "power", "feed:f", {"weight": 0.8, "mode": "proportional"}),
        ("q", "power", "plant:q", {"weight": 0.2, "mode": "proportional"}),
        ("two", "power", "feed:f", {}), ("two", "power", "grid:h", {})]
TERMS = {"weight": 1.0, "k": 1.0, "mode": "quorum", "share": 1.0, "ride_through_h": 0.0}
SITES = ["s", "t", "p", "d", "q", "two"]


def told(*rows) -> pd.DataFrame:
    return pd.DataFrame([{**dict(zip(("node_id", "group", "member_id"), row, strict=False)),
                          **TERMS, **row[3]} for row in rows])


@pytest.fixture
def of() -> rm.World:
    kinds = {**KINDS, "plant:q": "plant"}
    return rm.World.from_frames(
        sites=pd.DataFrame({"site_id": SITES, "lat": 50.0, "lon": 10.0, "it_mw": 100.0,
                            "grid_region": "g", "country_iso2": "DE"}),
        labs=pd.DataFrame({"lab_id": ["lab"], "needed_share": [1.0]}),
        holdings=pd.DataFrame({"lab_id": "lab", "site_id": SITES, "share": 1.0}),
        nodes=pd.DataFrame({"node_id": list(kinds), "kind": list(kinds.values())}),
        requirements=told(*ROWS))


def only(world, site, *outages):
    """Hours that a site loses when these nodes are out for so long from hour 0."""
    story = [hit((node, 0.0, hours)) for node, hours in outages]
    found = rm.replay(rm.stress(world, story)).timeline
    mine = found[found["node"] == site]
    return float(((1 - mine["availability"]) * (mine["end_h"] - mine["start_h"])).sum())


def test_a_reserve_bridges_its_hours_and_no_more(of):
    better = with_reserve(of, ["s", "t"], 24.0)
    assert only(of, "s", ("feed:f", 100)) == 100
    assert only(better, "s", ("feed:f", 100)) == pytest.approx(76)
    assert only(better, "s", ("grid:g", 20)) == 0
    assert only(better, "t", ("feed:f", 100)) == pytest.approx(60)  # it had 40 h, and keeps them
    assert only(better, "s", ("s", 100)) == 100  # a hall that is hit is down
    assert only(better, "s", ("cloud:c", 100)) == pytest.approx(25)  # power is not what it lacks
    assert only(better, "two", ("feed:f", 9), ("grid:h", 9)) == 9  # not asked for
    jobs = with_reserve(of, ["s"], 24.0, control_plane=True)
    assert only(jobs, "s", ("cloud:c", 100)) == pytest.approx(0.25 * 76)
    assert only(jobs, "s", ("feed:f", 100)) == 100


def test_either_of_two_lines_will_do_and_a_grid_takes_both(of):
    better = with_second_feed(of, SITES)
    second = "feed:f/second"
    for site in ("s", "t", "q"):
        assert only(better, site, ("feed:f", 100)) == 0
        assert only(better, site, (second, 100)) == 0
    assert only(better, "s", ("feed:f", 100), (second, 70)) == 70
    for cause in ("grid:g", "interconnection:i"):
        assert only(better, "s", (cause, 100)) == 100
    assert only(better, "q", ("grid:g", 100)) == pytest.approx(80)  # its plant goes on
    assert only(better, "d", ("grid:g", 100)) == 100
    assert only(better, "p", ("gas:far", 100)) == 100  # it has no line
    elsewhere = with_second_feed(of, SITES, "grid:h")
    for site in ("s", "d", "q"):
        assert only(elsewhere, site, ("grid:g", 100)) == 0
        assert only(elsewhere, site, ("grid:h", 100)) == 0
        assert only(elsewhere, site, ("grid:g", 100), ("grid:h", 40)) == pytest.approx(
            32 if site == "q" else 40)


def test_generation_carries_its_share_and_costs_nothing_when_it_fails(of):
    better = with_generation(of, ["s", "q", "two", "p"], 0.3)
    assert only(better, "s", ("feed:f", 100)) == pytest.approx(70)
    assert only(better, "s", ("plant:s", 100)) == 0
    assert only(better, "s", ("gas:g", 100)) == 0
    assert only(better, "s", ("grid:g", 100), ("gas:g", 100)) == 100
    assert only(better, "q", ("feed:f", 100)) == pytest.approx(70)  # .2 was raised to .3
    assert only(better, "two", ("feed:f", 100)) == 0
    assert only(better, "two", ("feed:f", 100), ("grid:h", 100)) == pytest.approx(70)
    assert only(better, "p", ("gas:far", 10)) == 10  # all of it was generation already
    nodes = better.nodes.set_index("node_id")
    assert nodes.at["plant:s", "kind"] == "plant"
    assert nodes.at["plant:s", "lat"] == 50.0


def test_stored_fuel_bridges_a_plant(of):
    better = with_fuel_store(of, ["p", "q", "s"], 72.0)
    for cause in ("gas:far", "plant:p"):
        assert only(better, "p", (cause, 100)) == pytest.approx(28)
        assert only(better, "p", (cause, 50)) == 0
    assert only(better, "q", ("plant:q", 100)) == pytest.approx(0.2 * 28)
    assert only(better, "s", ("feed:f", 10)) == 10  # it has no plant
    longer = with_fuel_store(better, ["p"], 90.0)
    assert only(longer, "p", ("plant:p", 100)) == pytest.approx(10)
    assert only(with_fuel_store(longer, ["p"], 20.0), "p", ("plant:p", 100)) == pytest.approx(10)


def test_a_second_control_plane_stands_in_for_the_first(of):
    own = with_second_control_plane(of, SITES)
    assert only(own, "s", ("cloud:c", 100)) == 0
    assert only(own, "s", ("cloud:c", 100), ("cloud:own", 60)) == pytest.approx(15)
    other = with_second_control_plane(of, ["s"], "cloud:d")
    assert only(other, "s", ("cloud:c", 100), ("cloud:d", 40)) == pytest.approx(10)
    assert len(with_second_control_plane(other, ["s"], "cloud:d").requirements) == len(
        other.requirements)


EDITS = {
    "reserve": lambda world: with_reserve(world, ["s", "q"], 24.0),
    "feed": lambda world: with_second_feed(world, ["s", "q"]),
    "generation": lambda world: with_generation(world, ["s", "q"], 0.3),
    "fuel": lambda world: with_fuel_store(world, ["q", "p"], 72.0),
    "control": lambda world: with_second_control_plane(world, ["s"]),
}
STORIES = [[("feed:f", 60)], [("grid:g", 60)], [("plant:q", 90), ("feed:f", 200)],
           [("cloud:c", 33), ("feed:f/second", 10)], [("gas:g", 50), ("grid:g", 80)]]


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_the_world_given_stays_and_twice_is_once(of, edit):
    before = of.fingerprint
    once = edit(of)
    assert once.check() == of.check() == []
    del of.__dict__["fingerprint"]
    assert of.fingerprint == before != once.fingerprint
    assert edit(once).fingerprint == once.fingerprint
    assert once.sites is of.sites
    assert once.holdings is of.holdings


def test_the_order_of_edits_does_not_matter(of):
    names = ["reserve", "feed", "generation", "control"]
    there, back = of, of
    for name in names:
        there = EDITS[name](there)
    for name in reversed(names):
        back = EDITS[name](back)
    for story in STORIES:
        events = [hit((node, 0.0, hours)) for node, hours in story]
        assert lost(there, *events) == pytest.approx(lost(back, *events), rel=1e-12)


@pytest.mark.parametrize(("wrong", "says"), [
    (lambda world: with_reserve(world, ["s"], 0.0), "hours is 0"),
    (lambda world: with_reserve(world, ["nowhere"], 1.0), "no site 'nowhere'"),
    (lambda world: with_generation(world, ["s"], 1.5), "share is 1.5"),
    (lambda world: with_fuel_store(world, ["p"], float("nan")), "hours is nan"),
    (lambda world: with_second_feed(world, ["s"], "grid:gg"), "did you mean 'grid:g'"),
    (lambda world: with_second_feed(world, ["s"], "feed:f"), "no grid"),
    (lambda world: with_second_control_plane(world, ["s"], "cloud:e"), "no cloud 'cloud:e'")])
def test_what_cannot_be_is_refused(of, wrong, says):
    with pytest.raises(rm.RiskModelError, match=says):
        wrong(of)
