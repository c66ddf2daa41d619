"""The browser that prints a page: found on this machine, and asked to print without a network."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from riskmodel.errors import RiskModelError

#: the environment variable that names a browser, with arguments if need be
VARIABLE = "RISKMODEL_BROWSER"
#: programs of the Chromium family, as they are called on a PATH
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome",
         "microsoft-edge", "microsoft-edge-stable", "msedge", "brave-browser")
#: where they stand on systems that put no programs on a PATH
PLACES = ("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
          "/Applications/Chromium.app/Contents/MacOS/Chromium",
          "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
          r"C:\Program Files\Google\Chrome\Application\chrome.exe",
          r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
          r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
          r"C:\Program Files\Microsoft\Edge\Application\msedge.exe")
#: nothing but the page: no name is looked up, nothing is kept, nothing else starts
QUIET = ("--headless", "--disable-gpu", "--no-first-run", "--no-default-browser-check",
         "--disable-extensions", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--disable-breakpad", "--mute-audio",
         "--host-resolver-rules=MAP * ~NOTFOUND")
SUFFIX = ".pdf"
PRINTING = ("--no-pdf-header-footer", "--export-tagged-pdf", "--generate-pdf-document-outline")
LONGEST_S = 180.0


def find_browser() -> list[str]:
    """Return the command of a browser that prints: program, then arguments of the user's own.

    Looked for in this order: ``RISKMODEL_BROWSER``, Chromium, Chrome and Edge by name, their usual
    places, and the one that playwright brought along where it is installed.

    Raises
    ------
    RiskModelError : there is none, or ``RISKMODEL_BROWSER`` names what is none
    """
    named = os.environ.get(VARIABLE, "").strip()
    if named:
        words = [named] if Path(named).is_file() else shlex.split(named)
        found = shutil.which(words[0]) if words else None
        if found is None:
            raise RiskModelError(f"{VARIABLE} is {named!r}, and there is no such program; give "
                                 "the path of a Chromium, Chrome or Edge, or leave it unset")
        return [found, *words[1:]]
    for program in _programs():
        return [program]
    raise RiskModelError(
        "a PDF is printed by a browser, and none was found: install Chromium, Chrome or Edge (or "
        "`pip install playwright && playwright install chromium`), or name one in "
        f"{VARIABLE}; without any, write the page (-o report.html) and print it from a browser")


def _programs() -> Iterator[str]:
    yield from filter(None, map(shutil.which, NAMES))
    yield from (place for place in PLACES if Path(place).is_file())
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return

    def brought() -> str:
        with sync_playwright() as play:
            return str(play.chromium.executable_path)

    # a thread of its own: a notebook has a loop running, beside which playwright does not start
    with ThreadPoolExecutor(1) as pool:
        program = pool.submit(brought).result()
    if Path(program).is_file():
        yield program


def print_page(page: str, target: Path) -> None:
    """Print a page that needs nothing beside it to ``target``, as tagged PDF with an outline.

    Raises
    ------
    RiskModelError : no browser is at hand, or it did not print; the text has its last words
    """
    command = find_browser()
    # a browser does not shut itself off from the page where it runs as root: there it must be told
    # to go without, and the page's own policy is what holds
    if sys.platform.startswith("linux") and os.geteuid() == 0:
        command.append("--no-sandbox")
    with tempfile.TemporaryDirectory(prefix="riskmodel-print-", ignore_cleanup_errors=True) as at:
        source = Path(at) / "page.html"
        source.write_text(page, encoding="utf-8", newline="\n")
        asked = [*command, *QUIET, *PRINTING, f"--user-data-dir={Path(at) / 'profile'}",
                 f"--print-to-pdf={target}", source.as_uri()]
        try:
            done = subprocess.run(asked, capture_output=True, timeout=LONGEST_S, check=False,
                                  stdin=subprocess.DEVNULL)
        except subprocess.TimeoutExpired:
            raise RiskModelError(f"{command[0]} did not print the page within {LONGEST_S:g} "
                                 f"seconds; try another browser ({VARIABLE})") from None
        except OSError as error:
            raise RiskModelError(f"{command[0]} could not be started ({error.strerror}); name "
                                 f"another browser in {VARIABLE}") from None
    if not target.is_file() or target.read_bytes()[:5] != b"%PDF-":
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()[-3:]
        raise RiskModelError(
            f"{command[0]} printed nothing (exit code {done.returncode}"
            f"{': ' + ' / '.join(said) if said else ''}); try another browser ({VARIABLE}), or "
            "write the page (-o report.html) and print it yourself")
