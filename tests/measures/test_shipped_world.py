"""The measures of a run of the world that ships: what any run must obey."""

import numpy as np
import pytest

import riskmodel as rm


@pytest.fixture(scope="module")
def run():
    return rm.simulate(rm.read_world(), years=1500, seed=7)


@pytest.mark.parametrize("split", ["peril", "region", "node", "supplier", "lab", "event"])
@pytest.mark.parametrize(("measure", "level"), [("aal", None), ("tvar", .9), ("tvar", .99)])
def test_contributions_add_up(run, split, measure, level):
    at = .5 if level is None else level
    total = rm.measure(run, by="total", measures=measure, levels=at)["value"].item()
    assert rm.contributions(run, measure, level, by=split)["value"].sum() == pytest.approx(
        total, rel=1e-9, abs=0)
    for row in rm.measure(run, measures=measure, levels=at).itertuples():
        parts = rm.contributions(run, measure, level, by=split, lab=row.lab)
        assert parts["value"].sum() == pytest.approx(row.value, rel=1e-9, abs=0)


def test_what_the_sites_felt_adds_up(run):
    total = rm.measure(run, by="total", measures="tvar", levels=.99)["value"].item()
    parts = rm.contributions(run, "tvar", .99, by=["site", "supplier"])
    assert parts["value"].sum() == pytest.approx(total, rel=1e-9, abs=0)
    running = run.world.sites[run.world.sites["it_mw"] > 0]
    assert set(parts["site"]) <= set(running["site_id"])
    assert not parts["supplier"].isin(["", "(not named)"]).any()


def test_every_lab_with_capacity_has_an_average_with_an_error(run):
    aal = rm.measure(run, measures="aal").set_index("lab")
    capacity = rm.measure(run, measures="capacity").set_index("lab")["value"]
    assert (capacity > 0).sum() >= 10
    assert (aal.loc[capacity > 0, "se"] > 0).all()
    assert (aal.loc[capacity == 0, ["value", "se", "high"]] == 0).all(axis=None)


def test_bases_and_bookings(run):
    frame = rm.measure(run, measures=["aep", "oep"])
    wide = frame.pivot(index=["lab", "level"], columns="measure", values="value")
    assert (wide["oep"] <= wide["aep"] * (1 + 1e-12)).all()
    adequacy = rm.measure(run, measures=["lole", "lolh", "eue"])
    wide = adequacy.pivot(index="lab", columns="measure", values="value")
    # a touched day holds from no hour up to 24
    assert (wide["lolh"] <= 24 * wide["lole"] * (1 + 1e-12)).all()
    assert (wide["lole"] <= 365).all()
    needing = np.asarray(run.needed_share) * run.capacity_mw
    assert (wide.loc[list(run.labs), "eue"].to_numpy() * 24
            <= wide.loc[list(run.labs), "lolh"].to_numpy() * needing * (1 + 1e-9)).all()
