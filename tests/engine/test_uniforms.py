"""Keyed uniforms: compiled and in numpy they are the same bits, whatever shape the labels have."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmodel.engine.outages import streams
from riskmodel.engine.outages.streams import entity_hashes, keyed_uniform, numpy_uniform, stream_key
from riskmodel.perils.names import Names

KEY = stream_key(7, "count", "storm")
WORDS = Names.of([f"site {i}" for i in range(7)])


@pytest.fixture(autouse=True)
def compiled():
    """Have the compiled function read in, as a large block would."""
    keyed_uniform(7, "count", "storm", np.arange(streams.COMPILED_FROM))
    assert streams._ready


def slow(year, event=0, entity=""):
    return numpy_uniform(KEY, np.asarray(year), np.asarray(event), entity_hashes(entity))


def test_a_known_answer():
    """Random123's vector of Philox4x32-10 for counter and key of all ones, as 52 bits."""
    ones = 2**32 - 1
    full = np.array(2**64 - 1, np.uint64)
    got = numpy_uniform((ones, ones), np.array(ones), np.array(ones), full)
    assert got == ((0x408F276D << 20 | 0x41C83B0E >> 12) + 0.5) * 2.0**-52
    assert slow(3, 1, "site 2") == keyed_uniform(7, "count", "storm", 3, 1, "site 2")


whole = st.integers(0, 2**32 - 1)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(whole, whole, st.integers(0, 6)), max_size=40))
def test_compiled_is_numpy_bit_for_bit(labels):
    year, event, code = np.array(labels, np.int64).reshape(-1, 3).T
    names = WORDS[code]
    expected = slow(year, event, names)
    assert (keyed_uniform(7, "count", "storm", year, event, names) == expected).all()
    # text and names are one: what a peril of its own hands in
    assert (keyed_uniform(7, "count", "storm", year, event, names.text()) == expected).all()
    square = slow(year[:, None], event[:, None], names[None, :])
    assert (keyed_uniform(7, "count", "storm", year[:, None], event[:, None], names[None, :])
            == square).all()


@pytest.mark.parametrize(("year", "event", "entity"), [
    (5, 3, "a"), (np.arange(3), 0, "a"), (4, np.arange(6), "a"), (np.arange(3)[::-1], 9, WORDS[:3]),
    (np.arange(5)[:, None], 0, WORDS[None, :]), (np.arange(7)[None, :], 0, WORDS[:, None]),
    (np.arange(7), np.arange(4)[:, None], WORDS), (np.arange(4)[:, None], np.zeros((1, 1)), WORDS),
    (np.broadcast_to(np.arange(5), (2, 5)), 0, "a"), (np.zeros((0, 3)), 0, "a"),
    (np.arange(2)[:, None, None], np.arange(3)[:, None], WORDS[None, None, :]),
    (np.arange(700), np.arange(700), "longer than what is worked on at a time"),
])
def test_any_shape(year, event, entity):
    got, expected = keyed_uniform(7, "count", "storm", year, event, entity), slow(
        year, event, entity)
    assert got.shape == expected.shape
    assert (got == expected).all()


def test_any_layout_is_one_compiled_function():
    """A second signature would be compiled, in seconds, in the middle of a run."""
    frozen = np.arange(4)
    frozen.flags.writeable = False
    keyed_uniform(7, "count", "storm", frozen, np.arange(8, dtype=np.int32)[::2], WORDS[:4])
    keyed_uniform(7, "count", "storm", np.arange(6).reshape(2, 3).T, 0, "a")
    assert len(streams._ready[0].signatures) == 1
