"""What the README says is true: its example runs, its commands exist, its table is the record's."""

from __future__ import annotations

import csv
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from riskmodel.cli import app
from tests.readme.example import blocks

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def _rows(name: str) -> list[dict[str, str]]:
    with (ROOT / "geodata" / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def _claims() -> list[list[str]]:
    """Rows of the table of claims, cell by cell."""
    section = README.split("## What the brief says")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


# ---------------------------------------------------------------- the example and the commands


def test_the_example_runs_and_is_ten_lines(tmp_path: Path):
    code, *_ = blocks(README, "python")
    assert len([line for line in code.splitlines() if line.strip()]) <= 10
    script = tmp_path / "example.py"
    script.write_text(code, encoding="utf-8")
    done = subprocess.run([sys.executable, "-W", "error", str(script)], cwd=tmp_path, text=True,
                          capture_output=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    for shown in ("anthropic", "MW-days", "grid_outage", "lost_mw_days"):
        assert shown in done.stdout


def test_the_other_examples_run(tmp_path: Path):
    for code in blocks(README, "python")[1:]:
        script = tmp_path / "example.py"
        script.write_text(code.replace("years=20_000", "years=300"), encoding="utf-8")
        done = subprocess.run([sys.executable, "-W", "error::UserWarning", str(script)],
                              cwd=tmp_path, text=True, capture_output=True, timeout=300,
                              check=False)
        assert done.returncode == 0, done.stderr
        assert done.stdout


def test_the_portfolio_is_one(tmp_path: Path):
    import riskmodel as rm

    files = blocks(README, "toml")
    assert files
    world = rm.read_world()
    for number, text in enumerate(files):
        path = tmp_path / f"{number}.toml"
        path.write_text(text, encoding="utf-8")
        edited = rm.read_portfolio(path).on(world)
        assert edited.fingerprint != world.fingerprint


def _commands() -> list[list[str]]:
    lines = [line for block in blocks(README, "bash") for line in block.splitlines()]
    words = [shlex.split(part, comments=True) for line in lines for part in line.split("&&")]
    return [each for each in words if each and each[0] == "riskmodel"]


def test_there_are_commands_to_test():
    assert len(_commands()) > 5


@pytest.mark.parametrize("words", _commands(), ids=lambda words: " ".join(words))
def test_every_command_exists(words: list[str]):
    several = words[1] in ("perils", "diversify") and not words[2].startswith("-")
    verbs = words[1:3] if several else words[1:2]
    shown = CliRunner().invoke(app, [*verbs, "--help"])
    assert shown.exit_code == 0
    for option in (word for word in words if word.startswith("-")):
        assert re.search(rf"(?<![\w-]){option}(?![\w-])", shown.output), option


def test_the_map_of_the_house_is_right():
    section = README.split("## The house")[1].split("\n## ")[0]
    table = section.split("A folder of the package imports")[0]
    for path in re.findall(r"`([\w./]+/[\w./]*)`", table):
        assert (ROOT / path).exists(), path


# ---------------------------------------------------------------- claims and deals


def test_every_deal_the_brief_names_is_traced():
    named = {row["deal_id"] for row in _rows("deals.csv") if row["named_in_brief"] == "True"}
    assert named
    assert named <= {cells[2].strip("`") for cells in _claims()}


@pytest.mark.parametrize("cells", _claims(), ids=lambda cells: cells[2].strip("`"))
def test_a_claim_says_what_the_record_says(cells: list[str]):
    _, lab, deal_id, gw, ceiling, standing, sites, found = cells
    deal = {row["deal_id"]: row for row in _rows("deals.csv")}[deal_id.strip("`")]
    assert lab.strip("`") == deal["lab_id"]
    assert standing == deal["standing"].replace("_", "-")
    assert ceiling == ("up to" if deal["is_up_to"] == "True" else "no")
    record = [deal[name] for name in ("capacity_gw_low", "capacity_gw", "capacity_gw_high")]
    expected = [float(value) if value else None for value in record]
    shown = ([None] * 3 if gw == "not stated" else
             [None if value == "?" else float(value) for value in gw.split(" / ")])
    assert shown == expected
    links = {(row["site_id"], row["link"]) for row in _rows("deal_sites.csv")
             if row["deal_id"] == deal["deal_id"]}
    told = set()
    for part in [] if sites == "none named" else sites.split("; "):
        link, _, names = part.partition(": ")
        told |= {(name.strip("` "), link) for name in names.split(",")}
    assert told == links
    assert found


def test_a_replaced_deal_stands_beside_its_successor():
    listed = [cells[2].strip("`") for cells in _claims()]
    replaced = [row for row in _rows("deals.csv")
                if row["superseded_by"] and row["deal_id"] in listed]
    assert replaced
    for row in replaced:
        assert row["superseded_by"] in listed


# ---------------------------------------------------------------- numbers and credit


def test_counts_are_those_of_the_record():
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    for name, text in (("sites.csv", "sites"), ("deals.csv", "deals")):
        count = len(_rows(name))
        assert f"{count} {text}" in changes
    assert f"{len(_rows('sites.csv'))} sites" in README


def test_epoch_is_credited():
    assert "Epoch AI" in README
    assert "CC BY 4.0" in README
    assert "epoch.ai/data/ai-data-centers" in README


def test_the_version_is_the_packages():
    import riskmodel

    assert f"version {riskmodel.__version__}" in README
