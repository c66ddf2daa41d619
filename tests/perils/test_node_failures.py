"""Failures of single nodes: rates, durations and independence of everything else."""

from __future__ import annotations

import copy

import numpy as np
import pandas as pd
import pytest

from riskmodel.errors import RiskModelError
from riskmodel.perils.cloud_outage import CloudOutage, zones
from riskmodel.perils.node_failures import SPAN, FailureLaw, NodeClass, OutageLaw, sample
from riskmodel.perils.protocol import OUTAGE_COLUMNS
from riskmodel.perils.site_failure import SiteFailure
from riskmodel.perils.spec import numbers, read_spec, shipped_data
from tests.perils.small_world import Draws, build_world

FAST = (FailureLaw("fast", 0.3, 0.5, (OutageLaw("hall", 0.4, 10.0, 0.5),)),
        FailureLaw("slow", 0.05, 0.25, (OutageLaw("hall", 1.0, 50.0, 0.0),
                                       OutageLaw("roof", 0.2, 90.0, 0.0))))
NODES = ["a", "b", "c", "d"]


def group(nodes=NODES, laws=FAST):
    return NodeClass("site", nodes, [f"at {node}" for node in nodes], laws)


def canonical(table):
    names = [name for name in OUTAGE_COLUMNS if name != "event"]
    return table[names].sort_values(names, ignore_index=True)


def test_rates_durations_and_starts_are_those_of_the_law():
    years = 40_000
    table = sample(Draws(np.arange(years), "p"), [group()])
    slow = table[table["depth"] == 1.0]
    fast = table[table["depth"] == 0.4]
    for part, rate in ((fast, 0.3), (slow, 0.05)):
        expected = rate * years * len(NODES)
        assert abs(len(part) - expected) < 4 * np.sqrt(expected)
        per_node = part.groupby("node_id").size()
        assert (abs(per_node - expected / 4) < 4 * np.sqrt(expected / 4)).all()
        spread = part["event_start_h"].to_numpy() / 8760.0
        assert abs(spread.mean() - 0.5) < 4 * np.sqrt(1 / 12 / len(spread))
    logs = np.log(fast["duration_h"].to_numpy())
    assert abs(logs.mean() - np.log(10)) < 4 * 0.5 / np.sqrt(len(logs))
    assert abs(logs.std() - 0.5) < 4 * 0.5 / np.sqrt(2 * len(logs))
    # a failure with two outages keeps them together
    roof = table[table["part"] == "roof"]
    assert len(roof) == len(slow)
    assert set(map(tuple, roof[["year", "event"]].to_numpy())) == set(
        map(tuple, slow[["year", "event"]].to_numpy()))


def test_counts_of_a_year_are_poisson_whatever_the_span():
    years = np.arange(20_000)
    table = sample(Draws(years, "p"), [group(["a"], FAST[:1])])
    counts = np.bincount(table["year"], minlength=len(years))
    assert counts.var() == pytest.approx(counts.mean(), rel=0.05)
    within = counts.reshape(-1, SPAN)
    correlation = np.corrcoef(within[:, 0], within[:, 1])[0, 1]
    assert abs(correlation) < 4 / np.sqrt(len(within))


def test_draws_do_not_depend_on_company_order_or_block():
    whole = sample(Draws(np.arange(300), "p"), [group()])
    assert len(whole) > 300
    shuffled = sample(Draws(np.arange(300)[::-1], "p"), [group(NODES[::-1])])
    pd.testing.assert_frame_equal(canonical(whole), canonical(shuffled))
    parts = [sample(Draws(years, "p"), [group()])
             for years in (np.arange(7), np.arange(7, 100), np.arange(100, 300))]
    pd.testing.assert_frame_equal(whole, pd.concat(parts, ignore_index=True))
    fewer = sample(Draws(np.arange(300), "p"), [group(["c", "a"])])
    kept = whole[whole["node_id"].isin(["a", "c"])]
    pd.testing.assert_frame_equal(canonical(fewer), canonical(kept))
    more = sample(Draws(np.arange(300), "p"), [group([*NODES, "e", "f"])])
    kept = more[more["node_id"].isin(NODES)]
    pd.testing.assert_frame_equal(canonical(kept), canonical(whole))


def test_a_lower_rate_keeps_some_and_adds_none():
    low = (FailureLaw("fast", 0.1, 0.5, FAST[0].outages), FAST[1])
    high = sample(Draws(np.arange(500), "p"), [group()])
    fewer = sample(Draws(np.arange(500), "p"), [group(laws=low)])
    names = [name for name in OUTAGE_COLUMNS if name != "event"]
    rows = set(map(tuple, high[names].to_numpy()))
    kept = set(map(tuple, fewer[names].to_numpy()))
    assert kept < rows
    assert {row for row in rows if row[names.index("part")] == "roof"} == {
        row for row in kept if row[names.index("part")] == "roof"}


def test_event_numbers_count_from_zero_in_every_year():
    table = sample(Draws(np.arange(200), "p"), [group()])
    for _, year in table.groupby("year"):
        numbers = year.drop_duplicates("event")
        assert list(numbers["event"]) == list(range(len(numbers)))
        assert numbers["event_start_h"].is_monotonic_increasing


def test_a_shorter_horizon_has_fewer_failures():
    table = sample(Draws(np.arange(4000), "p", horizon_h=4380.0), [group()])
    assert table["start_h"].max() < 4380.0
    expected = (0.3 + 0.05 * 2) * 4000 * 4 / 2
    assert abs(len(table) - expected) < 5 * np.sqrt(expected)


def test_nothing_to_hit_gives_an_empty_table():
    table = sample(Draws(np.arange(10), "p"), [group([])])
    assert list(table.columns) == list(OUTAGE_COLUMNS)
    assert len(table) == 0


def test_a_rate_above_its_ceiling_is_refused():
    with pytest.raises(RiskModelError, match="raise the ceiling"):
        FailureLaw("fast", 0.6, 0.5, ())


# ---------------------------------------------------------------- the two perils made of them


def test_site_failure_rates_follow_the_file():
    peril = SiteFailure(read_spec(shipped_data("site_failure")))
    rates = {law.name: law.rate_per_yr for law in peril.laws()}
    assert rates["hall_fire"] == 1e-4
    assert rates["cooling"] == 0.02
    assert rates["power_incident"] + rates["serious_power_incident"] == pytest.approx(
        0.25 * 0.54 / 5)
    assert rates["serious_power_incident"] / rates["power_incident"] == pytest.approx(0.09 / 0.91)
    # the record: .70 whole-building fires a year worldwide over some 7,000 sites
    assert rates["hall_fire"] * 7000 == pytest.approx(0.70)


@pytest.mark.parametrize(("name", "kind"), [("site_failure", SiteFailure),
                                            ("cloud_outage", CloudOutage)])
def test_the_highest_rates_fit_under_their_ceilings(name, kind):
    """A draw of the rates from their bounds must never break the ceiling."""
    data = copy.deepcopy(shipped_data(name))
    divisors = ("sites_per_operator", "zones_per_provider", "regions_per_provider")
    for path, number in numbers(data).items():
        number["best"] = number["low" if path.endswith(divisors) else "high"]
        number.pop("count", None), number.pop("exposure", None)
    peril = kind(read_spec(data))
    laws = peril.laws()
    for law in laws.values() if isinstance(laws, dict) else laws:
        assert 0 < law.rate_per_yr <= law.ceiling_per_yr


def test_cloud_outage_hits_its_three_levels():
    world = build_world()
    peril = CloudOutage(read_spec(shipped_data("cloud_outage")))
    assert zones(world) == ["dubai_az1", "dubai_az2"]
    rates = {level: law.rate_per_yr for level, law in peril.laws().items()}
    assert rates["region"] == pytest.approx(2.0 / 40)
    assert rates["provider"] == 0.3
    assert rates["zone"] == pytest.approx(38 * 0.05 / 120)
    years = 20_000
    table = peril.sample(Draws(np.arange(years), "cloud_outage"), world)
    assert set(table["region"]) <= set(peril.regions(world))
    for node, rate in (("cloud:aws", 0.3), ("cloud_region:aws/us-east-1", 0.05),
                       ("dubai_az1", 38 * 0.05 / 120)):
        found = (table["node_id"] == node).sum()
        assert abs(found - rate * years) < 4 * np.sqrt(rate * years), node
    # six long outages of 2024 add up to nearly 100 h
    hours = table.loc[table["node_id"].str.startswith("cloud_region:"), "duration_h"]
    assert 14 < hours.mean() < 18
    assert "cloud_region:aws/us-east-1" not in set(world.sites["site_id"])


def test_zones_are_read_from_the_rule_that_made_the_requirement():
    world = build_world(keep={"doha", "haifa"})
    assert zones(world) == []
    needs = world.requirements.copy()
    needs.loc[needs["node_id"] == "doha", "rule"] = "control_plane_share_zone"
    other = type(world).from_frames(sites=world.sites, holdings=world.holdings, labs=world.labs,
                                    nodes=world.nodes, requirements=needs)
    assert zones(other) == ["doha"]


def test_a_fire_adds_up_to_the_whole_site_at_first_and_the_burnt_part_later():
    peril = SiteFailure(read_spec(shipped_data("site_failure")))
    fire = next(law for law in peril.laws() if law.name == "hall_fire")
    depth = {outage.part: outage.depth for outage in fire.outages}
    hours = {outage.part: outage.median_h for outage in fire.outages}
    assert depth == {"site power": 1.0, "hall fire": 0.33}
    assert 5 * 24 < hours["site power"] < 13 * 24
    assert hours["hall fire"] > 49 * 24
