import pandas as pd
import pytest
from frames import frames, nodes, requirements, world

import riskmodel as rm

CHAIN = {
    "nodes": pd.concat([nodes("feed:a", kind="feed"), nodes("plant:a", kind="plant"),
                        nodes("grid:g"), nodes("inter", kind="interconnection"),
                        nodes("r1", "r2", "r3", kind="cloud_region")], ignore_index=True),
    "requirements": requirements(
        ("feed:a", "grid", "grid:g", {"confidence": "medium"}),
        ("a", "power", "feed:a", {"mode": "proportional", "weight": 0.6, "ride_through_h": 0.25,
                                  "confidence": "low"}),
        ("a", "power", "plant:a", {"mode": "proportional", "weight": 0.4, "ride_through_h": 0.25,
                                   "confidence": "high"}),
        ("a", "zones", "r1", {"k": 2, "share": 0.3}),
        ("a", "zones", "r2", {"k": 2, "share": 0.3}),
        ("a", "zones", "r3", {"k": 2, "share": 0.3}),
        ("grid:g", "system", "inter", {"share": 0.5}),
        ("plant:a", "gas", "grid:g", {}),
        ("b", "power", "grid:g", {})),
}


def test_explain_walks_down_to_the_leaves():
    frame = world(**CHAIN).explain("a").frame
    steps = list(frame[["depth", "node_id", "group", "member_id", "again"]].itertuples(
        index=False, name=None))
    assert steps == [
        (1, "a", "power", "feed:a", False),
        (2, "feed:a", "grid", "grid:g", False),
        (3, "grid:g", "system", "inter", False),
        (1, "a", "power", "plant:a", False),
        (2, "plant:a", "gas", "grid:g", True),  # its own needs stand further up
        (1, "a", "zones", "r1", False),
        (1, "a", "zones", "r2", False),
        (1, "a", "zones", "r3", False)]
    power = frame[frame["group"] == "power"].iloc[0]
    assert (power["members"], power["weight"], power["mode"], power["ride_through_h"],
            power["confidence"], power["member_kind"]) == (2, 0.6, "proportional", 0.25, "low",
                                                           "feed")
    zones = frame[frame["group"] == "zones"].iloc[0]
    assert (zones["members"], zones["k"], zones["share"]) == (3, 2.0, 0.3)


def test_explain_reads_as_a_story():
    text = str(world(**CHAIN).explain("a"))
    lines = text.splitlines()
    assert lines[0] == "a (site), 100 MW IT, held by x 60%, y 40%"
    assert lines[1] == ("  power: needs a weight of 1 from 2 members; rides through 0.25 h, "
                        "refilled in 24 h")
    assert lines[2] == "    - feed:a (feed), weight 0.6 [low confidence]"
    assert "    - r1 (cloud_region)" in lines
    assert any("needs 2 of 3 members; 30% of it depends on this" in line for line in lines)
    assert sum("system: needs 1 member" in line for line in lines) == 1
    assert sum("(see above)" in line for line in lines) == 1
    # deeper needs are further in
    indent = [len(line) - len(line.lstrip()) for line in lines]
    assert indent[:6] == [0, 2, 4, 6, 8, 10]


def test_explain_of_a_leaf_a_node_and_a_stranger():
    small = world(**CHAIN)
    assert "needs nothing" in str(small.explain("c"))
    assert small.explain("grid:g").frame["member_id"].tolist() == ["inter"]
    with pytest.raises(rm.RiskModelError, match="did you mean 'grid:g'"):
        small.explain("grid:h")


def test_explain_ends_in_a_circle_and_in_a_long_chain():
    loop = world(nodes=nodes("g", "h"), requirements=requirements(
        ("a", "p", "g", {}), ("g", "p", "h", {}), ("h", "p", "g", {})))
    assert loop.explain("a").frame["again"].tolist() == [False, False, True]
    ids = [f"n{i}" for i in range(3000)]
    rows = [("a", "p", "n0", {}), *((ids[i], "p", ids[i + 1], {}) for i in range(2999))]
    deep = world(nodes=nodes(*ids), requirements=requirements(*rows))
    assert deep.explain("a").frame["depth"].max() == 3000


def test_networkx_carries_every_row():
    small = world(**CHAIN)
    graph = small.to_networkx()
    assert set(graph.nodes) == {"a", "b", "c", "feed:a", "plant:a", "grid:g", "inter", "r1", "r2",
                                "r3"}
    assert graph.number_of_edges() == len(CHAIN["requirements"])
    assert graph.nodes["a"]["kind"] == "site"
    assert graph.nodes["a"]["it_mw"] == 100.0
    assert graph.nodes["grid:g"]["kind"] == "grid"
    edge = graph.edges["a", "feed:a", "power"]
    assert (edge["weight"], edge["mode"], edge["k"], edge["ride_through_h"]) == (
        0.6, "proportional", 1.0, 0.25)


def test_all_nodes_are_sites_first():
    table = world(**CHAIN).all_nodes
    assert table["node_id"].tolist()[:3] == frames()["sites"]["site_id"].tolist()
    assert table["node_id"].is_unique
    assert len(table) == 10
