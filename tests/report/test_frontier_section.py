"""The report's frontier: its numbers are those of ``spread_frontier``; too few years say so."""

from __future__ import annotations

import pytest
from reading import read, words

import riskmodel as rm
from riskmodel.report import frontier_section
from riskmodel.report.context import Context
from riskmodel.report.html import render_report
from riskmodel.report.spread_figure import spread_figure
from tests.report.conftest import make_world


@pytest.fixture(scope="module")
def run() -> rm.Losses:
    return rm.simulate(make_world(), years=900, seed=1)


def test_the_table_holds_the_numbers_of_spread_frontier(run):
    body = str(frontier_section.build(Context(run, run.world)).body)
    for lab in ("alpha", "beta"):
        row = body[body.index(f'<tr data-lab="{lab}"'):]
        shown = [float(part.split('"')[0]) for part in
                 row[:row.index("</tr>")].split('<data value="')[1:]]
        own, running = (rm.spread_frontier(run, lab, among, level=0.95)
                        for among in ("own", "running"))
        assert shown == pytest.approx([
            own.of("as_is", "aal")[0], own.of("as_is", "tvar")[0],
            own.of("difference", "aal")[0], own.of("difference", "tvar")[0],
            running.of("difference", "aal")[0], running.of("difference", "tvar")[0]])
    assert "450 others" in words(body)


def test_the_picture_says_in_words_what_it_shows(run):
    found = {among: rm.spread_frontier(run, "beta", among, level=0.95)
             for among in ("own", "running")}
    picture = str(spread_figure(found, key="k", name="<b>Beta"))
    read(picture)
    assert "<b>" not in picture
    points = sum(each.splits["limit"].nunique() for each in found.values())
    assert picture.count("<circle") == points + 1
    assert "as it is average" in picture


def test_few_years_an_idle_lab_and_no_world_say_so(run):
    few = rm.simulate(make_world(), years=200, seed=1)
    told = words(str(frontier_section.build(Context(few, few.world)).body))
    assert "200 years are too few" in told
    assert "cannot be given here" in words(render_report(run, sections=["frontier"], lab="idle"))
    assert "was not given" in str(frontier_section.build(Context(run, None)).body)


def test_one_lab(run):
    page = render_report(run, sections=["frontier"], lab="beta")
    assert '<tr data-lab="beta"' in page
    assert '<tr data-lab="alpha"' not in page
