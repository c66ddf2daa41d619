"""Years spread evenly over the regimes: the right number of wars, and no bias."""

from __future__ import annotations

import numpy as np
import pytest

import riskmodel as rm
from riskmodel.engine.outages.given import KeyedBlock
from riskmodel.engine.outages.rare_years import rare_facts, rare_perils, year_weights
from riskmodel.errors import RiskModelError
from riskmodel.perils.kinetic import regime
from riskmodel.perils.kinetic.even import EvenYears, dimensions_of, directions, scrambled, sobol
from riskmodel.perils.kinetic_strike import KineticStrike
from riskmodel.perils.spec import read_spec, shipped_data
from tests.perils.small_world import build_world

STRIKE = KineticStrike(read_spec(shipped_data("kinetic_strike")))
THEATRES = list(STRIKE.spec.data["theatres"])


def block_of(n, seed=1, even=True, first=0):
    block = KeyedBlock(np.arange(first, first + n), 8760.0, seed, "kinetic_strike")
    return EvenYears(block, dimensions_of(THEATRES)) if even else block


def test_scrambled_points_keep_one_in_each_stretch():
    points = scrambled(sobol(np.arange(1024), 3), 12345)
    assert sorted(points >> np.uint64(22)) == list(range(1024))
    assert not np.array_equal(points, sobol(np.arange(1024), 3))
    assert not np.array_equal(points, scrambled(sobol(np.arange(1024), 3), 12346))


@pytest.mark.parametrize("theatre", THEATRES)
@pytest.mark.parametrize("n", [1000, 4096])
def test_each_regime_begins_as_many_years_as_it_should(theatre, n):
    found = regime.rates(STRIKE.spec.data, theatre)
    start = regime.sample_paths(block_of(n), found).start_state
    counts = np.bincount(start, minlength=4)
    most = 1.0 + (0.0 if n == 4096 else 6.0)  # a prefix that is no power of two: log2(n) at most
    assert (np.abs(counts - n * found.start) <= most).all(), (counts, n * found.start)


def test_a_year_is_a_function_of_its_number():
    whole = block_of(5000).uniform("regime", year=np.arange(5000), entity="gulf")
    part = block_of(100, first=3000).uniform("regime", year=np.arange(3000, 3100), entity="gulf")
    assert np.array_equal(whole[3000:3100], part)
    assert ((whole > 0) & (whole < 1)).all()
    assert block_of(9).uniform("war", year=3, entity="gulf") == block_of(
        9, even=False).uniform("war", year=3, entity="gulf")


def test_means_have_no_bias_and_spread_less_than_their_errors_say():
    """Launches of campaigns under way when the year begins, in two theatres; many seeds."""
    seeds, n = 150, 512
    found = {name: regime.rates(STRIKE.spec.data, name) for name in ("gulf", "levant")}
    chance = sum(of.start[regime.SHORT_WAR:].sum() for of in found.values())
    runs = {}
    for even in (True, False):
        means = []
        for seed in range(seeds):
            block = block_of(n, seed, even)
            each = sum((regime.sample_paths(block, of).start_state >= regime.SHORT_WAR)
                       * block.uniform("campaign size", year=block.years, entity=name)
                       for name, of in found.items())
            means.append((each.mean(), each.std(ddof=1) / np.sqrt(n)))
        runs[even] = np.array(means)
    for even, (mean, se) in ((even, runs[even].T) for even in runs):
        spread = mean.std(ddof=1)
        assert abs(mean.mean() - chance / 2) < 4 * spread / np.sqrt(seeds)
        # what is left is the size's own spread: a quarter of the variance
        assert spread / se.mean() == pytest.approx(0.5 if even else 1.0, abs=0.15)


def test_even_years_may_be_weighted_too():
    world = build_world()
    (peril,) = rare_perils([STRIKE], rm.rare_regimes("gulf", even=True))
    facts = rare_facts([peril], world)
    assert facts["even"]
    assert facts["dimensions"]["gulf"] == 1
    n = 8192
    weights = year_weights({"rare": facts, "horizon_days": 365.0, "seed": 9}, n)
    assert abs(weights.mean() - 1) < 4 * weights.std() / np.sqrt(n)
    campaigns = peril.campaigns(block_of(n, 9, even=False), "gulf", world.as_of)
    count = np.bincount(campaigns.year[campaigns.under_way], minlength=n)
    truth = regime.rates(STRIKE.spec.data, "gulf", world.as_of).start[2:].sum()
    each = weights * count
    assert abs(each.mean() - truth) < 4 * each.std() / np.sqrt(n)
    assert count.mean() == pytest.approx(0.9 * 0.4 + 0.1 * truth, abs=0.005)


def test_an_even_run_weighs_every_year_the_same():
    world = build_world()
    losses = rm.simulate(world, years=600, seed=2, perils=["kinetic_strike"],
                         rare=rm.even_regimes())
    assert losses.weights is None
    assert losses.manifest["rare"]["even"] is True
    assert rm.measure(losses, "total", measures="aal")["value"].iloc[0] > 0
    told = rm.replay(losses, year=int(losses.years["year"].iloc[0]))
    assert told.losses["lost_mw_days"].sum() > 0
    with pytest.raises(RiskModelError, match="different proposals"):
        rm.compare(losses, rm.simulate(world, years=600, seed=2, perils=["kinetic_strike"]))


def test_too_many_dimensions_are_refused():
    with pytest.raises(RiskModelError, match="dimensions 0 to 9"):
        directions(10)
