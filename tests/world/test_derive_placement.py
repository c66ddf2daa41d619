"""Places and polygons: inside, nearest within reach, too coarse to say, and what is listed."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Geod

from riskmodel.world.placement import place, read_regions, unsure

GEO = Path(__file__).resolve().parents[2] / "geodata"


@pytest.fixture(scope="module")
def regions() -> gpd.GeoDataFrame:
    return read_regions(GEO)


def _of(regions: gpd.GeoDataFrame, kind: str) -> gpd.GeoDataFrame:
    return regions[regions["kind"] == kind].reset_index(drop=True)


def test_polygons_are_sound(regions):
    assert regions.crs.to_epsg() == 4326
    assert regions["region_id"].is_unique
    assert regions.geometry.is_valid.all()
    assert not regions.geometry.is_empty.any()
    assert set(regions["kind"]) == {"country", "grid_us", "bidding_zone", "theatre", "state"}
    assert regions["kind"].value_counts()["theatre"] == 5
    west, south, east, north = regions.total_bounds
    assert (west, east) == (-180.0, 180.0)
    assert -90 <= south <= north <= 90
    assert (GEO / "regions.parquet").stat().st_size < 3_000_000


def test_theatres_are_the_union_of_their_countries(regions):
    stated = pd.read_csv(GEO / "theatres.csv", keep_default_na=False)
    countries = _of(regions, "country").set_index("country_iso2")
    theatres = regions.set_index("region_id").geometry
    for name, group in stated.groupby("theatre_id"):
        union = shapely.union_all(countries.loc[group["country_iso2"]].geometry.to_numpy())
        assert theatres[f"theatre:{name}"].symmetric_difference(union).area / union.area < 0.01


@pytest.mark.parametrize(("kind", "lon", "lat", "expected"), [
    ("country", -99.783, 32.5, "US"), ("country", 50.52, 26.13, "BH"),
    ("country", 2.19, 48.59, "FR"),
    ("grid_us", -99.783, 32.5, "ERC_WEST"), ("grid_us", -86.471, 41.679, "PJM_West"),
    ("bidding_zone", 7.8921, 58.2576, "BZ_NO_2"), ("bidding_zone", 15.43, 60.48, "BZ_SE_3"),
    ("country", -30.0, 40.0, "")])
def test_points_fall_where_they_should(regions, kind: str, lon: float, lat: float, expected: str):
    found = place(np.array([lon]), np.array([lat]), _of(regions, kind), 30.0)
    assert found["region_id"].tolist() == [expected]


def _square(west: float, south: float) -> shapely.Polygon:
    return shapely.box(west, south, west + 1, south + 1)


def test_nearest_is_measured_on_the_ellipsoid_and_has_a_limit():
    """At 60 N a degree of longitude is half as long: the western square is the nearer one."""
    squares = gpd.GeoDataFrame({"region_id": ["north", "west"]},
                               geometry=[_square(10, 60.15), _square(8.8, 59.5)], crs=4326)
    lon, lat = np.array([10.0]), np.array([60.0])
    km = Geod(ellps="WGS84").inv(10.0, 60.0, 9.8, 60.0)[2] / 1000
    found = place(lon, lat, squares, 30.0)
    assert found["region_id"].tolist() == ["west"]
    assert found["distance_km"].iloc[0] == pytest.approx(km, abs=0.05)
    assert place(lon, lat, squares, km - 0.1)["region_id"].tolist() == [""]
    assert np.isnan(place(lon, lat, squares, km - 0.1)["distance_km"].iloc[0])


def test_a_place_is_judged_only_as_finely_as_it_is_known():
    squares = gpd.GeoDataFrame({"region_id": ["a", "b"]},
                               geometry=[_square(0, 0), _square(1, 0)], crs=4326)
    lon, lat = np.array([0.9, 0.9, 0.9]), np.array([0.5, 0.5, 0.5])
    known = np.array([5.0, 20.0, 20.0])  # the border is 11 km away
    fits = [["A"], ["B", "C"]]
    assert unsure(lon, lat, known, squares, ["A", "A", "B"], fits).tolist() == [False, True, True]
    assert not unsure(lon, lat, known, squares, ["A"] * 3, [["A"], ["A", "B"]]).any()


def test_disagreements_are_listed():
    listed = pd.read_csv(GEO / "disagreements.csv", keep_default_na=False)
    sites = pd.read_csv(GEO / "sites.csv", keep_default_na=False)
    assert set(listed["site_id"]) <= set(sites["site_id"])
    found = dict(zip(zip(listed["site_id"], listed["field"], strict=True), listed["verdict"],
                     strict=True))
    assert found[("coreweave_dalton", "grid_region")] == "differs"
    assert found[("volta_norway", "country_iso2")] == "too coarse"
    assert found[("oracle_batam", "country_iso2")] == "nearest"
    assert found[("colossus_2", "admin1")] == "too coarse"  # on the border of two states
    # every country and state that can be judged agrees
    assert not (listed["field"].isin(["country_iso2", "admin1"])
                & (listed["verdict"] == "differs")).any()
