"""The pieces of the kernel, each against a formula or another implementation."""

import math

import numpy as np
import pytest

import riskmodel as rm
from riskmodel.engine.kernel.draws import duration, normal_quantile
from riskmodel.engine.kernel.layout import EXPONENTIAL, FIXED, LOGNORMAL, WEIBULL
from riskmodel.engine.kernel.philox import philox, uniform52
from riskmodel.engine.outages.streams import entity_hash, keyed_uniform, philox4x32, stream_key
from riskmodel.engine.plan.catalogue import alias_tables, ceiling_rate, poisson_cdf
from tests.engine.small import hours, lab_per_site, table, world


def test_normal_quantile_is_scipys():
    """AS 241 is good to about 1e-16 of the value; near the middle the value itself is near 0."""
    from scipy.stats import norm

    p = np.concatenate([np.linspace(1e-4, 1 - 1e-4, 2001), 10.0 ** -np.arange(3.0, 300.0, 7.0),
                        [2.0**-53, 0.5, 0.075, 0.925, math.exp(-25), 1 - 2.0**-52]])
    mine = np.array([normal_quantile(x) for x in p])
    np.testing.assert_allclose(mine, norm.ppf(p), rtol=4e-15, atol=4e-16)
    assert normal_quantile(0.5) == 0.0


@pytest.mark.parametrize(("kind", "scale", "shape", "mean", "second"), [
    (FIXED, 7.0, 1.0, 7.0, 49.0),
    (EXPONENTIAL, 7.0, 1.0, 7.0, 2 * 49.0),
    # the median is 7: mean 7 exp(s^2/2), second moment 49 exp(2 s^2)
    (LOGNORMAL, 7.0, 0.8, 7 * math.exp(0.32), 49 * math.exp(1.28)),
    (WEIBULL, 7.0, 1.5, 7 * math.gamma(1 + 1 / 1.5), 49 * math.gamma(1 + 2 / 1.5)),
    (WEIBULL, 7.0, 0.7, 7 * math.gamma(1 + 1 / 0.7), 49 * math.gamma(1 + 2 / 0.7))])
def test_durations(kind, scale, shape, mean, second):
    """Means from keyed uniforms against closed forms, exact standard error."""
    u = keyed_uniform(1, "test", f"{kind} {shape}", np.arange(20_000))
    drawn = np.array([duration(kind, scale, shape, x) for x in u])
    se = math.sqrt(max(second - mean**2, 0.0) / len(u))
    assert abs(drawn.mean() - mean) <= 4 * se + 1e-12
    assert drawn.min() > 0


@pytest.mark.parametrize(("kind", "at"), [("lognormal", 0.5), ("weibull", math.exp(-1)),
                                          ("exponential", math.exp(-1))])
def test_the_scale_is_what_the_table_says(kind, at):
    """Lognormal: the median. Weibull: exceeded with probability 1/e. Exponential: the mean."""
    of = world(events=table({"duration_dist": kind, "duration_h": 5.0, "duration_shape": 0.6,
                             "rate_per_yr": 0.2}))
    run = rm.simulate(of, years=8000, seed=5, adequacy=False)
    one = run.events.groupby("year")["event"].count() == 1
    lost = run.years.set_index("year")["lost_mw_days"][one[one].index] * 24 / 100
    if kind == "exponential":
        assert abs(lost.mean() - 5.0) < 4 * 5.0 / math.sqrt(len(lost))
    assert abs((lost > 5.0).mean() - at) < 4 * math.sqrt(at * (1 - at) / len(lost))


def test_the_kernel_s_generator_is_the_streams_one():
    """Known answers of the one (P01) are then those of the other."""
    rng = np.random.default_rng(0)
    counters = rng.integers(0, 2**32, (300, 4), dtype=np.uint64)
    keys = rng.integers(0, 2**32, (300, 2), dtype=np.uint64)
    expected = philox4x32(counters, keys)
    for counter, key, words in zip(counters, keys, expected, strict=True):
        assert philox(*counter, *key) == tuple(int(word) for word in words)


def test_uniforms_are_strictly_inside():
    """52 bits and a half: never 0, never 1; the same as keyed_uniform makes of the words."""
    top = np.uint64(2**32 - 1)
    assert uniform52(np.uint64(0), np.uint64(0)) == 2.0**-53
    assert uniform52(top, top) == 1 - 2.0**-53
    ident = np.uint64(entity_hash("grid:X"))
    k0, k1 = (np.uint64(k) for k in stream_key(3, "row", "storm"))
    low = np.uint64(0xFFFFFFFF)
    words = philox(np.uint64(8), np.uint64(2), ident & low, ident >> np.uint64(32), k0, k1)
    drawn = uniform52(np.uint64(words[0]), np.uint64(words[1]))
    assert drawn == keyed_uniform(3, "row", "storm", 8, 2, "grid:X")


@pytest.mark.parametrize("rate", [0.1, 1.0, 8.0, 300.0])
def test_poisson_cdf(rate):
    """Against sums of exp(-r) r^n / n!; it ends at 1, and no sooner than 1e-15 of the end."""
    cdf = poisson_cdf(rate)
    n = np.arange(len(cdf))
    terms = np.array([math.exp(i * math.log(rate) - rate - math.lgamma(i + 1)) for i in n])
    np.testing.assert_allclose(cdf, np.cumsum(terms), rtol=1e-11)
    assert cdf[-1] == 1.0
    assert (np.diff(cdf) >= 0).all()
    assert poisson_cdf(0.0).tolist() == [1.0]


@pytest.mark.parametrize(("total", "ceiling"), [
    (0.0, 0.0), (0.3, 0.5), (0.5, 1.0), (3.0, 4.0), (3.9, 4.0), (4.0, 8.0), (1000.0, 1024.0)])
def test_the_ceiling_is_the_power_of_two_above(total, ceiling):
    assert ceiling_rate(total, None, "storm") == ceiling
    assert ceiling_rate(total, 2000.0, "storm") == 2000.0


def test_a_ceiling_below_the_rate_is_refused():
    with pytest.raises(rm.RiskModelError, match=r"storm: ceiling_rate_per_yr is 2 .* to 3 a year"):
        ceiling_rate(3.0, 2.0, "storm")


def test_thinning_leaves_the_rate():
    """3 a year out of a ceiling of 4: mean and variance of the count are those of Poisson 3."""
    run = rm.simulate(world(events=table({"rate_per_yr": 3.0})), years=10_000, seed=8)
    counts = np.bincount(run.events["year"], minlength=run.n_years)
    assert abs(counts.mean() - 3) < 4 * math.sqrt(3 / run.n_years)
    # the variance of a sample variance of Poisson(r) is (r + 2 r^2) / n
    assert abs(counts.var() - 3) < 4 * math.sqrt((3 + 2 * 9) / run.n_years)


@pytest.mark.parametrize("rates", [
    (1.0,), (0.7, 0.0, 0.1, 0.2, 0.0, 0.0), (0.0, 0.0, 3.0), (1e-12, 5.0, 1e-12), (0.1,) * 10,
    tuple(np.random.default_rng(1).lognormal(0, 3, 1000)), (*(0.3,) * 7, 0.0)])
def test_picks_have_the_chances_of_their_rates(rates):
    """Slot i is taken with 1/n and kept with keep[i]: the chances add up to rates / total."""
    rates = np.array(rates)
    keep, alias = alias_tables(rates)
    assert ((keep >= 0) & (keep <= 1)).all()
    chance = keep.copy()
    np.add.at(chance, alias, 1 - keep)
    np.testing.assert_allclose(chance / len(rates), rates / rates.sum(), rtol=1e-9, atol=1e-15)
    assert (chance[rates == 0] == 0).all()  # rounding must never pick what cannot happen


def test_events_come_by_their_rates_and_never_at_rate_nothing():
    """Rates .7, 0, .1, .2 and two of 0 at the end: rounding must not pick these."""
    rates = (0.7, 0.0, 0.1, 0.2, 0.0, 0.0)
    sites = [f"s{i}" for i in range(len(rates))]
    events = table(*({"event_id": s, "node_id": s, "rate_per_yr": rate}
                     for s, rate in zip(sites, rates, strict=True)))
    of = lab_per_site(sites=sites, events=events)
    run = rm.simulate(of, years=10_000, seed=2, adequacy=False)
    counts = run.events["event_id"].value_counts().reindex(sites, fill_value=0)
    for site, rate in zip(sites, rates, strict=True):
        assert abs(counts[site] - 10_000 * rate) <= 4 * math.sqrt(10_000 * rate)


def test_a_table_of_rate_nothing_does_nothing():
    run = rm.simulate(world(events=table({"rate_per_yr": 0.0})), years=100)
    assert len(run.events) == len(run.years) == 0


def test_nodes_fail_with_their_probability_and_apart():
    """.3 and .6 of one event: each alone, and .18 together."""
    events = table(*({"node_id": s, "probability": p, "rate_per_yr": 0.5}
                     for s, p in (("s", 0.3), ("t", 0.6))))
    of = lab_per_site(sites=("s", "t"), events=events)
    run = rm.simulate(of, years=20_000, seed=6, adequacy=False)
    hit = run.causes.astype({"node": str}).groupby(["event", "node"]).size().unstack(fill_value=0)
    happened = 0.5 * run.n_years
    for found, p in ((hit["s"].sum(), 0.3), (hit["t"].sum(), 0.6),
                     ((hit["s"] * hit["t"]).sum(), 0.18)):
        assert abs(found - happened * p) < 4 * math.sqrt(happened * p)


def test_a_duration_group_shares_its_draw():
    """Two rows of one group last equally long; of another group, or of none, they do not."""
    same = {"duration_dist": "exponential", "duration_h": 10.0, "rate_per_yr": 0.05}
    events = table({"node_id": "s", "duration_group": "a"}, {"node_id": "t", "duration_group": "a"},
                   {"node_id": "u", "duration_group": "b"}, {"node_id": "v"}, **same)
    # a site of its own each; few events, so that years with one of them tell it apart
    of = lab_per_site(sites=("s", "t", "u", "v"), events=events)
    run = rm.simulate(of, years=2000, seed=6, adequacy=False)
    lost = run.causes.astype({"lab": str}).pivot(index="event", columns="lab",
                                                 values="lost_mw_days")
    assert len(lost) > 50
    single = lost[run.events.groupby("year")["event"].transform("size").to_numpy() == 1]
    assert np.allclose(single["lab s"], single["lab t"], rtol=1e-9)
    assert not np.isclose(single["lab s"], single["lab u"], rtol=1e-3).any()
    assert not np.isclose(single["lab s"], single["lab v"], rtol=1e-3).any()


def test_the_same_node_in_two_parts_of_an_event_draws_apart():
    """Halves of one hall and one yard, each with probability .5: .25 lose both."""
    events = table(*({"part": part, "probability": 0.5, "depth": 0.5, "rate_per_yr": 0.1,
                      "duration_h": 24.0} for part in ("hall", "yard")))
    run = rm.simulate(world(events=events), years=20_000, seed=6, adequacy=False)
    single = run.events.groupby("year")["event"].count() == 1
    lost = run.years.set_index("year")["lost_mw_days"][single[single].index].round(6)
    assert set(lost) == {50.0, 100.0}
    both = (lost == 100.0).mean()  # of the events that hit anything: .25 of .75
    assert abs(both - 1 / 3) < 4 * math.sqrt(2 / 9 / len(lost))
    assert hours(run) > 0
