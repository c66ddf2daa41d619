"""Two million rows of an event table are read, checked and compiled in bounded memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks.large_event_table import large_world, read_apart, read_here

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(),
                                reason="needs Linux's /proc")
ROWS = 2_000_000
BOUND_MB = 1000.0  # above what the imports need; about 800 measured


def test_every_row_is_there(tmp_path):
    told = read_here(large_world(tmp_path, 30_000, 200))
    assert (told["rows"], told["events"]) == (30_000, 300)


@pytest.mark.slow
def test_two_million_rows_in_bounded_memory(tmp_path):
    told = read_apart(large_world(tmp_path, ROWS, 1000))
    assert (told["rows"], told["events"]) == (ROWS, ROWS / 100)
    assert told["peak_above_mb"] < BOUND_MB
