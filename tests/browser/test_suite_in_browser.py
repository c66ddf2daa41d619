"""The page of a suite in a real browser: nothing asked for, the table seen and reachable."""

from __future__ import annotations

from pathlib import Path

import pytest

import riskmodel as rm
from riskmodel.decisions.stress.suite import stress_suite
from riskmodel.report.suite_page import write_suite
from tests.browser.visits import MARKS, Visit

pytestmark = MARKS


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    suite = stress_suite(lambda day: rm.read_world(as_of=day))
    return write_suite(suite, tmp_path_factory.mktemp("suite") / "report.html")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_it_shows_and_asks_nothing_of_the_network(browser, page_file, width, scheme):
    visit = Visit(browser, page_file, width, scheme)
    page, context = visit.page, visit.context
    assert visit.requests == [page_file.as_uri()]
    assert visit.complaints == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    # shades differ, and the figure in the darkest cell can be read
    colours = page.evaluate("""() => [0, 1, 2, 3, 4, 5, 6].map(n => {
        const cell = document.querySelector('#suite-table td.h' + n);
        return cell ? getComputedStyle(cell).backgroundColor : '' + n; })""")
    assert len(set(colours)) == 7
    # contrast as WCAG defines it, both colours read back from a canvas
    contrast = page.evaluate("""() => {
        const cell = document.querySelector('#suite-table td.h6'), style = getComputedStyle(cell);
        const pen = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
        const light = colour => {
            pen.fillStyle = colour; pen.fillRect(0, 0, 1, 1);
            const [r, g, b] = [...pen.getImageData(0, 0, 1, 1).data].map(v => v / 255).map(
                v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
            return .2126 * r + .7152 * g + .0722 * b; };
        const pair = [light(style.backgroundColor), light(style.color)].sort((a, b) => b - a);
        return (pair[0] + .05) / (pair[1] + .05); }""")
    assert contrast >= 4.5
    context.close()


def test_the_whole_table_fits_a_desk_and_paper(browser, page_file):
    context = browser.new_context(offline=True, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(page_file.as_uri())
    over = "(e => e.scrollWidth - e.clientWidth)(document.querySelector('#suite-table')" \
           ".parentElement)"
    assert page.evaluate(over) <= 1
    assert page.locator("svg.chart").count() == 20
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 695, "height": 1000})
    cut = page.evaluate("""() => [...document.querySelectorAll('table, svg, p')].filter(
        e => e.getBoundingClientRect().right > 697).length""")
    assert cut == 0
    context.close()
