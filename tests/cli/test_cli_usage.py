"""Options, examples and exit codes: what the program does before it does anything."""

from __future__ import annotations

import json
import re
import shlex
from importlib.metadata import version
from pathlib import Path

import pytest
from typer.testing import CliRunner

from riskmodel.cli import app, perils_app, scenarios_app
from riskmodel.cli.diversify import app as diversify_app

WORKERS = {"run": "riskmodel.commands.run.run", "check": "riskmodel.commands.looks.check",
           "report": "riskmodel.commands.report.report",
           "since": "riskmodel.commands.since.since",
           "figures": "riskmodel.commands.figures.figures",
           "replay": "riskmodel.commands.results.replay",
           "explain": "riskmodel.commands.looks.explain",
           "adequacy": "riskmodel.commands.adequacy.adequacy",
           "import-hazard": "riskmodel.commands.hazards.import_hazard",
           "backtest": "riskmodel.commands.backtests.backtest",
           "stress": "riskmodel.commands.stress.stress",
           "compare": "riskmodel.commands.compare.compare",
           "graph": "riskmodel.commands.graph.graph",
           "contingency": "riskmodel.commands.contingency.contingency",
           "training": "riskmodel.commands.training.training",
           "buildout": "riskmodel.commands.buildout.buildout",
           "levers": "riskmodel.commands.levers.levers",
           "tornado": "riskmodel.commands.tornado.tornado",
           "init": "riskmodel.commands.init.init",
           "export": "riskmodel.commands.export.export",
           "import-sites": "riskmodel.commands.import_sites.import_sites",
           "diversify": "riskmodel.commands.diversify.value",
           "scenarios": "riskmodel.commands.scenarios.list_scenarios",
           "scenarios list": "riskmodel.commands.scenarios.list_scenarios",
           "scenarios show": "riskmodel.commands.scenarios.show_scenario",
           "diversify concentration": "riskmodel.commands.concentration.concentration",
           "diversify zones": "riskmodel.commands.zones.zones",
           "diversify spread": "riskmodel.commands.spread.spread",
           "diversify cover": "riskmodel.commands.cover.cover",
           "diversify mitigations": "riskmodel.commands.mitigations.mitigations",
           "diversify next": "riskmodel.commands.next_mw.next_mw",
           "diversify allocate": "riskmodel.commands.allocate.allocate",
           "perils": "riskmodel.commands.looks.list_perils",
           "perils list": "riskmodel.commands.looks.list_perils",
           "perils show": "riskmodel.commands.looks.show_peril"}


def _epilogs() -> dict[str, str]:
    found = {str(each.name or each.callback.__name__): each.epilog
             for each in app.registered_commands if each.callback}
    found |= {f"perils {each.name}": each.epilog for each in perils_app.registered_commands}
    found |= {f"scenarios {each.name}": each.epilog for each in scenarios_app.registered_commands}
    found |= {f"diversify {each.name or each.callback.__name__}": each.epilog
              for each in diversify_app.registered_commands if each.callback}
    found["perils"] = perils_app.info.epilog
    found["scenarios"] = scenarios_app.info.epilog
    found["diversify"] = diversify_app.info.epilog
    return found


def test_no_verb_is_left_out_here():
    assert set(_epilogs()) == set(WORKERS)


def test_every_verb_stands_in_the_help():
    shown = CliRunner().invoke(app, ["--help"])
    assert shown.exit_code == 0
    for verb in {name.split()[0] for name in WORKERS}:
        assert re.search(rf"\b{verb}\b", shown.output)


@pytest.mark.parametrize("verb", list(WORKERS))
def test_help_has_an_example_that_parses(verb: str, monkeypatch: pytest.MonkeyPatch):
    example = _epilogs()[verb]
    shown = CliRunner().invoke(app, [*verb.split(), "--help"])
    assert shown.exit_code == 0
    assert " ".join(example.split()) in " ".join(shown.output.split())
    words = shlex.split(example.removeprefix("Example: "))
    assert words[0] == "riskmodel"
    asked = " ".join(words[1:3]) if " ".join(words[1:3]) in WORKERS else words[1]
    calls: list[tuple[object, ...]] = []
    monkeypatch.setattr(WORKERS[asked], lambda *given, **named: calls.append((given, named)))
    Path("my-world").mkdir()
    done = CliRunner().invoke(app, words[1:])
    assert done.exit_code == 0, done.output
    assert len(calls) == 1


@pytest.mark.parametrize("verb", list(WORKERS))
def test_every_verb_speaks_json(verb: str):
    assert "--json" in CliRunner().invoke(app, [*verb.split(), "--help"]).output


def test_version(program):
    done = program("--version")
    assert done.returncode == 0
    assert done.stdout.strip() == f"riskmodel {version('riskmodel')}"


@pytest.mark.parametrize("words", [
    ["run", "--years", "0"], ["run", "--years", "many"], ["run", "--seed", "-1"],
    ["run", "--booking", "fiscal"], ["run", "--workers", "0"], ["run", "--as-of", "soon"],
    ["run", "--as-of", "2027-02-30"], ["run", "--perils", ","], ["run", "nowhere"],
    ["run", "--yaers", "10"], ["replay"], ["report"], ["replay", "out", "--year", "-3"],
    ["conquer"], ["check", "one", "two"], ["perils", "show"], ["explain"],
    ["stress"], ["stress", "nowhere"], ["scenarios", "show"], ["scenarios", "show", "x"],
    ["compare"], ["compare", "one"], ["compare", "--move", "openai:300:a"],
    ["compare", "one", "two", "--scale", "openai:2"], ["compare", "--scale", "openai:two"],
    ["training"], ["training", "--lab", "nobody"], ["training", "--lab", "xai", "--lever", "relex"],
    ["adequacy"], ["adequacy", "rts97"], ["adequacy", "rbts", "--years", "0"],
])
def test_wrong_usage_is_two(words: list[str], tmp_path: Path):
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 2
    assert done.stdout == ""
    assert done.stderr
    assert list(tmp_path.iterdir()) == []


def test_wrong_usage_leaves_no_trace_of_python(program):
    done = program("run", "--as-of", "2027-13-01")
    assert done.returncode == 2
    assert "2027-12-31" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("verb", ["report", "replay"])
def test_a_folder_that_is_no_output(verb: str):
    Path("letters").mkdir()
    Path("letters/manifest.json").write_text('{"format": "something else"}')
    done = CliRunner().invoke(app, [verb, "letters", "--json"])
    assert done.exit_code == 1
    assert "no output of riskmodel" in done.stderr
    assert json.loads(done.stdout)["ok"] is False


@pytest.mark.parametrize("verb", ["report", "replay"])
def test_a_folder_that_is_not_there(verb: str):
    done = CliRunner().invoke(app, [verb, "nowhere"])
    assert done.exit_code == 1
    assert "no such folder" in done.stderr


def test_the_program_starts_light(program, tmp_path: Path):
    """Asking for help must not wait for geopandas."""
    import subprocess
    import sys

    code = ("import sys; from riskmodel.cli import app; heavy = {'pandas', 'numpy', 'geopandas', "
            "'matplotlib', 'numba', 'scipy', 'networkx'} & set(sys.modules); print(sorted(heavy))")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
