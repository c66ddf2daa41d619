"""Failures drawn and thinned at once, against the same done step by step."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from riskmodel.engine.outages import given
from riskmodel.engine.outages.given import KeyedBlock
from riskmodel.engine.outages.thinning import CHUNK, thinned_arrivals
from riskmodel.perils.names import Names
from riskmodel.perils.node_failures import FailureLaw, NodeClass, OutageLaw, draw_failures
from riskmodel.testing import CheckBlock


def law(name, rate, ceiling):
    return FailureLaw(name, rate, ceiling, (OutageLaw("part", 1.0, 10.0, 1.0),))


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """Count how often a block draws and thins at once, however few there are."""
    monkeypatch.setattr(given, "COMPILED_FROM", 0)
    asked = []
    whole = given.thinned_arrivals
    monkeypatch.setattr(given, "thinned_arrivals", lambda *a: asked.append(1) or whole(*a))
    yield
    assert asked


@pytest.mark.parametrize(("nodes", "laws", "years"), [
    (3, (law("a", 0.3, 0.5), law("b", 0.0, 1.0), law("c", 0.2, 0.2)), np.arange(400)),
    (3, (law("a", 2.0, 20.0),), np.arange(40)),  # many arrivals of one node and year
    (CHUNK + 7, (law("a", 0.01, 0.02), law("b", 0.02, 0.5)), np.arange(60)),
    (5, (law("a", 0.01, 0.01),), np.arange(3, 3000, 7)),  # rare: spans of years, some of them
    (2, (law("a", 0.0, 1.0),), np.arange(50)),
    (4, (law("a", 1.0, 1.0),), np.arange(200)),  # nothing is thinned
])
@pytest.mark.parametrize("segment", [0, 1])
def test_the_same_failures(nodes, laws, years, segment):
    group = NodeClass("site", [f"s{i}" for i in range(nodes)], ["r"] * nodes, laws)

    class Slow(CheckBlock):
        def uniform(self, purpose, **labels):
            return super().uniform(purpose + (" warm-up 1" if segment else ""), **labels)

    fast = draw_failures(KeyedBlock(years, 8760.0, 1, "p", segment), [group]).frame()
    slow = draw_failures(Slow(years, "p"), [group]).frame()
    pd.testing.assert_frame_equal(fast, slow)
    assert len(fast) or not any(one.rate_per_yr for one in laws)


def test_room_is_made_where_more_stay_than_thought():
    """Ten nodes of which all fail, told that hardly any mark stays."""
    spans, names = np.arange(100), Names.of([f"n{i}" for i in range(10)])
    block = KeyedBlock(spans, 8760.0, 3, "p")
    reached = np.array([1e-9] * 30 + [1.0])  # thirty arrivals each
    found = block.thinned("count", "kind", spans=spans, nodes=names, reached=reached,
                          edges=np.array([1.0, 2.0]), below=np.array([0.0, 1.0]),
                          rates=np.array([1.0, -0.9]))
    span, node, number, kind = found
    assert len(span) > 1.2 * 100 * 10 * 30 * 0.05 + 256
    assert (kind == 0).all()
    marks = 2.0 * block.uniform("kind", year=np.arange(100)[:, None, None],
                                event=np.arange(30)[None, None, :], entity=names[None, :, None])
    expected = np.nonzero(marks < 1.0)
    for got, wanted in zip((span, node, number), expected, strict=True):
        assert (got == wanted).all()
    assert thinned_arrivals((1, 2), (3, 4), spans[:0], np.zeros(10, np.uint64), reached,
                            np.array([1.0]), np.array([0.0]), np.array([0.5]))[0].size == 0
