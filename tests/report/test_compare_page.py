"""The page of a comparison: what changes, for whom, and no harm in names."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

import riskmodel as rm
from riskmodel.report.compare_page import render_comparison
from riskmodel.report.difference_figure import COLOURS, difference_lines
from riskmodel.report.names import Names
from tests.engine.small import table, world
from tests.report.reading import read, words

SCRIPT = "<script>alert(1)</script>"
IMAGE = '"><img src=x onerror=alert(1)>'
EVENTS = table({"event_id": "s", "node_id": "s", "rate_per_yr": 2.0, "probability": 0.8,
                "duration_dist": "exponential", "duration_h": 50.0},
               {"event_id": "t", "node_id": "t", "rate_per_yr": 0.2})


def small(one: str = "x", two: str = "y") -> rm.World:
    return world(sites=("s", "t"), events=EVENTS, labs={one: 0.8, two: 0.8},
                 holdings=[(one, "s", 1.0), (two, "t", 1.0)])


def page(of: rm.World, lab: str, *, worlds: int = 1, sites: bool = False) -> str:
    runs = [rm.simulate(each, 400, 2, worlds=worlds) for each in (
        of, of.move(lab, 30, "s", "t"))]
    change = {"kind": "move", "lab": lab, "mw": 30.0, "from_site": "s", "to_site": "t"}
    return render_comparison(rm.compare(*runs, level=0.9), base=SCRIPT, other="b",
                             changes=[change], facts=runs[0].manifest, names=Names(of, sites))


def test_it_tells_who_changes_and_how():
    text = words(page(small(), "x"))
    assert "x: average annual loss falls from" in text
    assert "Nothing changes for y." in text
    assert "30 MW of x from a site to a site." in text
    assert "Nothing here has a cost" in text
    assert "30 MW of x from s to t." in words(page(small(), "x", sites=True))


def test_bands_have_a_column_of_their_own():
    assert "Between worlds" in words(page(small(), "x", worlds=10))
    assert "Between worlds" not in words(page(small(), "x"))


def test_nothing_is_said_where_nothing_changes():
    run = rm.simulate(small(), 300, 2)
    text = words(render_comparison(rm.compare(run, run, level=0.9), base="a", other="a",
                                   facts=run.manifest, names=Names(run.world)))
    assert "Nothing changes for any lab." in text


def test_hostile_names_do_no_harm():
    hostile = small(SCRIPT, IMAGE)
    hostile = replace(hostile, sites=hostile.sites.assign(name=[SCRIPT, IMAGE]))
    reader = read(page(hostile, SCRIPT, sites=True))
    assert not {tag for tag, _ in reader.elements} & {"script", "img"}
    for _, attrs in reader.elements:
        assert not any(name.startswith("on") for name in attrs)
    ids = [attrs["id"] for _, attrs in reader.elements if "id" in attrs]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("verdict", list(COLOURS))
def test_the_figure_puts_zero_in_the_middle(verdict):
    row = {"name": "x", "difference": -1.0, "low": -2.0, "high": 0.5, "verdict": verdict}
    drawn = str(difference_lines([row], key="k", title="AAL", unit="MW-days"))
    assert f'class="whisker {COLOURS[verdict]}"' in drawn
    frame = pd.Series([float(part.split('"')[0]) for part in drawn.split('x1="')[1:]])
    assert frame.nunique() > 4
    assert 'aria-labelledby="k-t"' in drawn
    hidden = difference_lines([row | {"low": float("nan"), "high": float("nan")}], key="k",
                              title="AAL", unit="MW-days")
    assert "whisker" not in str(hidden)
