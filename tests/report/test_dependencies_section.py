"""The report's picture of what a lab hangs on: shares by hand, losses that add up, no sites."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from reading import read, words

import riskmodel as rm
from riskmodel.report import dependencies
from riskmodel.report.context import Context
from riskmodel.report.dependency_figure import dependency_figure
from riskmodel.report.dependency_picture import drawing
from riskmodel.report.html import render_report
from tests.report.conftest import make_world


@pytest.fixture(scope="module")
def run() -> rm.Losses:
    world = make_world()
    return rm.simulate(world, years=300, seed=1)


def table(body: str, lab: str) -> dict[str, list[float]]:
    """Return name -> share and loss of the table of one lab."""
    part = body[body.index(f'hangs-table" data-lab="{lab}"'):]
    part = part[:part.index("</table>")]
    return {re.sub("<.*?>", "", row.split("</th>")[0]).split(">")[-1]:
            [float(each) for each in re.findall(r'<data value="([^"]*)"', row)]
            for row in part.split('<th scope="row">')[1:]}


def test_shares_are_those_of_capacity_and_losses_add_up(run):
    body = str(dependencies.build(Context(run, run.world)).body)
    # beta: all 40 MW of Ohio and a quarter of the 100 MW of Texas
    rows = table(body, "beta")
    assert {name: row[0] for name, row in rows.items()} == pytest.approx({
        "a site in PJM": 40 / 65, "a site in ERCOT": 25 / 65, "PJM grid": 40 / 65,
        "ERCOT grid": 25 / 65})
    aal = rm.measure(run, measures="aal").set_index("lab")["value"]
    for lab in ("alpha", "beta"):
        assert sum(row[1] for row in table(body, lab).values()) == pytest.approx(aal[lab])
    by_node = rm.contributions(run, by="node", lab="beta").set_index("node")["value"]
    assert rows["ERCOT grid"][1] == pytest.approx(by_node["grid:ERCOT"])
    assert "&plusmn;" in body or "±" in body


def test_the_picture_has_a_box_a_row_and_a_text_for_screen_readers(run):
    made = drawing(run.world, "beta")
    picture = str(dependency_figure(made, key="k"))
    read(picture)  # closed in order
    assert picture.count("<rect") == len(made.boxes) == 4
    assert picture.count("<path") == len(made.bands) == 2
    assert "<title" in picture
    assert 'role="img"' in picture
    assert "PJM grid 62" in picture  # in words, for who cannot see it
    tops = [float(each) for each in re.findall(r'<rect[^>]* height="([\d.]+)"', picture)]
    assert max(tops) / min(tops) == pytest.approx(40 / 25, rel=0.02)


def test_sites_are_named_only_where_asked_for(run):
    for sites in (False, True):
        body = str(dependencies.build(Context(run, run.world, sites=sites)).body)
        assert ("Texas Secret Hall" in body) is sites


def test_one_lab_and_a_lab_that_holds_nothing(run):
    page = render_report(run, sections=["dependencies"], lab="beta")
    assert "What Beta &amp; Co hangs on" in page
    assert 'data-lab="alpha"' not in page
    told = words(render_report(run, sections=["dependencies"], lab="idle"))
    assert "cannot be given here" in told


def test_very_many_things_go_into_the_table_and_not_into_the_picture():
    world, n = make_world(), 90
    sites = pd.DataFrame({"site_id": [f"s{i}" for i in range(n)], "lat": 40.0, "lon": -83.0,
                          "it_mw": 10.0, "name": [f"Hall {i}" for i in range(n)]})
    world = rm.World.from_frames(
        as_of="2026-11-23", sites=sites, labs=world.labs, nodes=world.nodes,
        requirements=pd.DataFrame({"node_id": sites["site_id"], "group": "power",
                                   "member_id": "grid:PJM"}),
        holdings=pd.DataFrame({"lab_id": "alpha", "site_id": sites["site_id"], "share": 1.0}),
        events=make_world().events.query("node_id == 'grid:PJM'"))
    body = str(dependencies.build(Context(rm.simulate(world, years=50, seed=1), world,
                                          sites=True)).body)
    assert "91 things by name are too many for a picture" in words(body)
    assert "<svg" not in body
    assert "And 31 more" in words(body)


def test_without_a_world_the_section_says_so(run):
    assert "was not given" in str(dependencies.build(Context(run, None)).body)
