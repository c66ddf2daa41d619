"""Finding a browser that prints, and what is said where there is none or it fails."""

from __future__ import annotations

import asyncio
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest

import riskmodel as rm
from riskmodel.report import browser
from riskmodel.report.browser import find_browser, print_page

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the stand-ins are shell scripts")


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine without any browser; the folder is the whole PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv(browser.VARIABLE, raising=False)
    monkeypatch.setattr(browser, "PLACES", ())
    monkeypatch.setitem(sys.modules, "playwright.sync_api", None)  # not installed
    return tmp_path


def script(path: Path, lines: str) -> Path:
    path.write_text(f"#!/bin/sh\n{lines}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_the_browser_named_comes_first_then_the_path(bare, monkeypatch):
    chromium = script(bare / "chromium", "exit 0")
    script(bare / "google-chrome", "exit 0")
    assert find_browser() == [str(chromium)]
    mine = script(bare / "my own browser", "exit 0")
    monkeypatch.setenv(browser.VARIABLE, str(mine))
    assert find_browser() == [str(mine)]
    monkeypatch.setenv(browser.VARIABLE, "google-chrome --no-sandbox")
    assert find_browser() == [str(bare / "google-chrome"), "--no-sandbox"]


def test_a_name_that_is_no_program_is_refused(bare, monkeypatch):
    script(bare / "chromium", "exit 0")
    monkeypatch.setenv(browser.VARIABLE, "netscape")
    with pytest.raises(rm.RiskModelError, match=r"RISKMODEL_BROWSER is 'netscape'.*no such"):
        find_browser()


def test_without_any_it_says_what_to_install(bare, losses):
    target = bare / "report.pdf"
    with pytest.raises(rm.RiskModelError, match=r"install Chromium, Chrome or Edge.*write the"):
        rm.write_report(losses, target, sections=["glossary"])
    assert list(bare.iterdir()) == []


def test_playwrights_own_is_found_where_a_loop_runs_as_in_a_notebook(monkeypatch, tmp_path):
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    chromium = script(tmp_path / "chrome", "exit 0")
    start = api.sync_playwright

    class Brought:
        def __enter__(self):
            self.real = start()
            self.real.__enter__()  # playwright itself refuses here, where a loop runs
            return SimpleNamespace(chromium=SimpleNamespace(executable_path=str(chromium)))

        def __exit__(self, *error):
            self.real.__exit__(*error)

    async def look() -> list[str]:
        return find_browser()

    monkeypatch.delenv(browser.VARIABLE, raising=False)
    monkeypatch.setattr(browser, "NAMES", ())
    monkeypatch.setattr(browser, "PLACES", ())
    monkeypatch.setattr(api, "sync_playwright", Brought)
    with ThreadPoolExecutor(1) as pool:  # this thread may have the loop of the tests' browser
        assert pool.submit(lambda: asyncio.run(look())).result() == [str(chromium)]


def test_a_browser_that_fails_is_quoted(bare, monkeypatch, tmp_path):
    script(bare / "chromium", "echo 'no display, no luck' >&2; exit 3")
    with pytest.raises(rm.RiskModelError, match=r"exit code 3: no display, no luck\)"):
        print_page("<p>x</p>", bare / "x.pdf")


def test_what_is_no_pdf_is_not_taken_for_one(bare):
    script(bare / "chromium", """
for word in "$@"; do case "$word" in --print-to-pdf=*)
  echo '<html>' > "${word#--print-to-pdf=}";; esac; done""")
    with pytest.raises(rm.RiskModelError, match="printed nothing"):
        print_page("<p>x</p>", bare / "x.pdf")


def test_a_browser_that_hangs_is_left(bare, monkeypatch):
    monkeypatch.setattr(browser, "LONGEST_S", 0.2)
    script(bare / "chromium", "exec /bin/sleep 30")
    with pytest.raises(rm.RiskModelError, match=r"within 0\.2 seconds"):
        print_page("<p>x</p>", bare / "x.pdf")


def test_it_is_asked_for_nothing_but_the_page(bare):
    script(bare / "chromium", f"for word in \"$@\"; do echo \"$word\"; done > '{bare}/asked'")
    with pytest.raises(rm.RiskModelError):
        print_page("<p>é</p>", bare / "x.pdf")
    asked = (bare / "asked").read_text(encoding="utf-8").splitlines()
    assert "--host-resolver-rules=MAP * ~NOTFOUND" in asked  # no name is looked up
    assert asked[-1].startswith("file:///")
    assert not Path(asked[-1].removeprefix("file://")).exists()  # nothing is left behind
    assert ("--no-sandbox" in asked) == (os.geteuid() == 0 and sys.platform.startswith("linux"))


def test_without_pypdf_it_says_how_to_get_it(bare, losses, monkeypatch):
    monkeypatch.setitem(sys.modules, "pypdf", None)
    with pytest.raises(rm.RiskModelError, match=r"pip install 'riskmodel\[pdf\]'"):
        rm.write_report(losses, bare / "report.pdf", sections=["glossary"])
