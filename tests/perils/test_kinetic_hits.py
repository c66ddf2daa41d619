"""Leak-through and hits: what gets through, where it falls, what it does."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from riskmodel.perils.kinetic.accuracy import within
from riskmodel.perils.kinetic.campaigns import Campaigns
from riskmodel.perils.kinetic.damage import data_centre_damage, direct_hits, node_damage
from riskmodel.perils.kinetic.hits import Fire, sample_hits
from riskmodel.perils.kinetic.interception import leak_share
from riskmodel.perils.kinetic.repair import PERMANENT_H
from riskmodel.perils.kinetic.targets import (
    chance,
    class_nodes,
    every_data_centre,
    shares,
    theatre_sites,
    whole_class,
)
from riskmodel.perils.kinetic.waves import Waves
from riskmodel.perils.spec import shipped_data
from tests.perils.kinetic_case import draws, peril_with, within_se
from tests.perils.small_world import build_world

N = 20_000


def fire_of(launches, n=N, *, theatre="gulf", named=True, **numbers):
    """Return one wave a year of fixed launches (drone, ballistic, cruise)."""
    full = np.full
    campaigns = Campaigns(np.arange(n), full(n, 1), full(n, 1), full(n, 0.0), full(n, 500.0),
                          full(n, 0.0), full(n, False), full(n, 1.0), full(n, named))
    waves = Waves(np.arange(n), full(n, 0), full(n, 100.0), full(n, 24.0),
                  np.tile(np.asarray(launches, float), (n, 1)))
    return Fire(draws(n), peril_with(theatre, **numbers).spec.data, theatre, campaigns, waves)


def test_leakers_are_beta_binomial():
    """Mean n p, variance n p (1 - p) (1 + (n - 1) correlation): a leak shared by the wave."""
    n, p, rho = 200, 0.05656, 0.035
    leaked = fire_of((n, 0, 0)).leakers()[:, 0]
    within_se(leaked, n * p)
    variance = n * p * (1 - p) * (1 + (n - 1) * rho)
    within_se((leaked - n * p) ** 2, variance)
    assert variance > 5 * n * p * (1 - p)
    without = fire_of((n, 0, 0), defence__leak_correlation=0.0).leakers()[:, 0]
    within_se((without - n * p) ** 2, n * p * (1 - p))


def test_leak_is_shared_within_a_class_only():
    leaked = fire_of((200, 300, 100), theatre="taiwan_strait").leakers()
    data = shipped_data("kinetic_strike")["theatres"]["taiwan_strait"]["weapons"]
    for place, (weapon, n) in enumerate((("drone", 200), ("ballistic", 300), ("cruise", 100))):
        within_se(leaked[:, place], n * data[weapon]["leak"]["best"], weapon)
    centred = leaked - leaked.mean(axis=0)
    for one, two in ((0, 1), (0, 2), (1, 2)):
        within_se(centred[:, one] * centred[:, two], 0.0)


def test_leak_share_is_the_beta_of_its_mean_and_correlation():
    u = (np.arange(100_000) + 0.5) / 100_000
    for mean in (0.0566, 0.0005, 0.73):
        leak = leak_share(u, mean, 0.035)
        assert leak.mean() == pytest.approx(mean, rel=5e-3)
        assert leak.var() == pytest.approx(mean * (1 - mean) * 0.035, rel=2e-2)


@pytest.mark.parametrize("named", [True, False])
def test_hits_of_one_target_are_its_part_of_what_gets_through(named):
    fire = fire_of((3000, 400, 30), named=named)
    target = every_data_centre(fire.data, "gulf")
    hits = sample_hits(fire, "data_centre", target)
    through = 3000 * 0.05656 + 400 * 0.009843 + 30 * 0.05556
    share = shares(fire.data, "gulf")
    aimed = share["incidental"] + share["named"] * named
    near = float(within(100, 30))
    per_wave = np.bincount(hits.wave, minlength=N)
    within_se(per_wave, through * aimed * near)
    first = np.bincount(hits.wave[hits.target == 0], minlength=N)
    within_se(first, through * aimed * near / 60)
    # direct: the circular error within the generic building
    within_se(direct_hits(hits), float(within(40, 30)) / near)
    # given the leakers, hits are Poisson: their variance beyond the mean is the leak's
    mean = fire.leakers().sum(axis=1) * aimed * near
    within_se((per_wave - mean) ** 2 - per_wave, 0.0)
    assert (hits.hit_h >= 100).all()
    assert (hits.hit_h <= 124).all()


def test_nodes_are_hit_by_their_facilities_and_debris_cuts_lines():
    fire = fire_of((3000, 0, 0))
    nodes = class_nodes(fire.data, "gulf", "grid", {"grid:DEWA", "grid:SEC", "grid:ERCOT"})
    assert list(nodes.names) == ["grid:DEWA", "grid:SEC"]
    through, shot = 3000 * 0.05656, 3000 * (1 - 0.05656)
    for kind, mean in (("grid", through * 0.04), ("line", shot * 0.001)):
        hits = sample_hits(fire, kind, nodes)
        for place, facilities in ((0, 60), (1, 350)):
            seen = np.bincount(hits.wave[hits.target == place], minlength=N)
            within_se(seen, mean * facilities / 900, (kind, place))
    whole = sample_hits(fire, "gas", whole_class(fire.data, "gulf", "gas"))
    within_se(np.bincount(whole.wave, minlength=N), through * 0.03)


def test_damage_of_data_centres():
    fire = fire_of((3000, 0, 0))
    hits = sample_hits(fire, "data_centre", every_data_centre(fire.data, "gulf"))
    damage = pd.DataFrame(data_centre_damage(hits))
    direct = direct_hits(hits)
    halls = damage[damage["part"].str.startswith("building")]
    power = damage[damage["part"].str.startswith("power")]
    assert len(halls) == direct.sum()
    n = len(halls)
    assert abs(halls["depth"].mean() - 1 / 3) < 4 * np.sqrt(2 * 4 / 36 / 7 / n)
    quartiles = np.quantile(halls["depth"], [0.25, 0.5, 0.75])
    np.testing.assert_allclose(quartiles, [0.1938, 0.3138, 0.4542], atol=0.01)  # of Beta(2, 4)
    gone = halls["duration_h"] > PERMANENT_H
    assert abs(gone.mean() - 0.333) < 4 * np.sqrt(0.333 * 0.667 / n)
    # a wave's hits on one target are few: what is mended after the end of the war is lognormal
    # (campaign's end at 500 h is before the access delay of halls)
    lone = ~halls.duplicated(["wave", "target"], keep=False)
    after = halls["start_h"] + halls["duration_h"] - 500.0
    logs = np.log(after[~gone & lone])
    within_se(logs, np.log(2880))
    assert logs.std() == pytest.approx(0.7, rel=0.05)
    for near, p in ((False, 0.95), (True, 0.9)):
        at = (~direct if near else direct).sum()
        seen = (power["direct"] != near).sum() / at
        assert abs(seen - p) < 4 * np.sqrt(p * (1 - p) / at)
        mine = power[(power["direct"] != near)
                     & ~power.duplicated(["wave", "target"], keep=False)]
        within_se(np.log(mine["start_h"] + mine["duration_h"] - 500.0),
                  np.log(96 if near else 240))
    assert (power["depth"] == 1).all()
    assert not damage.duplicated(["wave", "target", "part"]).any()


def test_damage_of_the_grid():
    fire = fire_of((3000, 0, 0), 8000)
    hits = sample_hits(fire, "grid", class_nodes(fire.data, "gulf", "grid", {"grid:SEC"}))
    damage = pd.DataFrame(node_damage(hits))
    assert (damage["depth"] == 0.5 / 350).all()
    assert damage["part"].str.fullmatch(r"grid facility \d+").all()
    # access of a short war after 96 h, before its end: 30 days and more are new transformers
    repair = (damage["duration_h"] - 96)[~damage.duplicated(["wave", "part"], keep=False)]
    assert (repair > -1e-6).all()
    lost = (hits.draw("transformer") < 0.5) & (hits.draw("spare") >= 0.8)
    within_se(lost, 0.1)
    within_se(np.log((damage["duration_h"] - 96)[lost]), np.log(21600))
    line = sample_hits(fire, "line", class_nodes(fire.data, "gulf", "grid", {"grid:SEC"}))
    cut = pd.DataFrame(node_damage(line))
    assert cut["part"].str.fullmatch(r"grid line \d+").all()
    assert cut["duration_h"].median() == pytest.approx(96 + 48, rel=0.1)


def test_gas_plants_and_cables_take_weeks_or_years():
    fire = fire_of((3000, 0, 0), 8000, theatre="gulf", cable__share=0.05)
    gas = pd.DataFrame(node_damage(sample_hits(
        fire, "gas", whole_class(fire.data, "gulf", "gas"))))
    years = gas["duration_h"] > 15_000
    assert 0.25 < years.mean() < 0.35
    cables = pd.DataFrame(node_damage(sample_hits(
        fire, "cable", class_nodes(fire.data, "gulf", "cable", {"corridor:red_sea"}))))
    assert (cables["depth"] == 1 / 15).all()
    within_se(np.log(cables["start_h"] + cables["duration_h"] - 500.0)[
        ~cables.duplicated(["wave", "part"], keep=False)], np.log(1200))


def test_shares_add_up_to_no_more_than_all():
    part = shares(peril_with(grid__share=0.9, data_centres__named_share=0.9).spec.data, "gulf")
    assert sum(part.values()) == pytest.approx(1.0)
    assert part["grid"] == part["named"]
    assert sum(shares(peril_with().spec.data, "gulf").values()) < 0.2


def test_a_targets_chance_is_its_weight_over_a_fixed_number():
    data = peril_with().spec.data
    assert chance(data, "gulf", "AE") == 1 / 60
    assert chance(data, "gulf", "IR") == pytest.approx(0.3 / 60)
    assert class_nodes(data, "gulf", "grid", {"grid:UAE"}).chance[0] == 180 / 900
    assert len(class_nodes(data, "gulf", "grid", set())) == 0


def test_more_leakers_keep_the_hits_there_were():
    rows = []
    for launches in (1000, 3000):
        hits = sample_hits(fire_of((launches, 0, 0), 3000), "grid",
                           whole_class(peril_with().spec.data, "gulf", "grid"))
        rows.append(set(zip(hits.wave.tolist(), hits.ordinal.tolist(), strict=True)))
    assert rows[0] < rows[1]


def test_theatres_by_requirements_or_by_country():
    by_chain = theatre_sites(build_world())
    assert set(by_chain["gulf"]) == {"dubai_az1", "dubai_az2", "doha"}
    assert by_chain["gulf"]["doha"] == "QA"
    assert set(by_chain["levant"]) == {"haifa"}
    assert theatre_sites(build_world(chains=False)) == by_chain
    assert "abilene" not in {site for sites in by_chain.values() for site in sites}
