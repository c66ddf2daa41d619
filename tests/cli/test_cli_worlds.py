"""``run --worlds`` and ``tornado`` from end to end on a small world."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

import riskmodel as rm
from riskmodel.cli import app
from tests.world_factory import write_small_world

RUN = CliRunner()
UNSURE = "site_failure"  # the small world's own events are known


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_world(tmp_path_factory.mktemp("world") / "w")


def called(*words: object, code: int = 0) -> str:
    result = RUN.invoke(app, [str(word) for word in words])
    assert result.exit_code == code, result.output
    return result.stdout if code == 0 else result.output


def test_run_with_worlds_leaves_bands_and_their_section(folder, tmp_path):
    shown = called("run", folder, "--years", 800, "--worlds", 20, "--seed", 3, "--perils",
                   UNSURE, "-o", tmp_path / "out")
    assert "what worlds say" in shown
    assert "20 worlds" in shown
    measures = pd.read_parquet(tmp_path / "out" / "measures.parquet")
    aal = measures[(measures["measure"] == "aal") & (measures["lab"] == "total")].iloc[0]
    assert aal["band_low"] <= aal["value"] <= aal["band_high"] or aal["band"] == 0
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["worlds"] == 20
    assert manifest["ignorance"]["numbers_drawn"]
    assert 'id="ignorance"' in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    again = rm.read_losses(tmp_path / "out")
    assert again.worlds == 20
    told = json.loads(called("replay", tmp_path / "out", "--json"))
    year = again.years.groupby("year")["lost_mw_days"].sum()
    assert told["year"] == year.idxmax()


def test_one_world_has_no_section(folder, tmp_path):
    shown = called("run", folder, "--years", 200, "-o", tmp_path / "out")
    assert "what worlds say" not in shown
    assert 'id="ignorance"' not in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_tornado_shows_and_writes_its_table(folder, tmp_path):
    words = ["tornado", folder, "--years", 200, "--worlds", 20, "--top", 3, "--seed", 2,
             "--perils", UNSURE]
    shown = called(*words, "-o", tmp_path / "t.csv")
    assert "What moves the loss of all labs" in shown
    table = pd.read_csv(tmp_path / "t.csv", keep_default_na=False)
    assert len(table) == 6
    told = json.loads(called(*words, "--json"))
    assert [row["number"] for row in told["tornado"]] == table["number"].tolist()
    assert told["tornado"][0]["swing"] == pytest.approx(float(table["swing"][0]))


@pytest.mark.parametrize(("words", "said"), [
    (["tornado", "--lab", "nobody"], "there is no lab"),
    (["tornado", "-o", "t.xlsx"], ".csv or .parquet"),
    (["tornado", "--years", 100, "--worlds", 101], "ask for more years"),
    (["run", "--years", 5, "--worlds", 6], "each world needs a year"),
    (["tornado", "--perils", "rain"], "there is no peril")])
def test_wrong_words_are_wrong_usage(folder, words, said):
    assert said in " ".join(called(words[0], folder, *words[1:], code=2).split())
