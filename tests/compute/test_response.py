"""A run over sites: cases on paper, a slow reference, and what must hold for any outages."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmodel.compute.response import lost_progress
from riskmodel.compute.runspec import RunSpec, run_spec, three_modes
from riskmodel.engine.losses.courses import Courses
from riskmodel.errors import RiskModelError
from tests.compute.slow_response import lost_hours

BARE = RunSpec(mode="elastic", interval_h=1e-9, write_h=0.0, restart_h=0.0, offsite_lag_h=0.0,
               storage_lost_after_h=1e6, progress_at_risk_h=0.0, mttf_h=100.0)


def courses(*rows, sites=3, years=1, booking="occurrence", worlds=1, horizon_days=365.0):
    """Make courses; a row is (year, site, start, end, lost share)."""
    table = np.array(sorted(rows, key=lambda r: (r[0],)), dtype=float).reshape(-1, 5)
    return Courses(tuple("abcdefgh"[:sites]), table[:, 0].astype(np.int64),
                   table[:, 1].astype(np.int32), table[:, 2], table[:, 3], table[:, 4], years,
                   booking, horizon_days, worlds)


def hours(outages, spec, mw=(1.0, 1.0, 1.0), **how):
    return lost_progress(outages, mw, spec, **how).run_days * 24.0


def spec(mode="elastic", **changes):
    more = {"k": 2} if mode == "quorum" and "quorum_share" not in changes else {}
    return replace(BARE, mode=mode, **{**more, **changes})


# ------------------------------------------------------------------------------- on paper


def test_a_site_down_costs_its_share_or_everything():
    one = courses((0, 0, 100, 200, 1.0))
    assert hours(one, spec("elastic")) == pytest.approx([100 / 3], abs=1e-6)
    assert hours(one, spec("rigid")) == pytest.approx([100], abs=1e-6)
    assert hours(one, spec("quorum")) == pytest.approx([100 / 3], abs=1e-6)
    two = courses((0, 0, 100, 200, 1.0), (0, 1, 150, 250, 1.0))
    assert hours(two, spec("elastic")) == pytest.approx([200 / 3], abs=1e-6)
    assert hours(two, spec("rigid")) == pytest.approx([150], abs=1e-6)
    # two of three are needed: nothing works from 150 to 200
    assert hours(two, spec("quorum")) == pytest.approx([50 / 3 + 50 + 50 / 3], abs=1e-6)


def test_a_site_counts_by_the_work_it_does_and_not_by_its_mw():
    one = courses((0, 0, 100, 124, 1.0), sites=2)
    for mode, days in (("elastic", 0.75), ("rigid", 1.0)):
        found = lost_progress(one, (10.0, 10.0), spec(mode), work=(3.0, 1.0))
        assert found.run_days == pytest.approx([days], abs=1e-6)
        assert found.mw_days == pytest.approx([20 * days], abs=1e-6)


def test_part_of_a_site_counts_as_part():
    outages = courses((0, 0, 0, 10, 0.4), (0, 1, 0, 10, 0.1))
    assert hours(outages, spec("rigid")) == pytest.approx([4.0], abs=1e-6)
    assert hours(outages, spec("elastic")) == pytest.approx([5 / 3], abs=1e-6)
    # a tenth of every site's slices lacks two sites, the rest of the first site's .4 lacks one
    assert hours(outages, spec("quorum")) == pytest.approx([(4 + 1 + 1) / 3], abs=1e-6)


def test_work_since_the_checkpoint_and_the_restart_are_lost():
    saves = spec("rigid", interval_h=1.5, write_h=0.5, restart_h=2.0)
    assert saves.lost_work_h == 1.0
    assert hours(courses((0, 0, 100, 200, 1.0)), saves) == pytest.approx([103])
    # the gap of two hours holds no whole restart and is lost altogether
    near = courses((0, 0, 100, 200, 1.0), (0, 1, 202, 300, 1.0))
    assert hours(near, saves) == pytest.approx([203])
    assert hours(near, replace(saves, mode="elastic")) == pytest.approx([(103 + 101) / 3])


def test_a_checkpoint_on_site_only_is_lost_with_what_it_held():
    short, long = courses((0, 0, 100, 120, 1.0)), courses((0, 0, 100, 1000, 1.0))
    kept = spec("elastic", offsite_lag_h=6.0, storage_lost_after_h=500.0, progress_at_risk_h=720.0)
    bare = replace(kept, offsite_lag_h=None)
    for one in (kept, bare):
        assert hours(short, one, (1, 0, 0)) == pytest.approx([20], abs=1e-6)
    assert hours(long, kept, (1, 0, 0)) == pytest.approx([906], abs=1e-6)
    assert hours(long, bare, (1, 0, 0)) == pytest.approx([900 + 720], abs=1e-6)
    # in one run of two sites its own share is what it held, and all of it where the run is rigid
    assert hours(long, bare, (1, 3, 0)) == pytest.approx([1620 / 4], abs=1e-6)
    assert hours(long, replace(bare, mode="rigid"), (1, 3, 0)) == pytest.approx([1620], abs=1e-6)


def test_what_moves_goes_on_from_the_copy_elsewhere():
    moves = spec("rigid", offsite_lag_h=5.0, relocate_after_h=100.0, restart_h=1.0)
    outage = courses((0, 0, 1000, 1500, 1.0))
    assert hours(outage, moves) == pytest.approx([5 + 100 + 1], abs=1e-6)
    assert hours(outage, replace(moves, relocate_after_h=600.0)) == pytest.approx([501], abs=1e-6)
    # half a site can be replaced: the other half of it stays dark, and the run with it
    half = replace(moves, relocate_share=1 / 6, mode="elastic")
    assert hours(outage, half) == pytest.approx([((5 + 100 + 1) + 501 + 5) / 6], abs=1e-5)
    # two sites wait for a sixth of the run each: the sixth there is is shared out
    both = courses((0, 0, 1000, 1500, 1.0), (0, 1, 1000, 1500, 1.0))
    third = replace(half, relocate_share=1 / 3)
    assert hours(both, third) == pytest.approx([2 * ((5 + 100 + 1) + 501 + 5) / 6], abs=1e-5)


def test_a_run_whose_only_checkpoint_is_in_the_dark_waits_for_it():
    waits = spec("rigid", offsite_lag_h=None, progress_at_risk_h=300.0, storage_lost_after_h=400.0,
                 relocate_after_h=100.0)
    assert hours(courses((0, 0, 0, 390, 1.0)), waits) == pytest.approx([390], abs=1e-6)
    assert hours(courses((0, 0, 0, 410, 1.0)), waits) == pytest.approx([300 + 100], abs=1e-6)


def test_no_restart_while_the_control_plane_is_down():
    outage = courses((0, 0, 100, 110, 1.0), (0, 1, 300, 310, 1.0))
    plane = Courses(("cp",), np.array([0, 0]), np.array([0, 0], np.int32), np.array([105.0, 310.0]),
                    np.array([120.0, 330.0]), np.array([1.0, 0.4]), 1, "occurrence", 365.0)
    runs = spec("rigid", restart_h=2.0)
    free = hours(outage, runs)
    assert free == pytest.approx([24], abs=1e-6)
    held = hours(outage, runs, control=plane, control_of={"a": "cp", "b": "cp"})
    assert held == pytest.approx([22 + 12], abs=1e-6)  # less than half down is not down
    other = hours(outage, runs, control=plane, control_of={"b": "cp", "c": "elsewhere"})
    assert other == pytest.approx(free)


def test_calendar_years_end_and_events_do_not():
    late = (0, 0, 8700, 9000, 1.0)
    runs = spec("rigid", restart_h=2.0)
    assert hours(courses(late), runs) == pytest.approx([302], abs=1e-6)
    cut = (0, 0, 8700, 8760, 1.0)
    assert hours(courses(cut, booking="calendar"), runs) == pytest.approx([60], abs=1e-6)


def test_mw_days_are_the_run_times_its_days_and_worlds_differ():
    outages = courses((0, 0, 0, 24, 1.0), (1, 0, 0, 24, 1.0), years=3, worlds=2)
    found = lost_progress(outages, [[10.0, 30.0, 0.0], [0.0, 0.0, 0.0]], spec("rigid"))
    assert found.run_days == pytest.approx([1.0, 0.0, 0.0], abs=1e-6)  # nothing is held in world 1
    assert found.mw_days == pytest.approx([40.0, 0.0, 0.0], abs=1e-6)
    assert found.run_mw == pytest.approx([40.0, 0.0])


def test_a_run_over_the_largest_sites_knows_no_other():
    outages = courses((0, 0, 0, 24, 1.0), (0, 1, 100, 148, 1.0))
    runs = spec("rigid", largest=2)
    assert hours(outages, runs, (5, 1, 9)) == pytest.approx([24], abs=1e-6)
    assert hours(outages, runs, (1, 5, 9)) == pytest.approx([48], abs=1e-6)


def test_goodput_and_defaults_come_from_the_file():
    runs = run_spec("quorum", "leased")
    assert (runs.quorum_share, runs.relocate_after_h, runs.offsite_lag_h) == (0.75, 336.0, 6.0)
    assert 0.90 < runs.goodput < 0.92  # Llama 3: above 90 % at these faults
    assert [runs.needed(n) for n in (4, 5, 1)] == [3, 4, 1]
    assert [one.mode for one in three_modes(runs)] == ["rigid", "quorum", "elastic"]


def test_what_makes_no_run_is_refused():
    outages = courses((0, 0, 0, 24, 1.0))
    for wrong, says in (({"mode": "loose"}, "mode is 'loose'"), ({"mode": "quorum"}, "either k"),
                        ({"k": 2}, "of a quorum"), ({"restart_h": -1.0}, "restart_h"),
                        ({"relocate_after_h": 0.0}, "above 0"), ({"largest": 0}, "largest"),
                        ({"relocate_share": 1.5}, "relocate_share")):
        with pytest.raises(RiskModelError, match=says):
            replace(BARE, **wrong)
    with pytest.raises(RiskModelError, match="a quorum of 4 sites"):
        lost_progress(outages, [1, 1, 1], spec("quorum", k=4))
    for mw in ([1.0], [1.0, -1.0, 0.0], [1.0, np.nan, 1.0]):
        with pytest.raises(RiskModelError, match="mw"):
            lost_progress(outages, mw, BARE)
    for work in ([1.0, 2.0], [1.0, 0.0, 1.0], [1.0, np.nan, 1.0]):
        with pytest.raises(RiskModelError, match="work"):
            lost_progress(outages, [1, 1, 1], BARE, work=work)
    with pytest.raises(RiskModelError, match="place is 'cheap'"):
        run_spec(place="cheap")
    with pytest.raises(RiskModelError, match="no 'speed'"):
        run_spec(speed=3)
    with pytest.raises(RiskModelError, match="same years"):
        lost_progress(outages, [1, 1, 1], BARE, control=courses(years=2), control_of={"a": "a"})


# ------------------------------------------------------------- against the slow reference


@st.composite
def outages(draw, sites=3):
    """Outages of some sites on whole hours, with steps that touch."""
    found = []
    for _ in range(sites):
        times = draw(st.lists(st.integers(0, 60), max_size=6, unique=True).map(sorted))
        levels = draw(st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0]), min_size=len(times),
                               max_size=len(times)))
        found.append([(float(a), float(b), v) for a, b, v in
                      zip(times[:-1], times[1:], levels, strict=False) if v > 0])
    return found


RUNS = st.builds(
    dict, interval_h=st.sampled_from([1e-9, 1.5, 4.0]), write_h=st.sampled_from([0.0, 0.5]),
    restart_h=st.sampled_from([0.0, 0.7, 3.0]), offsite_lag_h=st.sampled_from([None, 0.0, 5.3]),
    storage_lost_after_h=st.sampled_from([7.5, 20.5, 1000.0]),
    progress_at_risk_h=st.sampled_from([0.0, 13.7]),
    relocate_after_h=st.sampled_from([None, None, 4.6, 15.4]),
    relocate_share=st.sampled_from([0.3, 1.0]))
SHARES = st.lists(st.sampled_from([1.0, 2.0, 5.0]), min_size=3, max_size=3)


def table(years):
    return courses(*((y, i, *piece) for y, sites in enumerate(years)
                     for i, pieces in enumerate(sites) for piece in pieces), years=len(years))


@settings(max_examples=60, deadline=None)
@given(st.lists(outages(), min_size=2, max_size=2), RUNS, SHARES,
       st.sampled_from(["rigid", "quorum", "elastic"]))
def test_years_equal_the_slow_reference(years, how, mw, mode):
    runs = spec(mode, **how)
    found = hours(table(years), runs, mw)
    for year, sites in enumerate(years):
        assert found[year] == pytest.approx(
            lost_hours(sites, [m / sum(mw) for m in mw], runs), abs=1e-6)


@settings(max_examples=20, deadline=None)
@given(outages(), RUNS, SHARES, SHARES, st.sampled_from(["rigid", "quorum", "elastic"]))
def test_mw_of_more_work_are_a_larger_share_of_the_slow_reference(sites, how, mw, work, mode):
    runs = spec(mode, **how)
    done = [m * w for m, w in zip(mw, work, strict=True)]
    assert hours(table([sites]), runs, mw, work=work)[0] == pytest.approx(
        lost_hours(sites, [d / sum(done) for d in done], runs), abs=1e-6)


@settings(max_examples=25, deadline=None)
@given(outages(), RUNS, st.lists(st.integers(0, 60), min_size=2, max_size=4, unique=True),
       st.sampled_from(["rigid", "elastic"]))
def test_blocked_restarts_equal_the_slow_reference(sites, how, times, mode):
    runs = spec(mode, **how)
    times = sorted(times)
    blocks = list(zip(times[::2], times[1::2], strict=False))
    plane = Courses(("p",), np.zeros(len(blocks), np.int64), np.zeros(len(blocks), np.int32),
                    np.array([a for a, _ in blocks], float),
                    np.array([b for _, b in blocks], float), np.ones(len(blocks)), 1,
                    "occurrence", 365.0)
    found = hours(table([sites]), runs, control=plane, control_of={"a": "p", "c": "p"})
    assert found[0] == pytest.approx(
        lost_hours(sites, [1 / 3] * 3, runs, [blocks, [], blocks]), abs=1e-6)


# ------------------------------------------------------------- what holds for any outages


@settings(max_examples=40, deadline=None)
@given(st.lists(outages(), min_size=1, max_size=3), RUNS, SHARES)
def test_rigid_loses_no_less_than_a_quorum_and_that_no_less_than_elastic(years, how, mw):
    made = table(years)
    by_k = [hours(made, spec("quorum", k=k, **how), mw) for k in (1, 2, 3)]
    assert hours(made, spec("elastic", **how), mw) == pytest.approx(by_k[0])
    assert hours(made, spec("rigid", **how), mw) == pytest.approx(by_k[2])
    assert (by_k[2] >= by_k[1] - 1e-9).all()
    assert (by_k[1] >= by_k[0] - 1e-9).all()


@settings(max_examples=25, deadline=None)
@given(outages(sites=1), RUNS)
def test_one_site_knows_no_mode(sites, how):
    made = table([sites])
    found = [hours(made, spec(mode, **(how | more)), (4.0, 0, 0))[0]
             for mode, more in (("rigid", {}), ("quorum", {"quorum_share": 0.5}), ("elastic", {}))]
    assert found[0] == pytest.approx(found[1])
    assert found[1] == pytest.approx(found[2])


@settings(max_examples=25, deadline=None)
@given(st.lists(outages(), min_size=1, max_size=2), SHARES)
def test_without_checkpoints_an_elastic_run_loses_what_capacity_is_lost(years, mw):
    made = table(years)
    lost = made.unit_losses() @ np.array(mw)
    assert lost_progress(made, mw, BARE).mw_days == pytest.approx(lost, abs=1e-6)


@settings(max_examples=30, deadline=None)
@given(outages(), RUNS, st.sampled_from(["rigid", "quorum", "elastic"]))
def test_slower_saves_restarts_and_copies_never_help(sites, how, mode):
    made = table([sites])
    base = hours(made, spec(mode, **how))[0]
    for worse in ({"interval_h": 9.0}, {"restart_h": 6.0}, {"progress_at_risk_h": 50.0},
                  {"relocate_share": 0.1}):
        assert hours(made, spec(mode, **(how | worse)))[0] >= base - 1e-9
    if how["offsite_lag_h"] is not None:
        assert hours(made, spec(mode, **(how | {"offsite_lag_h": 20.0})))[0] >= base - 1e-9
