"""Restoration curves: three questions, one answer."""

from __future__ import annotations

import numpy as np
import pytest

from riskmodel.errors import RiskModelError
from riskmodel.perils.restoration import (
    ExponentialRestoration,
    LinearRestoration,
    LognormalRestoration,
    NormalRestoration,
)

CURVES = [NormalRestoration(3.0, 1.5, 0.8), LognormalRestoration(4.0, 0.7, 0.5),
          LinearRestoration(180.0, 0.6), ExponentialRestoration(60.0)]
NAMES = [type(curve).__name__ for curve in CURVES]


@pytest.mark.parametrize("curve", CURVES, ids=NAMES)
@pytest.mark.parametrize("until", [0.0, 2.0, 100.0, 400.0])
def test_the_loss_is_the_area_over_the_curve(curve, until):
    t = np.linspace(0.0, until, 400_001)
    area = curve.lost * np.trapezoid(1.0 - curve.restored(t), t)
    assert curve.loss(until) == pytest.approx(area, abs=2e-4 * (1 + until / 100))


@pytest.mark.parametrize("curve", CURVES, ids=NAMES)
def test_half_and_nearly_all_are_back_when_the_curve_says_so(curve):
    share = np.array([0.5, 0.9, 0.99])
    times = curve.time_to(share)
    np.testing.assert_allclose(curve.restored(times), share, atol=1e-12)
    assert (np.diff(times) > 0).all()
    assert curve.loss(times[1]) < curve.loss(times[2]) < curve.loss()


def test_the_whole_loss_of_a_lognormal_is_its_mean():
    assert LognormalRestoration(90.0, 0.8).loss() == pytest.approx(123.941499, abs=1e-5)
    assert ExponentialRestoration(60.0).time_to(1.0) == np.inf
    assert LinearRestoration(180.0).loss(1e9) == 90.0


@pytest.mark.parametrize(("act", "message"), [
    (lambda: NormalRestoration(0.0, 1.0), "mean is 0"),
    (lambda: LognormalRestoration(1.0, -1.0), "sigma is -1"),
    (lambda: LinearRestoration(np.inf), "finite number"),
    (lambda: ExponentialRestoration(1.0, lost=1.5), "share of the service")])
def test_what_is_no_curve_is_refused(act, message):
    with pytest.raises(RiskModelError, match=message):
        act()
