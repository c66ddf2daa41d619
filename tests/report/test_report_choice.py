"""Some sections of the report, or all but some."""

from __future__ import annotations

import re

import pytest
from reading import read

import riskmodel as rm
from riskmodel.report.html import SECTIONS, STORY_SECTIONS, render_report


def keys(page: str) -> list[str]:
    return [attrs["id"] for tag, attrs in read(page).elements if tag == "section"]


def targets(page: str) -> tuple[set[str], set[str]]:
    """Return what the links inside the page lead to, and what is there to be led to."""
    elements = read(page).elements
    return ({attrs["href"][1:] for tag, attrs in elements
             if tag == "a" and attrs.get("href", "").startswith("#")},
            {attrs["id"] for _, attrs in elements if "id" in attrs})


def test_only_what_was_asked_for_in_the_order_of_the_report(losses):
    page = render_report(losses, sections=["asked", "curves", "summary"])
    assert keys(page) == ["summary", "curves", "asked"]
    assert re.findall(r'<li><a href="#([\w-]+)">', page) == ["summary", "curves", "asked"]


def test_all_but_some(losses):
    out = ["backtests", "diversification", "frontier", "training", "next-mw", "cover", "limits",
           "confidence", "headline"]
    page = render_report(losses, without=out)
    assert keys(page) == [key for key in SECTIONS if key not in (*out, "ignorance")]
    wanted, there = targets(page)
    assert wanted <= there


@pytest.mark.parametrize("key", [key for key in SECTIONS if key != "ignorance"])
def test_every_section_can_stand_alone(losses, key):
    page = render_report(losses, sections=[key])
    assert keys(page) == [key]
    wanted, there = targets(page)
    assert wanted <= there
    text = " ".join(" ".join(read(page).texts).split())
    for pointer in ("table above", "section above", "further down", "section below"):
        assert pointer not in text


def test_a_name_that_is_none_gets_the_nearest(losses):
    with pytest.raises(rm.RiskModelError, match=r"'curvs'; did you mean 'curves'.*summary, headl"):
        render_report(losses, sections=["curvs"])
    with pytest.raises(rm.RiskModelError, match="no section 'bild-out'; did you mean 'build-out'"):
        render_report(losses, without=["bild-out"])


def test_what_the_run_cannot_have_is_refused_by_name_and_left_out_otherwise(losses, world):
    with pytest.raises(rm.RiskModelError, match=r"ignorance \(it tells several worlds apart"):
        render_report(losses, sections=["summary", "ignorance"])
    assert keys(render_report(losses, sections=["summary"], without=["ignorance"])) == ["summary"]
    story = rm.stress(world, [rm.Event("storm", "ERCOT", [rm.OwnOutage("grid:ERCOT", 0, 96, .7)])])
    with pytest.raises(rm.RiskModelError, match=r"curves \(a story has no average year"):
        render_report(story, sections=["curves"])
    page = render_report(story, without=["causes"])
    assert keys(page) == [key for key in STORY_SECTIONS if key != "causes"]


def test_nothing_left_is_refused(losses):
    with pytest.raises(rm.RiskModelError, match="no section is left"):
        render_report(losses, sections=["summary"], without=["summary"])


def test_every_section_says_what_it_is_about():
    told = rm.report_sections()
    assert list(told) == list(SECTIONS)
    assert all(15 < len(about) < 120 and "`" not in about for about in told.values())
    assert len(set(told.values())) == len(told)
