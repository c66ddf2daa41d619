"""The README's way from nothing to a report of one's own runs exactly as it is printed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.readme.example import blocks

ROOT = Path(__file__).resolve().parents[2]
SECTION = (ROOT / "README.md").read_text(encoding="utf-8").split(
    "## Your own portfolio in ten minutes")[1].split("\n## ")[0]


def test_the_section_has_commands():
    assert "riskmodel init mine" in "".join(blocks(SECTION, "bash"))


@pytest.mark.slow
def test_the_commands_run_as_printed_in_an_empty_folder(tmp_path: Path):
    programs = tmp_path / "programs"
    programs.mkdir()
    shim = programs / "riskmodel"  # the program of this checkout, under its own name
    shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m riskmodel "$@"\n', encoding="utf-8")
    shim.chmod(0o755)
    empty = tmp_path / "empty"
    empty.mkdir()
    there = {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
             "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    for block in blocks(SECTION, "bash"):
        done = subprocess.run(["bash", "-e"], input=block, cwd=empty, env=there, text=True,
                              capture_output=True, timeout=500, check=False)
        assert done.returncode == 0, f"{block}\n{done.stderr}"
    report = (empty / "mine.html").read_text(encoding="utf-8")
    assert "Prairie campus" in report  # one's own site, by name
    assert "alpha" in report
    assert {path.name for path in (empty / "mine-ord").iterdir()} >= {"gul_S1_splt.csv"}
    assert (empty / "mine.gpkg").stat().st_size > 0
    assert (empty / "mine-duckdb" / "example.sql").is_file()
    assert "colour" in (empty / "ours" / "imported_columns.csv").read_text(encoding="utf-8")
    assert {"measures.parquet", "manifest.json", "report.html"} <= {
        path.name for path in (empty / "mine-out").iterdir()}
