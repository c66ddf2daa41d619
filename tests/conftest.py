"""Puts the checkout on the path, and the whole suite on several cores.

Every test can say ``from tests.world_factory import``: pytest puts the parent folder of the package
that a conftest lives in on the path.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Spread the whole suite over the cores, a file to a worker; parts of it run as they are.

    Only where pytest-xdist is installed and nobody asked for a number of workers.
    """
    if "PYTEST_XDIST_WORKER" in os.environ:
        return  # a worker must not have workers of its own
    whole = config.args_source is config.ArgsSource.TESTPATHS
    if whole and config.pluginmanager.hasplugin("xdist") and config.option.numprocesses is None:
        config.option.numprocesses = min(os.cpu_count() or 1, 4)
        config.option.dist = "loadfile"


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Return the one browser of all pages: a second one beside it cannot be driven."""
    from tests.browser.visits import ARGUMENTS, CHROMIUM

    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with api.sync_playwright() as play:
        launched = play.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield launched
        launched.close()
