"""Equivalent firm MW: the closed form of two sites against one, and what must hold for any."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import riskmodel as rm
from riskmodel.decisions.diversification.firm import firm_capacity
from riskmodel.engine.losses.courses import site_courses
from riskmodel.errors import RiskModelError
from riskmodel.measures.labcourse import lab_course
from tests.engine.small import table, world

RATE, HOURS = 4.0, 240.0
UNAVAILABILITY = 1 - np.exp(-RATE * HOURS / 8760)  # of a place that is down while any event lasts
EVENTS = table(*({"event_id": f"at {s}", "node_id": s, "rate_per_yr": RATE, "duration_h": HOURS}
                 for s in ("s", "t")))


def split(one: float, other: float, needed: float = 1.0) -> rm.World:
    """Put a lab's MW at two places of equal hazard."""
    return world(sites=("s", "t"), mw=[one, other], events=EVENTS, needed=needed)


def closed_form(need: float) -> float:
    """Return the firm MW per MW that two halves are worth over one whole, of unavailability q.

    The base is short of ``need`` for q of the time; two halves lose a half for 2 q (1 - q) of it
    and all for q^2. With z firm MW the base is short of need - z.
    """
    q = UNAVAILABILITY
    halves = 2 * q * (1 - q) * max(need - 0.5, 0.0) + q * q * need
    return need - halves / q


@pytest.fixture(scope="module")
def runs() -> tuple[rm.Losses, rm.Losses]:
    return tuple(rm.simulate(split(*mw), 20_000, 11) for mw in ((200.0, 0.0), (100.0, 100.0)))


@pytest.mark.parametrize("need", [1.0, 0.75, 0.5])
def test_two_sites_against_one_is_the_closed_form(runs, need):
    found = rm.equivalent_firm_mw(*runs, lab="lab", needed_share=need)
    exact = 200.0 * closed_form(need)
    assert found.low <= exact <= found.high
    assert found.low <= found.value <= found.high
    assert abs(found.value - exact) <= 4 * found.se
    assert found.high - found.low < 12.0  # MW, of 200: it is not right by being wide
    assert found["need_mw"] == pytest.approx(200 * need)


def test_the_error_shrinks_as_years_grow():
    widths = []
    for years in (500, 8000):
        losses = [rm.simulate(split(*mw), years, 5) for mw in ((200.0, 0.0), (100.0, 100.0))]
        found = rm.equivalent_firm_mw(*losses, lab="lab", needed_share=0.75)
        widths.append(found.high - found.low)
        assert abs(float(found) - 200 * closed_form(0.75)) <= 4 * found.se
    assert widths[1] < widths[0] / 2.5  # a factor 4 is expected


def test_it_can_be_nothing_while_lole_doubles(runs):
    whole, halves = runs
    assert closed_form(1.0) == pytest.approx(0.0)
    found = rm.equivalent_firm_mw(whole, halves, lab="lab")
    assert found.low <= 0 <= found.high
    lolh = [rm.measure(each, measures="lolh").iloc[0] for each in runs]
    assert lolh[1]["value"] / lolh[0]["value"] == pytest.approx(2 - UNAVAILABILITY, rel=0.02)
    eue = [rm.measure(each, measures="eue").iloc[0] for each in runs]
    assert abs(eue[1]["value"] - eue[0]["value"]) <= 4 * np.hypot(eue[0]["se"], eue[1]["se"])


def test_the_null_move_is_worth_exactly_nothing(runs):
    same = rm.simulate(split(200.0, 0.0), 20_000, 11)
    for other in (runs[0], same):
        found = rm.equivalent_firm_mw(runs[0], other, lab="lab", needed_share=0.8)
        assert (found.value, found.se, found.low, found.high) == (0.0, 0.0, 0.0, 0.0)


def test_firm_capacity_that_is_really_added_is_found_again(runs):
    # a third place that nothing hits holds 30 MW
    more = world(sites=("s", "t", "u"), mw=[200.0, 0.0, 30.0], events=EVENTS)
    found = rm.equivalent_firm_mw(runs[0], rm.simulate(more, 20_000, 11), lab="lab",
                                  needed_share=0.7)
    assert found.value == pytest.approx(30.0, abs=1e-6)
    assert found.low == pytest.approx(30.0, abs=1e-3)


def test_a_worse_move_has_a_negative_worth_and_mirrors_the_better(runs):
    whole, halves = runs
    back = rm.equivalent_firm_mw(halves, whole, lab="lab", needed_share=0.5)
    assert back.value < 0
    assert back.high < 0
    # less capacity at the same place is worth just so much less
    less = rm.simulate(split(150.0, 0.0), 20_000, 11)
    lost = rm.equivalent_firm_mw(whole, less, lab="lab", needed_share=0.9)
    assert lost.base_eue < lost.other_eue
    # exact: the base short of .9 C - z while down; the other short of .9 C while down, and of
    # .9 C - 150 = 30 MW always
    q = whole_unavailability(whole)
    assert lost.value == pytest.approx(-brute(q), abs=2e-5)


def whole_unavailability(losses: rm.Losses) -> float:
    course = lab_course(site_courses(losses, "calendar"), [1.0, 0.0])
    return float(course.lost_mw_days().mean() / 365)


def brute(q: float) -> float:
    """Return how many MW taken away leave 200 MW as short of 180 as 150 MW are, by small steps."""
    target = q * 180 + (1 - q) * 30
    taken = np.linspace(0, 60, 6_000_001)
    short = q * 180 + q * taken * (taken <= 20) + (taken > 20) * (q * taken + (1 - q)
                                                                  * (taken - 20))
    return float(taken[np.argmin(abs(short - target))])


def test_nothing_needed_or_never_short_has_no_answer(runs):
    for share in (0.0,):
        found = rm.equivalent_firm_mw(*runs, lab="lab", needed_share=share)
        assert np.isnan(found.value)
        assert "never falls short" in str(found)
    never = rm.equivalent_firm_mw(runs[0], rm.simulate(
        world(sites=("u",), mw=200.0, events=None), 20_000, 11), lab="lab")
    assert never.value == pytest.approx(200.0)  # all that is needed, firm
    assert "at least" in never.note


def test_worlds_share_their_attributions():
    doubt = {"holdings": split(200.0, 0.0).holdings.assign(probability=0.7)}
    pair = [rm.simulate(replace(split(*mw), **doubt), 4000, 2, worlds=8)
            for mw in ((200.0, 0.0), (100.0, 100.0))]
    found = rm.equivalent_firm_mw(*pair, lab="lab", needed_share=0.5)
    assert found.need_mw == pytest.approx(0.5 * pair[0].capacity_mw[pair[0].labs.index("lab")])
    assert found.low < found.value < found.high


@pytest.mark.parametrize(("how", "says"), [
    ({"years": 100, "seed": 11}, "n_years"), ({"years": 20_000, "seed": 12}, "seed")])
def test_runs_that_do_not_share_their_draws_are_refused(runs, how, says):
    other = rm.simulate(split(100.0, 100.0), how["years"], how["seed"])
    with pytest.raises(RiskModelError, match=says):
        rm.equivalent_firm_mw(runs[0], other, lab="lab")


def test_wrong_words_are_refused(runs):
    with pytest.raises(RiskModelError, match="lab is 'labb'"):
        rm.equivalent_firm_mw(*runs, lab="labb")
    with pytest.raises(RiskModelError, match="share from 0 to 1"):
        rm.equivalent_firm_mw(*runs, lab="lab", needed_share=1.5)
    course = lab_course(site_courses(runs[0], "calendar"), [200.0, 0.0])
    with pytest.raises(RiskModelError, match="share from 0 to 1"):
        firm_capacity("lab", course, course, float("nan"), 365.0)
