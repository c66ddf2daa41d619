"""Where the next MW should go, on a page: shades, ties, ranks and outlines."""

from __future__ import annotations

import math
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import riskmodel as rm
from riskmodel.decisions.next_mw.text import lead_words
from riskmodel.report import next_mw as section
from riskmodel.report.area_map import views
from riskmodel.report.context import Context
from riskmodel.report.next_mw import write_next_mw
from riskmodel.report.rank_figure import groups, rank_dots, ranks
from riskmodel.report.shades import bounds, shade
from tests.report.conftest import make_world


@pytest.fixture(scope="module")
def found(world):
    return rm.next_mw(world, "alpha", years=600, seed=2, level=0.9, price=100.0)


@pytest.fixture(scope="module")
def page(world, found, tmp_path_factory):
    path = write_next_mw(found, world, tmp_path_factory.mktemp("next") / "a page é.html", seed=2)
    return path.read_text(encoding="utf-8")


def test_the_page_holds_every_number_of_the_table(page, found):
    assert "Where the next MW of Alpha Lab should go" in page
    for row in found[found["rank"].notna()].to_dict("records"):
        line = re.search(rf'<tr data-region="{row["region"]}">(.*?)</tr>', page, re.DOTALL).group(1)
        shown = [float(value) for value in re.findall(r'<data value="([^"]+)"', line)]
        told = [row[name] for name in ("rank", "aal", "aal_share", "tail", "credit", "cost",
                                       "block_tail", "block_cost")]
        assert shown == pytest.approx(told, rel=1e-5)
        assert ranks(row) in line
    assert page.count('class="stands"') == 2  # the world and the United States
    assert "src=" not in page
    assert "Secret" not in page  # regions, no sites


def test_it_says_who_is_tied_and_who_is_worst(world, found):
    text = lead_words(found.assign(tied_with_best=True), str, "Alpha")
    assert "For Alpha, 2 of 2 regions cannot be told from the best by cost of risk" in text
    assert "highest" not in text
    alone = rm.next_mw(world, years=600, seed=2, level=0.9, price=100.0, by="aal")
    told = lead_words(alone.assign(tied_with_best=[True, False], rank_high=[1.0, 2.0],
                                   aal=[1.0, 30.0]))
    assert "has the least average annual loss of 2 regions, beyond chance" in told
    assert "highest in" in told
    assert "up to 30 times that of the best" in told
    never = alone.assign(rank=np.nan, by="credit")
    assert "cannot be ranked by capacity credit" in lead_words(never, lab="Alpha")


def test_a_report_can_hold_it(losses):
    context = Context(losses, losses.world)
    built = section.build(context)
    assert built.key == "next-mw"
    assert "For a MW alone" in built.body
    assert "For Alpha Lab" in built.body
    assert "For Beta &amp; Co" in built.body
    assert section.build(context).body == built.body
    bare = rm.Losses.from_years(losses.years[["year", "lab", "lost_mw_days"]], losses.n_years)
    assert "year table" in section.build(Context(bare)).body
    story = section.build(Context(rm.stress(losses.world, []), losses.world))
    assert "no average year" in story.body


def test_a_world_without_a_place_for_it_says_so(tmp_path):
    empty = make_world(nodes=pd.DataFrame({"node_id": ["gas:x"], "kind": ["gas"]}),
                       requirements=pd.DataFrame({"node_id": ["tex"], "group": ["fuel"],
                                                  "member_id": ["gas:x"]}),
                       events=None)
    losses = rm.simulate(empty, 50, 1)
    assert "grid:ERCOT" in section.build(Context(losses, empty)).body


# ---------------------------------------------------------------- the pieces


@given(st.lists(st.floats(1e-9, 1e9), min_size=1, max_size=30))
def test_shades_rise_with_the_value_and_are_few(values):
    at = bounds(values)
    assert len(at) <= 7
    assert at == sorted(at)
    assert all(f"{bound:.0e}"[0] in "1235" for bound in at)
    classes = [shade(value, at) for value in sorted(values)]
    assert classes == sorted(classes)
    assert 1 <= classes[0] <= classes[-1] <= len(at)
    assert classes[-1] == len(at) or len(at) == 1  # the darkest is used


def test_what_is_not_known_has_no_shade():
    assert shade(math.nan, [1.0]) == 0
    assert shade(-1.0, [1.0, 10.0]) == 1
    assert bounds([]) == [0.0]


def lines(*spans: tuple[int, int]) -> list[dict]:
    return [{"name": f"r{i}", "value": 1.0 + i, "se": 0.1, "rank": i + 1, "rank_low": low,
             "rank_high": high, "tied_with_best": low == 1} for i, (low, high) in enumerate(spans)]


def test_a_line_parts_what_is_surely_worse():
    assert groups(lines((1, 2), (1, 2), (3, 3), (4, 5), (4, 5))) == [2, 3]
    assert groups(lines((1, 2), (1, 3), (2, 3))) == []
    drawn = str(rank_dots(lines((1, 1), (2, 2)), key="k", title="t", unit="days"))
    assert drawn.count('class="mark"') == 1
    assert drawn.count("<circle") == 2
    assert "1 of 2 cannot be told from the best" in drawn


@pytest.mark.parametrize(("values", "errors"), [
    ([1.0, 2.0, 300.0], [0.5, 3.0, 10.0]), ([0.88, 0.99, 1.0], [0.02, 0.001, 0.0]),
    ([0.0, 0.0, 0.0], [0.0, 0.0, 0.0]), ([-3.0, 1.0, 4.0], [1.0, 1.0, math.nan]),
    ([5.0, 5.0, 5.0], [0.0, 0.0, 0.0]), ([1e-7, 2e-7, 9e5], [1e-8, 1e-8, 1e5])])
def test_dots_stay_in_the_picture_and_in_order(values, errors):
    rows = [{**row, "value": value, "se": se} for row, value, se in
            zip(lines((1, 3), (1, 3), (1, 3)), values, errors, strict=True)]
    drawn = str(rank_dots(rows, key="k", title="t", unit="days"))
    places = [float(x) for x in re.findall(r'<circle cx="([\d.]+)"', drawn)]
    assert places == sorted(places)
    assert all(222 <= x <= 668 for x in places)
    ends = [float(x) for x in re.findall(r'x[12]="([\d.-]+)"[^>]*class="whisker', drawn)]
    assert all(222 <= x <= 668 for x in ends)


def test_the_windows_show_what_they_are_called():
    windows = {name: view for name, (_, view) in views().items()}
    for name, lon, lat in (("us", -99.0, 32.0), ("europe", 2.3, 48.8), ("gulf", 54.4, 24.4),
                           ("gulf", 50.6, 26.2)):
        assert windows[name].holds(lon, lat)
    assert not windows["gulf"].holds(34.8, 32.1)
