import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from frames import world

import riskmodel as rm
from riskmodel.world.geography import (
    distance_km,
    distance_to_polygon_km,
    locate,
    read_regions,
    require_precision,
    within_radius,
)


def dms(degrees, minutes, seconds):
    return degrees + minutes / 60 + seconds / 3600


#: oracle P47: published geodesics on WGS84, in metres
P47 = [
    ((-41.32, 174.81), (40.96, -5.50), 19959679.267),
    ((40.6, -73.8), (51.6, -0.5), 5551759.400),
    ((-dms(37, 57, 3.7203), dms(144, 25, 29.5244)),
     (-dms(37, 39, 10.1561), dms(143, 55, 35.3839)), 54972.271),
]


@pytest.mark.parametrize(("one", "other", "metres"), P47)
def test_p47_geodesic_distances_to_a_millimetre(one, other, metres):
    assert float(distance_km(*one, *other)) * 1000 == pytest.approx(metres, rel=0, abs=1e-3)
    assert float(distance_km(*other, *one)) * 1000 == pytest.approx(metres, rel=0, abs=1e-3)


def test_distances_broadcast_and_cross_the_date_line():
    apart = distance_km(np.array([0.0, 60.0]), 179.5, np.array([0.0, 60.0]), -179.5)
    assert apart.shape == (2,)
    assert apart[0] == pytest.approx(111.319, abs=0.001)  # one degree of the equator
    assert apart[1] < apart[0] * 0.51
    matrix = distance_km(np.zeros((3, 1)), np.array([[0.0], [1.0], [2.0]]), np.zeros((1, 4)),
                         np.arange(4.0)[None, :])
    assert matrix.shape == (3, 4)
    assert matrix[1, 1] == 0


BOX = shapely.box(0, 50, 10, 60)


def regions():
    return gpd.GeoDataFrame({"region_id": ["west", "east", "far"]}, geometry=[
        BOX, shapely.box(10, 50, 20, 60), shapely.box(100, 0, 110, 10)], crs="EPSG:4326")


def test_distance_to_a_polygon_is_geodesic():
    assert distance_to_polygon_km(BOX, 55, 5) == 0
    # due south of a corner's meridian line: along the meridian to the southern side
    south = distance_to_polygon_km(BOX, 49.0, 0.0)
    assert south == pytest.approx(float(distance_km(49.0, 0.0, 50.0, 0.0)), rel=1e-4)
    # to a corner
    corner = distance_to_polygon_km(BOX, 49.0, -2.0)
    assert corner == pytest.approx(float(distance_km(49.0, -2.0, 50.0, 0.0)), rel=1e-6)
    inside = distance_to_polygon_km(BOX, 51.0, 5.0, border=True)
    assert inside == pytest.approx(float(distance_km(51.0, 5.0, 50.0, 5.0)), rel=1e-4)


def test_a_hundred_kilometre_circle_at_sixty_north_is_round():
    """Degrees of longitude are half as long there: a circle drawn in degrees would be an oval."""
    from pyproj import Geod

    for azimuth in range(0, 360, 30):
        lon, lat, _ = Geod(ellps="WGS84").fwd(25.0, 60.0, azimuth, 100_000)
        places = pd.DataFrame({"site_id": ["p"], "lat": [lat], "lon": [lon],
                               "coord_precision_km": [0.0]})
        assert within_radius(places, 60.0, 25.0, 100.001).tolist() == [True]
        assert within_radius(places, 60.0, 25.0, 99.999).tolist() == [False]


def test_locate_inside_near_and_nowhere():
    found = locate(regions(), [55, 55, 49.5, 40, 5], [5, 15, 5, 5, 105], within_km=100)
    assert found["region_id"].tolist() == ["west", "east", "west", "", "far"]
    assert found["distance_km"].iloc[0] == 0
    assert found["distance_km"].iloc[2] == pytest.approx(55.6, abs=0.2)
    assert np.isnan(found["distance_km"].iloc[3])
    assert found["certain"].all()


def test_locate_says_when_a_rough_place_may_lie_elsewhere():
    found = locate(regions(), [55, 55, 55], [9.9, 9.9, 5], within_km=10, precision_km=[1, 10, 100])
    assert found["region_id"].tolist() == ["west"] * 3
    assert found["certain"].tolist() == [True, False, True]
    shore = locate(regions(), [50.02, 49.98], [5, 5], within_km=10, precision_km=5)
    assert shore["certain"].tolist() == [False, True]  # out at sea or in: but in no other region


def test_locate_across_the_date_line():
    fiji = gpd.GeoDataFrame({"region_id": ["f"]}, geometry=[shapely.box(179, -20, 180, -15)],
                            crs="EPSG:4326")
    assert locate(fiji, [-17], [-179.9], within_km=20)["region_id"].tolist() == ["f"]
    assert locate(fiji, [-17], [-179.5], within_km=20)["region_id"].tolist() == [""]


PLACES = pd.DataFrame({"site_id": ["fine", "rough", "far"], "lat": [50.0, 50.2, 20.0],
                       "lon": [8.0, 8.0, 8.0], "coord_precision_km": [1.0, 50.0, 50.0]})


def test_nothing_is_measured_finer_than_a_place_is_known():
    with pytest.raises(rm.RiskModelError, match=r"'rough' \(\+-50 km\)") as caught:
        within_radius(PLACES, 50.0, 8.0, 10.0)
    assert "far" not in str(caught.value)  # wherever it is exactly, it is not within 10 km
    assert within_radius(PLACES, 50.0, 8.0, 60.0).tolist() == [True, True, False]
    assert within_radius(PLACES.iloc[[0, 2]], 50.0, 8.0, 10.0).tolist() == [True, False]


def test_require_precision_names_what_and_where():
    require_precision(PLACES, 50.0, "a footprint")
    with pytest.raises(rm.RiskModelError, match=r"a footprint looks at 20 km.*'rough'.*'far'"):
        require_precision(PLACES, 20.0, "a footprint")


def test_shipped_polygons_hold_known_towns():
    countries = world().regions.query("kind == 'country'")
    found = locate(countries, [48.85, 24.45, 25.03, 39.9], [2.35, 54.37, 121.5, 116.4],
                   within_km=20)
    codes = dict(zip(countries["region_id"], countries["country_iso2"], strict=True))
    assert [codes[r] for r in found["region_id"]] == ["FR", "AE", "TW", "CN"]


def write(folder, frame):
    frame.to_parquet(folder / "regions.parquet")
    return folder


def test_polygons_need_a_reference_system_and_their_columns(tmp_path):
    whole = regions().assign(kind="country", name="n", country_iso2="XX")
    assert read_regions(write(tmp_path, whole))["region_id"].tolist() == ["west", "east", "far"]
    merc = read_regions(write(tmp_path, whole.to_crs("EPSG:3857")))
    assert merc.crs == "EPSG:4326"
    assert merc.total_bounds == pytest.approx([0, 0, 110, 60])
    with pytest.raises(rm.RiskModelError, match="reference system"):
        read_regions(write(tmp_path, whole.set_crs(None, allow_override=True)))
    with pytest.raises(rm.RiskModelError, match="country_iso2"):
        read_regions(write(tmp_path, whole.drop(columns="country_iso2")))
    (tmp_path / "regions.parquet").write_bytes(b"not parquet")
    with pytest.raises(rm.RiskModelError, match="GeoParquet"):
        read_regions(tmp_path)


def test_regions_of_one_world_do_not_change_another_s():
    first = world().regions
    first.loc[first.index[0], "name"] = "changed"
    assert world().regions["name"].iat[0] != "changed"
