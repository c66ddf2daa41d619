"""Names: text by number, each word hashed once."""

from __future__ import annotations

import numpy as np

from riskmodel.perils.names import Names


def test_names_are_their_words():
    names = Names.of(["b", "a", "b"])
    assert names.text().tolist() == ["b", "a", "b"]
    assert np.asarray(names, dtype=object).tolist() == ["b", "a", "b"]
    assert names[[2, 1]].text().tolist() == ["b", "a"]
    assert names[:, None].shape == (3, 1)
    assert names[:, None].text().shape == (3, 1)
    assert len(names[:0].text()) == 0
    assert Names.factorized(names.text()).text().tolist() == ["b", "a", "b"]
    assert Names.factorized([1, "a", "1"]).text().tolist() == ["1", "a", "1"]
    assert Names.all_of("x", 2).text().tolist() == ["x", "x"]


def test_lists_that_are_equal_share_a_book():
    assert Names.of(["a", "b"]).book is Names.of(("a", "b")).book


def test_pairs_and_joined():
    first, second = Names.of(["a", "b"]), Names.of(["x", "y", "z"])
    pairs = first[:, None].before(">", second[None, :])
    assert pairs.shape == (2, 3)
    assert pairs.text()[1].tolist() == ["b>x", "b>y", "b>z"]
    joined = Names.joined([first, second[[2, 0]], first[:1], second[:0]])
    assert joined.text().tolist() == ["a", "b", "z", "x", "a"]
    assert Names.joined([first, first]).book is first.book


def test_a_number_is_worked_out_once_a_word():
    asked = []

    def number(word):
        asked.append(word)
        return len(word)

    names = Names.of(["one", "three", "seventeen"])
    some = names[np.array([0, 1, 1, 0])]
    assert some.book.numbers(some.code, number).tolist() == [3, 5, 5, 3]
    assert names.book.numbers(names.code, number).tolist() == [3, 5, 9]
    assert asked == ["one", "three", "seventeen"]


def test_ranks_are_those_of_the_alphabet():
    names = Names.of(["site 10", "b", "", "site 9"])
    assert names.book.rank(names.code).tolist() == [2, 1, 0, 3]
