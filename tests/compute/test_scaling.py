"""Scaling laws, growth and the four answers: forms, properties, and what is refused."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from riskmodel.compute.consequences import (
    QUESTIONS,
    TrainingRun,
    consequences,
    run_of_capacity,
)
from riskmodel.compute.growth import (
    Growth,
    longest_sensible_run_months,
    read_growth,
    trend_months,
)
from riskmodel.compute.inputs import Band
from riskmodel.compute.scaling import ChinchillaLaw, Law, laws, read_law
from riskmodel.compute.shannon import OvertrainingWarning, ShannonLaw, more_tokens
from riskmodel.errors import RiskModelError

SYNTHETIC = ShannonLaw(a=2e-3, b=1.0, c=1e-7, d=1e-9, e=1e4, alpha=0.05, beta=0.35, gamma=0.5,
                       delta=0.8, origin="synthetic")


# ------------------------------------------------------------------------------------- laws


@pytest.mark.parametrize("name", ["besiroglu", "hoffmann", "hoffmann_unrounded", "kaplan"])
@pytest.mark.parametrize("flop", [1e21, 1e25, 1e27])
def test_an_optimum_spends_its_compute_and_no_other_split_is_better(name, flop):
    law = read_law(name)
    best = law.optimal(flop)
    assert 6 * best.parameters * best.tokens == pytest.approx(flop)
    at = float(law.loss(best.parameters, best.tokens))
    for factor in (0.5, 0.9, 1.1, 2.0):
        assert float(law.loss(best.parameters * factor, best.tokens / factor)) > at
    if isinstance(law, ChinchillaLaw):
        assert best.loss == pytest.approx(float(law.optimal_loss(flop)), rel=1e-12)


@pytest.mark.parametrize("name", ["besiroglu", "hoffmann", "kaplan"])
def test_losing_more_costs_more_and_a_frozen_architecture_no_less(name):
    law: Law = read_law(name)
    lost = np.linspace(0.0, 0.95, 40)
    planned = law.replanned(1e25, lost)
    best = law.optimal(1e25)
    frozen = law.fewer_tokens(best.tokens, lost, best.parameters)
    assert planned[0] == frozen[0] == 0.0
    assert (np.diff(planned) > 0).all()
    assert (np.diff(frozen) > 0).all()
    if isinstance(law, ChinchillaLaw):  # planning again is the best one can do
        assert (frozen >= planned - 1e-12).all()
        assert float(law.loss(best.parameters, best.tokens * 0.5)) - best.loss == pytest.approx(
            float(law.fewer_tokens(best.tokens, 0.5)))
    assert np.isnan(law.replanned(1e25, [1.0, 1.7])).all()


def test_the_set_in_force_is_always_named():
    assert laws() == ("besiroglu", "hoffmann", "hoffmann_unrounded", "kaplan")
    assert read_law().name == "besiroglu"
    for name in laws():
        law = read_law(name)
        assert law.constants.startswith(f"{name}: ")
        assert "http" in law.source
    assert "alpha 0.3478" in read_law().constants


def test_laws_that_make_no_sense_are_refused():
    with pytest.raises(RiskModelError, match="did you mean 'hoffmann'"):
        read_law("hofmann")
    with pytest.raises(RiskModelError, match="alpha = 0"):
        ChinchillaLaw("mine", 1.0, 1.0, 1.0, 0.0, 0.3)
    with pytest.raises(RiskModelError, match="not be negative"):
        read_law().replanned(1e25, -0.1)
    with pytest.raises(RiskModelError, match="FLOP"):
        read_law().optimal(0.0)


# ------------------------------------------------------------------------------------- Shannon


@settings(max_examples=40, deadline=None)
@given(st.floats(8, 12), st.floats(0.4, 0.9), st.floats(0.36, 1.2), st.floats(-9, -5))
def test_the_turning_point_is_where_the_loss_is_least(size, gamma, delta, noise):
    law = ShannonLaw(2e-3, 1.0, 10**noise, 1e-9, 1e4, 0.05, 0.35, gamma, delta, "synthetic")
    parameters = 10**size
    turn = law.turning_tokens(parameters)
    assert turn is not None  # gamma and delta above beta: noise wins in the end
    assume(turn > 10)  # 1 where noise wins from the first token on
    grid = turn * np.geomspace(0.5, 2.0, 4001)
    least = grid[np.argmin(law.loss(parameters, grid))]
    assert turn == pytest.approx(least, rel=2e-3)
    d, n = turn, parameters
    left = law.beta * (law.c * (d * n)**gamma + law.d * d**delta + law.e)
    right = gamma * law.c * (d * n)**gamma + delta * law.d * d**delta
    assert left == pytest.approx(right, rel=1e-6)


def test_the_turning_point_knows_nothing_of_a_b_and_alpha():
    other = ShannonLaw(**{**vars(SYNTHETIC), "a": 1.0, "b": 50.0, "alpha": 0.3})
    assert other.turning_tokens(1e9) == pytest.approx(SYNTHETIC.turning_tokens(1e9))
    quiet = ShannonLaw(1.0, 1.0, 0.0, 0.0, 1.0, 0.1, 0.3, 0.5, 0.8)
    assert quiet.turning_tokens(1e9) is None  # no noise that grows: monotone
    assert (np.diff(quiet.loss(1e9, np.geomspace(1e6, 1e14, 50))) < 0).all()


def test_a_recovery_that_leans_on_overtraining_warns():
    turn = SYNTHETIC.turning_tokens(1e9)
    with pytest.warns(OvertrainingWarning, match="where the Shannon law in force turns"):
        more_tokens(1e9, 2 * turn, turn, shannon=SYNTHETIC)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        more_tokens(1e9, 0.9 * turn, 0.5 * turn, shannon=SYNTHETIC)
        best = read_law().optimal(1e24)
        assert more_tokens(best.parameters, best.tokens, best.tokens / 2) < 0
    # half the size on twice the tokens to make up: the monotone law sees only gain
    with pytest.warns(OvertrainingWarning, match="1.5 times the optimum of besiroglu"):
        added = more_tokens(best.parameters / 4, best.tokens * 2, best.tokens / 2)
    assert added < 0


def test_constants_are_the_users_and_say_so():
    assert SYNTHETIC.constants.startswith("shannon (synthetic): a 0.002")
    with pytest.raises(RiskModelError, match="origin is 'published'"):
        ShannonLaw(**{**vars(SYNTHETIC), "origin": "published"})
    with pytest.raises(RiskModelError, match="beta is -1"):
        ShannonLaw(**{**vars(SYNTHETIC), "beta": -1.0})
    with pytest.raises(RiskModelError, match="without noise"):
        ShannonLaw(**{**vars(SYNTHETIC), "c": 0.0, "d": 0.0, "e": 0.0})
    with pytest.raises(TypeError):
        ShannonLaw()  # type: ignore[call-arg]  # there are no default constants
    with pytest.raises(RiskModelError, match="tokens is 0"):
        more_tokens(1e9, 0.0, 1.0)


# -------------------------------------------------------------------------------------- growth


def test_bounds_of_months_equal_a_sample():
    growth = read_growth()
    rng = np.random.default_rng(11)
    n = 200_000

    def draw(given):
        low, high = np.log([given.low, given.high])
        return np.exp((low + high) / 2 + (high - low) / (2 * 1.959964) * rng.standard_normal(n))

    rate = np.log(draw(growth.compute_per_yr)) + np.log(2) * 12 / draw(growth.halving_months)
    sample = 12 * np.log(2) / rate
    value, low, high = trend_months(0.5, growth, algorithms=True)
    for level, found in ((0.025, low[0]), (0.975, high[0])):
        # 4 standard errors of a sample's share below the point
        share = (sample < found).mean()
        assert abs(share - level) < 4 * math.sqrt(level * (1 - level) / n)
    assert low[0] < value[0] < high[0]


def test_growth_that_is_known_has_no_bounds():
    sure = Growth(Band(4.6, 4.6, 4.6), Band(8, 8, 8), Band(1.31, 1.31, 1.31))
    for algorithms in (False, True):
        value, low, high = trend_months([0.1, 0.5], sure, algorithms=algorithms)
        assert low == pytest.approx(value)
        assert high == pytest.approx(value)
    # a little doubt about compute alone moves both ends by it
    doubt = Growth(Band(4.0, 4.6, 5.0), Band(8, 8, 8), Band(1.31, 1.31, 1.31))
    value, low, high = trend_months(0.5, doubt, algorithms=False)
    assert (low[0], high[0]) == pytest.approx((12 * math.log(2) / math.log(5),
                                               12 * math.log(2) / math.log(4)), rel=1e-6)
    with pytest.raises(RiskModelError, match="compute_per_yr"):
        Growth(Band(0.9, 4.6, 5.0), Band(8, 8, 8), Band(1.31, 1.31, 1.31))
    with pytest.raises(RiskModelError, match="above 1"):
        longest_sensible_run_months(1.0)


# -------------------------------------------------------------------------- four side by side


def test_four_answers_side_by_side():
    frame = consequences([0.1, 0.5], TrainingRun(1e25, 90.0))
    assert frame["question"].tolist() == list(QUESTIONS) * 2
    at = frame.set_index(["fraction_lost", "question"])
    value = at["value"]
    assert value[0.1, "replanned_loss"] == pytest.approx(0.001792, abs=1e-6)
    assert value[0.5, "slip_days"] == pytest.approx(90.0)  # half of 90 days at half the rate
    assert at.loc[(0.5, "slip_days"), "low"] == pytest.approx(45.0)
    assert value[0.5, "trend_months"] == pytest.approx(5.4505, abs=1e-3)
    assert value[0.5, "trend_months_effective"] == pytest.approx(3.242, abs=1e-3)
    assert (at.xs("replanned_loss", level=1)["law"] == "besiroglu").all()
    assert at.loc[(0.1, "fewer_tokens_loss"), "constants"].startswith("besiroglu: E 1.8172")
    months = frame[frame["unit"] == "months"]
    assert ((months["low"] < months["value"]) & (months["value"] < months["high"])).all()


def test_sets_of_constants_stand_beside_each_other():
    frame = consequences(0.1, TrainingRun(1e25, 90.0), law=laws())
    planned = frame[frame["question"] == "replanned_loss"].set_index("law")["value"]
    assert planned["hoffmann"] == pytest.approx(0.002533, abs=1e-6)
    assert planned["besiroglu"] == pytest.approx(0.001792, abs=1e-6)
    assert len(frame[frame["question"] == "trend_months"]) == 1  # no law in it


def test_a_frozen_architecture_and_a_rigid_run():
    chinchilla = TrainingRun(6 * 70e9 * 1.4e12, 60.0, 70e9, 1.4e12, mode="rigid", restart_days=0.5)
    at = consequences([0.0, 0.1], chinchilla).set_index(["fraction_lost", "question"])["value"]
    assert at[0.1, "fewer_tokens_loss"] == pytest.approx(0.00295, abs=1e-5)
    assert at[0.1, "slip_days"] == pytest.approx(6.5)
    assert (at[0.0] == 0).all()


def test_a_slip_past_the_longest_sensible_run_says_so():
    frame = consequences([0.0, 0.5], TrainingRun(1e25, 200.0)).set_index(
        ["fraction_lost", "question"])
    limit = longest_sensible_run_months(2**1.5, 1.31)
    assert limit == pytest.approx(9.16, abs=0.01)
    assert f"longest sensible run of {limit:.1f}" in frame.loc[(0.5, "slip_days"), "note"]
    assert frame.loc[(0.0, "slip_days"), "note"] == ""


def test_where_nothing_is_left_there_is_no_run():
    frame = consequences([1.0, 2.5], TrainingRun(1e25, 90.0))
    assert frame[["value", "low", "high"]].isna().all().all()
    assert frame["note"].str.contains("no run to speak of").all()


def test_a_run_of_so_many_chips():
    run = run_of_capacity(100_000, 100, mfu=0.4, name="mine")
    assert run.flop == pytest.approx(1e5 * 100 * 86_400 * 989.5e12 * 0.4)


def test_runs_that_make_no_sense_are_refused():
    for wrong, says in (({"flop": 0.0}, "flop"), ({"days": -1.0}, "days"),
                        ({"tokens": 1e12}, "both"), ({"mode": "quorum"}, "mode"),
                        ({"tokens": 1e12, "parameters": 1e9}, "numbers that agree"),
                        ({"restart_days": -1.0}, "restart_days")):
        with pytest.raises(RiskModelError, match=says):
            TrainingRun(**{"flop": 1e25, "days": 90.0, **wrong})
    with pytest.raises(RiskModelError, match="0 or more"):
        consequences([-0.1], TrainingRun(1e25, 90.0))
