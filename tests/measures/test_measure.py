"""``measure`` and ``exceedance``: the frames, their notes and warnings, and the two bases."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hand_built import losses_from_causes
from hypothesis import given, settings
from hypothesis import strategies as st

import riskmodel as rm
from riskmodel.measures.measure import COLUMNS, MEASURES, UNITS


def one(frame, **where):
    for column, value in where.items():
        frame = frame[frame[column] == value]
    assert len(frame) == 1
    return frame.iloc[0]


def small(**kwargs):
    """Ten years, one lab: one event of 6, two events of 1 and 2 in one year."""
    causes = pd.DataFrame({
        "year": [2, 5, 5], "event": [0, 1, 2], "lab": "a", "peril": "flood", "region": "north",
        "node": "n", "lost_mw_days": [6.0, 1.0, 2.0]})
    return losses_from_causes(causes, 10, ("a",), **kwargs)


def test_small_enough_to_do_on_paper():
    frame = rm.measure(small(), return_periods=[5, 10], levels=[.5, .8])
    assert one(frame, measure="capacity")["value"] == 100
    aal = one(frame, measure="aal")
    assert aal["value"] == pytest.approx(.9)
    assert aal["se"] == pytest.approx(np.std([6, 3] + [0] * 8, ddof=1) / np.sqrt(10))
    assert one(frame, measure="aal_share")["value"] == pytest.approx(.9 / 36_500)
    assert one(frame, measure="p_loss")["value"] == .2
    assert one(frame, measure="p_loss")["se"] == pytest.approx(np.sqrt(.2 * .8 / 10))
    assert one(frame, measure="aep", level=5)["value"] == 3  # second largest year
    assert one(frame, measure="oep", level=5)["value"] == 2  # its largest event
    assert one(frame, measure="aep", level=10)["value"] == 6
    assert one(frame, measure="var", level=.8)["value"] == 3
    assert one(frame, measure="tvar", level=.8)["value"] == pytest.approx(4.5)
    assert one(frame, measure="tvar", level=.5)["value"] == pytest.approx(9 / 5)
    assert one(frame, measure="var", level=.5)["value"] == 0


def test_the_frame_is_tidy(losses):
    frame = rm.measure(losses)
    assert tuple(frame.columns) == COLUMNS
    assert list(dict.fromkeys(frame["lab"])) == list(losses.labs)
    assert list(dict.fromkeys(frame["measure"])) == list(MEASURES)
    assert frame["unit"].tolist() == [UNITS[name] for name in frame["measure"]]
    assert (frame["n"] == losses.n_years).all()
    adequacy = frame["measure"].isin(["lole", "lolh", "eue"])
    assert (frame.loc[adequacy, "booking"] == "calendar").all()
    assert (frame.loc[~adequacy, "booking"] == "occurrence").all()
    known = frame["low"].notna() & frame["high"].notna()
    assert (frame["low"] <= frame["value"])[known].all()
    assert (frame["value"] <= frame["high"])[known].all()


def test_oep_is_not_above_aep(losses, tied):
    for run in (losses, tied):
        for by in ("lab", "total"):
            frame = rm.measure(run, by=by, measures=["aep", "oep"])
            wide = frame.pivot(index=["lab", "level"], columns="measure", values="value")
            assert (wide["oep"] <= wide["aep"]).all()
            assert (wide["oep"] < wide["aep"]).any()


def test_the_total_sums_years_not_curves(losses):
    total = rm.measure(losses, by="total", measures=["aal", "tvar", "oep"])
    labs = rm.measure(losses, measures=["aal", "tvar", "oep"])
    assert one(total, measure="aal")["value"] == pytest.approx(
        labs.loc[labs["measure"] == "aal", "value"].sum(), rel=1e-12)
    for level in (.9, .99):
        apart = labs[(labs["measure"] == "tvar") & (labs["level"] == level)]["value"].sum()
        assert one(total, measure="tvar", level=level)["value"] < apart
    events = losses.causes.groupby("event").agg(year=("year", "first"),
                                                lost=("lost_mw_days", "sum"))
    largest = np.sort(events.groupby("year")["lost"].max())[::-1]
    assert one(total, measure="oep", level=100)["value"] == pytest.approx(
        largest[losses.n_years // 100 - 1], rel=1e-12)


def test_row_order_does_not_matter(losses):
    import dataclasses

    shuffled = dataclasses.replace(
        losses, years=losses.years.sample(frac=1, random_state=1),
        causes=losses.causes.sample(frac=1, random_state=2))
    pd.testing.assert_frame_equal(rm.measure(losses), rm.measure(shuffled), rtol=1e-12)
    pd.testing.assert_frame_equal(
        rm.contributions(losses, "tvar", .99, by=["lab", "node"]),
        rm.contributions(shuffled, "tvar", .99, by=["lab", "node"]), rtol=1e-9)


def test_beyond_the_span_warns_once_and_names_the_periods():
    losses = small()
    with pytest.warns(rm.BeyondSpanWarning) as caught:
        frame = rm.measure(losses, return_periods=[5, 10, 11, 250], levels=[.5, .95])
    assert len(caught) == 1
    assert "11, 250" in str(caught[0].message)
    assert "0.95" in str(caught[0].message)
    assert caught[0].filename == __file__
    beyond = frame[frame["level"].isin([11, 250, .95])]
    assert len(beyond) == 6
    assert beyond[["value", "se", "low", "high"]].isna().all(axis=None)
    assert beyond["note"].str.contains("beyond the span").all()
    assert frame[frame["level"].isin([5, 10, .5])]["value"].notna().all()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rm.measure(losses, measures=["aal", "p_loss"])  # nothing asked that lies beyond
        rm.measure(losses, measures="tvar", levels=.9)
    with pytest.warns(rm.BeyondSpanWarning, match="return periods 20 "):
        curve = rm.exceedance(losses, return_periods=[10, 20])
    assert curve["lost_mw_days"].isna().tolist() == [False, True]


def test_nothing_seen_gives_an_upper_bound(losses):
    frame = rm.measure(losses, measures=["aal", "p_loss", "lole"])
    frame = frame[frame["lab"] == "idle"].set_index("measure")
    hidden = 1 - .05 ** (1 / losses.n_years)
    assert (frame["value"] == 0).all()
    assert frame["se"].isna().all()
    assert frame.loc["p_loss", "high"] == pytest.approx(hidden)
    # a year costs at most its capacity until the last outage of the year has ended
    assert frame.loc["aal", "high"] == pytest.approx(hidden * 100 * (365 + 730))
    assert frame.loc["lole", "high"] == pytest.approx(hidden * 365)
    assert frame["note"].str.contains("no loss seen").all()


def test_who_has_no_capacity_cannot_lose(losses):
    import dataclasses

    without = dataclasses.replace(losses, capacity_mw=np.array([100.0, 100, 100, 0]))
    frame = rm.measure(without)
    frame = frame[frame["lab"] == "idle"].set_index("measure")
    assert np.isnan(frame.loc["aal_share", "value"])  # a share of nothing
    frame = frame.drop(index="aal_share")
    assert (frame[["value", "se", "low", "high"]] == 0).all(axis=None)
    assert (frame["note"] == "no capacity to lose").all()
    assert len(frame) == 1 + 1 + 1 + 10 + 10 + 5 + 5 + 3
    with pytest.warns(rm.BeyondSpanWarning):
        beyond = rm.measure(without, measures="aep", return_periods=1e6)
    assert beyond["value"].isna().all()


def test_the_last_years_bound_from_below_only(losses):
    row = rm.measure(losses, by="total", measures="aep", return_periods=2000).iloc[0]
    assert row["value"] > row["low"] > 0
    assert np.isnan(row["high"])
    assert "upper end" in row["note"]


def test_adequacy_counts_years_without_shortfall(losses):
    frame = rm.measure(losses, measures=["lole", "lolh", "eue"])
    n = losses.n_years
    a = frame[frame["lab"] == "a"].set_index("measure")
    assert a["value"].to_dict() == pytest.approx({"lole": 3 / n, "lolh": 36 / n, "eue": 15 / n})
    assert a.loc["lole", "se"] == pytest.approx(np.std([1, 2] + [0] * (n - 2), ddof=1) / np.sqrt(n))
    total = rm.measure(losses, by="total", measures=["lole", "eue"]).set_index("measure")
    assert total.loc["eue", "value"] == pytest.approx(35 / n)
    assert np.isnan(total.loc["lole", "value"])
    assert "do not add up" in total.loc["lole", "note"]


def test_adequacy_not_computed_is_nan_with_a_note():
    row = rm.measure(small(), measures="eue").iloc[0]
    assert np.isnan(row["value"])
    assert "not computed" in row["note"]


def test_other_peoples_years():
    years = pd.DataFrame({"year": [2001, 2002, 2002], "lab": ["x", "x", "y"],
                          "lost_mw_days": [5.0, 1.0, 2.0]})
    losses = rm.Losses.from_years(years, 4, capacity_mw={"x": 10})
    frame = rm.measure(losses, return_periods=[2, 4], levels=[.5])
    assert one(frame, measure="aal", lab="x")["value"] == 1.5
    assert np.isnan(one(frame, measure="aal_share", lab="y")["value"])
    oep = frame[frame["measure"] == "oep"]
    assert oep["value"].isna().all()
    assert oep["note"].str.contains("not in the year table").all()
    total = rm.measure(losses, by="total", return_periods=[4], levels=[.5])
    assert one(total, measure="aep")["value"] == 5
    assert np.isnan(one(total, measure="oep")["value"])


def test_a_story_is_not_a_year():
    story = small(kind="story")
    for name in MEASURES[1:]:
        with pytest.raises(rm.RiskModelError, match="annual measure"):
            rm.measure(story, measures=name)
    with pytest.raises(rm.RiskModelError, match="annual measure"):
        rm.measure(story)
    for basis in ("aep", "oep"):
        with pytest.raises(rm.RiskModelError, match="annual measure"):
            rm.exceedance(story, basis=basis)
    assert rm.measure(story, measures="capacity")["value"].item() == 100


@pytest.mark.parametrize(("kwargs", "hint"), [
    ({"measures": ["tavr"]}, "'tvar'"), ({"by": "labs"}, "'lab'"),
    ({"return_periods": [0.5]}, "1 or more"), ({"levels": [1.0]}, "below 1")])
def test_wrong_words_are_refused_with_a_hint(losses, kwargs, hint):
    with pytest.raises(rm.RiskModelError, match=hint):
        rm.measure(losses, **kwargs)


def test_there_is_no_bare_exceedance(losses):
    with pytest.raises(rm.RiskModelError, match="aep, oep"):
        rm.exceedance(losses, basis="ep")


def test_curve_to_draw(losses):
    curve = rm.exceedance(losses, basis="oep")
    assert set(curve["lab"]) == set(losses.labs)
    for _, part in curve.groupby("lab"):
        assert part["return_period"].is_monotonic_increasing
        assert part["lost_mw_days"].is_monotonic_increasing
        assert {10, 100, 200, 250, 1000, 2000} <= set(part["return_period"])
        assert part["return_period"].max() == losses.n_years
    ladder = rm.measure(losses, measures="oep", return_periods=[10, 100])
    for row in ladder.itertuples():
        drawn = one(curve, lab=row.lab, return_period=row.level)
        assert drawn["lost_mw_days"] == row.value


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 19), st.integers(0, 5), st.sampled_from("ab"),
                          st.sampled_from([1.0, 2.0, 2.5, 7.0])), min_size=1, max_size=40),
       st.sampled_from([2.0, 2.5, 4.0, 10.0, 20.0]))
def test_bases_on_any_small_world(rows, period):
    causes = pd.DataFrame(rows, columns=["year", "event", "lab", "lost_mw_days"])
    causes["event"] += 10 * causes["year"]  # an event has one year
    causes = causes.assign(peril="flood", region="north", node="n")
    losses = losses_from_causes(causes, 20, ("a", "b"))
    for by in ("lab", "total"):
        frame = rm.measure(losses, by=by, measures=["aep", "oep", "var"], return_periods=[period],
                           levels=[1 - 1 / period])
        wide = frame.pivot(index="lab", columns="measure", values="value")
        assert (wide["oep"] <= wide["aep"] + 1e-12).all()
        assert (wide["aep"] == wide["var"]).all()  # two spellings of one year
