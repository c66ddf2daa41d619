"""Clusters that end with the test, whatever happens in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.loopback import Loopback


@pytest.fixture
def cluster(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Loopback]:
    """Give a scheduler and two workers of one thread; a parameter is Dask's allowed failures."""
    pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
    folder = tmp_path / "cluster"
    folder.mkdir()
    started = Loopback(folder, DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES=getattr(
        request, "param", "3"))
    try:
        started.worker()
        started.worker()
        yield started
    finally:
        started.close()
