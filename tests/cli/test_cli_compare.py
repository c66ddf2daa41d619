"""``riskmodel compare``: two outputs, two worlds, or a world and changes."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

import riskmodel as rm
from riskmodel.cli import app
from riskmodel.world.io import write_world
from tests.world_factory import write_small_world

pytestmark = pytest.mark.filterwarnings("ignore::riskmodel.errors.RiskModelWarning")
MOVE = "aurora:60:texas_big:dublin_one"
HOW = ["--years", "400", "--seed", "3", "--level", "0.9"]


def run(*words: object):
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture(scope="module")
def folders(tmp_path_factory) -> dict[str, Path]:
    """A world, the same after a move, and the output of a run of each."""
    top = tmp_path_factory.mktemp("compare")
    found = {"world": write_small_world(top / "world")}
    alt = rm.read_world(found["world"]).move("aurora", 60, "texas_big", "dublin_one")
    found["moved"] = write_world(alt, top / "moved")
    for name in ("world", "moved"):
        found[f"{name} run"] = top / f"{name} run"
        done = run("run", found[name], "--years", 400, "--seed", 3, "-o", found[f"{name} run"])
        assert done.exit_code == 0, done.output
    return found


@pytest.fixture(scope="module")
def expected(folders) -> pd.DataFrame:
    base = rm.read_world(folders["world"])
    return rm.compare(*(rm.simulate(world, 400, 3) for world in (
        base, base.move("aurora", 60, "texas_big", "dublin_one"))), level=0.9)


def as_frame(output: str) -> pd.DataFrame:
    told = json.loads(output)
    assert told["ok"] is True
    return pd.DataFrame(told["comparison"])


WAYS = {"a world and a move": lambda f: [f["world"], "--move", MOVE, *HOW],
        "two worlds": lambda f: [f["world"], f["moved"], *HOW],
        "two outputs": lambda f: [f["world run"], f["moved run"], "--level", "0.9"],
        "an output and a move": lambda f: [f["world run"], "--move", MOVE, "--level", "0.9"]}


@pytest.mark.parametrize("way", list(WAYS))
def test_every_way_says_the_same(folders, expected, way):
    done = run("compare", *WAYS[way](folders), "--json")
    assert done.exit_code == 0, done.output
    found = as_frame(done.stdout)
    assert found["verdict"].tolist() == expected["verdict"].tolist()
    for name in ("base", "other", "difference", "se"):
        pd.testing.assert_series_equal(found[name].astype(float), expected[name], rtol=1e-9)
    assert {"better", "no change"} <= set(found["verdict"])


def test_it_leaves_a_page_and_a_table(folders, expected, tmp_path):
    done = run("compare", folders["world"], "--move", MOVE, *HOW, "-o", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert "aurora" in done.stdout
    assert "better" in done.stdout
    assert "no change for boreal" in done.stderr
    out = tmp_path / "out"
    assert {path.name for path in out.iterdir()} == {"comparison.parquet", "manifest.json",
                                                     "report.html"}
    pd.testing.assert_frame_equal(pd.read_parquet(out / "comparison.parquet"), expected,
                                  check_dtype=False)
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    assert manifest["kind"] == "compare"
    assert manifest["changes"] == [{"kind": "move", "lab": "aurora", "mw": 60.0,
                                    "from_site": "texas_big", "to_site": "dublin_one"}]
    assert manifest["base"]["world"]["fingerprint"] != manifest["other"]["world"]["fingerprint"]
    # and may be replaced
    again = run("compare", folders["world"], "--scale", "aurora:2", "--drop-site", "koeln_hall",
                *HOW, "-o", out)
    assert again.exit_code == 0, again.output
    assert [each["kind"] for each in json.loads((out / "manifest.json").read_text())["changes"]
            ] == ["drop", "scale"]


def test_an_equal_world_changes_nothing(folders):
    done = run("compare", folders["world"], folders["world"], *HOW)
    assert done.exit_code == 0, done.output
    assert "nothing changes for anybody" in done.stderr


@pytest.mark.parametrize(("words", "code", "says"), [
    (["world", "world run"], 2, "compare two of a kind"),
    (["world run", "--move", MOVE, "--years", "9"], 2, "settles --years"),
    (["world", "--move", "aurora:900:texas_big:dublin_one"], 2, "aurora holds 200 MW at texas_big"),
    (["world", "--move", "auora:1:texas_big:dublin_one"], 2, "did you mean 'aurora'"),
    (["world", "--drop-site", "koeln"], 2, "there is no site 'koeln'"),
    (["world", "--move", MOVE, "--years", "50"], 2, "cannot hold the level 0.99"),
    (["world", "--move", MOVE, "--years", "5", "--worlds", "9"], 2, "9 worlds in 5 years"),
])
def test_what_cannot_be_compared(folders, words, code, says):
    done = run("compare", *[folders.get(word, word) for word in words])
    assert done.exit_code == code
    assert says in done.stderr
    assert done.stdout == ""


def test_runs_of_other_seeds_are_refused(folders, tmp_path):
    assert run("run", folders["moved"], "--years", 400, "--seed", 4, "-o",
               tmp_path / "else").exit_code == 0
    done = run("compare", folders["world run"], tmp_path / "else", "--json")
    assert done.exit_code == 1
    assert "seed=3 and other seed=4" in json.loads(done.stdout)["error"]
