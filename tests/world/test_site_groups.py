"""Which groups a site belongs to: through what it hangs on, through its record, or through none."""

from __future__ import annotations

import pandas as pd
import pytest

import riskmodel as rm
from riskmodel.errors import RiskModelError
from riskmodel.world.site_groups import DIMENSIONS, place_name, site_groups
from tests.world.frames import frames, requirements, world


@pytest.fixture(scope="module")
def shipped():
    return rm.read_world()


def _told(of, dimension):
    rows = site_groups(of, dimension)
    return {(site, group): (share, certainty) for site, group, share, certainty in zip(
        rows["site_id"], rows["group"], rows["share"], rows["certainty"], strict=True)}


def _with(**columns):
    sites = frames()["sites"].assign(**columns)
    return world(sites=sites)


def test_grid_through_the_graph_then_the_column_then_unknown():
    sites = frames()["sites"].assign(grid_region=["COLUMN", "COLUMN", ""])
    nodes = pd.DataFrame({"node_id": ["feed:1", "grid:G", "interconnection:I"],
                          "kind": ["feed", "grid", "interconnection"]})
    of = world(sites=sites, nodes=nodes, requirements=requirements(
        ("a", "power", "feed:1", {}), ("feed:1", "grid", "grid:G", {}),
        ("grid:G", "system", "interconnection:I", {})))
    assert _told(of, "grid_region") == {("a", "G"): (1.0, "known"), ("b", "COLUMN"): (1.0, "known"),
                                        ("c", "unknown"): (1.0, "unknown")}
    assert _told(of, "interconnection")["a", "I"] == (1.0, "known")
    assert _told(of, "feed") == {("a", "1"): (1.0, "known"), ("b", ""): (1.0, "none"),
                                 ("c", ""): (1.0, "none")}


def test_two_grids_split_a_site():
    nodes = pd.DataFrame({"node_id": ["grid:G", "grid:H"], "kind": "grid"})
    of = world(nodes=nodes, requirements=requirements(
        ("a", "power", "grid:G", {"k": 1}), ("a", "power", "grid:H", {"k": 1})))
    told = _told(of, "grid_region")
    assert told["a", "G"] == told["a", "H"] == (0.5, "split")


def test_a_cycle_of_requirements_ends():
    nodes = pd.DataFrame({"node_id": ["grid:G", "gas:G"], "kind": ["grid", "gas"]})
    of = world(nodes=nodes, requirements=requirements(
        ("a", "power", "grid:G", {}), ("grid:G", "fuel", "gas:G", {}),
        ("gas:G", "pumps", "grid:G", {})))
    assert _told(of, "gas_area")["a", "G"] == (1.0, "known")


def test_chips_designers_and_foundries_say_what_the_record_says():
    chips = pd.DataFrame({
        "chip_family": ["H100", "TPU", "Ascend", "Mystery"],
        "designer": ["NVIDIA", "Google / Broadcom", "Huawei", ""],
        "foundry": ["TSMC", "TSMC (expected)", "SMIC;TSMC (older dies)", ""]})
    sites = frames()["sites"].assign(chip_family=["H100;TPU", "Ascend", "H100;Mystery"])
    of = world(sites=sites, chips=chips)
    assert _told(of, "chip")["a", "TPU"] == (0.5, "split")
    assert _told(of, "designer")["a", "Google"] == (0.5, "split")
    foundry = _told(of, "foundry")
    assert foundry["a", "TSMC"] == (1.0, "known")  # two chips, one foundry
    assert foundry["b", "SMIC"] == foundry["b", "TSMC"] == (0.5, "split")
    assert foundry["c", "unknown"] == (1.0, "unknown")  # one family's maker is not on record
    assert _told(_with(), "chip")["a", "unknown"] == (1.0, "unknown")


def test_theatres_by_country_and_off_grid_sites():
    sites = frames()["sites"].assign(country_iso2=["QA", "FR", "US"],
                                     grid_region=["KAHRAMAA", "FR", "OFF_GRID"])
    theatres = pd.DataFrame({"theatre_id": ["gulf"], "country_iso2": ["QA"]})
    grids = pd.DataFrame({"grid_region_text": ["K", "F", "none"],
                          "grid_region": ["KAHRAMAA", "FR", "OFF_GRID"],
                          "interconnection": ["GCC", "CONTINENTAL_EUROPE", "NONE"],
                          "level": ["country", "country", "off_grid"]})
    of = world(sites=sites, theatres=theatres, grid_regions=grids)
    assert _told(of, "theatre") == {("a", "gulf"): (1.0, "known"), ("b", ""): (1.0, "none"),
                                    ("c", ""): (1.0, "none")}
    assert _told(of, "interconnection") == {
        ("a", "GCC"): (1.0, "known"), ("b", "CONTINENTAL_EUROPE"): (1.0, "known"),
        ("c", ""): (1.0, "none")}
    assert _told(of, "grid_region")["c", ""] == (1.0, "none")


def test_operators_are_bare_names():
    told = _told(_with(operator=["Google (CNTXT)", "Google", "Crusoe / Oracle"]), "operator")
    assert set(told) == {("a", "Google"), ("b", "Google"), ("c", "Crusoe")}


def test_sites_and_supplies_go_by_their_region():
    rows = site_groups(_with(name=["Secret", "Hidden", "Veiled"], admin1=["Ohio", "Ohio", ""],
                             country_iso2=["US", "US", "FR"]), "site")
    assert rows["name"].tolist() == ["Ohio, US", "Ohio, US (2)", "FR"]


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_the_shares_of_every_shipped_site_add_up_and_no_site_is_named(shipped, dimension):
    rows = site_groups(shipped, dimension)
    shares = rows.groupby("site_id")["share"].sum()
    assert len(shares) == len(shipped.sites)
    assert shares.to_numpy() == pytest.approx(1.0)
    own = {name for name in shipped.sites["name"] if len(name) > 4} - {
        place_name(site) for site in shipped.sites.to_dict("records")}
    assert not [name for name in set(rows["name"]) if any(one in name for one in own)]


def test_a_dimension_that_does_not_exist():
    with pytest.raises(RiskModelError, match="did you mean 'country'"):
        site_groups(world(), "contry")
