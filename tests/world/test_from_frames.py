import datetime as dt

import numpy as np
import pandas as pd
import pytest
from frames import frames, names, nodes, requirements, world
from hypothesis import given, settings
from hypothesis import strategies as st

import riskmodel as rm
from riskmodel.world.tables import TABLES


def test_every_table_is_there_with_every_column():
    small = world()
    for name, table in TABLES.items():
        assert list(getattr(small, name).columns) == list(table.names)
    assert len(small.events) == 0
    assert len(small.deals) == 0


def test_least_columns_are_enough_and_defaults_are_filled():
    small = world(nodes=nodes("g", "h"), requirements=requirements(
        ("a", "power", "g", {}), ("b", "power", "h", {"k": 1})))
    row = small.requirements.iloc[0]
    assert (row["weight"], row["k"], row["mode"], row["share"], row["ride_through_h"],
            row["recharge_h"]) == (1.0, 1.0, "quorum", 1.0, 0.0, 24.0)
    assert small.holdings["probability"].tolist() == [1.0, 1.0, 1.0]
    assert small.check() == []


def test_empty_cells_mean_the_default():
    small = world(nodes=nodes("g", "h"), requirements=requirements(
        ("a", "power", "g", {"k": np.nan, "mode": None, "weight": pd.NA, "share": None}),
        ("a", "power", "h", {"k": 1, "mode": "quorum", "weight": 1, "share": 1.0})))
    assert small.requirements["k"].tolist() == [1.0, 1.0]
    assert small.requirements["mode"].tolist() == ["quorum", "quorum"]
    assert small.check() == []  # the same group: consistency is judged after defaults


def test_empty_text_is_empty_text():
    sites = frames()["sites"].assign(operator=["Op", None, np.nan])
    assert world(sites=sites).sites["operator"].tolist() == ["Op", "", ""]


def test_rows_keep_their_order_and_the_index_is_plain():
    sites = frames()["sites"].iloc[::-1].set_index(pd.Index([7, 7, 7]))
    small = world(sites=sites)
    assert small.sites["site_id"].tolist() == ["c", "b", "a"]
    assert small.sites.index.tolist() == [0, 1, 2]


def test_numbers_written_as_text_are_numbers_and_days_are_iso_text():
    sites = frames()["sites"].assign(it_mw=["100", " 5e1", "30.0"],
                                     operational_from=[dt.date(2026, 1, 2),
                                                       pd.Timestamp("2026-03-04"), None])
    small = world(sites=sites)
    assert small.sites["it_mw"].tolist() == [100.0, 50.0, 30.0]
    assert small.sites["operational_from"].tolist() == ["2026-01-02", "2026-03-04", ""]


def test_a_number_that_is_none_waits_for_check():
    small = world(sites=frames()["sites"].assign(it_mw=[100.0, "much", np.inf]))
    with pytest.raises(rm.WorldError) as caught:
        small.check()
    (problem,) = caught.value.problems
    assert (problem.check, problem.where, problem.rows) == ("wrong_type", "sites", (1, 2))
    assert "'much', 'inf'" in problem.message


def test_an_absent_required_column_raises_at_once_with_the_near_match():
    sites = frames()["sites"].rename(columns={"it_mw": "it_mv"})
    with pytest.raises(rm.WorldError) as caught:
        world(sites=sites)
    (problem,) = caught.value.problems
    assert problem.check == "missing_column"
    assert "rename 'it_mv' to 'it_mw'" in problem.mend


def test_all_absent_columns_are_named_together():
    with pytest.raises(rm.WorldError) as caught:
        world(sites=frames()["sites"].drop(columns=["lat", "lon"]),
              labs=frames()["labs"].drop(columns="needed_share"))
    assert names(caught.value.problems) == ["missing_column"] * 3


def test_an_unknown_column_warns_and_stays():
    sites = frames()["sites"].assign(operater="Op", colour=["red", "green", "blue"])
    small = world(sites=sites)
    problems = small.check()
    assert names(problems) == ["unknown_column"] * 2
    assert "did you mean 'operator'" in problems[0].message
    assert small.sites["colour"].tolist() == ["red", "green", "blue"]
    with pytest.raises(rm.WorldError):
        small.check(levels={"unknown_column": "raise"})
    assert small.check(levels={"unknown_column": "ignore"}) == []


def test_what_is_no_frame_or_no_table_is_refused():
    with pytest.raises(rm.RiskModelError, match="give a pandas DataFrame"):
        world(sites=[{"site_id": "a"}])
    with pytest.raises(rm.RiskModelError, match="did you mean 'theatres'"):
        world(theaters=pd.DataFrame())
    with pytest.raises(rm.RiskModelError, match="twice"):
        world(sites=pd.concat([frames()["sites"], frames()["sites"]["lat"]], axis=1))
    with pytest.raises(rm.RiskModelError, match="2026-10-01"):
        world(as_of="October")


def test_world_is_frozen():
    with pytest.raises(AttributeError):
        world().as_of = None


def test_fingerprint_follows_the_content():
    assert world().fingerprint == world().fingerprint
    more = frames()["sites"].assign(it_mw=[100.0, 50.0, 30.000001])
    assert world(sites=more).fingerprint != world().fingerprint
    assert world(as_of="2026-01-01").fingerprint != world().fingerprint
    assert world(perils={"p": {"rate": 1}}).fingerprint != world().fingerprint
    # a deal is a record: it changes no result
    deals = pd.DataFrame({"deal_id": ["d"], "lab_id": ["x"]})
    assert world(deals=deals).fingerprint == world().fingerprint


CELLS = st.one_of(st.none(), st.floats(allow_nan=True, allow_infinity=True), st.integers(-5, 400),
                  st.text(max_size=6), st.booleans())


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_from_frames_never_changes_what_it_is_given(data):
    n = data.draw(st.integers(0, 4))

    def frame(*columns):
        return pd.DataFrame({name: pd.Series(data.draw(st.lists(CELLS, min_size=n, max_size=n)),
                                             dtype=object) for name in columns})

    given_frames = {"sites": frame("site_id", "lat", "lon", "it_mw", "operator", "odd"),
                    "holdings": frame("lab_id", "site_id", "share", "probability"),
                    "labs": frame("lab_id", "needed_share"),
                    "nodes": frame("node_id", "kind"),
                    "requirements": frame("node_id", "group", "member_id", "k", "mode")}
    before = {name: table.copy(deep=True) for name, table in given_frames.items()}
    made = rm.World.from_frames(**given_frames)
    made.all_problems()  # whatever the cells, problems are told and nothing breaks
    made.effective_holdings()
    made.lab_capacity()
    for name, table in given_frames.items():
        pd.testing.assert_frame_equal(table, before[name])
        assert len(getattr(made, name)) == n + (name == "labs" and len(made.labs) > n)


def test_changing_a_frame_later_does_not_change_the_world():
    tables = frames()
    small = rm.World.from_frames(**tables)
    tables["sites"].loc[0, "it_mw"] = 999.0
    tables["sites"].loc[0, "site_id"] = "z"
    assert small.sites["it_mw"].iat[0] == 100.0
    assert small.sites["site_id"].iat[0] == "a"
