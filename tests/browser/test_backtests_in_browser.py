"""The page of back-tests in a real browser: nothing asked for, every picture seen."""

from __future__ import annotations

from pathlib import Path

import pytest

import riskmodel as rm
from riskmodel.report.backtest_page import write_backtests
from tests.browser.visits import MARKS, Visit

pytestmark = MARKS


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    world = rm.read_world()
    tests = [rm.backtest(world, name, n=400) for name in rm.backtests(world)["backtest"]]
    return write_backtests(tests, tmp_path_factory.mktemp("backtests") / "report.html")


@pytest.mark.parametrize("width", [1280, 390])
def test_it_shows_and_asks_nothing_of_the_network(browser, page_file, width):
    with Visit(browser, page_file, width) as visit:
        assert visit.requests == [page_file.as_uri()]
        assert visit.complaints == []
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
        pictures = visit.page.evaluate(
            "[...document.querySelectorAll('figure svg')].map("
            "s => s.getBoundingClientRect().height)")
        assert len(pictures) >= 15
        assert min(pictures) > 80
        # what happened is written inside each picture
        marks = visit.page.evaluate("""() => [...document.querySelectorAll('figure svg')].map(
            s => [s.getBoundingClientRect(), s.querySelector('text.label')]).filter(
            ([box, text]) => text).map(([box, text]) => {
                const at = text.getBoundingClientRect();
                return at.left >= box.left - 1 && at.right <= box.right + 1; })""")
        assert len(marks) >= 15
        assert all(marks)
