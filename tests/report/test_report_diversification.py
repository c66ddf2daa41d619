"""The worth of diversification on the page: the numbers of the frame, and no site by name."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from reading import read, words

import riskmodel as rm
from riskmodel.decisions.diversification.text import quote, shown_table
from riskmodel.engine.losses.firstyears import first_years
from riskmodel.report.context import Context
from riskmodel.report.diversification import build


@pytest.fixture(scope="module")
def found(losses) -> rm.Diversification:
    return rm.diversification(losses)


def section(page: str) -> str:
    return page[page.index('<section id="diversification"'):].split("</section>")[0] + "</section>"


def test_the_table_has_the_numbers_of_the_frame(page, found):
    text = section(page)
    rows = re.findall(r'<tr data-lab="(\w+)">(.*?)</tr>', text, re.DOTALL)
    table = shown_table(found).set_index("lab")
    assert [lab for lab, _ in rows] == list(table.sort_values("capacity_mw",
                                                              ascending=False).index)
    for lab, cells in rows:
        values = [float(value) for value in re.findall(r'<data value="([^"]+)"', cells)]
        columns = ["capacity_mw", "low_confidence_share"] if table.loc[lab, "sites"] == 1 else [
            "capacity_mw", "efc", "aal", "tvar", "eue", "money", "low_confidence_share"]
        assert values == pytest.approx(table.loc[lab, columns].to_list(), rel=1e-12)


def test_the_sentences_stand_on_the_page_and_name_no_site(page, found):
    text = words(section(page))
    assert "Beta & Co runs 65 MW at 2 sites" in text
    assert "Secret" not in text
    said = quote(found, "beta", "Beta & Co", "PJM")
    assert said.split(". ")[0] in text
    assert "single place" in quote(found, "alpha")


def test_a_story_and_a_bare_table_say_why_there_is_nothing(world, losses):
    story = rm.stress(world, [])
    assert "a story" in build(Context(story, world)).body
    bare = rm.Losses.from_years(losses.years[["year", "lab", "lost_mw_days"]], losses.n_years)
    assert "year table" in build(Context(bare)).body
    few = rm.simulate(world, years=50, seed=3)
    assert "cannot hold the level" in build(Context(few, world)).body


def test_every_picture_of_it_tells_its_numbers(page):
    elements = [attrs for tag, attrs in read(section(page)).elements if tag == "svg"]
    assert sum(attrs.get("role") == "img" for attrs in elements) == 2
    assert re.search(r"Beta &amp; Co: all at its largest site \d", section(page))


def test_the_first_years_are_the_first_years(losses):
    few = first_years(losses, 100)
    again = rm.simulate(losses.world, years=100, seed=3)
    for name in ("years", "adequacy"):
        pd.testing.assert_frame_equal(getattr(few, name).reset_index(drop=True),
                                      getattr(again, name))
    assert first_years(losses, 5000) is losses
