"""Sanctions: which tenants can be cut off, how often, and what the site loses."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtr

import riskmodel as rm
from riskmodel.perils.registry import load_perils
from riskmodel.perils.sanctions_cutoff import SanctionsCutoff, tenancies
from riskmodel.perils.spec import figure, read_spec, shipped_data
from riskmodel.testing import check_peril
from riskmodel.world.world import World
from tests.perils.small_world import far_out

DATA = shipped_data("sanctions_cutoff")
PERIL = SanctionsCutoff(read_spec(DATA))


def world(sites=("johor", "batam", "paris", "oregon")) -> World:
    all_sites = {"johor": "aws", "batam": "aws", "paris": "nuage", "oregon": "aws"}
    held = [("dragon", "johor", 1.0), ("dragon", "batam", 0.4), ("yank", "batam", 0.6),
            ("yank", "paris", 1.0), ("both", "oregon", 1.0)]
    return World.from_frames(
        sites=pd.DataFrame({"site_id": list(sites), "lat": 1.0, "lon": 104.0, "it_mw": 100.0}),
        holdings=pd.DataFrame([row for row in held if row[1] in sites],
                              columns=["lab_id", "site_id", "share"]),
        labs=pd.DataFrame({"lab_id": ["dragon", "yank", "both"], "needed_share": 0.8,
                           "hq_country_iso2": ["CN", "US", "GB/US"]}),
        clouds=pd.DataFrame({"cloud_id": ["aws", "nuage"], "hq_country_iso2": ["US", "FR"]}),
        nodes=pd.DataFrame({"node_id": ["cloud:aws", "cloud_region:aws/x", "cloud:nuage"],
                            "kind": ["cloud", "cloud_region", "cloud"]}),
        requirements=pd.DataFrame(
            [("cloud_region:aws/x", "provider", "cloud:aws", 1.0)]
            + [(site, "control_plane",
                "cloud_region:aws/x" if site == "johor" else f"cloud:{all_sites[site]}", 0.0)
               for site in sites], columns=["node_id", "group", "member_id", "share"]))


def test_who_stands_under_whose_law():
    held = tenancies(world()).set_index(["lab_id", "site_id"])["state"].to_dict()
    assert held == {("dragon", "johor"): "US", ("dragon", "batam"): "US", ("yank", "batam"): "US",
                    ("yank", "paris"): "FR", ("both", "oregon"): "US"}


def test_only_foreign_tenants_are_cut_and_rivals_more_often():
    table = PERIL.catalogue(world())
    assert set(table["event_id"]) == {
        "filter/dragon/US", "listing/dragon/US", "filter/dragon/FR", "filter/yank/FR",
        "filter/both/FR"}
    rate = table.drop_duplicates("event_id").set_index("event_id")["rate_per_yr"]
    assert rate["filter/dragon/US"] == pytest.approx(2.5 / 2 * 5 / 20_000)
    assert rate["listing/dragon/US"] == pytest.approx(0.05 * 0.5)
    hit = table[(table["event_id"] == "listing/dragon/US") & (table["probability"] > 0)]
    assert dict(zip(hit["node_id"], hit["depth"], strict=True)) == {"johor": 1.0, "batam": 0.4}


def test_rules_are_kept_and_events_outlive_their_sites():
    check_peril(PERIL, world())
    heads = ["event_id", "region", "rate_per_yr"]
    full, less = (PERIL.catalogue(w).drop_duplicates("event_id")[heads].reset_index(drop=True)
                  for w in (world(), world(sites=("oregon",))))
    pd.testing.assert_frame_equal(full, less)


def test_simulated_marginals_equal_the_specification():
    """One event takes both sites of the tenant, 140 MW, for one length of time."""
    years = 60_000
    losses = rm.simulate(world(), years=years, seed=5, perils=[PERIL], adequacy=False)
    ours = losses.events["event_id"].astype(str).eq("listing/dragon/US")
    assert ours.any()
    rows = losses.causes[losses.causes["event"].isin(losses.events.loc[ours, "event"])]
    days = rows.groupby("event")["lost_mw_days"].sum().to_numpy() / 140.0
    rate = figure(DATA, "listing", "listed_rate") * figure(DATA, "listing", "cut_share")
    assert abs(len(days) / years - rate) < 4 * math.sqrt(rate / years)
    sigma, median = figure(DATA, "listing", "sigma"), figure(DATA, "listing", "median")
    for level in (60.0, 120.0, 250.0):
        wanted = float(ndtr(math.log(level * 24 / median) / sigma))
        got = (days <= level).mean()
        assert abs(got - wanted) < 4 * math.sqrt(wanted * (1 - wanted) / len(days))


def test_rates_far_out_in_their_bands_fit_under_the_ceiling(shipped):
    data = far_out(DATA, divisors=("foreign_tenants",))
    table = SanctionsCutoff(replace(PERIL.spec, data=data)).catalogue(shipped)
    total = table.drop_duplicates("event_id")["rate_per_yr"].sum()
    assert total < PERIL.spec.ceiling_rate_per_yr


def test_the_sites_loss_is_the_tenants_share_and_borne_in_proportion():
    """Batam: the tenant holds .4 of 100 MW; 40 MW are lost, 16 of them on its own account."""
    story = rm.Event(peril="sanctions_cutoff", region="US", outages=[
        rm.OwnOutage(node="batam", duration_h=24, depth=0.4, part="tenant dragon")])
    lost = rm.stress(world(), [story]).years.set_index("lab")["lost_mw_days"]
    assert lost.to_dict() == {"dragon": pytest.approx(16.0), "yank": pytest.approx(24.0)}


def test_shipped_world_has_few_foreign_tenants(shipped):
    table = load_perils(shipped, ["sanctions_cutoff"])[0].catalogue(shipped)
    hit = table[table["probability"] > 0]
    assert set(hit["node_id"]) <= set(shipped.sites["site_id"])
    assert "dayone_nusajaya" in set(hit["node_id"])
    assert "stargate_abilene" not in set(hit["node_id"])
    # what one event takes of a site is never more than the site
    assert (hit.groupby(["event_id", "node_id"])["depth"].sum() <= 1 + 1e-9).all()
    assert np.isfinite(table["duration_h"]).all()
