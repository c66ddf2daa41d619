"""The page of one lab, of some sections, in a real browser: nothing broken, all within reach."""

from __future__ import annotations

from pathlib import Path

import pytest

import riskmodel as rm
from tests.browser.visits import MARKS, Visit
from tests.hostile import TEXTS, hostile_world
from tests.report.conftest import make_world

pytestmark = MARKS
#: what scrolls or answers a click, and does not take the keyboard
OUT_OF_REACH = """() => [...document.querySelectorAll('*')].filter(e => {
    const style = getComputedStyle(e);
    const scrolls = /auto|scroll/.test(style.overflowX + style.overflowY) && (
        e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1);
    const answers = e.matches('a[href], button, input, select, summary');
    return (scrolls || answers) && e !== document.documentElement && e.tabIndex < 0 &&
        style.display !== 'none';
}).map(e => e.tagName + ' ' + e.className)"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("lab pages")
    losses = rm.simulate(make_world(), years=300, seed=3)
    hostile = rm.simulate(hostile_world(), years=100, seed=1, adequacy=False)
    some = ["summary", "headline", "curves", "causes", "map", "story", "contingency", "method"]
    return {
        "lab": rm.write_report(losses, folder / "lab.html", lab="beta", sections=[
            *some, "dependencies", "concentration", "confidence", "steadiness", "asked"]),
        "lab without capacity": rm.write_report(losses, folder / "idle.html", lab="idle",
                                                sections=[*some, "build-out", "training"]),
        "hostile lab": rm.write_report(hostile, folder / "hostile.html", lab=TEXTS["long"],
                                       sections=some)}


@pytest.mark.parametrize(("name", "scheme"), [
    ("lab", "light"), ("lab without capacity", "dark"), ("hostile lab", "dark")])
def test_nothing_is_broken_and_all_is_within_reach(browser, pages, name, scheme):
    package = pytest.importorskip("axe_playwright_python", reason="axe-core is not installed")
    rules = (Path(package.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
    width = 1280 if scheme == "light" else 390
    with Visit(browser, pages[name], width, scheme) as visit:
        assert visit.requests == [pages[name].as_uri()]
        assert visit.complaints == []
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
        assert visit.page.evaluate(OUT_OF_REACH) == []
        visit.page.evaluate(rules)
        found = visit.page.evaluate("axe.run()")
    assert len(found["passes"]) > 20
    faults = [(each["impact"], each["id"], [node["target"] for node in each["nodes"]][:3])
              for each in found["violations"] if each["impact"] in ("serious", "critical")]
    assert faults == []


def test_the_keyboard_walks_through_a_page_of_a_lab(browser, pages):
    with Visit(browser, pages["lab"], 1280) as visit:
        visit.page.emulate_media(reduced_motion="reduce")  # who asks for it is taken there at once
        sections = visit.page.locator("section").count()
        seen = []
        for _ in range(sections + 2):
            visit.page.keyboard.press("Tab")
            seen.append(visit.page.evaluate(
                "document.activeElement.getAttribute('href') || document.activeElement.className"))
        keys = visit.page.evaluate("[...document.querySelectorAll('section')].map(s => s.id)")
        assert seen[:sections + 1] == ["#main", *(f"#{key}" for key in keys)]
        visit.page.locator("nav a").nth(3).focus()
        visit.page.keyboard.press("Enter")
        assert visit.page.evaluate("location.hash") == f"#{keys[3]}"
        at = f"document.getElementById('{keys[3]}').getBoundingClientRect().y"
        visit.page.wait_for_timeout(300)
        assert -20 <= visit.page.evaluate(at) <= 300
