"""The map under a real mouse and a real keyboard, with the network off."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.visits import MARKS, Visit

pytestmark = MARKS


@pytest.fixture
def visit(browser: Any, report: Path) -> Iterator[Visit]:
    with Visit(browser, report) as visit:
        yield visit
        assert visit.requests == [report.as_uri()]
        assert visit.complaints == []


def window(atlas: Any) -> list[float]:
    return [float(part) for part in atlas.get_attribute("viewBox").split()]


def middle(mark: Any) -> tuple[float, float]:
    box = mark.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_a_mark_tells_its_numbers_under_the_mouse(visit):
    atlas = visit.page.locator("#map svg.atlas").first
    atlas.scroll_into_view_if_needed()
    tip = visit.page.locator(".tip")
    assert not tip.is_visible()
    told = visit.page.evaluate("""() => {
        const svg = document.querySelector('#map svg.atlas');
        const marks = [...svg.querySelectorAll('.capacity circle, .loss path')];
        const free = marks.find(mark => {
            const b = mark.getBoundingClientRect();
            return document.elementFromPoint(b.x + b.width / 2, b.y + b.height / 2) === mark; });
        const b = free.getBoundingClientRect();
        return [b.x + b.width / 2, b.y + b.height / 2, free.dataset.tip]; }""")
    visit.page.mouse.move(told[0], told[1])
    assert tip.is_visible()
    assert tip.inner_text() == told[2]
    assert "MW IT at" in told[2]
    visit.page.mouse.move(5, 5)
    assert not tip.is_visible()


def test_dragging_moves_what_the_wheel_enlarged(visit):
    atlas = visit.page.locator("#map svg.atlas").first
    atlas.scroll_into_view_if_needed()
    whole = window(atlas)
    x, y = middle(atlas)
    visit.page.mouse.move(x, y)
    visit.page.mouse.wheel(0, -100)  # without Ctrl the wheel moves the page, not the map
    visit.page.wait_for_timeout(150)
    assert window(atlas) == whole
    atlas.scroll_into_view_if_needed()
    x, y = middle(atlas)
    visit.page.mouse.move(x, y)
    visit.page.keyboard.down("Control")
    for _ in range(3):
        visit.page.mouse.wheel(0, -100)
    visit.page.keyboard.up("Control")
    visit.page.wait_for_function("document.querySelector('#map svg.atlas').viewBox.baseVal.width"
                                 f" < {whole[2] / 3}")
    near = window(atlas)
    assert near[2] == pytest.approx(whole[2] / 1.5**3)
    circle = atlas.locator(".capacity circle").first
    before = middle(circle)
    visit.page.mouse.down()
    visit.page.mouse.move(x + 120, y + 60, steps=5)
    visit.page.mouse.up()
    moved = window(atlas)
    assert moved[0] < near[0]
    assert moved[1] < near[1]
    after = middle(circle)  # what is on the map follows the hand
    assert after[0] - before[0] == pytest.approx(120, abs=3)
    assert after[1] - before[1] == pytest.approx(60, abs=3)


def test_the_keyboard_moves_and_enlarges(visit):
    atlas = visit.page.locator("#map svg.atlas").first
    whole = window(atlas)
    atlas.focus()
    for key in ("+", "+", "ArrowRight", "ArrowDown"):
        visit.page.keyboard.press(key)
    assert window(atlas)[2] == pytest.approx(whole[2] / 1.5**2)
    assert window(atlas)[0] > (whole[2] - whole[2] / 1.5**2) / 2
    visit.page.keyboard.press("0")
    assert window(atlas) == whole
    for key in ("-", "ArrowLeft", "ArrowUp"):  # never beyond the edge
        visit.page.keyboard.press(key)
    assert window(atlas) == whole


def test_layers_come_and_go(visit):
    tools = visit.page.locator("#map .map-tools").first
    atlas = visit.page.locator("#map svg.atlas").first
    for layer, shown in {"capacity": True, "expected loss": True, "grid regions": False,
                         "theatres": False}.items():
        drawn = atlas.locator(f'[data-layer="{layer}"]')
        box = tools.get_by_label(layer)
        assert box.is_checked() == shown
        assert drawn.is_visible() == shown
        box.click()
        assert drawn.is_visible() != shown


def test_buttons_zoom_and_bring_the_whole_map_back(visit):
    atlas = visit.page.locator("#map svg.atlas").first
    whole = window(atlas)
    tools = visit.page.locator("#map .map-tools").first
    tools.get_by_role("button", name="Zoom in").click()
    assert window(atlas)[2] == pytest.approx(whole[2] / 1.5)
    tools.get_by_role("button", name="Whole map").click()
    assert window(atlas) == whole
