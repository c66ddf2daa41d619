"""The layers of a build-out by hand, and against the world that a later day gives."""

from __future__ import annotations

import pytest

import riskmodel as rm
from riskmodel.compute.buildout import ALL_LAYERS, build_out, ladder_of
from riskmodel.world.dated import on_date
from tests.compute.made_up_build import RECORD, world


def layers(of, day, lab="lab", column="it_mw"):
    table = build_out(of, lab, dates=[day]).set_index("layer")
    return table.loc[list(ALL_LAYERS), column].tolist()


def test_what_runs_what_is_dated_and_what_is_promised_stand_apart():
    """Alpha 100 and half of gamma's 60 run; 150 and 80 are dated; 300 are signed at beta."""
    of = world({"d": {}}, {"d": ("beta",)})
    assert layers(of, RECORD) == [130.0, 0.0, 300.0, 0.0, 0.0]
    assert layers(of, "2027-05-01") == [130.0, 150.0, 300.0, 0.0, 0.0]
    assert layers(of, "2027-09-01") == [130.0, 230.0, 220.0, 0.0, 0.0]
    assert layers(of, "2027-09-01", column="cumulative_mw") == [130.0, 360.0, 580.0, 580.0, 580.0]
    assert layers(of, "2027-09-01", column="facility_mw")[:3] == [
        pytest.approx(1.25 * mw) for mw in (130, 230, 220)]
    assert layers(of, "2025-01-01") == [0.0, 0.0, 300.0, 0.0, 0.0]  # a day before the first step


def test_what_does_not_stand_is_shown_apart_and_adds_to_nothing():
    table = build_out(world({"d": {"standing": "superseded"}, "e": {"standing": "non_binding"}}),
                      "lab", dates=[RECORD]).set_index("layer")
    assert table.loc[["superseded", "non_binding"], "it_mw"].tolist() == [300.0, 300.0]
    assert not table.loc[["superseded", "non_binding"], "counted"].any()
    assert table.loc["up_to", "cumulative_mw"] == 130.0


def test_capacity_at_sites_of_a_deal_whose_term_is_over_is_said():
    deal = {"capacity_gw": 0.1, "end": "2027-01-31", "term_years": 2.0}
    of = world({"d": deal}, {"d": ("alpha",)})
    basis = dict(zip(ALL_LAYERS, layers(of, "2027-06-01", column="basis"), strict=True))
    assert "100 MW of it at sites of deals whose term is over" in basis["energised"]
    assert "150 MW" in basis["scheduled"]
    assert "term is over" not in layers(of, "2027-01-31", column="basis")[0]


def test_bounds_of_the_sum_hold_the_sum():
    table = build_out(rm.read_world(), every="year")
    counted = table[table["counted"].astype(bool)]
    assert (counted["low"] <= counted["it_mw"] + 1e-9).all()
    assert (counted["it_mw"] <= counted["high"] + 1e-9).all()
    assert (counted["cumulative_low"] <= counted["cumulative_mw"] + 1e-6).all()
    assert (counted["cumulative_mw"] <= counted["cumulative_high"] + 1e-6).all()
    last = counted.groupby(["lab", "date"]).agg({"it_mw": "sum", "cumulative_mw": "last"})
    assert (last["it_mw"] - last["cumulative_mw"]).abs().max() < 1e-6


@pytest.mark.parametrize("day", ["2026-11-23", "2027-12-31", "2030-12-31"])
def test_what_runs_and_what_is_dated_are_the_capacity_of_that_day(day):
    shipped = rm.read_world()
    table = build_out(shipped, dates=[day])
    sums = table[table["layer"].isin(["energised", "scheduled"])].groupby("lab")["it_mw"].sum()
    then = rm.read_world(as_of=day).lab_capacity()
    assert sums.to_dict() == {lab: pytest.approx(then[lab]) for lab in sums.index}
    assert not then.drop(sums.index).any()


@pytest.mark.parametrize("day", ["2026-06-01", "2029-01-01"])
def test_a_world_on_another_day_is_the_one_that_is_read(day):
    moved, read = on_date(rm.read_world(), day), rm.read_world(as_of=day)
    assert moved.sites.equals(read.sites)
    assert moved.fingerprint == read.fingerprint


def test_a_ladder_has_the_records_day_the_ends_of_periods_and_the_last_day():
    days = [day.isoformat() for day in ladder_of(world(), "2027-11-15", "half")]
    assert days == ["2026-06-30", "2026-12-31", "2027-06-30", "2027-11-15"]


@pytest.mark.parametrize(("how", "message"), [
    ({"lab": "lap"}, "no lab 'lap'.*did you mean"), ({"until": "2026-01-01"}, "before the record"),
    ({"every": "week"}, "quarter, half, year"), ({"until": "soon"}, "give a day"),
    ({"dates": []}, "dates is empty")])
def test_what_cannot_be_asked_is_refused_with_the_mend(how, message):
    with pytest.raises(rm.RiskModelError, match=message):
        build_out(world(), **how)
