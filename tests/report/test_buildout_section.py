"""The build-out on the page: the numbers of the frames, and no site or deal by name."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest

import riskmodel as rm
from riskmodel.report.buildout import build, largest, write_build_out
from riskmodel.report.context import Context
from riskmodel.report.names import Names


@pytest.fixture(scope="module")
def shipped():
    return rm.read_world()


@pytest.fixture(scope="module")
def page(shipped, tmp_path_factory) -> tuple[str, dict]:
    layers = rm.build_out(shipped, every="year")
    labs = largest(layers, 3)
    drawn = rm.draw_build_out(shipped, labs, draws=200, seed=7, every="year")
    suppliers = rm.supply_dependence(shipped, labs)
    path = write_build_out(shipped, layers, drawn, suppliers,
                           tmp_path_factory.mktemp("page") / "page.html")
    return path.read_text("utf-8"), {"layers": layers, "labs": labs, "suppliers": suppliers,
                                     "causes": rm.build_out_causes(shipped, drawn=drawn)}


def table(text: str, name: str) -> list[list[float]]:
    """Return the full numbers of each row of a table."""
    body = text[text.index(f'id="{name}"'):].split("</table>")[0]
    return [[float(value) for value in re.findall(r'<data value="([^"]+)"', row)]
            for row in re.findall(r"<tr data-lab.*?</tr>", body, re.S)]


def test_layers_are_those_of_the_frame(page):
    text, frames = page
    rows = table(text, "build-out-layers")
    assert len(rows) == 2 * len(frames["labs"])
    counted = frames["layers"][frames["layers"]["counted"].astype(bool)]
    first = counted[(counted["lab"] == frames["labs"][0]) & (counted["date"] == "2026-11-23")]
    assert rows[0][:5] == first["it_mw"].tolist()
    assert rows[0][5] == pytest.approx(sum(rows[0][:5]))


def test_causes_are_those_of_the_frame_on_the_worst_year_end(page):
    text, frames = page
    day = re.search(r"MW missing on (\S+) on", text)[1]
    causes = frames["causes"]
    mine = causes[(causes["lab"] == frames["labs"][0]) & (causes["date"] == day)]
    assert table(text, "build-out-causes")[0][1:] == mine["value"].tolist()
    ends = causes[(causes["cause"] == "all shocks")].groupby("date")["value"].sum()
    assert ends[day] == ends.max()


def test_suppliers_are_those_of_the_frame(page):
    text, frames = page
    mine = frames["suppliers"]
    mine = mine[(mine["lab"] == frames["labs"][0]) & (mine["layer"] == "energised")]
    nvidia = mine[(mine["role"] == "designer") & (mine["supplier"] == "NVIDIA")]["value"].iat[0]
    assert table(text, "build-out-suppliers")[0][1] == nvidia


def test_no_site_and_no_deal_is_named(page, shipped):
    text = page[0]
    for name in [*shipped.sites["site_id"], *shipped.deals["deal_id"]]:
        assert name not in text


def test_every_lab_has_a_fan_that_says_what_it_shows(page):
    text, frames = page
    assert text.count('class="chart"') == len(frames["labs"])
    assert len(re.findall(r"on the last day planned [\d,.]+ MW", text)) == len(frames["labs"])


def test_without_a_world_or_a_date_the_section_says_why(shipped):
    losses = SimpleNamespace(seed=1)
    bare = Context(losses, None)
    assert "no world" in str(build(bare).body)
    dateless = SimpleNamespace(world=None, losses=losses, names=Names(None))
    assert build(dateless).key == "build-out"
