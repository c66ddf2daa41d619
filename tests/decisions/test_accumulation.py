"""Circles against a search by hand, near poles and date line; zones by what sites hang on."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

import riskmodel as rm
from riskmodel.decisions.concentration.accumulation import accumulation
from riskmodel.decisions.concentration.densest_circle import Circles
from riskmodel.errors import RiskModelError
from riskmodel.world.geography import distance_km
from tests.world.frames import nodes, requirements

GEOD = Geod(ellps="WGS84")


def _world(lat, lon, mw, **columns):
    sites = pd.DataFrame({"site_id": [f"s{i}" for i in range(len(mw))], "lat": lat, "lon": lon,
                          "it_mw": mw, **columns})
    return rm.World.from_frames(
        sites=sites, labs=pd.DataFrame({"lab_id": ["lab"], "needed_share": 1.0}),
        holdings=pd.DataFrame({"lab_id": "lab", "site_id": sites["site_id"], "share": 1.0}))


def _row(frame, kind="radius"):
    return frame[(frame["lab"] == "lab") & (frame["kind"] == kind)].iloc[0]


def _holds_all(lat, lon, radii):
    """Tell whether some centre reaches every place: the least excess, by descent on the globe."""
    from scipy.optimize import minimize

    def centre(step):  # metres east and north of the middle
        metres = float(np.hypot(*step))
        azimuth = float(np.degrees(np.arctan2(step[0], step[1])))
        at = GEOD.fwd(lon0, lat0, azimuth, metres * 1000)
        return distance_km(at[1], at[0], lat, lon) - radii

    middle = np.argmin(radii)
    lat0, lon0 = lat[middle], lon[middle]
    least = np.inf
    towards = [np.zeros(2)]
    for other in range(len(lat)):
        azimuth, _, metres = GEOD.inv(lon0, lat0, lon[other], lat[other])
        angle = np.radians(azimuth)
        towards.append(metres / 2000 * np.array([np.sin(angle), np.cos(angle)]))
    for start in [*towards, np.mean(towards[1:], axis=0)]:
        found = minimize(lambda step: float(np.max(centre(step))), start, method="Nelder-Mead",
                         options={"xatol": 1e-7, "fatol": 1e-9, "maxiter": 2000})
        least = min(least, found.fun)
    return least <= 1e-3


@settings(max_examples=25, deadline=None)
@given(near=st.sampled_from([(89.7, 0.0), (0.0, 179.9), (60.0, 10.0), (-89.8, 40.0)]),
       seed=st.integers(0, 2**32 - 1))
def test_no_other_set_of_places_fits_a_circle_and_weighs_more(near, seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 6))
    # azimuth and distance from a point: as dense at a pole as elsewhere
    lon, lat, _ = GEOD.fwd([near[1]] * n, [near[0]] * n, rng.uniform(0, 360, n),
                           rng.uniform(0, 200e3, n))
    lat, lon = np.asarray(lat), np.asarray(lon)
    radii = np.full(n, 100.0) + rng.choice([0.0, 1.0]) * rng.uniform(-30, 30, n)
    weight = rng.integers(1, 10, n).astype(float)
    held = Circles(lat, lon, radii).densest(weight)
    assert _holds_all(lat[held], lon[held], radii[held])
    sets = [list(places) for size in range(1, n + 1) for places in combinations(range(n), size)]
    heavier = [places for places in sets if weight[places].sum() > weight[held].sum()]
    for places in heavier:
        assert not _holds_all(lat[places], lon[places], radii[places] - 2e-3)


def test_100_km_at_60_north_is_100_km_not_degrees():
    # 3.4 degrees of longitude at 60 N are 190 km, 3.8 are 212 km: two and not two in a circle
    close, far = 3.4, 3.8
    assert distance_km(60, 0, 60, close) < 200 < distance_km(60, 0, 60, far)
    for apart, held in ((close, 150.0), (far, 100.0)):
        frame = accumulation(_world([60.0, 60.0], [0.0, apart], [100.0, 50.0]), "lab", 100.0)
        assert _row(frame)["value"] == held


def test_two_places_exactly_two_radii_apart_fit():
    lon, lat, _ = GEOD.fwd(179.5, 10.0, 90.0, 200e3)
    frame = accumulation(_world([10.0, lat], [179.5, lon], [1.0, 2.0]), "lab", [100.0, 99.9])
    circles = frame[frame["kind"] == "radius"].set_index("radius_km")["value"]
    assert circles.to_dict() == {100.0: 3.0, 99.9: 2.0}


def test_three_around_the_pole():
    lat = [89.2, 89.2, 89.2]  # 89 km from the pole, 155 km from each other
    of = _world(lat, [0.0, 120.0, -120.0], [1.0, 1.0, 1.0])
    frame = accumulation(of, "lab", [80.0, 88.0, 90.0])
    assert frame[frame["kind"] == "radius"]["value"].tolist() == [2.0, 2.0, 3.0]


def test_precision_makes_bounds_and_a_rough_place_counts_in_the_high_one_alone():
    # 140 km apart: one circle of 100 holds both; surely only if both are known within 30 km
    lon, lat, _ = GEOD.fwd(0.0, 45.0, 90.0, 140e3)
    for precision, bounds in (([1.0, 1.0], (3.0, 3.0, 3.0)), ([40.0, 40.0], (2.0, 3.0, 3.0)),
                              ([120.0, 1.0], (2.0, 2.0, 3.0)), ([1.0, 59.0], (3.0, 3.0, 3.0)),
                              ([1.0, 61.0], (2.0, 3.0, 3.0))):
        of = _world([45.0, lat], [0.0, lon], [1.0, 2.0], coord_precision_km=precision)
        row = _row(accumulation(of, "lab", 100.0))
        assert (row["low"], row["value"], row["high"]) == bounds, precision
    of = _world([45.0], [0.0], [1.0], coord_precision_km=[200.0])
    row = _row(accumulation(of, "lab", 100.0))
    assert (row["low"], row["value"], row["high"]) == (0.0, 0.0, 1.0)
    assert "known well enough" in row["zone"]


def test_a_wider_circle_never_holds_less():
    rng = np.random.default_rng(4)
    of = _world(rng.uniform(40, 50, 30), rng.uniform(0, 10, 30), rng.uniform(1, 9, 30),
                coord_precision_km=rng.uniform(0, 30, 30))
    frame = accumulation(of, "lab", [10, 40, 80, 160, 320, 640])
    circles = frame[frame["kind"] == "radius"]
    for column in ("low", "value", "high"):
        assert circles[column].is_monotonic_increasing
    assert (circles["low"] <= circles["value"]).all()
    assert (circles["value"] <= circles["high"]).all()


def test_zones_rank_by_what_hangs_on_them_and_unknown_groups_widen_them():
    sites = pd.DataFrame({"site_id": ["a", "b", "c"], "lat": 0.0, "lon": [0.0, 5.0, 10.0],
                          "it_mw": [100.0, 60.0, 30.0], "operator": ["A", "B", ""]})
    of = rm.World.from_frames(
        sites=sites, labs=pd.DataFrame({"lab_id": ["lab"], "needed_share": 1.0}),
        holdings=pd.DataFrame({"lab_id": "lab", "site_id": ["a", "b"], "share": [0.5, 1.0]}),
        nodes=nodes("grid:G", "grid:H"),
        requirements=requirements(("a", "p", "grid:G", {}), ("b", "p", "grid:G", {}),
                                  ("b", "q", "grid:H", {}), ("c", "p", "grid:H", {})))
    frame = accumulation(of, "total", kinds=["grid_region", "operator"], top=2, radius_km=[])
    grids = frame[frame["kind"] == "grid_region"]
    # a site on two grids counts whole in each
    assert dict(zip(grids["zone"], grids["value"], strict=True)) == {"G": 160.0, "H": 90.0}
    assert grids["n_sites"].tolist() == [2, 2]
    operator = frame[(frame["kind"] == "operator") & (frame["rank"] == 1)].iloc[0]
    assert (operator["low"], operator["value"], operator["high"]) == (100.0, 100.0, 130.0)
    mine = accumulation(of, "lab", kinds="grid_region", radius_km=[])
    assert mine[["value", "share"]].to_numpy().tolist() == [[110.0, 1.0]]


def test_circles_go_by_region():
    of = _world([45.0, 45.1], [0.0, 0.1], [1.0, 2.0], name=["Secret", "Hidden"],
                admin1=["Ohio", "Indiana"], country_iso2=["US", "US"])
    assert _row(accumulation(of, "lab", 100.0))["zone"] == "Indiana, US; Ohio, US"


@pytest.mark.parametrize(("arguments", "says"), [
    ({"radius_km": 0.0}, "above 0 km"), ({"radius_km": float("nan")}, "above 0 km"),
    ({"radius_km": 9000.0}, "5000 km"), ({"kinds": "grids"}, "kind is 'grids'"),
    ({"lab": "nobody"}, "lab is 'nobody'"), ({"top": 0}, "1 zone or more")])
def test_refusals(arguments, says):
    with pytest.raises(RiskModelError, match=says):
        accumulation(_world([1.0], [1.0], [1.0]), **arguments)
