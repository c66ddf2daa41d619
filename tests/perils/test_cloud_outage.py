"""Cloud outages: three levels, what reaches another provider, and what a control plane costs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import riskmodel as rm
from riskmodel.perils.cloud_outage import CloudOutage, zones
from riskmodel.perils.posterior import gamma_posterior
from riskmodel.perils.registry import load_perils
from riskmodel.perils.restoration import LognormalRestoration
from riskmodel.perils.spec import read_spec, shipped_data
from riskmodel.testing import check_peril
from tests.perils.best import set_best
from tests.perils.small_world import Draws, build_world, far_out

DATA = shipped_data("cloud_outage")
LARGE = {"cloud:aws", "cloud:azure", "cloud:google_cloud"}


def peril(**best):
    return CloudOutage(read_spec(set_best(DATA, **best)))


def sampled(of, world, years):
    return of.sample(Draws(np.arange(years), "cloud_outage"), world)


def test_rates_follow_the_counts():
    rates = {level: law.rate_per_yr for level, law in peril().laws().items()}
    assert rates["region"] == pytest.approx(gamma_posterior(6, 3).mean / 40, rel=1e-3)
    assert rates["provider"] == pytest.approx(gamma_posterior(2, 8.7).mean, rel=1e-3)
    assert rates["zone"] == pytest.approx(gamma_posterior(38, 1).mean * 0.05 / 120, rel=1e-3)


def test_rates_far_out_in_their_bands_fit_under_the_ceilings():
    data = far_out(DATA, divisors=("zones_per_provider", "regions_per_provider"))
    for law in CloudOutage(read_spec(data)).laws().values():
        assert 0 < law.rate_per_yr <= law.ceiling_per_yr


def test_each_level_has_its_rate_depth_and_hours():
    world = build_world()
    assert zones(world) == ["dubai_az1", "dubai_az2"]
    years = 20_000
    found = peril(provider__reaches_another=0.0)
    table = sampled(found, world, years)
    assert set(table["region"]) <= set(found.regions(world))
    laws = found.laws()
    for level, nodes in (("provider", ["cloud:aws", "cloud:google_cloud"]),
                         ("region", sorted(world.nodes.loc[world.nodes["kind"] == "cloud_region",
                                                           "node_id"])),
                         ("zone", ["dubai_az1", "dubai_az2"])):
        law = laws[level]
        rows = table[table["node_id"].isin(nodes)]
        expected = law.rate_per_yr * years * len(nodes)
        assert abs(len(rows) - expected) < 4 * np.sqrt(expected), level
        outage = law.outages[0]
        assert set(rows["depth"]) == {outage.depth}
        logs = np.log(rows["duration_h"])
        assert abs(logs.mean() - np.log(outage.median_h)) < 4 * outage.sigma / np.sqrt(len(logs))
        assert abs(logs.std() - outage.sigma) < 4 * outage.sigma / np.sqrt(2 * len(logs))
        for q in (0.1, 0.5, 0.9):
            point = LognormalRestoration(outage.median_h, outage.sigma).time_to(q)
            share = (rows["duration_h"] < point).mean()
            assert abs(share - q) < 4 * np.sqrt(q * (1 - q) / len(rows))
    # six long outages of 2024 add up to nearly 100 h
    hours = table.loc[table["node_id"].str.startswith("cloud_region:"), "duration_h"]
    assert 14 < hours.mean() < 18


def test_a_large_provider_may_take_another_along_and_a_small_one_never():
    small = ("lab_site", "US", "PJM", "feed:lab_site", "cloud_region:tiny/east")
    world = build_world(extra=[small])
    found = peril(provider__reaches_another=0.1)
    years = 20_000
    table = sampled(found, world, years)
    rows = table[table["node_id"].str.startswith("cloud:")]
    rate = found.laws()["provider"].rate_per_yr
    # origin by the event's region; azure is not in this world, and reaches what is
    for origin in ("aws", "google_cloud", "azure"):
        for target in ("cloud:aws", "cloud:google_cloud", "cloud:tiny"):
            if target == f"cloud:{origin}":
                continue
            n = ((rows["region"] == origin) & (rows["node_id"] == target)).sum()
            expected = 0.1 * rate * years
            assert abs(n - expected) < 4 * np.sqrt(expected), (origin, target)
    assert set(rows.loc[rows["region"] == "tiny", "node_id"]) == {"cloud:tiny"}
    assert not set(table["node_id"]) & (LARGE - set(world.nodes["node_id"]))
    events = rows.groupby(["year", "event"])
    assert events.size().max() >= 2
    assert (events[["event_start_h", "duration_h", "region"]].nunique() == 1).all(axis=None)


def test_a_higher_reach_only_adds():
    names = ["year", "event_start_h", "node_id", "duration_h"]
    low, high = ({*map(tuple, sampled(peril(provider__reaches_another=p), build_world(), 3000)[
        names].to_numpy())} for p in (0.02, 0.1))
    assert low < high


def test_rules_are_kept_on_a_small_world():
    assert len(check_peril(peril(), build_world(), years=400)) > 100


# ---------------------------------------------------------------- restarts, not running jobs


def control_planes(world):
    """Return control-plane node -> the requirement rows that hang on it, through its provider."""
    needs = world.requirements
    plane = needs[needs["group"] == "control_plane"]
    found = dict(list(plane.groupby("member_id")))
    for cloud, rows in needs[needs["group"] == "provider"].groupby("member_id"):
        below = [plane[plane["member_id"].isin([cloud, *rows["node_id"]])]]
        found[cloud] = pd.concat(below)
    return found


def test_a_control_plane_outage_never_takes_more_than_the_share(shipped):
    mw = shipped.sites.set_index("site_id")["it_mw"]
    planes = control_planes(shipped)
    assert {"cloud:aws", "cloud_region:aws/us-east-2"} <= set(planes)
    seen = set()
    for node, rows in planes.items():
        held = mw.reindex(rows["node_id"]).fillna(0.0).to_numpy()
        share, reserve = rows["share"].to_numpy(), rows["ride_through_h"].to_numpy()
        seen |= set(share)
        for hours in (2.0, 14.5, 96.0) if node == "cloud:aws" else (14.5,):
            lost = rm.stress(shipped, [rm.Event("cloud_outage", "x", [rm.OwnOutage(
                node, duration_h=hours)])]).years["lost_mw_days"].sum()
            most = (share * held).sum() * hours / 24
            expected = (share * held * np.maximum(0.0, hours - reserve)).sum() / 24
            assert lost <= most + 1e-9, node
            assert lost == pytest.approx(expected, rel=1e-9, abs=1e-9), (node, hours)
    assert seen == {0.25, 0.5}  # training halls, zones


def test_the_effect_says_what_it_does(shipped):
    effect = load_perils(shipped, ["cloud_outage"])[0].spec.data["effect"]
    assert "stops starts and restarts, not running jobs" in effect
    planes = shipped.requirements[shipped.requirements["group"] == "control_plane"]
    for share in set(planes["share"]):
        assert f"{share:.2g}".lstrip("0") in effect
    assert set(planes["ride_through_h"]) == {3.1}
    assert "3.1" in effect
    assert "ailover" in " ".join(DATA["not_modelled"])


def test_a_region_takes_the_restarts_of_all_its_zones_together(shipped):
    zone = shipped.requirements[(shipped.requirements["group"] == "control_plane")
                                & (shipped.requirements["rule"] == "control_plane_share_zone")]
    region = zone.groupby("member_id").size().idxmax()
    members = list(zone.loc[zone["member_id"] == region, "node_id"])
    assert len(members) == 3
    mw = shipped.sites.set_index("site_id")["it_mw"].reindex(members).sum()
    story = rm.Event("cloud_outage", region, [rm.OwnOutage(region, duration_h=27.1)])
    assert rm.stress(shipped, [story]).years["lost_mw_days"].sum() == pytest.approx(0.5 * mw)


def test_the_mean_loss_is_that_of_share_and_hours_beyond_the_reserve():
    """One site on one region: AAL by hand, with the reserve that a running job is."""
    base = build_world(keep={"ashburn"})
    needs = base.requirements.copy()
    plane = needs["group"] == "control_plane"
    needs.loc[plane, ["share", "ride_through_h"]] = [0.25, 3.1]
    world = rm.World.from_frames(sites=base.sites, holdings=base.holdings, labs=base.labs,
                                 nodes=base.nodes, requirements=needs)
    found = peril(provider__reaches_another=0.0)
    losses = rm.simulate(world, years=20_000, seed=5, perils=[found], adequacy=False)
    expected = 0.0
    for level in ("region", "provider"):
        law = found.laws()[level]
        curve = LognormalRestoration(law.outages[0].median_h, law.outages[0].sigma)
        expected += law.rate_per_yr * 0.25 * 100 * (curve.loss() - curve.loss(3.1)) / 24
    yearly = np.zeros(losses.n_years)
    yearly[:len(losses.years)] = losses.years["lost_mw_days"]
    assert abs(yearly.mean() - expected) < 4 * yearly.std() / np.sqrt(len(yearly))


def test_zones_are_read_from_the_rule_that_made_the_requirement():
    world = build_world(keep={"doha", "haifa"})
    assert zones(world) == []
    needs = world.requirements.copy()
    needs.loc[needs["node_id"] == "doha", "rule"] = "control_plane_share_zone"
    other = type(world).from_frames(sites=world.sites, holdings=world.holdings, labs=world.labs,
                                    nodes=world.nodes, requirements=needs)
    assert zones(other) == ["doha"]
