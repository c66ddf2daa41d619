"""``riskmodel training`` on a small world: the same numbers as the functions, and as by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

import riskmodel as rm
from riskmodel.cli import app
from tests.world_factory import write_small_world

#: what the table of a run calls an answer, and in which unit
ASKED = {"loss_replanned": ("replanned_loss", 1.0), "loss_frozen": ("fewer_tokens_loss", 1.0),
         "months_slip": ("slip_days", 12 / 365.25), "trend_months": ("trend_months", 1.0),
         "trend_months_effective": ("trend_months_effective", 1.0)}
JOB = ("--lab", "aurora", "--years", 300, "--seed", 5)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return write_small_world(tmp_path_factory.mktemp("world") / "small")


@pytest.fixture(scope="module")
def losses(folder):
    return rm.simulate(rm.read_world(folder), 300, seed=5, adequacy=False)


def _run(folder: Path, *words: object):
    return CliRunner().invoke(app, ["training", str(folder), *map(str, (*JOB, *words))])


@pytest.fixture(scope="module")
def told(folder, tmp_path_factory) -> dict:
    out = tmp_path_factory.mktemp("out") / "t.csv"
    done = _run(folder, "--constants", "besiroglu,hoffmann", "--lever", "relex=2", "-o", out,
                "--json")
    assert done.exit_code == 0, done.output
    return {**json.loads(done.stdout), "file": pd.read_csv(out)}


def _value(rows: list[dict], **where: object) -> float:
    found = [row["value"] for row in rows if all(row[k] == v for k, v in where.items())]
    assert len(found) == 1, (where, len(found))
    return found[0]


def test_ledgers_and_progress_are_those_of_the_functions(told, losses):
    direct = rm.ledgers(losses, measures=("capacity", "aal", "tvar"), levels=(0.99,))
    direct = direct[direct["lab"] == "aurora"]
    assert [row["value"] for row in told["ledgers"]] == pytest.approx(direct["value"].tolist())
    aal = rm.measure(losses, measures="aal").set_index("lab")["value"]["aurora"]
    assert _value(told["ledgers"], ledger="mw_days", measure="aal") == pytest.approx(aal)
    for measure in ("aal", "tvar"):
        three = [_value(told["progress"], quantity="lost_progress", run=run, measure=measure)
                 for run in ("rigid", "quorum", "elastic")]
        assert three == sorted(three, reverse=True)
    assert three[0] > three[2] > 0


def test_the_figures_are_those_of_the_table_of_a_run(told, losses):
    table = rm.training_losses(losses, labs=["aurora"], law="besiroglu")
    seen = set()
    for row in table.to_dict("records"):
        if row["measure"] == "capacity" or row["quantity"] == "lost_run_days":
            continue
        where = {"measure": row["measure"]}
        if row["quantity"] in ("mw_days", "h100e_days", "flop"):
            mine = _value(told["ledgers"], ledger=row["quantity"], **where)
        elif row["quantity"] == "lost_progress":
            mine = _value(told["progress"], quantity="lost_progress", run=row["run"], **where)
        else:
            question, scale = ASKED[row["quantity"]]
            law = row["law"] and {"law": row["law"]}
            mine = _value(told["answers"], question=question, run=row["run"],
                          **where, **(law or {})) * scale
        assert mine == pytest.approx(row["value"], rel=1e-9)
        seen.add((row["quantity"], row["run"]))
    assert len(seen) == 3 + 3 + 4 * len(ASKED)


def test_answers_stand_side_by_side_with_their_constants(told):
    assert [text.split(":")[0] for text in told["constants"]] == ["besiroglu", "hoffmann"]
    flop = {m: _value(told["ledgers"], ledger="flop", measure=m) for m in ("capacity", "aal")}
    lost = flop["aal"] / (365 * flop["capacity"])
    slip = _value(told["answers"], question="slip_days", measure="aal", run="")
    assert slip == pytest.approx(365 * lost / (1 - lost), rel=1e-6)
    for law in ("besiroglu", "hoffmann"):
        whole = rm.read_law(law)
        assert _value(told["answers"], question="replanned_loss", measure="aal", run="",
                      law=law) == pytest.approx(
            float(whole.replanned(365 * flop["capacity"], lost)), rel=1e-6)
    assert {row["run"] for row in told["answers"]} == {"", "rigid", "quorum", "elastic"}


def test_a_lever_of_the_users_own(told):
    relex = next(row for row in told["levers"] if row["lever"] == "relex")
    assert (relex["factor_low"], relex["factor_high"]) == (2, 2)
    size = _value(told["ledgers"], ledger="mw_days", measure="capacity")
    assert relex["mw_days"] == pytest.approx(relex["share"] * (1 - 1 / 2) * size * 365)
    assert rm.read_levers()["relex"].factor.best != 2  # the file is as it was


def test_the_file_holds_every_part(told):
    table = told["file"]
    counts = table["part"].value_counts()
    for part, rows in (("ledger", "ledgers"), ("progress", "progress"), ("answer", "answers"),
                       ("lever", "levers")):
        assert counts[part] == len(told[rows])
    assert set(table["lab"]) == {"aurora"}
    aal = table[(table["quantity"] == "mw_days") & (table["measure"] == "aal")]["value"].iloc[0]
    assert aal == pytest.approx(_value(told["ledgers"], ledger="mw_days", measure="aal"))


def test_for_people(folder):
    done = _run(folder, "--mode", "quorum", "--quorum-share", 0.5, "--checkpoint-h", 2,
                "--on-site-only")
    assert done.exit_code == 0, done.output
    for text in ("What aurora loses in a year", "H100e-days", "a checkpoint each 2 h", "on site "
                 "only", "re-planned", "constants: besiroglu", "sum of s_i / m_i", "quorum"):
        assert text in " ".join(done.output.split())
    assert "rigid" not in done.output


@pytest.mark.parametrize(("words", "said"), [
    (("--lab", "nobody"), "there is no lab"),
    (("--lever", "relex"), "NAME=FACTOR"),
    (("--lever", "magic=2"), "there is no lever 'magic'"),
    (("--lever", "relex=0"), "above 0"),
    (("--constants", "mine"), "besiroglu"),
    (("--mfu", "2"), "mfu is 2"),
    (("--checkpoint-h", "0"), "interval_h"),
    (("--quorum-share", "2"), "quorum_share"),
    (("--on-site-only", "--offsite-lag-h", "3"), "exclude each other"),
    (("-o", "table.txt"), ".csv or .parquet"),
])
def test_what_cannot_be_is_wrong_usage(folder, words, said):
    done = _run(folder, *words)
    assert done.exit_code == 2
    assert said in " ".join(done.stderr.split())
