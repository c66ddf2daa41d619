"""The page on what to fix first shows the numbers of the frame, and says what they mean."""

from __future__ import annotations

import pandas as pd
import pytest
from reading import read, rows, words

import riskmodel as rm
from riskmodel.decisions.mitigations import mitigations as mit
from riskmodel.report.mitigations import said, write_mitigations
from tests.report.conftest import make_world


@pytest.fixture(scope="module")
def found() -> tuple[rm.World, list[mit.Mitigation], pd.DataFrame]:
    world = make_world()
    chosen = [mit.reserve("alpha", 24.0), mit.on_site_generation("alpha", 0.5)]
    return world, chosen, rm.mitigation_value(world, "alpha", chosen, 150, 2)


def test_the_page_holds_the_frames_numbers(found, tmp_path):
    world, chosen, frame = found
    page = write_mitigations(frame, chosen, world, tmp_path / "m.html").read_text("utf-8")
    *parts, total = rows(page, "mitigation-table")
    expected = frame[["first_in", "value", "last_in", "share"]].to_numpy().tolist()
    assert parts == [pytest.approx(row) for row in expected]
    assert sum(row[1] for row in parts) == pytest.approx(total[0])
    text = words(page)
    assert "Alpha Lab" in text
    assert "Secret" not in text
    for each in chosen:
        assert each.does in text
        assert each.does_not in text
    assert f"({2**len(chosen)} runs)" in text
    boxes = [attributes for tag, attributes in read(page).elements if tag == "rect"
             and attributes.get("class") in ("c1", "c2", "c3") and attributes.get("y")]
    assert len(boxes) == 3 * len(chosen)
    assert all(float(box["width"]) >= 0 for box in boxes)
    assert any(word.startswith("https://core-es.com") for word in page.split('"'))


def test_a_tail_and_harm_are_told_as_such(found, tmp_path):
    world, chosen, frame = found
    harm = frame.assign(measure="tvar", level=0.99, lab="total", first_in=[5.0, -3.0],
                        value=[4.0, -2.0], last_in=[3.0, -4.0], base=10.0, with_all=8.0)
    text = words(write_mitigations(harm, chosen, world, tmp_path / "h.html").read_text("utf-8"))
    assert "of their mean loss of the worst 1 in 100 years" in text
    assert "MW-days a year" not in text.split("What to fix first", 1)[1].split("Built", 1)[0]


def test_the_sentence():
    one = {"mitigation": "a", "first_in": 6.0, "base": 10.0, "with_all": 2.0}
    two = {"mitigation": "b", "first_in": 7.0, "base": 10.0, "with_all": 2.0}
    text = said([one, two], "Lab", "average loss", "MW-days a year")
    assert "save Lab 8 of 10 MW-days a year" in text
    assert "one by one they promise 13." in text
    assert "alone is b (7 MW-days a year); in the mean over all orders it is a." in text
    assert "alone is a" in said([one], "Lab", "average loss", "MW-days a year")
