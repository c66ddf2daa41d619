"""The section on where to put MW: its numbers are the allocation's, and it names no site."""

from __future__ import annotations

import re

import numpy as np
import pytest
from reading import read, words

import riskmodel as rm
from riskmodel.decisions.allocation.check import CHOSEN, FITTED, FRESH, pick
from riskmodel.report.allocation import build, write_allocation
from riskmodel.report.frontier_figure import frontier_figure
from tests.report.conftest import make_world

SECRET = ("tex", "ohio", "dubai", "Secret")


@pytest.fixture(scope="module")
def found():
    world = make_world()
    return rm.allocate(world, "alpha", 50.0, ["tex", "ohio", "dubai"], 0.95, years=800, seed=4,
                       caps={"ohio": 20.0}, max_share={"country": {"US": 0.9}}, shares_of="new",
                       cost={"US": 9.0, "AE": 6.0}, hub="tex", mean_km=9000.0, replicates=3)


@pytest.fixture(scope="module")
def curve(found):
    return rm.frontier(found, "max_share", [0.1, 0.6, 1.0], of="country")


def test_the_numbers_of_the_page_are_those_of_the_allocation(found, curve):
    body = str(build(found, curve).body)
    table = body[body.index('id="allocation-table"'):]
    mw = [float(v) for v in re.findall(r'<data value="([^"]+)"', table[:table.index("</table>")])]
    used = found.table.loc[found.table["mw"] > 0, "mw"]
    assert mw == pytest.approx(sorted(used, reverse=True))
    splits = body[body.index('id="allocation-splits"'):]
    first = re.findall(r'<data value="([^"]+)"', splits)[:2]
    assert [float(v) for v in first] == pytest.approx(
        [pick(found.summary, sample, CHOSEN)[0] for sample in (FITTED, FRESH)])
    assert "One more MW allowed at a site in PJM" in body
    assert "No split keeps: 10 %" in words(body)
    assert words(body).count("at most 90 % in") >= 1


def test_places_go_by_region_unless_sites_are_asked_for(found, curve, tmp_path):
    page = write_allocation(found, tmp_path / "page.html", curve).read_text("utf-8")
    shown = words(page)
    assert not [name for name in SECRET if re.search(rf"\b{name}\b", shown)]
    assert "Where to put 50 MW for Alpha Lab" in shown
    named = words(str(build(found, sites=True).body))
    assert "Ohio Secret Hall" in named
    read(page)


def test_the_figure_holds_every_point_and_says_its_ends(curve):
    drawn = str(frontier_figure(curve, key="f"))
    points = curve.table[curve.table["measure"] == "tvar"]
    assert drawn.count("<circle") == len(points)
    assert "MW-days at 60 %" in drawn
    assert "MW-days at 100 %" in drawn
    heights = [float(y) for y in re.findall(r'cy="([\d.]+)"', drawn)]
    fitted = points.loc[points["sample"] == FITTED, "value"].to_numpy()
    assert np.sign(heights[1] - heights[0]) == -np.sign(fitted[1] - fitted[0])


def test_without_fresh_years_and_replicates_it_still_reads(found):
    world = found.world
    bare = rm.allocate(world, "idle", 5.0, ["tex", "dubai"], 0.9, years=400, seed=4, fresh=False,
                       replicates=0)
    shown = words(str(build(bare).body))
    assert "Not checked on fresh years" in shown
    assert "Where the lab is today" not in shown
    assert "nan" not in shown.lower().split()
