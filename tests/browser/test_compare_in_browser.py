"""The page of a comparison in a real browser: nothing asked for, intervals of every colour seen."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import riskmodel as rm
from riskmodel.report.compare_page import write_comparison
from riskmodel.report.names import Names
from tests.browser.visits import MARKS, Visit
from tests.engine.small import table, world

pytestmark = MARKS


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    events = table(*({"event_id": site, "node_id": site, "rate_per_yr": rate, "duration_h": 90.0,
                      "duration_dist": "exponential"} for site, rate in
                     (("s", 2.0), ("t", 0.5), ("u", 0.5))))
    labs = {"better": 0.8, "worse": 0.8, "cannot say": 0.8}
    of = world(sites=("s", "t", "u"), events=events, labs=labs,
               holdings=[("better", "s", 0.5), ("worse", "t", 1.0), ("cannot say", "u", 1.0)])
    alt = of.move("better", 40, "s", "t").move("worse", 40, "t", "s").move(
        "cannot say", 50, "u", "t")
    runs = [rm.simulate(each, 800, 2, worlds=8) for each in (of, alt)]
    found: pd.DataFrame = rm.compare(*runs, level=0.9)
    return write_comparison(found, tmp_path_factory.mktemp("compare") / "report.html", base="a",
                            other="b", facts=runs[0].manifest, names=Names(of))


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_it_shows_and_asks_nothing_of_the_network(browser, page_file, width, scheme):
    visit = Visit(browser, page_file, width, scheme)
    page, context = visit.page, visit.context
    assert visit.requests == [page_file.as_uri()]
    assert visit.complaints == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    colours = page.evaluate("""() => [...document.querySelectorAll('line.whisker')].map(
        line => getComputedStyle(line).stroke)""")
    assert len(colours) >= 8
    assert "none" not in colours
    assert len(set(colours)) >= 2
    # no name beside a figure is cut off at its left edge
    assert page.evaluate("""() => [...document.querySelectorAll('svg.chart text')].filter(
        text => text.getBBox().x < 0).length""") == 0
    over = page.evaluate("""() => (e => e.scrollWidth - e.clientWidth)(
        document.querySelector('#compare-table').parentElement)""")
    assert width < 1280 or over <= 1
    context.close()
