"""K worlds: year y in world y mod K, the same bytes whoever computes them."""

from __future__ import annotations

import concurrent.futures as futures
import multiprocessing
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import riskmodel as rm
from riskmodel.engine.plan import worlds as engine_worlds
from riskmodel.engine.plan.worlds import numbers_in_worlds
from riskmodel.errors import RiskModelError
from riskmodel.measures.aggregate import gamma_poisson_pmf
from riskmodel.perils.posterior import gamma_posterior
from riskmodel.perils.registry import register_peril, unregister_peril
from tests.engine.small import MW, lab_per_site, table, world
from tests.engine.unsure import Sampled, Storms, spec_of, stated

TABLES = ("years", "causes", "events", "adequacy")


def perils() -> list:
    return [Storms(spec_of("gale", stated(1.0, 3.0, 9.0), stated(2.0, 10.0, 50.0, "h")), "g"),
            Sampled(spec_of("blaze", stated(0.1, 0.3, 0.9, "share")), "t")]


def grids() -> rm.World:
    """Two sites, one grid, attributions in doubt, and a table of events that stays as it is."""
    made = lab_per_site(("s", "power", "g", {"ride_through_h": 6.0}), ("t", "power", "g"),
                        sites=("s", "t"),
                        events=table({"event_id": "flood", "peril": "flood", "node_id": "t",
                                      "rate_per_yr": 0.5, "duration_h": 70.0}))
    return replace(made, holdings=made.holdings.assign(probability=[0.8, 0.3]))


def run(years=300, worlds=7, **how) -> rm.Losses:
    return rm.simulate(grids(), years, 4, perils=[*perils(), "flood"], worlds=worlds,
                       **{"workers": 1, **how})


@pytest.fixture(scope="module")
def losses() -> rm.Losses:
    return run()


def same(one: rm.Losses, other: rm.Losses) -> None:
    for name in TABLES:
        assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True)
    assert one.capacity_mw.tolist() == other.capacity_mw.tolist()


# ---------------------------------------------------------------- the same whoever computes it


def test_same_bytes_for_any_workers_and_executor(losses):
    same(losses, run(workers=3))
    with futures.ThreadPoolExecutor(2) as pool:
        same(losses, run(executor=pool))
    with futures.ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        same(losses, run(executor=pool))


def test_same_bytes_for_any_block(losses, monkeypatch):
    monkeypatch.setattr(engine_worlds, "BLOCK_YEARS", 5)
    monkeypatch.setattr(engine_worlds, "TASK_BLOCKS", 2)
    same(losses, run())


def test_rows_stand_in_year_order_and_the_parts_add_up(losses):
    for name in TABLES:
        assert getattr(losses, name)["year"].is_monotonic_increasing
    assert losses.events["event"].tolist() == list(range(len(losses.events)))
    assert (losses.events["year"].to_numpy()[losses.causes["event"]]
            == losses.causes["year"]).all()
    assert (losses.events["peril"].astype(str).to_numpy()[losses.causes["event"]]
            == losses.causes["peril"].astype(str)).all()
    parts = losses.causes.astype({"lab": str}).groupby(["year", "lab"])["lost_mw_days"].sum()
    whole = losses.years.set_index(["year", "lab"])["lost_mw_days"]
    assert parts.sort_index().to_numpy() == pytest.approx(whole.sort_index().to_numpy())
    assert set(losses.causes["peril"].astype(str)) == {"gale", "blaze", "flood"}


def test_more_years_keep_the_first(losses):
    longer = run(years=600)
    first = longer.years[longer.years["year"] < 300].reset_index(drop=True)
    assert_frame_equal(first, losses.years, check_exact=True)


def test_one_world_is_the_run_without_worlds():
    plain = rm.simulate(grids(), 300, 4, perils=[*perils(), "flood"])
    same(plain, run(worlds=1))
    assert plain.worlds == 1
    assert plain.world_capacity_mw is None


# ---------------------------------------------------------------- which world is which


def test_a_world_is_the_run_of_its_own_numbers():
    """The years of world k are those of a plain run whose numbers are at that world's values."""
    lost = run(worlds=5)
    unsure = perils()
    unknown = engine_worlds.unknown_numbers(unsure)
    values = engine_worlds.draw_numbers(unknown, 4, 5)
    for k in (0, 3):
        fixed = [engine_worlds.rebuilt(
            peril, [each for each in unknown if each.peril_id == peril.spec.peril_id],
            [v for each, v in zip(unknown, values[k], strict=True)
             if each.peril_id == peril.spec.peril_id]) for peril in unsure]
        alone = rm.simulate(grids(), 300, 4, perils=[*fixed, "flood"])
        of_k = [frame[frame["year"] % 5 == k].groupby("year")["lost_mw_days"].sum()
                for frame in (lost.years, alone.years)]
        pd.testing.assert_series_equal(*of_k)  # holdings move losses between labs, not the sum


def test_worlds_differ_and_the_first_stay_with_more_of_them():
    few = numbers_in_worlds(grids(), worlds=4, seed=9, perils=perils())
    many = numbers_in_worlds(grids(), worlds=40, seed=9, perils=perils())
    assert_frame_equal(few, many[many["world"] < 4])
    assert many.groupby("number")["value"].nunique().min() == 40
    assert set(few["number"]) == {"rate", "hours"}
    other = numbers_in_worlds(grids(), worlds=4, seed=10, perils=perils())
    assert (few["value"] != other["value"]).all()


def test_capacity_is_the_mean_over_years_and_kept_by_world(losses):
    sizes = losses.world_capacity_mw
    assert sizes.shape == (7, 3)
    assert set(sizes.ravel()) <= {0.0, MW, 2 * MW}
    assert (sizes.sum(axis=1) == 2 * MW).all()
    years = np.bincount(np.arange(300) % 7)
    assert losses.capacity_mw == pytest.approx(years @ sizes / 300)
    assert losses.labs == ("lab s", "lab t", "unknown")
    nothing = [(k, lab) for k in range(7) for i, lab in enumerate(losses.labs)
               if sizes[k, i] == 0]
    for k, lab in nothing:
        assert not ((losses.years["year"] % 7 == k) & (losses.years["lab"] == lab)).any()


def test_replay_rebuilds_the_world_of_its_year(losses, tmp_path):
    told = losses.years.groupby("year")["lost_mw_days"].sum()
    losses.to_parquet(tmp_path / "run")
    read = rm.read_losses(tmp_path / "run")
    assert read.worlds == 7
    assert read.world_capacity_mw.tolist() == losses.world_capacity_mw.tolist()
    for peril in perils():
        register_peril(peril)
    try:
        for year in told.index[:9]:
            again = rm.replay(losses, int(year))
            assert again.losses["lost_mw_days"].sum() == pytest.approx(told[year])
            from_file = rm.replay(read, int(year), world=grids())
            assert_frame_equal(from_file.losses, again.losses)
    finally:
        for peril in perils():
            unregister_peril(peril.spec.peril_id)


class Opaque:
    """A peril that nobody knows how to build anew."""

    spec = spec_of("opaque", stated(1.0, 2.0, 4.0))

    def catalogue(self, world):
        return Storms(self.spec).catalogue(world)


def test_what_cannot_be_built_anew_stays_and_the_manifest_says_so(losses):
    assert losses.manifest["ignorance"] == {
        "numbers_drawn": {"blaze": 1, "gale": 2}, "as_they_are": ["flood"], "holdings_drawn": 4}
    mixed = rm.simulate(world(), 60, 1, perils=[Opaque()], worlds=6)
    assert mixed.manifest["ignorance"]["as_they_are"] == ["opaque"]
    plain = rm.simulate(world(), 60, 1, perils=[Opaque()])
    assert_frame_equal(mixed.years, plain.years)


def test_a_ceiling_below_a_drawn_rate_is_lifted_in_that_world():
    steep = Storms(spec_of("gale", stated(0.5, 1.0, 8.0), ceiling=2.0))
    found = rm.simulate(world(), 4000, 1, perils=[steep], worlds=20)
    drawn = numbers_in_worlds(world(), worlds=20, seed=1, perils=[steep])["value"].to_numpy()
    assert drawn.max() > 2.0
    counts = np.zeros(20)
    np.add.at(counts, found.events["year"].to_numpy() % 20, 1)
    assert (np.abs(counts - 200 * drawn) < 4.5 * np.sqrt(200 * drawn)).all()


@pytest.mark.parametrize(("count", "words"), [(0, "whole number"), (2.5, "whole number"),
                                              (True, "whole number"), (11, "needs a year")])
def test_senseless_numbers_of_worlds_are_refused(count, words):
    with pytest.raises(RiskModelError, match=words):
        rm.simulate(world(), 10, 0, perils=[], worlds=count)


# ---------------------------------------------------------------- against a closed form


def test_p11_a_gamma_rate_makes_negative_binomial_years():
    """Oracle P11: N Poisson with a Gamma rate of mean .3 and shape .5 (no event, 5/3 years)."""
    exact = gamma_poisson_pmf(0.3, 0.5, 40)
    assert exact[0] == pytest.approx(0.79056942, abs=1e-8)
    assert exact[2:].sum() == pytest.approx(0.06119882, abs=1e-8)
    post = gamma_posterior(0, 5 / 3)
    assert post.mean == pytest.approx(0.3)
    rate = stated(post.low, post.mean, post.high, count=0, exposure=5 / 3)
    years, worlds = 20_000, 2000
    found = rm.simulate(world(mw=24.0), years, 11, worlds=worlds, adequacy=False,
                        perils=[Storms(spec_of("storm", rate, ceiling=4.0))])
    number = np.bincount(found.events["year"], minlength=years)
    for seen, chance in ((number == 0, exact[0]), (number >= 2, exact[2:].sum())):
        each = seen.reshape(-1, worlds).mean(axis=0)  # years of a world share its rate
        assert abs(each.mean() - chance) < 4 * each.std(ddof=1) / np.sqrt(worlds)
    assert abs((number == 0).mean() - 0.74081822) > 0.03  # not the Poisson of the mean rate
    none = rm.measure(found, by="total", measures=["p_loss"]).iloc[0]
    assert abs(none["value"] - (1 - exact[0])) < 4 * none["se"]
