"""States of the world: what a number may be, and that nothing else moves."""

from __future__ import annotations

import copy

import numpy as np
import pandas as pd
import pytest

import riskmodel as rm
from riskmodel.engine.outages.streams import keyed_uniform
from riskmodel.perils.ignorance import (
    ENDS,
    Input,
    draw,
    end_values,
    inputs,
    split,
    value_at,
    with_values,
)
from riskmodel.perils.posterior import beta_posterior, gamma_posterior
from riskmodel.perils.protocol import PerilSpec
from riskmodel.perils.registry import BUILT_IN, load_perils
from riskmodel.perils.spec import figure, shipped_data
from riskmodel.world.attribution import draw_holdings

TAIL = np.array([1e-9, *ENDS, 0.5, 1 - 1e-9])


def number(low, best, high, unit="1", **more) -> dict:
    return {"low": low, "best": best, "high": high, "unit": unit, "source": "judgement",
            "confidence": "low", "known_on": "2026-01-01", "note": "n", **more}


def spec(**data) -> PerilSpec:
    return PerilSpec("p", "P", "d", "natural", data={"id": "p", **data})


def uniforms(worlds: int, seed: int = 3):
    def uniform(stream, names):
        return keyed_uniform(seed, "ignorance", stream, np.arange(worlds)[:, None], 0,
                             np.array(list(names), object)[None, :])
    return uniform


def one(stated: dict) -> Input:
    (found,) = inputs(spec(x=stated))
    return found


def ratio(drawn: np.ndarray, p: float, value: float) -> float:
    """How many standard errors the share of draws below ``value`` lies from ``p``."""
    return (np.mean(drawn <= value) - p) / np.sqrt(p * (1 - p) / len(drawn))


# ---------------------------------------------------------------- the laws


@pytest.mark.parametrize(("low", "best", "high"), [(1.0, 2.0, 10.0), (0.0, 0.3, 1.5),
                                                  (-2.0, 1.0, 1.5), (0.5, 0.5, 3.0)])
def test_the_stated_points_are_exact(low, best, high):
    assert split(np.array([0.05, 0.5, 0.95]), low, best, high) == pytest.approx([low, best, high])


def test_the_law_is_cut_and_rises():
    values = split(TAIL, 1.0, 2.0, 10.0)
    assert (np.diff(split(np.linspace(1e-9, 1 - 1e-9, 999), 1.0, 2.0, 10.0)) > 0).all()
    assert values[-1] < 10.0 * (10.0 / 2.0) ** 0.6
    assert values[0] > 1.0 * (1.0 / 2.0) ** 0.6


def test_what_is_known_stays():
    assert split(np.array([0.01, 0.9]), 3.0, 3.0, 3.0).tolist() == [3.0, 3.0]
    assert inputs(spec(x=number(3, 3, 3))) == []


@pytest.mark.parametrize("unit", ["share", "probability", "per launch"])
def test_shares_stay_within_their_bounds(unit):
    values = value_at(one(number(0.2, 0.9, 1.0, unit)), TAIL)
    assert values.min() > 0
    assert values.max() == 1.0
    assert value_at(one(number(0.2, 0.9, 1.0, "1")), TAIL).max() > 1.0  # a number of no bound


def test_nothing_with_a_low_of_zero_turns_negative():
    values = value_at(one(number(0.0, 0.3, 0.9, "share")), TAIL)
    assert values.min() == 0.0


def test_a_counted_rate_is_its_gamma_posterior():
    post = gamma_posterior(6, 3.0)
    stated = number(post.low, post.mean, post.high, "1/yr", count=6, exposure=3.0)
    drawn = draw([one(stated)], uniforms(40_000))[:, 0]
    assert abs(drawn.mean() - post.mean) < 4 * drawn.std() / np.sqrt(len(drawn))
    assert abs(drawn.var() / (6.5 / 9) - 1) < 0.05
    for p, value in ((0.025, post.low), (0.975, post.high)):
        assert abs(ratio(drawn, p, value)) < 4


def test_a_judged_exposure_widens_the_rate():
    post = gamma_posterior(6, 3.0, 2.0)
    stated = one(number(post.low, post.mean, post.high, "1/yr", count=6, exposure=3.0,
                        exposure_factor=2.0))
    drawn = draw([stated], uniforms(40_000))[:, 0]
    for p, value in ((0.025, post.low), (0.975, post.high), *zip(ENDS, end_values(stated),
                                                                 strict=True)):
        assert abs(ratio(drawn, p, value)) < 4


def test_hits_in_trials_are_their_beta_posterior():
    post = beta_posterior(2, 253)
    drawn = draw([one(number(post.low, post.mean, post.high, "per launch", hits=2, trials=253))],
                 uniforms(40_000))[:, 0]
    assert abs(drawn.mean() - post.mean) < 4 * drawn.std() / np.sqrt(len(drawn))
    assert abs(ratio(drawn, 0.975, post.high)) < 4


def test_a_rate_stays_below_the_ceiling_of_its_table():
    (rate, other) = inputs(spec(part={"ceiling_per_yr": 1.0, "rate": number(0.1, 0.5, 1, "1/yr"),
                                      "median": number(1, 5, 9, "h")}))
    assert value_at(rate, TAIL).max() == 1.0
    assert value_at(other, TAIL).max() > 9


# ---------------------------------------------------------------- which draw is whose


def test_draws_do_not_depend_on_the_other_numbers():
    both = spec(a=number(1, 2, 3), b=number(1, 2, 3))
    alone = spec(b=number(1, 2, 3))
    first = draw(inputs(both), uniforms(50))
    assert (first[:, 1] == draw(inputs(alone), uniforms(50))[:, 0]).all()
    assert (first[:, 0] != first[:, 1]).all()
    assert (first[:20] == draw(inputs(both), uniforms(20))).all()  # more worlds keep the first


def test_rows_of_a_list_keep_their_draw_when_rows_are_added():
    rows = [{"grid": "A", **number(1, 2, 3)}, {"grid": "B", **number(1, 2, 3)}]
    more = [{"grid": "C", **number(1, 2, 3)}, *rows[::-1]]
    few, many = inputs(spec(rows=rows)), inputs(spec(rows=more))
    assert [each.path for each in few] == ["rows[A]", "rows[B]"]
    few_drawn, many_drawn = draw(few, uniforms(9)), draw(many, uniforms(9))
    assert (few_drawn[:, 0] == many_drawn[:, 2]).all()
    assert (few_drawn[:, 1] == many_drawn[:, 1]).all()


@pytest.mark.parametrize("key", ["tied", "counted"])
def test_tied_numbers_move_together(key):
    stated = number(1, 2, 3, **{key: "word"}) if key == "tied" else number(
        *(gamma_posterior(4, 2.0)[i] for i in (1, 0, 2)), count=4, exposure=2.0, counted="word")
    first, second = spec(a=stated, b=number(10, 20, 30, tied="word") if key == "tied" else stated
                         ), PerilSpec("q", "Q", "d", "natural", data={"id": "q", "c": stated})
    unknown = [*inputs(first), *inputs(second)]
    drawn = draw(unknown, uniforms(60))
    assert np.corrcoef(drawn[:, 0], drawn[:, 1])[0, 1] > 0.99
    assert (drawn[:, 0] == drawn[:, 2]).all()


def test_the_spec_given_is_not_changed():
    data = shipped_data("grid_outage")
    before = copy.deepcopy(data)
    given = PerilSpec("grid_outage", "", "", "technological", data=data)
    unknown = inputs(given)
    values = draw(unknown, uniforms(2))[1]
    drawn = with_values(given, unknown, values)
    assert data == before
    assert [figure(drawn.data, *each.steps) for each in unknown] == values.tolist()
    known = {each.path for each in unknown}
    assert all(each.path in known for each in inputs(drawn))


@pytest.mark.parametrize("peril_id", sorted(BUILT_IN))
def test_every_shipped_peril_bears_its_worlds(peril_id):
    """Each can be built and asked for events in worlds drawn at random."""
    world = rm.read_world()
    (peril,) = load_perils(world, [peril_id])
    losses = rm.simulate(world, years=12, seed=5, worlds=12, perils=[peril], workers=1,
                         adequacy=False)
    assert losses.worlds == 12
    assert inputs(peril.spec), "a peril of which everything is known"
    assert losses.manifest["ignorance"]["as_they_are"] == []


# ---------------------------------------------------------------- who holds what


def held(rows, sites=("s",)) -> rm.World:
    return rm.World.from_frames(
        sites=pd.DataFrame({"site_id": list(sites), "lat": 1.0, "lon": 1.0, "it_mw": 10.0}),
        labs=pd.DataFrame({"lab_id": ["a", "b", "c"], "needed_share": 0.8}),
        holdings=pd.DataFrame(rows, columns=["lab_id", "site_id", "share", "probability"]))


def shares(world, worlds=20_000) -> dict[str, np.ndarray]:
    uniform = uniforms(worlds)
    found = draw_holdings(world, lambda names: uniform("holdings", names))
    assert found.share.sum(axis=1) == pytest.approx(1.0 * len(set(found.site_id)))
    return dict(zip(found.lab_id, found.share.T, strict=True))


def near(share: np.ndarray, p: float) -> bool:
    return abs(share.mean() - p) < 4 * np.sqrt(p * (1 - p) / len(share))


def test_half_a_chance_of_a_site_is_not_half_a_site():
    found = shares(held([("a", "s", 1.0, 0.5)]))
    assert set(found["a"]) == {0.0, 1.0}
    assert near(found["a"], 0.5)
    assert (found["unknown"] == 1 - found["a"]).all()


def test_co_tenants_are_drawn_apart():
    found = shares(held([("a", "s", 0.6, 0.9), ("b", "s", 0.4, 0.3)]))
    a, b = found["a"] > 0, found["b"] > 0
    assert near(a, 0.9)
    assert near(b, 0.3)
    assert near(a & b, 0.27)
    assert found["unknown"] == pytest.approx(1 - 0.6 * a - 0.4 * b)


def test_alternatives_exclude_each_other():
    found = shares(held([("a", "s", 1.0, 0.5), ("b", "s", 1.0, 0.3)]))
    a, b = found["a"] > 0, found["b"] > 0
    assert not (a & b).any()
    assert near(a, 0.5)
    assert near(b, 0.3)
    assert near(found["unknown"] > 0, 0.2)


def test_alternatives_with_too_much_chance_are_brought_down_together():
    found = shares(held([("a", "s", 1.0, 0.5), ("b", "s", 1.0, 0.5), ("c", "s", 0.5, 0.25)]))
    assert near(found["a"] > 0, 0.4)
    assert near(found["c"] > 0, 0.2)
    assert found["unknown"] == pytest.approx(0.5 * (found["c"] > 0))


def test_a_holding_keeps_its_draw_whoever_else_holds():
    alone = shares(held([("a", "s", 0.6, 0.5)]), 300)["a"]
    with_others = held([("b", "s", 0.4, 0.5), ("a", "s", 0.6, 0.5), ("c", "t", 1.0, 0.5)],
                       ("t", "s"))
    assert (shares(with_others, 300)["a"] == alone).all()
