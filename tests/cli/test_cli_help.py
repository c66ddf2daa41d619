"""What a newcomer meets: help in groups, examples that work as printed, faults without a trace."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

import riskmodel as rm
from riskmodel.cli import app, main
from riskmodel.cli.help import ELSE, PANELS
from riskmodel.commands.outputs import write_manifest
from riskmodel.world.io import read_world
from tests.cli.test_cli_usage import WORKERS, _epilogs
from tests.world_factory import write_small_world

#: verbs whose examples take long, or read what only a run of the shipped world leaves; that these
#: parse is tested in test_cli_usage, and what the verbs do in the tests of each
LONG = {"run", "tornado", "report", "since", "figures", "backtest", "stress", "compare",
        "training", "buildout", "contingency", "import-hazard", "diversify", "diversify cover",
        "diversify mitigations", "diversify next", "diversify allocate", "diversify concentration",
        "levers", "adequacy"}


def shown(text: str) -> str:
    """Return what stands in a box, without the box."""
    return " ".join(re.sub(r"[│╭╮╰╯─]", " ", text).split())


# ---------------------------------------------------------------- help


def test_every_verb_stands_in_a_group_by_use():
    listed = [verb for verbs in PANELS.values() for verb in verbs]
    assert len(listed) == len(set(listed))
    assert set(listed) == {name.split()[0] for name in WORKERS}, "put it into PANELS"


def test_help_has_the_groups_in_their_order():
    text = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "120"}).output
    places = [text.index(f" {panel} ") for panel in PANELS]
    assert places == sorted(places)
    assert f"─ {ELSE} ─" not in text
    first = [text.index(f"\n│ {verb} ") for verb in PANELS["Start here"]]
    assert [places[0], *first, places[1]] == sorted([places[0], *first, places[1]])


def test_alone_it_shows_its_help():
    done = CliRunner().invoke(app, [])
    assert "Start here" in done.output
    assert "Example: riskmodel run" in done.output


@pytest.mark.parametrize("verb", list(WORKERS))
def test_a_refusal_shows_the_example(verb: str):
    done = CliRunner().invoke(app, [*verb.split(), "--no-such-thing"])
    assert done.exit_code == 2
    assert "--no-such-thing" in done.stderr
    assert " ".join(_epilogs()[verb].split()) in shown(done.stderr)


@pytest.mark.parametrize(("words", "said"), [
    (["training", "--lab", "x", "--world", "mine"], "stands here without --world"),
    (["diversify", "allocate", "mine", "--lab", "x", "--mw", "5"], "goes with --world here"),
    (["perils", "show", "grid_outage", "mine"], "goes with --world here")])
def test_a_world_in_the_wrong_place_is_told_its_place(words: list[str], said: str):
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 2
    assert said in shown(done.stderr)


def verbs_of(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield the words and the command of the program, its verbs and theirs."""
    yield path, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from verbs_of(inner, (*path, name))


def test_help_says_what_was_written():
    """Words in square brackets and between colons are taken for colours and pictures else."""
    for path, command in verbs_of(typer.main.get_command(app)):
        text = shown(CliRunner().invoke(app, [*path, "--help"], env={"COLUMNS": "420"}).output)
        for told in (getattr(option, "help", None) for option in command.params):
            if told:
                assert " ".join(told.split()) in text, (path, told)


# ---------------------------------------------------------------- examples


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with what the examples start from."""
    folder = tmp_path_factory.mktemp("examples")
    world = read_world(write_small_world(folder / "my-world"), check=False)
    losses = rm.simulate(world, years=5000, seed=7, perils=["winter_storm", "cloud_fault"],
                         adequacy=False)
    losses.to_parquet(folder / "out")
    write_manifest(folder / "out", losses.manifest)
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.append(["name", "lat", "lon", "Leistung MW", "lab"])
    book.active.append(["Halle 1", 50.9, 6.9, 30, "Aurora Lab"])
    book.save(folder / "sites.xlsx")
    return folder


@pytest.mark.parametrize("verb", [verb for verb in WORKERS if verb not in LONG])
def test_an_example_works_as_printed(verb: str, start: Path, tmp_path: Path):
    shutil.copytree(start, tmp_path, dirs_exist_ok=True)
    done = CliRunner().invoke(
        app, shlex.split(_epilogs()[verb].removeprefix("Example: riskmodel ")))
    assert done.exit_code == 0, done.output
    assert "note: " not in done.stderr or verb == "import-sites"


def test_long_examples_are_verbs():
    assert set(WORKERS) > LONG


# ---------------------------------------------------------------- faults and stops


def fault(*given: object, **named: object) -> None:
    raise KeyError("what nobody thought of")


def test_a_fault_of_the_program_shows_no_trace_and_keeps_one(
        monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path):
    monkeypatch.setattr(WORKERS["check"], fault)
    monkeypatch.setattr(sys, "argv", ["riskmodel", "check", "my world"])
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(SystemExit) as left:
        main()
    said = capsys.readouterr()
    assert left.value.code == 1
    assert said.out == ""
    assert "Traceback" not in said.err
    assert "a fault of riskmodel, not of what you gave it (KeyError: " in said.err
    (kept,) = tmp_path.glob("riskmodel-fault-*.txt")
    assert str(kept) in said.err
    told = kept.read_text(encoding="utf-8")
    assert told.startswith("riskmodel check 'my world'\n")
    assert "Traceback" in told
    assert "what nobody thought of" in told


def test_a_fault_where_nothing_can_be_written_is_told_whole(
        monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    from riskmodel.commands import faults

    def full(*given: object, **named: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(faults, "tempfile", SimpleNamespace(NamedTemporaryFile=full))
    assert faults.tell(ValueError("odd")) == 1
    assert "ValueError: odd" in capsys.readouterr().err


def test_a_stop_says_so(monkeypatch: pytest.MonkeyPatch):
    def stop(*given: object, **named: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(WORKERS["check"], stop)
    done = CliRunner().invoke(app, ["check"])
    assert done.exit_code == 130
    assert "stopped; nothing is left half written" in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="other words there")
@pytest.mark.parametrize(("number", "mend"), [
    (13, "ask for the right"), (28, "make room"), (30, "name another place"),
    (2, "the path is written right")])
def test_what_the_machine_refuses_has_a_mend(monkeypatch: pytest.MonkeyPatch, number: int,
                                             mend: str):
    def refuse(*given: object, **named: object) -> None:
        raise OSError(number, os.strerror(number), "there/x.csv")

    monkeypatch.setattr(WORKERS["check"], refuse)
    done = CliRunner().invoke(app, ["check"])
    assert done.exit_code == 1
    assert f"there/x.csv: {os.strerror(number)}; " in done.stderr
    assert mend in done.stderr
