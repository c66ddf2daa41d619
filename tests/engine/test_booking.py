"""The two bookings against each other and against closed forms."""

import math

import numpy as np
import pytest

import riskmodel as rm
from tests.engine.small import MW, table, world

#: a mean of 60 days, four times a year, in every kind of duration
MEAN_H = 1440.0
KINDS = {
    "fixed": (MEAN_H, math.nan),
    "exponential": (MEAN_H, math.nan),
    "lognormal": (MEAN_H * math.exp(-0.5 * 0.6**2), 0.6),
    "weibull": (MEAN_H / math.gamma(1 + 1 / 1.4), 1.4)}


def yearly(losses) -> np.ndarray:
    """Return MW-days lost by year, years without loss included."""
    lost = np.zeros(losses.n_years)
    np.add.at(lost, losses.years["year"].to_numpy(), losses.years["lost_mw_days"].to_numpy())
    return lost


@pytest.mark.parametrize("dist", list(KINDS))
def test_a_calendar_year_is_a_year_of_a_process_without_beginning(dist):
    """Poisson outages, united: the site is down for 1 - exp(-rate x mean duration) of the time.

    Whatever the distribution. Without the warm-up the year would begin with everything up: 60 days
    against a year would show as a tenth of the loss.
    """
    hours, shape = KINDS[dist]
    of = world(events=table({"rate_per_yr": 4.0, "duration_dist": dist, "duration_h": hours,
                             "duration_shape": shape}))
    run = rm.simulate(of, years=4000, seed=11, booking="calendar")
    down = 1 - math.exp(-4.0 * MEAN_H / 8760)
    lost = yearly(run)
    assert lost.max() <= 365 * MW * (1 + 1e-12)
    assert abs(lost.mean() - 365 * MW * down) < 4 * lost.std() / math.sqrt(len(lost))
    # who needs everything is short for as long
    short = run.adequacy["shortfall_h"].sum() / run.n_years
    se = lost.std() / math.sqrt(len(lost)) * 24 / MW
    assert abs(short - 8760 * down) < 4 * se
    assert run.adequacy["shortfall_days"].max() <= 365


def test_both_bookings_agree_in_the_mean_for_short_outages():
    """What is cut off at one end comes in at the other; year by year under common draws."""
    of = world(events=table({"rate_per_yr": 3.0, "duration_h": 24.0}))
    runs = [rm.simulate(of, years=20_000, seed=2, booking=booking, adequacy=False)
            for booking in ("occurrence", "calendar")]
    apart = yearly(runs[1]) - yearly(runs[0])
    assert 0 < (apart != 0).mean() < 0.03  # 24 h at either end, 3 a year: 1.6 % of the years
    assert abs(apart.mean()) < 4 * apart.std() / math.sqrt(len(apart))


def test_only_occurrence_booking_may_lose_more_than_a_year():
    of = world(events=table({"rate_per_yr": 1.0, "duration_h": 600 * 24.0}))
    told = rm.simulate(of, years=500, seed=4)
    assert yearly(told).max() > 365 * MW
    assert yearly(told).max() <= (365 + 600) * MW
    cut = rm.simulate(of, years=500, seed=4, booking="calendar")
    assert yearly(cut).max() <= 365 * MW * (1 + 1e-12)
    # its adequacy is the calendar's, whichever booking the losses have
    both = [run.adequacy.set_index("year")["shortfall_h"] for run in (told, cut)]
    assert both[0].equals(both[1])


def test_the_recovery_cap_bounds_what_reaches_into_the_year():
    """Permanent losses, cut to 90 days: down for 1 - exp(-rate x 90 days) of the time."""
    of = world(events=table({"rate_per_yr": 2.0, "duration_h": 1e6}))
    run = rm.simulate(of, years=6000, seed=9, booking="calendar", recovery_cap_days=90.0)
    lost = yearly(run)
    expected = 365 * MW * (1 - math.exp(-2.0 * 90 / 365))
    assert abs(lost.mean() - expected) < 4 * lost.std() / math.sqrt(len(lost))


def test_another_horizon():
    """Trials of 30 days: events start inside them, and no more than 30 days can be lost."""
    of = world(events=table({"rate_per_yr": 36.5, "duration_h": 480.0}))
    run = rm.simulate(of, years=2000, seed=1, horizon_days=30.0, booking="calendar")
    starts = rm.simulate(of, years=2000, seed=1, horizon_days=30.0, adequacy=False).events
    assert abs(len(starts) - 2000 * 3.0) < 4 * (2000 * 3.0) ** 0.5  # 36.5 a year are 3 in 30 days
    assert run.events["start_h"].max() < 30 * 24
    assert yearly(run).max() <= 30 * MW * (1 + 1e-12)
    assert run.adequacy["shortfall_h"].max() <= 30 * 24 * (1 + 1e-12)


@pytest.mark.parametrize(("how", "says"), [
    ({"years": 0}, "whole number above 0"), ({"years": 1.5}, "whole number above 0"),
    ({"years": True}, "whole number above 0"), ({"booking": "accident"}, "occurrence, calendar"),
    ({"horizon_days": 0.0}, "above 0"), ({"recovery_cap_days": -1.0}, "above 0"),
    ({"workers": 0}, "1 or more"), ({"executor": object()}, "map"),
    ({"perils": ["strom"]}, "did you mean 'storm'")])
def test_what_cannot_be_run(how, says):
    with pytest.raises(rm.RiskModelError, match=says):
        rm.simulate(world(events=table({})), **{"years": 10, **how})
