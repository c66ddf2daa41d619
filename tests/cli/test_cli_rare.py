"""``riskmodel run --rare``: weighted years, from the command line to the report."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from typer.testing import CliRunner

import riskmodel as rm
from riskmodel.cli import app
from tests.world_factory import write_small_world


def test_a_run_of_weighted_years_says_so_everywhere(program, tmp_path):
    world = write_small_world(tmp_path / "world")
    ran = program("run", world, "--years", 300, "--seed", 3, "--rare", "gulf:war=0.5,size=1",
                  "--defensive", "0.2", "--perils", "kinetic_strike,winter_storm", "-o", "out",
                  "--even", "--until", "aal:boreal=1%", "--json")
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    assert told["rare"]["defensive"] == 0.2
    assert told["rare"]["theatres"]["gulf"]["war"] == 0.5
    assert told["rare"]["even"] is True
    assert (told["years"], told["until"]["reached"]) == (300, False)
    assert told["training"] is None
    assert {"n_effective"} <= set(told["measures"][0])
    losses = rm.read_losses(tmp_path / "out")
    assert losses.weights.max() <= 5.0
    measures = pd.read_parquet(tmp_path / "out" / "measures.parquet")
    aal = measures.query("measure == 'aal' and lab == 'total'")["value"].item()
    lost = losses.years.groupby("year")["lost_mw_days"].sum()
    assert aal == pytest.approx((lost * losses.weights[lost.index]).sum() / 300)
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert "Wars of the theatre Gulf were drawn more often" in page
    assert 'id="training"' not in page
    assert "AAL of boreal was asked for to 1 % (standard error): not reached" in page
    again = program("report", "out", "--world", world)
    assert again.returncode == 0, again.stderr


@pytest.mark.parametrize(("words", "says"), [
    (["--rare", "golf"], "did you mean 'gulf'"),
    (["--rare", "gulf:war"], "is no NUMBER=VALUE"),
    (["--rare", "gulf:wars=1"], "no number 'wars'"),
    (["--rare", "gulf", "--rare", "gulf"], "name each theatre once"),
    (["--rare", "gulf", "--defensive", "0"], "defensive is 0"),
    (["--rare", "gulf", "--worlds", "2"], "leave out one of the two"),
    (["--rare", "gulf", "--perils", "winter_storm"], "has no kinetic_strike"),
    (["--until", "tvar=2%"], "give a level"),
    (["--until", "aal:nobody=2%"], "until: lab is 'nobody'"),
])
def test_wrong_words_are_wrong_usage(words, says, tmp_path):
    world = write_small_world(tmp_path / "world")
    ran = CliRunner().invoke(app, ["run", str(world), "--years", "50", "--perils",
                                   "kinetic_strike,winter_storm", *words])
    assert ran.exit_code == 2
    assert says in " ".join(ran.stderr.split())
