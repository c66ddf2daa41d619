"""The page as a whole: every section, no network, well-formed, whole or not at all."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from reading import read, words

import riskmodel as rm
from riskmodel.report import html
from riskmodel.report.html import SECTIONS, STORY_SECTIONS, absent

#: the sections of a run with one world
EVERY = [key for key in SECTIONS if key not in absent()]


def test_every_section_is_there_in_order_with_a_heading_and_a_link(page):
    elements = read(page).elements
    keys = [attrs["id"] for tag, attrs in elements if tag == "section"]
    assert keys == EVERY
    links = [attrs["href"] for tag, attrs in elements if tag == "a" and
             attrs["href"].startswith("#")]
    assert [f"#{key}" for key in keys] == [link for link in links if link != "#main"]


def test_ids_are_unique_and_every_reference_has_its_target(page):
    elements = read(page).elements
    ids = [attrs["id"] for _, attrs in elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    for _, attrs in elements:
        for name in ("aria-labelledby", "aria-describedby"):
            assert set(attrs.get(name, "").split()) <= set(ids)
        if attrs.get("href", "").startswith("#"):
            assert attrs["href"][1:] in ids


def test_the_page_fetches_nothing(page):
    reader = read(page)
    for tag, attrs in reader.elements:
        assert tag not in ("script", "iframe", "object", "embed", "img", "image", "use", "base")
        assert "src" not in attrs
        if "href" in attrs:
            allowed = ("https://", "http://", "#") if tag == "a" else ("data:",)
            assert attrs["href"].startswith(allowed), (tag, attrs)
    assert "url(" not in reader.style
    assert "@import" not in reader.style
    assert "default-src 'none'" in page


def test_every_picture_has_a_name_and_every_table_a_caption_and_scopes(page):
    elements = read(page).elements
    for i, (tag, attrs) in enumerate(elements):
        if tag == "svg":
            assert (attrs.get("aria-hidden") == "true" or attrs.get("aria-labelledby")
                    or attrs.get("aria-label")), attrs
        if tag == "table":
            assert elements[i + 1][0] == "caption"
        if tag == "th":
            assert attrs.get("scope") in ("col", "row")


def test_light_dark_and_paper_are_styled(page):
    style = read(page).style
    assert "prefers-color-scheme: dark" in style
    assert "@media print" in style
    assert "size: A4" in style


def test_the_same_losses_give_the_same_page(losses, page):
    assert html.render_report(losses) == page


def test_inputs_are_left_as_they_were(world, losses):
    before = {name: pd.util.hash_pandas_object(getattr(losses, name)).sum()
              for name in ("years", "causes", "events", "adequacy")}
    print_of_world = rm.World.fingerprint.func(world)
    html.render_report(losses)
    assert before == {name: pd.util.hash_pandas_object(getattr(losses, name)).sum()
                      for name in before}
    assert rm.World.fingerprint.func(world) == print_of_world


def test_what_was_asked_is_told(page):
    text = words(page)
    for part in ("1,200 simulated years", "seed 3", "occurrence booking", "World of 2026-11-23"):
        assert part in text


def test_a_title_can_be_given(losses):
    assert "<h1>Mine &amp; yours</h1>" in html.render_report(losses, title="Mine & yours")


def test_a_story_gives_a_shorter_report(world, tmp_path):
    story = rm.stress(world, [rm.Event("storm", "ERCOT", [rm.OwnOutage("grid:ERCOT", 0, 96, 0.7)]),
                              rm.Event("fire", "PJM", [rm.OwnOutage("ohio", 48, 240, 0.5)])])
    text = rm.write_report(story, tmp_path / "story.html").read_text(encoding="utf-8")
    assert [a["id"] for tag, a in read(text).elements if tag == "section"] == list(STORY_SECTIONS)
    lost = 0.7 * 100 * (96 - 2 / 0.7) / 24 + 0.5 * 40 * 240 / 24
    assert story.years["lost_mw_days"].sum() == pytest.approx(lost)
    assert f"the labs lose {lost:,.0f} MW-days" in words(text)


def test_a_failure_leaves_the_old_report_and_no_part(losses, tmp_path, monkeypatch):
    target = tmp_path / "report.html"
    target.write_text("old")
    monkeypatch.setattr(html, "whole_page", lambda *a, **k: "\ud800")  # cannot be encoded
    with pytest.raises(UnicodeEncodeError):
        rm.write_report(losses, target)
    assert target.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_a_missing_folder_is_named(losses, tmp_path):
    with pytest.raises(rm.RiskModelError, match="there is no folder"):
        rm.write_report(losses, tmp_path / "nowhere" / "report.html")


@pytest.mark.parametrize("year", [-1, 1200])
def test_a_year_that_was_not_simulated_is_refused(losses, tmp_path, year):
    with pytest.raises(rm.RiskModelError, match=re.escape(f"year {year} was not simulated")):
        rm.write_report(losses, tmp_path / "report.html", story_year=year)
    assert not list(tmp_path.iterdir())
