"""``riskmodel diversify allocate``: tables, page, exit codes."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from typer.testing import CliRunner

from riskmodel.cli import app
from riskmodel.world.io import write_world
from tests.decisions.allocation_case import small_world

ASK = ("diversify", "allocate", "--lab", "one", "--mw", "100", "--level", ".9", "--years", "400",
       "--replicates", "2")


def program(*words):
    """Run it in this process: starting one takes longer than all the rest."""
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture
def folder(tmp_path):
    write_world(small_world(), tmp_path / "world")
    return tmp_path / "world"


def test_it_leaves_a_page_and_tables_and_says_the_same_in_json(folder, tmp_path):
    done = program(*ASK, "--world", folder, "--cap", "oslo=40", "--max-share", "grid_region=.5",
                   "--min-domestic", "US,NO=.6", "--shares-of", "new", "--cost", "US=9",
                   "--cost", "NO=12", "--cost", "AE=7", "--frontier", "budget", "--json", "-o",
                   "out")
    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    out = tmp_path / "out"
    assert {path.name for path in out.iterdir()} == {
        "allocation.parquet", "allocation_rows.parquet", "allocation_splits.parquet",
        "frontier.parquet", "manifest.json", "report.html"}
    table = pd.read_parquet(out / "allocation.parquet")
    assert table["mw"].sum() == pytest.approx(100.0)
    assert {row["candidate"]: row["mw"] for row in told["candidates"]} == pytest.approx(
        dict(zip(table["candidate"], table["mw"], strict=True)))
    assert told["gap"] <= 1e-6
    assert {row["name"] for row in told["rows"]} >= {"at least 60 % in US and NO"}
    assert len({row["limit"] for row in told["frontier"]["table"]}) == 7
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    assert (manifest["kind"], manifest["fresh_seed"]) == ("allocate", 1)
    drawn = json.loads(program("figures", out, "-o", "figs", "--format", "svg", "--json").stdout)
    assert [(each["name"], each["n"], each["seed"]) for each in drawn["figures"]] == [
        ("frontier", 400, 0)]
    assert "most spent" in drawn["figures"][0]["caption"]
    again = program(*ASK, "--world", folder, "--alone", "--no-fresh", "--candidate", "ohio",
                    "--candidate", "oslo", "--hub", "40,-83", "--mean-km", "7000", "-o", "out")
    assert again.exit_code == 0, again.stderr
    assert "MW for one" in again.stdout
    assert "not checked on fresh years" in again.stdout


def test_clashes_are_wrong_input_and_what_is_not_there_is_wrong_usage(folder):
    done = program(*ASK, "--world", folder, "--cap", "10", "--json")
    assert done.exit_code == 1
    assert "the caps of 5 candidates, which add up to 50 MW" in json.loads(done.stdout)["error"]
    for words, says in ((("--candidate", "ohoi"), "did you mean 'ohio'"),
                        (("--cap", "ohio:3"), "write --cap SITE=300"),
                        (("--frontier", "min_domestic"), "min_domestic:US"),
                        (("--max-share", "country=.5", "--max-share", "country:US=.4"), "both")):
        wrong = program(*ASK, "--world", folder, *words)
        assert wrong.exit_code == 2, wrong.stderr
        assert says in wrong.stderr
