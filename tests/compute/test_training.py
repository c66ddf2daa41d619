"""Training losses in one table: the parts they come from, bands, and what cannot be told."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import riskmodel as rm
from riskmodel.compute.progress import run_courses
from riskmodel.compute.training import COLUMNS
from riskmodel.errors import RiskModelError
from tests.compute.test_ledger import three
from tests.engine.unsure import Storms, spec_of, stated


@pytest.fixture(scope="module")
def losses():
    return rm.simulate(three(), years=800, seed=3, adequacy=False)


@pytest.fixture(scope="module")
def frame(losses):
    return rm.training_losses(losses)


def pick(frame, lab, quantity, measure, run=""):
    found = frame[(frame["lab"] == lab) & (frame["quantity"] == quantity)
                  & (frame["measure"] == measure) & (frame["run"] == run)]
    return found.iloc[0]


def test_mw_days_are_those_of_the_run(losses, frame):
    own = rm.measure(losses, by="lab", measures=("aal", "tvar"), levels=(0.99,))
    for row in own[own["lab"] != "unknown"].to_dict("records"):
        mine = pick(frame, row["lab"], "mw_days", row["measure"])
        for name in ("value", "se", "low", "high"):
            assert mine[name] == pytest.approx(row[name], rel=1e-9)
    assert list(frame.columns) == list(COLUMNS)
    assert "unknown" not in set(frame["lab"])


def test_the_parts_are_the_parts(losses, frame):
    ledgers = rm.ledgers(losses, measures="aal").set_index(["lab", "ledger"])
    assert pick(frame, "a", "flop", "aal")["value"] == pytest.approx(
        ledgers.loc[("a", "flop"), "value"], rel=1e-12)
    assert pick(frame, "a", "flop", "aal")["input_high"] == pytest.approx(
        ledgers.loc[("a", "flop"), "chips_high"], rel=1e-12)
    answers = rm.lab_consequences(losses, law="besiroglu")
    mine = answers[(answers["lab"] == "a") & (answers["measure"] == "tvar")
                   & (answers["question"] == "slip_days")].iloc[0]
    assert pick(frame, "a", "months_slip", "tvar")["value"] == pytest.approx(
        mine["value"] / (365.25 / 12), rel=1e-12)


def test_rigid_loses_most_and_one_site_has_one_answer(frame):
    for measure in ("aal", "tvar"):
        rigid, quorum, elastic = (pick(frame, "a", "lost_progress", measure, run)["value"]
                                  for run in ("rigid", "quorum", "elastic"))
        assert rigid >= quorum >= elastic > 0
        alone = [pick(frame, "b", "lost_progress", measure, run)["value"]
                 for run in ("rigid", "quorum", "elastic")]
        assert alone == pytest.approx([alone[0]] * 3, rel=1e-9)
    assert pick(frame, "a", "lost_progress", "aal", "rigid")["value"] > 1.05 * pick(
        frame, "a", "lost_progress", "aal", "elastic")["value"]


def test_an_answer_has_the_relative_error_of_its_loss(frame):
    """Small losses: every answer is nearly proportional to what is lost."""
    lost = pick(frame, "a", "flop", "aal")
    for quantity in ("loss_replanned", "trend_months"):
        row = pick(frame, "a", quantity, "aal")
        assert row["low"] < row["value"] < row["high"]
        assert row["se"] / row["value"] == pytest.approx(lost["se"] / lost["value"], rel=0.05)
    laws = frame[frame["quantity"] == "loss_replanned"]
    assert set(laws["law"]) == {"besiroglu"}
    assert laws["constants"].str.contains("alpha").all()


def test_bands_are_nan_in_one_world_and_there_in_several(frame):
    assert frame[["band_low", "band_high"]].isna().all(axis=None)
    storms = Storms(spec_of("gale2", stated(1.0, 3.0, 9.0), stated(2.0, 90.0, 500.0, "h")), "g")
    many = rm.simulate(three(), 2000, 5, perils=[storms], worlds=10, adequacy=False)
    wide = rm.training_losses(many, courses=run_courses(many))
    yearly = wide[(wide["measure"] == "aal") & (wide["lab"] == "a")]
    assert set(wide["worlds"]) == {10}
    assert (yearly["band_low"] < yearly["band_high"]).all()
    slip, flop = (pick(wide, "a", name, "aal") for name in ("months_slip", "flop"))
    assert slip["band_high"] / slip["value"] == pytest.approx(
        flop["band_high"] / flop["value"], rel=0.1)


def test_the_first_years_alone(losses):
    few = rm.training_losses(losses, years=300)
    assert set(few["n"]) == {300}
    first = losses.years[(losses.years["year"] < 300) & (losses.years["lab"] == "a")]
    assert pick(few, "a", "mw_days", "aal")["value"] == pytest.approx(
        first["lost_mw_days"].sum() / 300, rel=1e-9)


def test_some_labs_are_the_same_alone(losses, frame):
    alone = rm.training_losses(losses, labs=["b"])
    pd.testing.assert_frame_equal(alone, frame[frame["lab"] == "b"].reset_index(drop=True))


def test_bad_input_is_told(losses):
    with pytest.raises(RiskModelError, match="no lab 'zed'"):
        rm.training_losses(losses, labs=["zed"])
    with pytest.raises(RiskModelError, match="between 0 and 1"):
        rm.training_losses(losses, level=1.0)
    with pytest.raises(RiskModelError, match="1 or more"):
        rm.training_losses(losses, years=0)
    bare = rm.Losses.from_years(losses.years[["year", "lab", "lost_mw_days"]], losses.n_years)
    with pytest.raises(RiskModelError, match="year table"):
        rm.training_losses(bare)
    assert np.isfinite(rm.training_losses(losses, years=200)["value"]).any()
