"""Courses of places: any portfolio's losses and shortfall follow from them, exactly."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import riskmodel as rm
from riskmodel.engine.losses.courses import Courses, booked_courses, site_courses
from riskmodel.engine.plan.held import held_mw
from riskmodel.engine.plan.planned import planned
from riskmodel.errors import RiskModelError
from riskmodel.measures.labcourse import lab_course
from tests.engine.small import lab_per_site, table, world
from tests.engine.unsure import Sampled, Storms, spec_of, stated

EVENTS = table({"event_id": "flood", "peril": "flood", "node_id": "t", "rate_per_yr": 2.0,
                "duration_h": 700.0, "depth": 0.6, "duration_dist": "exponential"},
               {"event_id": "gale", "peril": "flood", "node_id": "g", "rate_per_yr": 3.0,
                "duration_h": 500.0, "duration_dist": "exponential"},
               {"event_id": "fire", "peril": "flood", "node_id": "s", "rate_per_yr": 2.0,
                "duration_h": 400.0, "duration_dist": "exponential"})
NEEDS = (("s", "power", "g", {"ride_through_h": 6.0}), ("t", "power", "g", {"share": 0.5}))


def shared() -> rm.World:
    """Three sites, two of them on one grid; a lab over all, and one beside it."""
    return world(*NEEDS, sites=("s", "t", "u"), labs={"a": 0.7, "b": 0.4}, events=EVENTS,
                 holdings=[("a", "s", 0.5), ("a", "t", 1.0), ("a", "u", 0.2), ("b", "s", 0.5)])


def by_year(frame: pd.DataFrame, lab: str, column: str, n: int) -> np.ndarray:
    mine = frame[frame["lab"] == lab]
    out = np.zeros(n)
    out[mine["year"].to_numpy(int)] = mine[column].to_numpy(float)
    return out


@pytest.mark.parametrize("worlds", [1, 3])
def test_a_labs_losses_and_shortfall_follow_from_the_courses(worlds):
    perils = [Storms(spec_of("gale", stated(1.0, 3.0, 9.0), stated(2.0, 90.0, 500.0, "h")), "g"),
              Sampled(spec_of("blaze", stated(0.1, 0.3, 0.9, "share")), "t"), "flood"]
    made = replace(shared(), holdings=shared().holdings.assign(probability=[0.8, 0.6, 1.0, 0.7]))
    losses = rm.simulate(made, 300, 5, perils=perils, worlds=worlds)
    occurrence, calendar = booked_courses(losses)
    for number, lab in enumerate(losses.labs):
        mw = held_mw(losses, lab, occurrence.sites)
        lost = lab_course(occurrence, mw)
        assert lost.lost_mw_days() == pytest.approx(
            by_year(losses.years, lab, "lost_mw_days", 300), rel=1e-12, abs=1e-9)
        short = lab_course(calendar, mw)
        need = 1.0 - losses.needed_share[number]
        found = short.shortfall(short.capacity_mw * need)
        for column, values in (("shortfall_mw_days", found.mw_days),
                               ("shortfall_h", found.hours), ("shortfall_days", found.days)):
            assert values == pytest.approx(by_year(losses.adequacy, lab, column, 300), abs=1e-8)
        if worlds == 1:
            assert occurrence.unit_losses() @ mw[0] == pytest.approx(lost.lost_mw_days(), abs=1e-9)
    together = held_mw(losses, None, occurrence.sites)
    assert together.sum(axis=1) == pytest.approx(np.full(worlds, 300.0))


def test_a_peak_is_the_most_missing_at_once():
    losses = rm.simulate(lab_per_site(*NEEDS, sites=("s", "t", "u"), events=EVENTS), 50, 3)
    course = lab_course(site_courses(losses), [0.0, 100.0, 0.0])
    peak = course.peak_mw()
    assert peak.max() == pytest.approx(100.0 * (1 - 0.4))  # the deeper of two, never their sum
    assert (peak[course.lost_mw_days() == 0] == 0).all()


def test_sites_can_be_watched_that_run_nothing_and_hold_nobody():
    empty = world(*NEEDS, sites=("s", "t", "u"), mw=0.0, events=EVENTS)
    losses = rm.simulate(empty, 200, 3)
    assert losses.years.empty
    full = rm.simulate(lab_per_site(*NEEDS, sites=("s", "t", "u"), events=EVENTS), 200, 3)
    one, other = site_courses(losses, sites=["t", "s"]), site_courses(full, sites=["t", "s"])
    assert one.unit_losses().toarray() == pytest.approx(other.unit_losses().toarray())
    assert one.unit_losses().sum() > 0


def test_any_node_can_be_watched_and_its_site_follows_it():
    losses = rm.simulate(shared(), 200, 3)
    courses = site_courses(losses, sites=["g", "u"])
    grid = courses.site == 0
    assert grid.any()
    hours = (courses.end_h - courses.start_h)[grid].sum() / courses.n_years
    gale = EVENTS[EVENTS["node_id"] == "g"].iloc[0]
    # three gales a year of 500 h on average, overlaps once: below their sum, and near it
    assert 0.8 < hours / (gale["rate_per_yr"] * gale["duration_h"]) < 1.0
    assert not (courses.site == 1).any()  # nothing hits u


def test_one_worker_or_two_give_the_same_courses():
    losses = rm.simulate(shared(), 5000, 3, adequacy=False)
    one, two = site_courses(losses, workers=1), site_courses(losses, workers=2)
    for name in ("year", "site", "start_h", "end_h", "lost_share"):
        assert (getattr(one, name) == getattr(two, name)).all()


def test_what_cannot_be_watched_is_refused():
    losses = rm.simulate(shared(), 10, 3)
    with pytest.raises(RiskModelError, match="no site or other node 'v'"):
        site_courses(losses, sites=["v"])
    with pytest.raises(RiskModelError, match="twice"):
        site_courses(losses, sites=["s", "s"])
    with pytest.raises(RiskModelError, match="booking is 'daily'"):
        site_courses(losses, "daily")
    bare = rm.Losses.from_years(losses.years[["year", "lab", "lost_mw_days"]], 10)
    with pytest.raises(RiskModelError, match="year table"):
        site_courses(bare)
    with pytest.raises(RiskModelError, match="story"):
        site_courses(rm.stress(shared(), []))
    with pytest.raises(RiskModelError, match="needs the world"):
        site_courses(replace(losses, world=None))
    with pytest.raises(RiskModelError, match="fingerprint"):
        site_courses(losses, world=lab_per_site(sites=("s",)))
    courses = site_courses(losses)
    for wrong in ([1.0], [1.0, -1.0, 0.0], [1.0, np.nan, 0.0]):
        with pytest.raises(RiskModelError, match="mw"):
            lab_course(courses, wrong)
    with pytest.raises(RiskModelError, match="no lab 'c'"):
        held_mw(losses, "c", courses.sites)
    with pytest.raises(RiskModelError, match="not among the sites"):
        held_mw(losses, "a", ("s",))


# ------------------------------------------------- against hour by hour, in plain Python


@st.composite
def stretches(draw):
    """Courses of three sites over two years, on whole hours."""
    rows = []
    for year in range(2):
        for site in range(3):
            cuts = draw(st.lists(st.integers(0, 96), max_size=6, unique=True).map(sorted))
            for start, end in zip(cuts[::2], cuts[1::2], strict=False):
                rows.append((year, site, start, end, draw(st.sampled_from([0.25, 0.5, 1.0]))))
    return rows


@settings(max_examples=60, deadline=None)
@given(stretches(), st.lists(st.sampled_from([0.0, 10.0, 40.0]), min_size=3, max_size=3),
       st.sampled_from([0.0, 5.0, 15.0, 50.0]))
def test_shortfall_equals_a_count_hour_by_hour(rows, mw, slack):
    columns = [np.array(c) for c in zip(*rows, strict=True)] or [np.array([])] * 5
    courses = Courses(("x", "y", "z"), columns[0].astype(np.int64), columns[1].astype(np.int32),
                      *(c.astype(float) for c in columns[2:]), 2, "calendar", 365.0)
    found = lab_course(courses, mw).shortfall(slack)
    for year in range(2):
        over = [max(sum(mw[s] * lost for y, s, a, b, lost in rows if y == year and a <= h < b)
                    - slack, 0.0) for h in range(96)]
        assert found.mw_days[year] == pytest.approx(sum(over) / 24)
        assert found.hours[year] == sum(x > 1e-9 for x in over)
        assert found.days[year] == len({h // 24 for h, x in enumerate(over) if x > 1e-9})


@pytest.mark.parametrize("worlds", [1, 3])
def test_a_run_that_is_only_planned_has_the_same_courses(worlds):
    perils = [Storms(spec_of("gale", stated(1.0, 3.0, 9.0), stated(2.0, 90.0, 500.0, "h")), "g"),
              "flood"]
    made = replace(shared(), holdings=shared().holdings.assign(probability=[0.8, 0.6, 1.0, 0.7]))
    losses = rm.simulate(made, 200, 5, perils=perils, worlds=worlds, horizon_days=200.0)
    plan = planned(made, 200, 5, perils=perils, worlds=worlds, horizon_days=200.0)
    assert (plan.labs, plan.worlds, plan.n_years) == (losses.labs, worlds, 200)
    assert (held_mw(plan, "a", ("s", "t", "u")) == held_mw(losses, "a", ("s", "t", "u"))).all()
    for one, other in zip(booked_courses(plan), booked_courses(losses), strict=True):
        assert len(one.year) > 0
        for name in ("year", "site", "start_h", "end_h", "lost_share"):
            assert (getattr(one, name) == getattr(other, name)).all()
