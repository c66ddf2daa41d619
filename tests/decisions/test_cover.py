"""A cover by hand, against a slow reference, and in closed form on simulated outages."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import riskmodel as rm
from riskmodel.decisions.price.cover import Cover, recoveries
from riskmodel.engine.losses.courses import Courses, site_courses
from riskmodel.errors import RiskModelError
from tests.engine.small import table, world
from tests.engine.unsure import Storms, spec_of, stated

DAY = 24.0


def _courses(*rows, n_years=2, sites=("a", "b"), booking="occurrence", worlds=1):
    """Courses from rows of year, site, start day, end day, lost share."""
    year, site, start, end, lost = (list(each) for each in zip(*rows, strict=True))
    return Courses(sites, np.array(year, np.int64), np.array(site, np.int32),
                   np.array(start) * DAY, np.array(end) * DAY, np.array(lost, float), n_years,
                   booking, 365.0, worlds)


def _paid(courses, *, mw=(10.0, 1.0), **terms):
    return recoveries(courses, np.array(mw), Cover(**terms)).paid_mw_days.tolist()


def test_waiting_and_indemnity_of_one_spell_by_hand():
    ten_days = _courses((0, 0, 5.0, 15.0, 0.5))  # 10 MW at half: 5 MW lost
    assert _paid(ten_days) == [50.0, 0.0]
    assert _paid(ten_days, waiting_h=48.0) == [40.0, 0.0]
    assert _paid(ten_days, indemnity_days=3.0) == [15.0, 0.0]
    assert _paid(ten_days, waiting_h=9 * DAY, indemnity_days=3.0) == [5.0, 0.0]
    assert _paid(ten_days, waiting_h=10 * DAY) == [0.0, 0.0]


def test_a_spell_lasts_through_changes_of_depth_and_ends_with_a_gap():
    stairs = _courses((0, 0, 0.0, 2.0, 1.0), (0, 0, 2.0, 4.0, 0.1))
    assert _paid(stairs, waiting_h=24.0) == [12.0, 0.0]  # a day whole, two days a tenth
    gap = _courses((0, 0, 0.0, 2.0, 1.0), (0, 0, 2.5, 4.0, 0.1))
    assert _paid(gap, waiting_h=24.0) == [10.5, 0.0]  # the second waits again
    two = _courses((0, 0, 0.0, 2.0, 1.0), (0, 1, 2.0, 4.0, 1.0))
    assert _paid(two, waiting_h=24.0) == [11.0, 0.0]  # another site is another spell
    years = _courses((0, 0, 364.0, 366.0, 1.0), (1, 0, 0.0, 2.0, 1.0))
    assert _paid(years, waiting_h=24.0) == [10.0, 10.0]  # so is another year


def test_deductible_and_limits_by_hand():
    three = _courses((0, 0, 0.0, 3.0, 1.0), (0, 0, 10.0, 14.0, 1.0), (1, 0, 0.0, 1.0, 1.0))
    assert _paid(three, deductible_mw_days=10.0) == [50.0, 0.0]
    assert _paid(three, limit_mw_days=30.0) == [60.0, 10.0]
    assert _paid(three, annual_limit_mw_days=35.0) == [35.0, 10.0]
    found = recoveries(three, np.array([10.0, 1.0]), Cover(0.0, np.inf, 10.0, 25.0, 40.0))
    assert found.paid_mw_days.tolist() == [40.0, 0.0]
    assert found.claims.tolist() == [2, 0]
    assert found.spell_limit.tolist() == [True, False]
    assert found.annual_limit.tolist() == [True, False]
    assert found.lost_mw_days.tolist() == [70.0, 10.0]


def test_holdings_of_each_state_of_the_world_count_in_its_years():
    courses = _courses((0, 0, 0.0, 1.0, 1.0), (1, 0, 0.0, 1.0, 1.0), worlds=2)
    assert recoveries(courses, np.array([[10.0, 0.0], [3.0, 0.0]]),
                      Cover()).paid_mw_days.tolist() == [10.0, 3.0]


def _slowly(courses, mw, terms):
    """The same spell by spell, in plain words."""
    paid = [0.0] * courses.n_years
    for year in range(courses.n_years):
        for site in range(len(courses.sites)):
            rows = sorted((courses.start_h[i], courses.end_h[i], courses.lost_share[i])
                          for i in range(len(courses.year))
                          if courses.year[i] == year and courses.site[i] == site)
            spells = []
            for row in rows:
                if spells and abs(spells[-1][-1][1] - row[0]) < 1e-9:
                    spells[-1].append(row)
                else:
                    spells.append([row])
            for spell in spells:
                opens = spell[0][0] + terms.waiting_h
                closes = opens + terms.indemnity_days * 24
                hours = sum(max(0.0, min(end, closes) - max(start, opens)) * share
                            for start, end, share in spell)
                paid[year] += min(terms.limit_mw_days,
                                  max(0.0, hours * mw[site] / 24 - terms.deductible_mw_days))
        paid[year] = min(paid[year], terms.annual_limit_mw_days)
    return paid


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_the_same_as_spell_by_spell(data):
    rows = []
    for year in range(2):
        for site in range(2):
            at = 0.0
            for _ in range(data.draw(st.integers(0, 4))):
                at += data.draw(st.sampled_from([0.0, 1.0, 3.0]))
                days = data.draw(st.sampled_from([0.5, 1.0, 4.0]))
                rows.append((year, site, at, at + days, data.draw(st.sampled_from([0.2, 1.0]))))
                at += days
    if not rows:
        return
    terms = Cover(*(data.draw(st.sampled_from(values)) for values in (
        [0.0, 12.0, 60.0], [np.inf, 0.5, 3.0], [0.0, 2.0], [np.inf, 7.0], [np.inf, 20.0])))
    courses = _courses(*data.draw(st.permutations(rows)))
    assert recoveries(courses, np.array([10.0, 3.0]), terms).paid_mw_days == pytest.approx(
        _slowly(courses, [10.0, 3.0], terms))


MEAN_H, RATE, YEARS = 48.0, 0.5, 20_000


@pytest.fixture(scope="module")
def outages():
    """Poisson outages of a site of 100 MW, exponential with a mean of two days."""
    events = table({"rate_per_yr": RATE, "duration_dist": "exponential", "duration_h": MEAN_H})
    losses = rm.simulate(world(events=events), YEARS, seed=9)
    return losses, site_courses(losses)


@pytest.mark.parametrize(("waiting_h", "days"), [(0.0, None), (24.0, None), (12.0, 2.0),
                                                 (72.0, 30.0)])
def test_poisson_outages_of_exponential_length_in_closed_form(outages, waiting_h, days):
    losses, courses = outages
    frame = rm.cover(losses, "lab", waiting_h=waiting_h, indemnity_days=days, courses=courses,
                     price=1000.0).set_index("measure")
    end = np.inf if days is None else waiting_h + days * DAY
    # of an outage with mean m hours the part between w and w + D is m (e^-w/m - e^-(w+D)/m)
    hours = MEAN_H * (np.exp(-waiting_h / MEAN_H) - np.exp(-end / MEAN_H))
    expected = {"recovery": RATE * 100.0 * hours / DAY, "aal": RATE * 100.0 * MEAN_H / DAY,
                "recovered_share": hours / MEAN_H, "claims": RATE * np.exp(-waiting_h / MEAN_H),
                "p_claim": -np.expm1(-RATE * np.exp(-waiting_h / MEAN_H)),
                "premium": RATE * 100.0 * hours / DAY * 1000.0}
    for measure, value in expected.items():
        row = frame.loc[measure]
        if (waiting_h, days, measure) == (0.0, None, "recovered_share"):
            assert row["value"] == pytest.approx(1.0)  # all of it, in every year
            continue
        # outages that meet become one spell, three in a thousand of them
        assert abs(row["value"] - value) < 4 * row["se"] + 0.003 * value, measure
        assert row["se"] > 0
    assert frame.loc["aal_net", "value"] == pytest.approx(
        frame.loc["aal", "value"] - frame.loc["recovery", "value"])


def test_what_is_worth_in_money(outages):
    losses, courses = outages
    price = rm.Price(1000.0, 0.06, low=500.0, high=2000.0)
    frame = rm.cover(losses, "lab", waiting_h=24.0, price=price, courses=courses,
                     level=0.95).set_index("measure")
    recovery, avoided = frame.loc["recovery", "value"], frame.loc["tvar_avoided", "value"]
    assert frame.loc["tvar_net", "value"] == pytest.approx(frame.loc["tvar", "value"] - avoided)
    assert avoided > 0
    worth = frame.loc["worth"]
    assert worth["value"] == pytest.approx(1000 * recovery + 60 * avoided)
    assert (worth["low"], worth["high"]) == pytest.approx((worth["value"] / 2, worth["value"] * 2))
    assert worth["unit"] == "USD/yr"
    # its error knows that both terms stand on the same years
    apart = np.hypot(1000 * frame.loc["recovery", "se"], 60 * frame.loc["tvar_avoided", "se"])
    assert apart < worth["se"] < 1000 * frame.loc["recovery", "se"] + (
        60 * frame.loc["tvar_avoided", "se"])


def test_limits_in_money_are_limits_in_mw_days(outages):
    losses, courses = outages
    how = {"waiting_h": 12.0, "price": 1000.0, "courses": courses, "lab": "lab"}
    in_money = rm.cover(losses, limit_money=300_000.0, annual_limit_money=500_000.0, **how)
    in_days = rm.cover(losses, limit_mw_days=300.0, annual_limit_mw_days=500.0, **how)
    assert in_money["value"].tolist() == in_days["value"].tolist()
    free = rm.cover(losses, **how).set_index("measure")["value"]
    limited = in_days.set_index("measure")["value"]
    assert limited["recovery"] < free["recovery"]
    assert 0 < limited["p_limit"] < limited["p_claim"]
    assert free["p_limit"] == 0.0


def test_every_lab_and_the_total_and_years_run_again():
    of = world(sites=("s", "t"), labs={"one": 1.0, "two": 1.0},
               holdings=[("one", "s", 1.0), ("two", "t", 1.0)],
               events=table({"node_id": "s", "rate_per_yr": 2.0, "duration_h": 48.0}))
    losses = rm.simulate(of, 500, seed=2)
    frame = rm.cover(losses, waiting_h=24.0)
    assert list(dict.fromkeys(frame["lab"])) == ["total", "one", "two"]
    value = frame.pivot(index="lab", columns="measure", values="value")
    assert value.loc["one", "recovery"] == pytest.approx(value.loc["total", "recovery"])
    assert value.loc["one", "aal"] == pytest.approx(
        losses.years["lost_mw_days"].sum() / losses.n_years)
    nothing = frame[frame["lab"] == "two"].set_index("measure")
    assert nothing.loc["recovery", "value"] == 0.0
    assert np.isnan(nothing.loc["recovery", "se"])  # nothing seen is no certainty
    assert nothing.loc["p_claim", "high"] == pytest.approx(1 - 0.05 ** (1 / 500))


def test_with_several_worlds_the_aal_is_that_of_the_run():
    peril = Storms(spec_of("storm", stated(1.0, 2.0, 4.0)))
    losses = rm.simulate(world(), 400, seed=4, worlds=20, perils=[peril])
    value = rm.cover(losses, "lab").set_index("measure")["value"]
    assert value["aal"] == pytest.approx(rm.measure(losses, measures="aal").iloc[0]["value"])
    assert value["recovery"] == pytest.approx(value["aal"])


@pytest.mark.parametrize(("terms", "says"), [
    ({"waiting_h": -1.0}, "waiting_h is -1.0"), ({"indemnity_days": 0.0}, "indemnity_days is 0.0"),
    ({"deductible_mw_days": float("nan")}, "deductible_mw_days is nan"),
    ({"limit_mw_days": -5.0}, "limit_mw_days is -5.0"),
    ({"limit_mw_days": 5.0, "limit_money": 5.0}, "twice"),
    ({"limit_money": 5.0, "price": 0.0}, "price above 0"), ({"lab": "nobody"}, "lab is 'nobody'")])
def test_terms_that_cannot_be_are_refused(outages, terms, says):
    losses, courses = outages
    with pytest.raises(RiskModelError, match=says):
        rm.cover(losses, courses=courses, **terms)


def test_courses_of_the_calendar_or_of_other_years_are_refused(outages):
    losses, courses = outages
    with pytest.raises(RiskModelError, match="occurrence"):
        recoveries(_courses((0, 0, 0.0, 1.0, 1.0), booking="calendar"), np.ones(2), Cover())
    with pytest.raises(RiskModelError, match="2 years"):
        rm.cover(losses, courses=_courses((0, 0, 0.0, 1.0, 1.0)))
    with pytest.raises(RiskModelError, match="shape"):
        recoveries(courses, np.ones(3), Cover())


def test_terms_in_words():
    assert str(Cover(12.0, 90.0, limit_mw_days=5000.0)) == (
        "12 h of waiting, 90 days of indemnity, limit a spell 5,000 MW-days")
    assert str(Cover()) == "0 h of waiting, indemnity without end"
