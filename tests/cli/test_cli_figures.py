"""``riskmodel figures``: files named by figure, the same bytes, and a list with captions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from riskmodel import __version__
from riskmodel.cli import app
from riskmodel.commands.figures import _harmless
from tests.world_factory import write_small_world


def call(*words: object):
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Path:
    world = write_small_world(tmp_path_factory.mktemp("world") / "small")
    out = tmp_path_factory.mktemp("run") / "out"
    done = call("run", world, "--years", 400, "--seed", 5, "-o", out, "--sections",
                "headline")
    assert done.exit_code == 0, done.output
    return out


@pytest.fixture(scope="module")
def drawn(run, tmp_path_factory) -> tuple[dict, Path]:
    folder = tmp_path_factory.mktemp("figures") / "new" / "figs"
    done = call("figures", run, "-o", folder, "--size", "single", "--format", "svg", "--only",
                "exceedance,contributions,map,year", "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout), folder


def test_every_file_is_listed_with_what_it_was_made_from(drawn):
    told, folder = drawn
    names = {entry["name"] for entry in told["figures"]}
    assert names == {"exceedance", "exceedance-labs", "contributions-peril",
                     "contributions-region", "map", "year"}
    for entry in told["figures"]:
        assert entry["files"] == [f"{entry['name']}.svg"]
        assert entry["version"] == __version__
        assert entry["width_mm"] == 85
        assert f"riskmodel {__version__}." in entry["caption"]
        if entry["n_counts"] == "simulated years":
            assert (entry["n"], entry["seed"]) == (400, 5)
            assert entry["as_of"] == "2026-11-01"
            assert "n = 400 simulated years" in entry["caption"]
    listed = {name for entry in told["figures"] for name in entry["files"]}
    assert {path.name for path in folder.iterdir()} == listed | {"figures.json"}
    kept = json.loads((folder / "figures.json").read_text("utf-8"))
    assert sorted(told["figures"], key=lambda entry: entry["name"]) == kept["figures"]


@pytest.mark.slow
def test_all_is_drawn_and_what_this_world_cannot_have_says_why(run, tmp_path):
    done = call("figures", run, "-o", tmp_path, "--format", "png", "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    names = {entry["name"] for entry in told["figures"]}
    assert {"exceedance", "exceedance-labs", "contributions-peril", "contributions-region",
            "convergence", "map", "year", "training", "diversification"} <= names
    assert told["left_out"]["backtests"] == "this world has no back-tests"
    assert not {"backtests"} & names


def test_the_same_call_leaves_the_same_bytes(run, drawn, tmp_path):
    done = call("figures", run, "-o", tmp_path, "--size", "single", "--format", "pdf,svg",
                "--only", "year,world-map")
    assert done.exit_code == 0, done.output
    for path in tmp_path.iterdir():
        if path.suffix == ".svg":
            assert path.read_bytes() == (drawn[1] / path.name).read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == {
        "year.pdf", "year.svg", "map.pdf", "map.svg", "figures.json"}


def test_a_later_call_adds_to_the_list(run, tmp_path):
    for only, lab in (("convergence", None), ("exceedance", "aurora")):
        done = call("figures", run, "-o", tmp_path, "--format", "png", "--only", only,
                    *(["--lab", lab] if lab else []))
        assert done.exit_code == 0, done.output
    kept = json.loads((tmp_path / "figures.json").read_text("utf-8"))["figures"]
    assert [entry["name"] for entry in kept] == ["convergence", "exceedance-aurora"]
    assert kept[1]["lab"] == "aurora"
    assert "Aurora Lab" in kept[1]["caption"]
    assert "exceedance-aurora.png" in done.stdout


@pytest.mark.parametrize(("words", "code", "says"), [
    (["--only", "exceedence"], 2, "no such figure; it has exceedance"),
    (["--only", "backtests"], 1, "no back-tests"),
    (["--only", "exceedance", "--lab", "auroro"], 2, "auroro"),
    (["--format", "gif"], 2, "pdf, svg, png"),
    (["--width-mm", "5"], 2, "60 to 600 mm"),
])
def test_what_is_wrong_is_said(run, tmp_path, words, code, says):
    done = call("figures", run, "-o", tmp_path / "new", *words)
    assert done.exit_code == code, done.output
    assert says in done.output


def test_a_folder_that_a_command_left_is_not_written_into(run, tmp_path):
    done = call("figures", run, "-o", run)
    assert done.exit_code == 2
    assert "name another folder" in done.output
    (tmp_path / "file").write_text("mine")
    assert call("figures", run, "-o", tmp_path / "file").exit_code == 2
    assert call("figures", tmp_path, "-o", tmp_path / "x").exit_code == 1


def test_a_comparison_has_its_differences(run, tmp_path):
    done = call("compare", run, "--scale", "aurora:1.5", "-o", tmp_path / "cmp")
    assert done.exit_code == 0, done.output
    done = call("figures", tmp_path / "cmp", "-o", tmp_path / "figs", "--format", "svg", "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert {entry["name"] for entry in told["figures"]} >= {"difference-aal"}
    assert {(entry["n"], entry["seed"], entry["as_of"]) for entry in told["figures"]} == {
        (400, 5, "2026-11-01")}
    assert call("figures", tmp_path / "cmp", "-o", tmp_path / "f2", "--lab", "x").exit_code == 2


@pytest.mark.slow
def test_where_nothing_can_be_drawn_nothing_is_left(run, tmp_path):
    done = call("compare", run, "--scale", "aurora:1", "-o", tmp_path / "same")
    assert done.exit_code == 0, done.output
    done = call("figures", tmp_path / "same", "-o", tmp_path / "figs")
    assert done.exit_code == 1
    assert "the same in both worlds" in done.output
    assert not (tmp_path / "figs" / "figures.json").exists()


def test_no_name_leaves_its_folder():
    assert _harmless("../../etc/pass wd$x") == "etc_pass_wd_x"
    assert _harmless("\u202e") == "figure"
    assert len(_harmless("x" * 10_000)) == 60


def test_a_tornado_cannot_be_drawn_to_a_table(tmp_path):
    done = call("tornado", "--figure", tmp_path / "a.csv")
    assert done.exit_code == 2
    assert ".pdf, .svg, .png" in done.output
