"""The built site in a real browser without a network, and its links."""

from __future__ import annotations

from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.browser.visits import MARKS, Visit

pytestmark = pytest.mark.slow
#: one page of each kind
KINDS = ["index.html", "quickstart.html", "ideas.html", "howto/own_peril.html",
         "glossary.html", "data.html", "reference/index.html",
         "reference/measures.html", "reference/figures.html", "reference/commands.html",
         "notebooks/index.html",
         "notebooks/00_tour.html", "perils/index.html", "perils/earthquake.html",
         "validation.html", "limits.html", "changelog.html"]


def _in_browser(test):
    for mark in MARKS:
        test = mark(test)
    return test


@_in_browser
def test_no_page_asks_for_anything_but_its_files_or_complains(site, browser):
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 30
    with Visit(browser, pages[0]) as visit:
        for page in pages:  # one tab for all: a new one for each takes three times as long
            visit.page.goto(page.as_uri())
            assert visit.complaints == [], page
            assert {urlsplit(url).scheme for url in visit.requests} <= {"file", "data"}, page


@_in_browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("kind", KINDS)
def test_axe_finds_nothing_serious(site, browser, kind, scheme):
    package = pytest.importorskip("axe_playwright_python", reason="axe-core is not installed")
    rules = (Path(package.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
    with Visit(browser, site / kind, 1280, scheme) as visit:
        visit.page.evaluate(rules)
        found = visit.page.evaluate("axe.run({resultTypes: ['violations']})")
    assert len(found["passes"]) > 15  # the rules did run
    faults = [(each["id"], [node["target"] for node in each["nodes"]][:3])
              for each in found["violations"] if each["impact"] in ("serious", "critical")]
    assert faults == []


@_in_browser
@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_is_wider_than_the_screen(site, browser, width):
    for kind in KINDS:
        with Visit(browser, site / kind, width) as visit:
            assert visit.page.evaluate("document.documentElement.scrollWidth") <= width, kind


@_in_browser
def test_search_works_from_files(site, browser):
    with Visit(browser, site / "index.html") as visit:
        box = visit.page.get_by_placeholder("Search").first
        box.fill("equivalent_firm_mw")
        box.press("Enter")
        visit.page.wait_for_selector("ul.search li a", timeout=10_000)
        found = visit.page.locator("ul.search li a").all_inner_texts()
        assert visit.complaints == []
    assert any("equivalent_firm_mw" in text for text in found)


class _Page(HTMLParser):
    """The anchors of a page and where its links go."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.anchors: set[str] = {""}
        self.links: list[str] = []
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = dict(attrs)
        self.anchors |= {held.get("id") or "", held.get("name") or ""}
        for key in ("href", "src"):
            if held.get(key) and tag != "use":
                self.links.append(str(held[key]))


@cache
def _read(page: Path) -> _Page:
    return _Page(page)


def test_no_internal_link_is_broken(site):
    broken, followed = [], 0
    for page in sorted(site.rglob("*.html")):
        for link in _read(page).links:
            parts = urlsplit(link)
            if parts.scheme in ("http", "https", "mailto", "data"):
                continue
            followed += 1
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            if not target.is_file() or (target.suffix == ".html" and parts.fragment and \
                    unquote(parts.fragment) not in _read(target).anchors):
                broken.append((page.name, link))
    assert followed > 1000
    assert broken == []
