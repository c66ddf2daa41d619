"""Cyber: rates from counts, nodes hit, and what they cost."""

from __future__ import annotations

import math

import numpy as np
import pytest

import riskmodel as rm
from riskmodel.perils.cyber import Cyber
from riskmodel.perils.posterior import gamma_posterior
from riskmodel.perils.spec import read_spec, shipped_data
from riskmodel.testing import check_peril
from tests.perils.best import set_best
from tests.perils.small_world import build_world, far_out

DATA = shipped_data("cyber")
PEACE = gamma_posterior(0, 10.9).mean / 100
WAR = gamma_posterior(2, 10.9).mean


def peril(**best):
    return Cyber(read_spec(set_best(DATA, **best)))


def world_with_operator(share=0.1):
    """The small world's one site in Virginia, run by an operator, with the share it hangs on it."""
    base = build_world(keep={"ashburn"})
    nodes = base.nodes[["node_id", "kind", "country_iso2"]].copy()
    country = {"grid:PJM": "US", "grid:ERCOT": "US", "grid:DEWA": "AE", "grid:NOGA": "IL"}
    nodes["country_iso2"] = nodes["node_id"].map(country).fillna("")
    nodes.loc[len(nodes)] = ["operator:runs_it", "operator", ""]
    needs = base.requirements.copy()
    row = needs.iloc[[0]].assign(node_id="ashburn", group="operator", member_id="operator:runs_it",
                                 share=share)
    needs = type(needs)({name: [*needs[name], *row[name]] for name in needs})
    return rm.World.from_frames(sites=base.sites, holdings=base.holdings, labs=base.labs,
                                nodes=nodes, requirements=needs)


def test_rates_of_countries_follow_the_counts():
    assert peril().grid_rate("UA") == pytest.approx(WAR, rel=1e-3)
    assert peril().grid_rate("US") == pytest.approx(PEACE, rel=1e-3)
    assert peril().grid_rate("AE") == pytest.approx(0.05 * WAR + 0.95 * PEACE, rel=1e-3)
    targets = DATA["grid"]["war_targets"]
    assert peril().grid_rate("US") < min(peril().grid_rate(row["country"]) for row in targets)


def test_one_event_a_country_an_operator_and_one_for_the_world():
    world = world_with_operator()
    table = peril().catalogue(world)
    events = table.drop_duplicates("event_id").set_index("event_id")
    assert {"grid/US", "grid/AE", "grid/IL", "grid/unknown country", "software",
            "intrusion/operator:runs_it"} == set(events.index)
    american = table[(table["event_id"] == "grid/US") & (table["probability"] > 0)]
    assert set(american["node_id"]) == {"feed:abilene", "feed:temple", "feed:ashburn",
                                        "feed:columbus"}
    assert set(american["duration_group"]) == {"event"}  # cut and restored together
    software = table[table["event_id"] == "software"].set_index("node_id")
    assert software.loc["operator:runs_it", "probability"] == 0.2
    assert software.loc["cloud:aws", "probability"] == 0.05
    assert (software["depth"] == 0.3).all()  # in part, never whole
    assert events.loc["software", "rate_per_yr"] == 0.2
    assert events.loc["intrusion/operator:runs_it", "rate_per_yr"] == pytest.approx(0.5 / 500)
    assert len(check_peril(peril(), world)) == len(table)


def test_the_fit_to_the_update_of_2024():
    """93 % of the machines were back after three days, 97 % after six."""
    scale, shape = (DATA["software"][name]["best"] for name in ("scale", "shape"))
    for hours, back in ((72.0, 0.93), (144.0, 0.97)):
        assert 1 - math.exp(-((hours / scale) ** shape)) == pytest.approx(back, abs=0.003)


def test_rates_far_out_in_their_bands_fit_under_the_ceiling(shipped):
    data = far_out(DATA, divisors=("countries",))
    table = Cyber(read_spec(data)).catalogue(shipped).drop_duplicates("event_id")
    assert 0 < table["rate_per_yr"].sum() <= DATA["ceiling_rate_per_yr"]


def test_the_mean_loss_is_the_catalogues():
    """An operator's share of the site, and the update's share of that: AAL by hand."""
    found = peril(intrusion__rate=0.4, software__chance_operator=0.5, grid__peace_rate=40.0,
                  software__chance_cloud=0.0, grid__share_of_country=0.5)
    world = world_with_operator()
    losses = rm.simulate(world, years=30_000, seed=11, perils=[found], adequacy=False)
    mean = {"intrusion": 168 * math.exp(0.8**2 / 2), "grid": 3 * math.exp(0.6**2 / 2),
            "software": 6.2 * math.gamma(1 + 1 / 0.4)}
    by_cause = {"intrusion": 0.4 * 0.1 * mean["intrusion"],
                "software": 0.2 * 0.5 * 0.1 * 0.3 * mean["software"],
                "grid": 40.0 / 100 * 0.5 * mean["grid"]}
    events = losses.causes.astype({"node": str, "region": str})
    region = {"intrusion": "runs_it", "software": "world", "grid": "US"}
    for cause, hours in by_cause.items():
        rows = events[events["region"] == region[cause]]
        yearly = np.zeros(losses.n_years)
        np.add.at(yearly, rows["year"].to_numpy(np.int64), rows["lost_mw_days"].to_numpy(float))
        error = 4 * yearly.std() / np.sqrt(len(yearly))
        assert abs(yearly.mean() - hours * 100 / 24) < error, cause
    # no event of an operator takes more of the site than its share, over 730 days
    ours = events[events["node"] == "operator:runs_it"]
    assert ours["lost_mw_days"].max() <= 0.1 * 100 * 730


def test_a_higher_rate_is_a_higher_rate_of_that_event_alone():
    world = world_with_operator()
    rates = [found.catalogue(world).drop_duplicates("event_id").set_index("event_id")["rate_per_yr"]
             for found in (peril(), peril(software__rate=0.4))]
    changed = rates[0].index[rates[0] != rates[1]]
    assert list(changed) == ["software"]
    assert rates[1]["software"] > rates[0]["software"]


def test_a_world_without_grids_operators_and_clouds_has_no_event():
    base = build_world(keep={"abilene"})
    bare = rm.World.from_frames(sites=base.sites, holdings=base.holdings, labs=base.labs)
    assert len(peril().catalogue(bare)) == 0
