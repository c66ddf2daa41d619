"""The fewest failures that cut a lab off, against trying every set."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

import riskmodel as rm
from riskmodel.decisions.contingency.supply_cut import (
    cut_off_by_one,
    fewest_failures,
    supply_network,
)
from riskmodel.engine.stories.outage_sets import outage_sets
from riskmodel.errors import RiskModelError
from tests.engine.small import world

SITES = tuple("stuvw")


def random_supply(seed: int) -> rm.World:
    """Five sites with one, two or three ways of supply, through two layers of nodes."""
    rng = np.random.default_rng(seed)
    rows = []
    for feed in "abcd":
        for member in rng.choice(list("xyz"), rng.integers(1, 3), replace=False):
            rows.append((feed, "grid", str(member)))
    for site in SITES:
        for feed in rng.choice(list("abcd"), rng.integers(1, 4), replace=False):
            rows.append((site, "power", str(feed), {"ride_through_h": 6.0}))
        rows.append((site, "country", "k"))
    held = [("lab", site, float(rng.choice([0.2, 0.5, 1.0]))) for site in SITES]
    return world(*rows, sites=SITES, labs={"lab": 0.8}, holdings=held)


@pytest.mark.parametrize("seed", range(6))
def test_no_set_of_as_many_failures_cuts_off_more(seed):
    made = random_supply(seed)
    found = fewest_failures(made, "lab")
    assert found["exact"].all()
    held = made.effective_holdings()
    mw = held[held["lab_id"] == "lab"].set_index("site_id")["share"].reindex(SITES) * 100.0
    sets = outage_sets(made)
    nodes = [sets.plan.node_index[name] for name in "abcdxyz" if name in sets.plan.node_index]
    best = {0: 0.0}
    for many in range(1, len(nodes) + 1):
        lost = sets.lost_share(np.array(list(combinations(nodes, many))), 720.0)
        best[many] = float(((lost.toarray() >= 1 - 1e-12) @ mw.to_numpy()).max())
    for row in found.itertuples():
        assert row.cut_off_mw == pytest.approx(best[row.failures])
        assert len(row.nodes) == row.failures
        chosen = np.array([[sets.plan.node_index[name] for name in row.nodes]])
        dark = sets.lost_share(chosen, 720.0).toarray()[0] >= 1 - 1e-12
        assert dark @ mw.to_numpy() == pytest.approx(row.cut_off_mw)
    assert found["cut_off_share"].iloc[-1] == pytest.approx(1.0)
    # between two rows nothing lies above the straight line
    line = np.interp(list(best), [0, *found["failures"]], [0.0, *found["cut_off_mw"]])
    assert (np.array(list(best.values())) <= line + 1e-9).all()
    single = cut_off_by_one(made, "lab")
    assert single["cut_off_mw"].to_numpy().max(initial=0.0) == pytest.approx(best[1])
    for row in single.itertuples():
        dark = sets.lost_share(np.array([[sets.plan.node_index[row.node]]]), 720.0).toarray()[0]
        assert (dark >= 1 - 1e-12) @ mw.to_numpy() == pytest.approx(row.cut_off_mw)


def test_a_chain_follows_what_most_of_a_node_hangs_on():
    made = world(("s", "power", "a"), ("a", "grid", "x"), ("a", "fuel", "gas", {"share": 0.3}),
                 sites=("s",))
    network, one_suffices = supply_network(made, "lab")
    assert one_suffices
    assert ("x", "in") in network
    assert ("gas", "in") not in network
    alone, _ = supply_network(made, "lab", least_share=1.1)
    assert ("x", "in") not in alone  # the feed hangs on nothing that far


def test_two_of_three_may_need_fewer_than_it_says():
    made = world(*[("s", "power", m, {"k": 2.0}) for m in "abc"], sites=("s",))
    found = fewest_failures(made, "lab")
    assert found["failures"].tolist() == [3]
    assert not found["exact"].any()


def test_labs_and_services_that_are_not_there():
    made = world(("s", "power", "a"), sites=("s",))
    with pytest.raises(RiskModelError, match="no lab 'lob'"):
        fewest_failures(made, "lob")
    with pytest.raises(RiskModelError, match="its sites need power"):
        fewest_failures(made, "lab", "powr")
