"""What it means for training on the page: the numbers of the frame, and no site by name."""

from __future__ import annotations

import re

import pytest
from reading import read, words

import riskmodel as rm
from riskmodel.report.context import Context
from riskmodel.report.training import build


@pytest.fixture(scope="module")
def frame(losses):
    return rm.training_losses(losses)


def section(page: str) -> str:
    return page[page.index('<section id="training"'):].split("</section>")[0] + "</section>"


@pytest.mark.parametrize("table", ["training-compute", "training-progress", "training-answers"])
def test_the_tables_have_the_numbers_of_the_frame(page, frame, table):
    text = section(page)
    text = text[text.index(f'id="{table}"'):].split("</table>")[0]
    rows = frame.set_index(["lab", "quantity", "run", "measure"])["value"]
    shown = 0
    for lab, cells in re.findall(r'<tr data-lab="(\w+)">(.*?)</tr>', text, re.DOTALL):
        for what, value in re.findall(r'data-measure="([^"]+)"><data value="([^"]+)"', cells):
            quantity, *run, measure = what.split()
            key = (lab, quantity, run[0] if run else "", measure)
            assert float(value) == pytest.approx(rows.loc[key], rel=1e-12)
            shown += 1
    assert shown == {"training-compute": 12, "training-progress": 12, "training-answers": 10}[table]


def test_constants_are_printed_and_no_site_is_named(page, frame):
    text = words(section(page))
    law = frame.loc[frame["law"] != "", "constants"].iloc[0]
    assert law in text
    assert "compute for a fixed quality halves" in text
    assert "Secret" not in text


def test_chips_that_are_not_known_are_listed_with_their_band(page, world):
    text = section(page)
    text = text[text.index('id="training-unknown"'):].split("</table>")[0]
    unknown = rm.site_chips(world)
    unknown = unknown[~unknown["known"] & (unknown["site_id"] != "soon")]  # nothing runs there yet
    assert "not published" in text
    assert f"<td>{len(unknown)}</td>" in text
    running = world.sites[world.sites["site_id"].isin(unknown["site_id"])]["it_mw"].sum()
    assert f'<data value="{running}"' in text


def test_the_picture_tells_its_numbers(page, frame):
    text = section(page)
    pictures = [attrs for tag, attrs in read(text).elements if tag == "svg"]
    assert sum(attrs.get("role") == "img" for attrs in pictures) == 1
    assert re.search(r"Beta &amp; Co: rigid \d", text)


def test_a_story_and_a_bare_table_say_why_there_is_nothing(world, losses):
    assert "a story" in build(Context(rm.stress(world, []), world)).body
    bare = rm.Losses.from_years(losses.years[["year", "lab", "lost_mw_days"]], losses.n_years)
    assert "year table" in build(Context(bare)).body


def test_few_years_leave_dashes_and_not_a_crash(world):
    body = build(Context(rm.simulate(world, years=20, seed=3), world)).body
    assert "training-compute" in body
