"""Scenarios: every shipped one is whole and plays; a faulty file says where and what to do."""

from __future__ import annotations

import copy
import datetime as dt
import tomllib

import pandas as pd
import pytest

import riskmodel as rm
from riskmodel.perils.scenario_file import scenario_problems
from riskmodel.perils.scenario_text import describe_scenario
from riskmodel.perils.scenarios import FOREVER_H, read_scenario, scenario_files
from riskmodel.perils.selectors import describe_selector, select
from tests.perils.small_world import build_world

#: what people ask for first; each must be there
ASKED = {"gulf-campaign-2026", "gulf-reaches-abu-dhabi-campus", "three-zone-loss",
         "ercot-winter-storm-2021", "iberian-type-collapse", "pjm-load-trip",
         "us-east-1-october-2025", "provider-control-plane", "taiwan-blockade",
         "taiwan-earthquake", "red-sea-cables", "gas-cut", "transformer-sabotage",
         "export-control-tightening", "heat-dome-us-south"}
#: scenarios of which a part finds nothing in the shipped world, and says so
IN_PART_NOTHING = {"us-east-1-october-2025", "export-control-tightening"}
SHIPPED = sorted(scenario_files())

SOUND = """
id = "try"
name = "A try"
story = "It goes dark."
as_of = "2026-11-24"
world_as_of = "2027-12-31"
begins = "2026-12-01"
confidence = "low"
does_not_cover = ["Anything else."]

[sources.a]
title = "A record"
url = "https://example.org/a"
published = "2026-01-01"

[[events]]
peril = "grid_outage"
region = "ERCOT"

[[events.outages]]
hits = { kind = "feed", grid = "ERCOT" }
start_h = 0.0
duration_h = 24
depth = 0.5
source = "a"

[[events.delays]]
hits = { country = "US" }
lead_days = 90
delay_days = 60
share = 1.0
source = "a;judgement"
note = "A round number."
"""


def sound() -> dict:
    return tomllib.loads(SOUND)


@pytest.fixture(scope="module")
def worlds():
    """Worlds of the days the scenarios ask for, read once."""
    found = {}

    def on(day):
        if day not in found:
            found[day] = rm.read_world(as_of=day)
        return found[day]

    return on


# ---------------------------------------------------------------- what ships


def test_what_people_ask_for_is_there():
    assert set(SHIPPED) >= ASKED
    listed = rm.scenarios()
    assert listed["scenario"].tolist() == SHIPPED
    assert listed["name"].is_unique


@pytest.mark.parametrize("name", SHIPPED)
def test_each_has_a_paragraph_a_source_and_what_it_leaves_out(name):
    scenario = rm.load_scenario(name)
    assert scenario.scenario_id == name
    assert 200 < len(scenario.story) < 900
    assert "\n" not in scenario.story
    assert len(scenario.does_not_cover) >= 2
    assert all(source["url"].startswith("http") for source in scenario.sources.values())
    assert all(event.get("what") for event in scenario.told)
    shown = describe_scenario(scenario)
    assert all(key in shown for key in scenario.sources)


@pytest.mark.parametrize("name", SHIPPED)
def test_each_finds_what_it_hits_on_its_world(name, worlds):
    scenario = rm.load_scenario(name)
    world = worlds(scenario.world_as_of)
    resolved = scenario.resolve(world)
    hit = {outage.node for event in resolved.events for outage in event.outages}
    assert hit
    assert hit <= set(world.all_nodes["node_id"])
    assert bool(resolved.finds_nothing) == (name in IN_PART_NOTHING)
    assert all("finds nothing" in line or "no step opens" in line
               for line in resolved.finds_nothing)


def test_the_abu_dhabi_campus_runs_only_in_the_future(worlds):
    scenario = rm.load_scenario("gulf-reaches-abu-dhabi-campus")
    assert scenario.world_as_of == dt.date(2027, 12, 31)
    lost = {day: rm.stress(worlds(day), scenario).causes.groupby("node")["lost_mw_days"].sum()
            for day in (None, scenario.world_as_of)}
    assert "stargate_uae" not in lost[None]
    assert lost[scenario.world_as_of]["stargate_uae"] > 20_000


# ---------------------------------------------------------------- known answers


def test_the_gulf_campaign_by_hand(worlds):
    """Six zones of 20 MW; two lost for good (730 days), four back after the hours of the file.

    One zone loses half of itself to the region's control plane before it falls: from hour 5.27
    for 8.25 h, less the 3.1 h that jobs run without a restart.
    """
    losses = rm.stress(worlds(dt.date(2026, 2, 27)), rm.load_scenario("gulf-campaign-2026"))
    by_hand = 20 * (2 * 730 + (7300 + 7285 + 2 * 7900) / 24) + 20 * 0.5 * (8.25 - 3.1) / 24
    assert losses.years["lost_mw_days"].sum() == pytest.approx(by_hand, rel=1e-9)
    assert losses.years["lab"].tolist() == ["unknown"]


def test_today_the_same_campaign_finds_the_zones_dark(worlds):
    losses = rm.stress(worlds(None), rm.load_scenario("gulf-campaign-2026"))
    assert losses.years["lost_mw_days"].sum() == 0.0


def growing_world(as_of: str = "2027-12-31", **sites: object) -> rm.World:
    """One site of 100 MW that is to have 300 MW from June 2027; the record ends in 2026."""
    day = "2026-11-23"
    table = {"site_id": ["a"], "lat": [32.0], "lon": [-99.0], "it_mw": [100.0],
             "country_iso2": ["US"], "as_of": [day]} | {k: [v] for k, v in sites.items()}
    return rm.World.from_frames(
        sites=pd.DataFrame(table), labs=pd.DataFrame({"lab_id": ["lab"], "needed_share": [0.5]}),
        holdings=pd.DataFrame({"lab_id": ["lab"], "site_id": ["a"], "share": [1.0]}),
        chips=pd.DataFrame({"chip_family": ["X", "Y"],
                            "foundry_locations": ["Taiwan (N4)", "China;Taiwan (old)"]}),
        sites_timeline=pd.DataFrame({
            "site_id": ["a", "a"], "date": ["2026-01-01", "2027-06-01"], "it_mw": [100.0, 300.0],
            "state": ["observed_or_confirmed", "projected"], "as_of": [day, day]}), as_of=as_of)


def late_only(**changes: object) -> rm.Scenario:
    data = sound()
    del data["events"][0]["outages"]
    data["events"][0]["delays"][0].update(changes)
    return read_scenario(data)


def test_a_step_that_opens_late_by_hand():
    """200 MW for 60 days, from the 182nd day after the story began."""
    world = growing_world()
    (event,) = late_only().events(world)
    (outage,) = event.outages
    assert (outage.node, outage.part) == ("a", "step 2027-06-01")
    assert (outage.start_h, outage.duration_h) == (182 * 24.0, 60 * 24.0)
    assert outage.depth == pytest.approx(2 / 3)
    losses = rm.stress(world, late_only())
    assert losses.years["lost_mw_days"].item() == pytest.approx(200 * 60, rel=1e-12)


def test_goods_on_the_way_a_record_of_the_day_and_cancelled_steps():
    assert late_only(lead_days=183).resolve(growing_world()).finds_nothing == (
        "sites with country US: no step opens between 2026-12-01 plus 183 days and this world's "
        "2027-12-31",)
    assert late_only(lead_days=182).resolve(growing_world()).finds_nothing == ()
    today = late_only().resolve(growing_world("2026-11-23"))
    assert "under construction" in today.finds_nothing[0]
    assert sum(len(event.outages) for event in today.events) == 0
    data = sound()
    del data["events"][0]["outages"], data["events"][0]["delays"][0]["delay_days"]
    data["events"][0]["delays"][0]["cancelled"] = True
    (event,) = read_scenario(data).events(growing_world())
    assert event.outages[0].duration_h == FOREVER_H


def test_a_scenario_is_its_events(worlds):
    world, scenario = worlds(None), rm.load_scenario("heat-dome-us-south")
    one, two = rm.stress(world, scenario), rm.stress(world, scenario.events(world))
    pd.testing.assert_frame_equal(one.years, two.years)
    assert one.manifest["scenario"]["id"] == "heat-dome-us-south"
    assert "scenario" not in two.manifest


def test_repeats_begin_one_after_the_other():
    data = sound()
    del data["events"][0]["delays"]
    data["events"][0]["outages"][0].update(every_h=24, times=3, start_h=6.0)
    (event,) = read_scenario(data).events(build_world())
    starts = [o.start_h for o in event.outages if o.node == "feed:abilene"]
    assert starts == [6.0, 30.0, 54.0]
    assert {o.node for o in event.outages} == {"feed:abilene", "feed:temple"}


# ---------------------------------------------------------------- selectors


@pytest.mark.parametrize(("asked", "found"), [
    ({"country": "AE"}, ["dubai_az1", "dubai_az2"]),
    ({"country": ["AE", "PT"]}, ["dubai_az1", "dubai_az2", "sines"]),
    ({"kind": "feed", "grid": "ERCOT"}, ["feed:abilene", "feed:temple"]),
    ({"cloud_region": "aws/us-east-2"}, ["columbus"]),
    ({"cloud": "aws"}, ["ashburn", "columbus", "dubai_az1", "dubai_az2"]),
    ({"cloud": "aws", "country": "US"}, ["ashburn", "columbus"]),
    ({"kind": "cloud_region", "cloud": "google_cloud"}, ["cloud_region:google_cloud/me-central1"]),
    ({"kind": "grid", "theatre": "gulf"}, ["grid:DEWA", "grid:KAHRAMAA"]),
    ({"interconnection": "TEXAS"}, ["abilene", "temple"]),
    ({"kind": "interconnection", "country": "PT"}, ["interconnection:CONTINENTAL_EUROPE"]),
    ({"kind": "cloud"}, ["cloud:aws", "cloud:google_cloud"]),
    ({"grid": "NOWHERE"}, []),
    ({"under_construction_after": "2026-01-01"}, []),
])
def test_selectors_on_a_small_world(asked, found):
    assert select(build_world(), asked) == found


@pytest.mark.parametrize(("chips", "asked", "found"), [
    ("X", {"chips_from": "Taiwan"}, ["a"]), ("Y", {"chips_from": "Taiwan"}, []),
    ("Y;X", {"chips_from": "Taiwan"}, ["a"]), ("", {"chips_from": "Taiwan"}, ["a"]),
    ("X;Y", {"chip_family": "Y"}, ["a"]), ("X", {"chip_family": ["Y", "Z"]}, []),
    ("", {"under_construction_after": "2027-05-31"}, ["a"]),
    ("", {"under_construction_after": "2027-06-01"}, []),
])
def test_selectors_of_chips_and_of_what_is_being_built(chips, asked, found):
    assert select(growing_world(chip_family=chips), asked) == found


def test_selectors_in_words():
    assert describe_selector({"kind": "gas"}) == "every gas"
    assert describe_selector({"kind": "feed", "grid": ["A", "B"], "country": "US"}) == (
        "feed of sites with grid A or B and country US")


def test_what_finds_nothing_is_told_and_is_no_error():
    data = sound()
    data["events"][0]["outages"][0]["hits"] = {"country": "FR"}
    resolved = read_scenario(data).resolve(build_world())
    assert resolved.finds_nothing[0] == "sites with country FR: finds nothing in this world"
    losses = rm.stress(build_world(), read_scenario(data))
    assert losses.years.empty
    assert losses.manifest["scenario"]["finds_nothing"] == list(resolved.finds_nothing)


def test_a_node_that_is_not_there_is_an_error_with_the_nearest_name():
    data = sound()
    row = data["events"][0]["outages"][0]
    del row["hits"]
    row["node"] = "grid:ERCTO"
    with pytest.raises(rm.RiskModelError, match=r"scenario 'try'.*'grid:ERCTO'.*mean 'grid:ERCOT'"):
        read_scenario(data).events(build_world())


# ---------------------------------------------------------------- files


def outage(**changes):
    return lambda data: data["events"][0]["outages"][0].update(changes)


def top(**changes):
    return lambda data: data.update(changes)


@pytest.mark.parametrize(("harm", "key", "mend"), [
    (top(id="My try"), "id is 'My try'", "joined by hyphens"),
    (top(story=""), "story is not there", "give it as text"),
    (top(story="One.\n\nTwo."), "story has an empty line", "one paragraph"),
    (top(storey="x"), "storey is not a key", "did you mean 'story'?"),
    (top(confidence="certain"), "confidence is 'certain'", "high, medium, low"),
    (top(does_not_cover=[]), "does_not_cover is not there", "list in sentences"),
    (top(world_as_of="soon"), "world_as_of is 'soon'", "2026-10-01"),
    (top(events=[]), "events is not there", "[[events]]"),
    (top(sources={}), "sources is not there", "[sources.KEY]"),
    (lambda d: d.pop("begins"), "begins is not there", 'begins = "2026-12-01"'),
    (lambda d: d["sources"]["a"].pop("url"), "sources.a lacks url", "url"),
    (lambda d: d["sources"].update(b=dict(d["sources"]["a"])), "sources.b is named by no",
     "take it out"),
    (lambda d: d["events"][0].update(peril="strike"), "events[0].peril", "say which"),
    (lambda d: d["events"][0].pop("peril"), "events[0].peril is not there", "grid_outage"),
    (lambda d: d["events"].append({"peril": "fire"}), "events[1] hits nothing", "outages"),
    (outage(start_h=-3), "events[0].outages[0].start_h is -3", "a number from 0"),
    (outage(depth=1.5), "events[0].outages[0].depth is 1.5", "above 0 to 1"),
    (outage(depth=float("nan")), "events[0].outages[0].depth is nan", "above 0 to 1"),
    (outage(duration_h=True), "duration_h is True", "hours"),
    (outage(permanent=True), "needs either duration_h or permanent", "permanent = true"),
    (outage(node="x"), "needs either node", "hits (a selector)"),
    (outage(hits={"grdi": "ERCOT"}), "hits.grdi is not a way to choose", "did you mean 'grid'?"),
    (outage(hits={"grid": 3}), "hits.grid is 3", "give text"),
    (outage(hits={}), "hits is empty", "say what it hits"),
    (outage(every_h=24), "needs every_h and times together", "repeated"),
    (outage(times=0, every_h=1), "times is 0", "a whole number"),
    (outage(source=""), "events[0].outages[0].source is not there", "[sources]"),
    (outage(source="b"), "source names 'b'", "not in [sources]"),
    (outage(source="judgement"), "events[0].outages[0].note is not there", "what it rests on"),
    (lambda d: d["events"][0]["delays"][0].update(share=0), "delays[0].share is 0", "above 0 to 1"),
    (lambda d: d["events"][0]["delays"][0].pop("lead_days"), "lead_days is not there", "give days"),
])
def test_a_faulty_file_says_where_and_what_to_do(harm, key, mend, tmp_path):
    data = copy.deepcopy(sound())
    assert scenario_problems(data) == []
    harm(data)
    with pytest.raises(rm.RiskModelError) as caught:
        read_scenario(data, str(tmp_path / "try.toml"))
    told = str(caught.value)
    assert "try.toml: " in told
    line = next(line for line in told.splitlines() if key in line)
    assert mend in line


def test_all_faults_come_at_once():
    data = sound()
    data["events"][0]["outages"][0].update(start_h=-1, depth=2)
    data["confidence"] = ""
    with pytest.raises(rm.RiskModelError, match="3 problems"):
        read_scenario(data)


def test_files_of_ones_own(tmp_path):
    path = tmp_path / "try.toml"
    path.write_text(SOUND, encoding="utf-8")
    assert rm.load_scenario(path).name == "A try"
    assert rm.load_scenario(str(path)).scenario_id == "try"
    other = tmp_path / "other.toml"
    other.write_text(SOUND, encoding="utf-8")
    with pytest.raises(rm.RiskModelError, match="make them agree"):
        rm.load_scenario(other)
    path.write_text("id = \n", encoding="utf-8")
    with pytest.raises(rm.RiskModelError, match=r"try.toml, row 1: .*not valid TOML"):
        rm.load_scenario(path)
    with pytest.raises(rm.RiskModelError, match="there is no file"):
        rm.load_scenario(tmp_path / "gone.toml")
    with pytest.raises(rm.RiskModelError, match="did you mean 'taiwan-blockade'"):
        rm.load_scenario("taiwan-blokade")
