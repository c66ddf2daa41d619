"""The catalogue of calls and cuts adds up to the record, and what is drawn is what it says."""

from __future__ import annotations

import copy
import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import riskmodel as rm
from riskmodel.errors import RiskModelError
from riskmodel.perils.adequacy_curtailment import AdequacyCurtailment
from riskmodel.perils.spec import read_spec, shipped_data
from riskmodel.testing import check_peril
from tests.perils.best import set_best
from tests.perils.small_world import build_world, far_out

YEARS = 16.58
#: public appeals of the file by region; three more fall outside the six
APPEALS = {"RFC": 3, "SERC": 13, "TRE": 16, "WECC": 12, "NPCC": 4, "SPP_MRO": 18}


def changed(**numbers) -> AdequacyCurtailment:
    """The peril with some numbers set, by their path with __ for the dots."""
    return with_data(set_best(shipped_data("adequacy_curtailment"), **numbers))


def with_data(data) -> AdequacyCurtailment:
    """The peril on other numbers, as a draw of them makes it: not checked as a file is."""
    return AdequacyCurtailment(replace(read_spec(shipped_data("adequacy_curtailment")), data=data))


@pytest.fixture(scope="module")
def peril():
    return AdequacyCurtailment(read_spec(shipped_data("adequacy_curtailment")))


@pytest.fixture(scope="module")
def table(peril):
    return peril.catalogue(build_world())


def test_counts_are_those_of_the_record(peril):
    rates = peril.spec.data["calls"]["rates"]
    assert {name: rates[name]["count"] for name in APPEALS} == APPEALS
    assert rates["average_us_state"]["count"] == sum(APPEALS.values()) + 3 == 69
    assert rates["average_us_state"]["exposure"] == pytest.approx(50 * YEARS)
    for name, count in APPEALS.items():
        assert rates[name]["best"] == pytest.approx((count + 0.5) / YEARS, rel=1e-3)


def test_the_catalogue_adds_up_to_the_record(peril, table):
    """Events of a grid times its states are the region's state-events, cuts and calls together."""
    data = peril.spec.data["calls"]
    states = {row["grid"]: row["best"] for row in data["state_equivalents"]}
    parts = table["event_id"].str.split("/", expand=True)
    rows = table.assign(grid=parts[1], source=parts[2])
    for region in APPEALS:
        mine = rows[rows["source"] == region]
        found = (mine["rate_per_yr"] * mine["grid"].map(states)).sum()
        elsewhere = sum(row["best"] for row in data["allocation"]
                        if row["region"] == region and row["grid"] == "elsewhere")
        assert found == pytest.approx(data["rates"][region]["best"] * (1 - elsewhere), rel=1e-12)
    analogues = rows[rows["source"] == "average_us_state"].groupby("grid")["rate_per_yr"].sum()
    np.testing.assert_allclose(analogues, 69.5 / 50 / YEARS, rtol=1e-3)
    assert {"PT", "DEWA"} <= set(analogues.index)


def test_texas_has_its_own_rate(table):
    texas = table[table["region"] == "ERCOT"].set_index("event_id")
    assert texas["rate_per_yr"].sum() == pytest.approx(16.5 / YEARS, rel=1e-3)
    assert texas.loc["cut/ERCOT/TRE", "rate_per_yr"] == pytest.approx(0.05 * 16.5 / YEARS, rel=1e-3)
    assert texas.loc["call/ERCOT/TRE", "depth"] == pytest.approx(0.25 * 0.25)
    assert texas.loc["call/ERCOT/TRE", "duration_h"] == pytest.approx(
        math.exp(2.390) * 0.35, rel=1e-3)
    assert texas.loc["call/ERCOT/TRE", "duration_shape"] == 1.330


def test_shares_that_were_drawn_are_made_to_add_up(table):
    data = copy.deepcopy(shipped_data("adequacy_curtailment"))
    for row in data["calls"]["allocation"]:
        if row["region"] == "SERC":
            row["best"] *= 1.5
    pd.testing.assert_frame_equal(with_data(data).catalogue(build_world()), table)


def test_rates_far_out_in_their_bands_fit_under_the_ceiling(peril):
    data = far_out(shipped_data("adequacy_curtailment"), divisors=("calls.state_equivalents",))
    total = with_data(data).catalogue(build_world())["rate_per_yr"].sum()
    assert 2 * peril.catalogue(build_world())["rate_per_yr"].sum() < total
    assert total < peril.spec.ceiling_rate_per_yr


def test_more_appeals_more_loss_and_nothing_else(peril, table):
    more = changed(calls__rates__TRE=2.0).catalogue(build_world())
    texas = table["region"] == "ERCOT"
    pd.testing.assert_frame_equal(table[~texas], more[~texas])
    assert (more.loc[texas, "rate_per_yr"] > table.loc[texas, "rate_per_yr"]).all()
    deeper = changed(calls__depth__asked=0.3).catalogue(build_world())
    assert (deeper["depth"] >= table["depth"]).all()


def test_events_stay_when_sites_go(peril, table):
    pd.testing.assert_frame_equal(table, peril.catalogue(build_world(keep={"sines"})))
    check_peril(peril, build_world())


def test_a_grid_without_its_states_is_refused():
    data = copy.deepcopy(shipped_data("adequacy_curtailment"))
    data["calls"]["state_equivalents"] = data["calls"]["state_equivalents"][1:]
    with pytest.raises(RiskModelError, match="no row for PJM"):
        AdequacyCurtailment(read_spec(data)).catalogue(build_world())


def test_simulated_marginals_are_the_files(table):
    """One site in Texas: events a year, their depth and their hours, within 4 standard errors."""
    world = build_world(keep={"abilene"})
    years = 20_000
    losses = rm.simulate(world, years=years, seed=5, perils=["adequacy_curtailment"],
                         adequacy=False)
    rows = table[table["region"] == "ERCOT"]
    mean = rows["duration_h"] * np.exp(rows["duration_shape"] ** 2 / 2)
    expected = (rows["rate_per_yr"] * rows["depth"] * mean).sum() / 24 * 100
    yearly = np.zeros(years)
    yearly[:len(losses.years)] = losses.years["lost_mw_days"]
    assert abs(yearly.mean() - expected) < 4 * yearly.std() / math.sqrt(years)

    causes = losses.causes
    texas = causes[causes["node"].astype(str) == "grid:ERCOT"]
    lost = texas.groupby(["year", "event"], observed=True)["lost_mw_days"].sum() * 24 / 100
    rate = rows["rate_per_yr"].sum()
    assert abs(len(lost) / years - rate) < 4 * math.sqrt(rate / years)
    # lost full hours are a mixture of two lognormals: their share below each quartile of it
    from scipy.stats import norm

    def below(x):
        z = np.log(x / (rows["depth"] * rows["duration_h"])) / rows["duration_shape"]
        return float((rows["rate_per_yr"] / rate * norm.cdf(z)).sum())

    for hours in (0.05, 0.25, 1.0, 3.0):
        p = below(hours)
        assert abs((lost < hours).mean() - p) < 4 * math.sqrt(p * (1 - p) / len(lost)), hours
