"""Probes of 0 MW in the grid regions: where they stand, what they hang on, whom they disturb."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import shapely

import riskmodel as rm
from riskmodel.decisions.next_mw.candidates import LEAST_PRECISION_KM, PREFIX, with_candidates
from riskmodel.decisions.next_mw.grid_area import grid_area, inner_point, into_area
from riskmodel.engine.losses.courses import site_courses
from riskmodel.errors import RiskModelError
from riskmodel.world.geography import distance_km


@pytest.fixture(scope="module")
def shipped():
    return rm.read_world()


@pytest.fixture(scope="module")
def probed(shipped):
    return with_candidates(shipped)


@pytest.fixture(scope="module")
def losses(shipped, probed):
    return (rm.simulate(shipped, 300, 5, adequacy=False),
            rm.simulate(probed[0], 300, 5, adequacy=False))


def test_every_grid_region_has_a_probe_or_a_reason(shipped, probed):
    world, places = probed
    assert places["region"].tolist() == sorted(set(shipped.grid_regions["grid_region"]))
    out = places[places["left_out"] != ""]
    assert out["region"].tolist() == ["OFF_GRID"]
    assert (out["site_id"] == "").all()
    inside = places[places["left_out"] == ""]
    assert (inside["site_id"] == PREFIX + inside["region"]).all()
    new = world.sites[world.sites["site_id"].str.startswith(PREFIX)]
    assert new["site_id"].tolist() == inside["site_id"].tolist()
    assert (new["it_mw"] == 0).all()
    assert (inside["coord_precision_km"] >= LEAST_PRECISION_KM).all()
    assert (inside["placed_at"] != "").all()
    world.check()
    assert shipped.sites["site_id"].str.startswith(PREFIX).sum() == 0  # the input is as it was


def test_probes_hang_on_the_same_kinds_of_things(probed):
    world, places = probed
    kinds = dict(zip(world.nodes["node_id"], world.nodes["kind"], strict=True))
    theatre = dict(zip(places["site_id"], places["theatre"], strict=True))
    for site in places["site_id"]:
        if not site:
            continue
        needs = world.requirements[world.requirements["node_id"] == site]
        direct = {kinds[member] for member in needs["member_id"]}
        assert {"feed", "country"} <= direct <= {"feed", "country", "corridor"}
        feed = next(member for member in needs["member_id"] if kinds[member] == "feed")
        assert feed == f"feed:{site}"  # nobody's neighbour
        grid = world.requirements.loc[world.requirements["node_id"] == feed, "member_id"]
        assert grid.tolist() == [f"grid:{site.removeprefix(PREFIX)}"]
    for site in places["site_id"][2::9]:
        reached = set(world.explain(site).frame["member_id"])
        assert any(name.startswith("interconnection:") for name in reached)
        assert any(name.startswith("theatre:") for name in reached) == bool(theatre[site])


def test_nothing_of_the_labs_changes_to_the_byte(losses):
    before, after = losses
    assert len(before.years) > 100
    for name in ("years", "causes", "events"):
        one, other = (getattr(each, name).astype(
            dict.fromkeys(getattr(each, name).select_dtypes("category"), object))
            for each in (before, after))
        if name == "events":  # numbered in their peril and year, those of the probes among them
            one, other = (each.drop(columns=["event_no", "campaign_id"]) for each in (one, other))
        pd.testing.assert_frame_equal(one, other, check_exact=True)
    assert before.labs == after.labs
    assert (before.capacity_mw == after.capacity_mw).all()


def test_what_hits_the_sites_of_a_region_hits_its_probe(probed, losses):
    world, places = probed
    found = site_courses(losses[1])
    loss = found.unit_losses()
    at = {site: place for place, site in enumerate(found.sites)}
    sites = world.sites[~world.sites["site_id"].str.startswith(PREFIX)]
    # a war or a cut sea cable finds all of a region alike: where these are most of the loss,
    # the probe is an ordinary site
    for region in ("KAHRAMAA", "EWEC", "SEC", "INDIA_SR"):
        mine = [at[site] for site in sites.loc[sites["grid_region"] == region, "site_id"]]
        probe = loss[:, [at[PREFIX + region]]].toarray()[:, 0]
        others = loss[:, mine].toarray().mean(axis=1)
        gap = probe - others
        assert probe.mean() > 0.3
        assert abs(gap.mean()) <= 4 * gap.std(ddof=1) / np.sqrt(len(gap))
    # nobody runs it and no cloud controls it: no cloud outage, and its grid counts whole
    calm = places.loc[(places["left_out"] == "") & (places["country_iso2"] == "US"), "site_id"]
    assert all(loss[:, [at[site]]].sum() > 0 for site in calm)


def test_a_probe_stands_at_the_middle_of_the_capacity(shipped):
    _, places = with_candidates(shipped, ["SPP", "MISO", "PT", "NOGA"])
    row = places.set_index("region")
    here = shipped.sites[(shipped.sites["grid_region"] == "SPP") & (shipped.sites["it_mw"] > 0)]
    apart = distance_km(here["lat"], here["lon"], row["lat"]["SPP"], row["lon"]["SPP"])
    assert row["coord_precision_km"]["SPP"] == pytest.approx(
        np.average(apart, weights=here["it_mw"]), rel=1e-6)
    area = grid_area(shipped, "SPP")
    assert area.covers(shapely.Point(row["lon"]["SPP"], row["lat"]["SPP"]))
    one = shipped.sites[shipped.sites["grid_region"] == "PT"].iloc[0]
    assert (row["lat"]["PT"], row["lon"]["PT"]) == pytest.approx((one["lat"], one["lon"]))
    assert row["placed_at"]["PT"] == "where its site is"


def test_a_region_of_the_table_without_a_site_stands_in_its_polygon(shipped):
    table = shipped.grid_regions
    row = table[table["grid_region"] == "AZPS"].iloc[[0]].assign(
        grid_region_text="CAISO", grid_region="CAISO")
    lost = row.assign(grid_region_text="ATLANTIS", grid_region="ATLANTIS")
    more = replace(shipped, grid_regions=pd.concat([table, row, lost], ignore_index=True))
    world, places = with_candidates(more, ["CAISO", "ATLANTIS"])
    found = places.set_index("region")
    assert found["country_iso2"]["CAISO"] == "US"
    assert 33 < found["lat"]["CAISO"] < 42
    assert -125 < found["lon"]["CAISO"] < -114
    assert found["coord_precision_km"]["CAISO"] > 200  # somewhere in California
    assert "polygon" in found["placed_at"]["CAISO"]
    assert "grid:CAISO" in set(world.nodes["node_id"])
    assert "in which country" in found["left_out"]["ATLANTIS"]


def test_an_unknown_region_is_refused_with_the_nearest(shipped):
    with pytest.raises(RiskModelError, match=r"'ERCOTT'.*did you mean 'ERCOT'"):
        with_candidates(shipped, "ERCOTT")


def test_areas_are_those_of_the_grid(shipped):
    for region, inside, outside in (("ERCOT", (31.0, -97.0), (35.1, -90.0)),
                                    ("TNB", (3.1, 101.7), (3.1, 113.0)),  # the box leaves Borneo
                                    ("GB", (52.0, -1.0), (53.3, -7.0))):
        area = grid_area(shipped, region)
        for (lat, lon), held in ((inside, True), (outside, False)):
            assert area.covers(shapely.Point(lon, lat)) == held
        lat, lon, radius = inner_point(area)
        assert area.covers(shapely.Point(lon, lat))
        assert 50 < radius < 1000
    bare = rm.World.from_frames(
        sites=pd.DataFrame({"site_id": ["s"], "lat": 1.0, "lon": 1.0, "it_mw": 1.0}),
        labs=pd.DataFrame({"lab_id": ["l"], "needed_share": 1.0}),
        holdings=pd.DataFrame({"lab_id": ["l"], "site_id": ["s"], "share": 1.0}))
    assert grid_area(bare, "ERCOT") is not None  # by the polygons' own word for their grid
    assert grid_area(bare, "nowhere") is None


def test_a_place_outside_moves_to_the_nearest_border():
    lat, lon, moved = into_area(shapely.box(10, 40, 20, 50), 45.0, 21.0)
    assert (lat, lon) == pytest.approx((45.0, 20.0))
    assert moved == pytest.approx(float(distance_km(45.0, 21.0, 45.0, 20.0)))
