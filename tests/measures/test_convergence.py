"""Running estimates end at the measure, batches are separate, and the gate opens only when both."""

import numpy as np
import pandas as pd
import pytest

import riskmodel as rm
from riskmodel.measures.convergence import batches, is_converged


@pytest.mark.parametrize(("measure", "level"), [("aal", None), ("p_loss", None), ("var", .95),
                                                ("tvar", .95)])
@pytest.mark.parametrize("lab", [None, "b"])
def test_it_ends_at_the_measure(losses, measure, level, lab):
    frame = rm.convergence(losses, measure, level, lab=lab)
    assert frame["n"].is_monotonic_increasing
    last = frame.iloc[-1]
    assert last["n"] == losses.n_years
    whole = rm.measure(losses, by="lab" if lab else "total", measures=measure,
                       levels=.5 if level is None else level)
    whole = whole[whole["lab"] == (lab or "total")].iloc[0]
    assert last["value"] == pytest.approx(whole["value"], rel=1e-12)
    assert last["se"] == pytest.approx(whole["se"], rel=1e-12)
    assert last["rel_se"] == pytest.approx(last["se"] / last["value"])


def test_errors_shrink_like_the_root_of_n(losses):
    frame = rm.convergence(losses)
    frame = frame[frame["n"] >= 200]
    scaled = frame["se"] * np.sqrt(frame["n"])
    assert len(frame) > 5
    assert scaled.max() < 1.4 * scaled.min()


def test_the_first_years_are_the_first_years(losses):
    frame = rm.convergence(losses, points=5)
    years = losses.years
    for row in frame.itertuples():
        first = years[years["year"] < row.n]["lost_mw_days"].sum()
        assert row.value == pytest.approx(first / row.n, rel=1e-12)


def test_years_may_count_from_one():
    table = pd.DataFrame({"year": [1, 20], "lab": "x", "lost_mw_days": [1.0, 3.0]})
    frame = rm.convergence(rm.Losses.from_years(table, 20), points=2)
    assert frame["value"].tolist() == [.1, .2]
    table["year"] = [2001, 2020]
    with pytest.raises(rm.RiskModelError, match="count from 0"):
        rm.convergence(rm.Losses.from_years(table, 20))


def test_batches_are_separate_and_cover_all(losses):
    frame = batches(losses, count=7)
    assert frame["n"].sum() == losses.n_years
    assert (frame["value"] @ frame["n"]) / losses.n_years == pytest.approx(
        rm.measure(losses, by="total", measures="aal")["value"].item(), rel=1e-12)
    # the spread between batches is what the error within says
    spread = frame["value"].std()
    assert .4 < spread / frame["se"].mean() < 2


def test_the_gate(losses):
    assert is_converged(losses, within=.1)
    assert not is_converged(losses, within=.01)
    assert not is_converged(losses, "tvar", .999, within=.05)
    assert not is_converged(losses, lab="idle")  # nothing seen is not converged


def test_what_is_refused(losses):
    import dataclasses

    for args, hint in ((("aal", .9), "level"), (("tvar",), "level"), (("oep",), "aal"),
                       (("tvar", .9999), "cannot hold")):
        with pytest.raises(rm.RiskModelError, match=hint):
            rm.convergence(losses, *args)
    with pytest.raises(rm.RiskModelError, match="annual"):
        rm.convergence(dataclasses.replace(losses, kind="story"))
    with pytest.raises(rm.RiskModelError, match="batches"):
        batches(losses, count=1)
