"""Portfolios under scenarios: by hand, and the same as one by one."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

import riskmodel as rm
from riskmodel.decisions.stress.table import COLUMNS, table_and_left_out
from tests.decisions.test_suite import scenario

A_DOWN = scenario({"node": "a", "duration_h": 24.0}, name="a-down")
B_HALF = scenario({"node": "b", "duration_h": 48.0, "depth": 0.5}, name="b-half")
FOREVER = scenario({"node": "a", "permanent": True}, name="forever")


def portfolio(a: float, b: float) -> rm.World:
    """MW of ``one`` at two sites; ``two`` holds nothing."""
    return rm.World.from_frames(
        sites=pd.DataFrame({"site_id": ["a", "b"], "lat": 30.0, "lon": -99.0, "it_mw": [a, b]}),
        labs=pd.DataFrame({"lab_id": ["one", "two"], "needed_share": [0.9, 0.5]}),
        holdings=pd.DataFrame({"lab_id": "one", "site_id": ["a", "b"], "share": 1.0}))


TWO = {"all at a": portfolio(200, 0), "split": portfolio(100, 100)}


def test_the_table_by_hand():
    table = rm.stress_table(TWO, [A_DOWN, B_HALF])
    assert tuple(table.columns) == COLUMNS
    assert len(table) == 2 * 2 * 3
    one = table[table["lab"] == "one"].set_index(["portfolio", "scenario"])
    lost = {("all at a", "a-down"): 200.0, ("all at a", "b-half"): 0.0,
            ("split", "a-down"): 100.0, ("split", "b-half"): 100.0}
    assert one["lost_mw_days"].to_dict() == pytest.approx(lost)
    assert one["lost_share_peak"].to_dict() == pytest.approx(
        {("all at a", "a-down"): 1.0, ("all at a", "b-half"): 0.0, ("split", "a-down"): 0.5,
         ("split", "b-half"): 0.25})
    assert one.loc[("split", "a-down"), "shortfall_mw_days"] == pytest.approx(80.0)
    assert one.loc[("split", "b-half"), "days_to_90pct_back"] == pytest.approx(2.0)
    assert one.loc[("split", "b-half"), "hours_to_90pct_back"] == pytest.approx(48.0)
    assert one["days_to_50pct_back"].isna().to_dict()["all at a", "b-half"]
    two = table[table["lab"] == "two"]
    assert (two["lost_mw_days"] == 0).all()
    assert two["lost_share_peak"].isna().all()
    total = table[table["lab"] == "total"].set_index(["portfolio", "scenario"])
    assert total["lost_mw_days"].to_dict() == pytest.approx(lost)


def test_what_is_lost_for_good_never_comes_back():
    table = rm.stress_table(TWO["split"], [FOREVER])
    total = table[table["lab"] == "total"].iloc[0]
    assert total["portfolio"] == ""
    assert np.isinf(total["days_to_50pct_back"])
    assert total["lost_mw_days"] == pytest.approx(100 * 730)
    short = rm.stress_table(TWO["split"], [FOREVER], recovery_cap_days=10)
    assert short[short["lab"] == "total"]["lost_mw_days"].item() == pytest.approx(1000)


def test_the_suite_has_the_same_rows():
    """Also on the world that ships, with everything in it."""
    world = rm.read_world()
    told = [rm.load_scenario(name) for name in ("ercot-winter-storm-2021", "gas-cut",
                                                "us-east-1-october-2025", "new-madrid-earthquake")]
    table = rm.stress_table({"x": world}, told).drop(columns="portfolio")
    suite = rm.stress(world, told)
    assert isinstance(suite, type(rm.stress_suite(world, told)))
    pd.testing.assert_frame_equal(table, suite.table)
    for played in suite.played:  # and the engine's own way, one story at a time
        years = played.losses.years.set_index("lab")
        mine = table[table["scenario"] == played.scenario.scenario_id].set_index("lab")
        for column in ("lost_mw_days", "shortfall_mw_days"):
            for lab in mine.index.drop("total"):
                assert mine.loc[lab, column] == pytest.approx(
                    years[column].get(lab, 0.0), rel=1e-9, abs=1e-9)


def test_a_portfolio_may_depend_on_the_day():
    asked = []

    def on(day):
        asked.append(day)
        return portfolio(100, 0 if day is None else 100)

    later = scenario({"node": "b", "duration_h": 24.0}, name="later", world_as_of="2027-12-31")
    table = rm.stress_table({"grows": on, "fixed": portfolio(50, 50)}, [later, A_DOWN, B_HALF])
    assert asked == [dt.date(2027, 12, 31), None]
    lost = table[table["lab"] == "one"].set_index(["portfolio", "scenario"])["lost_mw_days"]
    assert lost["grows"].to_dict() == pytest.approx({"later": 100.0, "a-down": 100.0,
                                                     "b-half": 0.0})
    assert lost["fixed"].to_dict() == pytest.approx({"later": 50.0, "a-down": 50.0,
                                                     "b-half": 50.0})


def test_ids_and_files_will_do(tmp_path):
    folder = tmp_path / "mine.toml"
    from tests.cli.test_cli_stress import OWN

    folder.write_text(OWN.replace("grid:ERCOT", "a"), encoding="utf-8")
    table = rm.stress_table(TWO, [folder])
    assert set(table["scenario"]) == {"mine"}
    with pytest.raises(rm.RiskModelError, match="no scenario 'mien'"):
        rm.stress_table(TWO, ["mien"])


def test_what_a_portfolio_does_not_have():
    small = rm.World.from_frames(
        sites=pd.DataFrame({"site_id": ["b"], "lat": 30.0, "lon": -99.0, "it_mw": 10.0}),
        labs=pd.DataFrame({"lab_id": ["one"], "needed_share": [0.9]}),
        holdings=pd.DataFrame({"lab_id": ["one"], "site_id": ["b"], "share": 1.0}))
    with pytest.raises(rm.RiskModelError, match="no node 'a'"):
        rm.stress_table({"small": small}, [A_DOWN, B_HALF])
    table, left_out = table_and_left_out({"small": small, **TWO}, [A_DOWN, B_HALF],
                                         leave_out=True)
    assert list(left_out) == [("small", "a-down")]
    assert "no node 'a'" in left_out["small", "a-down"]
    assert table.groupby("portfolio")["scenario"].nunique().to_dict() == {
        "all at a": 2, "small": 1, "split": 2}
    only, _ = table_and_left_out({"small": small}, [A_DOWN], leave_out=True)
    assert tuple(only.columns) == COLUMNS
    assert only.empty


@pytest.mark.parametrize(("given", "message"), [
    ({}, "no portfolio is given"), ({"x": "folder"}, "portfolio 'x' is a str")])
def test_what_is_no_portfolio(given, message):
    with pytest.raises(rm.RiskModelError, match=message):
        rm.stress_table(given, [A_DOWN])


def test_twins_are_refused():
    with pytest.raises(rm.RiskModelError, match="two scenarios are called 'a-down'"):
        rm.stress_table(TWO, [A_DOWN, A_DOWN])


def test_the_wide_view():
    table = rm.stress_table(TWO, [A_DOWN, B_HALF])
    wide = rm.stress_wide(table)
    assert wide.columns.tolist() == ["one", "two", "total"]
    assert wide.index.names == ["portfolio", "scenario"]
    assert wide.loc[("split", "a-down"), "one"] == pytest.approx(100)
    across = rm.stress_wide(table, "lost_share_peak", columns="portfolio", lab="one")
    assert across.index.tolist() == ["a-down", "b-half"]
    assert across.columns.tolist() == ["all at a", "split"]
    assert across.loc["b-half", "split"] == pytest.approx(0.25)
    one = rm.stress_wide(rm.stress_table(TWO["split"], [A_DOWN]))
    assert one.shape == (1, 3)
    for options, message in (({"value": "lost"}, "no column 'lost'"),
                             ({"lab": "three"}, "no row is left.*its labs are one, two, total"),
                             ({"columns": "portfolio"}, "")):
        if message:
            with pytest.raises(rm.RiskModelError, match=message):
                rm.stress_wide(table, **options)
    assert rm.stress_wide(table, columns="portfolio").index.names == ["scenario", "lab"]
