"""The report in a real browser with the network off: nothing asked for, nothing broken."""

from __future__ import annotations

from typing import Any

import pytest

from riskmodel.report.html import SECTIONS, absent
from tests.browser.visits import MARKS, Visit

pytestmark = MARKS


def background(page: Any) -> tuple[int, ...]:
    text = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return tuple(int(part) for part in text.strip("rgb()").split(","))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_is_asked_of_the_network_and_nothing_complains(browser, report, width, scheme):
    with Visit(browser, report, width, scheme) as visit:
        assert visit.requests == [report.as_uri()]
        assert visit.complaints == []
        wide = visit.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width  # the page never scrolls sideways; wide tables do, in their own box
        assert (sum(background(visit.page)) > 3 * 200) == (scheme == "light")


@pytest.mark.parametrize("width", [1280, 390])
def test_the_map_is_seen(browser, report, width):
    with Visit(browser, report, width) as visit:
        globe = visit.page.locator("svg.atlas").first
        box = globe.bounding_box()
        assert box["width"] > 0.6 * width * (0.8 if width > 1000 else 1)
        assert box["height"] > 0.35 * box["width"]
        assert globe.locator(".land path").count() > 120
        assert globe.locator(".capacity circle").count() > 20
        assert globe.locator(".loss path").count() > 20
        for mark in (globe.locator(".land path").first, globe.locator(".capacity circle").first):
            inside = mark.bounding_box()
            assert inside["width"] > 0
            assert box["x"] - 1 <= inside["x"] <= box["x"] + box["width"]
            assert box["y"] - 1 <= inside["y"] <= box["y"] + box["height"]


def test_land_lies_where_it_should(browser, report):
    with Visit(browser, report) as visit:
        found = visit.page.evaluate("""() => {
            const svg = document.querySelector('svg.atlas');
            const land = [...svg.querySelectorAll('.land path')];
            const hit = (x, y) => land.some(path => {
                const p = svg.createSVGPoint(); p.x = x * 10; p.y = y * 10;
                return path.isPointInFill(p); });
            const box = svg.viewBox.baseVal;
            return [hit(0.34 * box.width, 0.63 * box.height),   // Brazil
                    hit(0.55 * box.width, 0.42 * box.height),   // the Sahara
                    hit(0.42 * box.width, 0.40 * box.height),   // the middle of the Atlantic
                    hit(0.10 * box.width, 0.60 * box.height)];  // the Pacific
        }""")
        assert found == [True, True, False, False]


def test_every_section_shows_something(browser, report):
    with Visit(browser, report) as visit:
        heights = visit.page.evaluate(
            "[...document.querySelectorAll('section')].map(s => s.getBoundingClientRect().height)")
        assert len(heights) == len(SECTIONS) - len(absent())
        assert min(heights) > 100


def test_no_letters_lie_on_each_other_in_the_curves(browser, report):
    with Visit(browser, report) as visit:
        overlaps = visit.page.evaluate("""() => {
            let count = 0;
            for (const svg of document.querySelectorAll('#curves svg.chart')) {
                const boxes = [...svg.querySelectorAll('text')].map(t => t.getBoundingClientRect());
                for (let i = 0; i < boxes.length; i++) for (let j = 0; j < i; j++) {
                    const a = boxes[i], b = boxes[j];
                    if (Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 &&
                        Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3) count++;
                }
            }
            return count; }""")
        assert overlaps == 0


def test_the_keyboard_reaches_the_skip_link_the_contents_and_the_tables(browser, report):
    with Visit(browser, report, 390) as visit:
        sections = visit.page.locator("section").count()
        seen = []
        for _ in range(sections + 4):  # the skip link, the contents, and what stands first
            visit.page.keyboard.press("Tab")
            seen.append(visit.page.evaluate(
                "document.activeElement.getAttribute('href') || document.activeElement.className"))
        assert seen[0] == "#main"
        assert seen[1] == "#summary"
        assert "scroll" in seen[sections + 1:]


def test_it_prints_on_paper(browser, report, tmp_path):
    with Visit(browser, report, 1280, "dark") as visit:
        pdf = tmp_path / "report.pdf"
        visit.page.pdf(path=str(pdf), prefer_css_page_size=True)
        raw = pdf.read_bytes()
        assert raw.startswith(b"%PDF")
        pages = raw.count(b"/Type /Page\n") or raw.count(b"/Type /Page ")
        assert 8 <= pages <= 40
        visit.page.emulate_media(media="print", color_scheme="dark")
        assert background(visit.page) == (255, 255, 255)  # no dark sheets
        # at the width of A4 without its margins nothing is cut off at the right
        visit.page.set_viewport_size({"width": 695, "height": 1000})
        cut = visit.page.evaluate("""() => [...document.querySelectorAll('table, svg, p')].filter(
            e => e.getBoundingClientRect().right > 697).length""")
        assert cut == 0
