"""Spells: by hand, and against a walk through every stretch."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.decisions.reverse.spells import held_by_h, is_held, longest_h, most_held_mw, spells
from riskmodel.measures.labcourse import LabCourse


def course(*rows: tuple, n_years: int = 3) -> LabCourse:
    """Rows are (year, start, end, MW)."""
    year, start, end, mw = (np.array(column) for column in zip(*rows, strict=True))
    return LabCourse(year.astype(np.int64), start.astype(float), end.astype(float),
                     mw.astype(float), n_years, np.array([100.0]))


STEPS = course((0, 0, 10, 20), (0, 10, 30, 50), (0, 30, 34, 20), (0, 50, 60, 80), (2, 5, 6, 99))


def test_a_break_ends_a_spell_and_a_step_does_not():
    year, start, end = spells(STEPS, 20.0)
    assert [*zip(year, start, end, strict=True)] == [(0, 0, 34), (0, 50, 60), (2, 5, 6)]
    assert longest_h(STEPS, 20.0).tolist() == [34.0, 0.0, 1.0]
    assert longest_h(STEPS, 50.0).tolist() == [20.0, 0.0, 1.0]
    assert longest_h(STEPS, 100.0).tolist() == [0.0, 0.0, 0.0]


def test_by_when_it_has_lasted():
    assert held_by_h(STEPS, 20.0, 12.0).tolist() == [12.0, np.inf, np.inf]
    assert held_by_h(STEPS, 50.0, 12.0).tolist() == [22.0, np.inf, np.inf]
    assert held_by_h(STEPS, 60.0, 10.0).tolist() == [60.0, np.inf, np.inf]


def test_each_year_may_have_a_level_of_its_own():
    assert longest_h(STEPS, np.array([50.0, 1.0, 100.0])).tolist() == [20.0, 0.0, 0.0]


def test_the_most_that_is_missing_for_so_long():
    assert most_held_mw(STEPS, 34.0).tolist() == [20.0, 0.0, 0.0]
    assert most_held_mw(STEPS, 20.0).tolist() == [50.0, 0.0, 0.0]
    assert most_held_mw(STEPS, 1.0).tolist() == [80.0, 0.0, 99.0]
    assert most_held_mw(STEPS, 35.0).tolist() == [0.0, 0.0, 0.0]


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 5), st.sampled_from([10, 20, 30])),
                min_size=1, max_size=8), st.sampled_from([10.0, 15.0, 30.0]), st.integers(1, 9))
def test_a_walk_says_the_same(pieces, level, hours):
    rows, now = [], 0
    for gap, length, mw in pieces:
        now += gap
        rows.append((0, now, now + length, mw))
        now += length
    of = course(*rows, n_years=1)
    on = [any(start <= hour < end and mw >= level for _, start, end, mw in rows)
          for hour in range(now)]
    runs = "".join("x" if each else " " for each in on).split()
    assert longest_h(of, level)[0] == max(map(len, runs), default=0)
    by = next((hour + 1 for hour in range(hours - 1, now)
               if all(on[hour - hours + 1:hour + 1])), np.inf)
    assert held_by_h(of, level, float(hours))[0] == by
    assert is_held(of, level, float(hours))[0] == np.isfinite(by)
    most = most_held_mw(of, float(hours))[0]
    assert most == pytest.approx(max((mw for mw in (10, 20, 30)
                                      if longest_h(of, float(mw))[0] >= hours), default=0))
