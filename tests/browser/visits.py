"""A page in a real browser with the network off, and what it asked for and complained about."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))),
                None)
ARGUMENTS = ["--no-sandbox", "--disable-quic", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--disable-sync"]
MARKS = [pytest.mark.browser,
         pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")]


class Visit:
    """One visit of a page, with everything it asked for and complained about."""

    def __init__(self, browser: Any, page_file: Path, width: int = 1280,
                 scheme: str = "light") -> None:
        self.context = browser.new_context(offline=True, color_scheme=scheme,
                                           viewport={"width": width, "height": 900})
        self.page = self.context.new_page()
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(page_file.as_uri())

    def __enter__(self) -> Visit:
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()
