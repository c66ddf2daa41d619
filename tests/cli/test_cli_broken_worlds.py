"""Fourteen broken worlds: each is refused with everything that is wrong, and nothing is written."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from riskmodel.cli import app
from tests.cli.small_world import edit, write


@dataclass(frozen=True)
class Broken:
    """How a world is broken, and what the message must hold."""

    name: str
    damage: Callable[[Path], object]
    file: str
    check: str
    rows: tuple[int, ...]
    says: tuple[str, ...] = ()


WORLDS = (
    Broken("file missing", lambda f: (f / "holdings.csv").unlink(), "holdings.csv",
           "missing_file", ()),
    Broken("column missing", lambda f: edit(f, "sites.csv", ",it_mw,", ",power,"), "sites.csv",
           "missing_column", (), ("it_mw",)),
    Broken("unknown column", lambda f: edit(f, "requirements.csv", "ride_through_h",
                                            "ride_trough_h"), "requirements.csv",
           "unknown_column", (), ("ride_trough_h", "ride_through_h")),
    Broken("wrong type", lambda f: edit(f, "sites.csv", ",60,", ",sixty,"), "sites.csv",
           "wrong_type", (3,), ("sixty",)),
    Broken("empty coordinates", lambda f: edit(f, "sites.csv", "30.27,-97.74", ","), "sites.csv",
           "empty_cells", (3,), ("lat",)),
    Broken("latitude 95", lambda f: edit(f, "sites.csv", "53.35", "95"), "sites.csv", "bounds",
           (4,), ("95",)),
    Broken("shares above 1", lambda f: edit(f, "holdings.csv", "beta,dublin",
                                            "beta,dallas,0.4,1,likely,low\nbeta,dublin"),
           "holdings.csv", "shares_above_one", (), ("dallas",)),
    Broken("unknown node", lambda f: edit(f, "requirements.csv", "dublin,power,grid:IE",
                                          "dublin,power,grid:EI"), "requirements.csv",
           "foreign_keys", (4,), ("grid:EI",)),
    Broken("negative power", lambda f: edit(f, "sites.csv", ",60,", ",-60,"), "sites.csv",
           "bounds", (3,), ("-60",)),
    Broken("duplicated site_id", lambda f: edit(f, "sites.csv", "austin,", "dallas,"),
           "sites.csv", "duplicate_keys", (), ("dallas",)),
    Broken("dates in reverse", lambda f: edit(f, "sites.csv", "2025-06-01,2026-06-01",
                                              "2026-06-01,2025-06-01"), "sites.csv", "dates",
           (3,), ("2026-06-01", "2025-06-01")),
    Broken("not UTF-8", lambda f: (f / "labs.csv").write_bytes(
        (f / "labs.csv").read_text(encoding="utf-8").encode("latin-1")), "labs.csv", "not_utf8",
        ()),
    Broken("empty file", lambda f: (f / "labs.csv").write_text(""), "labs.csv", "empty_file", ()),
    Broken("k larger than the group", lambda f: edit(f, "requirements.csv", "grid:IE,1,",
                                                     "grid:IE,2,"), "requirements.csv",
           "k_range", (4,), ("2",)),
)


def test_they_are_fourteen():
    assert len({each.name for each in WORLDS}) == 14


def test_the_world_they_were_made_from_is_sound(tmp_path: Path):
    done = CliRunner().invoke(app, ["check", str(write(tmp_path / "whole"))])
    assert done.exit_code == 0, done.stderr
    assert "fit to run" in done.stdout


@pytest.mark.parametrize("broken", WORLDS, ids=lambda each: each.name)
@pytest.mark.parametrize("verb", ["check", "run"])
def test_refused_with_file_rows_and_mend(broken: Broken, verb: str, tmp_path: Path):
    folder = write(tmp_path / "a world")
    broken.damage(folder)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    words = [verb, str(folder), "--json"] + (["-o", "out"] if verb == "run" else [])
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 1, done.output
    told = json.loads(done.stdout)
    assert told["ok"] is False
    ours = [each for each in told["problems"] if each["check"] == broken.check
            and broken.file in each["where"]]
    assert ours, told["problems"]
    assert all(each["mend"] for each in told["problems"])
    for row in broken.rows:
        assert row in ours[0]["rows"]
    for word in broken.says:
        assert word in ours[0]["message"] + ours[0]["mend"]
    assert "Traceback" not in done.stderr
    for each in told["problems"]:
        assert each["message"] in done.stderr
        assert each["mend"] in done.stderr
    after = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert after == before


def test_every_problem_is_told_at_once(tmp_path: Path):
    folder = write(tmp_path / "w")
    edit(folder, "sites.csv", "53.35", "95")
    edit(folder, "sites.csv", ",60,", ",-60,")
    edit(folder, "requirements.csv", "dublin,power,grid:IE", "dublin,power,grid:EI")
    edit(folder, "holdings.csv", "alpha,dallas", "alfa,dallas")
    (folder / "nodes.csv").write_text("")
    done = CliRunner().invoke(app, ["run", str(folder), "--json"])
    assert done.exit_code == 1
    found = {(each["where"].split(",")[0], each["check"]) for each in
             json.loads(done.stdout)["problems"]}
    assert {("sites.csv", "bounds"), ("holdings.csv", "foreign_keys"),
            ("nodes.csv", "empty_file")} <= found
    assert not Path("out").exists()


def test_no_trace_of_python_in_a_process_of_its_own(program, tmp_path: Path):
    folder = write(tmp_path / "wörld with spaces")
    (folder / "sites.csv").unlink()
    done = program("run", folder)
    assert done.returncode == 1
    assert done.stdout == ""
    assert "sites.csv" in done.stderr
    assert "mend:" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_with_a_near_name_is_hinted_at(tmp_path: Path):
    write(tmp_path / "my-world")
    done = CliRunner().invoke(app, ["check", "my-wrld"])
    assert done.exit_code == 2
    assert "my-world" in done.stderr
