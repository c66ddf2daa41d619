"""The perils on the world that ships."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import riskmodel as rm
from riskmodel.perils.cloud_outage import zones
from riskmodel.perils.footprints import feed_places, region_points
from riskmodel.perils.grid_outage import feeds_by_grid
from riskmodel.perils.grid_streams import named_grids
from riskmodel.perils.kinetic_strike import theatre_sites
from riskmodel.perils.registry import BUILT_IN, load_perils
from riskmodel.perils.spec import shipped_data
from riskmodel.testing import check_peril
from riskmodel.world.geography import distance_km
from tests.perils.small_world import build_world


def test_every_family_is_there_by_default(shipped):
    assert [peril.spec.peril_id for peril in load_perils(shipped)] == sorted(BUILT_IN)


@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_rules_are_kept_on_the_shipped_world(name, shipped):
    years = {"kinetic_strike": 2000, "sabotage": 2000}.get(name, 64)
    table = check_peril(load_perils(shipped, [name])[0], shipped, years=years)
    nodes = {*shipped.nodes["node_id"], *shipped.sites["site_id"]}
    # corridors are few; what delays what is being built hits nothing on the record's own day
    least = {"cable_cut": 4, "chip_supply": 0, "export_control": 0}.get(name, 6)
    assert len(set(table["node_id"]) & nodes) >= least


def test_every_feed_has_a_grid_with_local_events(shipped):
    peril = load_perils(shipped, ["grid_outage"])[0]
    feeds = set(shipped.nodes.loc[shipped.nodes["kind"] == "feed", "node_id"])
    by_grid = feeds_by_grid(shipped)
    assert feeds == {feed for of_grid in by_grid.values() for feed in of_grid}
    grids = shipped.nodes.loc[shipped.nodes["kind"] == "grid", "node_id"].str.removeprefix("grid:")
    assert set(grids) <= set(peril.regions(shipped))
    # none of them had to fall back on a stand-in that the file does not name
    local = shipped_data("grid_outage")["local"]
    assert set(grids) <= {*named_grids(peril.spec.data), *local["no_grid"]}
    # and each has a polygon that its supplies lie in or near
    places = feed_places(shipped)
    for grid, of_grid in by_grid.items():
        assert grid in local["polygons"]
        points = region_points(peril.region(grid, shipped))
        lat, lon = np.degrees(np.arcsin(points[:, 2])), np.degrees(np.arctan2(points[:, 1],
                                                                              points[:, 0]))
        for feed in of_grid:
            place = places[feed]
            apart = distance_km(place.lat, place.lon, lat, lon).min()
            assert apart < 60 + place.precision_km, (grid, feed, apart)


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
