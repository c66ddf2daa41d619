"""The README's table of back-tests is what the code says, misses included."""

from __future__ import annotations

from pathlib import Path

from tests.readme.backtest_table import DRAWS, lines

README = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")


def test_the_table_is_worked_out_anew():
    told = [line for line in README.splitlines() if line.startswith("| ")]
    for line in lines():
        assert line in told or line.startswith("|---"), (
            "make it again: python -m tests.readme.backtest_table")
    assert f"--draws {DRAWS}" in README
