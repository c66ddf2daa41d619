"""A grid of where, how long and how deep: by hand, and story by story."""

from __future__ import annotations

import numpy as np
import pytest

import riskmodel as rm
from riskmodel.decisions.stress.grid import COLUMNS
from tests.engine.small import hit, world

#: two sites on a grid; the first rides through eight hours of full load
GRID = world(("s", "power", "g", {"ride_through_h": 8.0}), ("t", "power", "g"), sites=("s", "t"))


def test_the_grid_by_hand():
    table = rm.stress_grid(GRID, peril="grid_outage", where=["g", "t"], duration_h=[4, 24],
                           depth=[0.5, 1.0])
    assert tuple(table.columns) == COLUMNS
    assert len(table) == 2 * 2 * 2 * 2  # one lab and the total
    lab = table[table["lab"] == "lab"].set_index(["where", "duration_h", "depth"])
    days = {key: value * 24 / 100 for key, value in lab["lost_mw_days"].items()}
    # half a grid empties eight hours of full load in sixteen
    assert days == pytest.approx({("g", 4, 0.5): 2, ("g", 4, 1): 4, ("g", 24, 0.5): 12 + 4,
                                  ("g", 24, 1): 24 + 16, ("t", 4, 0.5): 2, ("t", 4, 1): 4,
                                  ("t", 24, 0.5): 12, ("t", 24, 1): 24})
    assert lab["lost_share_peak"]["g", 24, 1] == pytest.approx(1.0)
    assert set(table["peril"]) == {"grid_outage"}


def test_stress_takes_a_grid_and_says_the_same_as_one_by_one():
    grid = rm.Grid(where=["g", "s", ["s", "t"]], duration_h=(1.0, 9.0, 30.0), depth=(0.3, 1.0))
    assert len(grid) == 18
    table = rm.stress(GRID, grid)
    rows = table[table["lab"] == "total"]
    for row in rows.itertuples():
        told = [(node, 0.0, row.duration_h, row.depth) for node in row.where.split(" + ")]
        alone = rm.stress(GRID, [hit(*told)]).years["lost_mw_days"].sum()
        assert row.lost_mw_days == pytest.approx(alone)
        assert row.nodes == len(told)


def test_portfolios_and_selectors():
    bigger = world(("s", "power", "g"), ("t", "power", "g"), sites=("s", "t"), mw=500.0)
    table = rm.stress_grid({"as it is": GRID, "bigger": bigger}, where=["site@*", "feed@*"],
                           duration_h=[24])
    total = table[table["lab"] == "total"].set_index(["portfolio", "where"])
    assert total["lost_mw_days"].to_dict() == pytest.approx({
        ("as it is", "site@*"): 200, ("as it is", "feed@*"): 0, ("bigger", "site@*"): 1000,
        ("bigger", "feed@*"): 0})
    assert total["nodes"].to_dict() == {("as it is", "site@*"): 2, ("as it is", "feed@*"): 0,
                                        ("bigger", "site@*"): 2, ("bigger", "feed@*"): 0}
    wide = rm.stress_wide(table, columns="portfolio", lab="total")
    assert wide.index.tolist() == ["site@*", "feed@*"]


def test_what_lasts_past_the_cap_never_comes_back():
    table = rm.stress_grid(GRID, where=["s"], duration_h=[24, 1e6], recovery_cap_days=10)
    total = table[table["lab"] == "total"].set_index("duration_h")
    assert total["lost_mw_days"].to_dict() == pytest.approx({24.0: 100, 1e6: 1000})
    assert total["days_to_50pct_back"].to_dict() == {24.0: pytest.approx(1.0), 1e6: np.inf}


@pytest.mark.parametrize(("wrong", "message"), [
    ({"depth": [1.2]}, r"depth has 1.2; give shares above 0 up to 1"),
    ({"depth": [0]}, "depth has 0"), ({"duration_h": [-1]}, "duration_h has -1; give hours"),
    ({"duration_h": []}, "duration_h is empty"), ({"where": []}, "where is empty"),
    ({"where": ["g", "g"]}, "'g' twice"), ({"where": ["h"]}, "no node 'h'"),
    ({"duration_h": range(1, 1001), "depth": np.linspace(0.1, 1, 999)}, "999,000 stories")])
def test_what_is_no_grid(wrong, message):
    with pytest.raises(rm.RiskModelError, match=message):
        rm.stress_grid(GRID, **{"where": ["g"], "duration_h": [1], **wrong})
    with pytest.raises(rm.RiskModelError, match="give a Grid, or where"):
        rm.stress_grid(GRID)
