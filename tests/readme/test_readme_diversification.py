"""The README's table on diversification is what the code says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.readme.diversification_table import LABS, SEED, YEARS, lines

README = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")


def test_every_lab_has_its_line():
    part = README.split("## What to do about it")[1].split("\n## ")[0]
    for lab in LABS:
        assert f"| `{lab}` |" in part
    assert f"{YEARS:,} years, seed {SEED}" in part


@pytest.mark.slow
def test_the_table_is_worked_out_anew():
    told = README.splitlines()
    for line in lines():
        assert line in told, "make it again: python -m tests.readme.diversification_table"
