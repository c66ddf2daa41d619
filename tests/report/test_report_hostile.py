"""Text from data is never markup, whatever it says and however long it is."""

from __future__ import annotations

import pandas as pd
import pytest
from reading import read, rows, words

import riskmodel as rm
from riskmodel.report.html import render_report
from riskmodel.report.names import clean
from riskmodel.report.page import link
from tests.report.conftest import make_world

SCRIPT = "<script>alert(1)</script>"
IMAGE = '"><img src=x onerror=alert(1)>'
FORMULA = "=cmd|' /C calc'!A0"
TURNED = "abc\u202egnp.exe"
LONG = "x" * 10_000


def hostile_world() -> rm.World:
    labs = {SCRIPT: SCRIPT, IMAGE: IMAGE, FORMULA: LONG}
    base = make_world(labs)
    events = base.events.assign(region=[SCRIPT, IMAGE, TURNED, LONG],
                                peril=[SCRIPT, IMAGE, "fire", "raid"])
    sites = base.sites.assign(name=[SCRIPT, IMAGE, TURNED, LONG],
                              grid_region=[SCRIPT, IMAGE, TURNED, LONG],
                              source_urls=["javascript:alert(1)", f"https://a.b/{IMAGE}", SCRIPT,
                                           LONG])
    return make_world(labs, events=events, sites=sites)


@pytest.mark.parametrize("sites", [False, True])
def test_hostile_names_do_no_harm(sites):
    world = hostile_world()
    page = render_report(rm.simulate(world, years=300, seed=1), sites=sites, title=SCRIPT)
    reader = read(page)
    tags = {tag for tag, _ in reader.elements}
    assert not tags & {"script", "img", "iframe"}
    for _, attrs in reader.elements:
        assert not any(name.startswith("on") for name in attrs)
        assert not attrs.get("href", "").lower().startswith("javascript")
    assert SCRIPT in words(page)  # it is shown, as text
    assert "\u202e" not in page
    assert LONG not in page
    assert len(page) < 5_000_000


def test_a_hostile_story_does_no_harm():
    world = hostile_world()
    story = rm.stress(world, [rm.Event(SCRIPT, IMAGE, [rm.OwnOutage("tex", 0, 96, 0.7)],
                                       event_id=SCRIPT, campaign_id=IMAGE)])
    assert not {tag for tag, _ in read(render_report(story)).elements} & {"script", "img"}


def test_links_that_are_not_web_addresses_stay_text():
    assert str(link("javascript:alert(1)")) == "javascript:alert(1)"
    assert str(link('https://a.b/"x')) == ('<a href="https://a.b/&#34;x" '
                                           'rel="noopener noreferrer">https://a.b/&#34;x</a>')


def test_clean_takes_out_what_cannot_be_seen():
    assert clean("a\u202eb\x00c\n d") == "a b c d"
    assert len(clean(LONG)) < 100


def test_very_many_labs_stay_readable_and_small():
    count = 1000
    labs = pd.DataFrame({"lab_id": [f"lab{i}" for i in range(count)], "needed_share": 0.8})
    sites = pd.DataFrame({"site_id": [f"s{i}" for i in range(count)], "lat": 40.0, "lon": -100.0,
                          "it_mw": 1.0 + (pd.RangeIndex(count) % 7)})
    holdings = pd.DataFrame({"lab_id": labs["lab_id"], "site_id": sites["site_id"], "share": 1.0})
    nodes = pd.DataFrame({"node_id": ["g"], "kind": ["grid"]})
    needs = pd.DataFrame({"node_id": sites["site_id"], "group": "power", "member_id": "g"})
    events = make_world().events.iloc[:1].assign(node_id="g")
    world = rm.World.from_frames(sites=sites, labs=labs, holdings=holdings, nodes=nodes,
                                 requirements=needs, events=events)
    losses = rm.simulate(world, years=120, seed=1, adequacy=False)
    page = render_report(losses)
    assert len(page) < 5_000_000
    assert "The 100 labs with the largest losses of 1000" in words(page)
    aal = rm.measure(losses, by="total", measures="aal")["value"].iloc[0]
    assert sum(row[0] for row in rows(page, "by-lab")) == pytest.approx(aal, rel=1e-9)
