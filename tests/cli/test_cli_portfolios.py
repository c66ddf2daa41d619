"""``riskmodel stress`` over portfolios, grids and reverse questions: tables, files, exit codes."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from typer.testing import CliRunner

import riskmodel as rm
from riskmodel.cli import app
from tests.world_factory import write_small_world

STORY = """
id = "{name}"
name = "A story"
story = "It goes dark."
as_of = "2026-11-24"
confidence = "low"
does_not_cover = ["Anything else."]

[sources.a]
title = "A record"
url = "https://example.org/a"
published = "2026-01-01"

[[events]]
peril = "grid_outage"

[[events.outages]]
node = "{node}"
start_h = 0.0
duration_h = 48
depth = 1.0
source = "a"
"""
HALF = 'name = "half of Texas"\n[[edits]]\nedit = "scale"\nsite = "texas_big"\nfactor = 0.5\n'


@pytest.fixture
def here(tmp_path):
    """A folder with a small world, two scenarios and two portfolios of it."""
    write_small_world(tmp_path / "small")
    (tmp_path / "stories").mkdir()
    for name, node in (("texas", "texas_big"), ("dublin", "dublin_one")):
        (tmp_path / "stories" / f"{name}.toml").write_text(STORY.format(name=name, node=node),
                                                           encoding="utf-8")
    (tmp_path / "portfolios").mkdir()
    (tmp_path / "portfolios" / "half.toml").write_text(HALF, encoding="utf-8")
    (tmp_path / "portfolios" / "as_it_is.toml").write_text("# no edits\n", encoding="utf-8")
    return tmp_path


def call(*words: object):
    """Run the program in this process: its modules are loaded once for all tests here."""
    return CliRunner().invoke(app, ["stress", *map(str, words)])


def test_portfolios_under_a_folder_of_scenarios(here):
    done = call("--world", "small", "--scenarios", "stories", "--portfolio", "portfolios",
                "-o", "out", "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["portfolios"] == ["as_it_is", "half of Texas"]
    assert told["left_out"] == []
    total = {(row["portfolio"], row["scenario"]): row["lost_mw_days"] for row in told["stress"]
             if row["lab"] == "total"}
    assert total["half of Texas", "texas"] == pytest.approx(total["as_it_is", "texas"] / 2)
    assert total["half of Texas", "dublin"] == pytest.approx(total["as_it_is", "dublin"])
    assert {path.name for path in (here / "out").iterdir()} == {"stress.parquet", "manifest.json",
                                                               "report.html"}
    table = pd.read_parquet(here / "out" / "stress.parquet")
    kept = table[table["lab"] == "total"].set_index(["portfolio", "scenario"])["lost_mw_days"]
    assert kept.to_dict() == pytest.approx(total)
    assert json.loads((here / "out/manifest.json").read_text("utf-8"))["portfolios"] == [
        "as_it_is", "half of Texas"]
    assert call("--world", "small", "--scenarios", "stories", "-o", "out").exit_code == 0


def test_the_tables_for_people(here):
    done = call("--world", "small", "texas", "--scenarios", "stories", "--portfolio", "portfolios")
    assert done.exit_code == 2
    assert "there is no scenario 'texas'" in done.output
    done = call("--world", "small", "stories/texas.toml", "--portfolio", "portfolios/h*.toml",
                "--portfolio", "small", "--lab", "boreal", "--grid",
                "where=texas_big,site@* duration_h=4,24 depth=.5,1", "--reverse", "boreal:.5:1",
                "--family", "site", "--family", "texas_big,dublin_one")
    assert done.exit_code == 0, done.output
    for words in ("Lost MW-days of boreal in each portfolio", "half of Texas", "small",
                  "50 % down", "site@*", "50 % of boreal missing for 1 days on end, by site nodes",
                  "by the places given", "hours of full outage"):
        assert words in " ".join(done.output.split()), words


def test_grids_and_reverse_questions_leave_tables(here):
    done = call("--world", "small", "--grid", "where=texas_big duration_h=4,24 peril=fire",
                "--reverse", "boreal:.5:1", "--reverse", "boreal:1:700", "--family", "grid",
                "--family", "scenarios", "stories/texas.toml", "-o", "out", "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert [row["peril"] for row in told["grids"][0]][:1] == ["fire"]
    assert len(told["reverse"]) == 4
    assert {each["kind"] for each in told["reverse"]} == {"outages", "scaled scenarios"}
    world = rm.read_world(here / "small")
    expected = rm.reverse_stress(world, "boreal", 0.5, 1.0, family="grid")
    first = told["reverse"][0]
    assert first["says"] == str(expected)
    assert first["found"] == expected.found
    out = here / "out"
    assert {path.name for path in out.iterdir()} == {
        "stress.parquet", "stress_grid.parquet", "reverse_stress.parquet",
        "reverse_frontier.parquet", "manifest.json", "report.html"}
    members = pd.read_parquet(out / "reverse_stress.parquet")
    assert members["family"].nunique() == 2
    grid = pd.read_parquet(out / "stress_grid.parquet")
    assert set(grid["duration_h"]) == {4.0, 24.0}


def test_the_years_of_a_run_are_a_family(here):
    assert CliRunner().invoke(app, ["run", "small", "--years", "200", "-o", "run"]).exit_code == 0
    done = call("--reverse", "boreal:.05:.1", "--family", "run", "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)["reverse"][0]
    assert told["kind"] == "simulated years"
    assert told["chance"]["n"] == 200
    done = call("--reverse", "boreal:.05:.1", "--family", "run", "--portfolio", "portfolios",
                "--world", "small")
    assert done.exit_code == 2
    assert "is the run of one world" in done.output


@pytest.mark.parametrize(("words", "code", "message"), [
    ([], 2, "name a scenario or a file, or write --all"),
    (["--family", "grid", "--all"], 2, "--family belongs to --reverse"),
    (["--grid", "duration_h=4"], 2, "--grid: where is not there"),
    (["--grid", "wehre=a duration_h=4"], 2, "did you mean 'where'"),
    (["--grid", "where=texas_big duration_h=4h"], 2, "'4h', which is no number"),
    (["--grid", "where=texas_big duration_h=4 depth=2"], 2, "depth has 2.0"),
    (["--grid", "where=a duration_h=4 where=b"], 2, "where stands twice"),
    (["--grid", "where=texas_bgi duration_h=4"], 1, "did you mean 'texas_big'"),
    (["--reverse", "boreal:.5"], 2, "is not LAB:SHARE:DAYS"),
    (["--reverse", "boreal:half:3"], 2, "'half', which is no number"),
    (["--reverse", "boraal:.5:3"], 2, "did you mean 'boreal'"),
    (["--reverse", "boreal:5:3"], 2, "share is 5"),
    (["--reverse", "boreal:.5:3", "--family", "gird"], 2, "did you mean 'grid'"),
    (["--scenarios", "gone"], 2, "there is no folder 'gone'"),
    (["--scenarios", "small/perils"], 2, "scenario"),
    (["stories/texas.toml", "--portfolio", "gone"], 2, "'gone' has no portfolio"),
    (["stories/texas.toml", "portfolios/half.toml"], 2, "half.toml is a portfolio, not a scenario"),
    (["stories/texas.toml", "--portfolio", "portfolios", "--lab", "boraal"], 2,
     "did you mean 'boreal'"),
    (["stories/texas.toml", "--portfolio", "portfolios", "--portfolio", "portfolios/half.toml"],
     1, "two portfolios are called 'half of Texas'"),
])
def test_what_is_wrong_and_whose_fault_it_is(here, words, code, message):
    done = call("--world", "small", *words)
    assert done.exit_code == code, done.output
    assert message in done.output
    as_json = call("--world", "small", *words, "--json")
    if "--lab" not in words:  # which is for the tables of people
        assert as_json.exit_code == code
        assert json.loads(as_json.stdout)["ok"] is False


def test_an_edit_that_cannot_be_made(here):
    (here / "portfolios" / "half.toml").write_text(HALF.replace("0.5", "-1"), encoding="utf-8")
    done = call("--world", "small", "stories/texas.toml", "--portfolio", "portfolios")
    assert done.exit_code == 1
    assert "half.toml: edits[0], scale: the factor is -1" in done.output
