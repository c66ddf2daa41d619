"""Sabotage: how often, in which clusters, and how it ends."""

from __future__ import annotations

import copy

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from riskmodel.perils import hawkes
from riskmodel.perils.posterior import gamma_posterior
from riskmodel.perils.sabotage import ENDINGS, Sabotage
from riskmodel.perils.spec import read_spec, shipped_data
from riskmodel.testing import check_peril
from tests.perils.small_world import Draws, build_world, far_out

DATA = shipped_data("sabotage")
# a rate at which 20,000 years tell something: about .1 a year on each supply, under the ceiling
BUSY = {"chance.share_with_loss": 1.0, "chance.share_on_one_metro": 0.1}
DRAWN = ["year", "region", "event_start_h", "node_id", "part", "start_h", "duration_h", "depth"]


def peril(changes=None):
    data = copy.deepcopy(DATA)
    for path, value in (changes or {}).items():
        section, name = path.split(".")
        number = data[section][name]
        number.update(low=min(value, number["low"]), best=value, high=max(value, number["high"]))
    return Sabotage(read_spec(data))


def sampled(of, world, years, first=0):
    return of.sample(Draws(np.arange(first, first + years), "sabotage"), world)


def rows(table):
    return {*map(tuple, table[DRAWN].to_numpy())}


def test_rates_follow_the_counts():
    """Jeffreys mean a state, thinned to attacks with loss and to one metro."""
    share = 0.1 * 0.02
    for grid, count, states in (("PJM", 106, 10), ("ERCOT", 9, 1), ("CAISO", 189, 11),
                                ("FR", 418, 50)):
        rate = gamma_posterior(count, 16.58).mean / states * share
        assert peril().rate(grid) == pytest.approx(rate, rel=1e-3), grid
    several = [gamma_posterior(n, 16.58).mean / s for n, s in ((106, 10), (30, 11), (24, 8))]
    assert peril().rate("MISO") == pytest.approx(np.mean(several) * share, rel=1e-3)
    # of all attacks no more than the 83 that are not vandalism
    assert DATA["chance"]["share_with_loss"]["high"] <= 83 / 418 + 0.002


def test_rates_far_out_in_their_bands_fit_under_the_ceiling():
    data = far_out(DATA, divisors=("states", "branching"))
    found = Sabotage(read_spec(data))
    top = max(found.rate(grid) for grid in [*DATA["reliability_regions"], "FR"])
    assert 0 < top * (1 - data["clusters"]["branching"]["best"]) <= (
        DATA["clusters"]["ceiling_per_yr"])
    branching = far_out(DATA, divisors=("states",))["clusters"]["branching"]["best"]
    assert branching < 0.7  # clusters end


def test_each_supply_has_its_rate_in_every_month_of_the_year():
    world, years = build_world(), 20_000
    found = peril(BUSY)
    table = sampled(found, world, years)
    assert set(table["region"]) == set(found.regions(world))
    for (feed, grid), events in table.groupby(["node_id", "region"]):
        counts = np.bincount(events["year"], minlength=years)
        assert abs(counts.mean() - found.rate(grid)) < 4 * counts.std() / np.sqrt(years), feed
    # steady from the first hour: the past before the year is there
    every = table.groupby("year").size().reindex(range(years), fill_value=0)
    for part in range(4):
        inside = table["event_start_h"].between(part * 2190.0, (part + 1) * 2190.0)
        season = table[inside].groupby("year").size().reindex(range(years), fill_value=0)
        gap = season - every / 4
        assert abs(gap.mean()) < 4 * gap.std() / np.sqrt(years)


def test_clusters_have_the_borel_sizes_and_stay_on_one_supply():
    """With quick followers a year cuts next to no cluster short."""
    table = sampled(peril({**BUSY, "clusters.mean_delay": 1.0}), build_world(), 20_000)
    clusters = table.groupby(["year", "campaign_id"])
    assert (clusters["node_id"].nunique() == 1).all()
    sizes = clusters.size().to_numpy()
    n, branching = len(sizes), DATA["clusters"]["branching"]["best"]
    assert n > 5000
    mean, variance = hawkes.borel_mean(branching), hawkes.borel_variance(branching)
    assert abs(sizes.mean() - mean) < 4 * np.sqrt(variance / n)
    fourth = ((sizes - sizes.mean()) ** 4).mean()
    assert abs(sizes.var() - variance) < 4 * np.sqrt((fourth - sizes.var() ** 2) / n)
    for k, p in enumerate(hawkes.borel([1, 2, 3, 4], branching), start=1):
        assert abs((sizes == k).mean() - p) < 4 * np.sqrt(p * (1 - p) / n)


def test_years_are_over_dispersed_as_the_branching_says():
    years = 20_000
    found = peril(BUSY)
    table = sampled(found, build_world(), years)
    feeds = sorted(set(table["node_id"]))
    counts = np.array([np.bincount(table.loc[table["node_id"] == feed, "year"], minlength=years)
                       for feed in feeds])
    branching, delay = (DATA["clusters"][name]["best"] for name in ("branching", "mean_delay"))
    expected = hawkes.Hawkes(1.0, branching, delay).window_fano(8760.0)
    assert 2.3 < expected < 1 / (1 - branching) ** 2
    ratio = counts.var(axis=1) / counts.mean(axis=1)
    centred = counts - counts.mean(axis=1, keepdims=True)
    error = np.sqrt(((centred**4).mean(axis=1) - counts.var(axis=1) ** 2) / years)
    assert (abs(ratio - expected) < 4 * error / counts.mean(axis=1)).all()


def test_endings_have_their_shares_and_hours():
    table = sampled(peril({**BUSY, "few.share": 0.3, "transformer.share": 0.2, "few.depth": 0.9}),
                    build_world(), 20_000)
    n = len(table)
    kinds = {"transformer": table["part"] == "transformer", "few": table["depth"] == 0.9}
    kinds["many"] = ~kinds["transformer"] & ~kinds["few"]
    laws = {"many": stats.weibull_min(0.425, scale=3.05), "few": stats.lognorm(1.08, scale=187),
            "transformer": stats.lognorm(0.3, scale=17520)}
    for name, share in zip(ENDINGS, (0.5, 0.3, 0.2), strict=True):
        hours = table.loc[kinds[name], "duration_h"].to_numpy()
        assert abs(len(hours) / n - share) < 4 * np.sqrt(share * (1 - share) / n), name
        for q in (0.1, 0.25, 0.5, 0.75, 0.9):
            below = (hours < laws[name].ppf(q)).mean()
            assert abs(below - q) < 4 * np.sqrt(q * (1 - q) / len(hours)), (name, q)
    assert set(table.loc[kinds["transformer"], "depth"]) == {0.3}
    assert set(table.loc[kinds["many"], "depth"]) == {1.0}


def test_shares_that_do_not_add_up_are_scaled():
    shares = peril({"few.share": 0.9, "transformer.share": 0.9}).shares()
    assert shares.sum() == pytest.approx(1.0)
    assert (shares >= 0).all()
    assert peril().shares()[0] > 0.9


def test_more_attacks_or_more_branching_only_add():
    base = rows(sampled(peril(BUSY), build_world(), 2000))
    for change in ({"chance.share_on_one_metro": 0.11}, {"clusters.branching": 0.5}):
        data = {**BUSY, **change}
        if "clusters.branching" in change:  # the same background: the rate less the clusters'
            data["chance.share_on_one_metro"] = 0.1 * (1 - 0.4) / (1 - 0.5)
        assert base < rows(sampled(peril(data), build_world(), 2000))


def test_supplies_that_leave_do_not_change_the_others():
    whole = sampled(peril(BUSY), build_world(), 500)
    parts = pd.concat([sampled(peril(BUSY), build_world(), n, first)
                       for first, n in ((0, 33), (33, 467))])
    assert rows(whole) == rows(parts)
    base = build_world()
    left = base.nodes["node_id"] != "feed:abilene"
    needs = base.requirements
    fewer = type(base).from_frames(
        sites=base.sites[base.sites["site_id"] != "abilene"], labs=base.labs,
        holdings=base.holdings[base.holdings["site_id"] != "abilene"], nodes=base.nodes[left],
        requirements=needs[~needs[["node_id", "member_id"]].isin(
            ["abilene", "feed:abilene"]).any(axis=1)])
    kept = whole[whole["node_id"] != "feed:abilene"]
    assert rows(sampled(peril(BUSY), fewer, 500)) == rows(kept)
    assert len(kept) < len(whole)


def test_rules_are_kept_on_a_small_world():
    assert len(check_peril(peril(BUSY), build_world(), years=400)) > 100


def test_a_site_off_the_grid_is_not_attacked_through_it():
    world = build_world(extra=[("island", "US", "OFF_GRID", "feed:island", "")],
                        systems={"OFF_GRID": "NONE"})
    table = sampled(peril(BUSY), world, 3000)
    assert "OFF_GRID" not in peril().regions(world)
    assert "feed:island" not in set(table["node_id"])
