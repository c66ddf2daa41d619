"""Published numbers at the functions that implement them (closed forms and event-loss tables)."""

import numpy as np
import pytest

from riskmodel.errors import RiskModelError
from riskmodel.measures import (
    aggregate,
    compound,
    concentration,
    euler,
    parametric,
    redundancy,
)
from riskmodel.measures.shapley import shapley

# Grossi and Kunreuther 2005, table 2.1: probability, loss in million dollars
RATES = [.002, .005, .010, .020, .030, .040, .050, .050, .050, .070, .090, .100, .100, .100, .283]
LOSSES = [25, 15, 10, 5, 3, 2, 1, .8, .7, .5, .5, .3, .2, .1, 0]


def test_p04_event_table_bernoulli():
    assert aggregate.aal_of_events(RATES, LOSSES) == pytest.approx(0.76, abs=1e-12)
    curve = aggregate.oep_bernoulli(RATES, LOSSES)
    printed = [.0020, .0070, .0169, .0366, .0655, .1029, .1477, .1903, .2308, .28466, .3490, .4141,
               .4727, .5255, .6597]
    np.testing.assert_allclose(curve["probability"], printed, rtol=0, atol=5e-5)
    assert curve["loss"].tolist() == LOSSES


def test_p05_event_table_poisson():
    curve = aggregate.oep_poisson(RATES, LOSSES)
    printed = [.0020, .0070, .0169, .0363, .0648, .1015, .1453, .1870, .2266, .2789, .3410, .4037,
               .4604, .5118, .6321]
    np.testing.assert_allclose(curve["probability"], printed, rtol=0, atol=5e-5)
    assert aggregate.annual_sd_poisson(RATES, LOSSES) == pytest.approx(2.113173, abs=5e-7)
    assert aggregate.annual_sd_bernoulli(RATES, LOSSES) < 2.113173


P07 = {.9: (4.72841, 6.44151, 2.94351), .95: (5.95692, 7.60544, 3.66334),
       .99: (8.62257, 10.17193, 5.29330), .995: (9.71597, 11.23506, 5.98896),
       .996: (10.06266, 11.57306, 6.21260), .999: (12.16895, 13.63389, 7.60040)}
P08 = {.99: (3.75070, 4.88588, 3.39618), .996: (4.79336, 5.92383, 4.31548)}


@pytest.mark.parametrize(("rate", "table"), [(2.0, P07), (0.3, P08)], ids=["p07", "p08"])
def test_p07_p08_compound_poisson_exponential(rate, table):
    for level, (var, tvar, oep) in table.items():
        # the oracle prints five decimals
        assert compound.compound_exponential_var(rate, 1.0, level) == pytest.approx(var, abs=6e-6)
        assert compound.compound_exponential_tvar(rate, 1.0, level) == pytest.approx(tvar, abs=6e-6)
        assert compound.exponential_oep_loss(rate, 1.0, level) == pytest.approx(oep, abs=6e-6)
        # and the measures agree with the curve beyond the printed digits
        var = compound.compound_exponential_var(rate, 1.0, level)
        exceed = compound.compound_exponential_exceedance
        assert exceed(rate, 1.0, var) == pytest.approx(1 - level, abs=1e-12)
        x = np.linspace(var, var + 50, 5001)
        above = np.trapezoid([exceed(rate, 1.0, value) for value in x], x) / (1 - level)
        tvar = compound.compound_exponential_tvar(rate, 1.0, level)
        assert tvar == pytest.approx(var + above, abs=2e-5)
    # the unit only scales
    assert compound.compound_exponential_tvar(rate, 7.0, .99) == pytest.approx(
        7 * compound.compound_exponential_tvar(rate, 1.0, .99), rel=1e-12)


def test_p07_p08_exceedance():
    exceed = compound.compound_exponential_exceedance
    assert exceed(2.0, 1.0, 1.0) == pytest.approx(.6057031411, abs=1e-10)
    assert exceed(2.0, 1.0, 3.0) == pytest.approx(.2469886994, abs=1e-10)
    assert 1 - exceed(0.3, 1.0, 0.0) == pytest.approx(.7408182207, abs=1e-10)
    # mean 2 and variance 4, from the exceedance curve alone
    x = np.linspace(0, 60, 12_001)
    curve = np.array([exceed(2.0, 1.0, value) for value in x])
    assert np.trapezoid(curve, x) == pytest.approx(2.0, abs=1e-5)
    assert np.trapezoid(2 * x * curve, x) - 4.0 == pytest.approx(4.0, abs=1e-4)


def test_p09_panjer():
    mass = aggregate.panjer_poisson(1.5, [0, .5, .3, .2], 60)
    np.testing.assert_allclose(
        mass[:9], [.22313016, .16734762, .16316393, .15793432, .10397778, .07339435, .04846111,
                   .02799725, .01633348], rtol=0, atol=1e-8)
    s = np.arange(60)
    assert mass @ s == pytest.approx(2.55, abs=1e-8)
    assert mass @ s**2 - 2.55**2 == pytest.approx(5.25, abs=1e-8)


def test_p09_panjer_is_the_curve_of_an_event_table():
    curve = aggregate.aep_poisson([.75, .45, .3], [10, 20, 30], step=10, size=9)
    mass = aggregate.panjer_poisson(1.5, [0, .5, .3, .2], 9)
    np.testing.assert_allclose(-np.diff(curve["probability"]), mass[:-1], rtol=0, atol=1e-15)
    assert curve["loss"].tolist() == list(range(0, 90, 10))


def test_p10_pareto_oep():
    expected = {10: 2.823979, 50: 8.492593, 100: 13.526734, 250: 24.966633, 500: 39.658556,
                1000: 62.975049}
    for period, loss in expected.items():
        assert compound.pareto_oep_loss(.5, 1.0, 1.5, period) == pytest.approx(loss, abs=1e-6)


def test_p11_gamma_poisson():
    mass = aggregate.gamma_poisson_pmf(.3, .5, 200)
    assert mass[0] == pytest.approx(.79056942, abs=1e-8)
    assert 1 - mass[0] - mass[1] == pytest.approx(.06119882, abs=1e-8)
    n = np.arange(200)
    assert mass @ n**2 - (mass @ n) ** 2 == pytest.approx(.48, abs=1e-8)
    assert aggregate.gamma_poisson_variance(.3, .5) == pytest.approx(.48, abs=1e-12)
    poisson = aggregate.panjer_poisson(.3, [0, 1], 10)
    assert poisson[0] == pytest.approx(.74081822, abs=1e-8)
    assert 1 - poisson[0] - poisson[1] == pytest.approx(.03693631, abs=1e-8)


def test_p14_normal_and_student_t():
    for level, var, es in ((.95, 1.644854, 2.062713), (.99, 2.326348, 2.665214),
                           (.995, 2.575829, 2.891949)):
        assert parametric.normal_var(level) == pytest.approx(var, abs=1e-6)
        assert parametric.normal_es(level) == pytest.approx(es, abs=1e-6)
    for level, var, es in ((.95, 2.131847, 3.202870), (.99, 3.746947, 5.220584)):
        assert parametric.student_t_var(level, 4) == pytest.approx(var, abs=1e-6)
        assert parametric.student_t_es(level, 4) == pytest.approx(es, abs=1e-6)


def test_p15_euler_contributions():
    covariance = [[4, 1.2, 0], [1.2, 9, 2], [0, 2, 1]]
    parts = parametric.gaussian_es_contributions([1, 1, 1], covariance, .99)
    np.testing.assert_allclose(parts, [3.068459, 7.199078, 1.770265], rtol=0, atol=1e-6)
    assert parts.sum() == pytest.approx(12.037802, abs=1e-6)
    assert concentration.diversification_ratio([1, 1, 1], covariance) == pytest.approx(
        1.328422, abs=1e-6)


def test_p15_euler_contributions_of_simulated_years():
    """The estimator behind ``contributions`` on 300,000 years of the same portfolio."""
    covariance = np.array([[4, 1.2, 0], [1.2, 9, 2], [0, 2, 1]])
    years, mean = 300_000, 40.0  # no year gains anything
    drawn = np.random.default_rng(15).multivariate_normal(np.full(3, mean), covariance, years)
    of = euler.explained(np.arange(years), drawn.sum(axis=1), years, "tvar", .99)
    value, se = euler.split(of, np.repeat(np.arange(years), 3), np.tile(np.arange(3), years),
                            drawn.ravel(), 3)
    exact = np.array([3.068459, 7.199078, 1.770265])
    np.testing.assert_allclose(value - mean, exact, rtol=.03)
    assert (np.abs(value - mean - exact) < 4 * se).all()
    assert value.sum() == pytest.approx(of.value, rel=1e-12)


def test_p16_concentration():
    shares = [.5, .3, .2]
    assert concentration.hhi(shares) == pytest.approx(.38, abs=1e-6)
    assert concentration.effective_number(shares) == pytest.approx(2.631579, abs=1e-6)
    assert concentration.exp_entropy(shares) == pytest.approx(2.800094, abs=1e-6)
    equal = np.full((10, 10), .2) + .8 * np.eye(10)
    assert concentration.diversification_ratio(np.full(10, .1), equal) ** 2 == pytest.approx(
        3.571429, abs=1e-6)


def test_p17_vasicek():
    for correlation, share in ((.12, .090326), (.24, .175683)):
        assert parametric.vasicek_quantile(.01, correlation, .999) == pytest.approx(share, abs=1e-6)
    # untied members are out at their own rate; the mean over the levels is that rate, however tied
    assert parametric.vasicek_quantile(.01, 0.0, .999) == pytest.approx(.01, abs=1e-12)
    levels = (np.arange(100_000) + .5) / 100_000
    mean = np.mean([parametric.vasicek_quantile(.01, .24, level) for level in levels[::50]])
    assert mean == pytest.approx(.01, rel=2e-2)
    for wrong in ((0.0, .1, .9), (.1, 1.0, .9), (.1, .1, 1.0)):
        with pytest.raises(RiskModelError):
            parametric.vasicek_quantile(*wrong)


def test_p18_airport_game():
    cost = {"short": 1.0, "middle": 2.0, "long": 3.0}  # of the runway that each needs
    frame = shapley(lambda players: max((cost[player] for player in players), default=0.0), cost)
    np.testing.assert_allclose(frame["value"], [1 / 3, 5 / 6, 11 / 6], rtol=0, atol=1e-12)
    assert frame["first_in"].tolist() == [1, 2, 3]
    assert frame["last_in"].tolist() == [0, 0, 1]


def test_p37_redundancy_and_common_cause():
    down = redundancy.k_of_n_unavailability
    assert down(.01, 1, 2) == pytest.approx(.0001, abs=1e-9)
    assert down(.01, 2, 3) == pytest.approx(.000298, abs=1e-9)
    assert down(.01, 1, 2, beta=.1) == pytest.approx(.001080919, abs=1e-9)
    assert down(.01, 2, 3, beta=.1) == pytest.approx(.001241300, abs=1e-9)
    # more members do not go below the common cause
    assert down(.01, 1, 40, beta=.1) == pytest.approx(.001, abs=1e-12)


def test_p38_least_members():
    for n, up in ((5, .9774075), (6, .9977702), (7, .9998064)):
        assert 1 - redundancy.k_of_n_unavailability(.05, 4, n) == pytest.approx(up, abs=1e-7)
    assert redundancy.least_members(4, .95, .999) == 7


def test_p55_lognormal_repair():
    assert parametric.lognormal_mean(90, .8) == pytest.approx(123.941499, abs=1e-5)
    assert parametric.lognormal_quantile(90, .8, .95) == pytest.approx(335.5237, abs=5e-5)
