"""Failures of single nodes: rates, durations and independence of everything else."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from riskmodel.errors import RiskModelError
from riskmodel.perils.node_failures import (
    SPAN,
    FailureLaw,
    NodeClass,
    OutageLaw,
    draw_failures,
)
from riskmodel.perils.protocol import OUTAGE_COLUMNS
from tests.perils.small_world import Draws

FAST = (FailureLaw("fast", 0.3, 0.5, (OutageLaw("hall", 0.4, 10.0, 0.5),)),
        FailureLaw("slow", 0.05, 0.25, (OutageLaw("hall", 1.0, 50.0, 0.0),
                                       OutageLaw("roof", 0.2, 90.0, 0.0))))
NODES = ["a", "b", "c", "d"]


def sample(block, classes):
    return draw_failures(block, classes).frame()


def group(nodes=NODES, laws=FAST):
    return NodeClass("site", nodes, [f"at {node}" for node in nodes], laws)


def canonical(table):
    names = [name for name in OUTAGE_COLUMNS if name != "event"]
    return table[names].sort_values(names, ignore_index=True)


def test_rates_durations_and_starts_are_those_of_the_law():
    years = 40_000
    table = sample(Draws(np.arange(years), "p"), [group()])
    slow = table[table["depth"] == 1.0]
    fast = table[table["depth"] == 0.4]
    for part, rate in ((fast, 0.3), (slow, 0.05)):
        expected = rate * years * len(NODES)
        assert abs(len(part) - expected) < 4 * np.sqrt(expected)
        per_node = part.groupby("node_id").size()
        assert (abs(per_node - expected / 4) < 4 * np.sqrt(expected / 4)).all()
        spread = part["event_start_h"].to_numpy() / 8760.0
        assert abs(spread.mean() - 0.5) < 4 * np.sqrt(1 / 12 / len(spread))
    logs = np.log(fast["duration_h"].to_numpy())
    assert abs(logs.mean() - np.log(10)) < 4 * 0.5 / np.sqrt(len(logs))
    assert abs(logs.std() - 0.5) < 4 * 0.5 / np.sqrt(2 * len(logs))
    # a failure with two outages keeps them together
    roof = table[table["part"] == "roof"]
    assert len(roof) == len(slow)
    assert set(map(tuple, roof[["year", "event"]].to_numpy())) == set(
        map(tuple, slow[["year", "event"]].to_numpy()))


def test_counts_of_a_year_are_poisson_whatever_the_span():
    years = np.arange(20_000)
    table = sample(Draws(years, "p"), [group(["a"], FAST[:1])])
    counts = np.bincount(table["year"], minlength=len(years))
    assert counts.var() == pytest.approx(counts.mean(), rel=0.05)
    within = counts.reshape(-1, SPAN)
    correlation = np.corrcoef(within[:, 0], within[:, 1])[0, 1]
    assert abs(correlation) < 4 / np.sqrt(len(within))


def test_draws_do_not_depend_on_company_order_or_block():
    whole = sample(Draws(np.arange(300), "p"), [group()])
    assert len(whole) > 300
    shuffled = sample(Draws(np.arange(300)[::-1], "p"), [group(NODES[::-1])])
    pd.testing.assert_frame_equal(canonical(whole), canonical(shuffled))
    parts = [sample(Draws(years, "p"), [group()])
             for years in (np.arange(7), np.arange(7, 100), np.arange(100, 300))]
    pd.testing.assert_frame_equal(whole, pd.concat(parts, ignore_index=True))
    fewer = sample(Draws(np.arange(300), "p"), [group(["c", "a"])])
    kept = whole[whole["node_id"].isin(["a", "c"])]
    pd.testing.assert_frame_equal(canonical(fewer), canonical(kept))
    more = sample(Draws(np.arange(300), "p"), [group([*NODES, "e", "f"])])
    kept = more[more["node_id"].isin(NODES)]
    pd.testing.assert_frame_equal(canonical(kept), canonical(whole))


def test_a_lower_rate_keeps_some_and_adds_none():
    low = (FailureLaw("fast", 0.1, 0.5, FAST[0].outages), FAST[1])
    high = sample(Draws(np.arange(500), "p"), [group()])
    fewer = sample(Draws(np.arange(500), "p"), [group(laws=low)])
    names = [name for name in OUTAGE_COLUMNS if name != "event"]
    rows = set(map(tuple, high[names].to_numpy()))
    kept = set(map(tuple, fewer[names].to_numpy()))
    assert kept < rows
    assert {row for row in rows if row[names.index("part")] == "roof"} == {
        row for row in kept if row[names.index("part")] == "roof"}


def test_event_numbers_count_from_zero_in_every_year():
    table = sample(Draws(np.arange(200), "p"), [group()])
    for _, year in table.groupby("year"):
        numbers = year.drop_duplicates("event")
        assert list(numbers["event"]) == list(range(len(numbers)))
        assert numbers["event_start_h"].is_monotonic_increasing


def test_a_shorter_horizon_has_fewer_failures():
    table = sample(Draws(np.arange(4000), "p", horizon_h=4380.0), [group()])
    assert table["start_h"].max() < 4380.0
    expected = (0.3 + 0.05 * 2) * 4000 * 4 / 2
    assert abs(len(table) - expected) < 5 * np.sqrt(expected)


def test_nothing_to_hit_gives_an_empty_table():
    table = sample(Draws(np.arange(10), "p"), [group([])])
    assert list(table.columns) == list(OUTAGE_COLUMNS)
    assert len(table) == 0


def test_a_rate_above_its_ceiling_is_refused():
    with pytest.raises(RiskModelError, match="raise the ceiling"):
        FailureLaw("fast", 0.6, 0.5, ())


def test_a_failure_may_take_others_along():
    years = np.arange(20_000)
    along = NodeClass("site", ["a", "b"], ["A", "B"], FAST[:1], 0.2, ["a", "b", "c"])
    table = sample(Draws(years, "p"), [along])
    own = sample(Draws(years, "p"), [group(["a", "b"], FAST[:1])])
    assert len(table[["year", "event"]].drop_duplicates()) == len(own)  # the same events
    extra = len(table) - len(own)
    trials = 2 * len(own)
    assert abs(extra - 0.2 * trials) < 4 * np.sqrt(trials * 0.16)
    assert not table.duplicated(["year", "event", "node_id"]).any()
    taken = table[table["node_id"] == "c"]
    assert set(taken["region"]) == {"A", "B"}
    assert (table.groupby(["year", "event"])["duration_h"].nunique() == 1).all()
    # who is taken does not depend on who else might have been
    alone = NodeClass("site", ["b"], ["B"], FAST[:1], 0.2, ["c"])
    fewer = sample(Draws(years, "p"), [alone])
    names = ["year", "event_start_h", "node_id", "duration_h"]
    kept = table[(table["region"] == "B") & (table["node_id"] != "a")]
    pd.testing.assert_frame_equal(
        fewer[names].sort_values(names, ignore_index=True),
        kept[names].sort_values(names, ignore_index=True))
