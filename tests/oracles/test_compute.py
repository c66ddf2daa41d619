"""Scaling laws, delays, checkpoints and runs over sites, against published and recomputed values.

P19-P23 and P27-P31 of the project's table of oracles.
"""

from __future__ import annotations

import numpy as np
import pytest

from riskmodel.compute import checkpoints as cp
from riskmodel.compute.growth import longest_sensible_run_months, read_growth, trend_months
from riskmodel.compute.multisite import run_availability
from riskmodel.compute.published import published_figures
from riskmodel.compute.scaling import FLOP_PER_PF_DAY, read_law


def test_p19_losses_of_chinchilla_and_gopher():
    n, d = [70e9, 280e9], [1.4e12, 300e9]
    assert read_law("hoffmann").loss(n, d) == pytest.approx([1.93665, 1.99326], abs=1e-5)
    assert read_law("besiroglu").loss(n, d) == pytest.approx([1.97388, 1.99961], abs=1e-5)


def test_p20_compute_optimal_split():
    for name, size, tokens, ratio, loss in (("hoffmann", 3.219e10, 2.982e12, 92.65, 1.93075),
                                            ("besiroglu", 7.225e10, 1.329e12, 18.39, 1.97444)):
        best = read_law(name).optimal(5.76e23)
        assert (best.parameters, best.tokens, best.tokens_per_parameter) == pytest.approx(
            (size, tokens, ratio), rel=1e-3)
        assert best.loss == pytest.approx(loss, abs=1e-5)
    # rounding the exponents alone moves the optimum by half
    unrounded = read_law("hoffmann_unrounded").optimal(5.76e23)
    assert unrounded.tokens_per_parameter == pytest.approx(59.1, abs=0.05)


def test_p21_compute_lost_before_planning():
    for name, whole, lost in (("hoffmann", 1.84532, (0.002533, 0.017443)),
                              ("besiroglu", 1.91173, (0.001792, 0.012434))):
        law = read_law(name)
        assert float(law.optimal_loss(1e25)) == pytest.approx(whole, abs=1e-5)
        assert law.replanned(1e25, [0.1, 0.5]) == pytest.approx(lost, abs=1e-6)
        # the closed form is the difference of two optima
        assert law.replanned(1e25, 0.5) == pytest.approx(
            law.optimal(0.5e25).loss - law.optimal(1e25).loss, abs=1e-12)
    besiroglu = read_law("besiroglu")
    assert (besiroglu.kappa, besiroglu.excess) == pytest.approx((0.17829, 2708.50), rel=3e-5)
    hoffmann = read_law("hoffmann")
    assert (hoffmann.kappa, hoffmann.excess) == pytest.approx((0.15355, 1071.36), rel=1e-4)
    for law, ratios in ((besiroglu, (1.0190, 1.1315)), (hoffmann, (1.0163, 1.1123))):
        excess = float(law.optimal_loss(1e25)) - law.E
        assert 1 + law.replanned(1e25, [0.1, 0.5]) / excess == pytest.approx(ratios, abs=1e-4)
    assert besiroglu.fewer_tokens(1.4e12, [0.1, 0.5]) == pytest.approx([0.00295, 0.02170],
                                                                       abs=1e-5)


def test_p22_kaplan():
    law = read_law("kaplan")
    one = float(law.optimal_loss(FLOP_PER_PF_DAY))
    assert one == pytest.approx(2.65808, abs=1e-5)
    assert 1 + law.replanned(FLOP_PER_PF_DAY, [0.1, 0.5]) / one == pytest.approx(
        [1.005282, 1.035265], abs=1e-6)
    assert float(law.loss_of_parameters(175e9)) == pytest.approx(1.60439, abs=1e-5)
    assert float(law.loss_of_tokens(300e9)) == pytest.approx(1.63776, abs=1e-5)


def test_p23_months_of_the_trend():
    growth = read_growth()
    assert trend_months([0.5, 0.25], growth, algorithms=False)[0] == pytest.approx(
        [5.4505, 2.262], abs=1e-3)
    assert trend_months([0.5, 0.25], growth, algorithms=True)[0] == pytest.approx(
        [3.242, 1.345], abs=1e-3)
    assert longest_sensible_run_months(1.7, 1.31) == pytest.approx(15.0, abs=0.05)
    assert longest_sensible_run_months(3.0, 1.31) == pytest.approx(8.8, abs=0.05)


def test_p27_checkpoint_intervals_and_goodput():
    delta, mttf, restart = 5 / 60, 24.0, 15 / 60
    young, daly, best = (f(delta, mttf) for f in (cp.young_interval, cp.daly_interval,
                                                  cp.best_interval))
    assert (young, daly, best) == pytest.approx((2.0, 1.944830, 1.944835), abs=1e-6)
    assert cp.goodput([best, young], delta, mttf, restart) == pytest.approx(
        [0.909442, 0.909414], abs=1e-6)
    # Llama 3's faults and a write of a minute: 18.6 minutes
    assert cp.best_interval(1 / 60, 54 * 24 / 419) * 60 == pytest.approx(18.6, abs=0.05)


def published() -> dict:
    return published_figures().set_index("name")["computed"].to_dict()


def test_p28_llama_3():
    computed = published()
    assert computed["llama3_mtti"] == pytest.approx(3.0931, abs=1e-4)
    assert computed["llama3_node_rate"] == pytest.approx(3.7887, abs=1e-4)
    chip_years = 16_384 * computed["llama3_mtti"] / 24 / 365.25
    assert chip_years == pytest.approx(5.781, abs=1e-3)


def test_p29_meta_clusters_and_the_figure_that_does_not_follow():
    computed = published()
    assert computed["rsc1_16384"] == pytest.approx(1.803, abs=1e-3)
    assert computed["rsc1_131072"] == pytest.approx(0.2254, abs=1e-3)
    assert computed["rsc1_1024"] == pytest.approx(28.8, abs=0.05)
    frame = published_figures().set_index("name")
    assert not frame.loc["rsc1_1024", "agrees"]
    assert frame.loc["rsc1_1024", "stated"] == 7.9
    assert "not tuned" in frame.loc["rsc1_1024", "note"]


def test_p30_effective_training_time_ratio():
    found = cp.ettr_approximation([256, 1024, 2048], 6.5, init_h=5 / 60, write_h=5 / 60,
                                  interval_h=1.0)
    assert found == pytest.approx([0.88574, 0.77374, 0.62441], abs=1e-5)
    # an expansion for few faults, good to .003 up to 1,024 nodes and no further
    exact = cp.goodput(1.0, 5 / 60, cp.hours_between_faults([256, 1024, 2048], 6.5), 5 / 60)
    error = np.abs(found - exact)
    assert (error[:2] < 0.003).all()
    assert error[2] > 0.01


def test_p31_four_sites():
    a = [0.95] * 4
    assert run_availability(a, 4).running == pytest.approx(0.81450625, abs=1e-9)
    assert run_availability(a, 4).live_share == pytest.approx(0.81450625, abs=1e-9)
    assert run_availability(a, 1).live_share == pytest.approx(0.95, abs=1e-9)
    quorum = run_availability(a, 3)
    assert tuple(quorum) == pytest.approx((0.98598125, 0.9431125), abs=1e-9)
