"""The makers of pages in ``.docs`` can be imported, and the built site is at hand where it is."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / ".docs"
sys.path.insert(0, str(DOCS))


@pytest.fixture(scope="session")
def site() -> Path:
    """Return the folder of the built site that RISKMODEL_DOCS names."""
    named = os.environ.get("RISKMODEL_DOCS")
    if not named:
        pytest.skip("build the site (python .docs/build.py FOLDER) and say RISKMODEL_DOCS=FOLDER")
    folder = Path(named)
    assert (folder / "index.html").is_file(), f"{folder} holds no built site"
    return folder
