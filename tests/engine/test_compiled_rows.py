"""The words of an event table, compiled at once, are what a walk over its rows makes of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmodel.engine.outages.streams import entity_hash, part_hash
from riskmodel.engine.plan.catalogue import _skeleton
from riskmodel.errors import RiskModelError

INDEX = {"a": 0, "b": 1, "c": 2}
RANK = np.array([2, 0, 1])
ROWS = st.lists(st.tuples(
    st.sampled_from(["e2", "e1", "e3"]), st.sampled_from(["a", "b", "c", "elsewhere"]),
    st.sampled_from(["", "", "hall 1", "hall 2"]), st.sampled_from(["", "g"]),
    st.sampled_from(["fixed", "lognormal"])), min_size=1, max_size=12)


@settings(deadline=None)
@given(ROWS)
def test_rows_are_keyed_and_ordered_as_a_walk_finds_them(rows):
    frame = pd.DataFrame(rows, columns=["event_id", "node_id", "part", "duration_group",
                                        "duration_dist"]).astype(object)
    frame.insert(1, "region", "here")
    made = _skeleton("storm", frame, INDEX, RANK)
    events = sorted({row[0] for row in rows})
    seen: dict[tuple, int] = {}
    for i, (event, node, part, group, _) in enumerate(rows):
        label = f"{node}\x1f{part}" if part else node
        times = seen.get((event, label), 0)
        seen[event, label] = times + 1
        assert made.ident[i] == entity_hash(f"{label}\x1f#{times}" if times else label)
        assert made.codes[i] == events.index(event)
        assert made.node[i] == INDEX.get(node, -1)
        assert made.part[i] == part_hash(part)
        assert made.group[i] == (entity_hash(group) if group else 0)
    order = sorted(range(len(rows)), key=lambda i: (
        made.codes[i], RANK[made.node[i]] if made.node[i] >= 0 else -1, i))
    assert made.order.tolist() == order
    assert made.event_ids == events
    assert [rows[i][0] for i in made.head] == events
    assert made.part_names == {part_hash(row[2]): row[2] for row in rows}


def test_an_event_in_two_regions_is_refused():
    frame = pd.DataFrame({"event_id": ["e1", "e2", "e1"], "region": ["x", "x", "y"],
                          "node_id": "a", "duration_dist": "fixed"})
    with pytest.raises(RiskModelError, match=r"peril storm: rows of event e1 differ"):
        _skeleton("storm", frame, INDEX, RANK)
