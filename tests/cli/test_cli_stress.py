"""``riskmodel stress`` and ``riskmodel scenarios``: tables, files, exit codes."""

from __future__ import annotations

import json

import pandas as pd

import riskmodel as rm

OWN = """
id = "mine"
name = "My own"
story = "The Texas grid is dark for two days."
as_of = "2026-11-24"
confidence = "low"
does_not_cover = ["Anything else."]

[sources.a]
title = "A record"
url = "https://example.org/a"
published = "2026-01-01"

[[events]]
peril = "grid_outage"
region = "ERCOT"

[[events.outages]]
node = "grid:ERCOT"
start_h = 0.0
duration_h = 48
depth = 1.0
source = "a"
"""


def test_all_of_them_leave_a_page_and_a_table(program, tmp_path):
    (tmp_path / "mine.toml").write_text(OWN, encoding="utf-8")
    done = program("stress", "--all", "mine.toml", "-o", "out", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["ok"] is True
    assert told["left_out"] == {}
    names = [each["scenario"] for each in told["scenarios"]]
    assert set(names) == {*rm.scenarios()["scenario"], "mine"}
    out = tmp_path / "out"
    assert {path.name for path in out.iterdir()} == {"stress.parquet", "manifest.json",
                                                     "report.html"}
    table = pd.read_parquet(out / "stress.parquet")
    totals = table[table["lab"] == "total"].set_index("scenario")["lost_mw_days"]
    assert {each["scenario"]: round(each["lost_mw_days"], 6) for each in told["scenarios"]} == {
        name: round(lost, 6) for name, lost in totals.items()}
    assert (totals > 0).all()
    days = table.drop_duplicates("scenario").set_index("scenario")["world_as_of"]
    assert days["gulf-campaign-2026"] == "2026-02-27"
    assert days["taiwan-blockade"] == "2027-12-31"
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    assert manifest["kind"] == "stress"
    assert len(manifest["scenarios"]) == len(names)
    page = (out / "report.html").read_text("utf-8")
    assert all(f'id="s-{name}"' in page for name in names)


def test_one_scenario_as_a_table_again_and_on_another_day(program, tmp_path):
    shown = program("stress", "us-east-1-october-2025", "-o", "out")
    assert shown.returncode == 0, shown.stderr
    assert "us-east-1-october-2025" in shown.stdout
    assert "finds nothing in this world" in shown.stderr
    assert program("stress", "gas-cut", "-o", "out", "--sites").returncode == 0  # replaces it
    told = json.loads(program("stress", "gas-cut", "--as-of", "2027-12-31", "--json").stdout)
    assert told["scenarios"][0]["world_as_of"] == "2027-12-31"
    assert told["out"] is None


def test_what_is_wrong_and_whose_fault_it_is(program, tmp_path):
    failed = program("stress", "taiwan-blokade")
    assert failed.returncode == 2
    assert "did you mean 'taiwan-blockade'" in failed.stderr
    (tmp_path / "mine.toml").write_text(OWN.replace("48", "-48"), encoding="utf-8")
    failed = program("stress", "mine.toml", "--json")
    assert failed.returncode == 1
    assert "mine.toml" in json.loads(failed.stdout)["error"]
    assert "events[0].outages[0].duration_h is -48" in failed.stderr
    (tmp_path / "mine.toml").write_text(OWN.replace("grid:ERCOT", "grid:ERCTO"), encoding="utf-8")
    for more in ((), ("--all",)):  # what is asked for by name is never left out
        failed = program("stress", "mine.toml", *more)
        assert failed.returncode == 1
        assert "did you mean 'grid:ERCOT'" in failed.stderr


def test_a_world_of_ones_own_is_played_on_its_own_date(program, tmp_path):
    from tests.world_factory import write_small_world

    folder = write_small_world(tmp_path / "small")
    (folder / "scenarios").mkdir()
    (folder / "scenarios" / "mine.toml").write_text(
        OWN.replace('node = "grid:ERCOT"', 'hits = { country = "US" }'), encoding="utf-8")
    assert "mine" in program("scenarios", "--world", folder).stdout
    done = program("stress", "--all", "--world", folder, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    mine = {each["scenario"]: each for each in told["scenarios"]}["mine"]
    assert mine["lost_mw_days"] > 0
    assert "there is no node" in told["left_out"]["gulf-campaign-2026"]
    assert len({each["world_as_of"] for each in told["scenarios"]}) == 1


def test_listing_and_telling(program):
    listed = json.loads(program("scenarios", "--json").stdout)["scenarios"]
    assert len(listed) >= 15
    shown = program("scenarios", "show", "gas-cut").stdout
    for words in ("does not cover:", "sources:", "every gas: 100 % from hour 0 for 72 h"):
        assert words in shown
    told = json.loads(program("scenarios", "show", "gas-cut", "--json").stdout)
    assert told["events"][0]["peril"] == "fuel_cut"
