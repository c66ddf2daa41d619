"""The perils on the world that ships."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

import riskmodel as rm
from riskmodel.perils.cloud_outage import zones
from riskmodel.perils.grid_outage import feeds_by_grid
from riskmodel.perils.kinetic_strike import theatre_sites
from riskmodel.perils.registry import BUILT_IN, load_perils
from riskmodel.perils.spec import shipped_data
from riskmodel.testing import check_peril
from tests.perils.small_world import build_world


def test_every_family_is_there_by_default(shipped):
    assert [peril.spec.peril_id for peril in load_perils(shipped)] == sorted(BUILT_IN)


@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_rules_are_kept_on_the_shipped_world(name, shipped):
    years = {"kinetic_strike": 2000, "sabotage": 2000}.get(name, 64)
    table = check_peril(load_perils(shipped, [name])[0], shipped, years=years)
    nodes = {*shipped.nodes["node_id"], *shipped.sites["site_id"]}
    assert len(set(table["node_id"]) & nodes) > 5


def test_every_feed_has_a_grid_with_local_events(shipped):
    table = load_perils(shipped, ["grid_outage"])[0].catalogue(shipped)
    feeds = set(shipped.nodes.loc[shipped.nodes["kind"] == "feed", "node_id"])
    hung = {feed for of_grid in feeds_by_grid(shipped).values() for feed in of_grid}
    assert feeds == hung
    struck = table[table["probability"] > 0]
    assert feeds <= set(struck["node_id"])
    grids = set(shipped.nodes.loc[shipped.nodes["kind"] == "grid", "node_id"])
    assert grids <= set(struck.loc[struck["event_id"].str.startswith("collapse/"), "node_id"])
    # none of them had to fall back on a stand-in that the file does not name
    local = shipped_data("grid_outage")["local"]
    named = {row["grid"] for row in local["allocation"]} | {*local["analogue_grids"],
                                                           *local["no_grid"]}
    assert {grid.removeprefix("grid:") for grid in grids} <= named


def test_systems_that_may_collapse_are_in_the_world(shipped):
    systems = shipped_data("grid_outage")["system_collapse"]["systems"]
    nodes = set(shipped.nodes["node_id"])
    members = shipped.requirements.groupby("member_id")["node_id"].nunique()
    for system in systems:
        assert f"interconnection:{system}" in nodes
        assert members[f"interconnection:{system}"] > 1


def test_gulf_sites_are_in_their_theatre_and_texas_is_in_none(shipped):
    found = theatre_sites(shipped)
    gulf = shipped.sites.loc[shipped.sites["country_iso2"].isin(["AE", "BH", "QA", "SA"])]
    assert set(found["gulf"]) == set(gulf["site_id"])
    everywhere = {site for sites in found.values() for site in sites}
    american = shipped.sites.loc[shipped.sites["country_iso2"] == "US", "site_id"]
    assert not everywhere & set(american)
    theatres = shipped_data("kinetic_strike")["theatres"]
    assert set(shipped.theatres["theatre_id"]) == set(theatres)
    for theatre, section in theatres.items():
        countries = set(shipped.theatres.loc[shipped.theatres["theatre_id"] == theatre,
                                             "country_iso2"])
        assert {row["country"] for row in section.get("weights", [])} <= countries


def test_zones_of_the_gulf_regions_are_zones(shipped):
    assert {"aws_mec1_az1", "aws_mes1_az3"} <= set(zones(shipped))
    assert "stargate_abilene" not in zones(shipped)


def test_simulated_grid_losses_are_the_catalogues_mean():
    """One site behind one feed, no reserve: the AAL is the sum over its rows."""
    world = build_world(keep={"abilene"})
    losses = rm.simulate(world, years=30_000, seed=3, perils=["grid_outage"], adequacy=False)
    table = load_perils(world, ["grid_outage"])[0].catalogue(world)
    rows = table[table["node_id"].isin(["feed:abilene", "grid:ERCOT"])]
    mean = np.where(rows["duration_dist"] == "weibull", [
        math.gamma(1 + 1 / shape) for shape in rows["duration_shape"]],
        np.exp(rows["duration_shape"] ** 2 / 2)) * rows["duration_h"]
    expected = (rows["rate_per_yr"] * rows["probability"] * rows["depth"] * mean).sum() / 24 * 100
    yearly = np.zeros(losses.n_years)
    yearly[:len(losses.years)] = losses.years["lost_mw_days"]
    assert abs(yearly.mean() - expected) < 4 * yearly.std() / np.sqrt(len(yearly))


def test_a_site_keeps_its_losses_when_others_leave():
    names = ["cloud_outage", "grid_outage", "kinetic_strike", "site_failure"]
    tables = []
    for keep in (None, {"doha", "ashburn"}):
        losses = rm.simulate(build_world(keep=keep), years=3000, seed=3, perils=names,
                             adequacy=False)
        replays = rm.replay(losses, int(losses.years["year"].iloc[0]))
        assert replays.year == losses.years["year"].iloc[0]
        causes = losses.causes.astype({"peril": str, "node": str})
        tables.append(causes[causes["node"].isin(["doha", "feed:doha", "feed:ashburn"])]
                      .groupby(["year", "peril", "node"])["lost_mw_days"].sum().sort_index())
    assert len(tables[0]) > 50
    pd.testing.assert_series_equal(*tables)
