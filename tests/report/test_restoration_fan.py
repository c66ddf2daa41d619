"""The fan of restoration curves goes through the times it is made of."""

from __future__ import annotations

import numpy as np

from riskmodel.report.restoration_fan import fan, shares_back


def test_curves_go_through_half_and_full():
    half, full = np.array([4.0, 10.0]), np.array([30.0, 400.0])
    for draw in range(2):
        back = shares_back(half, full, np.array([half[draw], full[draw]]))[draw]
        np.testing.assert_allclose(back, [0.5, 0.99], atol=1e-9)


def test_a_full_time_before_half_is_a_step_not_a_fault():
    back = shares_back(np.array([10.0]), np.array([5.0]), np.array([9.0, 11.0]))[0]
    assert back[0] < 0.01
    assert back[1] > 0.99


def test_the_picture_says_what_happened():
    rng = np.random.default_rng(1)
    half = 10 * np.exp(rng.standard_normal(200))
    drawn = str(fan(half, 5 * half, observed_half=7.0, observed_full=50.0, key="k", title="A grid"))
    assert "Half was back after 7 h, 99 % after 50 h" in drawn
    assert drawn.count("<circle") == 2
