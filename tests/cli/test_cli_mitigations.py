"""``riskmodel diversify mitigations`` on a small world."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

import riskmodel as rm
from riskmodel.cli import app
from riskmodel.decisions.mitigations import mitigations as mit
from riskmodel.decisions.mitigations.words import WORDS, mitigations_of
from tests.world_factory import write_small_world


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return write_small_world(tmp_path_factory.mktemp("world") / "small")


def run(*words: object):
    return CliRunner().invoke(app, ["diversify", "mitigations", *map(str, words)])


def test_it_says_the_same_as_the_function(folder, tmp_path):
    asked = ("--lab", "aurora", "--with", "reserve=48,control", "--years", 100,
             "--seed", 4)
    done = run(folder, *asked, "-o", tmp_path / "m.csv", "--page", tmp_path / "m.html",
               "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    world = rm.read_world(folder)
    found = mitigations_of(world, "aurora", ["reserve=48", "control"])
    frame = rm.mitigation_value(world, "aurora", found, 100, 4)
    assert [row["value"] for row in told["values"]] == frame["value"].tolist()
    assert [row["name"] for row in told["mitigations"]] == [each.name for each in found]
    assert all(row["does_not"] and row["source"] for row in told["mitigations"])
    table = pd.read_csv(tmp_path / "m.csv")
    assert table["first_in"].tolist() == pytest.approx(frame["first_in"].tolist())
    assert "What to fix first" in (tmp_path / "m.html").read_text(encoding="utf-8")
    people = run(folder, *asked)
    assert "What each saves aurora of its AAL" in people.output
    assert "Shapley value" in people.stdout
    assert "reserve 48 h: " in people.stderr


def test_the_usual_ones_and_the_tail(folder, monkeypatch):
    few = mit.usual_mitigations(rm.read_world(folder))[:2]
    monkeypatch.setattr(mit, "usual_mitigations", lambda world, lab: few)
    done = run(folder, "--measure", "tvar", "--level", ".9", "--years", 100, "--json")
    assert done.exit_code == 0, done.output
    rows = json.loads(done.stdout)["values"]
    assert {row["lab"] for row in rows} == {"total"}
    assert {row["level"] for row in rows} == {0.9}
    assert {row["mitigation"] for row in rows} == {each.name for each in few}
    assert sum(row["share"] for row in rows) == pytest.approx(1)


@pytest.mark.parametrize(("words", "says"), [
    (("--with", "reserv=4"), "did you mean 'reserve'"),
    (("--with", "reserve=long"), "reserve=[hours]"),
    (("--with", "repair=winter_storm"), "repair=peril:factor"),
    (("--with", "leave=gulf:texas_big"), "name it"),
    (("--lab", "aurora", "--with", "leave=gulf"), "leave=theatre:to site"),
    (("--with", "feed=grid:UK"), "no grid 'grid:UK'"),
    (("--with", "spares"), "no peril"),
    (("--lab", "auror"), "no lab 'auror'"),
    (("--with", "reserve", "--measure", "tvar", "--years", 50), "cannot hold"),
    (("-o", "table.txt"), ".csv or .parquet"),
    (("--page", "nowhere/m.html"), "no folder nowhere")])
def test_what_is_not_there_is_wrong_usage(folder, words, says):
    done = run(folder, *words)
    assert done.exit_code == 2, done.output
    assert says in " ".join(done.output.split())


def test_every_word_has_a_mitigation(folder):
    world = rm.read_world()
    values = {"repair": "sabotage:many.scale:.5", "leave": "gulf:stargate_abilene",
              "feed": "grid:ERCOT", "second-control": "cloud:azure"}
    for word in WORDS:
        text = f"{word}={values[word]}" if word in values else word
        each, = mitigations_of(world, "openai", [text])
        assert each.apply(world).check() is not None
