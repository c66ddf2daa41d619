"""The map: places on the sphere, outlines, and what is drawn where."""

from __future__ import annotations

import re

import numpy as np
import pytest
import shapely
from reading import read

import riskmodel as rm
from riskmodel.report.context import Context
from riskmodel.report.outlines import outline
from riskmodel.report.places import centre, places
from riskmodel.report.worldmap import views
from tests.report.conftest import make_world


@pytest.fixture(scope="module")
def globe():
    return views()["world"]


def corners(data: str) -> list[np.ndarray]:
    """Read relative path data back to absolute corners, in pixels."""
    rings = []
    for start, moves in re.findall(r"M(.+?)l(.+?)z", data):
        numbers = [[int(n) for n in re.findall(r"-?\d+", part)] for part in (start, moves)]
        steps = np.array(numbers[0] + numbers[1]).reshape(-1, 2)
        rings.append(np.cumsum(steps, axis=0) / 10)
    return rings


def test_equal_earth_keeps_areas(globe):
    areas = []
    for south in (-50, 0, 60):  # one steradian-like patch each
        north = np.degrees(np.arcsin(np.sin(np.radians(south)) + 0.1))
        ring = shapely.segmentize(shapely.box(10, south, 40, north), 0.5)
        areas.append(shapely.area(shapely.Polygon(corners(outline(globe, ring, 0.01))[0])))
    assert areas == pytest.approx([areas[0]] * 3, rel=0.01)


def test_every_part_of_a_multipolygon_is_drawn(globe):
    parts = shapely.MultiPolygon([shapely.box(0, 0, 20, 20), shapely.box(40, 0, 60, 20)])
    assert len(corners(outline(globe, parts))) == 2


def test_an_outline_over_the_180th_meridian_does_not_smear(globe):
    smear = shapely.Polygon([(170, 60), (-170, 60), (-170, 70), (170, 70)])
    assert outline(globe, smear) == ""
    cut = shapely.MultiPolygon([shapely.box(170, 60, 180, 70), shapely.box(-180, 60, -170, 70)])
    for ring in corners(outline(globe, cut)):
        assert np.ptp(ring[:, 0]) < 60


def test_outlines_stay_in_the_picture(globe):
    for ring in corners(outline(globe, shapely.box(-180, -90, 180, 90), least=0)):
        assert ring[:, 0].min() >= -0.2
        assert ring[:, 0].max() <= globe.width + 0.2
        assert ring[:, 1].max() <= globe.height + 0.2


def test_small_islands_are_left_out_and_land_is_simplified(globe):
    assert outline(globe, shapely.Point(10, 10).buffer(0.1)) == ""
    fine = shapely.Point(10, 10).buffer(15, quad_segs=500)
    assert len(corners(outline(globe, fine))[0]) < 60


def test_centre_on_both_sides_of_the_180th_meridian():
    lon, lat, far = centre([(179.0, 0.0, 1.0), (-179.0, 0.0, 1.0)])
    assert abs(lon) == pytest.approx(180.0)
    assert lat == pytest.approx(0.0)
    assert far == pytest.approx(111.2, abs=0.2)


def test_centre_is_weighted_and_knows_nothing_of_opposites():
    lon, _, _ = centre([(0.0, 0.0, 3.0), (40.0, 0.0, 1.0)])
    assert 9 < lon < 10
    assert np.isnan(centre([(0.0, 0.0, 1.0), (180.0, 0.0, 1.0)])[0])
    assert np.isnan(centre([])[0])


def test_capacity_stands_where_it_is_and_loss_where_it_came_from(world, losses):
    found = {place.region: place for place in places(Context(losses, world))}
    assert set(found) == {"ERCOT", "PJM", "AE", "gulf"}
    assert found["ERCOT"].capacity_mw == 100
    assert (found["ERCOT"].lon, found["ERCOT"].lat) == pytest.approx((-99.0, 32.0))
    assert found["gulf"].capacity_mw == 0
    assert found["gulf"].lost_mw_days > 0
    assert found["gulf"].lon == pytest.approx(55.2, abs=0.5)
    assert sum(p.capacity_mw for p in found.values()) == world.sites["it_mw"].sum()
    assert sum(p.lost_mw_days for p in found.values()) == pytest.approx(
        losses.years["lost_mw_days"].sum() / losses.n_years)


def test_a_cause_without_one_place_is_listed_and_not_drawn():
    base = make_world()
    far = make_world(
        nodes=base.nodes.assign(node_id=["cloud:x", "grid:PJM"], kind=["cloud", "grid"]),
        requirements=base.requirements.assign(node_id=["tex", "dubai"], member_id="cloud:x"),
        events=base.events.iloc[:1].assign(region="x", node_id="cloud:x"))
    found = {p.region: p for p in places(Context(rm.simulate(far, years=50, seed=1), far))}
    assert not found["x"].placed
    assert found["x"].lost_mw_days > 0


def test_the_map_shows_land_bubbles_and_diamonds(page):
    drawn = page[page.index('class="atlas"'):]
    drawn = drawn[:drawn.index("</svg>")]
    assert len(re.findall("<circle", drawn)) == 3  # ERCOT, PJM and AE
    land = drawn[drawn.index('class="land"'):]
    assert len(re.findall("<path", land[:land.index("</g>")])) > 120
    loss = drawn[drawn.index('class="loss"'):]
    assert len(re.findall("<path", loss[:loss.index("</g>")])) == 3  # ERCOT, PJM, gulf
    assert "ERCOT: 100 MW IT at 1 site" in drawn
    assert read(page)
