"""What a lab leans on: counted by hand, and against networkx."""

from __future__ import annotations

import networkx as nx
import pytest

import riskmodel as rm
from riskmodel.decisions.contingency.dependence import part_of_graph, structure
from riskmodel.engine.plan.reach import reach
from riskmodel.engine.stories.outage_sets import outage_sets
from riskmodel.errors import RiskModelError
from tests.decisions.random_needs import random_world
from tests.engine.small import world


def test_by_hand():
    made = world(("s", "power", "f"), ("f", "grid", "g"), ("t", "power", "g", {"share": 0.5}),
                 sites=("s", "t", "u"), labs={"a": 0.8, "b": 0.8},
                 holdings=[("a", "s", 1.0), ("a", "t", 0.5), ("b", "t", 0.5), ("b", "u", 1.0)])
    frame = rm.dependencies(made, "a").set_index("node")
    assert frame.index.tolist() == ["g", "f", "s", "t"]
    assert frame["behind_mw"].tolist() == [150.0, 100.0, 100.0, 50.0]
    assert frame["lost_mw"].tolist() == [125.0, 100.0, 100.0, 50.0]
    assert frame["sites"].tolist() == [2, 1, 1, 1]
    assert frame["single_point"].all()
    assert frame["lost_share"].tolist() == pytest.approx([125 / 150, 2 / 3, 2 / 3, 1 / 3])
    everyone = rm.dependencies(made, "total").set_index("node")
    assert everyone.loc["g", "behind_share"] == pytest.approx(2 / 3)
    assert set(rm.dependencies(made)["lab"]) == {"a", "b"}


@pytest.mark.parametrize("seed", [1, 2])
def test_who_hangs_on_whom_is_what_networkx_says(seed):
    made = random_world(seed, cycle=seed == 2)
    plan = outage_sets(made).plan
    graph = made.to_networkx()
    found = reach(plan, range(len(plan.nodes)))
    for i, node in enumerate(plan.nodes):
        users = {plan.nodes[j] for j in range(len(plan.nodes)) if found[i, j]}
        assert users == nx.ancestors(graph, node) | {node}  # edges run from who needs


def test_the_structure_names_its_cycles():
    found = structure(random_world(2, cycle=True))
    assert found.kinds["site"] == 15
    assert sum(found.kinds.values()) == 60
    assert ("n20", "n30", "n20") in found.cycles
    assert structure(random_world(2)).cycles == ()


def test_the_part_of_a_lab_and_of_a_node():
    made = world(("s", "power", "f"), ("f", "grid", "g"), ("t", "power", "g"), sites=("s", "t"),
                 labs={"a": 0.8, "b": 0.8}, holdings=[("a", "s", 0.6), ("b", "t", 1.0)])
    mine = part_of_graph(made, lab="a")
    assert set(mine) == {"lab:a", "s", "f", "g"}
    assert mine.edges["lab:a", "s", "holding"]["it_mw"] == pytest.approx(60.0)
    assert set(part_of_graph(made, node="f")) == {"s", "f", "g"}
    assert set(part_of_graph(made)) == {"s", "t", "f", "g"}
    for asked in ({"lab": "c"}, {"node": "h"}):
        with pytest.raises(RiskModelError, match="there is no"):
            part_of_graph(made, **asked)
