"""``riskmodel backtest``: the table, the page, and wrong names."""

from __future__ import annotations

import json

import pandas as pd

NAME = "restoration-iberia-2025"


def test_one_back_test_as_a_table_and_as_json(program):
    shown = program("backtest", NAME, "--draws", 500)
    assert shown.returncode == 0, shown.stderr
    assert "restoration-iberia" in shown.stdout
    told = json.loads(program("backtest", NAME, "--draws", 500, "--json").stdout)
    (test,) = told["backtests"]
    assert test["freeze"] == "2025-04-28"
    assert {row["quantity"] for row in test["quantities"]} == {"half_h", "full_h"}


def test_all_of_them_leave_a_page_and_a_table(program, tmp_path):
    done = program("backtest", "all", "--draws", 300, "-o", "out")
    assert done.returncode == 0, done.stderr
    table = pd.read_parquet(tmp_path / "out" / "backtests.parquet")
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    for name in set(table["backtest"]):
        assert f'id="bt-{name}"' in page
    assert page.count("happened: ") >= len(table)
    assert program("backtest", "all", "--draws", 300, "-o", "out").returncode == 0  # again


def test_a_wrong_name_is_wrong_usage(program):
    failed = program("backtest", "iberia")
    assert failed.returncode == 2
    assert "there is no back-test 'iberia'" in failed.stderr
