"""``riskmodel adequacy``: the table, the document, and what it says of a file that is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import riskmodel as rm
from riskmodel.cli import app

HAND = """
id = "hand"
units = [{ name = "a", mw = 50, count = 2, forced_outage_rate = 0.1, mttf_h = 90, mttr_h = 10 }]
[load]
file = "load.csv"
"""


def test_exact_and_simulated_side_by_side():
    done = CliRunner().invoke(app, ["adequacy", "rbts", "--years", "3000", "--seed", "4"])
    assert done.exit_code == 0, done.output
    assert "Roy Billinton Test System" in done.stdout
    lole = next(line for line in done.stdout.splitlines() if "hours with load short" in line)
    assert "1.09190" in lole  # as printed
    assert "1.091560" in lole  # exact
    assert "±" in lole


def test_the_document_is_the_frame():
    done = CliRunner().invoke(app, ["adequacy", "rbts", "--years", "500", "--seed", "4", "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (told["ok"], told["units"], told["capacity_mw"], told["hours"]) == (True, 11, 240, 8736)
    frame = rm.adequacy_indices("rbts", years=500, seed=4)
    assert [row["measure"] for row in told["indices"]] == list(frame["measure"])
    assert told["indices"][0]["value"] == frame["value"][0]
    assert told["indices"][0]["se"] == frame["se"][0] > 0
    assert {"published", "exact", "sd", "n", "z"} <= set(told["indices"][0])


def test_a_file_of_ones_own():
    Path("hand.toml").write_text(HAND)
    Path("load.csv").write_text("60\n" * 24)
    done = CliRunner().invoke(app, ["adequacy", "hand.toml", "--years", "2000", "--json"])
    assert done.exit_code == 0, done.output
    found = {row["measure"]: row for row in json.loads(done.stdout)["indices"]}
    # short unless both are up
    assert found["lole"]["exact"] == pytest.approx(24 * (1 - 0.9**2))
    assert abs(found["lole"]["z"]) < 4
    assert found["lole"]["published"] is None


def test_a_wrong_file_is_one():
    Path("hand.toml").write_text(HAND.replace("0.1", "0.3"))
    Path("load.csv").write_text("60\n" * 24)
    done = CliRunner().invoke(app, ["adequacy", "hand.toml", "--json"])
    assert done.exit_code == 1
    assert "its hours give 0.1" in done.stderr
    assert json.loads(done.stdout)["ok"] is False
