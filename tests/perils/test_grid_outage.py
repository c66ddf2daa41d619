"""The grid catalogue adds up to the record it was made from."""

from __future__ import annotations

import copy

import numpy as np
import pytest

from riskmodel.errors import RiskModelError
from riskmodel.perils.grid_outage import GridOutage, feeds_by_grid
from riskmodel.perils.spec import read_spec, shipped_data
from tests.perils.small_world import build_world

YEARS = 16.58  # January 2000 to July 2016
#: state-events per year by region and cause, as the record prints them
RECORD = {
    "RFC": {"severe_weather": 16.82, "equipment": 0.48, "system_operability": 0.78, "fuel": 0.30},
    "SERC": {"severe_weather": 8.02, "equipment": 0.48, "system_operability": 1.09, "fuel": 0.12},
    "TRE": {"severe_weather": 3.74, "equipment": 0.12, "system_operability": 1.03, "fuel": 0.30},
    "WECC": {"severe_weather": 6.57, "equipment": 1.87, "system_operability": 3.32, "fuel": 1.21,
             "islanding": 2.11},
    "NPCC": {"severe_weather": 3.86, "equipment": 0.12, "system_operability": 0.54, "fuel": 0.78},
    "SPP_MRO": {"severe_weather": 3.50, "equipment": 0.06, "system_operability": 0.12,
                "fuel": 0.36},
}
#: the record's whole country: events of the file and of a year
NATIONAL = {"severe_weather": (763, 46.0), "equipment": (60, 3.62),
            "system_operability": (127, 7.66), "fuel": (51, 3.08)}
#: state-events of any cause but attack, per year (public appeals included)
STATES = {"PJM": (1.75, 2.17), "TVA": (1.57,), "SOCO": (0.96,), "AZPS": (0.60,), "SRP": (0.60,),
          "ERCOT": (6.87,), "CAISO": (11.2,)}


@pytest.fixture(scope="module")
def peril():
    return GridOutage(read_spec(shipped_data("grid_outage")))


@pytest.fixture(scope="module")
def table(peril):
    return peril.catalogue(build_world())


def heads(table):
    one = table.drop_duplicates("event_id")
    parts = one["event_id"].str.split("/", expand=True)
    return one.assign(kind=parts[0], grid=parts[1], source=parts[2], cause=parts[3], size=parts[4])


def test_the_file_holds_the_record(peril):
    for region, causes in RECORD.items():
        rates = peril.spec.data["local"]["rates"][region]
        assert {cause: number["best"] for cause, number in rates.items()} == causes
        for cause, rate in causes.items():
            assert rates[cause]["count"] == round(rate * YEARS)
            assert rates[cause]["exposure"] == YEARS
    for cause, (count, rate) in NATIONAL.items():
        number = peril.spec.data["local"]["rates"]["average_us_state"][cause]
        assert number["count"] == count
        assert number["best"] * 50 == pytest.approx(rate, rel=0.005)


def test_every_region_is_handed_out_once(peril):
    for region in RECORD:
        shares = [row["best"] for row in peril.spec.data["local"]["allocation"]
                  if row["region"] == region]
        assert sum(shares) == pytest.approx(1.0, abs=1e-12)


def test_catalogue_rates_sum_to_the_record_by_region_and_cause(peril, table):
    local = heads(table).query("kind == 'local'")
    found = local.groupby(["source", "cause"])["rate_per_yr"].sum()
    for region, causes in RECORD.items():
        elsewhere = sum(row["best"] for row in peril.spec.data["local"]["allocation"]
                        if row["region"] == region and row["grid"] == "elsewhere")
        for cause, rate in causes.items():
            assert found[region, cause] == pytest.approx(rate * (1 - elsewhere), rel=1e-12)
    analogues = local[local["source"] == "average_us_state"].groupby("grid")["rate_per_yr"].sum()
    each = sum(number["best"] for number in
               peril.spec.data["local"]["rates"]["average_us_state"].values())
    np.testing.assert_allclose(analogues.to_numpy(), each)
    assert {"PT", "DEWA", "NO2"} <= set(analogues.index)
    assert "OFF_GRID" not in set(local["grid"])


def test_rates_per_state_are_near_those_of_the_record(table):
    """The split of regions over grids is a judgement: it must bear the states that are known."""
    local = heads(table).query("kind == 'local'")
    rate = local.groupby("grid")["rate_per_yr"].sum()
    data = shipped_data("grid_outage")
    states = {row["grid"]: row["best"] for row in data["local"]["state_equivalents"]}
    for grid, known in STATES.items():
        per_state = rate[grid] / states[grid]
        assert min(known) / 2 < per_state < 2 * max(known), grid


def test_sizes_keep_the_mean_footprint(peril, table):
    probability, size = peril.size_classes()
    assert probability.sum() == pytest.approx(1.0)
    assert probability @ size == pytest.approx(1.0)
    # survival of a truncated Pareto at the first edge: 100 ** (1 / 4)
    assert probability[0] == pytest.approx((1 - 100**(-1.27 / 4)) / (1 - 100**-1.27))
    rows = table[(table["node_id"] == "feed:ashburn") & (table["region"] == "PJM")
                 & table["event_id"].str.contains("RFC/severe_weather")]
    inside = (rows["rate_per_yr"] * rows["probability"]).sum()
    assert inside == pytest.approx(0.75 * 16.82 * 0.03 / 8.5, rel=1e-12)


def test_clipping_at_certainty_costs_little(peril):
    """The largest events of the smallest area would be certain more than once over."""
    probability, size = peril.size_classes()
    for row in peril.spec.data["local"]["state_equivalents"]:
        for cause, number in peril.spec.data["local"]["footprint"].items():
            plain = number["best"] / row["best"]
            clipped = probability @ np.minimum(1.0, plain * size)
            assert 0.85 * plain < clipped <= plain * (1 + 1e-12), (row["grid"], cause)


def test_a_site_in_texas_is_inside_its_share_of_events(table):
    rows = table[table["node_id"] == "feed:abilene"]
    rate = (rows["rate_per_yr"] * rows["probability"]).sum()
    assert rate == pytest.approx(3.74 * 0.03 + 0.12 * 0.03 + 1.03 * 0.05 + 0.30 * 0.02)
    assert set(rows["duration_group"]) == {"event"}
    weather = rows[rows["event_id"].str.contains("severe_weather")]
    assert set(weather["duration_dist"]) == {"weibull"}
    np.testing.assert_allclose(weather["duration_h"], 0.35 * 58.1)
    equipment = rows[rows["event_id"].str.contains("equipment")]
    assert set(equipment["duration_dist"]) == {"lognormal"}


def test_whole_grids_and_systems_collapse(table):
    whole = heads(table).query("kind == 'collapse'").set_index("node_id")
    assert whole.loc["grid:ERCOT", "rate_per_yr"] == 0.009
    assert (whole["depth"] == 1).all()
    systems = heads(table).query("kind == 'system'").set_index("node_id")
    assert "interconnection:EASTERN" in systems.index
    # one grid makes these systems: their collapse is the grid's own
    assert not {"interconnection:TEXAS", "interconnection:GB"} & set(systems.index)


def test_a_grid_that_the_file_does_not_name_takes_the_stand_in(peril):
    world = build_world(extra=[("hualien", "US", "TAIPOWER", "feed:hualien", "")],
                        systems={"TAIPOWER": "TAIWAN"})
    table = peril.catalogue(world)
    assert {"local/TAIPOWER/average_us_state/severe_weather/1",
            "collapse/TAIPOWER"} <= set(table["event_id"])
    assert feeds_by_grid(world)["TAIPOWER"] == ["feed:hualien"]


def test_events_stay_when_nodes_go(peril):
    full = heads(peril.catalogue(build_world()))
    none = heads(peril.catalogue(build_world(keep={"sines"})))
    assert list(full["event_id"]) == list(none["event_id"])
    assert list(full["rate_per_yr"]) == list(none["rate_per_yr"])


def test_rates_stay_below_the_ceiling(peril, table):
    assert heads(table)["rate_per_yr"].sum() < peril.spec.ceiling_rate_per_yr


def test_an_allocation_without_its_states_is_refused():
    data = copy.deepcopy(shipped_data("grid_outage"))
    data["local"]["state_equivalents"] = data["local"]["state_equivalents"][1:]
    with pytest.raises(RiskModelError, match="state_equivalents has no row for PJM"):
        GridOutage(read_spec(data)).catalogue(build_world())
