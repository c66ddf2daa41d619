"""Domestic siting and ownership as levers: edits by hand, and exact strengths between two runs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import riskmodel as rm
from riskmodel.decisions.levers.ownership import ownership_lever, rented_sites
from riskmodel.decisions.levers.siting import siting_lever
from riskmodel.decisions.levers.table import _years_of, lever_table

MW = {"texas": 300.0, "ohio": 100.0, "leeds": 80.0, "sines": 40.0}
COUNTRY = {"texas": "US", "ohio": "US", "leeds": "GB", "sines": "PT"}
KIND = {"texas": "cloud", "ohio": "leased", "leeds": "cloud", "sines": "leased"}
CLOUD = {"texas": "alto", "ohio": "brio", "leeds": "alto", "sines": "brio"}


def event(name, rate, node, hours):
    return {"event_id": name, "peril": "fault", "region": name, "rate_per_yr": rate,
            "node_id": node, "probability": 1.0, "depth": 1.0, "duration_dist": "exponential",
            "duration_h": hours}


def world(own_rate=0.0, shared=1.0) -> rm.World:
    """Four sites under two clouds; ``own_rate`` is that of failures of ``cloud:lab``."""
    rows = [(site, "control_plane", f"cloud:{CLOUD[site]}") for site in MW]
    rows += [(site, "operator", f"operator:{CLOUD[site]}") for site in MW]
    rows += [(site, "grid", f"grid:{COUNTRY[site]}") for site in MW]
    nodes = [*dict.fromkeys(member for *_, member in rows), "cloud:lab"]
    events = [event("alto", 0.6, "cloud:alto", 100.0), event("brio", 0.6, "cloud:brio", 100.0),
              event("uk", 0.5, "grid:GB", 300.0), event("us", 0.1, "grid:US", 200.0)]
    events += [event("own", own_rate, "cloud:lab", 100.0)] if own_rate else []
    return rm.World.from_frames(
        sites=pd.DataFrame({"site_id": list(MW), "lat": [32.0, 40.0, 53.8, 38.0],
                            "lon": [-99.0, -82.0, -1.5, -8.9], "it_mw": list(MW.values()),
                            "country_iso2": list(COUNTRY.values()), "operator": "Somebody",
                            "cloud_region": "somewhere-1"}),
        labs=pd.DataFrame({"lab_id": ["lab", "other"], "name": ["Lab", "Other"],
                           "needed_share": 0.8}),
        holdings=pd.DataFrame([("lab", site, shared, KIND[site]) for site in MW]
                              + [("other", site, 1 - shared, "owned") for site in MW if shared < 1],
                              columns=["lab_id", "site_id", "share", "kind"]),
        nodes=pd.DataFrame({"node_id": nodes, "kind": [n.split(":")[0] for n in nodes]}),
        requirements=pd.DataFrame(rows, columns=["node_id", "group", "member_id"]),
        events=pd.DataFrame(events))


def held(of, lab="lab"):
    frame = of.effective_holdings()
    frame = frame[frame["lab_id"] == lab]
    mw = dict(zip(of.sites["site_id"], of.sites["it_mw"], strict=True))
    return {site: pytest.approx(share * mw[site]) for site, share in
            zip(frame["site_id"], frame["share"], strict=True) if share * mw[site] > 1e-9}


# -------------------------------------------------------------------------------------- siting


def test_a_share_of_what_is_abroad_moves_inside_in_proportion():
    """Half of 80 + 40 MW: 60, of which three quarters go to Texas."""
    assert held(siting_lever(world(), "lab", 0.5)) == {
        "texas": 345.0, "ohio": 115.0, "leeds": 40.0, "sines": 20.0}
    assert held(siting_lever(world(), "lab", 1.0, to="ohio")) == {"texas": 300.0, "ohio": 220.0}
    assert held(siting_lever(world(), "lab", 1.0, country="GB")) == {"leeds": 520.0}
    assert held(siting_lever(world(), "lab", 0.0)) == held(world())


@pytest.mark.parametrize(("how", "message"), [
    ({"domestic_share": 1.2}, "from 0 to 1"), ({"country": "FR"}, "nothing inside FR"),
    ({"to": "leeds"}, "lies in GB, not in US"), ({"to": "utah"}, "no site 'utah'"),
    ({"lab": "lap"}, "no lab 'lap'"), ({"lab": "other"}, "nothing outside US"),
    ({"to": []}, "to is empty")])
def test_a_siting_that_cannot_be_done_is_refused(how, message):
    with pytest.raises(rm.RiskModelError, match=message):
        siting_lever(world(), **{"lab": "lab", **how})


# ----------------------------------------------------------------------------------- ownership


def test_what_is_rented_comes_under_the_labs_own_control_plane_and_operator():
    before = world()
    after = ownership_lever(before, "lab")
    needs = after.requirements
    assert set(needs.loc[needs["group"] == "control_plane", "member_id"]) == {"cloud:lab"}
    assert set(needs.loc[needs["group"] == "operator", "member_id"]) == {"operator:lab"}
    assert needs[needs["group"] == "grid"].equals(
        before.requirements[before.requirements["group"] == "grid"])
    assert set(after.holdings["kind"]) == {"owned"}
    assert set(after.sites["operator"]) == {"Lab"}
    assert set(after.sites["cloud_region"]) == {""}
    assert "operator:lab" in set(after.nodes["node_id"])
    assert not after.all_problems()
    assert set(before.holdings["kind"]) == {"cloud", "leased"}


def test_only_the_sites_named_change_hands():
    after = ownership_lever(world(), "lab", sites="leeds")
    needs = after.requirements[after.requirements["group"] == "control_plane"]
    assert dict(zip(needs["node_id"], needs["member_id"], strict=True)) == {
        "texas": "cloud:alto", "ohio": "cloud:brio", "leeds": "cloud:lab", "sines": "cloud:brio"}
    assert rented_sites(after, "lab") == {"texas": 300.0, "ohio": 100.0, "sines": 40.0}


def test_a_lab_that_owns_brings_the_rest_under_what_runs_its_own():
    of = world()
    of.holdings.loc[of.holdings["site_id"] == "texas", "kind"] = "owned"
    needs = ownership_lever(of, "lab").requirements
    assert set(needs.loc[needs["group"] == "control_plane", "member_id"]) == {"cloud:alto"}


@pytest.mark.parametrize(("how", "message"), [
    ({"lab": "lap"}, "no lab 'lap'"), ({"sites": "utah"}, "no site 'utah'"),
    ({"lab": "other"}, "other leases or rents nothing")])
def test_an_ownership_that_cannot_be_done_is_refused(how, message):
    with pytest.raises(rm.RiskModelError, match=message):
        ownership_lever(world(), **{"lab": "lab", **how})


def test_fewer_parties_and_a_larger_common_cause():
    """Two clouds that each fail .6 a year become one that fails .6: the same mean, a worse tail."""
    table = lever_table(world(own_rate=0.6, shared=0.5), "lab", "ownership", strengths=[1.0],
                        years=4000, seed=3, level=0.9)
    row = table.set_index("measure")
    assert abs(row.loc["aal", "difference"]) < 4 * row.loc["aal", "se"]
    assert row.loc["tvar", "difference"] > 4 * row.loc["tvar", "se"] > 0
    # 380 of 520 MW stand under one cloud, 140 under the other; all under its own after
    assert row.loc["effective_cloud", "base"] == pytest.approx(1 / ((380**2 + 140**2) / 520**2))
    assert row.loc["effective_cloud", "value"] == pytest.approx(1.0)
    assert row.loc["aal", "changed_mw"] == pytest.approx(260.0)


# -------------------------------------------------------------------------- strengths, exactly


def test_a_strength_between_is_what_a_run_of_it_gives():
    of = world(own_rate=0.4)
    table = lever_table(of, "lab", "siting", strengths=[0.0, 0.3, 1.0], years=1500, seed=5,
                        level=0.9)
    moved = rm.simulate(siting_lever(of, "lab", 0.3), 1500, 5)
    base = rm.simulate(of, 1500, 5)
    found = rm.compare(base, moved, measures=["aal", "tvar", "p_loss", "aal_share"], level=0.9)
    found = found[found["lab"] == "lab"].set_index("measure")
    mine = table[table["strength"] == 0.3].set_index("measure")
    for measure in ("aal", "tvar", "p_loss", "aal_share"):
        for column in ("base", "difference", "se"):
            assert mine.loc[measure, column] == pytest.approx(found.loc[measure, column],
                                                              rel=1e-9, abs=1e-9)
    nothing = table[table["strength"] == 0.0]
    assert set(nothing.loc[nothing["unit"] != "groups", "verdict"]) == {"no change"}
    assert not nothing["difference"].any()


def test_capacity_under_construction_takes_a_run_for_each_strength():
    """In a world of a later day the strength between is a run of its own, here as in the table."""
    shipped = rm.read_world(as_of="2028-12-31")
    how = {"years": 300, "seed": 2, "perils": ["chip_supply", "grid_outage"]}
    table = lever_table(shipped, "openai", "siting", strengths=[0.5], **how)
    moved = rm.simulate(siting_lever(shipped, "openai", 0.5), adequacy=False, **how)
    assert table.set_index("measure").loc["aal", "value"] == pytest.approx(
        _years_of(moved, "openai").mean())


@pytest.mark.parametrize(("how", "message"), [
    ({"lever": "sitting"}, "no lever 'sitting'"), ({"strengths": [2]}, "shares from 0 to 1"),
    ({"strengths": []}, "shares from 0 to 1")])
def test_a_table_that_cannot_be_made_is_refused(how, message):
    with pytest.raises(rm.RiskModelError, match=message):
        lever_table(world(), "lab", **how)


def test_strengths_are_a_line_in_the_average():
    table = lever_table(world(own_rate=0.4), "lab", "ownership", years=500, seed=1)
    aal = table[table["measure"] == "aal"].sort_values("strength")["value"].to_numpy()
    assert np.allclose(np.diff(aal), np.diff(aal)[0])
