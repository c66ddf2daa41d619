"""Hostile text as the name of everything: harmless and legible in whatever a run leaves."""

from __future__ import annotations

import contextlib
import csv
import io
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import riskmodel as rm
from riskmodel.commands.run import headline
from riskmodel.measures.whole_run import all_measures
from riskmodel.perils.scenarios import read_scenario
from riskmodel.report.html import SECTIONS, absent
from riskmodel.report.stress_page import write_stress
from riskmodel.world.unseen import UNSEEN
from tests.browser.visits import MARKS, Visit
from tests.hostile import TEXTS, hostile_world

pytestmark = MARKS
#: enough sections to show every kind of name; a slow test takes them all
QUICK = ["summary", "headline", "causes", "map", "contingency", "asked", "sources"]
#: what a reader must find of the texts, wherever a table has room for names
LEGIBLE = ("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "abc gnp.exe",
           "in vis ib le", "two lines and a tab", "nul bell", "Zalg", "{{ 7 * 7 }}",
           "</style></title><body onload=", "tag end", "x" * 60)


@pytest.fixture(scope="module")
def losses() -> rm.Losses:
    return rm.simulate(hostile_world(), years=150, seed=1, adequacy=False)


def visited(browser: Any, page: Path, widths: tuple[int, ...] = (390,)) -> str:
    """Open a page on screens of some width and on paper; return what is read there."""
    for width in widths:
        with Visit(browser, page, width) as visit:
            dialogs: list[str] = []
            visit.page.on("dialog", lambda dialog, into=dialogs: into.append(dialog.message))
            for link in visit.page.locator("nav a").all()[:3]:
                link.click()
            assert dialogs == []
            assert visit.complaints == []
            assert {each.split("#")[0] for each in visit.requests} == {page.as_uri()}
            assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
            assert visit.page.evaluate("document.querySelectorAll('script').length") <= 1
            assert visit.page.evaluate(
                "[...document.querySelectorAll('*')].flatMap(e => [...e.attributes]).filter(a => "
                "a.name.startsWith('on') || /^\\s*javascript:/i.test(a.value)).length") == 0
            assert visit.page.evaluate("document.querySelectorAll('img, iframe').length") == 0
            text = visit.page.evaluate(
                "document.title + '\\n' + document.body.innerText + '\\n' + [...document"
                ".querySelectorAll('title, desc, [aria-label]')].map(e => "
                "e.getAttribute('aria-label') || e.textContent).join('\\n')")
            visit.page.emulate_media(media="print")
            visit.page.set_viewport_size({"width": 695, "height": 1000})
            cut = visit.page.evaluate(
                "[...document.querySelectorAll('table, svg, p, li')].filter(e => "
                "e.getBoundingClientRect().right > 697).map(e => e.id || e.textContent)")
            assert cut == []
    return text


def of_page(browser: Any, losses: rm.Losses, folder: Path) -> str:
    return visited(browser, rm.write_report(losses, folder / "r.html", sites=True, sections=QUICK,
                                            title=TEXTS["style"]), (1280, 390))


def of_lab_page(browser: Any, losses: rm.Losses, folder: Path) -> str:
    return visited(browser, rm.write_report(losses, folder / "r.html", sections=QUICK[:4],
                                            lab=TEXTS["image"]))


def of_pdf(browser: Any, losses: rm.Losses, folder: Path) -> str:
    pypdf = pytest.importorskip("pypdf", reason="pypdf is not installed")
    path = rm.write_report(losses, folder / "r.pdf", sites=True, sections=QUICK[1:4],
                           title=TEXTS["script"] + TEXTS["turned"])
    with pypdf.PdfReader(path) as reader:
        assert len(reader.pages) <= 8
        assert reader.metadata["/Title"] == "<script>alert(1)</script>abc gnp.exe"
        assert "/JavaScript" not in reader.trailer["/Root"].get("/Names", {})
        assert "/OpenAction" not in reader.trailer["/Root"]
        return "\n".join(page.extract_text() for page in reader.pages)


def of_map(browser: Any, losses: rm.Losses, folder: Path) -> str:
    page = rm.write_report(losses, folder / "r.html", sections=["map"])
    told = []
    with Visit(browser, page) as visit:
        marks = visit.page.locator("svg.atlas").last.locator(".loss path")
        for i in range(marks.count()):
            marks.nth(i).dispatch_event("pointerover")
            tip = visit.page.locator(".tip.shown")
            told.append(tip.inner_text())
            assert tip.evaluate("e => e.children.length") == 0  # text alone
            box = tip.bounding_box()
            assert box["width"] <= 400
            assert box["height"] <= 200
        assert visit.complaints == []
    return "\n".join(told)


def of_stories(browser: Any, losses: rm.Losses, folder: Path) -> str:
    world = losses.world
    assert world is not None
    events = [rm.Event(text, text, [rm.OwnOutage(f"s{i}", 0, 96, 0.7, part=text)], event_id=text,
                       campaign_id=text) for i, text in enumerate(TEXTS.values())]
    return visited(browser, rm.write_report(rm.stress(world, events), folder / "r.html",
                                            sites=True, sections=["summary", "story"]))


def of_scenarios(browser: Any, losses: rm.Losses, folder: Path) -> str:
    scenarios = []
    for i, text in enumerate(TEXTS.values()):
        data = {"id": f"told-{i}", "name": text, "story": text, "confidence": "low",
                "as_of": "2026-10-01", "does_not_cover": [text],
                "sources": {"a": {"title": text, "url": "https://example.org/a",
                                  "published": "2026-01-01"}},
                "events": [{"peril": "grid_outage", "region": text, "what": text, "outages": [
                    {"node": f"grid:g{i}", "start_h": 0.0, "duration_h": 48.0, "depth": 1.0,
                     "note": text, "source": "a"}]}]}
        scenarios.append(read_scenario(data))
    suite = rm.stress_suite(losses.world, scenarios)
    return visited(browser, write_stress(suite, folder / "r.html"))


def of_csv(browser: Any, losses: rm.Losses, folder: Path) -> str:
    raw = ""
    for path in rm.to_csv(losses, folder / "csv", sites=True):
        text = path.read_text(encoding="utf-8")
        for row in csv.reader(io.StringIO(text, newline="")):
            for cell in row:
                number = cell.lstrip("+-").replace(".", "", 1)[:1].isdigit()
                assert number or not cell.startswith(tuple("=+-@\t\r"))
        raw += text
    return raw


def of_terminal(browser: Any, losses: rm.Losses, folder: Path) -> str:
    said = io.StringIO()
    with contextlib.redirect_stdout(said), warnings.catch_warnings():
        warnings.simplefilter("ignore", rm.BeyondSpanWarning)
        headline(losses, all_measures(losses))
    return said.getvalue()


OUTPUTS: dict[str, Callable[[Any, rm.Losses, Path], str]] = {
    "page": of_page, "page of a lab": of_lab_page, "pdf": of_pdf, "tooltips of the map": of_map,
    "story": of_stories, "scenarios": of_scenarios, "csv": of_csv, "terminal": of_terminal}


@pytest.mark.parametrize("output", OUTPUTS)
def test_hostile_text_is_harmless_and_legible(browser, losses, tmp_path, output):
    text = OUTPUTS[output](browser, losses, tmp_path)
    seen = UNSEEN.findall(text.replace("\n", "").replace("\t", "").replace("\r", ""))
    assert seen == []  # nothing that steers or hides
    assert "49" not in text.split("{{")[0][-5:]  # and no template was filled in
    found = " ".join(text.split())
    bare = found.replace(" ", "")
    if output in ("page", "pdf", "story", "scenarios", "tooltips of the map"):
        assert [words for words in LEGIBLE if words.replace(" ", "") not in bare] == []
    assert "alert(1)" in bare
    # a table of data keeps what was given, and the story of a scenario may be long
    most = {"csv": 10_000, "scenarios": 5_000}.get(output, 200)
    assert "x" * (most + 1) not in bare


@pytest.mark.slow
def test_every_section_with_hostile_names(browser, losses, tmp_path):
    whole = rm.simulate(losses.world, years=150, seed=1)
    for lab in (None, TEXTS["script"], TEXTS["long"]):
        page = rm.write_report(whole, tmp_path / "r.html", sites=True, lab=lab)
        assert "alert(1)" in visited(browser, page, (1280, 390))
        with Visit(browser, page) as visit:
            assert visit.page.locator("section").count() == len(SECTIONS) - len(absent())

