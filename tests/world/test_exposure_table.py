"""IT power by lab, place, cloud and confidence: sums that anybody can add up."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import riskmodel as rm
from riskmodel.world.exposure_table import NOBODY_NAMED


@pytest.fixture(scope="module")
def small():
    return rm.World.from_frames(
        sites=pd.DataFrame({
            "site_id": ["a", "b", "c", "empty"], "lat": 40.0, "lon": [-80.0, -90.0, -100.0, -70.0],
            "it_mw": [100.0, 60.0, 40.0, 0.0], "it_mw_low": [80.0, np.nan, 20.0, 0.0],
            "it_mw_high": [120.0, np.nan, 90.0, 0.0], "country_iso2": ["US", "US", "CA", "US"],
            "confidence": ["high", "low", "low", "low"]}),
        holdings=pd.DataFrame({
            "lab_id": ["one", "two", "two", "one"], "site_id": ["a", "a", "b", "c"],
            "share": [0.75, 0.25, 1.0, 1.0], "probability": [1.0, 0.9, 0.6, 0.4],
            "confidence": ["high", "medium", "low", "low"]}),
        labs=pd.DataFrame({"lab_id": ["one", "two"], "needed_share": 0.8}))


def _mw(frame, by):
    return dict(zip(frame[by], frame["it_mw"], strict=True))


def test_by_lab_is_the_capacity_that_a_run_counts(small):
    frame = rm.exposure(small)
    assert _mw(frame, "lab") == pytest.approx({"one": 75.0, "two": 85.0, "unknown": 40.0})
    capacity = small.lab_capacity()
    assert _mw(frame, "lab") == pytest.approx(dict(capacity[capacity > 0]))
    assert list(frame["lab"]) == ["two", "one", "unknown"]  # most MW first
    assert dict(zip(frame["lab"], frame["sites"], strict=True)) == {"one": 1, "two": 2,
                                                                    "unknown": 1}
    assert frame["share"].sum() == pytest.approx(1.0)


def test_bounds_are_those_of_the_records_and_a_site_without_them_adds_its_mw(small):
    two = rm.exposure(small).set_index("lab").loc["two"]
    assert (two["it_mw_low"], two["it_mw_high"]) == pytest.approx((80 * 0.25 + 60, 120 * 0.25 + 60))


def test_by_confidence_of_the_site_and_of_the_holding(small):
    assert _mw(rm.exposure(small, "site_confidence"), "site_confidence") == pytest.approx(
        {"high": 100.0, "low": 100.0})
    # the holding of c counts for nobody: its probability is below one half
    assert _mw(rm.exposure(small, "holding_confidence"), "holding_confidence") == pytest.approx(
        {"high": 75.0, "low": 60.0, NOBODY_NAMED: 40.0, "medium": 25.0})


def test_two_things_at_once_split_the_whole(small):
    frame = rm.exposure(small, ["country", "lab"])
    assert {(row["country"], row["lab"]): row["it_mw"] for row in frame.to_dict("records")} == (
        pytest.approx({("US", "one"): 75.0, ("US", "two"): 85.0,
                       ("CA", "unknown"): 40.0}))


@pytest.mark.parametrize("by", ["lab", "chip", "cloud", "grid_region", ["lab", "site_confidence"]])
def test_the_shipped_world_adds_up_whatever_it_is_asked_by(by):
    world = rm.read_world()
    frame = rm.exposure(world, by)
    assert frame["it_mw"].sum() == pytest.approx(world.sites["it_mw"].sum(), rel=1e-12)
    assert (frame["it_mw_low"] <= frame["it_mw"] + 1e-9).all()
    assert (frame["it_mw_high"] >= frame["it_mw"] - 1e-9).all()


def test_what_cannot_be_asked_is_refused_with_the_near_word(small):
    with pytest.raises(rm.RiskModelError, match=r"'grid_regoin'.*did you mean 'grid_region'"):
        rm.exposure(small, "grid_regoin")
    with pytest.raises(rm.RiskModelError, match="each once"):
        rm.exposure(small, ["lab", "lab"])
    with pytest.raises(rm.RiskModelError, match="at least"):
        rm.exposure(small, [])
