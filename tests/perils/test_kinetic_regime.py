"""Calm, crisis and war: the sampled chain against its exact exponential."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from riskmodel.errors import RiskModelError
from riskmodel.perils.kinetic import regime
from riskmodel.perils.kinetic.campaigns import KINDS, LONG, RAID, SHORT
from tests.perils.kinetic_case import draws, peril_with, within_se

YEARS = 20_000
THEATRES = ("gulf", "levant", "taiwan_strait", "eastern_europe_baltic", "korea")
#: rates that move every state within the year
BUSY = {"regime__attacks__calm": 0.6, "regime__attacks__crisis": 2.0, "regime__attacks__war": 1.5,
        "regime__tension": 1.0, "regime__easing": 2.5, "regime__long_share": 0.3,
        "regime__start__calm": 0.3, "regime__start__crisis": 0.4,
        "regime__start__short_war": 0.2, "regime__start__long_war": 0.1}


def paths_of(peril, theatre, years=YEARS, **kwargs):
    found = regime.rates(peril.spec.data, theatre)
    return found, regime.sample_paths(draws(years, **kwargs), found)


@pytest.mark.parametrize(("theatre", "changes"), [("gulf", BUSY), ("gulf", {}), ("levant", {}),
                                                  ("eastern_europe_baltic", {})],
                         ids=["busy", "gulf", "levant", "europe"])
def test_occupancy_is_the_matrix_exponential(theatre, changes):
    found, paths = paths_of(peril_with(theatre, **changes), theatre)
    for hour in (0.0, 500.0, 4000.0, 8759.0):
        exact = regime.occupancy(found, hour)
        seen = np.bincount(paths.state_at(hour), minlength=4) / YEARS
        se = np.sqrt(exact * (1 - exact) / YEARS)
        assert (np.abs(seen - exact) <= 4 * se + 1e-9).all(), (hour, seen, exact)


def test_time_in_each_regime_is_the_integral_of_the_occupancy():
    found = regime.rates(peril_with(**BUSY).spec.data, "gulf")
    hours = np.linspace(0, 8760, 2001)
    by_hand = np.trapezoid([regime.occupancy(found, h) for h in hours], hours, axis=0)
    np.testing.assert_allclose(regime.time_in(found), by_hand, rtol=1e-6)
    assert regime.time_in(found).sum() == pytest.approx(8760)
    np.testing.assert_allclose(regime.generator(found).sum(axis=1), 0.0, atol=1e-12)


@pytest.mark.parametrize("theatre", THEATRES)
def test_campaigns_begin_at_the_exact_rate(theatre):
    peril = peril_with()
    expected = regime.expected_attacks(regime.rates(peril.spec.data, theatre))
    campaigns = peril.campaigns(draws(YEARS), theatre)
    begun = campaigns.take(~campaigns.under_way)
    for kind, name in enumerate(KINDS):
        per_year = np.bincount(begun.year[begun.kind == kind], minlength=YEARS)
        se = max(per_year.std(), np.sqrt(expected[name])) / np.sqrt(YEARS)
        assert abs(per_year.mean() - expected[name]) < 4 * se, (theatre, name)
    running = campaigns.take(campaigns.under_way)
    start = regime.rates(peril.spec.data, theatre).start
    for kind, share in ((SHORT, start[2]), (LONG, start[3])):
        se = np.sqrt(share * (1 - share) / YEARS)
        assert abs((running.kind == kind).sum() / YEARS - share) <= 4 * se + 1e-9


def test_wars_and_raids_last_as_stated_and_run_past_the_years_end():
    peril = peril_with(**BUSY)
    campaigns = peril.campaigns(draws(YEARS), "gulf")
    length = campaigns.end_h - campaigns.start_h
    for kind, rate in ((SHORT, 8.0), (LONG, 0.7)):
        within_se(length[campaigns.kind == kind] / 8760 * rate, 1.0, KINDS[kind])
        old = campaigns.age_h[campaigns.under_way & (campaigns.kind == kind)]
        within_se(old / 8760 * rate, 1.0, KINDS[kind])
    logs = np.log(length[campaigns.kind == RAID])
    within_se(logs, np.log(24.0))
    assert logs.std() == pytest.approx(0.8, rel=0.02)
    assert (campaigns.end_h[campaigns.kind == LONG] > 8760).mean() > 0.3
    assert (campaigns.start_h < 8760).all()
    codes = campaigns.year * 1000 + campaigns.number
    assert len(np.unique(codes)) == len(codes)


def test_a_later_world_starts_from_the_vector_carried_forward():
    data = peril_with().spec.data
    now = regime.rates(data, "gulf")
    np.testing.assert_allclose(now.start, [.03, .90, .05, .02])
    later = regime.rates(data, "gulf", dt.date(2027, 12, 31))
    years = (dt.date(2027, 12, 31) - dt.date(2026, 11, 23)).days / 365.25
    np.testing.assert_allclose(later.start, regime.occupancy(now, 8760 * years), atol=1e-12)
    assert later.start[3] > now.start[3]
    np.testing.assert_array_equal(regime.rates(data, "gulf", dt.date(2020, 1, 1)).start, now.start)
    # shares that do not add up are brought to 1
    tilted = regime.rates(peril_with(regime__start__crisis=3.9).spec.data, "gulf")
    assert tilted.start.sum() == pytest.approx(1.0)
    assert tilted.start[1] == pytest.approx(3.9 / 4.0)


def test_a_higher_rate_keeps_the_attacks_of_a_lower():
    only = {"regime__start__calm": 0.0, "regime__start__short_war": 0.0,
            "regime__start__long_war": 0.0, "regime__easing": 0.0, "regime__attacks__war": 0.4}
    rows = []
    for rate in (0.4, 0.4, 1.2):
        _, paths = paths_of(peril_with(regime__attacks__crisis=rate, **only), "gulf", 5000)
        rows.append(set(zip(paths.attack_row.tolist(), paths.attack_ordinal.tolist(),
                            paths.attack_h.tolist(), strict=True)))
    assert rows[0] == rows[1]
    assert rows[0] < rows[2]
    assert len(rows[2]) > 1.3 * len(rows[0])


def test_a_longer_war_is_the_same_war():
    short, long = (peril_with(regime__peace__short_war=rate).campaigns(draws(5000), "gulf")
                   for rate in (16.0, 8.0))
    ends = [dict(zip(zip(c.year.tolist(), c.number.tolist(), strict=True), c.end_h, strict=True))
            for c in (short.take(short.kind == SHORT), long.take(long.kind == SHORT))]
    shared = ends[0].keys() & ends[1].keys()
    assert len(shared) > 0.9 * len(ends[0])
    assert all(ends[0][key] < ends[1][key] for key in shared)


def test_draws_do_not_depend_on_the_block():
    peril = peril_with(**BUSY)
    whole = peril.campaigns(draws(3000), "gulf")
    part = peril.campaigns(draws(np.arange(1000, 2000)), "gulf")
    mine = whole.take((whole.year >= 1000) & (whole.year < 2000))
    for one, two in ((mine, part), (part, mine)):
        assert set(zip(one.year.tolist(), one.number.tolist(), one.end_h.tolist(), strict=True)
                   ) <= set(zip(two.year.tolist(), two.number.tolist(), two.end_h.tolist(),
                                strict=True))


def test_what_makes_no_sense_is_refused():
    with pytest.raises(RiskModelError, match="raise the ceiling"):
        regime.rates(peril_with(regime__attacks__crisis=50.0).spec.data, "gulf")
    nothing = {f"regime__start__{state}": 0.0 for state in regime.STATES}
    with pytest.raises(RiskModelError, match="adds up to 0"):
        regime.rates(peril_with(**nothing).spec.data, "gulf")


def test_ceilings_lie_above_whatever_a_state_of_the_world_may_draw():
    from tests.perils.small_world import at

    for theatre, section in peril_with().spec.data["theatres"].items():
        chain = section["regime"]
        for state in ("calm", "crisis", "war"):
            most = at(chain["attacks"][state], 1 - 1e-4)
            more = at(chain["tension"], 1 - 1e-4) if state == "calm" else 0.0
            assert most + more < chain["ceiling_per_yr"], (theatre, state)
