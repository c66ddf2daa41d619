"""The peril whole: rows, numbers of events, and independence of the portfolio."""

from __future__ import annotations

import datetime as dt
import time
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

import riskmodel as rm
from riskmodel.perils.ignorance import inputs, value_at, with_values
from riskmodel.perils.kinetic.campaigns import SHORT
from riskmodel.perils.kinetic.damage import direct_hits
from riskmodel.perils.kinetic.hits import sample_hits
from riskmodel.perils.kinetic.targets import data_centres
from riskmodel.perils.kinetic_strike import KineticStrike
from riskmodel.perils.protocol import OUTAGE_COLUMNS
from riskmodel.perils.registry import load_perils
from riskmodel.perils.spec import read_spec, shipped_data
from riskmodel.testing import example_world
from tests.perils.kinetic_case import at_war, draws, peril_with, within_se
from tests.perils.small_world import build_world

YEARS = 12_000
GULF = {"dubai_az1", "dubai_az2", "doha"}


def canonical(table, names=OUTAGE_COLUMNS):
    names = list(names)
    return table[names].sort_values(names, ignore_index=True)


def rows_of(table, names):
    return set(map(tuple, table[list(names)].to_numpy()))


@pytest.fixture(scope="module")
def peril():
    return peril_with()


@pytest.fixture(scope="module")
def table(peril):
    return peril.sample(draws(YEARS), build_world())


def test_an_event_is_a_wave_of_a_campaign_of_a_theatre(table, peril):
    theatres = peril.regions(build_world())
    place = table["region"].map({name: i for i, name in enumerate(theatres)})
    assert (table["campaign_id"] // 256 == place).all()
    assert (table["event"] // 256 == table["campaign_id"]).all()
    one = table.groupby(["year", "event"])[["region", "event_start_h", "campaign_id"]].nunique()
    assert (one == 1).all(axis=None)
    assert table["event_start_h"].between(0, 8760, inclusive="left").all()
    assert (table["start_h"] >= table["event_start_h"]).all()
    # campaigns of several sites exist: the common shock
    sites = table[table["node_id"].isin(GULF)]
    assert (sites.groupby(["year", "campaign_id"])["node_id"].nunique() > 1).any()
    # and campaigns of several waves that hit
    assert (table.groupby(["year", "campaign_id"])["event"].nunique() > 1).any()


def test_parts_of_a_site_name_campaign_and_wave(table, peril):
    sites = table[table["node_id"].isin(GULF)]
    named = sites["part"].str.extract(r"campaign (\d+), wave (\d+), hit \d+$").astype(int)
    assert (named[0] == sites["campaign_id"] % 256).all()
    assert (named[1] == sites["event"] % 256).all()
    assert not sites.duplicated(["year", "node_id", "part"]).any()
    nodes = table[table["node_id"].str.startswith("grid:")]
    assert nodes["part"].str.fullmatch(r"grid (facility|line) \d+").all()
    # every campaign that hits is one of the theatre's
    campaigns = peril.campaigns(draws(YEARS), "gulf")
    known = set(zip(campaigns.year.tolist(), campaigns.number.tolist(), strict=True))
    gulf = table[table["region"] == "gulf"]
    assert set(zip(gulf["year"], gulf["campaign_id"] % 256, strict=True)) <= known


def test_mean_hits_of_a_site_are_its_part_of_the_theatres(peril, table):
    """Launches x mean leak x aimed share x near / targets, wave by wave."""
    fire = peril.fire(draws(YEARS), "gulf")
    weapons = peril.spec.data["theatres"]["gulf"]["weapons"]
    leak = np.array([weapons[name]["leak"]["best"] for name in ("drone", "ballistic", "cruise")])
    aimed = fire.share("data_centre", np.arange(len(fire.waves)))
    for site, country in (("dubai_az1", "AE"), ("doha", "QA")):
        of = data_centres(peril.spec.data, "gulf", {site: country})
        mean = np.bincount(fire.year, fire.waves.launches @ leak * aimed * of.chance[0],
                           minlength=YEARS)
        hits = sample_hits(fire, "data_centre", of)
        seen = np.bincount(hits.fire.year[hits.wave], minlength=YEARS)
        assert seen.sum() > 30
        within_se(seen - mean, 0.0, site)
        halls = table[(table["node_id"] == site) & table["part"].str.startswith("building")]
        assert len(halls) == direct_hits(hits).sum()


def test_what_hits_a_site_never_depends_on_the_portfolio(peril, table):
    years = 4000
    whole = table[table["year"] < years]
    sites = set(build_world().sites["site_id"])
    for keep in ({"doha"}, {"doha", "haifa", "abilene"}, {"dubai_az2", "dubai_az1"}):
        part = peril.sample(draws(years), build_world(keep=keep))
        gone = sites - keep
        pd.testing.assert_frame_equal(canonical(part),
                                      canonical(whole[~whole["node_id"].isin(gone)]))
    shuffled = peril.sample(draws(years), build_world(order=[8, 2, 7, 0, 5, 1, 6, 3, 4]))
    pd.testing.assert_frame_equal(canonical(shuffled), canonical(whole))
    extra = [(f"campus_{i}", "AE", "DEWA", "feed:dubai", "") for i in range(100)]
    more = peril.sample(draws(years), build_world(extra=extra))
    kept = more[more["node_id"].isin(set(whole["node_id"]))]
    pd.testing.assert_frame_equal(canonical(kept), canonical(whole))
    # a hundred more sites than the theatre has targets are hit at the same rate each
    added = more["node_id"].str.startswith("campus").sum()
    per_site = whole["node_id"].isin({"dubai_az1", "dubai_az2", "doha"}).sum() / 3
    assert added > 60 * per_site


def test_years_do_not_depend_on_the_block(peril, table):
    parts = [peril.sample(draws(years), build_world())
             for years in np.array_split(np.arange(4000), 4)]
    pd.testing.assert_frame_equal(canonical(pd.concat(parts)),
                                  canonical(table[table["year"] < 4000]))


def test_a_higher_chance_of_being_named_keeps_the_hits_there_were():
    keys = ["year", "event", "node_id", "part", "depth", "start_h"]
    tables = [peril_with(data_centres__named_probability=p).sample(
        draws(YEARS), build_world(keep=GULF)) for p in (0.1, 0.5, 1.0)]
    for less, more in pairwise(tables):
        assert rows_of(less, keys) < rows_of(more, keys)
        both = less.merge(more, on=keys, suffixes=("", "_more"))
        assert (both["duration_h_more"] >= both["duration_h"] - 1e-6).all()
    # what is not a data centre does not hang on it
    grids = [canonical(t[t["node_id"].str.startswith("grid:")]) for t in tables]
    pd.testing.assert_frame_equal(grids[0], grids[2])


def test_numbers_of_one_theatre_do_not_touch_another(table):
    other = peril_with("levant", regime__attacks__crisis=0.1).sample(draws(YEARS), build_world())
    gulf = [canonical(frame[frame["region"] == "gulf"]) for frame in (other, table)]
    pd.testing.assert_frame_equal(*gulf)
    assert (other["region"] == "levant").sum() < (table["region"] == "levant").sum() / 2


def test_no_campaign_no_row_and_no_target_no_work():
    quiet = peril_with(regime__start__crisis=0.0, regime__start__short_war=0.0,
                       regime__start__long_war=0.0, regime__attacks__calm=0.0,
                       regime__tension=0.0)
    table = quiet.sample(draws(500), build_world(keep=GULF))
    assert list(table.columns) == list(OUTAGE_COLUMNS)
    assert not (table["region"] == "gulf").any()


def test_theatres_without_a_target_are_not_drawn():
    class Counting(type(draws(1))):
        asked = 0

        def uniform(self, purpose, *, year, event=0, entity=""):
            Counting.asked += 1
            return super().uniform(purpose, year=year, event=event, entity=entity)

    world = build_world(keep={"abilene"}, systems={})
    nodes = world.nodes[~world.nodes["node_id"].isin(["grid:DEWA", "grid:KAHRAMAA", "grid:NOGA"])]
    needs = world.requirements[world.requirements["node_id"].isin(nodes["node_id"])
                               | (world.requirements["node_id"] == "abilene")]
    needs = needs[needs["member_id"].isin(nodes["node_id"])]
    bare = rm.World.from_frames(sites=world.sites, holdings=world.holdings, labs=world.labs,
                                nodes=nodes, requirements=needs)
    assert len(peril_with().sample(Counting(np.arange(64), "kinetic_strike"), bare)) == 0
    assert Counting.asked == 0


def test_a_later_world_has_the_regime_carried_forward(peril):
    early = peril.campaigns(draws(YEARS), "gulf", dt.date(2026, 11, 23))
    late = peril.campaigns(draws(YEARS), "gulf", dt.date(2028, 12, 31))
    wars = [(c.under_way & (c.kind == SHORT)).sum() for c in (early, late)]
    # the chance of a short war on foot today is above the lasting one
    assert wars[0] > 0.03 * YEARS
    assert wars[1] < 0.6 * wars[0]


def test_simulated_waves_carry_their_campaign():
    losses = rm.simulate(build_world(keep=GULF), years=3000, seed=3, perils=["kinetic_strike"],
                         adequacy=False)
    events = losses.events
    assert (events["campaign_id"] != "").all()
    assert events.groupby(["year", "campaign_id"]).size().max() > 1
    curves = [rm.exceedance(losses, "oep", "total", [100, 300], occurrence=what)
              for what in ("event", "campaign")]
    assert (curves[1]["lost_mw_days"] >= curves[0]["lost_mw_days"]).all()
    assert (curves[1]["lost_mw_days"] > curves[0]["lost_mw_days"]).any()


def test_a_block_is_quick(shipped):
    """Under a second for 2048 years of five theatres; a margin for a busy machine."""
    peril = load_perils(shipped, ["kinetic_strike"])[0]
    peril.sample(draws(64), shipped)
    began = time.process_time()
    peril.sample(draws(2048), shipped)
    assert time.process_time() - began < 3.0


def test_a_theatre_at_war_all_year_has_one_campaign():
    peril = at_war("eastern_europe_baltic")
    campaigns = peril.campaigns(draws(200), "eastern_europe_baltic")
    assert len(campaigns) == 200
    assert (campaigns.number == 0).all()


@pytest.mark.parametrize("seed", range(6))
def test_any_state_of_the_world_can_be_drawn(seed):
    """Numbers at the far ends of what they may be, and at random: every draw stays in bounds."""
    rng = np.random.default_rng(seed)
    whole = read_spec(shipped_data("kinetic_strike"))
    unknown = inputs(whole)
    u = [np.array([{0: 1e-4, 1: 1 - 1e-4}.get(seed, rng.uniform())]) for _ in unknown]
    spec = with_values(whole, unknown, [float(value_at(each, level)[0])
                                        for each, level in zip(unknown, u, strict=True)])
    table = KineticStrike(spec).sample(draws(40), example_world())
    assert table["depth"].between(0, 1).all()
    assert np.isfinite(table["duration_h"]).all()
    assert (table["duration_h"] >= 0).all()
    assert table["event_start_h"].between(0, 8760, inclusive="left").all()
    assert len(table) > 0 or seed == 0  # nearly every number is 0 there


def test_the_file_knows_no_site_and_no_launch_point():
    text = str(shipped_data("kinetic_strike")).lower()
    for word in ("latitude", "longitude", "range_km", "distance_km", "stargate"):
        assert word not in text
