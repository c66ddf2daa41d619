"""The page of stress tests in a real browser: nothing asked for, nothing cut off."""

from __future__ import annotations

from pathlib import Path

import pytest

import riskmodel as rm
from riskmodel.report.stress_page import write_stress
from tests.browser.visits import MARKS, Visit

pytestmark = MARKS


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    world = rm.read_world()
    portfolios = {"as it is": world, "half of Meta, under a name of some length":
                  world.scale(0.5, lab="meta")}
    told = [rm.load_scenario(name) for name in ("gas-cut", "texas-grid-collapse")]
    suite = rm.stress_suite(world, told)
    grid = rm.Grid(where=["grid:ERCOT", "feed@grid:PJM", "grid:MISO"], depth=[0.3, 1.0],
                   duration_h=[4, 24, 96, 336], peril="grid_outage")
    asked = [(name, rm.reverse_stress(each, "total", 0.1, 7, family="grid"))
             for name, each in portfolios.items()]
    asked.append(("as it is", rm.reverse_stress(world, "xai", 0.5, 0.5, family=told)))
    return write_stress(suite, tmp_path_factory.mktemp("stress") / "report.html",
                        table=rm.stress_table(portfolios, told), reverse=asked, worlds=portfolios,
                        grids=[rm.stress_grid(portfolios, grid)])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_it_shows_and_asks_nothing_of_the_network(browser, page_file, width, scheme):
    with Visit(browser, page_file, width, scheme) as visit:
        assert visit.requests == [page_file.as_uri()]
        assert visit.complaints == []
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
        # no word of a figure lies outside its figure, and curves are lines, not areas
        outside = visit.page.evaluate("""() => [...document.querySelectorAll(
            '#reverse svg.chart text')].filter(text => {
                const inside = text.getBoundingClientRect();
                const frame = text.ownerSVGElement.getBoundingClientRect();
                return inside.left < frame.left - 1 || inside.right > frame.right + 1
                    || inside.top < frame.top - 1 || inside.bottom > frame.bottom + 1;
            }).length""")
        assert outside == 0
        assert visit.page.locator("#reverse svg.chart path.curve").count() >= 3
        filled = visit.page.evaluate("""() => [...document.querySelectorAll(
            '#reverse path.curve')].filter(e => getComputedStyle(e).fill !== 'none').length""")
        assert filled == 0


def test_the_other_portfolios_open(browser, page_file):
    with Visit(browser, page_file) as visit:
        closed = visit.page.locator("#portfolios details:not([open])")
        assert closed.count() == 1
        closed.locator("summary").click()
        assert visit.page.locator("#portfolios details[open] table").count() == 2
