"""Places of stories: nodes, selectors and several at once, as words or as data."""

from __future__ import annotations

import pandas as pd
import pytest

import riskmodel as rm
from riskmodel.perils.places import nodes_at, place_words


@pytest.fixture(scope="module")
def world() -> rm.World:
    """Two sites on two grids; ``feed:a`` feeds the first; a gas node has the name of a grid."""
    return rm.World.from_frames(
        sites=pd.DataFrame({"site_id": ["a", "b"], "lat": 30.0, "lon": -99.0, "it_mw": 100.0}),
        labs=pd.DataFrame({"lab_id": ["one"], "needed_share": [1.0]}),
        holdings=pd.DataFrame({"lab_id": "one", "site_id": ["a", "b"], "share": 1.0}),
        nodes=pd.DataFrame({"node_id": ["feed:a", "grid:X", "grid:Y", "gas:X"],
                            "kind": ["feed", "grid", "grid", "gas"]}),
        requirements=pd.DataFrame({"node_id": ["a", "feed:a", "b"], "group": "power",
                                   "member_id": ["feed:a", "grid:X", "grid:Y"]}))


@pytest.mark.parametrize(("place", "nodes"), [
    ("grid:X", ["grid:X"]), ("Y", ["grid:Y"]), ("a", ["a"]), ("grid@*", ["grid:X", "grid:Y"]),
    ("feed@grid:X", ["feed:a"]), ("feed@grid:Y", []), ("site@grid:Y", ["b"]),
    ("grid:X + Y", ["grid:X", "grid:Y"]), ("grid:Y+grid@*", ["grid:Y", "grid:X"]),
    ({"kind": "feed", "grid": ["X", "Y"]}, ["feed:a"]),
    (["a", {"grid": "Y"}, "a"], ["a", "b"])])
def test_what_a_place_has(world, place, nodes):
    assert nodes_at(world, place) == nodes


@pytest.mark.parametrize(("place", "message"), [
    ("X", "'X' may be grid:X, gas:X; give one of them"),
    ("grid:Z", "no node 'grid:Z'.*did you mean 'grid:Y'"),
    ("feed@gird:X", "gird is not a way to choose; did you mean 'grid'"),
    ("feed@grid", "give text"), ("feed@grid:X@grid:Y", "gives grid twice"),
    ("grid:X+", "names no place"), ("", "names no place"), ([], "is no place"),
    ({"gird": "X"}, "did you mean 'grid'"), (7, "is no place")])
def test_what_is_no_place(world, place, message):
    with pytest.raises(rm.RiskModelError, match=message):
        nodes_at(world, place)


def test_labels():
    assert place_words("feed@grid:X") == "feed@grid:X"
    assert place_words({"kind": "feed", "grid": "X"}) == "feed of sites with grid X"
    assert place_words(["a", {"kind": "gas"}]) == "a + every gas"
