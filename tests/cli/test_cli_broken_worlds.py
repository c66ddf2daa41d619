"""Fourteen broken worlds: each is refused with everything that is wrong, and nothing is written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from riskmodel.cli import app
from tests.world_factory import BROKEN_WORLDS, write_small_world


def test_they_are_fourteen():
    assert len(BROKEN_WORLDS) == 14


def test_the_world_they_were_made_from_is_sound(tmp_path: Path):
    done = CliRunner().invoke(app, ["check", str(write_small_world(tmp_path / "whole"))])
    assert done.exit_code == 0, done.stderr
    assert "fit to run" in done.stdout


@pytest.mark.parametrize("name", list(BROKEN_WORLDS))
@pytest.mark.parametrize("verb", ["check", "run"])
def test_refused_with_file_rows_and_mend(name: str, verb: str, tmp_path: Path):
    broken = BROKEN_WORLDS[name]
    folder = write_small_world(tmp_path / "a world")
    broken.break_it(folder)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    words = [verb, str(folder), "--json"] + (["-o", "out"] if verb == "run" else [])
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 1, done.output
    told = json.loads(done.stdout)
    assert told["ok"] is False
    ours = [each for each in told["problems"] if each["check"] == broken.check
            and each["where"] == broken.file and set(broken.rows) <= set(each["rows"])]
    assert ours, told["problems"]
    for word in broken.says:
        assert word in ours[0]["message"]
    assert broken.mend in ours[0]["mend"]
    assert "Traceback" not in done.stderr
    for each in told["problems"]:
        assert each["message"] in done.stderr
        assert each["mend"] in done.stderr
    after = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert after == before


def test_every_problem_is_told_at_once(tmp_path: Path):
    folder = write_small_world(tmp_path / "w")
    for name in ("latitude_95", "type_wrong", "unknown_node", "shares_above_one", "file_empty"):
        BROKEN_WORLDS[name].break_it(folder)
    done = CliRunner().invoke(app, ["run", str(folder), "--json"])
    assert done.exit_code == 1
    found = {(each["where"], each["check"]) for each in json.loads(done.stdout)["problems"]}
    assert {("sites.csv", "bounds"), ("sites.csv", "wrong_type"), ("labs.csv", "empty_file"),
            ("requirements.csv", "foreign_keys"), ("holdings.csv", "shares_above_one")} <= found
    assert not Path("out").exists()


def test_no_trace_of_python_in_a_process_of_its_own(program, tmp_path: Path):
    folder = write_small_world(tmp_path / "wörld with spaces")
    (folder / "sites.csv").unlink()
    done = program("run", folder)
    assert done.returncode == 1
    assert done.stdout == ""
    assert "sites.csv" in done.stderr
    assert "mend:" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_with_a_near_name_is_hinted_at(tmp_path: Path):
    write_small_world(tmp_path / "my-world")
    done = CliRunner().invoke(app, ["check", "my-wrld"])
    assert done.exit_code == 2
    assert "my-world" in done.stderr
