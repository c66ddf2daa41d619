"""Wars made frequent: weights bring back what is true, bit by bit and in closed form."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest

import riskmodel as rm
from riskmodel.engine.outages.given import KeyedBlock
from riskmodel.engine.outages.rare_years import rare_facts, rare_perils, year_weights
from riskmodel.errors import RiskModelError
from riskmodel.perils.kinetic import rare, regime
from riskmodel.perils.kinetic.campaigns import RAID
from riskmodel.perils.kinetic.proposal import USUAL, Tilt, proposal_of
from riskmodel.perils.kinetic_strike import KineticStrike
from riskmodel.perils.spec import read_spec, shipped_data
from tests.perils.small_world import build_world

N = 30_000
TILTS = {
    "war": {"war": 0.5}, "long": {"long": 0.6}, "attacks": {"attacks": 4.0},
    "fewer attacks": {"attacks": 0.5}, "war_share": {"war_share": 0.9}, "size": {"size": 1.0},
    "named": {"named": 0.3}, "usual": {},
}


@pytest.fixture(scope="module")
def world():
    return build_world()


def peril_of(proposal):
    (peril,) = rare_perils([KineticStrike(read_spec(shipped_data("kinetic_strike")))], proposal)
    return peril


def drawn(world, proposal, n=N, seed=11):
    """Return the peril, a block of years, and the years' weights."""
    peril = peril_of(proposal)
    manifest = {"rare": rare_facts([peril], world), "horizon_days": 365.0, "seed": seed}
    block = KeyedBlock(np.arange(n), 8760.0, seed, "kinetic_strike")
    return peril, block, year_weights(manifest, n)


def within(weights, values, truth, what):
    each = weights * values
    se = each.std() / np.sqrt(len(each))
    assert abs(each.mean() - truth) < 4 * se, (what, each.mean(), truth, se)


@pytest.mark.parametrize(("theatre", "name"), [
    *(("gulf", name) for name in TILTS), ("taiwan_strait", "usual"), ("taiwan_strait", "attacks")])
def test_weighted_campaigns_are_those_of_the_true_chances(world, theatre, name):
    peril, block, weights = drawn(world, rm.rare_regimes({theatre: TILTS[name]}))
    found = peril.campaigns(block, theatre, world.as_of)
    of = peril.draws(world.as_of)[theatre]
    path = rare.paths(block, of, rare.true_years(block, 0.1))
    within(weights, 1.0, 1.0, "the weights")
    assert weights.max() <= 10.0
    for state, chance in enumerate(of.true.start):
        within(weights, path.start_state == state, chance, f"start {state}")
    begun = ~found.under_way
    for kind, (word, mean) in enumerate(regime.expected_attacks(of.true).items()):
        count = np.bincount(found.year[begun & (found.kind == kind)], minlength=N)
        within(weights, count, mean, word)
    hours = regime.time_in(of.true)
    for state in range(4):
        within(weights, rare.hours_in(path, N, 8760.0)[:, state], hours[state], "hours")
    war = found.kind != RAID
    count = np.bincount(found.year[war], minlength=N)
    for share, what in ((found.named[war], "named"), (found.size[war] > 1.0, "size")):
        truth = of.named if what == "named" else 0.5
        among = np.bincount(found.year[war], share.astype(float), N)
        within(weights, among - truth * count, 0.0, what)


@pytest.mark.parametrize("name", ["war", "usual"])
def test_a_tilt_makes_frequent_what_it_says(world, name):
    peril, block, _ = drawn(world, rm.rare_regimes({"gulf": TILTS[name]}, defensive=0.2))
    path = rare.paths(block, peril.draws(world.as_of)["gulf"], rare.true_years(block, 0.2))
    wanted = {"war": 0.5, "usual": USUAL.war}[name]
    at_war = (path.start_state >= regime.SHORT_WAR).mean()
    assert at_war == pytest.approx(0.8 * wanted + 0.2 * 0.07, abs=4 * 0.5 / np.sqrt(N))


def test_two_theatres_share_their_true_years_and_the_bound(world):
    peril, block, weights = drawn(world, rm.rare_regimes(["gulf", "levant"]))
    assert weights.max() <= 10.0
    within(weights, 1.0, 1.0, "the weights")
    for theatre in ("gulf", "levant"):
        of = peril.draws(world.as_of)[theatre]
        path = rare.paths(block, of, rare.true_years(block, 0.1))
        within(weights, path.start_state == regime.LONG_WAR, of.true.start[3], theatre)


def test_true_years_are_drawn_as_ever(world):
    peril, block, _ = drawn(world, rm.rare_regimes("gulf"), n=2500)
    true = rare.true_years(block, 0.1)
    assert 0.07 < true.mean() < 0.13
    plain = KineticStrike(peril.spec).sample(block, world)
    found = peril.sample(block, world)
    both = [frame[true[frame["year"]]].sort_values(list(frame.columns), ignore_index=True)
            for frame in (plain, found)]
    assert len(both[0]) > 0
    assert both[0].equals(both[1])
    # other theatres are drawn as ever in every year, and so is the warm-up
    away = [frame[frame["region"] != "gulf"].reset_index(drop=True) for frame in (plain, found)]
    assert away[0].equals(away[1])
    before = replace(block, segment=1)
    assert KineticStrike(peril.spec).sample(before, world).equals(peril.sample(before, world))


def test_the_peril_keeps_the_rules_under_a_proposal():
    peril = peril_of(rm.rare_regimes(["gulf", "levant"], even=True))
    assert pickle.loads(pickle.dumps(peril)) == peril  # it travels to other processes
    rm.check_peril(peril)


def test_weights_are_a_function_of_the_year(world):
    *_, few = drawn(world, rm.rare_regimes("gulf"), n=3000)
    _, _, more = drawn(world, rm.rare_regimes("gulf"), n=70_000)
    assert np.array_equal(few, more[:3000])
    assert not np.array_equal(few, drawn(world, rm.rare_regimes("gulf"), n=3000, seed=12)[2])


def test_a_proposal_is_told_and_read():
    for asked in (rm.rare_regimes("gulf"), rm.rare_regimes({"gulf": {"war": 0.5}}, defensive=0.3),
                  rm.rare_regimes({"gulf": Tilt(size=1.0), "korea": {"attacks": 2.0}})):
        assert proposal_of(asked.describe()) == asked


@pytest.mark.parametrize(("make", "says"), [
    (lambda: rm.rare_regimes({}), "no theatre is named"),
    (lambda: rm.rare_regimes("gulf", defensive=0.0), "defensive is 0"),
    (lambda: rm.rare_regimes({"gulf": {"war": 1.2}}), "war is 1.2"),
    (lambda: rm.rare_regimes({"gulf": {"wars": 0.5}}), "no number 'wars'"),
    (lambda: rm.rare_regimes({"gulf": {"attacks": 0}}), "attacks is 0"),
    (lambda: rm.rare_regimes({"gulf": {"size": 9}}), "size is 9"),
    (lambda: peril_of(rm.rare_regimes("golf")), r"did you mean 'gulf'\? There are"),
    (lambda: peril_of(rm.rare_regimes("moon")), r"no theatre 'moon'\. There are"),
    (lambda: peril_of(rm.rare_regimes({"gulf": {"attacks": 100}})).draws()["gulf"].drawn(),
     "above its ceiling"),
    (lambda: rare_perils([], rm.rare_regimes("gulf")), "has no kinetic_strike"),
    (lambda: peril_of({"gulf": {"war": 0.5}}), r"give rm.rare_regimes"),
])
def test_what_cannot_be_proposed_is_refused(make, says):
    with pytest.raises(RiskModelError, match=says):
        make()
