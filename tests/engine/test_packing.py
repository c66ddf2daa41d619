"""Own outages on their way to the kernel: the compiled sort against a plain one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import riskmodel as rm
from riskmodel.engine.outages.given import pack
from riskmodel.engine.outages.packing import pack_rows, rows_of
from riskmodel.engine.outages.streams import part_hash
from riskmodel.engine.plan.plan import make_plan
from riskmodel.perils.outages import Outages, Sampler, drawn
from riskmodel.perils.protocol import OUTAGE_COLUMNS

SITES = ["b", "a", "c10", "c9"]
PARTS = ["", "power", "hall 2"]
CAP_H = 50.0


@pytest.fixture(scope="module")
def plan():
    world = rm.World.from_frames(
        sites=pd.DataFrame({"site_id": SITES, "lat": 0.0, "lon": 0.0, "it_mw": 1.0}),
        labs=pd.DataFrame({"lab_id": ["l"], "needed_share": [1.0]}),
        holdings=pd.DataFrame({"lab_id": "l", "site_id": SITES, "share": 1.0}))
    return make_plan(world, [], seed=0, horizon_h=10.0, cap_h=CAP_H, extra_regions=("r", "s"))


def slow(rows, years, most):
    """Return (per year) events and outages of a list of dicts, sorted by Python."""
    found = []
    for year in range(years):
        mine = sorted((row for row in rows if row["index"] == year and row["segment"] < most),
                      key=lambda row: (row["group"], row["event"], row["start_h"], row["node_id"],
                                       row["part"], row["depth"], row["duration_h"]))
        labels = list(dict.fromkeys((row["group"], row["event"]) for row in mine))
        first = {label: next(row for row in mine if (row["group"], row["event"]) == label)
                 for label in labels}
        events = [(label[1], first[label]["event_start_h"], first[label]["campaign_id"])
                  for label in labels]
        outages = [(labels.index((row["group"], row["event"])), row["node_id"],
                    part_hash(row["part"]), row["start_h"],
                    row["start_h"] + min(row["duration_h"], CAP_H), row["depth"])
                   for row in mine if row["node_id"] in SITES and row["duration_h"] > 0
                   and row["depth"] > 0 and row["start_h"] >= -CAP_H]
        found.append((events, outages))
    return found


few = st.integers(0, 2)
rows = st.lists(st.fixed_dictionaries({
    "index": few, "group": few, "event": few, "campaign_id": st.integers(-1, 5),
    "event_start_h": st.sampled_from([0.0, 1.5]), "start_h": st.sampled_from([0.0, 1.5, -99.0]),
    "node_id": st.sampled_from([*SITES, "nowhere"]), "part": st.sampled_from(PARTS),
    "duration_h": st.sampled_from([0.0, 3.0, 99.0]), "depth": st.sampled_from([0.0, 0.5, 1.0])}),
    max_size=60)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows)
def test_packed_as_sorted_by_hand(plan, rows):
    for row in rows:
        row["segment"] = row["group"] % 2
    tables = []
    for segment in (0, 1):
        part = [row for row in rows if row["segment"] == segment]
        if part:
            frame = pd.DataFrame(part).assign(year=0, region="r")
            tables.append(rows_of(plan, Outages.of({name: frame[name] for name in OUTAGE_COLUMNS}),
                                  frame["index"], group=frame["group"], peril=0, segment=segment))
    if not tables:
        return
    for most, packed in zip((1, 2, 1), pack_rows(
            plan, np.concatenate(tables), 3, [1, 2, 1]), strict=True):
        for year, (events, outages) in enumerate(slow(rows, 3, most)):
            got = packed.event[packed.event_off[year]:packed.event_off[year + 1]]
            own = packed.out[packed.out_off[year]:packed.out_off[year + 1]]
            # of an event whose rows disagree the first tells, and first rows can be equal
            assert [e[0] for e in events] == got["no"].tolist()
            assert outages == [(int(o["event"]), plan.nodes[o["node"]], int(o["part"]),
                                float(o["start"]), float(o["end"]), float(o["depth"]))
                               for o in own]


def test_a_long_year_is_merged(plan):
    """More rows of one year than any run: shuffled, they come back in order."""
    n = 1000
    order = np.random.default_rng(1).permutation(n)
    frame = pd.DataFrame({
        "year": 0, "event": order // 3, "region": "s", "campaign_id": 7, "event_start_h": 0.5,
        "node_id": np.array(SITES)[order % 4], "part": "", "start_h": order / n,
        "duration_h": 1.0, "depth": 1.0, "index": 0, "peril": 0})
    given = pack(plan, frame, 1)
    assert given.event["no"].tolist() == list(range((n + 2) // 3))
    assert (given.event["campaign"] == 7).all()
    assert (given.event["region"] == plan.region_index["s"]).all()
    assert given.out["start"].tolist() == [i / n for i in range(n)]
    assert given.out["event"].tolist() == [i // 3 for i in range(n)]


@pytest.mark.parametrize(("column", "value", "message"), [
    ("region", "q", "'q'"), ("depth", 1.5, "depth from 0 to 1"),
    ("start_h", np.nan, "finite start_h"), ("duration_h", -1.0, "0 or more")])
def test_bad_rows_are_named(plan, column, value, message):
    frame = pd.DataFrame({
        "year": [0], "event": 0, "region": "r", "campaign_id": -1, "event_start_h": 0.0,
        "node_id": "a", "part": "", "start_h": 0.0, "duration_h": 1.0, "depth": 1.0, "index": 0,
        "peril": 0})
    frame[column] = [value]
    with pytest.raises(rm.RiskModelError, match=message):
        pack(plan, frame, 1)


def test_a_sample_of_ones_own_is_asked():
    """A subclass that changes the frame is heard; else the arrays are read."""
    class Arrays(Sampler):
        def draw(self, block, world):
            return Outages.none()

    class Frame(Arrays):
        def sample(self, block, world):
            return super().sample(block, world).assign(more=1)

    assert isinstance(drawn(Arrays(), None, None), Outages)
    assert list(drawn(Frame(), None, None).columns) == [*OUTAGE_COLUMNS, "more"]


def test_a_sampler_that_cannot_draw_fails_when_it_is_made():
    class Nothing(Sampler):
        pass

    with pytest.raises(TypeError, match="draw"):
        Nothing()


def test_outages_are_their_frame():
    frame = pd.DataFrame({
        "year": [3, 1], "event": [0, 1], "region": ["r", "s"], "campaign_id": -1,
        "event_start_h": 0.0, "node_id": ["a", "b"], "part": ["", "x"], "start_h": 0.0,
        "duration_h": 1.0, "depth": [0.5, 1.0]})
    outages = Outages.of({name: frame[name] for name in OUTAGE_COLUMNS})
    back = Outages.joined([outages.take([0]), Outages.none(), outages.take([1])]).frame()
    for name in OUTAGE_COLUMNS:
        assert back[name].tolist() == frame[name].tolist()
    assert list(Outages.none().frame().columns) == list(OUTAGE_COLUMNS)
