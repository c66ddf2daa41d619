"""Closed forms of aimed fire, of interception and of a leak-through seen in trials."""

import numpy as np
import pytest

from riskmodel.errors import RiskModelError
from riskmodel.perils.kinetic import interception
from riskmodel.perils.kinetic.accuracy import within
from riskmodel.perils.posterior import beta_posterior


def test_p42_circular_error():
    np.testing.assert_allclose(within([30.0, 45.0, 60.0], 30.0), [.5, .789776, .9375],
                               rtol=0, atol=1e-6)
    assert within(0.0, 30.0) == 0.0
    # and it is what normal falls in two directions give: sigma = CEP / sqrt(2 ln 2)
    rng = np.random.default_rng(42)
    falls = np.hypot(*rng.normal(0.0, 30.0 / np.sqrt(2 * np.log(2)), (2, 200_000)))
    for radius in (20.0, 40.0, 100.0):
        p = float(within(radius, 30.0))
        assert abs((falls < radius).mean() - p) < 4 * np.sqrt(p * (1 - p) / falls.size)
    for radius, cep in ((-1.0, 30.0), (10.0, 0.0)):
        with pytest.raises(RiskModelError, match="circular error"):
            within(radius, cep)


def test_p43_independent_interception():
    assert interception.none_leaks(20, .9) == pytest.approx(.121577, abs=1e-6)
    assert interception.at_least(3, 20, .9) == pytest.approx(.323073, abs=1e-6)
    assert interception.intercept_needed(20, .8) == pytest.approx(.988905, abs=1e-6)
    assert interception.at_least(0, 20, .9) == 1.0
    assert interception.at_least(1, 20, .9) == pytest.approx(1 - .121577, abs=1e-6)
    # the leakers of a wave without correlation are these counts
    u = (np.arange(100_000) + .5) / 100_000
    leakers = interception.binomial(u, 20, interception.leak_share(u, .1, 0.0))
    assert (leakers == 0).mean() == pytest.approx(.121577, abs=2e-5)
    assert (leakers >= 3).mean() == pytest.approx(.323073, abs=2e-5)
    with pytest.raises(RiskModelError, match="1 or more weapons"):
        interception.none_leaks(0, .9)


def test_p45_drones_down_on_land():
    found = beta_posterior(81, 1440)
    assert found.mean == pytest.approx(.056558, abs=1e-6)
    assert found.low == pytest.approx(.045230, abs=1e-6)
    assert found.high == pytest.approx(.069051, abs=1e-6)
