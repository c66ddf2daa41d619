"""Three ledgers: by hand, closing over sites, labs and worlds, and on the shipped world."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import riskmodel as rm
from riskmodel.compute.inputs import Band
from riskmodel.compute.ledger import (
    LEDGERS,
    conversion,
    ledger_frame,
    ledgers,
    weighted_years,
    year_ledger,
)
from riskmodel.compute.progress import progress_measures, run_courses
from riskmodel.compute.runspec import run_spec
from riskmodel.engine.losses.courses import site_courses
from riskmodel.engine.plan.held import held_mw
from riskmodel.errors import RiskModelError
from tests.engine.small import table
from tests.engine.unsure import Storms, spec_of, stated

EVENTS = table({"event_id": "gale", "node_id": "g", "rate_per_yr": 3.0, "duration_h": 50.0},
               {"event_id": "fire", "node_id": "s", "rate_per_yr": 2.0, "duration_h": 90.0,
                "depth": 0.5})


def three(**probability):
    """Three sites of other chips, two of them on one grid; two labs and nobody."""
    return rm.World.from_frames(
        sites=pd.DataFrame({"site_id": ["s", "t", "u"], "lat": 50.0, "lon": 10.0, "it_mw": 100.0,
                            "chip_family": ["H100", "GB200", ""]}),
        labs=pd.DataFrame({"lab_id": ["a", "b"], "needed_share": [0.8, 0.5]}),
        holdings=pd.DataFrame({"lab_id": ["a", "a", "b"], "site_id": ["s", "t", "s"],
                               "share": [0.5, 1.0, 0.25], **probability}),
        nodes=pd.DataFrame({"node_id": ["g"], "kind": ["grid"]}),
        requirements=pd.DataFrame({"node_id": ["t", "u"], "group": "power", "member_id": "g"}),
        events=EVENTS)


@pytest.fixture(scope="module")
def losses():
    return rm.simulate(three(), years=500, seed=3, adequacy=False)


def test_a_mw_day_by_hand():
    how = conversion(three(), mfu=0.5)
    h100, gb200 = 1e6 / (700 * 2.04), 2500 / 989.5 / (1200 * 1.74) * 1e6
    assert how.of("mw_days") == pytest.approx([1, 1, 1])
    assert how.of("h100e_days")[:2] == pytest.approx([h100, gb200])
    assert how.of("flop")[:2] == pytest.approx(
        np.array([h100, gb200]) * 86_400 * 989.5e12 * 0.5)
    # methods: 636,000 H100e a GW at an MFU of .40 are 2.18e25 FLOP a GW-day
    gw_day = 636e3 * 86_400 * 989.5e12 * conversion(three()).mfu.best
    assert gw_day == pytest.approx(2.18e25, rel=5e-3)


def test_rows_of_a_loss_add_up(losses):
    lost = pd.DataFrame({"lab": ["a", "b", "a", "b"], "site_id": ["s", "s", "t", "u"],
                         "lost_mw_days": [10.0, 5.0, 7.0, 0.0]})
    out = ledger_frame(lost, three(), mfu=Band(0.3, 0.4, 0.5))
    assert list(out.columns[:3]) == list(lost.columns)
    assert "flop" not in lost
    how = conversion(three(), Band(0.3, 0.4, 0.5))
    for ledger in LEDGERS[1:]:
        for end in ("low", "high"):
            assert out[f"{ledger}_{end}"].to_numpy() == pytest.approx(
                lost["lost_mw_days"].to_numpy() * how.of(ledger, end)[[0, 0, 1, 2]])
        assert out[ledger].sum() == pytest.approx(
            sum(out.loc[out["lab"] == lab, ledger].sum() for lab in "ab"), rel=1e-12)


@pytest.mark.parametrize("worlds", [1, 4])
def test_ledgers_close_over_sites_and_labs(worlds):
    storms = Storms(spec_of("gale2", stated(1.0, 3.0, 9.0), stated(2.0, 90.0, 500.0, "h")), "g")
    made = three(probability=[0.6, 0.8, 1.0])
    run = rm.simulate(made, 400, 5, perils=[storms], worlds=worlds, adequacy=False)
    courses = site_courses(run)
    how = conversion(made)
    for ledger in LEDGERS:
        factor = how.of(ledger)
        mw = [held_mw(run, lab, courses.sites) for lab in run.labs]
        by_lab = np.array([year_ledger(courses, one, factor) for one in mw])
        total = year_ledger(courses, held_mw(run, None, courses.sites), factor)
        assert by_lab.sum(axis=0) == pytest.approx(total, rel=1e-9)
        by_site = [weighted_years(courses.unit_losses(), one * factor * np.eye(3)[i])
                   for one in mw for i in range(3)]
        assert np.sum(by_site) == pytest.approx(total.sum(), rel=1e-9)
    frame = ledgers(run, courses=courses, levels=[0.9])
    if worlds > 1:
        aal = frame[(frame["measure"] == "aal") & (frame["lab"] == "a")]
        assert (aal["worlds"] == worlds).all()
        assert (aal["band"] > 0).all()
    # the ledger of MW-days is the loss that the run itself booked
    plain = rm.measure(run, measures=["aal", "tvar"], levels=[0.9])
    mine = frame[frame["ledger"] == "mw_days"]
    for column in ("value", "se", "low", "high", "band"):
        assert mine[column].to_numpy() == pytest.approx(plain[column].to_numpy(), rel=1e-9,
                                                        nan_ok=True)


def test_measures_carry_units_and_the_chips_band(losses):
    frame = ledgers(losses, measures=["capacity", "aal", "aal_share", "tvar"], levels=[0.95])
    units = frame.groupby(["ledger", "measure"])["unit"].first()
    assert units["h100e_days", "aal"] == "H100e-days"
    assert units["flop", "tvar"] == "FLOP"
    assert units["h100e_days", "capacity"] == "H100e"
    assert units["flop", "aal_share"] == "1"
    at = frame.set_index(["lab", "ledger", "measure"])
    # b holds H100 alone: each ledger is the same loss in another unit
    mw_days, h100e = (at.loc[("b", name, "aal")] for name in ("mw_days", "h100e_days"))
    assert h100e["value"] / mw_days["value"] == pytest.approx(1e6 / (700 * 2.04))
    assert h100e["se"] / h100e["value"] == pytest.approx(mw_days["se"] / mw_days["value"])
    assert (h100e["chips_low"] / h100e["value"], h100e["chips_high"] / h100e["value"]) \
        == pytest.approx((2.04 / 2.08, 2.04 / 1.82))
    assert mw_days["chips_low"] == mw_days["chips_high"] == mw_days["value"]
    # nobody knows the chips of the third site: its band is wider than that of known ones
    width = at["chips_high"] / at["chips_low"]
    assert width["unknown", "h100e_days", "aal"] > 1.2 * width["a", "h100e_days", "aal"]
    whole = ledgers(losses, by="total", measures="aal")
    assert whole["value"].to_numpy() == pytest.approx(
        [at.xs((name, "aal"), level=(1, 2))["value"].sum() for name in LEDGERS])


def test_the_shipped_world_closes():
    world = rm.read_world()
    run = rm.simulate(world, years=300, seed=7, adequacy=False)
    courses = site_courses(run)
    how = conversion(world, sites=courses.sites)
    whole = held_mw(run, None, courses.sites)[0]
    unit = courses.unit_losses()
    frame = ledgers(run, courses=courses, by="total", measures="aal").set_index("ledger")
    for ledger in LEDGERS:
        sites = np.asarray(unit.sum(axis=0)).ravel() * whole * how.of(ledger)
        assert sites.sum() / run.n_years == pytest.approx(frame.loc[ledger, "value"], rel=1e-9)
    booked = run.years["lost_mw_days"].sum() / run.n_years
    assert frame.loc["mw_days", "value"] == pytest.approx(booked, rel=1e-9)
    aal = frame["value"]
    assert aal["flop"] == pytest.approx(
        aal["h100e_days"] * 86_400 * 989.5e12 * how.mfu.best, rel=1e-9)


def test_what_does_not_fit_is_refused(losses):
    with pytest.raises(RiskModelError, match=r"mfu is 1\.4"):
        conversion(three(), mfu=1.4)
    with pytest.raises(RiskModelError, match="no site 'v'"):
        conversion(three(), sites=["v"])
    with pytest.raises(RiskModelError, match="no ledger 'money'"):
        conversion(three()).of("money")
    with pytest.raises(RiskModelError, match="lacks site_id"):
        ledger_frame(pd.DataFrame({"lost_mw_days": [1.0]}), three())
    with pytest.raises(RiskModelError, match="year totals have no 'oep'"):
        ledgers(losses, measures="oep")
    with pytest.raises(RiskModelError, match="not those of these losses"):
        ledgers(losses, courses=site_courses(losses, "calendar"))


# ------------------------------------------------------------------ lost progress, as measures


def test_progress_stands_beside_capacity(losses):
    courses = run_courses(losses)
    assert courses.control is None  # nothing here restarts by a control plane
    frame = progress_measures(losses, courses=courses, levels=[0.95])
    assert "unknown" not in set(frame["lab"])
    at = frame.set_index(["lab", "run", "quantity", "measure"])["value"]
    plain = rm.measure(losses, measures=["aal"]).set_index("lab")["value"]
    for lab in ("a", "b"):
        lost = [at[lab, run, "lost_progress", "aal"] for run in ("rigid", "quorum", "elastic")]
        assert lost[0] >= lost[1] >= lost[2] > at[lab, "elastic", "lost_capacity", "aal"]
        assert at[lab, "rigid", "lost_capacity", "aal"] == pytest.approx(plain[lab])
    assert at["b", "rigid", "lost_progress", "aal"] == pytest.approx(
        at["b", "elastic", "lost_progress", "aal"])  # one site
    # 150 MW of a over two sites: run-days are MW-days over the MW of the run
    assert at["a", "rigid", "lost_run_days", "aal"] == pytest.approx(
        at["a", "rigid", "lost_progress", "aal"] / 150.0)
    largest = progress_measures(losses, run_spec("rigid", largest=1), labs=["a"],
                                courses=courses, measures="aal")
    one = largest.set_index("quantity")["value"]
    grid = site_courses(losses).unit_losses().toarray()[:, 1].mean() * 100.0
    assert one["lost_capacity"] == pytest.approx(grid)


def test_control_planes_are_found_and_watched():
    world = rm.World.from_frames(
        sites=pd.DataFrame({"site_id": ["s", "t"], "lat": 50.0, "lon": 10.0, "it_mw": 10.0}),
        labs=pd.DataFrame({"lab_id": ["a"], "needed_share": [0.5]}),
        holdings=pd.DataFrame({"lab_id": ["a"], "site_id": ["s"], "share": [1.0]}),
        nodes=pd.DataFrame({"node_id": ["cp"], "kind": ["cloud_region"]}),
        requirements=pd.DataFrame({"node_id": ["s"], "group": "control_plane", "member_id": "cp",
                                   "share": 0.0}),
        events=table({"event_id": "fault", "node_id": "cp", "rate_per_yr": 40.0,
                      "duration_h": 100.0},
                     {"event_id": "trip", "node_id": "s", "rate_per_yr": 20.0}))
    run = rm.simulate(world, years=50, seed=1, adequacy=False)
    courses = run_courses(run)
    assert courses.control_of == {"s": "cp"}
    assert courses.control.sites == ("cp",)
    free = progress_measures(run, run_spec(), courses=type(courses)(courses.sites, None, {}),
                             measures="aal")
    held = progress_measures(run, run_spec(), courses=courses, measures="aal")
    before, after = (f.set_index("quantity")["value"] for f in (free, held))
    assert after["lost_capacity"] == before["lost_capacity"]
    # 20 trips a year, of which some 4 in 10 end in a window of 100 hours: half of it to wait
    assert after["lost_run_days"] > before["lost_run_days"] + 10


def test_what_makes_no_progress_measure_is_refused(losses):
    courses = run_courses(losses)
    with pytest.raises(RiskModelError, match="no lab 'z'"):
        progress_measures(losses, labs=["z"], courses=courses)
    with pytest.raises(RiskModelError, match="names of their own"):
        progress_measures(losses, [run_spec(), run_spec()], courses=courses)
    other = rm.simulate(three(), years=20, seed=3, adequacy=False)
    with pytest.raises(RiskModelError, match="not those of these losses"):
        progress_measures(other, courses=courses)


@pytest.mark.parametrize("worlds", [1, 8])
def test_what_a_labs_year_means(worlds):
    storms = Storms(spec_of("gale2", stated(1.0, 3.0, 9.0), stated(2.0, 90.0, 500.0, "h")), "g")
    made = three(probability=[0.6, 0.8, 1.0])
    run = rm.simulate(made, 400, 5, perils=[storms], worlds=worlds, adequacy=False)
    courses = run_courses(run)
    frame = rm.lab_consequences(run, courses=courses, levels=[0.9], law=["besiroglu", "hoffmann"])
    assert set(frame["lab"]) == {"a", "b"}  # nobody trains as unknown
    assert (frame.loc[frame["lab"] == "b", "value"] == 0).all()  # its site stands on no grid
    whole = ledgers(run, courses=courses.sites, measures=["capacity", "aal"])
    flop = whole[(whole["ledger"] == "flop") & (whole["lab"] == "a")].set_index("measure")
    aal = frame[(frame["measure"] == "aal") & (frame["lab"] == "a")]
    share = flop.loc["aal", "value"] / (365 * flop.loc["capacity", "value"])
    assert aal["fraction_lost"].to_numpy() == pytest.approx(share)
    by_hand = rm.consequences(share, rm.TrainingRun(365 * flop.loc["capacity", "value"], 365.0),
                              law=["besiroglu", "hoffmann"])
    assert aal["value"].to_numpy() == pytest.approx(by_hand["value"].to_numpy())
    assert (aal["sim_low"] < aal["value"]).all()
    assert (aal["value"] < aal["sim_high"]).all()
    assert aal["band_high"].notna().all() == (worlds > 1)
    # a run that any site stops loses more of its year than one that loses shares
    lost = {}
    for mode in ("rigid", "elastic"):
        of_run = rm.lab_consequences(run, rm.run_spec(mode), courses=courses, measures="aal")
        assert (of_run["lost"] == f"progress, {mode}").all()
        lost[mode] = of_run.loc[of_run["lab"] == "a", "fraction_lost"].iloc[0]
    assert lost["rigid"] > 1.1 * lost["elastic"]
    with pytest.raises(RiskModelError, match="'capacity' is no loss"):
        rm.lab_consequences(run, courses=courses, measures="capacity")
