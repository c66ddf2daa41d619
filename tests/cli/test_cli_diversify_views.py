"""``riskmodel diversify concentration | zones | cover`` on a small world."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

import riskmodel as rm
from riskmodel.cli import app
from tests.world_factory import write_small_world


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return write_small_world(tmp_path_factory.mktemp("world") / "small")


def _run(*words: object):
    return CliRunner().invoke(app, ["diversify", *map(str, words)])


def _told(*words: object) -> dict:
    done = _run(*words, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_concentration_says_the_same_as_the_function(folder, tmp_path):
    told = _told("concentration", folder, "--lab", "aurora", "-o", tmp_path / "c.csv")
    frame = rm.concentration(rm.read_world(folder), lab="aurora")
    rows = told["concentration"]
    assert [row["dimension"] for row in rows] == frame["dimension"].tolist()
    table = pd.read_csv(tmp_path / "c.csv")
    assert table["value"].tolist() == pytest.approx(frame["value"].tolist(), nan_ok=True)
    # 70 MW in Ireland, 200 in Texas
    top = next(row for row in rows if (row["dimension"], row["measure"]) == (
        "country", "largest_share"))
    assert (top["value"], top["largest"]) == (pytest.approx(200 / 270), "US")
    endless = next(row for row in rows if (row["dimension"], row["measure"]) == (
        "theatre", "effective_number"))
    assert endless["value"] is None  # JSON knows no infinity


def test_concentration_for_people(folder):
    one = _run("concentration", folder, "--lab", "aurora").output
    assert "What aurora rests on" in one
    assert "grid region" in one
    everyone = _run("concentration", folder, "--by", "country,chip").output
    assert "2.3 (57 %)" in everyone  # 100, 50 and 200 MW
    assert "?" in everyone  # no chip is on record
    assert "foundry" not in everyone


def test_concentration_with_simulated_years(folder):
    told = _told("concentration", folder, "--years", 200, "--seed", 3, "--lab", "aurora")
    bets = {row["measure"]: row["value"] for row in told["independent_bets"]}
    assert 1 <= bets["independent_bets"] <= 2
    shown = _run("concentration", folder, "--years", 200, "--lab", "aurora").output
    assert "independent bets" in shown


def test_zones_say_the_same_as_the_function(folder, tmp_path):
    told = _told("zones", folder, "--radius", "100,8", "--top", 2, "-o", tmp_path / "z.parquet")
    frame = rm.accumulation(rm.read_world(folder), radius_km=[100, 8], top=2)
    assert [row["value"] for row in told["zones"]] == frame["value"].tolist()
    assert pd.read_parquet(tmp_path / "z.parquet")["zone"].tolist() == frame["zone"].tolist()
    assert "100 km" in _run("zones", folder).output
    assert "ERCOT" in _run("zones", folder, "--lab", "aurora").output


def test_cover_says_the_same_as_the_function(folder, tmp_path):
    told = _told("cover", folder, "--years", 300, "--seed", 5, "--waiting-h", 6,
                 "--indemnity-days", 30, "--annual-limit", 50, "--lab", "aurora", "--price", 1000,
                 "-o", tmp_path / "cover.csv")
    losses = rm.simulate(rm.read_world(folder), 300, seed=5)
    frame = rm.cover(losses, "aurora", waiting_h=6, indemnity_days=30, annual_limit_mw_days=50,
                     price=1000.0)
    found = {row["measure"]: row["value"] for row in told["cover"]}
    assert found == pytest.approx(dict(zip(frame["measure"], frame["value"], strict=True)))
    assert found["premium"] == pytest.approx(1000 * found["recovery"])
    assert 0 < found["recovery"] < found["aal"]
    assert told["terms"] == "6 h of waiting, 30 days of indemnity, limit a year 50 MW-days"
    shown = _run("cover", folder, "--years", 300, "--price", "capex").output
    assert "12 h of waiting" in shown
    assert "written" in shown


@pytest.mark.parametrize(("words", "says"), [
    (["concentration", "--lab", "nobody"], "there is no lab"),
    (["concentration", "--by", "opperator"], "did you mean 'operator'"),
    (["concentration", "-o", "t.xlsx"], ".csv or .parquet"),
    (["concentration", "-o", "nowhere/t.csv"], "there is no folder"),
    (["zones", "--radius", "ten"], "is no list of numbers"),
    (["zones", "--radius", "-5"], "above 0 km"),
    (["zones", "--kinds", "grids"], "kind is 'grids'"),
    (["cover", "--waiting-h", "-1"], "waiting_h is -1"),
    (["cover", "--limit", "0"], "limit_mw_days is 0.0"),
    (["cover", "--price", "rentl"], "did you mean 'rental'"),
    (["cover", "--price", "-3"], "--price is -3"),
    (["cover", "--perils", "rain"], "there is no peril"),
])
def test_wrong_usage_says_so_and_exits_2(words, says, folder):
    done = _run(words[0], folder, *words[1:])
    assert done.exit_code == 2
    told = " ".join(done.output.replace("│", " ").split())
    assert says in told


def test_spread_says_the_same_as_the_function(folder, tmp_path):
    told = _told("spread", folder, "--years", 900, "--seed", 3, "--level", 0.95, "-o",
                 tmp_path / "s.csv")
    losses = rm.simulate(rm.read_world(folder), years=900, seed=3)
    for lab in ("aurora",):
        expected = rm.spread_frontier(losses, lab, "running", level=0.95).table
        mine = [row for row in told["table"] if (row["lab"], row["among"]) == (lab, "running")]
        assert [row["value"] for row in mine] == pytest.approx(expected["value"].tolist())
    assert len(pd.read_csv(tmp_path / "s.csv")) == len(told["table"])
    shown = _run("spread", folder, "--years", 900, "--level", 0.95, "--lab", "aurora").output
    assert "Distance from the best spread" in shown
    short = _run("spread", folder, "--years", 600, "--level", 0.95)
    assert short.exit_code == 1
    assert "half of the 600 years leaves 15" in " ".join(short.output.split())
