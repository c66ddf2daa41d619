"""One report of the shipped world for all files of tests."""

from __future__ import annotations

from pathlib import Path

import pytest

import riskmodel as rm


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the report of the shipped world that several files of tests open."""
    losses = rm.simulate(rm.read_world(), years=600, seed=7)
    return rm.write_report(losses, tmp_path_factory.mktemp("report") / "report.html")
