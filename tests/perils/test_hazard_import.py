"""Hazards from elsewhere: read from CLIMADA's layout or from matrices, and turned into events."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

import riskmodel as rm
from riskmodel.errors import RiskModelError
from riskmodel.perils.climada_hazard import read_hazard
from riskmodel.perils.hazard import Hazard
from riskmodel.perils.hazard_import import (
    DurationLaw,
    centroid_weights,
    event_table,
    expected_annual_loss,
    places_of,
)
from riskmodel.perils.impact_function import ImpactFunction, read_impact_function
from riskmodel.testing import check_peril
from riskmodel.world.geography import distance_km
from riskmodel.world.tables import EVENTS
from riskmodel.world.world import World
from tests.perils import hazard_files as made


def places(lat, lon, precision=0.0):
    return pd.DataFrame({"node_id": [f"s{i}" for i in range(len(lat))], "lat": lat, "lon": lon,
                         "coord_precision_km": precision})


@pytest.fixture(scope="module")
def world():
    return made.world()


@pytest.fixture(scope="module")
def table(world):
    return event_table(made.hazard(), made.WIND, places_of(world), peril="wind")


# ---------------------------------------------------------------- the file


@pytest.mark.parametrize("how", [{}, {"dense": True}, {"legacy": True}, {"fraction": False},
                                 {"frequency_unit": "1/yr"}],
                         ids=["sparse", "dense", "before version 5", "no fraction", "unit"])
def test_files_in_climadas_layout_are_read_whole(tmp_path, how):
    pytest.importorskip("h5py", reason="riskmodel[hazards]")
    found = read_hazard(made.write_climada(tmp_path / "h.hdf5", **how))
    intensity, fraction, rate, lat, lon = made.matrices()
    assert abs(found.intensity - intensity).max() == 0
    if how.get("fraction", True):
        assert abs(found.fraction - fraction).max() == 0
    else:
        assert found.fraction is None
    np.testing.assert_array_equal(found.rate_per_yr, rate)
    np.testing.assert_array_equal(found.lat, lat)
    np.testing.assert_allclose(found.lon, lon, atol=1e-12)
    assert found.event_ids[:2] == ("storm_0", "storm_1")
    assert (found.kind, found.unit, found.source) == ("TC", "m/s", "h.hdf5")


@pytest.mark.parametrize(("how", "message"), [
    ({"without": ["intensity"]}, "no CLIMADA hazard: it lacks intensity"),
    ({"without": ["centroids", "frequency"]}, "it lacks frequency, centroids"),
    ({"without": ["intensity/indptr"]}, "intensity is no sparse matrix"),
    ({"without": ["centroids/block1_items", "centroids/block1_values"]}, "in a layout unknown"),
    ({"frequency_unit": "1/month"}, "per '1/month', not per year"),
    ({"crs": 'PROJCRS["WGS 84 / UTM zone 14N"]'}, "in a projection, not in degrees"),
])
def test_files_that_are_something_else_are_named(tmp_path, how, message):
    h5py = pytest.importorskip("h5py", reason="riskmodel[hazards]")
    path = made.write_climada(tmp_path / "h.hdf5", **{"without": [], **how})
    if "layout" in message:
        with h5py.File(path, "a") as file:
            file["centroids"].attrs["nblocks"] = 1
    with pytest.raises(RiskModelError, match=r"h\.hdf5.*" + message.replace("/", "/")):
        read_hazard(path)


def test_no_hdf5_and_no_file(tmp_path):
    pytest.importorskip("h5py", reason="riskmodel[hazards]")
    (tmp_path / "x.hdf5").write_text("intensity,mdd,paa\n")
    with pytest.raises(RiskModelError, match="is no HDF5 file"):
        read_hazard(tmp_path / "x.hdf5")
    with pytest.raises(RiskModelError, match="there is no such file"):
        read_hazard(tmp_path / "y.hdf5")


def test_without_h5py_the_mend_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(RiskModelError, match=r"needs h5py: install it with `pip install h5py`"):
        read_hazard(tmp_path / "x.hdf5")


# ---------------------------------------------------------------- matrices


def test_matrices_are_copied_and_names_made_single():
    intensity = np.array([[1.0, 0.0], [0.0, 2.0], [3.0, 3.0]])
    found = Hazard.of(intensity, [0.1, 0.2, 0.3], [10, 11], [359.0, -181.0],
                      event_ids=["a", "a", "b"])
    intensity[0, 0] = 9.0
    assert found.intensity[0, 0] == 1.0
    assert found.event_ids == ("a", "a#2", "b")
    np.testing.assert_allclose(found.lon, [-1.0, 179.0])
    assert found.n_events == 3
    assert found.n_centroids == 2


@pytest.mark.parametrize(("change", "message"), [
    ({"rate_per_yr": [0.1]}, "rate_per_yr has 1 values, but the intensity has 2 events"),
    ({"lat": [1, 2, 3]}, "lat has 3 values, but the intensity has 2 centroids"),
    ({"rate_per_yr": [0.1, -1]}, "rate_per_yr is negative"),
    ({"fraction": np.ones((2, 3))}, "fraction has the shape"),
    ({"fraction": 2 * np.ones((2, 2))}, "fraction is outside 0 to 1"),
    ({"lat": [95, 0]}, "no degrees"), ({"intensity": "x"}, "no matrix"),
    ({"intensity": np.zeros((0, 2))}, "0 events and 2 centroids"),
    ({"intensity": [[np.nan, 1], [1, 1]]}, "not finite")])
def test_matrices_that_do_not_fit_are_named(change, message):
    given = {"intensity": np.ones((2, 2)), "rate_per_yr": [0.1, 0.2], "lat": [1, 2], "lon": [3, 4],
             **change}
    with pytest.raises(RiskModelError, match=message):
        Hazard.of(given.pop("intensity"), **given)


# ---------------------------------------------------------------- impact functions


def test_impact_functions_are_read_off_by_straight_lines():
    f = made.WIND
    assert f.depth(25.0) == pytest.approx(0.05)
    assert f.affected(25.0) == pytest.approx(0.15)
    step = ImpactFunction([0, 10, 10, 50], [0, 0, 1, 1], [1, 1, 1, 1])
    assert step.depth([9.99, 10.01]).tolist() == [0.0, 1.0]


@pytest.mark.parametrize(("given", "message"), [
    (([1.0], [1.0], [1.0]), "1 point; give two"), (([1, 0], [0, 1], [0, 1]), "do not rise"),
    (([0, 1], [0, 50], [0, 1]), "mdd has a value outside 0 to 1"),
    (([0, 1], [0, 1], [0]), "2 intensities but 1 values of paa"),
    (([0, 1], [0, 1], [0, 1], [1, -1]), "duration_h has a value outside 0 to inf")])
def test_impact_functions_that_cannot_be_are_refused(given, message):
    with pytest.raises(RiskModelError, match=message):
        ImpactFunction(*given)


def test_impact_functions_come_from_csv(tmp_path):
    path = tmp_path / "wind.csv"
    path.write_text("# a comment\nintensity, mdd, paa, duration_h\n0,0,0,0\n50,0.5,1,48\n")
    found = read_impact_function(path)
    assert found.hours(25.0) == pytest.approx(24.0)
    assert found.name == "wind.csv"
    path.write_text("intensity,mdd\n0,0\n")
    with pytest.raises(RiskModelError, match="lacks the column paa"):
        read_impact_function(path)
    path.write_text("intensity,mdd,paa\n0,0,0\n1,many,1\n")
    with pytest.raises(RiskModelError, match="row 3: mdd is no number"):
        read_impact_function(path)
    with pytest.raises(RiskModelError, match="No such file"):
        read_impact_function(tmp_path / "none.csv")
    with pytest.raises(RiskModelError, match="has no duration_h"):
        made.WIND.hours(1.0)


# ---------------------------------------------------------------- centroids and places


def test_a_place_takes_its_nearest_centroid_by_geodesic(world):
    hazard = made.hazard()
    weights = centroid_weights(hazard, places_of(world))
    for column, site in enumerate(world.sites.itertuples()):
        apart = distance_km(hazard.lat, hazard.lon, site.lat, site.lon)
        assert weights[:, [column]].nonzero()[0].tolist() == [int(apart.argmin())]


def test_far_places_are_left_out_and_nobody_near_is_an_error():
    hazard = made.hazard()
    weights = centroid_weights(hazard, places([30.0, 48.0], [-99.0, 2.0]))
    assert weights.getnnz(axis=0).tolist() == [1, 0]
    with pytest.raises(RiskModelError, match=r"none of the 1 places has a centroid within .* km"):
        centroid_weights(hazard, places([48.0], [2.0]))
    # twice the spacing at 34 N, 92.6 km: a place 150 km off is still in, 250 km is not
    assert centroid_weights(hazard, places([26.7], [-99.0])).nnz == 1
    with pytest.raises(RiskModelError, match="wider"):
        centroid_weights(hazard, places([25.7], [-99.0]))
    assert centroid_weights(hazard, places([25.7], [-99.0]), within_km=300).nnz == 1


def test_the_date_line_is_no_border():
    hazard = Hazard.of(np.ones((1, 2)), [0.1], [0.0, 0.0], [179.9, 170.0])
    assert centroid_weights(hazard, places([0.0], [-179.9])).nonzero()[0].tolist() == [0]


def test_one_centroid_needs_a_distance():
    hazard = Hazard.of(np.ones((1, 1)), [0.1], [0.0], [0.0])
    with pytest.raises(RiskModelError, match="give within_km"):
        centroid_weights(hazard, places([0.0], [0.0]))
    assert centroid_weights(hazard, places([0.0], [0.0]), within_km=10).nnz == 1


def test_an_ill_known_place_takes_the_mean_of_its_disc():
    hazard = made.hazard()
    rough = places([30.5], [-98.5], precision=200.0)
    weights = centroid_weights(hazard, rough)
    apart = distance_km(hazard.lat, hazard.lon, 30.5, -98.5)
    assert sorted(weights.indices) == np.flatnonzero(apart <= 200.0).tolist()
    assert weights.sum() == pytest.approx(1.0)
    # its mean loss is the mean over places at those centroids
    mw = pd.Series({"s0": 1.0})
    mean = expected_annual_loss(event_table(hazard, made.WIND, rough, peril="wind"), mw)["s0"]
    each = [expected_annual_loss(event_table(
        hazard, made.WIND, places([hazard.lat[i]], [hazard.lon[i]]), peril="wind"), mw)["s0"]
        for i in weights.indices]
    assert mean == pytest.approx(np.mean(each), rel=1e-12)


# ---------------------------------------------------------------- the event table


def test_the_table_is_an_event_table_that_keeps_the_rules(world, table):
    assert list(table.columns) == list(EVENTS.names)
    assert table["event_id"].nunique() == made.EVENTS
    assert not table.duplicated(["event_id", "node_id"]).any()
    tables = {name: getattr(world, name) for name in ("sites", "holdings", "labs")}
    with_events = World.from_frames(**tables, events=table)
    with_events.check()
    from riskmodel.perils.registry import load_perils
    check_peril(load_perils(with_events, ["wind"])[0], with_events)


def test_rows_are_paa_times_fraction_and_mdd(table, world):
    hazard = made.hazard()
    row = table[table["probability"] > 0].iloc[17]
    weights = centroid_weights(hazard, places_of(world))
    site = list(world.sites["site_id"]).index(row["node_id"])
    centroid = weights[:, [site]].nonzero()[0][0]
    event = hazard.event_ids.index(row["event_id"])
    intensity, fraction = (m[event, centroid] for m in (hazard.intensity, hazard.fraction))
    assert row["probability"] == pytest.approx(
        np.interp(intensity, made.WIND.intensity, made.WIND.paa) * fraction)
    assert row["depth"] == pytest.approx(np.interp(intensity, made.WIND.intensity, made.WIND.mdd))
    assert row["rate_per_yr"] == hazard.rate_per_yr[event]


def test_mean_loss_is_the_sum_over_matrices(world, table):
    """freq x fraction x mdd x paa x value, by plain matrices and not by the table."""
    hazard = made.hazard()
    weights = centroid_weights(hazard, places_of(world))
    dense = hazard.intensity.toarray()
    ratio = (np.interp(dense, made.WIND.intensity, made.WIND.mdd)
             * np.interp(dense, made.WIND.intensity, made.WIND.paa) * hazard.fraction.toarray())
    mw = world.sites.set_index("site_id")["it_mw"]
    wanted = (hazard.rate_per_yr @ ratio) @ weights.toarray() * mw.to_numpy()
    np.testing.assert_allclose(expected_annual_loss(table, mw).to_numpy(), wanted, rtol=1e-9)


def test_a_function_above_zero_at_zero_hits_everywhere():
    always = ImpactFunction([0, 80], [0.5, 1.0], [0.2, 1.0])
    rows = event_table(made.hazard(fraction=None), always, places([30.0], [-99.0]), peril="wind")
    assert (rows["probability"] > 0).all()
    assert len(rows) == made.EVENTS


def test_intensities_beyond_the_function_are_refused_or_held():
    short = ImpactFunction([0, 40], [0, 0.4], [0, 1.0], name="short.csv")
    with pytest.raises(RiskModelError, match=r"short\.csv covers 0 to 40 m/s, but the hazard "
                                             r"reaches from 10.* to (69|70)"):
        event_table(made.hazard(), short, places([30.0], [-99.0]), peril="wind")
    held = event_table(made.hazard(), short, places([30.0], [-99.0]), peril="wind", beyond="hold")
    assert held["depth"].max() == pytest.approx(0.4)


def test_durations_by_law_or_by_intensity(world):
    spots = places([30.0], [-99.0])
    law = DurationLaw("lognormal", 48.0, 0.7, together=True)
    rows = event_table(made.hazard(), made.WIND, spots, peril="wind", duration=law)
    live = rows[rows["probability"] > 0]
    assert set(live["duration_h"]) == {48.0}
    assert set(live["duration_shape"]) == {0.7}
    assert set(live["duration_group"]) == {"event"}
    longer = ImpactFunction(made.WIND.intensity, made.WIND.mdd, made.WIND.paa,
                            made.WIND.intensity * 2.0)
    rows = event_table(made.hazard(), longer, spots, peril="wind")
    live = rows[rows["probability"] > 0]
    intensity = np.interp(live["depth"], made.WIND.mdd[1:], made.WIND.intensity[1:])
    np.testing.assert_allclose(live["duration_h"], intensity * 2.0)


@pytest.mark.parametrize(("given", "message"), [
    (("uniform",), "no duration distribution 'uniform'"), (("lognormal", 5.0), "needs a shape"),
    (("fixed", -1.0), "a duration of -1.0 hours")])
def test_durations_that_cannot_be_are_refused(given, message):
    with pytest.raises(RiskModelError, match=message):
        DurationLaw(*given)


def test_ids_and_missing_hours_are_refused():
    with pytest.raises(RiskModelError, match="lower-case"):
        event_table(made.hazard(), made.WIND, places([30.0], [-99.0]), peril="Big Wind")
    with pytest.raises(RiskModelError, match="has no duration_h, and no duration"):
        event_table(made.hazard(), made.WIND, places([30.0], [-99.0]), peril="wind",
                    duration=DurationLaw(hours=None))


def test_feeds_are_hit_where_they_have_a_place():
    world = rm.read_world()
    feeds = places_of(world, "feed")
    assert set(feeds["node_id"]) <= set(world.nodes["node_id"])
    assert len(feeds) > 50
    with pytest.raises(RiskModelError, match="has no feed with coordinates"):
        places_of(made.world(), "feed")


def test_simulated_loss_is_the_tables_mean(world, table):
    tables = {name: getattr(world, name) for name in ("sites", "holdings", "labs")}
    losses = rm.simulate(World.from_frames(**tables, events=table), years=50_000, seed=3,
                         perils=["wind"], adequacy=False)
    yearly = np.zeros(losses.n_years)
    per_year = losses.years.groupby("year")["lost_mw_days"].sum()
    yearly[per_year.index] = per_year.to_numpy()
    wanted = expected_annual_loss(table, world.sites.set_index("site_id")["it_mw"]).sum()
    error = yearly.std() / np.sqrt(len(yearly))
    assert error < 0.05 * wanted
    assert abs(yearly.mean() - wanted) < 4 * error


def test_worlds_that_share_a_hazard_share_its_disasters():
    """The same events for a smaller world: its site loses what it lost in the larger one."""
    big, losses = made.world(), []
    for keep in (slice(None), slice(3, 4)):
        sites = big.sites.iloc[keep]
        ids = set(sites["site_id"])
        part = World.from_frames(sites=sites, labs=big.labs,
                                 holdings=big.holdings[big.holdings["site_id"].isin(ids)])
        rows = event_table(made.hazard(), made.WIND, places_of(part), peril="wind")
        part = World.from_frames(sites=part.sites, labs=part.labs, holdings=part.holdings,
                                 events=rows)
        run = rm.simulate(part, years=20_000, seed=3, perils=["wind"], adequacy=False)
        causes = run.causes[run.causes["node"].astype(str) == big.sites["site_id"].iloc[3]]
        losses.append(causes[["year", "lost_mw_days"]].reset_index(drop=True))
    assert len(losses[0]) > 50
    pd.testing.assert_frame_equal(*losses)


def test_sparse_matrices_of_every_kind_are_taken():
    intensity, fraction, rate, lat, lon = made.matrices()
    for convert in (sparse.coo_matrix, sparse.csc_array, lambda m: m.toarray()):
        found = Hazard.of(convert(intensity), rate, lat, lon, fraction=convert(fraction))
        assert abs(found.intensity - intensity).max() == 0
