"""The low-confidence share: a world in which every root node tells which layers are low."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

import riskmodel as rm
from riskmodel.measures.confidence import LAYERS, low_confidence_share

#: root node -> layers that are low behind it, in the world below
LOW_BEHIND = {"s_weak": {"site"}, "grid:far": {"requirement"}, "grid:near": set(),
              "s_rented": {"holding", "rate"}, "s_half": {"site"}}


def event(name, node, hours, confidence):
    return {"event_id": name, "peril": "test_outage", "region": "here", "rate_per_yr": .7,
            "node_id": node, "probability": 1.0, "depth": 1.0, "duration_dist": "exponential",
            "duration_h": hours, "duration_shape": np.nan, "confidence": confidence}


@pytest.fixture(scope="module")
def world():
    sites = pd.DataFrame({
        "site_id": ["s_weak", "s_strong", "s_rented", "s_half"], "lat": 50.0, "lon": 10.0,
        "it_mw": [10.0, 30.0, 20.0, 8.0], "confidence": ["low", "high", "medium", "low"]})
    holdings = pd.DataFrame({
        "lab_id": ["a", "a", "b", "b"], "site_id": ["s_weak", "s_strong", "s_rented", "s_half"],
        "share": [1.0, 1.0, 1.0, .5], "confidence": ["high", "medium", "low", "high"]})
    nodes = pd.DataFrame({"node_id": ["feed", "grid:far", "grid:near"],
                          "kind": ["feed", "grid", "grid"]})
    requirements = pd.DataFrame({
        "node_id": ["s_strong", "feed", "s_strong"], "group": ["power", "grid", "cooling"],
        "member_id": ["feed", "grid:far", "grid:near"], "confidence": ["high", "low", "medium"]})
    events = pd.DataFrame([
        event("e1", "s_weak", 40, "high"), event("e2", "grid:far", 10, "medium"),
        event("e3", "grid:near", 15, "high"), event("e4", "s_rented", 20, "low"),
        event("e5", "s_half", 60, "high")])
    labs = pd.DataFrame({"lab_id": ["a", "b", "idle"], "needed_share": [0.5, 0.5, 0.5]})
    return rm.World.from_frames(sites=sites, holdings=holdings, labs=labs, nodes=nodes,
                                requirements=requirements, events=events)


def expected(losses, lab):
    """The share of each layer, from the root nodes of the run's own causes."""
    nodes = rm.contributions(losses, by=["node"], lab=lab).set_index("node")["share"]
    return {layer: sum(share for node, share in nodes.items()
                       if layer in LOW_BEHIND[node] or (layer == "any" and LOW_BEHIND[node]))
            for layer in LAYERS}


@pytest.mark.parametrize("booking", ["occurrence", "calendar"])
def test_all_years_give_the_exact_share(world, booking):
    losses = rm.simulate(world, years=40, seed=3, booking=booking)
    frame = low_confidence_share(losses, years=40)
    assert frame.columns.tolist() == ["lab", "layer", "value", "se", "unit", "n"]
    for lab in ("a", "b", "unknown", "total"):
        found = frame[frame["lab"] == lab].set_index("layer")["value"]
        assert found.to_dict() == pytest.approx(expected(losses, lab), abs=1e-9), lab
    a = frame[frame["lab"] == "a"].set_index("layer")["value"]
    assert 0 < a["requirement"] < a["any"] < 1
    assert a["any"] == pytest.approx(a["site"] + a["requirement"], abs=1e-9)


def test_the_first_years_are_right_within_their_error(world):
    losses = rm.simulate(world, years=3000, seed=3)
    frame = low_confidence_share(losses, years=500)
    for lab in ("a", "b", "total"):
        part = frame[frame["lab"] == lab].set_index("layer")
        assert (part["n"] == 500).all()
        for layer, share in expected(losses, lab).items():
            assert abs(part.loc[layer, "value"] - share) <= 4 * part.loc[layer, "se"] + 1e-12
    assert 0 < frame["se"].max() < .1


def test_a_lab_without_loss_has_no_share(world):
    frame = low_confidence_share(rm.simulate(world, years=5, seed=3), years=5)
    assert frame.loc[frame["lab"] == "idle", "value"].isna().all()


def test_losses_read_back_with_their_world(world, tmp_path):
    losses = rm.simulate(world, years=30, seed=3)
    losses.to_parquet(tmp_path / "out")
    again = rm.read_losses(tmp_path / "out", world=world)
    pd.testing.assert_frame_equal(low_confidence_share(again), low_confidence_share(losses))
    assert low_confidence_share(rm.read_losses(tmp_path / "out")) is None


def test_another_world_is_noticed(world):
    losses = rm.simulate(world, years=30, seed=3)
    other = dataclasses.replace(world, sites=world.sites.assign(it_mw=world.sites["it_mw"] * 2))
    with pytest.raises(rm.RiskModelError, match="not the one of the run"):
        low_confidence_share(dataclasses.replace(losses, world=other))


def test_what_it_needs(world, losses):
    assert low_confidence_share(losses) is None  # a year table without its world
    with pytest.raises(rm.RiskModelError, match="annual"):
        low_confidence_share(dataclasses.replace(losses, kind="story"))
