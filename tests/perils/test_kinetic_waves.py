"""Waves of campaigns and their launches against the distributions they are drawn from."""

from __future__ import annotations

import numpy as np
import pytest

from riskmodel.perils.kinetic.campaigns import LONG, Campaigns
from riskmodel.perils.kinetic.waves import TAIL, WEAPONS, sample_waves
from tests.perils.kinetic_case import at_war, draws, peril_with, within_se

EUROPE = "eastern_europe_baltic"
YEARS = 1000


def given(kind, n, *, start=0.0, end=1e9, under_way=False, size=1.0, age=0.0):
    """Return one campaign a year of a kind."""
    full = np.full
    return Campaigns(np.arange(n), full(n, 0 if under_way else 1), full(n, kind), full(n, start),
                     full(n, end), full(n, age), full(n, under_way), full(n, size), full(n, False))


@pytest.fixture(scope="module")
def sustained():
    peril = at_war(EUROPE)
    campaigns = peril.campaigns(draws(YEARS), EUROPE)
    return campaigns, sample_waves(draws(YEARS), peril.spec.data, EUROPE, campaigns)


def test_salvoes_of_a_war_under_way_are_a_renewal_process_in_equilibrium(sustained):
    campaigns, waves = sustained
    assert (campaigns.kind == LONG).all()
    assert campaigns.under_way.all()
    per_year = np.bincount(campaigns.year[waves.campaign], minlength=YEARS)
    within_se(per_year, 8760 / 296)  # exact: the first gap is length-biased
    # at any hour: the first salvo falls as the forward recurrence time does, mean E X2 / 2 E X
    first = np.full(YEARS, np.inf)
    np.minimum.at(first, campaigns.year[waves.campaign], waves.start_h)
    within_se(first, 296 * (1 + 1 / 1.57) / 2)


def test_gaps_have_the_stated_mean_and_are_more_regular_than_poisson(sustained):
    _, waves = sustained
    order = np.lexsort((waves.start_h, waves.campaign))
    start, campaign = waves.start_h[order], waves.campaign[order]
    gap = np.diff(start)[(campaign[1:] == campaign[:-1]) & (start[:-1] < 4000)]
    within_se(gap, 296.0)  # gaps begun early enough are not cut by the year's end
    assert gap.std() / gap.mean() == pytest.approx(1 / np.sqrt(1.57), rel=0.03)
    # the drones of a salvo come until the next one, past the year's end too
    spread = waves.spread_h[order][:-1][(campaign[1:] == campaign[:-1]) & (start[:-1] < 4000)]
    np.testing.assert_allclose(spread, gap)


def test_a_war_that_begins_opens_with_a_salvo():
    data = peril_with(EUROPE).spec.data
    waves = sample_waves(draws(500), data, EUROPE, given(LONG, 500, start=3000.0, end=8000.0))
    first = np.full(500, np.inf)
    np.minimum.at(first, waves.campaign, waves.start_h)
    assert (first == 3000.0).all()
    assert (waves.start_h < 8000.0).all()
    assert (waves.start_h + waves.spread_h <= 8000.0 + 1e-6).all()


def test_salvo_sizes_are_lognormal(sustained):
    campaigns, waves = sustained
    size = campaigns.size[waves.campaign]
    for place, (weapon, median, sigma) in enumerate((("drone", 171, .65), ("ballistic", 17, .46),
                                                     ("cruise", 25, .46))):
        assert WEAPONS[place] == weapon
        scale = waves.spread_h / 24 if weapon == "drone" else 1.0
        # whole numbers: half of one up or down at most, which small salvoes feel
        ratio = np.maximum(waves.launches[:, place], 0.5) / (size * scale * median)
        wide = size * scale * median > (50 if weapon == "drone" else 12)
        logs = np.log(ratio[wide])
        within_se(logs, 0.0, weapon)
        assert logs.std() == pytest.approx(sigma, rel=0.03)
        for level in (0.05, 0.5, 0.95):
            below = (logs < sigma * {0.05: -1.6449, 0.5: 0.0, 0.95: 1.6449}[level]).mean()
            # within the width of one munition
            assert below == pytest.approx(level, abs=0.03), (weapon, level)


def test_campaign_sizes_and_naming():
    peril = peril_with(regime__attacks__crisis=3.0, regime__attacks__war=3.0)
    campaigns = peril.campaigns(draws(3000), "gulf")
    logs = np.log(campaigns.size)
    within_se(logs, 0.0)
    assert logs.std() == pytest.approx(0.9, rel=0.05)
    within_se(campaigns.named, 0.7)


def test_a_short_war_is_front_loaded():
    """Waves fall off with the half-life, beside a thin tail; the first opens the war."""
    data = peril_with().spec.data
    n = 3000
    waves = sample_waves(draws(n), data, "gulf", given(1, n))
    front = waves.wave < TAIL
    within_se(np.bincount(waves.campaign[front], minlength=n), 8.0)
    later = front & (waves.wave > 0)
    into = waves.start_h[later]
    for halves in (1, 2, 3):
        p = 1 - 0.5**halves
        assert abs((into < 66 * halves).mean() - p) < 4 * np.sqrt(p * (1 - p) / len(into))
    assert (waves.start_h[front & (waves.wave == 0)] == 0).all()
    within_se(np.bincount(waves.campaign[~front], minlength=n), 0.07 * 365)
    # the record: 54 % of ten days' missiles in the first two, 48 % of drones in three
    ten = waves.start_h < 240
    shares = [np.average(waves.start_h[ten] < 24 * days, weights=waves.launches[ten, 0])
              for days in (2, 3)]
    assert 0.40 < shares[0] < 0.60
    assert 0.48 < shares[1] < 0.70


def test_a_war_under_way_has_its_front_behind_it():
    data = peril_with().spec.data
    n = 2000
    old = sample_waves(draws(n), data, "gulf", given(1, n, under_way=True, age=132.0))
    front = old.wave < TAIL
    within_se(np.bincount(old.campaign[front], minlength=n), 7.0 / 4)  # two half-lives ago
    assert not (old.wave == 0).any()


def test_raids_are_small_and_few():
    data = peril_with().spec.data
    n = 3000
    waves = sample_waves(draws(n), data, "gulf", given(0, n, start=10.0))
    within_se(np.bincount(waves.campaign, minlength=n), 1.3)
    assert (waves.wave < TAIL).all()
    assert np.median(waves.launches[:, 0]) == pytest.approx(0.1 * 250, rel=0.06)


def test_a_shorter_campaign_keeps_the_waves_it_has():
    data = peril_with().spec.data
    kinds = []
    for kind in (1, LONG):
        long = sample_waves(draws(300), data, "gulf", given(kind, 300, end=4000.0))
        short = sample_waves(draws(300), data, "gulf", given(kind, 300, end=900.0))
        rows = [set(zip(w.campaign.tolist(), w.wave.tolist(), w.start_h.tolist(), strict=True))
                for w in (short, long)]
        assert rows[0] == {row for row in rows[1] if row[2] < 900.0}
        kinds.append(len(rows[1]))
    assert min(kinds) > 1000


def test_numbers_of_waves_are_unique():
    peril = peril_with()
    fire = peril.fire(draws(4000), "levant")
    codes = fire.year * 100_000 + fire.code
    assert len(np.unique(codes)) == len(codes)
    assert (fire.code < 2**16).all()
