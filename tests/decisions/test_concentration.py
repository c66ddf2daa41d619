"""Concentration by hand, its bounds against every way to resolve what is not known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import riskmodel as rm
from riskmodel.decisions.concentration.concentration import concentration
from riskmodel.errors import RiskModelError
from tests.world.frames import world as small_world


def _world(mw, **columns):
    """One lab that holds everything; a site for each MW."""
    sites = pd.DataFrame({"site_id": [f"s{i}" for i in range(len(mw))], "lat": 50.0,
                          "lon": np.arange(len(mw)) * 1.0, "it_mw": mw, **columns})
    return rm.World.from_frames(
        sites=sites, labs=pd.DataFrame({"lab_id": ["lab"], "needed_share": 1.0}),
        holdings=pd.DataFrame({"lab_id": "lab", "site_id": sites["site_id"], "share": 1.0}))


def _row(frame, measure, lab="lab"):
    return frame[(frame["measure"] == measure) & (frame["lab"] == lab)].iloc[0]


def test_p16_shares_of_operators_through_a_world():
    of = _world([250.0, 250.0, 300.0, 200.0], operator=["A", "A", "B", "C"])
    frame = concentration(of, by="operator")
    for lab in ("lab", "total"):
        assert _row(frame, "hhi", lab)["value"] == pytest.approx(.38, abs=1e-12)
        assert _row(frame, "effective_number", lab)["value"] == pytest.approx(2.631579, abs=1e-6)
        assert _row(frame, "exp_entropy", lab)["value"] == pytest.approx(2.800094, abs=1e-6)
        top = _row(frame, "largest_share", lab)
        assert (top["value"], top["largest"], top["n"]) == (pytest.approx(.5), "A", 3)
    assert (frame["value"] == frame["low"]).all()
    assert (frame["value"] == frame["high"]).all()


def test_what_is_unknown_is_a_group_of_its_own_and_widens_the_bounds():
    # .4 A, .2 B, .4 nobody knows
    frame = concentration(_world([40.0, 20.0, 40.0], operator=["A", "B", ""]), by="operator",
                          lab="lab")
    hhi = _row(frame, "hhi")
    assert hhi["value"] == pytest.approx(.16 + .04 + .16)
    assert (hhi["low"], hhi["high"]) == (pytest.approx(.2), pytest.approx(.64 + .04))
    assert hhi["unknown_share"] == pytest.approx(.4)
    number = _row(frame, "effective_number")
    assert (number["low"], number["high"]) == (pytest.approx(1 / .68), pytest.approx(5.0))
    top = _row(frame, "largest_share")
    assert (top["low"], top["value"], top["high"]) == (.4, .4, pytest.approx(.8))
    assert (top["largest"], top["n"]) == ("A", 2)


def test_two_sites_share_a_theatre_by_the_square_and_what_is_outside_shares_nothing():
    of = replace(_world([30.0, 70.0], country_iso2=["QA", "US"]),
                 theatres=pd.DataFrame({"theatre_id": ["gulf"], "country_iso2": ["QA"]}))
    frame = concentration(of, by=["theatre", "country"], lab="lab")
    theatre = frame[frame["dimension"] == "theatre"]
    assert _row(theatre, "hhi")["value"] == pytest.approx(.09)  # two MW at random: both there
    assert _row(theatre, "hhi")["none_share"] == pytest.approx(.7)
    assert _row(theatre, "largest_share")["value"] == pytest.approx(.3)
    assert np.isnan(_row(theatre, "exp_entropy")["value"])
    country = frame[frame["dimension"] == "country"]
    assert _row(country, "hhi")["value"] == pytest.approx(.09 + .49)


def test_nothing_in_any_theatre_is_endlessly_many():
    frame = concentration(_world([1.0], country_iso2=["US"]), by="theatre", lab="lab")
    assert _row(frame, "hhi")["value"] == 0.0
    assert _row(frame, "effective_number")["value"] == np.inf
    assert _row(frame, "largest_share")[["value", "largest"]].tolist() == [0.0, ""]


@settings(max_examples=40, deadline=None)
@given(known=st.lists(st.integers(1, 50), min_size=1, max_size=5),
       unknown=st.lists(st.integers(1, 50), min_size=1, max_size=5), data=st.data())
def test_bounds_hold_however_the_unknown_resolves(known, unknown, data):
    operators = [f"op {i}" for i in range(len(known))]
    before = concentration(_world([*known, *unknown], operator=operators + [""] * len(unknown)),
                           by="operator", lab="lab")
    truth = [data.draw(st.sampled_from([*operators, *(f"new {i}" for i in range(5))]))
             for _ in unknown]
    after = concentration(_world([*known, *unknown], operator=[*operators, *truth]),
                          by="operator", lab="lab")
    for measure in ("hhi", "effective_number", "largest_share"):
        bounds, found = _row(before, measure), _row(after, measure)["value"]
        assert bounds["low"] - 1e-12 <= found <= bounds["high"] + 1e-12
        assert bounds["low"] - 1e-12 <= bounds["value"] <= bounds["high"] + 1e-12


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 1000), min_size=1, max_size=8))
def test_between_one_and_the_number_of_groups(mw):
    frame = concentration(_world([float(each) for each in mw]), by="site", lab="lab")
    number, entropy = (_row(frame, name)["value"] for name in ("effective_number", "exp_entropy"))
    assert 1 - 1e-9 <= number <= entropy + 1e-9 <= len(mw) + 2e-9


def test_holdings_count_by_share_and_what_nobody_holds_is_unknowns():
    frame = concentration(small_world(), by="site")
    assert list(dict.fromkeys(frame["lab"])) == ["total", "y", "x", "unknown"]
    # y: 40 MW of the first site, 50 of the second
    assert _row(frame, "largest_share", "y")["value"] == pytest.approx(50 / 90)
    assert _row(frame, "largest_share", "unknown")["it_mw"] == pytest.approx(30.0)


def test_refusals_say_what_to_do():
    of = small_world()
    with pytest.raises(RiskModelError, match="did you mean 'operator'"):
        concentration(of, by="operater")
    with pytest.raises(RiskModelError, match="lab is 'z'"):
        concentration(of, lab="z")
    idle = _world([0.0])
    with pytest.raises(RiskModelError, match="holds no capacity"):
        concentration(idle, lab="lab")
    with pytest.raises(RiskModelError, match="nothing runs"):
        concentration(idle)
