"""Many stories in one go are each what ``stress`` says, and no outage helps by being worse."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import riskmodel as rm
from riskmodel.engine.stories.stories import set_stage
from riskmodel.measures.labcourse import lab_course
from tests.engine.small import hit, world
from tests.engine.test_reference import QUIET
from tests.reference.worlds import as_world, stories

GRID = world(("s", "power", "g", {"ride_through_h": 8.0}), ("t", "power", "g"), sites=("s", "t"))


def test_each_story_is_what_stress_says():
    told = [[hit(("g", 0.0, hours, depth))] for hours in (4.0, 20.0) for depth in (0.3, 1.0)]
    told += [[], [hit(("s", 1.0, 5.0)), hit(("g", 3.0, 30.0, 0.5))]]
    stage = set_stage(GRID, ["storm"], ["here"], recovery_cap_days=730)
    course = lab_course(stage.play(told), stage.held_mw.sum(axis=0))
    alone = [rm.stress(GRID, events).years["lost_mw_days"].sum() for events in told]
    assert course.lost_mw_days() == pytest.approx(np.array(alone))


def test_no_stories_are_no_years():
    stage = set_stage(GRID, ["storm"], recovery_cap_days=730)
    assert stage.play([]).n_years == 0


def test_the_stage_knows_what_it_was_set_for():
    stage = set_stage(GRID, ["storm"], ["here"], recovery_cap_days=730)
    with pytest.raises(rm.RiskModelError, match="not set for 'flood'"):
        stage.play([[hit(("g", 0.0, 1.0), peril="flood")]])
    with pytest.raises(rm.RiskModelError, match="no node 'h'"):
        stage.play([[hit(("h", 0.0, 1.0))]])


def missing(courses, story: int, hours) -> np.ndarray:
    """What each site misses at some hours of a story, shape (sites, hours)."""
    out = np.zeros((len(courses.sites), len(hours)))
    for i in np.flatnonzero(courses.year == story):
        inside = (hours >= courses.start_h[i]) & (hours < courses.end_h[i])
        out[courses.site[i], inside] = courses.lost_share[i]
    return out


@settings(max_examples=25, deadline=None, suppress_health_check=QUIET)
@given(st.lists(st.tuples(stories(cycles=False), st.integers(0, 99), st.integers(1, 60),
                          st.floats(0.0, 1.0)), min_size=8, max_size=8))
def test_longer_and_deeper_outages_never_leave_more(bundle):
    """200 worlds: the response that a search by section and by bound relies on is monotone."""
    before, after = [], []
    for number, ((_, _, events, *_), which, longer, deeper) in enumerate(bundle):
        told = [replace(event, outages=[replace(o, node=f"{number}/{o.node}")
                                        for o in event.outages]) for event in events]
        event = which % len(told)
        own = list(told[event].outages)
        place = which % len(own)
        own[place] = replace(own[place], duration_h=own[place].duration_h + longer / 2,
                             depth=own[place].depth + deeper * (1 - own[place].depth))
        before.append(told)
        after.append([*told[:event], replace(told[event], outages=own), *told[event + 1:]])
    stage = set_stage(as_world([story for story, *_ in bundle]), ["storm"], ["here"],
                      recovery_cap_days=730, check=False)
    courses = stage.play([*before, *after])
    for number in range(len(bundle)):
        mine = np.isin(courses.year, [number, number + len(bundle)])
        edges = np.unique(np.concatenate([courses.start_h[mine], courses.end_h[mine]]))
        hours = (edges[:-1] + edges[1:])[np.diff(edges) > 1e-9] / 2
        assert (missing(courses, number + len(bundle), hours)
                >= missing(courses, number, hours) - 1e-9).all()
