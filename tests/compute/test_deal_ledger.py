"""What deals add to the sites: the rule with made-up deals, by hand, and what must always hold."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import riskmodel as rm
from riskmodel.compute.deal_ledger import LAYERS, deal_ledger
from riskmodel.compute.deal_numbers import day_of, read_deals
from tests.compute.made_up_build import world


def added(deals, sites=None, date="2026-06-30", lab="lab"):
    """Return {(deal, layer): MW added} without the rows that add nothing."""
    table = deal_ledger(world(deals, sites), lab, date)
    return {(row["deal_id"], row["layer"]): pytest.approx(row["added_mw"])
            for row in table.to_dict("records") if row["added_mw"] > 0}


# ------------------------------------------------------------------------------------- the rule


def test_a_deal_adds_what_its_sites_do_not_count_yet():
    deal = {"d": {}}
    assert added(deal, {"d": ("alpha",)}) == {("d", "contracted"): 200.0}
    # the step of May 2027 makes it 250 MW, and 300 are said
    assert added(deal, {"d": ("alpha",)}, "2027-05-01") == {("d", "contracted"): 50.0}
    # half of gamma's 60 MW are the lab's
    assert added(deal, {"d": ("gamma",)}) == {("d", "contracted"): 270.0}
    assert added({"d": {"capacity_gw": 0.09}}, {"d": ("alpha",)}) == {}


def test_a_deal_without_a_site_takes_those_of_its_counterparty_that_no_deal_names():
    alone = {"d": {"counterparty": "Builder / Somebody else"}}
    assert added(alone) == {("d", "contracted"): 200.0}  # alpha's 100 MW are Builder's
    named = {**alone, "e": {"capacity_gw": 0.0}}
    assert added(named, {"e": ("alpha",)}) == {("d", "contracted"): 300.0}
    assert added({"d": {}}) == {("d", "contracted"): 300.0}


def test_deals_on_the_same_sites_are_one_family_and_count_once():
    """600 MW over two sites hold 300 at alpha and 200 at beta; 100 MW stand already."""
    family = {"whole": {"capacity_gw": 0.6}, "part": {}, "rest": {"capacity_gw": 0.2}}
    at = {"whole": ("alpha", "beta"), "part": ("alpha",), "rest": ("beta",)}
    assert sum(one.expected for one in added(family, at).values()) == pytest.approx(500.0)
    # the parts come to more than the whole: they count
    family["rest"]["capacity_gw"] = 0.4
    assert sum(one.expected for one in added(family, at).values()) == pytest.approx(600.0)
    # two deals on one site are the same capacity: the larger counts
    twice = {"one": {}, "two": {"capacity_gw": 0.5}}
    assert sum(one.expected for one in added(twice, {"one": ("alpha",), "two": ("alpha",)}
                                             ).values()) == pytest.approx(400.0)


def test_layers_stand_on_each_other():
    """Binding 200, announced 500 at the same site, a ceiling of 900 over it: 100, 300 and 400."""
    deals = {"signed": {"capacity_gw": 0.2}, "said": {"capacity_gw": 0.5, "standing": "announced"},
             "most": {"capacity_gw": 0.9, "is_up_to": True}}
    at = dict.fromkeys(deals, ("alpha",))
    assert added(deals, at) == {("signed", "contracted"): 100.0, ("said", "announced"): 300.0,
                                ("most", "up_to"): 400.0}


def test_a_ceiling_promises_its_low_end_and_nothing_where_there_is_none():
    ceiling = {"is_up_to": True, "capacity_gw": 1.0}
    assert added({"d": ceiling}) == {("d", "up_to"): 1000.0}
    assert added({"d": {**ceiling, "capacity_gw_low": 0.4}}) == {
        ("d", "contracted"): 400.0, ("d", "up_to"): 600.0}
    reported = {**ceiling, "capacity_gw_low": 0.4, "standing": "reported"}
    assert added({"d": reported}) == {("d", "announced"): 400.0, ("d", "up_to"): 600.0}


def test_chips_fill_places_of_their_designer_then_those_that_name_no_chips():
    """500 MW of NVIDIA find alpha's 100, a lease of 150 and gamma's nameless 30: 220 are left."""
    deals = {"chips": {"kind": "chips", "capacity_gw": 0.5, "chip_family": "GPU"},
             "hall": {"capacity_gw": 0.15, "chip_family": "GPU"}}
    assert added(deals) == {("hall", "contracted"): 150.0, ("chips", "contracted"): 220.0}
    # AMD's find nothing but gamma's 30 MW
    deals["chips"]["chip_family"] = "XPU"
    assert added(deals) == {("hall", "contracted"): 150.0, ("chips", "contracted"): 470.0}
    # a place without chips named takes any
    deals["hall"]["chip_family"] = ""
    assert added(deals) == {("hall", "contracted"): 150.0, ("chips", "contracted"): 320.0}
    # and chips that nobody names fill whatever is left: 100 + 30 + 150
    deals["chips"]["chip_family"] = ""
    assert added(deals) == {("hall", "contracted"): 150.0, ("chips", "contracted"): 220.0}


@pytest.mark.parametrize("standing", ["non_binding", "superseded", "dropped", "paused"])
def test_what_does_not_stand_adds_nothing_and_is_shown(standing):
    table = deal_ledger(world({"d": {"standing": standing}}), "lab")
    assert table[["layer", "added_mw", "added_high", "it_mw"]].values.tolist() == [
        [standing, 0.0, 0.0, 300.0]]
    assert "not counted" in table["basis"].iat[0]


def test_equity_and_deals_without_a_number_are_shown_with_the_reason():
    table = deal_ledger(world({"a": {"kind": "equity"}, "b": {"capacity_gw": float("nan")}}), "lab")
    assert dict(zip(table["deal_id"], table["basis"], strict=True)) == {
        "a": "no capacity in it", "b": "no capacity is stated"}
    assert not table["added_mw"].any()


def test_facility_power_is_divided_by_the_pue_of_the_sites():
    """300 MW at a PUE of 1.25 are 240 of IT power; what they measure is not said: up to 300."""
    for basis, high in (("facility", 240.0), ("", 300.0)):
        row = deal_ledger(world({"d": {"capacity_basis": basis}}), "lab").iloc[0]
        assert (row["it_mw"], row["added_mw"], row["added_high"]) == (
            pytest.approx(240.0), pytest.approx(240.0), pytest.approx(high))


# --------------------------------------------------------------------------------- from when on


def test_a_deal_counts_from_its_start_and_a_lease_with_a_term_to_its_end():
    deal = {"start": "2027", "end": "2028-02", "term_years": 1.0}
    for day, mw in (("2026-12-31", 0), ("2027-01-01", 300), ("2028-02-29", 300),
                    ("2028-03-01", 0)):
        assert sum(one.expected for one in added({"d": deal}, date=day).values()) == mw
    for lasting in ({"kind": "own_build"}, {"term_years": float("nan")}):
        assert added({"d": {**deal, **lasting}}, date="2029-01-01") == {("d", "contracted"): 300.0}


@pytest.mark.parametrize(("text", "first", "last"), [
    ("2026-04-20", dt.date(2026, 4, 20), dt.date(2026, 4, 20)),
    ("2026-12", dt.date(2026, 12, 1), dt.date(2026, 12, 31)),
    ("2028-02", dt.date(2028, 2, 1), dt.date(2028, 2, 29)),
    ("2030", dt.date(2030, 1, 1), dt.date(2030, 12, 31)), ("", None, None), ("soon", None, None),
    ("2026-13", None, None)])
def test_days_that_a_date_may_mean(text, first, last):
    assert (day_of(text), day_of(text, last=True)) == (first, last)


# ------------------------------------------------------------------------- what must always hold


DEAL = st.fixed_dictionaries({
    "kind": st.sampled_from(["lease", "cloud", "own_build", "chips"]),
    "standing": st.sampled_from(["binding", "announced", "reported", "non_binding"]),
    "is_up_to": st.booleans(), "capacity_gw": st.sampled_from([0.05, 0.2, 0.7, 1.5]),
    "capacity_gw_low": st.sampled_from([0.02, 0.05, float("nan")]),
    "chip_family": st.sampled_from(["", "GPU", "XPU", "GPU;XPU"]),
    "capacity_basis": st.sampled_from(["it", "facility", ""])})
PLACES = st.sets(st.sampled_from(["alpha", "beta", "gamma"])).map(lambda some: tuple(sorted(some)))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(DEAL, PLACES), min_size=1, max_size=5), st.randoms())
def test_more_never_takes_away_and_the_order_of_rows_changes_no_sum(pairs, random):
    def table(some):
        deals = {f"d{i}": deal for i, (deal, _) in some}
        sites = {f"d{i}": places for i, (_, places) in some if places}
        return deal_ledger(world(deals, sites), "lab", "2027-12-31")

    numbered = list(enumerate(pairs))
    whole = table(numbered)
    assert (whole["added_low"] >= 0).all()
    assert (whole["added_low"] <= whole["added_mw"] + 1e-9).all()
    assert (whole["added_mw"] <= whole["added_high"] + 1e-9).all()
    assert (whole["added_mw"] <= whole["it_mw"] + 1e-9).all()
    more = [(i, ({**deal, "capacity_gw": 2.0}, places) if i == 0 else (deal, places))
            for i, (deal, places) in numbered]
    assert whole["added_mw"].sum() <= table(more)["added_mw"].sum() + 1e-6
    random.shuffle(numbered)
    again = table(numbered)
    for layer in LAYERS:
        assert (again.loc[again["layer"] == layer, "added_mw"].sum()
                == pytest.approx(whole.loc[whole["layer"] == layer, "added_mw"].sum()))


def test_the_deals_that_ship_add_no_site_twice():
    """Oracle's 4.5 GW stand on five campuses that are planned with more: nothing is added."""
    shipped = rm.read_world()
    then = deal_ledger(shipped, "openai", "2028-12-31").set_index(["deal_id", "layer"])
    assert then.loc[("openai_oracle_2025", "contracted"), "added_mw"] == 0
    assert then.loc[("openai_michigan", "contracted"), "added_mw"] == 0
    assert then.loc[("openai_nvidia_2025", "superseded"), "added_mw"] == 0
    # ports_pike: 4.25 GW of IT power are said, the first phase is dated
    row = then.loc[("openai_ports_pike", "announced")]
    assert row["added_mw"] == pytest.approx(4250 - row["at_sites_mw"])
    assert {deal.deal_id for deal in read_deals(shipped, "openai")} == set(
        shipped.deals.loc[shipped.deals["lab_id"] == "openai", "deal_id"])


def test_a_lab_that_is_not_there_is_named():
    with pytest.raises(rm.RiskModelError, match=r"no lab 'lap'.*did you mean 'lab'"):
        deal_ledger(world(), "lap")
