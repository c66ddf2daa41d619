"""Clusters that end with the test, whatever happens in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

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


@pytest.fixture
def client(cluster: Loopback) -> Iterator[Any]:
    """Give a client of the cluster, both of whose workers are there."""
    from distributed import Client

    with Client(scheduler_file=str(cluster.file), timeout=60, set_as_default=False) as found:
        found.wait_for_workers(2, timeout=60)
        yield found
