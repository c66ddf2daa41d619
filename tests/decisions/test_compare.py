"""``compare``: differences that are exactly 0, errors that are paired, verdicts that hold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import riskmodel as rm
from riskmodel.decisions.comparison.compare import COLUMNS
from riskmodel.decisions.comparison.text import VERDICTS, sentence
from riskmodel.measures import worldspread as ws
from riskmodel.measures.paired_quantile import paired_quantile_se
from tests.engine.small import table, world
from tests.engine.unsure import Storms, spec_of, stated

HOLD = {"labs": {"x": 0.8, "y": 0.5}, "holdings": [("x", "s", 0.6), ("y", "s", 0.4),
                                                   ("x", "t", 1.0)]}
EVENTS = table(
    {"event_id": "s", "node_id": "s", "rate_per_yr": 2.0, "probability": 0.8,
     "duration_dist": "exponential", "duration_h": 50.0},
    {"event_id": "t", "node_id": "t", "rate_per_yr": 0.5, "duration_dist": "lognormal",
     "duration_h": 20.0, "duration_shape": 1.2})
YEARS = 3000


@pytest.fixture(scope="module")
def small() -> rm.World:
    return world(sites=("s", "t", "u"), events=EVENTS, **HOLD)


@pytest.fixture(scope="module")
def base(small) -> rm.Losses:
    return rm.simulate(small, YEARS, 5)


def row(frame: pd.DataFrame, lab: str, measure: str) -> pd.Series:
    return frame[(frame["lab"] == lab) & (frame["measure"] == measure)].iloc[0]


def year_loss(losses: rm.Losses, lab: str | None, column: str = "lost_mw_days") -> np.ndarray:
    out = np.zeros(losses.n_years)
    frame = losses.years if lab is None else losses.years[losses.years["lab"] == lab]
    np.add.at(out, frame["year"].to_numpy(), frame[column].to_numpy())
    return out


# ---------------------------------------------------------------- exactly nothing


@pytest.mark.parametrize("alike", [
    lambda small: small, lambda small: small.move("x", 0, "s", "t"),
    lambda small: small.move("x", 30, "s", "s"), lambda small: small.scale(1)])
def test_identical_portfolios_differ_by_exactly_nothing(small, base, alike):
    found = rm.compare(base, rm.simulate(alike(small), YEARS, 5))
    assert list(found.columns) == list(COLUMNS)
    assert set(found["lab"]) == {"x", "y", "unknown", "total"}
    assert (found["difference"] == 0).all()
    assert (found["se"] == 0).all()
    assert set(found["verdict"]) == {"no change"}


def test_whoever_the_move_is_not_about_does_not_change(small, base):
    found = rm.compare(base, rm.simulate(small.move("x", 30, "s", "t"), YEARS, 5))
    assert (found.loc[found["lab"] == "y", "difference"] == 0).all()
    assert set(found.loc[found["lab"] == "y", "verdict"]) == {"no change"}
    assert row(found, "x", "aal")["verdict"] == "better"


def test_no_loss_seen_says_nothing_unless_it_is_the_same_holding():
    rare = table({"event_id": "s", "node_id": "s", "rate_per_yr": 1e-9},
                 {"event_id": "t", "node_id": "t", "rate_per_yr": 1e-9})
    start = world(sites=("s", "t"), events=rare, labs={"x": 0.8, "y": 0.8},
                  holdings=[("x", "s", 1.0), ("y", "t", 1.0)])
    found = rm.compare(*(rm.simulate(each, 50, 1) for each in (
        start, start.move("x", 50, "s", "t"))), level=0.9)
    assert row(found, "x", "aal")["verdict"] == "cannot tell at this n"
    assert np.isnan(row(found, "x", "aal")["se"])
    assert "no loss seen" in row(found, "x", "aal")["sentence"]
    assert row(found, "y", "aal")["verdict"] == "no change"


# ---------------------------------------------------------------- right numbers


def test_values_are_those_of_measure_and_errors_those_of_the_years(small, base):
    other = rm.simulate(small.move("x", 60, "s", "t").scale(0.5, lab="y"), YEARS, 5)
    found = rm.compare(base, other, level=0.95)
    for losses, column in ((base, "base"), (other, "other")):
        told = pd.concat([rm.measure(losses, by=by, levels=[0.95], return_periods=[20])
                          for by in ("lab", "total")])
        told = told.set_index(["lab", "measure"])["value"]
        for _, one in found.iterrows():
            assert one[column] == pytest.approx(told[one["lab"], one["measure"]], rel=1e-12)
    apart = year_loss(other, "x") - year_loss(base, "x")
    aal = row(found, "x", "aal")
    assert aal["difference"] == pytest.approx(apart.mean())
    assert aal["se"] == pytest.approx(apart.std(ddof=1) / np.sqrt(YEARS))
    assert aal["high"] - aal["low"] == pytest.approx(2 * 1.959964 * aal["se"])
    free = [np.sqrt(year_loss(one, "x").var(ddof=1) / YEARS) for one in (base, other)]
    apart_runs = rm.compare(base, other, measures="aal", paired=False)
    assert row(apart_runs, "x", "aal")["se"] == pytest.approx(np.hypot(*free))
    assert row(apart_runs, "x", "aal")["se"] > aal["se"]
    assert row(found, "y", "capacity")["verdict"] == "worse"
    assert row(found, "y", "aal")["verdict"] == "better"
    assert row(found, "y", "aal_share")["verdict"] == "no change"
    assert set(found["verdict"]) <= set(VERDICTS)
    assert row(found, "x", "lole")["booking"] == "calendar"


def test_intervals_hold_the_truth_as_often_as_they_say(small):
    """Parts of one long run, each a run of its own; the truth is the whole's."""
    parts, years, asked = 50, 400, ["aal", "tvar", "aep", "p_loss", "eue"]
    whole = [rm.simulate(each, parts * years, 9)
             for each in (small, small.move("x", 50, "s", "t"))]
    truth = rm.compare(*whole, "lab", asked, 0.9).set_index(["lab", "measure"])["difference"]

    def part(losses: rm.Losses, number: int) -> rm.Losses:
        def cut(frame: pd.DataFrame) -> pd.DataFrame:
            mine = frame[frame["year"] // years == number]
            return mine.assign(year=mine["year"] - number * years)
        return replace(losses, years=cut(losses.years), adequacy=cut(losses.adequacy),
                       n_years=years)

    held = dict.fromkeys(asked, 0)
    for number in range(parts):
        found = rm.compare(*(part(losses, number) for losses in whole), "lab", asked, 0.9)
        for name in asked:
            one = row(found, "x", name)
            held[name] += one["low"] <= truth["x", name] <= one["high"]
    # 47.5 of 50, less 4 standard errors of 1.5; more is careful
    assert min(held.values()) >= 42, held


def test_a_quantile_s_error_covers_small_and_large_changes():
    rng = np.random.default_rng(3)
    n, count, rounds = 1000, 50, 100
    for other in (lambda x: x * np.where(rng.random(n) < 0.5, 0.9, 1.0),
                  lambda x: rng.exponential(0.8, n) * (rng.random(n) < 0.5)):
        apart, errors = [], []
        for _ in range(rounds):
            x = rng.exponential(1.0, n) * (rng.random(n) < 0.5)
            y = other(x)
            apart.append(np.sort(y)[-count] - np.sort(x)[-count])
            errors.append(paired_quantile_se(x, y, count))
        covered = np.abs(np.array(apart) - np.mean(apart)) < 1.96 * np.array(errors)
        assert covered.mean() > 0.95 - 4 * np.sqrt(0.95 * 0.05 / rounds)
        # and is not idly wide
        assert np.sqrt(np.mean(np.square(errors))) < 1.6 * np.std(apart)
    assert paired_quantile_se(x, x, count) == 0


def test_clusters_are_drawn_whole():
    """Years that repeat within their cluster know no more than one of each."""
    rng = np.random.default_rng(8)
    x = rng.exponential(1.0, 400)
    y = x + rng.exponential(0.5, 400)
    alone = paired_quantile_se(x, y, 40.0)
    ten = paired_quantile_se(np.repeat(x, 10), np.repeat(y, 10), 400.0,
                             np.repeat(np.arange(400), 10))
    assert ten == pytest.approx(alone, rel=0.25)
    assert paired_quantile_se(np.repeat(x, 10), np.repeat(y, 10), 400.0) < 0.6 * ten


# ---------------------------------------------------------------- states of the world


@pytest.fixture(scope="module")
def unsure() -> list[rm.Losses]:
    peril = Storms(spec_of("storm", stated(2.0, 4.0, 8.0), stated(1.0, 1.0, 1.0, "h"),
                           ceiling=64.0))
    start = world(sites=("s", "t"), mw=24.0, labs={"x": 0.8, "y": 0.8},
                  holdings=[("x", "s", 1.0), ("y", "t", 1.0)])
    start = replace(start, holdings=start.holdings.assign(probability=[0.7, 1.0]))
    return [rm.simulate(each, 8000, 3, worlds=80, perils=[peril])
            for each in (start, start.scale(0.5, site="s"), start)]


def test_the_band_of_a_difference_is_its_spread_between_worlds(unsure):
    base, half, again = unsure
    found = rm.compare(base, half, level=0.75)
    total = row(found, "total", "aal")
    per_world = [np.array([year_loss(losses, None)[k::80].mean() for k in range(80)])
                 for losses in (base, half)]
    apart = per_world[1] - per_world[0]
    error = np.array([(year_loss(half, None) - year_loss(base, None))[k::80].var(ddof=1) / 100
                      for k in range(80)])
    assert total["band"] == pytest.approx(ws.between(apart, error, signed=True).band)
    assert total["band"] > 0
    assert total["band_low"] < total["difference"] < 0
    assert total["se"] == pytest.approx(apart.std(ddof=1) / np.sqrt(80), rel=0.02)
    assert np.isfinite(row(found, "total", "tvar")["band"])
    assert np.isfinite(row(found, "total", "aep")["band"])
    assert row(found, "x", "capacity")["difference"] == pytest.approx(-12 * 0.7, abs=2.5)
    assert row(found, "unknown", "aal_share")["verdict"] == "no change"
    same = rm.compare(base, again, level=0.75)
    assert (same["difference"] == 0).all()
    assert (same["band"].dropna() == 0).all()
    assert set(same["verdict"]) == {"no change"}


# ---------------------------------------------------------------- refusals and words


@pytest.mark.parametrize(("change", "how", "says"), [
    ({"seed": 6}, {}, "seed=5 and other seed=6.*paired=False"),
    ({"n_years": YEARS + 1}, {}, "n_years=3000 and other n_years=3001"),
    ({"n_years": YEARS + 1}, {"paired": True}, "n_years=3000 and other n_years=3001"),
    ({"worlds": 2}, {}, "worlds=1 and other worlds=2"),
    ({"booking": "calendar"}, {"paired": False}, "booking 'occurrence' and other 'calendar'"),
    ({"horizon_days": 300.0}, {}, "horizon_days 365.0 and other 300.0"),
    ({"kind": "story"}, {}, "annual measure"),
    ({"adequacy": None}, {"measures": "eue"}, "shortfall of other was not computed"),
    ({}, {"measures": ["aall"]}, "did you mean 'aal'"),
    ({}, {"by": "site"}, "by is 'site'"),
])
def test_what_cannot_be_compared_says_why(base, change, how, says):
    with pytest.raises(rm.RiskModelError, match=says):
        rm.compare(base, replace(base, **change), **how)


def test_year_tables_of_somebody_else_are_paired_on_their_word():
    years = [2001, 2003, 2004]
    one, two = (rm.Losses.from_years(pd.DataFrame({"year": years, "lab": "x",
                                                   "lost_mw_days": values}), 10)
                for values in ([1.0, 2.0, 4.0], [1.0, 1.0, 1.0]))
    with pytest.raises(rm.RiskModelError, match="paired=True"):
        rm.compare(one, two)
    found = row(rm.compare(one, two, measures="aal", paired=True), "x", "aal")
    assert found["difference"] == pytest.approx(-0.4)
    assert found["se"] == pytest.approx(np.array([0.0, -1, -3, *[0.0] * 7]).std(ddof=1) / 10**0.5)


def test_beyond_the_span_is_not_known(base):
    with pytest.warns(rm.BeyondSpanWarning, match="level 0.9999"):
        found = rm.compare(base, base, measures=["tvar", "aal"], level=0.9999)
    tail = row(found, "x", "tvar")
    assert np.isnan(tail["difference"])
    assert tail["verdict"] == "cannot tell at this n"
    assert "beyond the span" in tail["sentence"]


def test_sentences_can_be_quoted(small, base):
    found = rm.compare(base, rm.simulate(small.move("x", 30, "s", "t"), YEARS, 5))
    assert all(text == sentence(one) for text, one in
               zip(found["sentence"], found.to_dict("records"), strict=True))
    aal = row(found, "x", "aal")["sentence"]
    assert aal.startswith("x: average annual loss falls from")
    assert aal.endswith("(95 %): better.")
    told = sentence({"lab": "total", "measure": "tvar", "level": 0.99, "base": 100.0, "note": "",
                     "other": 99.0, "difference": -1.0, "se": 2.0, "low": -5.0, "high": 3.0,
                     "unit": "MW-days", "n": 1000, "verdict": "cannot tell at this n"})
    assert told == ("all labs together: mean loss of the worst 1 % of years differs by -1.00 ± "
                    "4.00 MW-days (95 %): cannot tell at 1,000 years; about 16,000 would show a "
                    "difference of this size.")
