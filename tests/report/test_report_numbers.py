"""Numbers on the page equal the measures; digits follow the error."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from reading import cells, rows, words

import riskmodel as rm
from riskmodel.report import numbers
from riskmodel.report.html import render_report

NB = " "


@pytest.mark.parametrize(("value", "shown"), [
    (12345.0, "12,300"), (0.0, "0"), (3.14159, "3.14"), (100.0, "100"), (0.000123, "0.000123"),
    (-1234.0, "−1,230"), (math.nan, "–"), (None, "–"), (2.5, "2.5"), (999.6, "1,000")])
def test_number(value, shown):
    assert numbers.number(value) == shown


@pytest.mark.parametrize(("value", "se", "shown"), [
    (12.345, 0.42, f"12.3{NB}±{NB}0.4"), (12345.0, 678.0, f"12,300{NB}±{NB}700"),
    (626.4577645, 3e-12, "626"),
    (5.0, 0.0123, f"5.000{NB}±{NB}0.012"), (7.0, 0.0, "7"), (7.0, math.nan, "7"),
    (math.nan, 1.0, "–"), (0.04, 1.0, f"0.0{NB}±{NB}1.0")])
def test_estimate(value, se, shown):
    assert numbers.estimate(value, se) == shown


@pytest.mark.parametrize(("value", "shown"), [
    (0.0123, "1.2"), (0.5, "50"), (1.0, "100"), (1 - 1e-9, "100"), (0.0, "0"), (0.00004, "0.004"),
    (0.000001, f"<{NB}0.001"), (0.9996, f">{NB}99.9")])
def test_percent(value, shown):
    assert numbers.percent(value) == f"{shown}{NB}%"


@pytest.mark.parametrize("top", [0.003, 1.0, 7.3, 12_345.0, 9.99e8])
def test_ticks_are_round_few_and_reach_the_top(top):
    ticks = numbers.nice_ticks(top)
    assert ticks[0] == 0
    assert ticks[-1] >= top * (1 - 1e-9)
    assert 3 <= len(ticks) <= 7


def test_the_headline_table_holds_what_measure_says(losses, page):
    found = cells(page, "headline-table")
    for by in ("lab", "total"):
        frame = rm.measure(losses, by=by, return_periods=(100,), levels=(0.99,))
        for row in frame.to_dict("records"):
            if row["measure"] in ("capacity", "aal", "aal_share", "p_loss", "aep", "tvar", "lole",
                                  "eue") and row["lab"] != "idle":
                np.testing.assert_equal(found[row["lab"], row["measure"]], row["value"])
    assert {lab for lab, _ in found} == {"alpha", "beta", "unknown", "total"}


def test_contributions_add_up_on_the_page(losses, page):
    aal = rm.measure(losses, by="total", measures="aal")["value"].iloc[0]
    for table in ("by-peril", "by-region"):
        *parts, total = rows(page, table)
        which = -1 if table == "by-region" else 0
        assert sum(part[which] for part in parts) == pytest.approx(total[which], rel=1e-9)
        assert total[which] == pytest.approx(aal, rel=1e-9)
    for table in ("by-node", "by-supplier"):
        assert sum(row[0] for row in rows(page, table)) == pytest.approx(aal, rel=1e-9)
    assert "ERCOT (grid)" in words(page)
    labs = rows(page, "by-lab")
    assert sum(row[0] for row in labs) == pytest.approx(aal, rel=1e-9)


def test_the_map_table_adds_up_to_capacity_and_aal(world, losses, page):
    *parts, total = rows(page, "map-table")
    aal = rm.measure(losses, by="total", measures="aal")["value"].iloc[0]
    assert total == [pytest.approx(150.0), pytest.approx(aal, rel=1e-9)]
    assert sum(sum(part) for part in parts) == pytest.approx(sum(total))


def test_half_and_double_the_recovery_cap_are_simulated(world, losses, page):
    for (value,), days in zip(rows(page, "cap-table"), (365.0, 730.0, 1460.0), strict=True):
        run = rm.simulate(world, years=1200, seed=3, recovery_cap_days=days, adequacy=False)
        assert value == rm.measure(run, by="total", measures="aal")["value"].iloc[0]


def test_labs_without_capacity_are_named_with_the_reason(page):
    assert "Without capacity on that day: Idle Lab." in words(page)


def test_the_summary_is_computed(losses, page):
    text = words(page)
    frame = rm.measure(losses, by="lab", measures=["aal", "aal_share"]).set_index(
        ["measure", "lab"])["value"]
    worst = frame["aal"].drop("unknown").idxmax()
    name = {"alpha": "Alpha Lab", "beta": "Beta & Co"}[worst]
    assert f"largest expected loss is that of {name}" in text
    first = "Of the labs known by name, the" if frame["aal"].idxmax() == "unknown" else "The"
    assert f"{first} largest expected loss" in text
    peril = rm.contributions(losses, by=["peril"])["peril"].iloc[0]
    assert f"{peril.capitalize()} causes" in text


def test_beyond_the_span_there_is_no_number_and_no_warning(world):
    short = rm.simulate(world, years=50, seed=1, adequacy=False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        page = render_report(short)
    found = cells(page, "headline-table")
    assert math.isnan(found["alpha", "aep"])
    assert math.isnan(found["alpha", "tvar"])
    assert "beyond the 50 years simulated" in words(page)
    assert "LOLE and EUE were not computed" in words(page)
