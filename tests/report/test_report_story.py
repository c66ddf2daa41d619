"""The story: which year is told, and the steps of its picture."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from reading import words

import riskmodel as rm
from riskmodel.report.context import Context
from riskmodel.report.html import render_report
from riskmodel.report.story import happenings, pick_year, steps


def test_steps_add_up_to_the_loss():
    labs = pd.DataFrame({"lab": ["a", "a", "b"], "start_h": [0.0, 48.0, 24.0],
                         "end_h": [24.0, 72.0, 60.0], "lost_mw": [10.0, 5.0, 2.0]})
    hours, lost = steps(labs, ["a", "b"])
    assert lost.shape == (2, len(hours))
    assert (lost[:, :-1] * np.diff(hours)).sum() == pytest.approx(10 * 24 + 5 * 24 + 2 * 36)
    assert lost[:, -1].tolist() == [0.0, 0.0]


def test_about_the_1_in_200_year_is_told(world, losses):
    year, why = pick_year(Context(losses, world))
    sums = losses.years.groupby("year")["lost_mw_days"].sum().sort_values(ascending=False)
    assert sums.loc[year] == sums.iloc[1200 // 200 - 1]
    assert "1-in-200 year" in why


def test_a_short_run_tells_its_worst_year(world):
    short = rm.simulate(world, years=60, seed=4, adequacy=False)
    year, why = pick_year(Context(short, world))
    assert year == short.years.groupby("year")["lost_mw_days"].sum().idxmax()
    assert why == "the worst of the 60 simulated years"


def test_the_events_told_add_up_to_the_year(world, losses):
    year, _ = pick_year(Context(losses, world))
    rows, rest = happenings(Context(losses, world), rm.replay(losses, year))
    lost = losses.years.loc[losses.years["year"] == year, "lost_mw_days"].sum()
    assert sum(row["lost"] for row in rows) + rest["lost"] == pytest.approx(lost)
    assert [int(row["day"]) for row in rows] == sorted(int(row["day"]) for row in rows)


def test_any_year_can_be_told(world, losses):
    year = int(losses.years["year"].iloc[0])
    assert f"Simulated year {year}, the year that was asked for" in words(
        render_report(losses, story_year=year))
    quiet = next(y for y in range(losses.n_years) if y not in set(losses.years["year"]))
    assert f"Year {quiet} cannot be given here: nothing was lost in it" in words(
        render_report(losses, story_year=quiet))


def test_another_world_is_noticed(losses):
    from tests.report.conftest import make_world

    other = make_world(as_of="2027-12-31")
    text = words(render_report(losses, world=other))
    assert "could not be replayed" in text
    assert "fingerprint differs" in text
