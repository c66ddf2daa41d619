"""What the closed forms must obey beyond their published numbers."""

import numpy as np
import pytest

from riskmodel import RiskModelError
from riskmodel.measures import aggregate, compound, concentration, parametric, redundancy
from riskmodel.measures.concentration import tail_benefit


def test_bernoulli_and_poisson_agree_for_rare_events_only():
    rates, losses = np.array([1e-5, 2e-5, 5e-5]), [9, 4, 1]
    poisson = aggregate.oep_poisson(rates, losses)["probability"]
    bernoulli = aggregate.oep_bernoulli(rates, losses)["probability"]
    np.testing.assert_allclose(poisson, bernoulli, rtol=1e-4)
    assert aggregate.oep_bernoulli([.5], [1])["probability"].item() == .5
    assert aggregate.oep_poisson([.5], [1])["probability"].item() == pytest.approx(1 - np.exp(-.5))


def test_aggregate_curves_against_all_combinations():
    chances, losses = [.2, .5, .1], [10, 20, 20]
    exact = np.zeros(6)
    for code in range(8):
        hit = [(code >> i) & 1 for i in range(3)]
        mass = np.prod([p if h else 1 - p for p, h in zip(chances, hit, strict=True)])
        exact[int(np.dot(hit, losses)) // 10] += mass
    curve = aggregate.aep_bernoulli(chances, losses, step=10, size=6)
    np.testing.assert_allclose(curve["probability"], exact[::-1].cumsum()[::-1], atol=1e-15)


@pytest.mark.parametrize("convention", ["poisson", "bernoulli"])
def test_the_curve_integrates_to_the_aal_and_lies_above_the_largest_event(convention):
    chances, losses = np.array([.2, .5, .1]), [10, 20, 30]
    curve = getattr(aggregate, f"aep_{convention}")(chances, losses, step=10, size=80)
    assert curve["probability"][1:].sum() * 10 == pytest.approx(
        aggregate.aal_of_events(chances, losses), rel=1e-9)
    oep = getattr(aggregate, f"oep_{convention}")(chances, losses)
    aep_at = np.interp(oep["loss"], curve["loss"], curve["probability"])
    assert (aep_at >= oep["probability"] - 1e-12).all()


def test_gamma_poisson_panjer_against_the_definition():
    """Years of a Gamma rate, each of them Poisson: integrate over the rate."""
    mean, shape, severity = 1.2, 1.7, [0, .6, .4]
    mass = aggregate.panjer_gamma_poisson(mean, shape, severity, 12)
    rate = (np.arange(4000) + .5) * 25 / 4000
    density = rate ** (shape - 1) * np.exp(-rate * shape / mean)
    density /= density.sum()
    mixed = density @ np.array([aggregate.panjer_poisson(r, severity, 12) for r in rate])
    np.testing.assert_allclose(mass, mixed, atol=2e-5)
    assert aggregate.panjer_gamma_poisson(mean, 1e9, severity, 12) == pytest.approx(
        aggregate.panjer_poisson(mean, severity, 12), abs=1e-7)


def test_severity_with_mass_at_nothing():
    # events that cost nothing are as good as fewer events
    np.testing.assert_allclose(aggregate.panjer_poisson(2.0, [.5, .5], 8),
                               aggregate.panjer_poisson(1.0, [0, 1], 8), rtol=1e-12)


@pytest.mark.parametrize("call", [
    lambda: aggregate.oep_bernoulli([1.2], [1]), lambda: aggregate.aal_of_events([-1], [1]),
    lambda: aggregate.aal_of_events([.1, .2], [1]), lambda: aggregate.oep_poisson([np.nan], [1]),
    lambda: aggregate.panjer_poisson(1, [.5, .6], 5), lambda: aggregate.panjer_poisson(1, [1], 0),
    lambda: aggregate.panjer_poisson(1e4, [0, 1], 5),
    lambda: aggregate.aep_poisson([1], [1.5], step=1, size=5),
    lambda: compound.compound_exponential_var(0, 1, .9),
    lambda: redundancy.k_of_n_unavailability(1.1, 1, 2),
    lambda: redundancy.k_of_n_unavailability(.1, 3, 2),
    lambda: redundancy.least_members(2, .01, .999, most=5),
    lambda: redundancy.least_members(2, .5, 1.0),
    lambda: concentration.hhi([0, 0]), lambda: concentration.hhi([1, -1]),
    lambda: concentration.diversification_ratio([1, 1], [[1]]),
    lambda: parametric.gaussian_es_contributions([1, 1], [[1]], .9)])
def test_nonsense_is_refused(call):
    with pytest.raises(RiskModelError):
        call()


def test_quiet_years_have_no_tail_to_speak_of():
    # 74 % of years lose nothing at a rate of 0.3
    assert compound.compound_exponential_var(.3, 5.0, .7) == 0
    assert compound.exponential_oep_loss(.3, 5.0, .7) == 0
    assert compound.compound_exponential_tvar(.3, 5.0, 0.0) == pytest.approx(1.5, rel=1e-12)
    assert compound.pareto_oep_loss(.5, 1.0, 1.5, 2) == 0


def test_large_rates_become_normal():
    var = compound.compound_exponential_var(2000.0, 1.0, .99)
    assert var == pytest.approx(parametric.normal_var(.99, 2000, np.sqrt(4000)), rel=.002)


def test_student_t_becomes_normal_and_needs_a_mean():
    assert parametric.student_t_es(.99, 1e7) == pytest.approx(parametric.normal_es(.99), rel=1e-5)
    assert parametric.student_t_es(.99, 1.0) == float("inf")
    assert parametric.student_t_var(.99, 4, mean=2, scale=3) == pytest.approx(
        2 + 3 * parametric.student_t_var(.99, 4))


def test_effective_numbers_count_equal_parts():
    for n in (1, 4, 25):
        assert concentration.effective_number(np.ones(n) * 7) == pytest.approx(n)
        assert concentration.exp_entropy(np.append(np.ones(n), 0)) == pytest.approx(n)
    assert concentration.diversification_ratio([1, 1], np.ones((2, 2))) == pytest.approx(1)


def test_a_lone_common_cause_cannot_be_bought_off():
    down = [redundancy.k_of_n_unavailability(.02, 1, n, beta=.2) for n in range(1, 9)]
    assert (np.diff(down) < 0).all()
    assert min(down) > .2 * .02
    assert down[0] == pytest.approx(.02, rel=.01)


def test_tail_benefit_is_between_nothing_and_one(losses):
    benefit = tail_benefit(losses, .95)
    assert 0 < benefit < 1
    import dataclasses

    one_lab = losses.years[losses.years["lab"] == "a"]
    alone = dataclasses.replace(losses, years=one_lab)
    assert tail_benefit(alone, .95) == pytest.approx(0, abs=1e-12)
