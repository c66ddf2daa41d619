"""Variance reduction: Sobol's points, antithetic pairs and controls, weights, strata."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import riskmodel as rm
from riskmodel.measures.variance_reduction import antithetic, control_variate
from riskmodel.perils.kinetic.even import MOST_DIMENSIONS, sobol


def test_p49_first_points_of_sobol():
    found = np.stack([sobol(np.arange(8), dimension) / 2.0**32 for dimension in (0, 1)], axis=1)
    assert found.tolist() == [[0, 0], [.5, .5], [.75, .25], [.25, .75], [.375, .375],
                              [.875, .875], [.625, .125], [.125, .625]]


def test_p49_all_dimensions_are_those_of_scipy():
    from scipy.stats import qmc

    theirs = qmc.Sobol(MOST_DIMENSIONS, scramble=False, bits=32).random(256)
    ours = np.stack([sobol(np.arange(256), d) / 2.0**32 for d in range(MOST_DIMENSIONS)], axis=1)
    np.testing.assert_array_equal(ours, theirs)


def test_p50_antithetic_pairs_and_a_control():
    u = np.random.default_rng(50).random(1_000_000)
    pairs = antithetic(np.exp(u[:500_000]), np.exp(1 - u[:500_000]))
    controlled = control_variate(np.exp(u), u, 0.5)
    for found, reduction in ((pairs, 0.96767), (controlled, 0.98372)):
        assert 1 - 1 / found.worth == pytest.approx(reduction, abs=0.003)
        assert abs(found.value - (np.e - 1)) < 4 * found.se


def losses_of(values, weights):
    """Years that lose ``values`` and weigh ``weights``, as a year table from elsewhere."""
    lost = np.flatnonzero(values)
    frame = pd.DataFrame({"year": lost, "lab": "lab", "lost_mw_days": values[lost]})
    return rm.Losses.from_years(frame, len(values), weights=weights)


def test_p51_the_far_tail_of_a_normal_by_weights():
    n = 200_000
    x = np.random.default_rng(51).normal(4.0, 1.0, n)
    losses = losses_of((x > 4).astype(float), np.exp(8.0 - 4.0 * x))
    row = rm.measure(losses, measures="p_loss").iloc[0]
    assert abs(row["value"] - 3.167124e-5) < 4 * row["se"]
    assert row["se"] ** 2 * n / 3.167124e-5**2 == pytest.approx(4.5111, rel=0.03)
    assert row["n_effective"] / n == pytest.approx(6999, rel=0.1)


def test_p52_only_years_with_an_event():
    """Years without an event are a stratum that is known: only the other is drawn, and weighs its
    chance."""
    n, rate = 100_000, 0.02
    rng = np.random.default_rng(52)
    # a Poisson count above 0 by inversion; the sum of so many Exp(1) is a gamma
    u = rng.uniform(np.exp(-rate), 1.0, n)
    ladder = np.cumsum(np.exp(-rate) * np.cumprod([1.0, *(rate / np.arange(1, 12))]))
    events = np.searchsorted(ladder, u)
    assert events.min() == 1
    losses = losses_of(rng.gamma(events), np.full(n, -np.expm1(-rate)))
    row = rm.measure(losses, measures="aal").iloc[0]
    assert abs(row["value"] - rate) < 4 * row["se"]
    assert row["n_effective"] / n == pytest.approx(100.007, rel=0.1)
