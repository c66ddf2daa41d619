"""One failure and two: the search finds what trying every pair finds."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

import riskmodel as rm
from riskmodel.decisions.contingency.contingency import model_of, mw_of
from riskmodel.decisions.contingency.pair_bounds import PairBounds, mixing
from riskmodel.engine.stories.outage_sets import outage_sets
from riskmodel.errors import RiskModelError
from tests.decisions.random_needs import random_world
from tests.engine.small import world

SEEDS = [1, 2, 3, 4, 5]


def every_pair(model, lab: str) -> pd.DataFrame:
    """Take out every pair of nodes, one after the other; no bounds."""
    mw = mw_of(model, lab)
    ids = [model.names[i] for i in model.nodes]
    pairs = np.array(list(combinations(range(len(ids)), 2)))
    lost = model.sets.lost_share(model.nodes[pairs], model.hours) @ mw
    alone = model.sets.lost_share(model.nodes[:, None], model.hours) @ mw
    frame = pd.DataFrame({
        "pair": [frozenset((ids[a], ids[b])) for a, b in pairs], "lost": lost / mw.sum(),
        "alone": np.maximum(*(alone[pairs[:, i]] for i in (0, 1))) / mw.sum()})
    return frame[frame["lost"] > frame["alone"] + 1e-9]


def told(frame: pd.DataFrame) -> dict[frozenset, float]:
    return {frozenset((row.node_a, row.node_b)): row.lost_share for row in frame.itertuples()}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("hours", [5.0, 720.0])
def test_the_search_finds_the_pairs_that_trying_all_finds(seed, hours):
    made = random_world(seed, cycle=seed % 2 == 0)
    model = model_of(made, hours)
    assert len(model.nodes) == 60
    asked = {"all above a fifth": {}, "minimal": {"minimal": True},
             "the worst twelve": {"threshold": 0.0, "top": 12}}
    found = {name: rm.contingency(made, order=2, hours=hours, **how)
             for name, how in asked.items()}
    for lab in "xyz":
        slow = every_pair(model, lab)
        above = slow[slow["lost"] >= 0.2]
        for name, want in (("all above a fifth", above),
                           ("minimal", above[above["alone"] < 0.2])):
            got = told(found[name][found[name]["lab"] == lab])
            assert set(got) == set(want["pair"])
            assert [got[pair] for pair in want["pair"]] == pytest.approx(want["lost"].tolist())
        worst = found["the worst twelve"]
        worst = worst[worst["lab"] == lab]
        best = slow["lost"].nlargest(12).to_numpy()
        np.testing.assert_allclose(worst["lost_share"], best, atol=1e-9)
        of_pair = dict(zip(slow["pair"], slow["lost"], strict=True))
        for pair, lost in told(worst).items():
            assert of_pair[pair] == pytest.approx(lost, abs=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_bounds_hold_and_are_met_where_groups_only_take_the_least(seed):
    model = model_of(random_world(seed, cycle=seed % 2 == 0), 20.0)
    where = np.arange(len(model.sets.sites))
    at = [model.sets.plan.node_index[site] for site in model.sets.sites]
    mix = mixing(model.sets.plan, model.nodes, at)
    pairs = np.array(list(combinations(range(len(model.nodes)), 2)))
    a, b = pairs.T
    kind = mix.of_pairs(a, b)
    lost = model.sets.lost_share(model.nodes[pairs], model.hours).toarray()
    assert set(np.unique(kind)) == {0, 1, 2, 3}  # every case is met
    larger = np.maximum(model.alone[a], model.alone[b])
    assert (lost >= larger - 1e-9).all()
    assert np.abs(lost - larger)[kind == 0].max() < 1e-9
    free = np.maximum(model.free[a], model.free[b]) + 1e-9
    assert (lost <= free)[kind == 1].all()
    assert (lost <= model.free[a] + model.free[b] + 1e-9)[kind == 2].all()
    for site in where[::5]:
        mw = np.zeros(len(where))
        mw[site] = 1.0
        bounds = PairBounds(model.alone, model.free, mw, mix)
        low, high = bounds.of_pairs(a, b)
        assert (low <= lost[:, site] + 1e-9).all()
        assert (high >= lost[:, site] - 1e-9).all()
        assert (bounds.weights()[a] + bounds.weights()[b] >= high - 1e-9).all()


def test_only_a_few_pairs_go_through_the_engine():
    frame = rm.contingency(random_world(3), order=2, minimal=True, threshold=0.5)
    for counts in frame.attrs["search"].values():
        assert counts["pairs"] == 60 * 59 // 2
        assert 0 < 8 * counts["evaluated"] < counts["pairs"]


@pytest.mark.parametrize("hours", [4.0, 30.0])
def test_what_a_set_takes_is_the_peak_of_the_same_story(hours):
    made = random_world(7)
    sets = outage_sets(made)
    rng = np.random.default_rng(0)
    for _trial in range(6):
        nodes = rng.choice(len(sets.plan.nodes), 3, replace=False)
        share = sets.lost_share(np.array([nodes]), hours).toarray()[0]
        story = rm.Event("given", "here", [rm.OwnOutage(sets.plan.nodes[i], 0.0, hours)
                                           for i in nodes])
        line = rm.replay(rm.stress(made, [story])).timeline
        line = line[line["node"].isin(sets.sites)]
        peak = (1 - line["availability"]).groupby(line["node"]).max()
        np.testing.assert_allclose(share, peak.reindex(list(sets.sites)).fillna(0.0), atol=1e-12)


DUAL = (("s", "power", "a"), ("s", "power", "b"), ("s", "country", "c", {"share": 0.3}))


def test_dual_feeds_fail_only_together_and_the_words_say_so():
    made = world(*DUAL, sites=("s", "t"))
    single = rm.contingency(made, "lab", 1, threshold=0.0)
    assert dict(zip(single["node_a"], single["lost_share"], strict=True)) == {
        "s": 0.5, "t": 0.5, "c": pytest.approx(0.15)}
    pair = rm.contingency(made, "lab", 2, threshold=0.4, minimal=True)
    assert pair[["node_a", "node_b"]].to_numpy().tolist() == [["a", "b"]]
    row = pair.iloc[0]
    assert row["lost_share"] == 0.5
    assert row["lost_mw"] == 100.0
    assert row["alone_a"] == row["alone_b"] == 0.0
    assert row["extra_share"] == row["beyond_sum_share"] == 0.5
    assert bool(row["minimal"])
    assert np.isnan(row["se"])


def test_failures_of_different_sites_add_up_and_overlaps_count_once():
    made = world(("s", "power", "a"), ("t", "power", "b"), ("s", "cloud", "c", {"share": 0.5}),
                 sites=("s", "t", "u", "v"))
    frame = rm.contingency(made, "lab", 2, threshold=0.0)
    found = told(frame)
    assert found[frozenset("ab")] == 0.5
    assert found[frozenset("bc")] == pytest.approx(0.375)
    assert frozenset("ac") not in found  # c takes nothing that a has not taken
    assert frame["beyond_sum_share"].abs().max() < 1e-12
    assert frame["behind_share"].ge(frame["lost_share"] - 1e-12).all()


def test_a_reserve_counts_as_long_as_it_lasts():
    made = world(("s", "power", "a", {"ride_through_h": 24.0}), sites=("s",))
    assert rm.contingency(made, hours=24.0, threshold=0.0)["node_a"].tolist() == ["s"]
    assert rm.contingency(made, hours=24.1, threshold=0.0)["node_a"].tolist() == ["a", "s"]


def test_labs_kinds_and_the_total_can_be_asked_for():
    made = random_world(1)
    frame = rm.contingency(made, ["x", "total"], threshold=0.0, kinds=["grid"])
    assert set(frame["lab"]) == {"x", "total"}
    assert set(frame["kind_a"]) == {"grid"}
    both = rm.contingency(made, "total", 2, threshold=0.0, kinds=["grid", "cloud"], top=3)
    assert len(both) == 3
    assert set(both["kind_a"]) | set(both["kind_b"]) <= {"grid", "cloud"}
    for word, how in (("labb", {"lab": "labb"}), ("grids", {"kinds": ["grids"]}),
                      ("order", {"order": 3}), ("threshold", {"threshold": 20}),
                      ("hours", {"hours": 0}), ("top", {"top": 0})):
        with pytest.raises(RiskModelError, match=word):
            rm.contingency(made, **{"lab": "x", **how})
    empty = rm.contingency(made, "x", 2, kinds=["site"], threshold=1.0)
    assert len(empty) == 0
    assert list(empty) == list(frame)


def test_on_the_shipped_world_the_search_finds_what_trying_all_finds():
    shipped = rm.read_world()
    model = model_of(shipped)
    many = len(model.nodes)
    pairs = np.array(list(combinations(range(many), 2)))
    lost = model.sets.lost_share(model.nodes[pairs], model.hours)
    names = np.array(model.names, dtype=object)[model.nodes]
    frame = rm.contingency(shipped, order=2)
    assert set(frame["lab"]) > {"anthropic", "openai", "xai", "meta", "google_deepmind"}
    for lab, part in frame.groupby("lab"):
        mw = mw_of(model, lab)
        share, alone = lost @ mw / mw.sum(), model.alone @ mw / mw.sum()
        news = share > alone[pairs].max(axis=1) + 1e-9
        found = np.flatnonzero(news & (share >= 0.2 - 1e-9))
        want = {frozenset(names[pairs[i]]): share[i] for i in found}
        assert told(part) == pytest.approx(want)
        assert frame.attrs["search"][lab]["pairs"] == many * (many - 1) // 2
        assert frame.attrs["search"][lab]["evaluated"] < many
