"""P13: the three instruments of Rockafellar and Uryasev (2000), in closed form and as scenarios."""

import numpy as np
import pytest

from riskmodel.decisions.allocation.cvar_program import cvar_program, minimise_cvar
from riskmodel.decisions.allocation.linear_rows import Row
from riskmodel.measures.parametric import normal_es, normal_var

MEAN = np.array([.0101110, .0043532, .0137058])
COVARIANCE = np.array([[.00324625, .00022983, .00420395], [.00022983, .00049937, .00019247],
                       [.00420395, .00019247, .00764097]])
RETURN = .011
PRINTED = np.array([.452013, .115573, .432414])
LEVELS = {.90: (.067847, .096975), .95: (.090200, .115908), .99: (.132128, .152977)}


def closed_form() -> tuple[np.ndarray, float]:
    """Least variance at the required return: at a fixed mean it is least CVaR at every level."""
    system = np.zeros((5, 5))
    system[:3, :3] = 2 * COVARIANCE
    system[:3, 3] = system[3, :3] = MEAN
    system[:3, 4] = system[4, :3] = 1.0
    weights = np.linalg.solve(system, [0, 0, 0, RETURN, 1])[:3]
    return weights, float(np.sqrt(weights @ COVARIANCE @ weights))


def test_p13_three_instruments_in_closed_form():
    weights, sd = closed_form()
    np.testing.assert_allclose(weights, PRINTED, rtol=0, atol=5e-6)
    for level, (var, cvar) in LEVELS.items():
        assert normal_var(level, -RETURN, sd) == pytest.approx(var, abs=2e-6)
        assert normal_es(level, -RETURN, sd) == pytest.approx(cvar, abs=2e-6)


@pytest.mark.parametrize("level", LEVELS)
def test_p13_three_instruments_as_a_linear_programme(level):
    """20,000 scenarios, losses are minus the returns: within 3 %, and no worse than the printed."""
    half = np.random.default_rng(13).multivariate_normal(np.zeros(3), COVARIANCE, 10_000,
                                                         method="cholesky")
    program = cvar_program(-np.vstack([MEAN + half, MEAN - half]), 1.0, level=level,
                           rows=[Row("mean return", MEAN, RETURN, at_least=True)])
    found = minimise_cvar(program)
    var, cvar = LEVELS[level]
    assert found.cvar == pytest.approx(cvar, rel=0.03)
    assert found.var == pytest.approx(var, rel=0.03)
    assert found.gap <= 1e-6
    assert found.mw @ MEAN == pytest.approx(RETURN, abs=1e-7)
    assert found.mw.sum() == pytest.approx(1.0)
    np.testing.assert_allclose(found.mw, PRINTED, rtol=0, atol=0.1)  # CVaR is flat about it
    # the printed weights keep the row to within their digits
    assert found.objective <= program.objective(PRINTED) + found.row_prices[0] * 1e-6
