"""Back-tests: nothing known later is read, scores are right, and the table says what happened."""

from __future__ import annotations

import copy
import dataclasses
import datetime as dt
import math
import shutil

import numpy as np
import pytest
from scipy import stats

import riskmodel as rm
from riskmodel.decisions.backtests import backtest as module
from riskmodel.decisions.backtests.frozen import Frozen, frozen_problems, read_backtests
from riskmodel.decisions.backtests.restoration import predictive
from riskmodel.errors import RiskModelError
from riskmodel.measures.scores import central_interval, crps, percentile
from riskmodel.perils.spec import numbers
from riskmodel.world.shipped import shipped_folder

IDS = sorted(path.stem for path in (shipped_folder() / "backtests").glob("*.toml"))


@pytest.fixture(scope="module")
def world() -> rm.World:
    return rm.read_world()


def test_those_that_were_asked_for_are_there(world):
    listed = set(rm.backtests(world)["backtest"])
    assert listed == set(IDS)
    assert {"aws-gulf-2026", "ukraine-winter-2022", "us-state-events-2000", "load-trips-2025",
            "restoration-iberia-2025",
            "restoration-chile-2025", "restoration-hokkaido-2018", "restoration-moore-2022",
            "restoration-berlin-2026"} <= listed


@pytest.mark.parametrize("name", IDS)
def test_every_number_read_was_known_before_the_freeze(world, name):
    result = rm.backtest(world, name, n=500)
    known = {row.number: row.known_on for row in result.inputs.itertuples()
             if not row.number.startswith("given.")}
    assert known
    for number, day in known.items():
        assert dt.date.fromisoformat(str(day)) < result.freeze, number


@pytest.mark.parametrize("name", IDS)
def test_a_forecast_never_reads_what_happened(world, name):
    frozen = read_backtests(world)[name]
    other = copy.deepcopy(dict(frozen.data))
    for fact in other["observed"].values():
        fact["value"] = 3.0 * fact["value"] + 1.0
    one = module._run(frozen, world, 400, 1)
    two = module._run(Frozen(other, frozen.freeze), world, 400, 1)
    for key, sample in one.samples.items():
        np.testing.assert_array_equal(sample, two.samples[key])
    assert not one.table["observed"].equals(two.table["observed"])


@pytest.mark.parametrize("name", IDS)
def test_the_table_agrees_with_the_sample(world, name):
    result = rm.backtest(world, name, n=2000, seed=4)
    for row in result.table.itertuples():
        sample = result.samples[row.quantity]
        assert sample.shape == (2000,)
        assert row.low <= row.median <= row.high
        assert row.percentile == pytest.approx(
            (sample < row.observed).mean() + 0.5 * (sample == row.observed).mean())
        bound = row.quantity in result.lower_bound
        assert row.inside == ((bound or row.low <= row.observed) and row.observed <= row.high)
        assert ("missed" in row.verdict) == (not row.inside)


def test_the_same_seed_gives_the_same_forecast(world):
    tables = [rm.backtest(world, IDS[0], n=300, seed=seed).table for seed in (5, 5, 6)]
    assert tables[0].equals(tables[1])
    assert not tables[0].equals(tables[2])


def test_a_number_known_too_late_is_refused(world):
    frozen = read_backtests(world)["us-state-events-2000"]
    data = copy.deepcopy(dict(frozen.data))
    data["numbers"]["rate_per_yr"]["known_on"] = "2000-01-01"
    assert any("not before the freeze" in problem for problem in frozen_problems(data))
    with pytest.raises(RiskModelError, match="known on 2000-01-01, not before the freeze"):
        module._run(Frozen(data, frozen.freeze), world, 200, 0)


def test_a_past_event_that_was_not_over_is_refused(world):
    frozen = read_backtests(world)["restoration-iberia-2025"]
    data = {**copy.deepcopy(dict(frozen.data)), "past": ["E001", "E010"]}
    with pytest.raises(RiskModelError, match="take it out of past"):
        module._run(Frozen(data, frozen.freeze), world, 200, 0)
    data["past"] = ["E999"]
    with pytest.raises(RiskModelError, match="E999"):
        module._run(Frozen(data, frozen.freeze), world, 200, 0)


def test_a_peril_keeps_only_what_was_known(world):
    """Numbers of a peril known after the freeze raise when they are read, unless replaced."""
    number = {"low": 1.0, "best": 2.0, "high": 3.0, "unit": "h", "source": "s",
              "confidence": "low", "known_on": "2020-01-01"}
    peril = {"id": "p", "old": dict(number), "new": {**number, "known_on": "2030-01-01"},
             "mended": {"inner": {**number, "known_on": "2030-01-01"}}}
    data = {"id": "x", "numbers": {"p": {"mended": {"inner": {**number, "best": 2.5}}}}}
    frozen = Frozen(data, dt.date(2025, 1, 1))
    kept = frozen.peril_data(peril, "p")
    assert set(numbers(kept)) == {"old", "mended.inner"}
    assert kept["mended"]["inner"]["best"] == 2.5
    assert peril["new"]["best"] == 2.0  # the caller's own is untouched
    assert set(frozen.read) == {"p.old", "p.mended.inner", "numbers.p.mended.inner"}


@pytest.mark.parametrize(("change", "message"), [
    (lambda d: d.pop("story"), "story is not there"),
    (lambda d: d.update(freeze="soon"), "no date"),
    (lambda d: d.pop("observed"), "observed is not there"),
    (lambda d: d["observed"]["events"].pop("unit"), "lacks unit"),
    (lambda d: d["observed"]["events"].update(known_on="1999-01-01"), "nothing to predict"),
    (lambda d: d["observed"]["events"].update(source="hearsay"), "'hearsay'"),
    (lambda d: d["numbers"]["rate_per_yr"].pop("known_on"), "lacks known_on"),
])
def test_each_slip_of_a_file_is_named(world, change, message):
    data = copy.deepcopy(dict(read_backtests(world)["us-state-events-2000"].data))
    assert frozen_problems(data) == []
    change(data)
    assert any(message in problem for problem in frozen_problems(data))


def test_a_world_may_bring_its_own(tmp_path, world):
    shutil.copytree(shipped_folder(), tmp_path / "mine")
    folder = tmp_path / "mine" / "backtests"
    for path in folder.glob("*.toml"):
        if path.stem != "us-state-events-2000":
            path.unlink()
    mine = dataclasses.replace(world, folder=tmp_path / "mine")
    assert list(rm.backtests(mine)["backtest"]) == ["us-state-events-2000"]
    (folder / "other.toml").write_text("id = 3")
    with pytest.raises(RiskModelError, match=r"backtests/other\.toml"):
        rm.backtests(mine)
    (folder / "other.toml").write_text("id = ")
    with pytest.raises(RiskModelError, match="not TOML"):
        rm.backtests(mine)


def test_unknown_names_and_numbers_are_refused(world):
    with pytest.raises(RiskModelError, match="did you mean 'restoration-iberia-2025'"):
        rm.backtest(world, "restoration-iberia")
    with pytest.raises(RiskModelError, match="100 or more"):
        rm.backtest(world, IDS[0], n=3)


def test_crps_of_a_normal_forecast_is_the_closed_form():
    """Gneiting and Raftery 2007, equation 21; 4 standard errors of the sample."""
    n, x = 200_000, 0.7
    sample = np.random.default_rng(2).standard_normal(n)
    exact = x * (2 * stats.norm.cdf(x) - 1) + 2 * stats.norm.pdf(x) - 1 / math.sqrt(math.pi)
    batches = [crps(batch, x) for batch in np.split(sample, 50)]
    assert abs(np.mean(batches) - exact) < 4 * np.std(batches, ddof=1) / math.sqrt(50)
    assert crps(sample, x) == pytest.approx(exact, abs=0.01)
    assert crps([2.0, 2.0, 2.0], 2.0) == 0.0
    assert crps([1.0], 3.0) == 2.0


def test_crps_by_its_definition():
    sample = np.array([1.0, 4.0, 6.0])
    pairs = np.mean([abs(a - b) for i, a in enumerate(sample) for j, b in enumerate(sample)
                     if i != j])
    assert crps(sample, 3.0) == pytest.approx(np.abs(sample - 3.0).mean() - pairs / 2)


def test_percentile_and_interval():
    assert percentile([1, 2, 2, 3], 2) == 0.5
    assert percentile([1, 2], 9) == 1.0
    assert central_interval(np.arange(101.0), 0.9) == pytest.approx((5.0, 95.0))
    with pytest.raises(RiskModelError):
        crps([float("nan")], 1.0)


def test_restoration_without_a_record_is_the_prior_and_with_a_long_one_the_record():
    u = np.array([0.1, 0.5, 0.9])
    prior = predictive(u, [], median=20.0, sigma=0.8, weight=1.0, spread_weight=6.0)
    assert prior[1] == pytest.approx(20.0)
    wide = 0.8 * math.sqrt(2.0)  # one event's worth of doubt about the median
    assert prior[2] == pytest.approx(20.0 * math.exp(wide * stats.t(6).ppf(0.9)))
    seen = np.exp(np.random.default_rng(1).normal(3.0, 0.5, 4000))
    found = predictive(u, seen, median=500.0, sigma=2.0, weight=1.0, spread_weight=6.0)
    np.testing.assert_allclose(found, np.exp(3.0 + 0.5 * stats.norm.ppf(u)), rtol=0.06)


def test_days_until_few_enough_are_down_by_hand():
    """Two facilities, one may be down: both are from hour 24 to 72; a re-hit counts once."""
    from riskmodel.decisions.backtests.campaign_on_grid import _met_again

    row = np.array([0, 0, 0, 1])
    group = np.array([7, 8, 7, 20])
    hit, end = np.array([0.0, 24.0, 48.0, 0.0]), np.array([60.0, 72.0, 96.0, 240.0])
    allowed = np.array([1.0, 0.0])
    np.testing.assert_allclose(_met_again(row, group, hit, end, allowed, 2), [3.0, 10.0])
    np.testing.assert_allclose(_met_again(row, group, hit, end, np.array([2.0, 1.0]), 2), [0, 0])
