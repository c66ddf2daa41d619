"""``riskmodel buildout`` and ``riskmodel levers``: the same numbers as the functions."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

import riskmodel as rm
from riskmodel.cli import app
from tests.world_factory import write_small_world

DRAWS = ("--draws", 60, "--seed", 3, "--every", "year", "--until", "2028-12-31")


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return write_small_world(tmp_path_factory.mktemp("world") / "small")


def run(*words: object):
    return CliRunner().invoke(app, [str(word) for word in words])


def test_the_tables_are_those_of_the_functions(folder, tmp_path):
    done = run("buildout", folder, *DRAWS, "--json", "-o", tmp_path / "out")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    world = rm.read_world(folder)
    layers = rm.build_out(world, until="2028-12-31", every="year")
    assert pd.DataFrame(told["layers"])["it_mw"].tolist() == layers["it_mw"].tolist()
    fan = rm.build_out_fan(world, told["labs"], "2028-12-31", every="year", draws=60, seed=3)
    assert [row["value"] for row in told["fan"]] == pytest.approx(fan["value"].tolist())
    assert told["labs"] == ["aurora", "boreal"]  # by what they have on the last day
    assert pd.read_parquet(tmp_path / "out" / "build_out_fan.parquet")["value"].tolist() == (
        pytest.approx(fan["value"].tolist()))
    assert 'id="build-out"' in (tmp_path / "out" / "report.html").read_text("utf-8")
    # it may be made again in the same place
    assert run("buildout", folder, *DRAWS, "-o", tmp_path / "out").exit_code == 0


def test_it_prints_layers_fan_and_what_shocks_take(folder, tmp_path):
    done = run("buildout", folder, *DRAWS, "--lab", "aurora", "-o", tmp_path / "t.csv")
    assert done.exit_code == 0, done.output
    assert "Layers, MW of IT power" in done.stdout
    assert "What shocks take" in done.stdout
    table = pd.read_csv(tmp_path / "t.csv")
    assert set(table["part"]) == {"layers", "fan", "causes", "suppliers"}


def test_a_campaign_that_is_given_is_the_only_one(folder):
    done = run("buildout", folder, *DRAWS, "--campaign", "gulf@2027-07-01:long_war", "--no-slips",
               "--causes", "kinetic_strike", "--json")
    told = json.loads(done.stdout)
    assert told["campaign"] == "gulf@2027-07-01:long_war"
    # no site of this world lies in the Gulf
    assert {row["value"] for row in told["causes"]} == {0.0}


@pytest.mark.parametrize(("words", "message"), [
    (("buildout", "--lab", "aurore"), "no lab 'aurore'"),
    (("buildout", "--campaign", "gulf"), "gulf@2027-07-01"),
    (("buildout", "--campaign", "golf@2027-07-01"), "no theatre 'golf'"),
    (("buildout", "--causes", "chips"), "no cause 'chips'"),
    (("buildout", "--until", "2020-01-01"), "before the record"),
    (("levers", "--lab", "aurora", "--lever", "siting", "--to", "TPU v7"), "--sites"),
    (("levers", "--lab", "total", "--lever", "siting"), "one lab"),
    (("levers", "--lab", "aurora", "--lever", "siting", "--country", "FR"), "nothing inside FR"),
    (("levers", "--lab", "aurora", "--lever", "silicon", "--to", "TPU"), "no chip family")])
def test_wrong_usage_is_refused_with_the_mend(folder, words, message):
    done = run(words[0], folder, *words[1:])
    assert done.exit_code == 2
    assert message in " ".join(done.output.split())


def test_levers_are_the_table_of_the_function(folder):
    done = run("levers", folder, "--lab", "aurora", "--lever", "siting", "--country", "US",
               "--years", 200, "--seed", 4, "--strengths", "0,1", "--json")
    assert done.exit_code == 0, done.output
    told = pd.DataFrame(json.loads(done.stdout)["levers"])
    direct = rm.lever_table(rm.read_world(folder), "aurora", "siting", strengths=[0, 1], years=200,
                            seed=4)
    assert told["value"].tolist() == pytest.approx(direct["value"].tolist(), nan_ok=True)
    # 70 of 270 MW stand in Ireland
    assert told["changed_mw"].max() == pytest.approx(70.0)


def test_levers_print_what_moves_and_silicon_what_it_leaves(folder):
    done = run("levers", folder, "--lab", "aurora", "--lever", "ownership", "--years", 100)
    assert done.exit_code == 0, done.output
    assert "aurora: ownership" in done.stdout
    done = run("levers", "--lab", "openai", "--lever", "silicon", "--strengths", "0,0.5")
    assert done.exit_code == 0, done.output
    assert "Titan" in done.stdout
