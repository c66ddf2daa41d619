"""One browser for all pages, and one report of the shipped world."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import riskmodel as rm
from tests.browser.visits import ARGUMENTS, CHROMIUM


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with api.sync_playwright() as play:
        launched = play.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the report of the shipped world that several files of tests open."""
    losses = rm.simulate(rm.read_world(), years=600, seed=7)
    return rm.write_report(losses, tmp_path_factory.mktemp("report") / "report.html")
