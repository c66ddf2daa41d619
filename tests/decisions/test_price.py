"""Money: the anchors worked out by hand, bounds, a file of one's own, and what is refused."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

import riskmodel as rm
from riskmodel.decisions.price.file import as_price, parse_price
from riskmodel.decisions.price.price import Price, money
from riskmodel.errors import RiskModelError
from riskmodel.world.rules import read_rules
from riskmodel.world.shipped import shipped_folder
from tests.world_factory import write_small_world

_NUMBER = {"unit": "1", "source": "judgement", "confidence": "low", "known_on": "2026-01-01",
           "note": "made up"}


def _file(**anchor: float) -> dict[str, object]:
    """A sound file with one anchor of one's own."""
    def number(value: float) -> dict[str, object]:
        return {"low": value / 2, "best": value, "high": value * 2, **_NUMBER}

    return {"as_of": "2026-11-23", "default_anchor": "mine",
            "pue": {"value": number(1.2)},
            "anchors": {"mine": {"meaning": "a price of my own",
                                 **{key: number(value) for key, value in anchor.items()}}},
            "capital": {"rate_per_yr": number(0.08)}}


def test_shipped_anchors_are_those_of_the_record_by_hand() -> None:
    # 30 billion USD a GW of facility power over four years: 20.5 million USD a GW-day
    facility_gw_day = 30e9 / (4 * 365.25)
    assert facility_gw_day == pytest.approx(20.5e6, rel=2e-3)
    assert rm.read_price("capex").per_mw_day == pytest.approx(facility_gw_day / 1000 * 1.30)
    # 636,000 H100-equivalents a GW at 2.35 USD an hour: 36 million USD a GW-day
    facility_gw_day = 2.35 * 24 * 636_000
    assert facility_gw_day == pytest.approx(36e6, rel=5e-3)
    assert rm.read_price("rental").per_mw_day == pytest.approx(facility_gw_day / 1000 * 1.30)
    assert rm.read_price("ownership").per_mw_day == pytest.approx(8.5e6 / 365.25)
    assert rm.read_price("capex").rate_per_yr == 0.06
    assert rm.read_price() == rm.read_price("rental")


def test_bounds_are_all_cheap_and_all_dear_ends() -> None:
    capex = rm.read_price("capex")
    assert capex.low == pytest.approx(29e9 / 1000 / (6 * 365.25) * 1.15)
    assert capex.high == pytest.approx(57e9 / 1000 / (3 * 365.25) * 1.40)


def test_facility_over_it_power_is_the_rule_of_the_world() -> None:
    rule = read_rules(shipped_folder()).tables["pue_default"]
    file = tomllib.loads((shipped_folder() / "prices.toml").read_text(encoding="utf-8"))
    assert {"low": rule["low"], "best": rule["value"], "high": rule["high"]}.items() \
        <= file["pue"]["value"].items()


def test_every_shipped_price_names_its_sources() -> None:
    for anchor in ("rental", "capex", "ownership"):
        price = rm.read_price(anchor)
        assert anchor in price.basis
        assert all(title and url.startswith("http") for title, url in price.sources)
        assert any("2015/35" in title for title, _ in price.sources)


def test_money_by_hand() -> None:
    price = Price(20_000.0, 0.06, low=10_000.0, high=30_000.0, rate_low=0.04, rate_high=0.10)
    # 20,000 x 100 + .06 x 20,000 x 1,000 = 2.0 + 1.2 million USD a year
    assert money(100.0, 1000.0, price) == pytest.approx((3.2e6, 1.4e6, 6.0e6))
    assert (price.per_aal_mw_day, price.per_tvar_mw_day) == (20_000.0, 1_200.0)
    # worse on average, better in the tail: cheap power at dear capital is the best case
    assert money(-100.0, 1000.0, price) == pytest.approx((-0.8e6, -1.8e6, 0.0))
    assert money(0.0, 0.0, price) == (0.0, 0.0, 0.0)


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.floats(0, 1), st.floats(0, 1))
def test_no_price_within_the_bounds_gives_money_outside(
        d_aal: float, d_tvar: float, at: float, rate_at: float) -> None:
    price = Price(2.0, 0.06, low=1.0, high=4.0, rate_low=0.02, rate_high=0.2)
    found = money(d_aal, d_tvar, price)
    inside = money(d_aal, d_tvar, Price(1.0 + 3.0 * at, 0.02 + 0.18 * rate_at)).value
    slack = 1e-9 * (abs(d_aal) + abs(d_tvar) + 1)
    assert found.low - slack <= inside <= found.high + slack


def test_a_price_by_hand_a_number_and_an_anchor() -> None:
    mine = Price(5.0, 0.1)
    assert (mine.low, mine.high, mine.rate_low, mine.rate_high) == (5.0, 5.0, 0.1, 0.1)
    assert as_price(mine) is mine
    assert as_price(None) == rm.read_price()
    assert as_price("capex") == rm.read_price("capex")
    number = as_price(25_000.0)
    assert (number.low, number.per_mw_day, number.high) == (25_000.0,) * 3
    assert (number.rate_low, number.rate_per_yr, number.rate_high) == (0.04, 0.06, 0.10)


def test_a_file_in_the_worlds_own_folder_counts(tmp_path) -> None:  # type: ignore[no-untyped-def]
    world = rm.read_world(write_small_world(tmp_path))
    assert rm.read_price(world=world) == rm.read_price()  # none of its own: the package's
    text = (shipped_folder() / "prices.toml").read_text(encoding="utf-8")
    (tmp_path / "prices.toml").write_text(
        text.replace('default_anchor = "rental"', 'default_anchor = "ownership"'), encoding="utf-8")
    assert rm.read_price(world=world) == rm.read_price("ownership")


def test_an_anchor_of_ones_own() -> None:
    price = parse_price(_file(usd_per_it_mw_day=1000.0))
    assert (price.low, price.per_mw_day, price.high) == (500.0, 1000.0, 2000.0)
    assert price.rate_per_yr == 0.08


@pytest.mark.parametrize(("file", "says"), [
    ({}, "there is no anchor"),
    (_file(), "no number"),
    (_file(usd_per_gw=1.0), "usd_per_gw, pue, life_years"),
    (_file(usd_per_it_mw_day=1.0, eur_per_day=1.0), "eur_per_day"),
    (_file(usd_per_it_mw_day=1.0, usd_per_it_mw_yr=1.0), "one recipe"),
    (_file(usd_per_it_mw_day=1.0) | {"default_anchor": "yours"}, "default_anchor is 'yours'"),
    (_file(usd_per_it_mw_day=1.0) | {"capital": {}}, "capital.rate_per_yr is None"),
    (_file(usd_per_it_mw_day=-1.0), "not in order"),
    (_file(usd_per_it_mw_day=0.0), "above 0"),
    (_file(usd_per_it_mw_day=1.0) | {"sources": {"a": {"title": "t", "url": "u"}}}, "used by no"),
])
def test_a_faulty_file_says_what_to_mend(file: dict[str, object], says: str) -> None:
    with pytest.raises(RiskModelError, match=says):
        parse_price(file)


@pytest.mark.parametrize(("arguments", "says"), [
    ((-1.0, 0.06), "per_mw_day is -1.0"), ((float("nan"), 0.06), "per_mw_day is nan"),
    ((1.0, -0.1), "rate_per_yr is -0.1"), (("many", 0.1), "per_mw_day is 'many'")])
def test_a_price_that_is_none_is_refused(arguments: tuple[float, float], says: str) -> None:
    with pytest.raises(RiskModelError, match=says):
        Price(*arguments)


def test_bounds_out_of_order_and_anchors_that_are_not_there_are_refused() -> None:
    with pytest.raises(RiskModelError, match="outside of its bounds"):
        Price(1.0, 0.06, low=2.0, high=3.0)
    with pytest.raises(RiskModelError, match="did you mean 'rental'"):
        rm.read_price("rentl")
