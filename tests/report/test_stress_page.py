"""The page of stress tests: every number is the frames', names are no sites, texts do no harm."""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from reading import read, words

import riskmodel as rm
from riskmodel.decisions.stress.suite import stress_suite
from riskmodel.perils.scenarios import read_scenario
from riskmodel.report.mildest_figure import Curve, mildest_figure
from riskmodel.report.stress_page import render_stress, write_stress
from tests.report.conftest import make_world

SCRIPT = "<script>alert(1)</script>"
DATA = {
    "id": "try", "name": "A try", "story": "It goes dark.", "as_of": "2026-11-24",
    "confidence": "low", "does_not_cover": ["Anything else."],
    "sources": {"a": {"title": "A record", "url": "https://example.org/a",
                      "published": "2026-01-01"}},
    "events": [{"peril": "grid_outage", "region": "ERCOT", "outages": [
        {"node": "tex", "start_h": 0.0, "duration_h": 48, "depth": 1.0, "source": "a"}]}]}


@pytest.fixture(scope="module")
def world() -> rm.World:
    return make_world()


@pytest.fixture(scope="module")
def portfolios(world):
    lab = world.effective_holdings().iloc[0]["lab_id"]
    return {"as it is": world, f"half of {SCRIPT}": world.scale(0.5, lab=lab)}


@pytest.fixture(scope="module")
def parts(world, portfolios):
    """What one command may ask for, all at once."""
    told = [read_scenario(DATA)]
    node = world.all_nodes[world.all_nodes["kind"] == "grid"]["node_id"].iloc[0]
    grid = rm.Grid(where=[node, "site@*"], duration_h=[4, 96], depth=[0.5, 1.0],
                   peril="grid_outage")
    lab = world.labs["lab_id"].iloc[0]
    families = [[node, "tex"], told, "grid"]
    return {"suite": stress_suite(world, told), "table": rm.stress_table(portfolios, told),
            "grids": [rm.stress_grid(portfolios, grid)], "worlds": portfolios,
            "reverse": [(name, rm.reverse_stress(each, lab, 0.2, 1.0, family=family))
                        for family in families for name, each in portfolios.items()]}


@pytest.fixture(scope="module")
def page(parts) -> str:
    return render_stress(**parts)


def section(page: str, key: str) -> str:
    return page[page.index(f'<section id="{key}"'):].partition("</section>")[0] + "</section>"


def values(text: str) -> list[float]:
    return [float(v) if v else np.nan for v in re.findall(r'<data value="([^"]*)"', text)]


def test_portfolios_side_by_side(page, parts):
    told = section(page, "portfolios")
    total = parts["table"].query("lab == 'total'").set_index("portfolio")["lost_mw_days"]
    first = told[told.index('id="portfolio-table"'):].partition("</table>")[0]
    assert values(first) == pytest.approx(total.tolist())
    change = total.iloc[1] / total.iloc[0] - 1
    assert f"{100 * change:+.3g} %".replace("-", "−") in first
    tables = re.findall(r'<table class="heat" data-portfolio.*?</table>', told, re.S)
    assert len(tables) == 2
    labs = re.findall(r'data-lab="([^"]+)"', tables[0])
    by_portfolio = parts["table"].groupby("portfolio", sort=False)
    for (_, mine), drawn in zip(by_portfolio, tables, strict=True):
        lost = mine.set_index("lab")["lost_mw_days"]
        assert values(drawn) == pytest.approx(lost[["total", *labs]].tolist())


def test_every_cell_of_the_grid_is_the_frames(page, parts):
    told = section(page, "grid-1")
    grid = parts["grids"][0].query("lab == 'total'")
    tables = re.findall(r'<table class="heat" data-where="([^"]+)".*?</table>', told, re.S)
    assert len(tables) == 2 * len(parts["worlds"])
    drawn = [values(each) for each in
             re.findall(r'<table class="heat" data-where.*?</table>', told, re.S)]
    keys = ["portfolio", "where"]
    expected = [part.sort_values(["depth", "duration_h"])["lost_mw_days"].tolist()
                for _, part in grid.groupby(keys, sort=False)]
    assert drawn == [pytest.approx(each) for each in expected]


def test_reverse_questions_are_told_and_drawn(page, parts):
    told = section(page, "reverse")
    assert told.count('class="said"') == len(parts["reverse"])
    severities = [found.mildest["severity"] for _, found in parts["reverse"] if found.found]
    assert severities
    for severity in severities:
        assert f'<data value="{float(severity)!r}"' in told
    assert told.count("<svg") - told.count('class="swatch"') >= 2


def test_the_page_is_whole_and_harmless(page, world, tmp_path, parts):
    reader = read(page)
    assert not {tag for tag, _ in reader.elements} & {"script", "img", "iframe", "object"}
    ids = [attrs["id"] for _, attrs in reader.elements if attrs.get("id")]
    assert len(ids) == len(set(ids))
    targets = {attrs["href"][1:] for _, attrs in reader.elements
               if attrs.get("href", "").startswith("#")}
    assert targets <= set(ids)
    assert SCRIPT in words(page)
    names = {str(name) for name in world.sites["name"] if len(str(name)) > 3}
    assert not {name for name in names if name in words(page)}
    assert write_stress(path=tmp_path / "x.html", **parts).read_text("utf-8") == page


def test_one_world_and_reverse_only(world):
    lab = world.labs["lab_id"].iloc[0]
    nothing = rm.reverse_stress(world, lab, 1.0, 700.0, family=["grid:PJM"])
    page = render_stress(stress_suite(world, []), reverse=[("", nothing)], worlds={"": world})
    assert "0 scenarios" not in words(page)
    assert "nothing among the places given does it" in words(page)


def test_simulated_years_have_a_table_and_no_figure():
    from tests.decisions.test_reverse_stress import years

    losses = years()
    found = rm.reverse_stress(losses.world, "lab", 1.0, 3.0, family=losses)
    told = section(render_stress(stress_suite(losses.world, []), reverse=[("", found)],
                                 worlds={"": losses.world}), "reverse")
    assert f"year {found.members['year'].iloc[0]}" in words(told)
    assert "years of return period" in words(told)
    assert "<svg" not in told


def test_the_curve_falls_and_says_where_the_mildest_is():
    curve = Curve("A grid", "c1", [(0.4, 300.0), (0.6, 300.0), (0.6001, 30.0), (1.0, 24.0)],
                  (0.6001, 30.0))
    drawn = str(mildest_figure([curve], key="k", title="x"))
    line = next(re.findall(r"[\d.]+,[\d.]+", path) for path in re.findall(r'd="M([^"Z]+)"', drawn)
                if path.count(",") == 5)
    points = [tuple(map(float, point.split(","))) for point in line]
    assert all(x0 <= x1 and y0 <= y1 for (x0, y0), (x1, y1) in pairwise(points))
    assert "A grid: mildest at 60 % down for 30 hours." in drawn
    scaled = str(mildest_figure([curve], key="k", title="x", factors=True))
    assert "as told" in scaled
    assert "mildest at 0.600 times the depth for 30 times the duration" in scaled


def test_a_portfolio_that_cannot_play_a_story_has_a_dash(world):
    told = read_scenario(DATA)
    table = rm.stress_table({"a": world, "b": world}, [told])
    table = pd.concat([table, table[table["portfolio"] == "a"].assign(scenario="other")])
    page = render_stress(stress_suite(world, [told]), table=table)
    row = page[page.index('<tr data-scenario="other"'):].partition("</tr>")[0]
    assert np.isnan(values(row)[1])
    assert "–" in row
