"""Which site felt a loss, and who supplied what failed: split exactly, and nothing left out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import riskmodel as rm
from riskmodel.engine.losses.courses import site_courses
from riskmodel.engine.plan.held import held_mw
from riskmodel.measures.supplied import EQUIPMENT
from riskmodel.world.suppliers import COUNTRY, ITSELF, LOCAL, NOT_NAMED, Suppliers
from tests.engine.small import hit, lab_per_site, table, world
from tests.engine.unsure import Sampled, Storms, spec_of, stated

EVENTS = table({"event_id": "flood", "peril": "flood", "node_id": "t", "rate_per_yr": 2.0,
                "duration_h": 700.0, "depth": 0.6, "duration_dist": "exponential"},
               {"event_id": "gale", "peril": "gale", "node_id": "g", "rate_per_yr": 3.0,
                "duration_h": 500.0, "duration_dist": "exponential"},
               {"event_id": "fire", "peril": "flood", "node_id": "s", "rate_per_yr": 2.0,
                "duration_h": 400.0, "duration_dist": "exponential"})
NEEDS = (("s", "power", "g", {"ride_through_h": 6.0}), ("t", "power", "g", {"share": 0.5}))
SPLITS = (["site"], ["site", "peril"], ["lab", "site"], ["node", "site", "event"],
          ["supplier"], ["supplier", "site"], ["peril", "supplier", "lab"])


def shared(**more):
    return world(*NEEDS, sites=("s", "t", "u"), labs={"a": 0.7, "b": 0.4},
                 holdings=[("a", "s", 0.5), ("a", "t", 1.0), ("a", "u", 0.2), ("b", "s", 0.5)],
                 **more)


@pytest.fixture(scope="module", params=["one world", "three worlds", "calendar"])
def run(request):
    if request.param == "three worlds":
        perils = [Storms(spec_of("squall", stated(1.0, 3.0, 9.0), stated(2.0, 90.0, 500.0, "h")),
                         "g"), Sampled(spec_of("blaze", stated(0.1, 0.3, 0.9, "share")), "t"),
                  "flood"]
        of = shared(events=EVENTS)
        of = replace(of, holdings=of.holdings.assign(probability=[0.8, 0.6, 1.0, 0.7]))
        return rm.simulate(of, 240, 5, perils=perils, worlds=3, adequacy=False)
    booking = "calendar" if request.param == "calendar" else "occurrence"
    return rm.simulate(shared(events=EVENTS), 240, 5, booking=booking, adequacy=False)


@pytest.mark.parametrize("split", SPLITS, ids="+".join)
def test_the_parts_add_up(run, split):
    for lab in (None, "a", "unknown"):
        for measure, level in (("aal", None), ("tvar", 0.95)):
            whole = rm.measure(run, by="lab" if lab else "total", measures=measure,
                               levels=level or 0.5)
            value = whole[whole["lab"] == (lab or "total")]["value"].item()
            frame = rm.contributions(run, measure, level, by=split, lab=lab)
            assert frame["value"].sum() == pytest.approx(value, rel=1e-9, abs=0)
            assert value == 0 or (frame["se"] > 0).any()


def test_a_site_feels_what_its_course_says(run):
    courses = site_courses(run, booking=run.booking)
    unit = courses.unit_losses().toarray()
    held = held_mw(run, "a", courses.sites)[np.arange(run.n_years) % run.worlds]
    expected = dict(zip(courses.sites, (unit * held).sum(axis=0) / run.n_years, strict=True))
    frame = rm.contributions(run, by="site", lab="a")
    found = dict.fromkeys(courses.sites, 0.0) | dict(
        zip(frame["site"], frame["value"], strict=True))
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_a_site_feels_what_a_lab_of_its_own_would_lose():
    of = lab_per_site(*NEEDS, sites=("s", "t", "u"), events=EVENTS)
    losses = rm.simulate(of, 300, 2, adequacy=False)
    by_site = rm.contributions(losses, "tvar", 0.95, by=["site", "peril", "node"])
    by_lab = rm.contributions(losses, "tvar", 0.95, by=["lab", "peril", "node"])
    by_lab["site"] = by_lab["lab"].str.removeprefix("lab ")
    keys = ["site", "peril", "node"]
    pd.testing.assert_frame_equal(
        by_site.sort_values(keys, ignore_index=True)[[*keys, "value", "se"]],
        by_lab.sort_values(keys, ignore_index=True)[[*keys, "value", "se"]])


def test_the_first_years_of_a_run_can_be_split_too():
    whole = rm.simulate(shared(events=EVENTS), 240, 5, adequacy=False)
    some = replace(whole, n_years=100, **{name: getattr(whole, name)[
        getattr(whole, name)["year"] < 100] for name in ("years", "causes")})
    short = rm.simulate(shared(events=EVENTS), 100, 5, adequacy=False)
    pd.testing.assert_frame_equal(rm.contributions(some, by=["site", "supplier"]),
                                  rm.contributions(short, by=["site", "supplier"]))


def test_a_run_read_from_a_folder_needs_its_world(tmp_path):
    of = shared(events=EVENTS)
    losses = rm.simulate(of, 50, 5, adequacy=False)
    read = rm.read_losses(losses.to_parquet(tmp_path))
    for split in ("site", "supplier"):
        with pytest.raises(rm.RiskModelError, match="world"):
            rm.contributions(read, by=split)
        pd.testing.assert_frame_equal(rm.contributions(read, by=split, world=of),
                                      rm.contributions(losses, by=split))
    story = rm.stress(of, hit(("s", 0, 10)))
    with pytest.raises(rm.RiskModelError, match="story"):
        rm.contributions(story, "total", by="site")
    bare = rm.Losses.from_years(pd.DataFrame({"year": [1], "lab": ["x"], "lost_mw_days": [5.0]}), 4)
    with pytest.raises(rm.RiskModelError, match="year table"):
        rm.contributions(bare, by="site")


KINDS = {"feed:f": "feed", "grid:g": "grid", "interconnection:i": "interconnection",
         "plant:s": "plant", "gas:g": "gas", "cloud:c": "cloud", "cloud_region:c/1": "cloud_region",
         "country:X": "country", "theatre:T": "theatre", "operator:o": "operator",
         "corridor:Sea": "corridor", "plant:lone": "plant", "feed:lone": "feed", "dam": "water",
         "zone": "zone", "either": "feed"}
ROWS = [("s", "power", "either"), ("either", "lines", "feed:f"), ("s", "power2", "plant:s"),
        ("feed:f", "grid", "grid:g"), ("grid:g", "system", "interconnection:i"),
        ("plant:s", "fuel", "gas:g"), ("s", "control", "cloud_region:c/1"),
        ("cloud_region:c/1", "provider", "cloud:c"), ("zone", "control", "cloud_region:c/1"),
        ("s", "country", "country:X"), ("country:X", "theatre", "theatre:T"),
        ("s", "operator", "operator:o"), ("s", "backbone", "corridor:Sea"),
        ("u", "power", "plant:lone"), ("t", "power", "feed:lone"), ("t", "water", "dam")]


def hung(**more) -> rm.World:
    """Three sites, one with everything a site can hang on."""
    names = {"cloud:c": "Cloud Co", "operator:o": "Hall Co", "gas:g": "Gas supply, g"}
    return rm.World.from_frames(
        sites=pd.DataFrame({"site_id": ["s", "t", "u", "zone"], "lat": 50.0, "lon": 10.0,
                            "it_mw": 100.0,
                            "operator": ["Other", "Tenant Co (part) / Owner", "", ""],
                            "chip_family": ["H1; T1", "", "X9", ""]}),
        labs=pd.DataFrame({"lab_id": ["lab"], "needed_share": [1.0]}),
        holdings=pd.DataFrame({"lab_id": "lab", "site_id": ["s", "t", "u", "zone"],
                               "share": 1.0}),
        nodes=pd.DataFrame({"node_id": list(KINDS), "kind": list(KINDS.values()),
                            "name": [names.get(node, "") for node in KINDS]}),
        requirements=pd.DataFrame(ROWS, columns=["node_id", "group", "member_id"]),
        chips=pd.DataFrame({"chip_family": ["H1", "T1"], "designer": ["Green", "Blue"]}),
        supply_nodes=pd.DataFrame({"node_id": ["p1", "p2", "p3"], "country_iso2": "TW",
                                   "node_type": ["foundry", "memory", "designer"],
                                   "operator": ["Fab Co", "Memory Co", "Blue"]}), **more)


def test_every_node_has_the_supplier_that_the_rules_say():
    known = Suppliers(hung())
    expected = {
        "s": "Hall Co", "t": "Tenant Co", "u": ITSELF, "zone": "Cloud Co", "feed:f": "g (grid)",
        "either": "g (grid)", "grid:g": "g (grid)", "interconnection:i": "i (interconnection)",
        "plant:s": "Gas supply, g", "gas:g": "Gas supply, g", "cloud:c": "Cloud Co",
        "cloud_region:c/1": "Cloud Co", "country:X": COUNTRY, "theatre:T": COUNTRY,
        "operator:o": "Hall Co", "corridor:Sea": "Sea (network corridor)", "plant:lone": ITSELF,
        "feed:lone": LOCAL, "dam": "dam"}
    assert {node: known.of_node(node) for node in expected} == expected
    assert [known.designers(site) for site in "stu"] == ["Blue / Green", NOT_NAMED, NOT_NAMED]
    assert known.makers("TW", ("foundry", "memory")) == "Fab Co / Memory Co"
    assert known.makers("KR", ("foundry",)) == NOT_NAMED


@pytest.mark.parametrize(("peril", "region", "supplier"), [
    ("load_trip", "here", "g (grid)"), ("cloud_outage", "here", "Cloud Co"),
    ("sanctions_cutoff", "US", "Cloud Co"), ("export_control", "EXPORT_RULES", "Blue / Green"),
    ("chip_supply", "TW", "Fab Co / Memory Co"), ("fire", "here", "Hall Co")])
def test_what_a_site_was_short_of_has_its_own_supplier(peril, region, supplier):
    story = rm.stress(hung(), hit(("s", 0, 24), peril=peril, region=region))
    frame = rm.contributions(story, "total", by="supplier")
    assert frame[["supplier", "value"]].to_numpy().tolist() == [[supplier, 100.0]]


def test_shocks_to_the_supply_of_chips_go_by_their_kind():
    """Of simulated years the number of an event says which kind of shock it was."""
    of = hung()
    kinds = {0: "Fab Co", 1: "Fab Co", 2: "Fab Co / Memory Co", 3: EQUIPMENT}
    years = pd.DataFrame({"year": range(4), "lab": "lab", "lost_mw_days": 1.0,
                          "shortfall_mw_days": 0.0, "max_event_mw_days": 1.0})
    causes = pd.DataFrame({"year": range(4), "event": range(4), "lab": "lab",
                           "peril": "chip_supply", "region": "TW", "node": "s",
                           "lost_mw_days": 1.0})
    events = pd.DataFrame({"event": range(4), "year": range(4),
                           "event_no": [kind * 1_000_000_000 + 7 for kind in kinds]})
    like = rm.simulate(of, 4, 1, perils=[], adequacy=False)
    frame = rm.contributions(replace(like, years=years, causes=causes, events=events),
                             by=["supplier", "event"])
    assert dict(zip(frame["event"], frame["supplier"], strict=True)) == kinds
