"""The split that a reader could find by trying all of them, its bounds, and its prices."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from riskmodel.decisions.allocation.cvar_program import ROUTES, cvar_program, minimise_cvar
from riskmodel.decisions.allocation.linear_rows import Row
from riskmodel.errors import RiskModelError
from riskmodel.measures import estimators as est
from tests.benchmarks.large_allocation import large_program, synthetic_losses


def slow_cvar(losses: np.ndarray, weights: np.ndarray, level: float) -> float:
    """The definition of Rockafellar and Uryasev: the least over a, which is at some loss."""
    weights = weights / weights.sum()
    return min(a + float(weights @ np.maximum(losses - a, 0.0)) / (1 - level) for a in losses)


def three_sites(years: int = 600, seed: int = 4) -> np.ndarray:
    """Losses per MW of three sites: two on one grid, one far away; about 40 tail years at .9."""
    rng = np.random.default_rng(seed)
    grid = (rng.random(years) < 0.15) * rng.exponential(6.0, years)
    own = (rng.random((years, 3)) < 0.1) * rng.exponential([4.0, 3.0, 9.0], (years, 3))
    return own + np.column_stack([grid, 0.8 * grid, np.zeros(years)])


@pytest.mark.parametrize("route", ROUTES)
def test_brute_force_grid_on_three_candidates(route):
    """Done-when 4: no split on a fine grid is better, and the best of the grid is as good."""
    losses, caps = three_sites(), np.array([60.0, 70.0, 55.0])
    rows = [Row("at most 75 MW on the shared grid", np.array([1.0, 1.0, 0.0]), 75.0),
            Row("at least 20 MW at the first", np.array([1.0, 0.0, 0.0]), 20.0, at_least=True)]
    found = minimise_cvar(cvar_program(losses, 100.0, level=0.9, caps=caps, rows=rows), route)
    best = np.inf
    for a, b in itertools.product(np.arange(20.0, 60.5, 0.5), np.arange(0.0, 70.5, 0.5)):
        if 100.0 - a - b > 55.0 or a + b > 75.0:
            continue
        lost = losses @ np.array([a, b, 100.0 - a - b])
        best = min(best, float(est.tail_value_at_risk(lost, 600, 0.9)[0]))
    assert found.cvar <= best * (1 + 1e-9)
    assert found.cvar == pytest.approx(best, rel=2e-3)  # half a MW of mesh
    assert found.gap <= 1e-6
    assert found.mw.sum() == pytest.approx(100.0, rel=1e-9)
    assert (found.mw <= caps + 1e-9).all()
    assert all(row.used(found.mw) >= 20.0 - 1e-6 if row.at_least else
               row.used(found.mw) <= row.limit + 1e-6 for row in rows)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), level=st.sampled_from([0.5, 0.8, 0.9, 0.96]),
       aal=st.sampled_from([0.0, 0.7]), signed=st.booleans())
def test_both_routes_reach_one_value_and_random_splits_do_not_beat_it(seed, level, aal, signed):
    rng = np.random.default_rng(seed)
    losses = (rng.random((60, 4)) < 0.4) * rng.exponential(3.0, (60, 4)) - (2.0 if signed else 0.0)
    weights, fixed = rng.integers(0, 4, 60) + 0.25, rng.exponential(2.0, 60) * (seed % 2)
    program = cvar_program(
        csr_array(losses), 10.0, level=level, existing=fixed, year_weights=weights,
        cost=rng.random(4), caps=[4.0, 5.0, np.inf, 6.0], aal_weight=aal,
        rows=[Row("a row", np.array([1.0, 0.5, 0.0, 0.0]), 3.0)])
    found = {route: minimise_cvar(program, route) for route in ROUTES}
    for each in found.values():
        assert each.objective == pytest.approx(found["full"].objective, rel=1e-6, abs=1e-6)
        assert each.bound <= each.objective + 1e-7 * (1 + abs(each.objective))
        assert each.cvar == pytest.approx(
            slow_cvar(fixed + losses @ each.mw, weights, level), rel=1e-9, abs=1e-9)
    for split in rng.dirichlet(np.ones(4), 200) * 10.0:
        if (split <= program.caps).all() and split[0] + 0.5 * split[1] <= 3.0:
            assert program.objective(split) >= found["cuts"].objective - 1e-6


def test_the_cuts_route_writes_down_few_years_of_many_and_closes_its_gap():
    job = synthetic_losses(4000, 60)
    program = large_program(job, 0.98)
    cuts, full = minimise_cvar(program), minimise_cvar(program, "full")
    assert cuts.objective == pytest.approx(full.objective, rel=1e-6)
    assert cuts.gap <= 1e-6
    assert len(cuts.years_used) < len(full.years_used) / 5
    again = minimise_cvar(program, start_years=cuts.years_used)
    assert again.rounds == 1
    assert again.objective == pytest.approx(cuts.objective, rel=1e-6)


def test_equal_sites_without_dependence_share_the_capacity():
    """One site fails each year, none twice: the even split is best, its CVaR a quarter site."""
    losses = np.tile(np.eye(4) * 8.0, (10, 1))
    found = minimise_cvar(cvar_program(losses, 100.0, level=0.9))
    assert found.mw == pytest.approx(np.full(4, 25.0), abs=1e-5)
    assert found.cvar == pytest.approx(200.0)
    assert found.aal == pytest.approx(200.0)  # re-splitting at equal hazard never moves it
    assert found.mw_price == pytest.approx(2.0)


def test_prices_bound_what_a_looser_row_really_gives():
    """The value is convex in a limit, so the price is a slope below it on both sides."""
    losses = three_sites()

    def solved(limit: float, floor: float, cap: float, mw: float = 100.0):
        rows = [Row("shared grid", np.array([1.0, 1.0, 0.0]), limit),
                Row("floor", np.array([1.0, 0.0, 0.0]), floor, at_least=True)]
        return minimise_cvar(cvar_program(losses, mw, level=0.9, rows=rows,
                                          caps=[np.inf, np.inf, cap]))

    base = solved(45.0, 30.0, 80.0)
    assert base.row_prices[0] > 0
    assert base.row_prices[1] > 0
    for step in (-4.0, -0.5, 0.5, 4.0):
        assert solved(45.0 + step, 30.0, 80.0).cvar >= base.cvar - base.row_prices[0] * step - 1e-6
        assert solved(45.0, 30.0 + step, 80.0).cvar >= base.cvar + base.row_prices[1] * step - 1e-6
        assert solved(45.0, 30.0, 80.0, 100.0 + step).cvar >= (
            base.cvar + base.mw_price * step - 1e-6)
    small = 0.02
    assert solved(45.0 + small, 30.0, 80.0).cvar == pytest.approx(
        base.cvar - base.row_prices[0] * small, rel=1e-6)
    capped = solved(100.0, 0.0, 12.0)
    assert capped.reduced_costs[2] < 0
    assert solved(100.0, 0.0, 12.0 + small).cvar == pytest.approx(
        capped.cvar + capped.reduced_costs[2] * small, rel=1e-6)


def test_weighted_years_are_repeated_years():
    losses = three_sites(120)
    times = np.random.default_rng(8).integers(0, 4, 120)
    weighted = minimise_cvar(cvar_program(losses, 1.0, level=0.9, year_weights=times))
    repeated = minimise_cvar(cvar_program(np.repeat(losses, times, axis=0), 1.0, level=0.9))
    assert weighted.cvar == pytest.approx(repeated.cvar, rel=1e-6)
    lost = np.repeat(losses, times, axis=0) @ weighted.mw
    assert weighted.cvar == pytest.approx(
        float(est.tail_value_at_risk(lost, len(lost), 0.9)[0]), rel=1e-9)
    assert weighted.var == pytest.approx(float(est.value_at_risk(lost, len(lost), 0.9)[0]))


def test_years_without_any_loss_cost_nothing():
    found = minimise_cvar(cvar_program(csr_array((500, 3)), 10.0))
    assert (found.cvar, found.aal, found.gap) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(("change", "says"), [
    ({"mw": 0.0}, "above 0"), ({"level": 1.0}, "between 0 and 1"),
    ({"caps": [1.0, 2.0]}, "give 3 numbers"), ({"existing": [1.0]}, "give 50 numbers"),
    ({"year_weights": np.zeros(50)}, "not all 0"), ({"tail_weight": 0.0}, "one of them above 0"),
    ({"rows": [Row("short", np.ones(2), 1.0)]}, "2 coefficients for 3"),
    ({"rows": [Row("x", np.ones(3), 1.0), Row("x", np.ones(3), 2.0)]}, "two rows"),
    ({"rows": [Row("x", np.ones(3), np.nan)]}, "not finite"), ({"names": ["a"]}, "1 names for 3"),
    ({"unit_losses": np.full((2, 2), np.nan)}, "not finite"),
])
def test_wrong_input_is_refused(change, says):
    asked = {"unit_losses": three_sites(50), "mw": 10.0} | change
    with pytest.raises(RiskModelError, match=says):
        cvar_program(asked.pop("unit_losses"), asked.pop("mw"), **asked)


def test_a_route_that_is_not_there():
    with pytest.raises(RiskModelError, match="cuts, full"):
        minimise_cvar(cvar_program(three_sites(50), 1.0), "cut")
