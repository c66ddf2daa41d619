"""Lost progress in several states of the world: by hand, and equal to capacity where it must be."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import riskmodel as rm
from riskmodel.compute.ledger import conversion, ledgers
from riskmodel.compute.progress import progress_measures, run_courses
from riskmodel.compute.response import lost_progress
from riskmodel.compute.runspec import RunSpec, run_spec, three_modes
from riskmodel.engine.losses.courses import Courses
from riskmodel.engine.plan.held import held_mw
from tests.compute.test_ledger import three
from tests.engine.unsure import Storms, spec_of, stated

WORLDS = 8
#: loses nothing but what is down
BARE = RunSpec(mode="elastic", interval_h=1e-9, write_h=0.0, restart_h=0.0, offsite_lag_h=0.0,
               storage_lost_after_h=1e6, progress_at_risk_h=0.0, mttf_h=100.0)


def simulated(worlds, world=None, **probability):
    storms = Storms(spec_of("gale2", stated(1.0, 3.0, 9.0), stated(2.0, 90.0, 500.0, "h")), "g")
    return rm.simulate(world or three(**probability), 800, 5, perils=[storms], worlds=worlds,
                       adequacy=False)


def one_kind():
    """Two sites of one kind of chip on one grid; who holds the second is not sure."""
    return rm.World.from_frames(
        sites=pd.DataFrame({"site_id": ["s", "t"], "lat": 50.0, "lon": 10.0, "it_mw": [100.0, 40.0],
                            "chip_family": "H100"}),
        labs=pd.DataFrame({"lab_id": ["a"], "needed_share": [0.8]}),
        holdings=pd.DataFrame({"lab_id": ["a", "a"], "site_id": ["s", "t"], "share": [1.0, 0.5],
                               "probability": [1.0, 0.4]}),
        nodes=pd.DataFrame({"node_id": ["g"], "kind": ["grid"]}),
        requirements=pd.DataFrame({"node_id": ["s", "t"], "group": "power", "member_id": "g"}))


@pytest.fixture(scope="module")
def losses():
    return simulated(WORLDS, probability=[0.6, 0.8, 1.0])


@pytest.fixture(scope="module")
def courses(losses):
    return run_courses(losses)


def of_world(courses, world):
    """Return the years of one state of the world, alone."""
    mine = courses.year % WORLDS == world
    return Courses(courses.sites, courses.year[mine] // WORLDS, courses.site[mine],
                   courses.start_h[mine], courses.end_h[mine], courses.lost_share[mine],
                   courses.n_years // WORLDS, courses.booking, courses.horizon_days)


def test_every_year_is_that_of_its_own_world(losses, courses):
    """World by world, each with what the lab holds in it, and put together by hand."""
    specs = three_modes(run_spec())
    frame = progress_measures(losses, specs, labs=["a"], levels=[0.9], courses=courses)
    at = frame.set_index(["run", "quantity", "measure"])
    mw = held_mw(losses, "a", courses.sites.sites)
    assert len({tuple(row) for row in mw}) > 2  # attributions differ between worlds
    work = conversion(losses.world, sites=courses.sites.sites).of("flop")
    for spec in specs:
        days, mw_days = np.zeros(losses.n_years), np.zeros(losses.n_years)
        for world in range(WORLDS):
            if mw[world].sum() > 0:
                alone = lost_progress(of_world(courses.sites, world), mw[world], spec, work=work)
                days[world::WORLDS], mw_days[world::WORLDS] = alone.run_days, alone.mw_days
        for name, by_hand in (("lost_run_days", days), ("lost_progress", mw_days)):
            assert at.loc[(spec.label, name, "aal"), "value"] == pytest.approx(by_hand.mean())
            worst = np.sort(by_hand)[-losses.n_years // 10:]
            assert at.loc[(spec.label, name, "tvar"), "value"] == pytest.approx(worst.mean())
        means = mw_days.reshape(-1, WORLDS).mean(axis=0)
        assert at.loc[(spec.label, "lost_progress", "aal"), "band"] < 1.05 * means.std(ddof=1)
        assert at.loc[(spec.label, "lost_progress", "aal"), "band"] > 0.5 * means.std(ddof=1)


def test_a_run_that_loses_what_is_down_has_the_band_of_its_capacity():
    """One kind of chip: every figure of a bare elastic run is that of the lab's capacity."""
    run = simulated(WORLDS, one_kind())
    frame = progress_measures(run, BARE, levels=[0.9], measures=["capacity", "aal", "tvar"])
    plain = rm.measure(run, measures=["capacity", "aal", "tvar"], levels=[0.9])
    mine = frame[(frame["lab"] == "a") & (frame["quantity"] == "lost_progress")]
    own = plain[plain["lab"] == "a"]
    assert (own.loc[own["measure"] == "aal", ["value", "band"]] > 1).all(axis=None)
    for name in ("value", "se", "low", "high", "band", "band_low", "band_high"):
        assert mine[name].to_numpy() == pytest.approx(own[name].to_numpy(), rel=1e-6, nan_ok=True)


@pytest.mark.parametrize("worlds", [1, WORLDS])
def test_a_bare_elastic_run_loses_the_fraction_of_flop_that_its_capacity_loses(worlds):
    """Capacity and progress are weighed alike: by FLOP, though one MW is not like another."""
    run = simulated(worlds)
    courses = run_courses(run)
    flop = ledgers(run, measures="aal_share", courses=courses.sites)
    of_flop = flop[(flop["lab"] == "a") & (flop["ledger"] == "flop")]["value"].iloc[0]
    of_mw = flop[(flop["lab"] == "a") & (flop["ledger"] == "mw_days")]["value"].iloc[0]
    assert of_flop > 1.05 * of_mw  # the grid takes the site of the newer chips
    days = progress_measures(run, BARE, labs=["a"], measures="aal", courses=courses)
    days = days[days["quantity"] == "lost_run_days"]["value"].iloc[0]
    assert days / 365.0 == pytest.approx(of_flop, rel=1e-6)
    both = [rm.lab_consequences(run, spec, measures="aal", courses=courses)
            for spec in (None, BARE)]
    capacity, progress = (frame[frame["lab"] == "a"] for frame in both)
    for name in ("fraction_lost", "value", "sim_low", "sim_high", "band_low", "band_high"):
        assert progress[name].to_numpy() == pytest.approx(capacity[name].to_numpy(), rel=1e-6,
                                                          nan_ok=True)


def test_the_programme_of_a_run_is_what_its_own_sites_can_train():
    run = simulated(1)
    courses = run_courses(run)
    largest = replace(BARE, mode="rigid", largest=1)  # the site of 100 MW of GB200
    found = rm.lab_consequences(run, largest, measures="aal", courses=courses)
    found = found[found["lab"] == "a"]
    flop = conversion(run.world, sites=["t"]).of("flop")[0] * 100.0 * 365.0
    by_hand = rm.consequences(found["fraction_lost"].iloc[0], rm.TrainingRun(flop, 365.0))
    assert found["value"].to_numpy() == pytest.approx(by_hand["value"].to_numpy())
