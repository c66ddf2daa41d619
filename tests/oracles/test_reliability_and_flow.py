"""Published systems: the bridge of five edges, and the flow network of a textbook."""

from __future__ import annotations

import pandas as pd
import pytest

import riskmodel as rm
from riskmodel.decisions.contingency.supply_cut import flow_network, flows_without, max_flow
from riskmodel.measures.reliability import component_importance, system_availability

BRIDGE = [("1", "4"), ("2", "5"), ("1", "3", "5"), ("2", "3", "4")]


def test_p36_bridge_of_five_edges():
    p = dict.fromkeys("12345", 0.9)
    assert system_availability(BRIDGE, p) == pytest.approx(0.97848, abs=1e-9)
    assert system_availability(BRIDGE, p) == pytest.approx(
        2 * 0.9**2 + 2 * 0.9**3 - 5 * 0.9**4 + 2 * 0.9**5, abs=1e-12)
    found = component_importance(BRIDGE, p).set_index("component")
    outer = {"birnbaum": 0.1062, "criticality": 0.493494, "fussell_vesely": 0.506506,
             "raw": 5.4414, "rrw": 1.9743}
    middle = {"birnbaum": 0.0162, "criticality": 0.075279, "fussell_vesely": 0.092472,
              "raw": 1.6775, "rrw": 1.0814}
    for edge in "1245":
        assert found.loc[edge, list(outer)].to_dict() == pytest.approx(outer, abs=6e-5)
        for name in ("birnbaum", "criticality", "fussell_vesely"):
            assert found.loc[edge, name] == pytest.approx(outer[name], abs=1e-6)
    assert found.loc["3", list(middle)].to_dict() == pytest.approx(middle, abs=6e-5)
    for name in ("birnbaum", "criticality", "fussell_vesely"):
        assert found.loc["3", name] == pytest.approx(middle[name], abs=1e-6)
    assert (found["fussell_vesely"] > found["criticality"] + 0.01).all()


CLRS = {("s", "v1"): 16, ("s", "v2"): 13, ("v1", "v3"): 12, ("v2", "v1"): 4, ("v3", "v2"): 9,
        ("v2", "v4"): 14, ("v4", "v3"): 7, ("v3", "t"): 20, ("v4", "t"): 4}


def test_p39_flow_on_the_graph_of_a_world_as_networkx_gives_it():
    """Cormen et al.: the weights of the rows are the capacities, a row the way to who needs it."""
    rows = [(user, f"from {giver}", giver, float(weight), float(weight), "proportional")
            for (giver, user), weight in CLRS.items()]
    world = rm.World.from_frames(
        sites=pd.DataFrame({"site_id": ["t"], "lat": [0.0], "lon": [0.0], "it_mw": [23.0]}),
        labs=pd.DataFrame({"lab_id": ["lab"], "needed_share": [1.0]}),
        holdings=pd.DataFrame({"lab_id": ["lab"], "site_id": ["t"], "share": [1.0]}),
        nodes=pd.DataFrame({"node_id": ["s", "v1", "v2", "v3", "v4"], "kind": "grid"}),
        requirements=pd.DataFrame(rows, columns=["node_id", "group", "member_id", "weight", "k",
                                                 "mode"]))
    network = flow_network(world.to_networkx())
    assert {edge: network.edges[edge]["capacity"] for edge in network.edges} == CLRS
    assert max_flow(network, "s", "t") == 23
    assert flows_without(network, "s", "t", list(CLRS)) == [13, 12, 11, 23, 23, 12, 16, 4, 19]
