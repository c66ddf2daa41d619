"""The frontier of a lab's own MW: splits that are known, limits kept, numbers of fresh years."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

import riskmodel as rm
from riskmodel.decisions.allocation.spread_frontier import FRONTIER
from riskmodel.engine.losses.courses import site_courses


def world(rates: dict[str, float], shares: dict[str, float] | None = None) -> rm.World:
    """One lab at some sites of 100 MW, each with fires of its own that take it for ten days."""
    names = list(rates)
    hit = {name: rate for name, rate in rates.items() if rate > 0}
    held = shares or dict.fromkeys(names, 1.0)
    return rm.World.from_frames(
        as_of="2026-11-23",
        sites=pd.DataFrame({"site_id": names, "lat": np.linspace(30, 45, len(names)),
                            "lon": -90.0, "it_mw": 100.0}),
        labs=pd.DataFrame({"lab_id": ["one", "none"], "needed_share": [0.9, 0.9]}),
        holdings=pd.DataFrame({"lab_id": "one", "site_id": list(held),
                               "share": list(held.values())}),
        events=pd.DataFrame({
            "event_id": [f"fire-{name}" for name in hit], "peril": "fire", "region": "X",
            "rate_per_yr": list(hit.values()), "node_id": list(hit), "probability": 1.0,
            "depth": 1.0, "duration_dist": "exponential", "duration_h": 240.0,
            "duration_shape": float("nan")}))


def test_all_goes_where_nothing_happens():
    losses = rm.simulate(world({"a": 0.3, "b": 0.5, "calm": 0.0}), years=1000, seed=2)
    found = rm.spread_frontier(losses, "one", level=0.95)
    assert found.mw == pytest.approx(300.0)
    best = found.splits[found.splits["limit"] == found.nearest].set_index("candidate")["mw"]
    assert best["calm"] == pytest.approx(300.0, rel=1e-3)
    assert found.of(FRONTIER, "tvar")[0] == pytest.approx(0.0, abs=1e-6)
    as_is, difference = found.of("as_is", "tvar"), found.of("difference", "tvar")
    assert difference == pytest.approx(as_is)


def test_equal_and_independent_sites_are_filled_evenly():
    losses = rm.simulate(world(dict.fromkeys("abcd", 0.4), {"a": 1.0}), years=8000, seed=2)
    found = rm.spread_frontier(losses, "one", "running", level=0.95)
    last = found.splits[found.splits["limit"] == found.splits["limit"].max()]
    assert last["mw"].to_numpy() == pytest.approx(25.0, abs=3.0)
    # all at one site against a quarter at each: the average is the same, the tail is not
    value, se = found.of("difference", "tvar")
    assert value > 4 * se
    aal, aal_se = found.of("difference", "aal")
    assert abs(aal) < 4 * aal_se


@pytest.fixture(scope="module")
def spread() -> tuple[rm.Losses, object]:
    losses = rm.simulate(world({"a": 0.2, "b": 0.4, "c": 0.9, "d": 1.3}), years=2000, seed=5)
    return losses, rm.spread_frontier(losses, "one", level=0.95, points=5)


def test_limits_are_kept_and_tails_fall_on_the_fitted_years(spread):
    losses, found = spread
    unit = site_courses(losses).unit_losses().toarray()[:found.n_fitted]
    tails = []
    for limit, part in found.splits.groupby("limit"):
        lost = unit @ part["mw"].to_numpy()
        assert part["mw"].sum() == pytest.approx(found.mw)
        assert lost.mean() <= limit * (1 + 1e-5)
        tails.append(np.sort(lost)[-found.n_fitted // 20:].mean())
    assert len(tails) >= 5
    assert all(later <= earlier * (1 + 1e-6) for earlier, later in pairwise(tails))
    assert tails[-1] < tails[0]


def test_numbers_are_those_of_the_years_it_was_not_fitted_to(spread):
    losses, found = spread
    unit = site_courses(losses).unit_losses().toarray()[found.n_fitted:]
    best = found.splits[found.splits["limit"] == found.nearest]["mw"].to_numpy()
    lost, today = unit @ best, unit @ np.full(4, 100.0)
    many = len(lost) // 20
    assert found.n_fresh == len(lost) == 1000
    assert found.of(FRONTIER, "aal")[0] == pytest.approx(lost.mean())
    assert found.of("as_is", "aal")[0] == pytest.approx(today.mean())
    assert found.of("difference", "aal") == pytest.approx(
        ((today - lost).mean(), (today - lost).std(ddof=1) / np.sqrt(1000)), rel=1e-6)
    for name, values in ((FRONTIER, lost), ("as_is", today)):
        assert found.of(name, "tvar")[0] == pytest.approx(np.sort(values)[-many:].mean())


def test_courses_at_hand_change_nothing(spread):
    losses, found = spread
    again = rm.spread_frontier(losses, "one", level=0.95, points=5, courses=site_courses(losses))
    pd.testing.assert_frame_equal(again.table, found.table)


@pytest.mark.parametrize(("asked", "says"), [
    ({"lab": "none"}, "holds nothing"), ({"lab": "on"}, "did you mean 'one'|no lab 'on'"),
    ({"lab": "one", "level": 0.999}, "simulate more years"),
    ({"lab": "one", "among": "nowhere"}, "among"), ({"lab": "one", "among": ["x"]}, "no site 'x'"),
    ({"lab": "one", "points": 1}, "give 2 at least")])
def test_what_cannot_be_is_refused(spread, asked, says):
    losses, _ = spread
    with pytest.raises(rm.RiskModelError, match=says):
        rm.spread_frontier(losses, **{"level": 0.95, **asked})
