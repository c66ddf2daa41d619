"""The page of a suite: its numbers are the suite's, and it names no site unless asked."""

from __future__ import annotations

import copy
import re

import numpy as np
import pytest
from reading import read, words

import riskmodel as rm
from riskmodel.decisions.stress.suite import Suite, stress_suite
from riskmodel.perils.scenarios import read_scenario
from riskmodel.report.course import picture
from riskmodel.report.heat import SHADES, shade
from riskmodel.report.suite_page import render_suite, write_suite
from tests.report.conftest import make_world

SCRIPT = "<script>alert(1)</script>"
IMAGE = '"><img src=x onerror=alert(1)>'
TURNED = "abc\u202egnp.exe"

DATA = {
    "id": "try", "name": "A try & more", "story": "It goes dark.", "as_of": "2026-11-24",
    "confidence": "low", "does_not_cover": ["Anything else."],
    "sources": {"a": {"title": "A record", "url": "https://example.org/a",
                      "published": "2026-01-01"}},
    "events": [{"peril": "grid_outage", "region": "ERCOT", "what": "Dark", "outages": [
        {"node": "tex", "start_h": 0.0, "duration_h": 48, "depth": 1.0, "source": "a",
         "part": "hall"},
        {"hits": {"country": "FR"}, "start_h": 0.0, "permanent": True, "depth": 0.5,
         "source": "judgement", "note": "A guess."}]}]}


@pytest.fixture(scope="module")
def shipped() -> Suite:
    return stress_suite(lambda day: rm.read_world(as_of=day))


def test_every_cell_is_the_suites_number(shipped):
    page = render_suite(shipped)
    table = page[page.index('id="suite-table"'):page.index("</table>")]
    labs = re.findall(r'data-lab="([^"]+)"', table)
    found = shipped.table.set_index(["scenario", "lab"])
    for row in re.findall(r'<tr data-scenario="(.*?)</tr>', table, re.S):
        name = row.partition('"')[0]
        values = [float(v) if v else np.nan for v in re.findall(r'<data value="([^"]*)"', row)]
        expected = [found.loc[name, lab] for lab in ("total", *labs)]
        assert values == pytest.approx(
            [each["lost_mw_days"] if each["capacity_mw"] > 0 else np.nan for each in expected],
            nan_ok=True, abs=1e-9)
        assert found.loc[name, "total"]["world_as_of"] in row
        shades = [int(s) for s in re.findall(r'class="h(\d)', row)]
        assert shades == [shade(0.0 if np.isnan(value) else value) for value in values]
    assert len(labs) >= 10
    assert labs[-1] == "unknown"


def test_each_scenario_tells_its_story_and_what_it_leaves_out(shipped):
    shown = words(render_suite(shipped))
    for played in shipped.played:
        scenario = played.scenario
        for text in (scenario.name, scenario.story, *scenario.does_not_cover,
                     *(source["title"] for source in scenario.sources.values()),
                     *played.finds_nothing):
            assert " ".join(text.split()) in shown


def test_the_page_is_whole_and_asks_nothing_of_the_network(shipped, tmp_path):
    page = write_suite(shipped, tmp_path / "report.html").read_text("utf-8")
    reader = read(page)
    assert not {tag for tag, _ in reader.elements} & {"script", "img", "iframe", "object"}
    ids = [attrs["id"] for _, attrs in reader.elements if attrs.get("id")]
    assert len(ids) == len(set(ids))
    targets = {attrs["href"][1:] for _, attrs in reader.elements
               if attrs.get("href", "").startswith("#")}
    assert targets <= set(ids)
    assert "url(" not in reader.style
    assert len(page) < 400_000


def test_no_single_site_is_named_unless_asked(shipped):
    names = {str(value) for played in shipped.played for column in ("site_id", "name")
             for value in played.world.sites[column] if len(str(value)) > 3}
    plain, named = words(render_suite(shipped)), words(render_suite(shipped, sites=True))
    assert not {name for name in names if name in plain}
    assert {name for name in names if name in named}


def test_shades_are_powers_of_ten():
    assert [shade(value) for value in (0.0, 0.99, 1.0, 9.9, 10.0, 1e5, 1e9)] == [
        0, 0, 1, 1, 2, len(SHADES), len(SHADES)]


def test_hostile_texts_do_no_harm():
    data = copy.deepcopy(DATA)
    data.update(name=SCRIPT, story=SCRIPT + TURNED, does_not_cover=[IMAGE])
    data["sources"]["a"].update(title=IMAGE, url="javascript:alert(1);https://a.b/" + IMAGE)
    data["events"][0].update(what=IMAGE, region=SCRIPT)
    data["events"][0]["outages"][0].update(part=SCRIPT, note=IMAGE)
    data["events"][0]["outages"][1].update(note=SCRIPT, hits={"country": [SCRIPT]})
    labs = {SCRIPT: SCRIPT, IMAGE: IMAGE, "idle": "x" * 5000}
    suite = stress_suite(make_world(labs), [read_scenario(data)])
    suite = Suite(suite.played, suite.table, {SCRIPT: IMAGE})
    page = render_suite(suite)
    reader = read(page)
    assert not {tag for tag, _ in reader.elements} & {"script", "img"}
    for _, attrs in reader.elements:
        assert not any(name.startswith("on") for name in attrs)
        assert not attrs.get("href", "").lower().startswith("javascript")
    assert SCRIPT in words(page)
    assert "\u202e" not in page


def test_a_story_that_costs_nothing_says_so():
    data = copy.deepcopy(DATA)
    del data["events"][0]["outages"][0]
    data["events"][0]["outages"][0]["source"] = "a"
    page = words(render_suite(stress_suite(make_world(), [read_scenario(data)])))
    assert "Nothing is lost in this world." in page
    assert "sites with country FR: finds nothing in this world" in page


def test_an_empty_suite_is_still_a_page():
    page = render_suite(stress_suite(make_world(), []))
    assert "0 scenarios" in words(page)


def test_the_picture_keeps_order_in_time():
    drawn = str(picture([(0.0, 10.0), (3.0, 4.0), (800.0, 0.0)], key="k", name="x"))
    line = re.findall(r'd="M([^"Z]+)"', drawn)[-1]
    across = [float(point.split(",")[0]) for point in line.split()]
    assert across == sorted(across)
    assert "At most 10 MW" in drawn
