"""The engine equals the slow reference on random worlds, to 1e-9, causes included."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riskmodel.engine.stories.story import run_story
from tests.reference.slow import solve
from tests.reference.worlds import as_events, as_reference, as_world, stories

HOURS = 24.0


def compare(bundle, causes: bool) -> None:
    """Run the stories of a bundle through the engine at once, and each through the reference."""
    losses = run_story(as_world(bundle), as_events(bundle), recovery_cap_days=730.0, check=False)
    years = {row.lab: row for row in losses.years.itertuples()}
    adequacy = {row.lab: row for row in losses.adequacy.itertuples()}
    event_id = losses.events.event_id.to_numpy()
    told: dict = {}
    for row in losses.causes.itertuples():
        who = (row.lab, event_id[row.event], row.node)
        told[who] = told.get(who, 0.0) + row.lost_mw_days
    for i, story in enumerate(bundle):
        answer = solve(*as_reference(*story))
        for lab in story[-1]:
            row, name = years.get(f"{i}/{lab}"), f"{i}/{lab}"
            lost, short = (0.0, 0.0) if row is None else (row.lost_mw_days, row.shortfall_mw_days)
            assert lost == pytest.approx(answer.lost.get(lab, 0.0) / HOURS, abs=1e-9)
            assert short == pytest.approx(answer.shortfall.get(lab, 0.0) / HOURS, abs=1e-9)
            row = adequacy.get(name)
            hours, days = (0.0, 0) if row is None else (row.shortfall_h, row.shortfall_days)
            assert hours == pytest.approx(answer.shortfall_h.get(lab, 0.0), abs=1e-8)
            assert days == answer.days.get(lab, 0)
            by_cause = sum(value for who, value in told.items() if who[0] == name)
            assert by_cause == pytest.approx(lost, abs=1e-9)
        if causes:
            expected = {(f"{i}/{who[0]}", f"{i}/{who[1]}", f"{i}/{who[2]}"): value / HOURS
                        for who, value in answer.causes.items()}
            mine = {who: value for who, value in told.items() if who[0].startswith(f"{i}/")}
            for who in {*mine, *expected}:
                assert mine.get(who, 0.0) == pytest.approx(expected.get(who, 0.0), abs=1e-9), who


QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much,
         HealthCheck.large_base_example]
BUNDLE = 8  # worlds an example: the frames of one world cost more than the physics of eight


def bundles(cycles: bool) -> st.SearchStrategy:
    return st.lists(stories(cycles=cycles), min_size=BUNDLE, max_size=BUNDLE)


@settings(max_examples=200, deadline=None, suppress_health_check=QUIET)
@given(bundles(cycles=False))
def test_engine_equals_reference(bundle):
    """1,600 worlds: depths, parts, quorum, proportional, shares, ride-through, overlaps."""
    compare(bundle, causes=True)


@settings(max_examples=60, deadline=None, suppress_health_check=QUIET)
@given(bundles(cycles=True))
def test_engine_equals_reference_with_cycles(bundle):
    """480 worlds whose requirements go round: the smallest outages consistent with the rows."""
    compare(bundle, causes=False)
