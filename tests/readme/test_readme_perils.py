"""The README's table of perils is what the code says."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskmodel.perils.registry import BUILT_IN
from tests.readme.peril_table import SEED, YEARS, lines

README = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")


def test_every_family_has_its_line():
    for peril in BUILT_IN:
        assert f"| `{peril}` |" in README
    assert f"{YEARS:,} years, seed {SEED}" in README


@pytest.mark.slow
def test_the_table_is_worked_out_anew():
    told = README.splitlines()
    for line in lines():
        assert line in told, "make it again: python -m tests.readme.peril_table"
