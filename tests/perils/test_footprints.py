"""Footprints: every place has its share of the events, and neighbours go together."""

from __future__ import annotations

import numpy as np
import pytest

from riskmodel.errors import RiskModelError
from riskmodel.perils.footprints import (
    POINTS,
    Place,
    Region,
    nearness,
    region_points,
)
from riskmodel.world.geography import read_regions

TEXAS = Region(("ERC_PHDL", "ERC_REST", "ERC_WEST"))
ABILENE = Place(32.5, -99.8, 1.0)
CORPUS_CHRISTI = Place(27.8, -97.4, 1.0)  # on the coast
AMARILLO = Place(35.2, -101.8, 1.0)  # outside the polygons


def inside(seen, share):
    return seen.rank <= share


def test_points_are_even_and_inside_the_polygon():
    import shapely

    frame = read_regions()
    shape = shapely.union_all(frame.geometry[frame["region_id"].isin(TEXAS.ids)].to_numpy())
    points = region_points(TEXAS)
    assert 0.9 * POINTS < len(points) < 1.1 * POINTS
    lat, lon = np.degrees(np.arcsin(points[:, 2])), np.degrees(np.arctan2(points[:, 1],
                                                                          points[:, 0]))
    assert shapely.contains_xy(shape, lon, lat).mean() > 0.999  # the rest is rounding at the border
    # as many points as area in a half of it, by an equal-area projection
    from pyproj import Proj

    flat = shapely.transform(shapely.segmentize(shape, 0.1), lambda xy: np.column_stack(
        Proj(proj="laea", lat_0=31, lon_0=-99)(xy[:, 0], xy[:, 1])))
    east, north = Proj(proj="laea", lat_0=31, lon_0=-99)(lon, lat)
    west_half = shapely.intersection(flat, shapely.box(-2e6, -2e6, 0, 2e6)).area / flat.area
    assert abs((east < 0).mean() - west_half) < 0.005
    assert np.ptp(north) > 1e6  # metres


@pytest.mark.parametrize("share", [0.001, 0.01, 0.1, 0.6])
def test_every_place_is_inside_with_the_same_chance(share):
    """In the middle, on the coast and outside the polygons; exact but for one point."""
    seen = nearness(TEXAS, (ABILENE, CORPUS_CHRISTI, AMARILLO))
    # nearer than the place is known the rank is drawn: given the share, as often as not
    told = inside(seen, share) & (seen.rank > 0)
    found = told.mean(axis=0) + np.minimum(seen.unsure, share)
    np.testing.assert_allclose(found, share, atol=1.0 / len(seen.least))


def test_the_whole_region_takes_every_place():
    assert inside(nearness(TEXAS, (ABILENE, CORPUS_CHRISTI, AMARILLO)), 1.0).all()


def test_a_footprint_away_from_the_border_is_a_disc_of_its_area():
    seen = nearness(TEXAS, (ABILENE,))
    points = region_points(TEXAS)
    y, x = np.radians(ABILENE.lat), np.radians(ABILENE.lon)
    here = np.array([np.cos(y) * np.cos(x), np.cos(y) * np.sin(x), np.sin(y)])
    apart = 6371.0088 * np.arccos(np.clip(points @ here, -1, 1))
    import shapely
    from pyproj import Geod

    frame = read_regions()
    shape = shapely.union_all(frame.geometry[frame["region_id"].isin(TEXAS.ids)].to_numpy())
    area = abs(Geod(ellps="WGS84").geometry_area_perimeter(shape)[0]) / 1e6
    share = 0.02
    radius = np.sqrt(share * area / np.pi)
    assert 50 < radius < 100
    edge = apart[inside(seen, share)[:, 0]].max()
    assert edge == pytest.approx(radius, rel=0.03)


def test_neighbours_go_together_and_far_places_do_not():
    near = Place(32.5, -99.8 + 5.0 / 94.0, 1.0)  # 5 km to the east
    far = Place(29.6, -97.2, 1.0)  # 400 km
    seen = nearness(TEXAS, (ABILENE, near, far))
    hit = inside(seen, 0.01)
    both = (hit[:, 0] & hit[:, 1]).sum() / hit[:, 0].sum()
    assert both > 0.85
    assert not (hit[:, 0] & hit[:, 2]).any()


def test_nothing_is_finer_than_a_place_is_known():
    rough = Place(32.5, -99.8, 100.0)
    seen = nearness(TEXAS, (rough, ABILENE))
    blind = seen.rank[:, 0] == 0
    assert blind.mean() == pytest.approx(seen.unsure[0])
    assert 0.03 < seen.unsure[0] < 0.08  # a circle of 100 km in 600,000 square km
    # where it is told, it is as for the place that is known
    np.testing.assert_array_equal(seen.rank[~blind, 0], seen.rank[~blind, 1])


def test_a_place_or_region_that_is_not_known_is_drawn_for_itself():
    nowhere = Place(float("nan"), float("nan"), 0.0)
    for region, place in ((TEXAS, nowhere), (Region(("no_such_region",)), ABILENE), (Region(),
                                                                                     ABILENE)):
        seen = nearness(region, (place,))
        assert seen.unsure[0] == 1
        assert (seen.rank == 0).all()


def test_a_box_cuts_the_region():
    points = region_points(Region(("CN",), "113 36 120 43"))
    lat = np.degrees(np.arcsin(points[:, 2]))
    assert lat.min() >= 36
    assert lat.max() <= 43
    with pytest.raises(RiskModelError, match="west south east north"):
        region_points(Region(("CN",), "113 36 120"))
