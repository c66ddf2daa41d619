"""Importance of components against a count by hand, in plain Python."""

from __future__ import annotations

from itertools import chain, combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmodel.errors import RiskModelError
from riskmodel.measures.redundancy import k_of_n_unavailability
from riskmodel.measures.reliability import component_importance, k_of_n_paths, system_availability

NAMES = "abcde"


def by_hand(paths, p):
    """Every state one by one; cut sets by trying every set of components."""
    names = list(p)

    def works(up):
        return any(set(path) <= up for path in paths)

    def fails_given(known):
        total = 0.0
        for bits in product([True, False], repeat=len(names)):
            state = dict(zip(names, bits, strict=True))
            if any(state[name] != value for name, value in known.items()):
                continue
            chance = 1.0
            for name in names:
                if name not in known:
                    chance *= p[name] if state[name] else 1 - p[name]
            total += chance * (not works({name for name in names if state[name]}))
        return total

    sets = [set(each) for each in chain.from_iterable(
        combinations(names, n) for n in range(1, len(names) + 1))]
    cuts = [each for each in sets if not works(set(names) - each)]
    cuts = [each for each in cuts if not any(other < each for other in cuts)]
    found = {}
    q = fails_given({})
    for name in names:
        in_cut = 0.0
        for bits in product([True, False], repeat=len(names)):
            down = {n for n, up in zip(names, bits, strict=True) if not up}
            chance = 1.0
            for n in names:
                chance *= 1 - p[n] if n in down else p[n]
            in_cut += chance * any(name in cut and cut <= down for cut in cuts)
        down, up = fails_given({name: False}), fails_given({name: True})
        found[name] = (down - up, (down - up) * (1 - p[name]) / q, in_cut / q, down / q,
                       q / up if up > 0 else float("inf"))
    return found


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sets(st.sampled_from(NAMES), min_size=1, max_size=4), min_size=1, max_size=4),
       st.lists(st.sampled_from([0.5, 0.9, 0.99]), min_size=5, max_size=5))
def test_against_every_state_by_hand(paths, chances):
    p = dict(zip(NAMES, chances, strict=True))
    frame = component_importance(paths, p).set_index("component")
    for name, want in by_hand(paths, p).items():
        got = frame.loc[name, ["birnbaum", "criticality", "fussell_vesely", "raw", "rrw"]]
        assert got.tolist() == pytest.approx(want, rel=1e-9, abs=1e-12)
    assert (frame["fussell_vesely"] >= frame["criticality"] - 1e-12).all()


def test_k_of_n_is_the_closed_form():
    p = dict.fromkeys(NAMES, 0.97)
    assert 1 - system_availability(k_of_n_paths(NAMES, 3), p) == pytest.approx(
        k_of_n_unavailability(0.03, 3, 5), rel=1e-12)


def test_in_series_the_two_shares_are_told_apart_only_by_failing_together():
    frame = component_importance([("a", "b")], {"a": 0.9, "b": 0.9}).set_index("component")
    q = 1 - 0.81
    assert frame.loc["a", "criticality"] == pytest.approx(0.09 / q)  # a alone is down
    assert frame.loc["a", "fussell_vesely"] == pytest.approx(0.1 / q)  # a is down


@pytest.mark.parametrize(("paths", "p", "word"), [
    ([("a", "z")], {"a": 0.5}, "'z'"), ([], {"a": 0.5}, "path set"), ([()], {"a": 0.5}, "empty"),
    ([("a",)], {"a": 1.5}, "probability"), ([("a",)], {"a": 1.0}, "cannot fail"),
    ([("a0",)], {f"a{i}": 0.5 for i in range(17)}, "up to 16")])
def test_what_means_nothing_is_refused(paths, p, word):
    with pytest.raises(RiskModelError, match=word):
        component_importance(paths, p)


def test_k_of_n_refuses_too_many():
    with pytest.raises(RiskModelError, match="k is 4"):
        k_of_n_paths("abc", 4)
