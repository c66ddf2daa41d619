"""``riskmodel graph`` and ``riskmodel contingency``: tables, files, exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import networkx as nx
import pandas as pd
import pytest
from typer.testing import CliRunner

import riskmodel as rm
from riskmodel.cli import app
from tests.world_factory import write_small_world


@pytest.fixture(scope="module")
def mine(tmp_path_factory) -> Path:
    return write_small_world(tmp_path_factory.mktemp("world") / "mine")


def run(*words: object, code: int = 0):
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exit_code == code, done.output
    return done


def told(*words: object, code: int = 0) -> dict:
    return json.loads(run(*words, "--json", code=code).stdout)


def test_contingencies_are_those_of_the_function(mine, tmp_path):
    out = tmp_path / "c.csv"
    document = told("contingency", mine, "--threshold", 0.1, "-o", out, "--sites")
    frame = pd.read_csv(out)
    assert len(frame) == len(document["single"]) + len(document["double"])
    world = rm.read_world(mine)
    single = rm.contingency(world, threshold=0.1)
    found = {row["lab"]: row["lost_share"] for row in reversed(document["single"])}  # the worst
    assert found == pytest.approx(dict(single.groupby("lab")["lost_share"].max()))
    pairs = rm.contingency(world, order=2, threshold=0.1, minimal=True)
    assert {round(row["lost_share"], 9) for row in document["double"]} == set(
        pairs["lost_share"].round(9))
    assert document["importance"] is None
    assert set(document["search"]) == set(found)
    # single places are not named unless asked for
    regions = told("contingency", mine, "--threshold", 0.1)
    kinds = {row[f"kind_{side}"] for row in regions["single"] + regions["double"] for side in "ab"}
    assert "site" not in kinds
    assert "site" in set(frame["kind_a"])


def test_contingency_for_people(mine):
    shown = run("contingency", mine, "--lab", "aurora", "--threshold", 0.3).stdout
    assert "What takes 30% or more of a lab" in shown
    assert "Nimbus" not in shown
    assert "texas_big" not in shown
    nothing = run("contingency", mine, "--lab", "aurora", "--kinds", "plant", "--order", 1,
                  "--threshold", 0.9)
    assert "no single failure takes 90% of it" in nothing.stderr


def test_importance_beside_it(mine, tmp_path):
    out = tmp_path / "c.parquet"
    words = ("contingency", mine, "--lab", "aurora", "--importance", "--years", 60,
             "--held-years", 10, "--seed", 3)
    document = told(*words, "-o", out)
    beside = pd.read_parquet(tmp_path / "c-importance.parquet")
    assert len(beside) == len(document["importance"]["nodes"]) > 0
    assert document["importance"]["short"]["years"] == 60
    want = rm.importance(rm.simulate(rm.read_world(mine), 60, 3), "aurora", held_years=10)
    assert beside["value"].tolist() == pytest.approx(want["value"].tolist(), nan_ok=True)
    shown = run(*words).stdout
    assert "What makes aurora short" in shown
    assert "Fussell-Vesely" in shown


def test_graph_of_the_world_of_a_lab_and_of_a_node(mine):
    whole = told("graph", mine)
    assert whole["nodes"] == {"site": 3, "grid": 3, "cloud": 1, "cloud_region": 1, "plant": 1}
    assert whole["cycles"] == []
    lab = told("graph", mine, "--lab", "aurora")
    want = rm.dependencies(rm.read_world(mine), "aurora")
    assert [row["node"] for row in lab["leans_on"]] == want["node"].tolist()
    assert [row["failures"] for row in lab["fewest_failures"]] == [2, 3]
    assert lab["fewest_failures"][-1]["nodes"] == ["grid:ERCOT", "grid:IE", "plant:texas_big"]
    node = told("graph", mine, "--node", "cloud:nimbus")
    assert node["needed_by"] == ["cloud_region:nimbus/eu-1"]
    assert {row["lab"] for row in node["labs"]} >= {"aurora"}
    for words, said in (((), "9 nodes, 7 requirement rows"),
                        (("--lab", "aurora"), "power: 3 failures cut 100% of it off"),
                        (("--node", "grid:IE"), "Who leans on grid:IE")):
        assert said in run("graph", mine, *words).stdout
    by_site = ("texas_big", "--world", mine)
    assert run("graph", mine, "--site", "texas_big").stdout == run("explain", *by_site).stdout
    assert told("graph", mine, "--site", "texas_big") == told("explain", *by_site)


def test_graphs_as_files(mine, tmp_path):
    run("graph", mine, "-o", tmp_path / "g.graphml")
    read = nx.read_graphml(tmp_path / "g.graphml", force_multigraph=True)
    graph = rm.read_world(mine).to_networkx()
    assert set(read) == set(graph)
    assert read.number_of_edges() == graph.number_of_edges()
    run("graph", mine, "--lab", "aurora", "-o", tmp_path / "g.json")
    document = json.loads((tmp_path / "g.json").read_text("utf-8"))
    assert "lab:aurora" in nx.node_link_graph(document, edges="edges")
    run("graph", mine, "--lab", "aurora", "-o", tmp_path / "g.svg")
    assert "<svg" in (tmp_path / "g.svg").read_text("utf-8")
    run("graph", mine, "--site", "texas_big", "-o", tmp_path / "s.graphml")
    assert set(nx.read_graphml(tmp_path / "s.graphml")) == {"texas_big", "grid:ERCOT",
                                                           "plant:texas_big"}


@pytest.mark.parametrize(("words", "said"), [
    (("graph", "--lab", "a", "--node", "b"), "name one of"),
    (("graph", "--lab", "borel"), "did you mean 'boreal'"),
    (("graph", "--node", "grid:ERCOTT"), "did you mean 'grid:ERCOT'"),
    (("graph", "--lab", "aurora", "--service", "steam"), "its sites need"),
    (("graph", "-o", "x.svg"), "a picture is of one lab"),
    (("graph", "-o", "x.txt"), "no file for a graph"),
    (("graph", "-o", "nowhere/x.json"), "there is no folder"),
    (("contingency", "--lab", "borel"), "did you mean 'boreal'"),
    (("contingency", "--kinds", "gird"), "did you mean 'grid'"),
    (("contingency", "--importance"), "--importance is of one lab"),
    (("contingency", "-o", "x.txt"), ".csv or .parquet"),
    (("contingency", "--order", "3"), "Error"),
])
def test_wrong_usage(mine, words, said):
    verb, *rest = words
    assert said in run(verb, mine, *rest, code=2).stderr
