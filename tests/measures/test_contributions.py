"""Contributions add up, share ties evenly, name whose tail they explain, and have honest errors."""

import numpy as np
import pandas as pd
import pytest
from hand_built import losses_from_causes, random_losses
from hypothesis import given, settings
from hypothesis import strategies as st

import riskmodel as rm

SPLITS = (["peril"], ["region"], ["node"], ["lab"], ["event"], ["peril", "region"],
          ["lab", "node", "peril"])


def whole(losses, measure, level, lab):
    by = "total" if lab is None else "lab"
    frame = rm.measure(losses, by=by, measures=measure, levels=.5 if level is None else level)
    return frame[frame["lab"] == (lab or "total")].iloc[0]


@pytest.mark.parametrize("split", SPLITS, ids="+".join)
@pytest.mark.parametrize(("measure", "level"), [("aal", None), ("tvar", .9), ("tvar", .99),
                                                ("tvar", .9973)])
def test_they_add_up(losses, tied, split, measure, level):
    for run in (losses, tied):
        for lab in (None, "a", "c"):
            frame = rm.contributions(run, measure, level, by=split, lab=lab)
            value = whole(run, measure, level, lab)["value"]
            assert frame["value"].sum() == pytest.approx(value, rel=1e-9, abs=0)
            assert frame["share"].sum() == pytest.approx(1, rel=1e-9)
            assert not frame[list({"lab", *split})].duplicated().any()


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 19), st.integers(0, 3), st.sampled_from("ab"),
                          st.sampled_from(["n1", "n2"]), st.sampled_from([1.0, 2.0, 2.5, 7.0])),
                min_size=1, max_size=40),
       st.sampled_from([0.0, .5, .62, .85, .9, .95]), st.sampled_from([None, "a", "b"]))
def test_they_add_up_on_any_small_world(rows, level, lab):
    causes = pd.DataFrame(rows, columns=["year", "event", "lab", "node", "lost_mw_days"])
    causes["peril"] = causes["event"].map(lambda e: f"peril{e % 2}")
    causes["event"] += 10 * causes["year"]
    causes["region"] = "north"
    losses = losses_from_causes(causes, 20, ("a", "b"))
    for measure, at in (("aal", None), ("tvar", level)):
        value = whole(losses, measure, at, lab)["value"]
        for split in SPLITS:
            frame = rm.contributions(losses, measure, at, by=split, lab=lab)
            assert frame["value"].sum() == pytest.approx(value, rel=1e-9, abs=1e-12)
            assert (frame["value"] >= 0).all()


def test_ties_at_var_are_shared_evenly():
    # 10 years, tail of 2: the 9 stands alone, three years of 4 share what is left of the tail
    causes = pd.DataFrame({
        "year": [0, 1, 2, 3, 4], "event": range(5), "lab": "a",
        "peril": ["flood", "wind", "wind", "quake", "quake"], "region": "north", "node": "n",
        "lost_mw_days": [9.0, 4.0, 4.0, 4.0, 1.0]})
    frame = rm.contributions(losses_from_causes(causes, 10, ("a",)), "tvar", .8)
    values = frame.set_index("peril")["value"]
    assert values["flood"] == pytest.approx(9 / 2)
    assert values["wind"] == pytest.approx(2 * 4 / 3 / 2)
    assert values["quake"] == pytest.approx(4 / 3 / 2)
    assert values.sum() == pytest.approx((9 + 4) / 2)


def test_whose_tail_is_explained():
    # a's bad year is a flood, b's much worse one a quake: the total's tail is b's
    causes = pd.DataFrame({
        "year": [0, 0, 1], "event": [0, 0, 1], "lab": ["a", "b", "b"],
        "peril": ["flood", "flood", "quake"], "region": "north", "node": "n",
        "lost_mw_days": [5.0, 1.0, 50.0]})
    losses = losses_from_causes(causes, 10, ("a", "b"))
    total = rm.contributions(losses, "tvar", .9, by=["peril", "lab"])
    assert total["of"].unique().tolist() == ["total"]
    top = total.iloc[0]
    assert (top["lab"], top["peril"], top["value"]) == ("b", "quake", 50)
    assert total["value"].tolist() == [50, 0, 0]
    own = rm.contributions(losses, "tvar", .9, lab="a")
    assert own[["of", "lab", "peril", "value"]].to_numpy().tolist() == [["a", "a", "flood", 5.0]]


def test_the_frame(losses):
    frame = rm.contributions(losses, "tvar", .99, by=["lab", "peril"])
    assert frame.columns.tolist() == ["of", "lab", "peril", "measure", "level", "value", "share",
                                      "se", "unit", "n", "booking"]
    frame = rm.contributions(losses, by="node", lab="b")
    assert frame.columns.tolist()[:3] == ["of", "lab", "node"]
    assert (frame["lab"] == "b").all()
    assert (frame["of"] == "b").all()
    assert (frame["unit"] == "MW-days").all()
    assert frame["value"].is_monotonic_decreasing
    assert frame["level"].isna().all()


def test_one_cause_has_the_error_of_the_measure(losses):
    """A split into one row is the measure itself."""
    import dataclasses

    single = dataclasses.replace(losses, causes=losses.causes.assign(peril="all"))
    aal = rm.contributions(single, "aal")
    assert aal["se"].item() == pytest.approx(whole(losses, "aal", None, None)["se"], rel=1e-9)
    tvar = rm.contributions(single, "tvar", .95)
    # VaR is read as the mean of the years around it
    assert tvar["se"].item() == pytest.approx(whole(losses, "tvar", .95, None)["se"], rel=.05)


@pytest.mark.parametrize(("measure", "level"), [("aal", None), ("tvar", .95)])
def test_errors_are_those_of_repeated_runs(measure, level):
    runs = [rm.contributions(random_losses(1000, seed), measure, level).set_index("peril")
            for seed in range(80)]
    values = pd.concat([run["value"] for run in runs], axis=1)
    said = pd.concat([run["se"] for run in runs], axis=1).mean(axis=1)
    ratio = said / values.std(axis=1)
    assert (np.abs(np.log(ratio)) < 4 / np.sqrt(2 * 80)).all(), ratio


def test_a_story_is_split_by_its_total(losses):
    import dataclasses

    story = dataclasses.replace(losses, kind="story")
    frame = rm.contributions(story, "total", by=["peril"])
    assert frame["value"].sum() == pytest.approx(losses.years["lost_mw_days"].sum(), rel=1e-9)
    assert (frame["se"] == 0).all()
    for measure, level in (("aal", None), ("tvar", .9)):
        with pytest.raises(rm.RiskModelError, match="annual measure"):
            rm.contributions(story, measure, level)
    with pytest.raises(rm.RiskModelError, match="story"):
        rm.contributions(losses, "total")


def test_other_peoples_years_split_by_lab_only():
    years = pd.DataFrame({"year": [1, 2, 2], "lab": ["x", "x", "y"],
                          "lost_mw_days": [5.0, 1.0, 2.0]})
    losses = rm.Losses.from_years(years, 4)
    frame = rm.contributions(losses, "tvar", .75, by="lab")
    assert frame.set_index("lab")["value"].to_dict() == {"x": 5.0, "y": 0.0}
    with pytest.raises(rm.RiskModelError, match="split by lab only"):
        rm.contributions(losses, by="peril")


def test_causes_that_do_not_add_up_are_refused(losses):
    import dataclasses

    broken = dataclasses.replace(losses, causes=losses.causes.iloc[:-5])
    with pytest.raises(rm.RiskModelError, match="MW-days"):
        rm.contributions(broken)


def test_beyond_the_span_is_nan_with_a_warning(losses):
    with pytest.warns(rm.BeyondSpanWarning, match=r"0\.9999"):
        frame = rm.contributions(losses, "tvar", .9999)
    assert len(frame) == 3
    assert frame[["value", "se", "share"]].isna().all(axis=None)


def test_nothing_lost_has_no_causes(losses):
    frame = rm.contributions(losses, "tvar", .99, by=["peril", "node"], lab="idle")
    assert frame.empty
    assert {"of", "lab", "peril", "node", "value"} <= set(frame.columns)


@pytest.mark.parametrize(("args", "hint"), [
    (("aal", None, ["perils"]), "'peril'"), (("tvar", None), "level"), (("aal", .99), "level"),
    (("var", .99), "tvar"), (("aal", None, []), "one or more"),
    (("aal", None, ["lab", "lab"]), "one or more"), (("aal", None, ["peril"], "d"), "lab")])
def test_wrong_words_are_refused_with_a_hint(losses, args, hint):
    with pytest.raises(rm.RiskModelError, match=hint):
        rm.contributions(losses, *args)
