"""Clashing conditions are named: the set is infeasible, and without any one of them it is not."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from riskmodel.decisions.allocation.cvar_program import cvar_program, minimise_cvar
from riskmodel.decisions.allocation.infeasible_rows import find_clash
from riskmodel.decisions.allocation.linear_rows import Row
from riskmodel.errors import RiskModelError

SITES = ("tex", "ohio", "dubai")


def possible(rows, caps, mw: float) -> bool:
    """The same question asked plainly of the solver."""
    a = [(-row.coefficients if row.at_least else row.coefficients) for row in rows]
    b = [(-row.limit if row.at_least else row.limit) for row in rows]
    found = linprog(np.zeros(len(caps)), A_ub=a or None, b_ub=b or None,
                    A_eq=np.ones((1, len(caps))), b_eq=[mw], bounds=[(0, c) for c in caps])
    return found.status == 0


def refusal(rows, caps=(np.inf,) * 3, mw=100.0) -> str:
    with pytest.raises(RiskModelError) as raised:
        minimise_cvar(cvar_program(np.eye(3), mw, rows=rows, caps=caps, names=SITES))
    return str(raised.value)


def test_two_of_three_rows_clash_and_the_mend_is_exact():
    rows = [Row("at most 40 % in the US", np.array([1.0, 1.0, 0.0]), 40.0, whole=100.0),
            Row("at most 70 % in one grid", np.array([1.0, 0.0, 0.0]), 70.0, whole=100.0),
            Row("at most 35 % in the Gulf", np.array([0.0, 0.0, 1.0]), 35.0, whole=100.0)]
    clash = find_clash(rows, np.full(3, np.inf), 100.0)
    assert clash.rows == (0, 2)
    assert clash.caps == ()
    assert clash.give == pytest.approx((25.0, 25.0))
    said = refusal(rows)
    assert "at most 40 % in the US: would have to be 65 % (65 MW) or more" in said
    assert "at most 35 % in the Gulf: would have to be 60 % (60 MW) or more" in said
    assert "one grid" not in said


def test_caps_take_part_by_name():
    rows = [Row("at least 50 % at home", np.array([1.0, 1.0, 0.0]), 50.0, at_least=True,
                whole=100.0)]
    said = refusal(rows, caps=(20.0, 10.0, np.inf))
    assert "at most 20 MW at tex: would have to be 40 MW or more" in said
    assert "at most 10 MW at ohio: would have to be 30 MW or more" in said
    assert "at least 50 % at home: would have to be 30 % (30 MW) or less" in said
    assert "dubai" not in said


def test_many_caps_are_summed_up():
    with pytest.raises(RiskModelError, match=r"caps of 9 candidates, which add up to 90 MW: would "
                                             r"have to be 100 MW or more"):
        minimise_cvar(cvar_program(np.eye(9), 100.0, caps=np.full(9, 10.0)))


def test_two_clashes_at_once_are_said_to_be_two():
    rows = [Row("none in tex", np.array([1.0, 0.0, 0.0]), 0.0),
            Row("half in tex", np.array([1.0, 0.0, 0.0]), 50.0, at_least=True),
            Row("none in ohio", np.array([0.0, 1.0, 0.0]), 0.0),
            Row("some in ohio", np.array([0.0, 1.0, 0.0]), 5.0, at_least=True)]
    said = refusal(rows)
    assert "does not help" in said
    assert "the next message names the rest" in said
    assert ("half in tex" in said) != ("some in ohio" in said)


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_the_set_is_infeasible_and_irreducible(data):
    number = st.integers(0, 6)
    rows = [Row(f"row {i}", np.array(data.draw(st.lists(number, min_size=3, max_size=3)), float),
                float(data.draw(st.integers(0, 40))), at_least=data.draw(st.booleans()))
            for i in range(data.draw(st.integers(1, 5)))]
    caps = np.array(data.draw(st.lists(st.integers(0, 12), min_size=3, max_size=3)), float)
    clash = find_clash(rows, caps, 10.0)
    assert (clash is None) == possible(rows, caps, 10.0)
    if clash is None:
        return
    chosen = [("row", i) for i in clash.rows] + [("cap", i) for i in clash.caps]

    def holds(members) -> bool:
        some = [rows[i] for kind, i in members if kind == "row"]
        tops = [caps[i] if ("cap", i) in members else 10.0 for i in range(3)]
        return possible(some, tops, 10.0)

    assert not holds(chosen)
    for fewer in itertools.combinations(chosen, len(chosen) - 1):
        assert holds(list(fewer))
    for (kind, i), give in zip(chosen, clash.give, strict=True):
        if np.isfinite(give):  # enough alone, and a little less is not
            for extra, enough in ((1e-4, True), (-1e-3, False)):
                more = give + extra
                if kind == "cap":
                    tops = caps + more * (np.arange(3) == i)
                    assert possible(rows, tops, 10.0) == enough
                else:
                    row = rows[i]
                    other = Row(row.name, row.coefficients, row.limit + (
                        -more if row.at_least else more), row.at_least)
                    assert possible([*rows[:i], other, *rows[i + 1:]], caps, 10.0) == enough
