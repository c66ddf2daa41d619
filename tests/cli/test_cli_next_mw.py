"""``riskmodel diversify next`` on a small world."""

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
    made = write_small_world(tmp_path_factory.mktemp("world") / "small")
    text = (made / "sites.csv").read_text(encoding="utf-8").splitlines()
    grids = ["grid_region", "IE", "DE", "ERCOT"]
    (made / "sites.csv").write_text("".join(
        f"{line},{grid}\n" for line, grid in zip(text, grids, strict=True)), encoding="utf-8")
    return made


def _run(*words: object):
    return CliRunner().invoke(app, ["diversify", "next", *map(str, words)])


def test_it_says_the_same_as_the_function(folder, tmp_path):
    asked = ("--lab", "aurora", "--years", 400, "--seed", 5, "--mw", 20, "--level", 0.9,
             "--price", 1000, "--by", "aal", "--needed-share", 0.9)
    done = _run(folder, *asked, "-o", tmp_path / "next.csv", "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    frame = rm.next_mw(rm.read_world(folder), "aurora", 20, 0.9, years=400, seed=5, by="aal",
                       price=1000.0, needed_share=0.9)
    assert [row["region"] for row in told["regions"]] == frame["region"].tolist()
    for name in ("aal", "tail", "credit", "cost", "block_tail", "to_best"):
        assert [row[name] for row in told["regions"]] == pytest.approx(frame[name].tolist())
    assert told["regions"][0]["rank"] == 1
    assert "average annual loss" in told["text"]
    table = pd.read_csv(tmp_path / "next.csv")
    assert table["aal"].tolist() == pytest.approx(frame["aal"].tolist())


def test_it_leaves_a_page_and_prints_a_table(folder, tmp_path):
    done = _run(folder, "--years", 300, "--level", 0.9, "--regions", "IE,DE", "-o",
                tmp_path / "out")
    assert done.exit_code == 0, done.output
    for word in ("IE", "DE", "rank", "tied", "For a MW alone"):
        assert word in done.output
    assert "ERCOT" not in done.output
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "report.html", "next_mw.parquet", "manifest.json"}
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert (manifest["kind"], manifest["years"], manifest["lab"]) == ("next", 300, None)
    with_lab = _run(folder, "--years", 300, "--level", 0.9, "--lab", "aurora").output
    assert "credit" in with_lab
    assert "tail of 100 MW" in with_lab


@pytest.mark.parametrize(("words", "says"), [
    (("--lab", "nobody"), "no lab 'nobody'"), (("--by", "credit"), "--lab"),
    (("--by", "beauty"), "beauty"), (("--regions", "IE,ATLANTIS"), "no grid region 'ATLANTIS'"),
    (("--worlds", 9, "--years", 5), "9 worlds in 5 years"), (("--perils", "frogs"), "frogs"),
    (("--price", "gold"), "gold"), (("--mw", 0), "--mw"), (("--needed-share", 2), "needed-share")])
def test_wrong_usage_ends_with_two(folder, words, says):
    done = _run(folder, *words)
    assert done.exit_code == 2
    assert says in done.output
