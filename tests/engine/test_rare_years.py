"""A run under a proposal: its years, its weights, its folder and what may be done with it."""

from __future__ import annotations

import numpy as np
import pytest

import riskmodel as rm
from riskmodel.engine.outages.given import KeyedBlock
from riskmodel.errors import RiskModelError
from riskmodel.perils.kinetic.rare import true_years
from tests.perils.small_world import build_world

PERILS = ["kinetic_strike", "site_failure"]
RARE = rm.rare_regimes("gulf")


@pytest.fixture(scope="module")
def world():
    return build_world()


@pytest.fixture(scope="module")
def plain(world):
    return rm.simulate(world, years=1500, seed=4, perils=PERILS)


@pytest.fixture(scope="module")
def rare(world):
    return rm.simulate(world, years=1500, seed=4, perils=PERILS, rare=RARE)


def test_years_drawn_with_the_true_chances_are_those_of_the_plain_run(plain, rare):
    block = KeyedBlock(np.arange(rare.n_years), 8760.0, 4, "kinetic_strike")
    true = np.flatnonzero(true_years(block, RARE.defensive))
    one, two = (losses.years[losses.years["year"].isin(true)].reset_index(drop=True)
                for losses in (plain, rare))
    assert len(one) > 20
    assert one.equals(two)
    assert plain.weights is None
    assert rare.weights.shape == (rare.n_years,)


def test_workers_and_more_years_change_nothing(world, rare):
    one = rm.simulate(world, years=1500, seed=4, perils=PERILS, rare=RARE, workers=1)
    assert one.years.equals(rare.years)
    assert np.array_equal(one.weights, rare.weights)
    assert one.manifest == rare.manifest
    fewer = rm.simulate(world, years=700, seed=4, perils=PERILS, rare=RARE)
    assert fewer.years.equals(rare.years[rare.years["year"] < 700])
    assert np.array_equal(fewer.weights, rare.weights[:700])


def test_a_folder_gives_the_weights_back_without_the_world(rare, tmp_path):
    found = rm.read_losses(rare.to_parquet(tmp_path / "out"))
    assert np.array_equal(found.weights, rare.weights)
    assert found.manifest["rare"]["theatres"]["gulf"]["war"] == 0.4
    assert rm.measure(found).equals(rm.measure(rare))


def test_a_year_is_told_again_also_from_a_folder(world, rare, tmp_path):
    worst = rare.years.loc[rare.years["lost_mw_days"].idxmax()]
    read = rm.read_losses(rare.to_parquet(tmp_path / "out"), world=world)
    for losses in (rare, read):
        told = rm.replay(losses, year=int(worst["year"]))
        assert told.losses["lost_mw_days"].sum() == pytest.approx(worst["lost_mw_days"])
        assert rm.contributions(losses, "aal", by="site")["value"].sum() == pytest.approx(
            rm.measure(losses, "total", measures="aal")["value"].iloc[0])


def test_a_comparison_shares_the_proposal(world, rare, plain):
    less = rm.simulate(world.drop(sites=["doha"]), years=1500, seed=4, perils=PERILS, rare=RARE)
    found = rm.compare(rare, less, by="total", level=0.99).set_index("measure")
    assert (found.loc[["aal", "tvar"], "verdict"] == "better").all()
    for name in ("aal", "tvar"):
        sides = [rm.measure(losses, "total", measures=name, levels=[0.99]).iloc[0]
                 for losses in (rare, less)]
        assert found.loc[name, "difference"] == pytest.approx(
            sides[1]["value"] - sides[0]["value"])
        assert found.loc[name, "se"] < np.hypot(sides[0]["se"], sides[1]["se"])
    same = rm.compare(rare, rare, by="total")
    assert (same["difference"] == 0).all()
    other = rm.simulate(world, years=1500, seed=4, perils=PERILS,
                        rare=rm.rare_regimes("gulf", defensive=0.2))
    for against in (plain, other):
        with pytest.raises(RiskModelError, match="different proposals"):
            rm.compare(rare, against)
        apart = rm.compare(rare, against, by="total", measures="aal", paired=False).iloc[0]
        assert abs(apart["difference"]) < 4 * apart["se"]


def test_rare_and_several_worlds_are_refused(world):
    with pytest.raises(RiskModelError, match="leave out one of the two"):
        rm.simulate(world, years=100, worlds=2, perils=PERILS, rare=RARE)


def test_calendar_booking_is_weighted_too(world):
    rare, plain = (rm.simulate(world, years=2500, seed=4, perils=["kinetic_strike"],
                               booking="calendar", rare=how) for how in (RARE, None))
    for name in ("aal", "eue"):
        one, two = (rm.measure(losses, "total", measures=name).iloc[0] for losses in (rare, plain))
        assert abs(one["value"] - two["value"]) < 4 * np.hypot(one["se"], two["se"])
