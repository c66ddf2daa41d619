"""What is missing while a portfolio is short, against a count hour by hour."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmodel.engine.losses.courses import Courses
from riskmodel.errors import RiskModelError
from riskmodel.measures.labcourse import lab_course
from riskmodel.measures.shorttime import short_time

SITES = ("a", "b", "c")


@st.composite
def courses(draw):
    """Courses of three sites over two years, on whole hours."""
    rows = []
    for year in range(2):
        for site in range(3):
            cuts = draw(st.lists(st.integers(0, 96), max_size=6, unique=True).map(sorted))
            for start, end in zip(cuts[::2], cuts[1::2], strict=False):
                rows.append((year, site, start, end, draw(st.sampled_from([0.25, 0.5, 1.0]))))
    year, site, start, end, lost = zip(*rows, strict=True) if rows else [[]] * 5
    return Courses(SITES, np.array(year, np.int64), np.array(site, np.int32),
                   np.array(start, float), np.array(end, float), np.array(lost, float), 2,
                   "calendar", 365.0)


def level(of: Courses, year: int, site: int, hour: int) -> float:
    """Return the share of a site that is missing in one hour."""
    here = ((of.year == year) & (of.site == site) & (of.start_h <= hour) & (hour < of.end_h))
    return float(of.lost_share[here].sum())


@settings(max_examples=60, deadline=None)
@given(courses(), st.lists(st.sampled_from([0.0, 10.0, 40.0]), min_size=3, max_size=3),
       st.sampled_from([0.0, 5.0, 15.0]), st.sampled_from([3.0, 20.0]))
def test_it_equals_a_count_hour_by_hour(of, mw, slack, block):
    found = short_time(lab_course(of, mw), slack, of)
    days, lost = np.zeros(2), np.zeros((2, 3))
    short, firm, there = np.zeros(2), np.zeros(2), np.zeros((2, 3))
    for year in range(2):
        for hour in range(96):
            gone = [level(of, year, site, hour) for site in range(3)]
            over = np.dot(gone, mw) - slack
            if over <= 1e-9:
                continue
            days[year] += 1 / 24
            short[year] += over / 24
            firm[year] += max(over - block, 0.0) / 24
            for site in range(3):
                lost[year, site] += gone[site] / 24
                there[year, site] += max(over - block * (1 - gone[site]), 0.0) / 24
    assert found.days() == pytest.approx(days)
    assert found.lost_days() == pytest.approx(lost)
    assert found.short_mw_days() == pytest.approx(short)
    assert found.short_mw_days(block) == pytest.approx(firm)
    assert found.short_mw_days_with(block) == pytest.approx(there)


@settings(max_examples=20, deadline=None)
@given(courses())
def test_the_courses_of_some_sites_are_theirs(of):
    some = of.only(["c", "a"])
    assert some.sites == ("c", "a")
    assert some.unit_losses().toarray() == pytest.approx(of.unit_losses().toarray()[:, [2, 0]])
    one = short_time(lab_course(of, [10.0, 20.0, 5.0]), 1.0, some)
    all_ = short_time(lab_course(of, [10.0, 20.0, 5.0]), 1.0, of)
    assert one.lost_days() == pytest.approx(all_.lost_days()[:, [2, 0]])


def test_years_of_another_run_are_refused():
    of = Courses(SITES, *(np.array([], kind) for kind in (np.int64, np.int32, *[float] * 3)), 2,
                 "calendar", 365.0)
    with pytest.raises(RiskModelError, match="one run"):
        short_time(lab_course(of, [1.0, 0.0, 0.0]), 0.0, replace(of, n_years=3))
    assert short_time(lab_course(of, [1.0, 0.0, 0.0]), 0.0, of).lost_days().sum() == 0
