"""Strike campaigns against their closed forms, and independent of the portfolio."""

from __future__ import annotations

import copy

import numpy as np
import pandas as pd
import pytest

from riskmodel.perils.kinetic_strike import PERMANENT_H, KineticStrike, theatre_sites
from riskmodel.perils.protocol import OUTAGE_COLUMNS
from riskmodel.perils.spec import read_spec, shipped_data
from tests.perils.small_world import Draws, build_world

YEARS = 60_000
GULF = {"dubai_az1", "dubai_az2", "doha"}


def peril_with(**gulf):
    """Return the peril with some best numbers of the Gulf set, bounds widened to hold them."""
    data = copy.deepcopy(shipped_data("kinetic_strike"))
    for path, value in gulf.items():
        number = data["theatres"]["gulf"]
        for step in path.split("__"):
            number = number[step]
        number.update(low=min(number["low"], value), best=value, high=max(number["high"], value))
        number.pop("count", None)
        number.pop("exposure", None)
    return KineticStrike(read_spec(data))


def draws(years=YEARS, **kwargs):
    return Draws(np.arange(years), "kinetic_strike", **kwargs)


def canonical(table, names=OUTAGE_COLUMNS):
    names = list(names)
    return table[names].sort_values(names, ignore_index=True)


@pytest.fixture(scope="module")
def peril():
    return peril_with()


@pytest.fixture(scope="module")
def table(peril):
    return peril.sample(draws(), build_world())


def test_campaigns_come_at_the_onset_rate_of_each_theatre(peril):
    for theatre, section in peril.spec.data["theatres"].items():
        campaigns = peril.campaigns(draws(), theatre)
        expected = section["onset"]["best"] * YEARS
        assert abs(len(campaigns) - expected) < 4 * np.sqrt(expected), theatre
        logs = np.log(campaigns["length_h"])
        sigma = section["length_sigma"]["best"]
        assert abs(logs.mean() - np.log(section["length_median"]["best"])) < 4 * sigma / np.sqrt(
            len(logs))
        assert campaigns["start_h"].between(0, 8760).all()


def test_mean_hits_of_a_site_are_the_closed_form(peril, table):
    halls = table[table["part"].str.startswith("hit")]
    for site, theatre, country in (("dubai_az1", "gulf", "AE"), ("doha", "gulf", "QA"),
                                   ("haifa", "levant", "IL")):
        onset = peril.spec.data["theatres"][theatre]["onset"]["best"]
        per_year = np.bincount(halls.loc[halls["node_id"] == site, "year"], minlength=YEARS)
        expected = onset * peril.expected_hits(theatre, country)
        se = per_year.std() / np.sqrt(YEARS)
        assert per_year.sum() > 30
        assert abs(per_year.mean() - expected) < 4 * se, site


def test_expected_hits_by_hand(peril):
    """Launches x leak x share / targets, each class by its mean: the numbers of the file."""
    mean = np.exp(0.5)  # of a lognormal with median 1 and sigma 1
    by_hand = (2500 * 0.0566 + 400 * 0.0079 + 20 * 0.056) * mean * 0.025 / 60
    assert peril.expected_hits("gulf", "AE") == pytest.approx(by_hand)
    assert peril.expected_hits("gulf", "IR") == pytest.approx(0.3 * by_hand)


def test_leak_through_is_shared_by_a_campaign(peril):
    """Beta with the stated mean and correlation: hits are beta-binomial over campaigns."""
    u = (np.arange(200_000) + 0.5) / 200_000
    leak = peril._leak(("theatres", "gulf", "weapons", "drone"), u)
    assert leak.mean() == pytest.approx(0.0566, rel=1e-3)
    assert leak.var() == pytest.approx(0.0566 * (1 - 0.0566) * 0.035, rel=1e-2)


def test_sites_of_one_campaign_share_its_severity():
    """Given a campaign, hits of two sites covary by the variance of what comes down."""
    peril = peril_with(onset=0.5, target_share=0.2)
    campaigns = peril.campaigns(draws(), "gulf")
    table = peril.sample(draws(), build_world())
    halls = table[table["part"].str.startswith("hit")]
    keys = pd.MultiIndex.from_frame(campaigns[["year", "event"]])
    hits = [halls[halls["node_id"] == site].groupby(["year", "event"]).size()
            .reindex(keys, fill_value=0).to_numpy() for site in ("dubai_az1", "doha")]
    struck = campaigns["struck"].to_numpy() * peril.chance("gulf", "AE")
    product = (hits[0] - struck.mean()) * (hits[1] - struck.mean())
    assert struck.var() > 0.5
    assert abs(product.mean() - struck.var()) < 4 * product.std() / np.sqrt(len(product))
    # and beyond what comes down they are independent Poisson counts
    rest = (hits[0] - struck) * (hits[1] - struck)
    assert abs(rest.mean()) < 4 * rest.std() / np.sqrt(len(rest))
    own = (hits[0] - struck) ** 2 - hits[0]
    assert abs(own.mean()) < 4 * own.std() / np.sqrt(len(own))


def test_hits_are_parts_with_beta_depths_and_repair_after_the_campaign(peril, table):
    halls = table[table["part"].str.startswith("hit")]
    n = len(halls)
    assert abs(halls["depth"].mean() - 1 / 3) < 4 * np.sqrt(2 * 4 / 36 / 7 / n)
    many = halls.groupby(["year", "event", "node_id"])["part"].agg(list)
    for parts in many:
        assert sorted(parts) == sorted(f"hit {i + 1}" for i in range(len(parts)))
    gone = halls["duration_h"] == PERMANENT_H
    assert abs(gone.mean() - 0.35) < 4 * np.sqrt(0.35 * 0.65 / n)
    # repair counts from the end of the campaign: nothing ends before it
    campaigns = pd.concat([peril.campaigns(draws(), theatre, 64 * place).assign(region=theatre)
                           for place, theatre in enumerate(peril.spec.data["theatres"])])
    joined = table.merge(campaigns[["year", "event", "region", "start_h", "length_h"]],
                         on=["year", "event", "region"], suffixes=("", "_campaign"))
    assert len(joined) == len(table)
    assert np.array_equal(joined["event_start_h"], joined["start_h_campaign"])
    over = joined["start_h_campaign"] + joined["length_h"]
    assert (joined["start_h"] >= joined["event_start_h"]).all()
    assert (joined["start_h"] <= over + 1e-6).all()
    after = joined["start_h"] + joined["duration_h"] - over
    assert (after > 0).all()
    repaired = joined["part"].str.startswith("hit") & (joined["duration_h"] < PERMANENT_H)
    logs = np.log(after[repaired])
    assert abs(logs.mean() - np.log(2880)) < 4 * 0.7 / np.sqrt(repaired.sum())
    cut = table["part"] == "site power"
    assert abs(cut.sum() / n - 0.95) < 4 * np.sqrt(0.95 * 0.05 / n)
    assert (table.loc[cut, "depth"] == 1).all()


def test_hits_come_early_in_a_campaign(table):
    gulf = table[(table["region"] == "gulf") & table["part"].str.startswith("hit")]
    into = gulf["start_h"] - gulf["event_start_h"]
    assert 0.45 < (into < 66).mean() < 0.6  # half-life 66 h, cut off at the campaign's end


def test_events_are_campaigns_of_a_theatre(table, peril):
    assert (table["campaign_id"] == table["event"]).all()
    assert set(table["region"]) <= set(peril.regions(build_world()))
    assert set(table.loc[table["region"] == "gulf", "event"]) <= set(range(64))
    one = table.groupby(["year", "event"])[["region", "event_start_h"]].nunique()
    assert (one == 1).all(axis=None)
    # campaigns of several sites exist: the common shock
    assert (table.groupby(["year", "event"])["node_id"].nunique() > 1).any()


def test_what_hits_a_site_never_depends_on_the_portfolio(peril, table):
    years = 20_000
    whole = table[table["year"] < years]
    for keep in ({"doha"}, {"doha", "haifa", "abilene"}, {"dubai_az2", "dubai_az1"}):
        part = peril.sample(draws(years), build_world(keep=keep))
        pd.testing.assert_frame_equal(canonical(part),
                                      canonical(whole[whole["node_id"].isin(keep)]))
    shuffled = peril.sample(draws(years), build_world(order=[8, 2, 7, 0, 5, 1, 6, 3, 4]))
    pd.testing.assert_frame_equal(canonical(shuffled), canonical(whole))
    extra = [(f"campus_{i}", "AE", "DEWA", "feed:dubai", "") for i in range(100)]
    more = peril.sample(draws(years), build_world(extra=extra))
    kept = more[more["node_id"].isin(set(whole["node_id"]))]
    pd.testing.assert_frame_equal(canonical(kept), canonical(whole))
    # a hundred more sites than the theatre has targets are hit at the same rate each
    assert len(more) > 10 * len(kept)


def test_years_do_not_depend_on_the_block(peril, table):
    parts = [peril.sample(Draws(years, "kinetic_strike"), build_world())
             for years in np.array_split(np.arange(9000), 4)]
    pd.testing.assert_frame_equal(canonical(pd.concat(parts)),
                                  canonical(table[table["year"] < 9000]))


def test_a_higher_onset_keeps_the_campaigns_of_a_lower(table):
    more = peril_with(onset=0.2).sample(draws(), build_world())
    names = list(OUTAGE_COLUMNS)
    rows, kept = (set(map(tuple, frame.loc[frame["region"] == "gulf", names].to_numpy()))
                  for frame in (more, table))
    assert kept < rows
    assert len(rows) > 1.5 * len(kept)
    others = [canonical(frame[frame["region"] != "gulf"]) for frame in (more, table)]
    pd.testing.assert_frame_equal(*others)


def test_more_launches_keep_the_hits_there_were(table):
    more = peril_with(weapons__drone__launches_median=6000).sample(draws(), build_world())
    names = ["year", "event", "node_id", "part", "depth", "start_h"]
    rows, kept = (set(map(tuple, frame.loc[frame["part"].str.startswith("hit"), names].to_numpy()))
                  for frame in (more, table))
    assert kept < rows


def test_no_campaign_no_row():
    quiet = peril_with(onset=0.0)
    table = quiet.sample(draws(2000), build_world(keep=GULF))
    assert list(table.columns) == list(OUTAGE_COLUMNS)
    assert len(table) == 0
    assert len(quiet.sample(draws(50), build_world(keep={"abilene", "sines"}))) == 0


def test_theatres_by_requirements_or_by_country():
    by_chain = theatre_sites(build_world())
    assert set(by_chain["gulf"]) == GULF
    assert by_chain["gulf"]["doha"] == "QA"
    assert set(by_chain["levant"]) == {"haifa"}
    assert theatre_sites(build_world(chains=False)) == by_chain
    assert "abilene" not in {site for sites in by_chain.values() for site in sites}


def test_the_file_knows_no_site_and_no_launch_point():
    text = str(shipped_data("kinetic_strike")).lower()
    for word in ("latitude", "longitude", "range_km", "distance_km", "stargate"):
        assert word not in text
