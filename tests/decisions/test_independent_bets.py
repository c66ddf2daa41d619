"""Diversification seen in simulated years: closed forms with a common shock."""

from __future__ import annotations

import numpy as np
import pytest

import riskmodel as rm
from riskmodel.decisions.concentration.independent_bets import (
    _ratio,
    _site_losses,
    _tail_benefit,
    independent_bets,
)
from riskmodel.engine.losses.courses import site_courses
from riskmodel.errors import RiskModelError
from riskmodel.measures.concentration import tail_benefit
from tests.engine.small import lab_per_site, table, world

N, COMMON, OWN, YEARS = 5, 0.5, 2.0, 20_000
SITES = tuple(f"s{i}" for i in range(N))


@pytest.fixture(scope="module")
def shocked():
    """Sites alike: a common outage of an hour, and one of their own; correlation .2."""
    events = table(*({"event_id": "common", "node_id": site, "rate_per_yr": COMMON}
                     for site in SITES),
                   *({"event_id": site, "node_id": site, "rate_per_yr": OWN} for site in SITES))
    return rm.simulate(world(sites=SITES, events=events), YEARS, seed=11)


def _row(frame, measure, lab="lab"):
    return frame[(frame["measure"] == measure) & (frame["lab"] == lab)].iloc[0]


def test_p16_independent_bets_of_sites_alike_with_a_common_shock(shocked):
    rho = COMMON / (COMMON + OWN)
    frame = independent_bets(shocked)
    bets = _row(frame, "independent_bets")
    assert abs(bets["value"] - N / (1 + (N - 1) * rho)) < 4 * bets["se"]
    assert 0 < bets["se"] < 0.1
    ratio = _row(frame, "diversification_ratio")
    assert ratio["value"] ** 2 == pytest.approx(bets["value"])
    assert (bets["n"], bets["sites"]) == (YEARS, N)


def test_errors_are_those_of_repetition(shocked):
    # the spread of the ratio over parts of the years is what its error says
    losses = _site_losses(site_courses(shocked).unit_losses(), np.full((1, N), 100.0)).tocsr()
    for work in (_ratio, lambda part, sums: _tail_benefit(part, sums, 0.9)):
        parts = 40
        found = []
        for part in range(parts):
            mine = losses[part * YEARS // parts:(part + 1) * YEARS // parts].tocsc()
            found.append(work(mine, np.asarray(mine.sum(axis=1)).ravel()))
        spread, told = np.std([value for value, _ in found], ddof=1), np.mean(
            [error for _, error in found])
        assert spread == pytest.approx(told, rel=4 / np.sqrt(2 * parts))


def test_one_site_and_sites_that_fail_together_gain_nothing():
    events = table({"node_id": "g", "rate_per_yr": 1.0, "duration_h": 30.0})
    of = world(("s", "power", "g"), ("t", "power", "g"), sites=("s", "t"), events=events)
    frame = independent_bets(rm.simulate(of, 500, seed=3), lab="lab", level=0.9)
    assert _row(frame, "diversification_ratio")["value"] == pytest.approx(1.0)
    assert _row(frame, "independent_bets")["value"] == pytest.approx(1.0)
    assert _row(frame, "tail_benefit")["value"] == pytest.approx(0.0, abs=1e-12)


def test_the_tail_benefit_is_that_of_the_measures():
    # each site its own lab: the measure of the year table is the same number
    events = table(*({"event_id": site, "node_id": site, "rate_per_yr": 0.2, "duration_h": 50.0}
                     for site in "ab"))
    of = lab_per_site(sites=("a", "b"), events=events)
    losses = rm.simulate(of, 4000, seed=5)
    row = _row(independent_bets(losses, lab="total", level=0.95), "tail_benefit", "total")
    assert row["value"] == pytest.approx(tail_benefit(losses, 0.95))


def test_a_lab_that_lost_nothing_has_no_ratio():
    of = world(sites=("s",), events=table({"rate_per_yr": 1e-9}))
    frame = independent_bets(rm.simulate(of, 100, seed=1))
    assert frame["value"].isna().all()
    assert (frame["sites"] == 0).all()


def test_refusals(shocked):
    with pytest.raises(RiskModelError, match="lab is 'nobody'"):
        independent_bets(shocked, lab="nobody")
    with pytest.raises(RiskModelError, match="occurrence"):
        independent_bets(shocked, courses=site_courses(shocked, "calendar"))
