from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from frames import event, nodes, requirements, world

import riskmodel as rm
from riskmodel.engine.losses.courses import site_courses
from riskmodel.engine.plan.planned import planned
from riskmodel.world.building import steps_to_come
from riskmodel.world.io import write_world
from tests.world_factory import write_small_world

#: what the rules look at
RECORD = ["name", "operator", "country_iso2", "lat", "lon", "coord_precision_km", "facility_mw",
          "power_mw", "pue", "operational_from", "accelerator_count", "grid_region_text",
          "grid_region", "onsite_generation_mw", "onsite_generation_type", "cloud_provider",
          "cloud_region"]
NEEDS = ["group", "member_id", "weight", "k", "mode", "share", "ride_through_h", "recharge_h",
         "rule"]


@pytest.fixture(scope="module")
def shipped():
    return rm.read_world()


def needs_of(world, node):
    rows = world.requirements[world.requirements["node_id"] == node]
    return rows[NEEDS].reset_index(drop=True)


def again(world, site, name):
    row = world.sites[world.sites["site_id"] == site].iloc[0]
    return world.add_site(site_id=name, it_mw=float(row["it_mw"]), lab="openai",
                          **{column: row[column] for column in RECORD})


def test_the_rules_give_a_new_site_what_they_gave_the_old_ones(shipped):
    held = shipped.requirements
    done = 0
    for site in shipped.sites["site_id"].iloc[::9]:
        more = again(shipped, site, "again")
        old, new = needs_of(shipped, site), needs_of(more, "again")
        own = f"plant:{site}"
        old["member_id"] = old["member_id"].replace(own, "plant:again")
        near = held.loc[(held["node_id"] == site) & held["member_id"].str.startswith("feed:"),
                        "member_id"]
        if not (new["member_id"].isin(near)).any():  # a place too rough to be anybody's neighbour
            old["member_id"] = old["member_id"].replace(dict.fromkeys(near, "feed:again"))
        pd.testing.assert_frame_equal(old, new)
        more.check()
        done += 1
    assert done > 10


def test_a_grid_of_the_table_without_a_site_comes_with_all_it_hangs_on(shipped):
    there = shipped.sites["grid_region"].isin(["EWEC", "DEWA", "UAE", "ETIHAD_WE"])
    gone = set(shipped.sites.loc[there, "site_id"])
    frames = {"sites": shipped.sites[~there],
              "sites_timeline": shipped.sites_timeline[
                  ~shipped.sites_timeline["site_id"].isin(gone)],
              "holdings": shipped.holdings[~shipped.holdings["site_id"].isin(gone)],
              "deal_sites": shipped.deal_sites[~shipped.deal_sites["site_id"].isin(gone)]}
    nodes_gone = {*gone, "grid:EWEC", "gas:EWEC", "country:AE", "interconnection:GCC",
                  "theatre:gulf"}
    kept = shipped.requirements
    kept = kept[~kept["node_id"].isin(nodes_gone) & ~kept["member_id"].isin(nodes_gone)]
    small = replace(shipped, cut=None, requirements=kept.reset_index(drop=True),
                    nodes=shipped.nodes[~shipped.nodes["node_id"].isin(nodes_gone)],
                    **{name: frame.reset_index(drop=True) for name, frame in frames.items()})
    more = small.add_site(site_id="new", it_mw=10, lat=24.4, lon=54.5, lab="openai",
                          country_iso2="AE", grid_region="EWEC")
    more.check()
    reached = more.explain("new").frame
    for node in ("grid:EWEC", "gas:EWEC", "country:AE", "interconnection:GCC"):
        assert node in set(reached["member_id"])
    before = shipped.explain("stargate_uae").frame
    for node in ("grid:EWEC", "gas:EWEC", "country:AE"):
        old, new = (frame.loc[frame["member_id"] == node, ["group", "share"]].iloc[0].tolist()
                    for frame in (before, reached))
        assert old == new


@pytest.mark.filterwarnings("ignore::riskmodel.errors.RiskModelWarning")
def test_perils_treat_a_site_at_the_same_place_alike_and_leave_the_others_alone(shipped):
    chosen = ["stargate_abilene", "ms_fairwater_wisconsin", "stargate_uae"]
    more = shipped
    for site in chosen:
        more = again(more, site, f"{site} again")
    found = site_courses(planned(more, years=800, seed=11))
    loss, at = found.unit_losses(), list(found.sites)
    for site in chosen:
        old, new = (loss[:, [at.index(name)]].toarray()[:, 0] for name in (site, f"{site} again"))
        apart = new - old
        assert old.sum() > 0
        assert new.sum() > 0
        assert abs(apart.mean()) <= 4 * apart.std() / np.sqrt(len(apart))
        assert np.count_nonzero(old != new) > 0  # its own fires, not a copy
    before = site_courses(planned(shipped, years=800, seed=11))
    columns = [at.index(name) for name in before.sites]
    assert abs(before.unit_losses() - loss[:, columns]).max() <= 1e-12


def test_a_site_like_another_hangs_on_the_same_with_generation_of_its_own(shipped):
    twin = shipped.add_site(site_id="twin", it_mw=50, like="stargate_abilene", lab="xai")
    twin.check()
    old, new = needs_of(shipped, "stargate_abilene"), needs_of(twin, "twin")
    old["member_id"] = old["member_id"].replace("plant:stargate_abilene", "plant:twin")
    pd.testing.assert_frame_equal(old, new)
    assert needs_of(twin, "plant:twin").equals(needs_of(shipped, "plant:stargate_abilene"))
    assert twin.lab_capacity()["xai"] == shipped.lab_capacity()["xai"] + 50
    row = twin.sites.iloc[-1]
    assert row["facility_mw"] == pytest.approx(50 * row["pue"])


def test_like_a_far_site_the_local_supply_is_its_own(shipped):
    far = shipped.add_site(site_id="far", it_mw=50, like="stargate_abilene", lat=30.0, lon=-97.0)
    assert "feed:far" in set(needs_of(far, "far")["member_id"])
    place = far.nodes[far.nodes["node_id"] == "feed:far"].iloc[0]
    assert (place["lat"], place["lon"]) == (30.0, -97.0)
    assert needs_of(far, "feed:far").equals(needs_of(far, "feed:stargate_abilene"))


def test_without_rules_a_site_hangs_on_what_is_there():
    small = world(nodes=nodes("grid:G", "country:DE"),
                  requirements=requirements(("a", "power", "grid:G", {})))
    more = small.add_site(site_id="d", it_mw=5, lat=50, lon=10, lab="x", grid_region="G",
                          country_iso2="FR")
    assert needs_of(more, "d")[["group", "member_id"]].values.tolist() == [["power", "grid:G"]]
    assert len(small.add_site(site_id="d", it_mw=5, lat=50, lon=10).requirements) == 1


def test_requirements_may_be_given_with_nodes_of_their_own():
    small = world(nodes=nodes("g"))
    rows = pd.DataFrame({"group": ["power", "power"], "member_id": ["g", "h"], "k": [1, 1]})
    more = small.add_site(site_id="d", it_mw=5, lat=50, lon=10, requirements=rows,
                          nodes=pd.DataFrame({"node_id": ["h"], "kind": ["plant"]}))
    more.check()
    assert needs_of(more, "d")["member_id"].tolist() == ["g", "h"]
    assert more.nodes["node_id"].tolist() == ["g", "h"]
    with pytest.raises(rm.RiskModelError, match="'h', which is no node"):
        small.add_site(site_id="d", it_mw=5, lat=50, lon=10, requirements=rows)


def test_like_takes_the_rows_of_the_event_table_along():
    small = world(events=pd.DataFrame([event(probability=0.5), event(node_id="b")]))
    more = small.add_site(site_id="d", it_mw=5, like="a")
    assert more.events[["node_id", "probability"]].values.tolist() == [
        ["a", 0.5], ["b", 1.0], ["d", 0.5]]


@pytest.mark.parametrize("as_of", [None, "2027-12-31"])
def test_an_enlarged_world_is_written_and_read_back_equal(shipped, tmp_path, as_of):
    start = shipped if as_of is None else rm.read_world(as_of=as_of)
    more = start.add_site(site_id="new", it_mw=10 / 3, lat=52.2, lon=0.1, lab="openai",
                          country_iso2="GB", grid_region="GB", chip_family="H100")
    back = rm.read_world(write_world(more, tmp_path), as_of=as_of)
    assert back.fingerprint == more.fingerprint != start.fingerprint
    assert back.lab_capacity().equals(more.lab_capacity())
    # the written world still has its rules
    assert "feed:new" in set(needs_of(back.add_site(
        site_id="next", it_mw=1, lat=52.21, lon=0.1, country_iso2="GB",
        grid_region="GB"), "next")["member_id"])


def test_a_site_that_is_added_runs_in_a_world_of_a_future_day(tmp_path):
    path = write_small_world(tmp_path)
    start = rm.read_world(path, as_of="2027-12-31")
    more = start.add_site(site_id="new", it_mw=10, lat=50, lon=8, lab="aurora", country_iso2="DE")
    assert len(steps_to_come(start)) > 0
    pd.testing.assert_frame_equal(steps_to_come(start), steps_to_come(more))
    assert more.lab_capacity()["aurora"] == start.lab_capacity()["aurora"] + 10


def test_what_nobody_is_given_is_held_by_unknown():
    small = world().add_site(site_id="d", it_mw=10, lat=50, lon=10, holdings={"x": 0.25})
    small.check()
    held = small.lab_capacity()
    assert held["unknown"] == pytest.approx(30 + 7.5)
    assert held["x"] == pytest.approx(60 + 2.5)


@pytest.mark.parametrize(("told", "says"), [
    ({"site_id": "a"}, "already a site or node 'a'"),
    ({"like": "aa"}, "no site 'aa'"),
    ({"lab": "z"}, "no lab 'z'"),
    ({"lab": "x", "holdings": {"y": 1}}, "not both"),
    ({"holdings": {"x": 0.7, "y": 0.7}}, "add up to 1.4"),
    ({"holdings": {"x": -0.1}}, "share of x is -0.1"),
    ({"it_mw": "much"}, "not a finite number"),
    ({"lat": None}, "'lat' is empty"),
    ({"chip": "H100"}, "no column of the table sites"),
    ({"nodes": pd.DataFrame()}, "goes with requirements="),
    ({"like": "a", "requirements": pd.DataFrame()}, "either like= or requirements="),
])
def test_what_cannot_be_added_says_why(told, says):
    with pytest.raises(rm.RiskModelError, match=says):
        world().add_site(**{"site_id": "d", "it_mw": 5, "lat": 50, "lon": 10, **told})


@pytest.mark.parametrize(("told", "says"), [
    ({"grid_region": "ERCOTT"}, "did you mean 'ERCOT'"),
    ({}, "has no grid region"),
    ({"grid_region": "ERCOT", "country_iso2": ""}, "has no country"),
    ({"grid_region": "ERCOT", "cloud_region": "nowhere-1"}, "give cloud_provider"),
])
def test_rules_ask_for_the_place(shipped, told, says):
    with pytest.raises(rm.RiskModelError, match=says):
        shipped.add_site(**{"site_id": "d", "it_mw": 5, "lat": 32, "lon": -99,
                            "country_iso2": "US", **told})
