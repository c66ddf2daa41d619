"""Prices in words: only where something binds, with its sign, and said where they are tied."""

from __future__ import annotations

import numpy as np
import pytest

from riskmodel.decisions.allocation.cvar_program import cvar_program, minimise_cvar
from riskmodel.decisions.allocation.linear_rows import Row
from riskmodel.decisions.allocation.shadow_words import amount, mw_words, row_words, tail_words

TAIL, UNIT = "the 1-in-100 tail mean", "MW-days"
PJM = Row("at most 40 % in PJM", np.ones(2), 40.0, place="PJM")
HOME = Row("at least 50 % in US", np.ones(2), 50.0, at_least=True, place="US")


def test_a_binding_row_says_what_room_would_save():
    assert row_words(PJM, 1.234, 1.23, TAIL, UNIT) == (
        "One more MW allowed in PJM would cut the 1-in-100 tail mean by 1.23 MW-days; binding")
    assert row_words(HOME, 2.0, 2.0, TAIL, UNIT).startswith("One MW less asked for in US would cut")
    money = Row("costs", np.ones(2), 9.0, unit="USD m", place="the budget")
    assert row_words(money, 2.0, 2.0, TAIL, UNIT).startswith("One more (USD m) in the budget")


def test_a_row_that_costs_nothing_and_tied_rows_say_so():
    assert "costs nothing" in row_words(PJM, 0.0, 0.0, TAIL, UNIT)
    assert "alone would change nothing, less room would cost up to 3.00" in row_words(
        PJM, 3.0, 0.0, TAIL, UNIT)
    assert "by 1.00 MW-days; tied with other" in row_words(PJM, 3.0, 1.0, TAIL, UNIT)


def test_tied_duals_come_from_rows_that_say_the_same():
    """Two rows with one meaning share a price between them: neither alone is worth it."""
    losses = np.array([[9.0, 0.0], [0.0, 3.0]] * 30)
    twice = [Row("one", np.array([0.0, 1.0]), 40.0), Row("two", np.array([0.0, 1.0]), 40.0)]
    both = minimise_cvar(cvar_program(losses, 100.0, level=0.5, rows=twice))
    alone = minimise_cvar(cvar_program(losses, 100.0, level=0.5, rows=twice[:1]))
    assert both.row_prices.sum() == pytest.approx(alone.row_prices[0])
    assert alone.row_prices[0] == pytest.approx(9.0)
    looser = [Row("one", np.array([0.0, 1.0]), 41.0), twice[1]]
    assert minimise_cvar(cvar_program(losses, 100.0, level=0.5, rows=looser)).cvar == (
        pytest.approx(both.cvar))


def test_small_words():
    assert tail_words(0.99) == "1-in-100 tail mean"
    assert tail_words(0.996) == "1-in-250 tail mean"
    assert [amount(value) for value in (0, 12345.6, 1.234, 0.001234)] == [
        "0", "12,346", "1.23", "0.00123"]
    assert mw_words(-2.0, TAIL, UNIT) == (
        "Each further MW to place takes 2.00 MW-days off the 1-in-100 tail mean")
