"""The report's table of scenarios and labs holds the numbers of ``stress_table``."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from reading import rows, words

import riskmodel as rm
from riskmodel.report import scenarios
from riskmodel.report.context import Context
from tests.report.conftest import make_world

SCENARIO = """
id = "dark-texas"
name = "Texas <b>dark</b>"
story = "It goes dark."
as_of = 2026-11-24
confidence = "low"
does_not_cover = ["Anything else."]
[sources.a]
title = "A record"
url = "https://example.org/a"
published = 2026-01-01
[[events]]
peril = "storm"
region = "ERCOT"
what = "Dark"
[[events.outages]]
node = "grid:ERCOT"
start_h = 0.0
duration_h = 50.0
depth = 1.0
source = "a"
"""


@pytest.fixture(scope="module")
def own(tmp_path_factory) -> rm.World:
    """The small world, in a folder that holds one scenario of its own."""
    folder = tmp_path_factory.mktemp("world")
    (folder / "scenarios").mkdir()
    (folder / "scenarios" / "dark-texas.toml").write_text(SCENARIO, encoding="utf-8")
    world = make_world()
    object.__setattr__(world, "folder", folder)
    return world


def _of(world: rm.World) -> Context:
    return Context(rm.simulate(world, years=20, seed=1), world)


def test_a_world_of_ones_own_is_played_as_it_stands(own):
    body = str(scenarios.build(_of(own)).body)
    # 50 hours of ERCOT, ridden through for 2: 100 MW for 48 h, 75 alpha's and 25 beta's
    shown = [row.split('"')[0] for row in body.split('data-scenario="')[1:]]
    own_row = rows(body, "suite-table")[shown.index("dark-texas")]
    assert own_row == pytest.approx([200.0, 150.0, 50.0, 0.0])  # nobody is known to hold Dubai
    assert "0.55 %" in body  # 150 of the 75 MW x 365 days of alpha
    assert "<b>dark" not in body
    assert "Texas &lt;b&gt;dark" in body
    assert "as it stands" in body
    assert scenarios.in_short(_of(own)) == [
        "Of 12 scenarios, the costliest would be “Texas <b>dark</b>”: 200 MW-days if it happened, "
        "which says nothing of how often."]
    # what ships names grids that this world does not have
    told = words(body)
    assert "scenarios cannot be played on this world" in told


def test_what_costs_nothing_is_named_and_not_in_the_table():
    context = _of(make_world())
    found = scenarios.played(context)
    total = found.table[found.table["lab"] == "total"]
    free = set(total.loc[total["lost_mw_days"] == 0, "scenario"])
    told = words(str(scenarios.build(context).body))
    assert free
    for name in free:
        assert found.scenarios[name].name in told.partition("Cost nothing here:")[2]


def test_the_shipped_world_gives_the_numbers_of_stress_all():
    world = rm.read_world()
    context = Context(rm.simulate(world, years=5, seed=1, perils=["site_failure"]), world)
    found = scenarios.played(context)
    assert found.own_days
    assert not found.left_out
    expected = rm.stress_table(lambda day: rm.read_world(as_of=day))
    pd.testing.assert_frame_equal(found.table.drop(columns="portfolio"),
                                  expected.drop(columns="portfolio"))
    body = str(scenarios.build(context).body)
    total = expected[expected["lab"] == "total"].sort_values("lost_mw_days", ascending=False,
                                                             kind="stable")
    costly = total[total["lost_mw_days"] > 0]
    assert re.findall(r'data-scenario="([^"]+)"', body) == list(costly["scenario"])
    assert [row[0] for row in rows(body, "suite-table")] == list(costly["lost_mw_days"])


def test_a_shipped_world_that_was_changed_is_played_as_it_stands():
    world = rm.read_world().scale(lab="openai", factor=0.5)
    context = Context(rm.simulate(world, years=5, seed=1, perils=["site_failure"]), world)
    assert not scenarios.played(context).own_days


def test_without_a_world_the_section_says_so():
    losses = rm.simulate(make_world(), years=20, seed=1)
    assert "was not given" in scenarios.build(Context(losses, None)).body
