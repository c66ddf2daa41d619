"""What is refused says what is wrong, where, and what to do next."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from riskmodel.cli import app
from tests.world_factory import write_small_world


@pytest.mark.parametrize(("words", "said"), [
    ("run w --perils grid_outag", "no peril 'grid_outag'; did you mean 'grid_outage'? There are "),
    ("run w --perils plague", "no peril 'plague'. There are adequacy_curtailment, "),
    ("run w --years 2 --worlds 3", "each world needs a year at least; ask for more years"),
    ("explain nobody --world w", "'nobody' in this world; there are dublin_one, koeln_hall,"),
    ("graph w --node nobody", "sites.csv and nodes.csv of the world name them"),
    ("graph w --lab auror", "did you mean 'aurora'? There are aurora, boreal"),
    ("contingency w --lab auror", "did you mean 'aurora'? There are aurora, boreal, cygnus, "),
    ("contingency w --lab cygnus", "cygnus holds no MW in this world on 2026-11-01; "),
    ("graph w --lab cygnus", "name a lab that does, or a later --as-of"),
    ("training w --lab cygnus", "cygnus holds no MW in this world on 2026-11-01; "),
    ("stress w", "'w' is a folder and no scenario; a world is named with --world"),
    ("stress taiwan-blockade --world w --lab nobody", "there is no lab 'nobody' in this world."),
    ("compare ran nowhere", "there is no folder nowhere; name two outputs of runs, or two folders"),
    ("compare ran w", "ran is the output of a run and w a world: compare two of a kind"),
    ("check ran", "ran is what a command left and no world; name a folder of tables"),
    ("run ran -o new", "or look at this one: riskmodel report ran"),
    ("import-sites w -o new", "w is a folder; name the file of the sites in it"),
    ("import-sites x.csv -o new", "there is no file x.csv; see that the path is written right"),
    ("levers w --lab total --lever siting", "a lever is pulled for one lab; name it with --lab"),
    ("levers w --lab aurora --lever siting --country XX --years 9", "holds nothing inside XX"),
    ("levers w --lab aurora --lever silicon --to TPU", "no chip family 'TPU' in chips.csv. There"),
    ("backtest nothing --world w", "there is no back-test 'nothing'. There are none"),
])
def test_wrong_words_are_told_what_to_do_next(words: str, said: str, tmp_path: Path):
    world = write_small_world(tmp_path / "w")
    with (world / "labs.csv").open("a", encoding="utf-8") as labs:
        labs.write("cygnus,Cygnus,0.5\n")  # holds nothing
    (tmp_path / "ran").mkdir()
    (tmp_path / "ran/manifest.json").write_text("{}")
    done = CliRunner().invoke(app, words.split())
    assert done.exit_code == 2, done.output
    assert said in " ".join(done.stderr.split())
    assert done.stdout == ""
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ran", "w"]


def test_a_world_in_place_of_an_output_is_told_how_to_get_one(tmp_path: Path):
    write_small_world(tmp_path / "w")
    done = CliRunner().invoke(app, ["report", "w"])
    assert done.exit_code == 1
    assert "It is a world: `riskmodel run w -o OUT` makes an output of it" in done.stderr


def test_a_scenario_of_another_world_says_where_it_can_be_played(tmp_path: Path):
    write_small_world(tmp_path / "w")
    done = CliRunner().invoke(app, ["stress", "gulf-campaign-2026", "--world", "w"])
    assert done.exit_code == 1
    assert "play it on a world that has it, or write a scenario for this one" in " ".join(
        done.stderr.split())


def test_the_name_that_was_asked_for_is_told(tmp_path: Path):
    write_small_world(tmp_path / "w")
    (tmp_path / "there").write_text("a file\n")
    done = CliRunner().invoke(app, ["init", "there/new"])
    assert done.exit_code == 1
    assert ".unfinished" not in done.stderr
    assert "there/new" in done.stderr
    assert "see that the path is written right" in done.stderr
