"""Checkpoints and goodput: simulated faults, the best interval, and published figures."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmodel.compute import checkpoints as cp
from riskmodel.compute.inputs import read_inputs
from riskmodel.compute.multisite import run_availability
from riskmodel.compute.published import published_figures
from riskmodel.compute.runspec import run_spec
from riskmodel.errors import RiskModelError


def time_of_a_segment(rng, tau, delta, mttf, restart):
    """Play one segment: work and save, or fail, restart (which may fail too) and try again."""
    spent = 0.0
    while True:
        fault = rng.exponential(mttf)
        if fault >= tau + delta:
            return spent + tau + delta
        spent += fault
        while (again := rng.exponential(mttf)) < restart:
            spent += again
        spent += restart


def test_goodput_equals_played_faults():
    rng = np.random.default_rng(5)
    for tau, delta, mttf, restart in ((1.0, 0.1, 2.0, 0.5), (4.0, 0.2, 3.0, 1.0)):
        times = [time_of_a_segment(rng, tau, delta, mttf, restart) for _ in range(20_000)]
        mean, error = np.mean(times), np.std(times) / math.sqrt(len(times))
        assert abs(mean - tau / float(cp.goodput(tau, delta, mttf, restart))) < 4 * error


@settings(max_examples=60, deadline=None)
@given(st.floats(1e-3, 0.5), st.floats(0.5, 100.0), st.floats(0.0, 2.0))
def test_no_interval_is_better_than_the_best(write, mttf, restart):
    best = cp.best_interval(write, mttf)
    top = float(cp.goodput(best, write, mttf, restart))
    for other in (cp.young_interval(write, mttf), cp.daly_interval(write, mttf), best * 0.9,
                  best * 1.1):
        if other > 0:
            assert float(cp.goodput(other, write, mttf, restart)) <= top * (1 + 1e-12)
    assert 0 < top < 1


def test_daly_where_saving_takes_longer_than_living():
    assert cp.daly_interval(5.0, 2.0) == 2.0


def test_larger_runs_fail_sooner():
    assert cp.hours_between_faults([100, 200], 6.5) == pytest.approx([24e3 / 650, 24e3 / 1300])
    assert float(cp.hours_between_faults_of_chips(800, 6.5)) == pytest.approx(24e3 / 650)


def test_a_window_without_restarts():
    stopped, hours = cp.stalled_by_control_plane(14.5, 3.09)
    assert float(stopped) == pytest.approx(0.991, abs=5e-4)
    rng = np.random.default_rng(3)
    waits = np.maximum(14.5 - rng.exponential(3.09, 100_000), 0.0)
    assert abs(waits.mean() - float(hours)) < 4 * waits.std() / math.sqrt(waits.size)
    assert float(cp.stalled_by_control_plane(0.0, 3.09)[1]) == 0.0


def test_published_figures_agree_or_are_flagged_as_the_file_says():
    frame = published_figures().set_index("name")
    for entry in read_inputs("training")["published"]:
        row = frame.loc[entry["name"]]
        assert row["agrees"] == entry["agrees"], entry["name"]
        assert row["agrees"] or row["note"]
        assert "http" in row["source"]
    assert set(frame.index[~frame["agrees"]]) == {"rsc1_1024", "llama3_faulty_gpu_share"}


def test_rates_of_the_file_follow_from_its_counts():
    data = read_inputs("training")["node_failures_per_1000_node_days"]
    assert data["llama_3"]["best"] == pytest.approx(cp.node_failure_rate(419, 54, 16_384), abs=2e-3)
    assert data["rsc_1"]["best"] == 6.5
    assert data["rsc_2"]["best"] == 2.34


def test_a_run_saves_at_its_best_interval():
    runs = run_spec()
    assert runs.interval_h == pytest.approx(cp.best_interval(runs.write_h, runs.mttf_h))
    slow = replace(runs, interval_h=4 * runs.interval_h)
    assert slow.goodput < runs.goodput
    assert runs.lost_work_h == pytest.approx((runs.interval_h + runs.write_h) / 2)
    assert runs.lost_with_storage_h == pytest.approx(6.0 + runs.lost_work_h)
    assert replace(runs, offsite_lag_h=None).lost_with_storage_h == 45 * 24


def test_times_that_make_no_sense_are_refused():
    for call in (lambda: cp.goodput(0.0, 0.1, 1.0, 0.1), lambda: cp.goodput(1.0, -0.1, 1.0, 0.1),
                 lambda: cp.best_interval(0.0, 1.0), lambda: cp.young_interval(0.1, math.nan),
                 lambda: cp.hours_between_faults(0, 6.5)):
        with pytest.raises(RiskModelError, match="finite number"):
            call()


# ------------------------------------------------------------- availability of a run over sites


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0.05, 1)), min_size=1, max_size=5))
def test_availability_of_a_run_equals_all_cases_counted(sites):
    a = np.array([x for x, _ in sites])
    share = np.array([s for _, s in sites])
    share /= share.sum()
    cases = (np.arange(2**a.size)[:, None] >> np.arange(a.size)) & 1
    weight = np.prod(np.where(cases, a, 1 - a), axis=1)
    for k in range(1, a.size + 1):
        on = cases.sum(axis=1) >= k
        found = run_availability(a, k, share)
        assert found.running == pytest.approx(weight[on].sum(), abs=1e-12)
        assert found.live_share == pytest.approx((weight * (cases @ share))[on].sum(), abs=1e-12)


def test_sites_that_make_no_run_are_refused():
    for a, k, share in (([0.9, 1.2], 1, None), ([0.9], 2, None), ([0.9, 0.9], 1, [0.5, 0.6]),
                        ([0.9, 0.9], 1, [1.0])):
        with pytest.raises(RiskModelError, match="run_availability"):
            run_availability(a, k, share)
