"""The shipped files are what the rules make of the record, and follow when a rule changes."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import networkx as nx
import pandas as pd
import pytest
from pyproj import Geod

from riskmodel.errors import RiskModelError
from riskmodel.world.derive import as_csv, derive, read_master, write_derived
from riskmodel.world.rules import Rules, least, read_rules
from riskmodel.world.rules_capacity import default_pue, first_phase_share, last_day
from riskmodel.world.rules_graph import feeds, generation

GEO = Path(__file__).resolve().parents[2] / "geodata"
RULES = read_rules(GEO)
DERIVED_COLUMNS = {
    "sites": ["pue", "pue_basis", "it_mw_low", "it_mw", "it_mw_high", "it_mw_basis",
              "facility_mw_low", "facility_mw", "facility_mw_high"],
    "labs": ["needed_share", "needed_share_basis"],
    "holdings": ["probability", "probability_basis", "confidence"]}


@pytest.fixture(scope="module")
def derived() -> dict[str, str]:
    return derive(GEO)


def test_shipped_files_are_the_derivation(derived):
    for name, text in derived.items():
        assert (GEO / name).read_text(encoding="utf-8") == text, \
            f"{name} differs: run python -m riskmodel.world.derive"


def test_derived_parts_come_back_from_the_record_alone(derived, tmp_path: Path):
    """Everything derived is blanked or cut; the record and the rules bring it back."""
    bare = Path(shutil.copytree(GEO, tmp_path / "bare"))
    for name, columns in DERIVED_COLUMNS.items():
        frame = read_master(bare, name).astype(object)
        frame[columns] = ""
        if name == "holdings":
            frame = frame[frame["lab_id"] != "unknown"]
            frame.loc[~frame["share_basis"].str.startswith("stated"), ["share", "share_basis"]] = ""
        frame.to_csv(bare / f"{name}.csv", index=False)
    steps = read_master(bare, "sites_timeline")
    steps = steps[steps["rule"].isin(["", "it_from_facility"])].astype(object)
    steps.loc[steps["rule"] == "it_from_facility", ["it_mw", "rule"]] = ""
    steps.to_csv(bare / "sites_timeline.csv", index=False)
    for name in ("nodes.csv", "requirements.csv", "disagreements.csv"):
        (bare / name).unlink()
    assert derive(bare) == derived


def test_deriving_twice_changes_nothing_and_a_rule_changes_what_it_should(tmp_path: Path):
    copy = Path(shutil.copytree(GEO, tmp_path / "Welt für sich"))
    assert write_derived(copy) == []
    rules = (copy / "rules.toml").read_text(encoding="utf-8")
    changed = rules.replace("[ride_through_battery_h]\nvalue = 0.5",
                            "[ride_through_battery_h]\nvalue = 2.0")
    assert changed != rules
    (copy / "rules.toml").write_text(changed, encoding="utf-8")
    assert set(write_derived(copy)) == {"requirements.csv", "registry.toml"}
    power = read_master(copy, "requirements")
    power = power[(power["group"] == "power") & (power["ride_through_h"] == 2.0)]
    assert set(power["node_id"]) == {"colossus_1", "colossus_2"}


def test_computed_rules_are_what_the_tables_give():
    sites, timeline = read_master(GEO, "sites"), read_master(GEO, "sites_timeline")
    record = timeline[timeline["rule"].isin(["", "it_from_facility"])]
    assert default_pue(record) == RULES["pue_default"] == 1.30
    assert first_phase_share(sites, record) == RULES["first_phase_share"]


def test_every_rule_is_complete_and_in_its_bounds():
    for name, rule in RULES.tables.items():
        if isinstance(rule["value"], (int, float)) and "low" in rule:
            assert rule["low"] <= rule["value"] <= rule["high"], name
        assert rule["source"] == "judgement" or rule["source"] == "computed" \
            or rule["source"].startswith(("http", "events_observed E", "the table ")), name


@pytest.mark.parametrize(("text", "day"), [
    ("2027", "2027-12-31"), ("2028-02", "2028-02-29"), ("2027-02", "2027-02-28"),
    ("2026-11-01", "2026-11-01"), ("", ""), ("2027-13", "2027-13")])
def test_dates_are_completed_to_the_last_day(text: str, day: str):
    assert last_day(text) == day


def test_an_incomplete_rule_is_named(tmp_path: Path):
    (tmp_path / "rules.toml").write_text("[pue_default]\nvalue = 1.3\nunit = '1'\nsource = 'x'\n",
                                         encoding="utf-8")
    with pytest.raises(RiskModelError, match=r"\[pue_default\] lacks confidence, note"):
        read_rules(tmp_path)
    with pytest.raises(RiskModelError, match=r"no rule \[nothing\]"):
        RULES["nothing"]


def test_least_confidence():
    assert least("high", "low", "medium") == "low"
    assert least("high", "medium") == "medium"
    assert least("", "high") == "high"
    assert least() == "low"


# ------------------------------------------------------------------------------ the graph


@pytest.fixture(scope="module")
def graph() -> nx.DiGraph:
    rows = read_master(GEO, "requirements")
    return nx.DiGraph(zip(rows["node_id"], rows["member_id"], strict=True))


def test_the_graph_is_acyclic_and_known(graph):
    assert nx.is_directed_acyclic_graph(graph)
    known = set(read_master(GEO, "nodes")["node_id"]) | set(read_master(GEO, "sites")["site_id"])
    assert set(graph) == known


def test_rows_name_rules_that_exist():
    for name in ("nodes", "requirements"):
        assert set(read_master(GEO, name)["rule"]) <= set(RULES.tables)


def test_every_site_reaches_what_it_hangs_on(graph):
    sites = read_master(GEO, "sites")
    level = read_master(GEO, "grid_regions").set_index("grid_region_text")["level"]
    for site in sites.itertuples():
        reach = nx.descendants(graph, site.site_id)
        assert f"country:{site.country_iso2}" in reach
        assert any(node.startswith("operator:") for node in reach)
        gas = any(node.startswith("gas:") for node in reach)
        grid = f"grid:{site.grid_region}" in reach
        if level[site.grid_region_text] == "off_grid":
            assert gas
            assert not any(node.startswith(("feed:", "grid:")) for node in reach)
        else:
            # crusoe_cheyenne is planned with as much generation as load
            assert grid or site.site_id == "crusoe_cheyenne"
            burns = site.grid_region in RULES["grid_gas_share"]
            assert ((f"plant:{site.site_id}" in reach) or burns) == gas
            assert (f"gas:{site.grid_region}" in reach) or not burns


def test_power_groups_are_whole():
    rows = read_master(GEO, "requirements")
    power = rows[rows["group"] == "power"]
    assert (power["mode"] == "proportional").all()
    assert (power.groupby("node_id")["weight"].sum() - 1).abs().max() < 1e-9
    one = power.groupby("node_id")[["k", "share", "ride_through_h", "recharge_h"]].nunique()
    assert (one == 1).all().all()
    assert set(power["node_id"]) == set(read_master(GEO, "sites")["site_id"])


def test_zones_of_a_region_share_its_control_plane(graph):
    for zone in ("aws_mec1_az1", "aws_mec1_az2", "aws_mec1_az3"):
        assert graph.has_edge(zone, "cloud_region:aws/me-central-1")
    assert graph.has_edge("cloud_region:aws/me-central-1", "cloud:aws")
    # a placeholder is close to nothing, not even to another at the same point
    supply = {next(m for m in graph[zone] if m.startswith("feed:"))
              for zone in ("aws_mec1_az1", "aws_mec1_az2", "aws_mec1_az3")}
    assert len(supply) == 3


def test_feeds_join_close_sites_of_one_grid_only():
    sites = read_master(GEO, "sites")
    feed = feeds(sites, 15.0)
    by_id = sites.set_index("site_id")
    geod = Geod(ellps="WGS84")
    shared = 0
    for site in sites["site_id"]:
        others = [o for o in sites["site_id"] if o != site and feed[o] == feed[site]]
        if not others:
            continue
        shared += 1
        assert all(by_id.loc[o, "grid_region"] == by_id.loc[site, "grid_region"] for o in others)
        near = min(geod.inv(by_id.loc[site, "lon"], by_id.loc[site, "lat"], by_id.loc[o, "lon"],
                            by_id.loc[o, "lat"])[2] for o in others)
        assert near <= 15_000
    assert shared > 20
    assert feed["crusoe_abilene_expansion"] == feed["stargate_abilene"] == "feed:stargate_abilene"
    assert feeds(sites, 0.5)["crusoe_abilene_expansion"] == "feed:crusoe_abilene_expansion"


@pytest.mark.parametrize(("words", "mw", "expected"), [
    ("", float("nan"), (0.0, "none")), ("diesel backup", float("nan"), (0.0, "backup")),
    ("gas turbines", 250.0, (0.5, "stated")), ("gas turbines", 900.0, (1.0, "stated")),
    ("gas turbines", float("nan"), (0.30, "default")),
    ("three utility-owned CCGT", 500.0, (0.0, "grid"))])
def test_generation_share(words: str, mw: float, expected: tuple[float, str]):
    site = pd.Series({"onsite_generation_type": words, "onsite_generation_mw": mw,
                      "facility_mw": 500.0, "power_mw": 1000.0, "level": "iso"})
    assert generation(site, RULES) == expected
    assert generation(pd.Series({**site, "level": "off_grid"}), RULES) == (1.0, "off_grid")


def test_rules_resolve_observed_events():
    rules = Rules({"x": {"value": 1, "source": "events_observed E010", "confidence": "low"},
                   "y": {"value": 1, "source": "judgement", "confidence": "high"}},
                  {"E010": "https://a.example;https://b.example"})
    assert rules.sources("x", "y", also=["https://b.example"]) == \
        "https://a.example;https://b.example;rules.toml y (judgement)"
    assert rules.confidence("x", "y") == "low"


def test_numbers_are_written_short():
    frame = read_master(GEO, "labs").head(1)
    frame.loc[:, "needed_share"] = 0.1 + 0.2
    assert ",0.3," in as_csv(frame, "labs")
    assert tomllib.loads((GEO / "registry.toml").read_text(encoding="utf-8"))["as_of"]
