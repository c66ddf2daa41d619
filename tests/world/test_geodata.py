"""The shipped tables: what is in them, where every row comes from, and how they link."""

from __future__ import annotations

import hashlib
import re
import tomllib
from pathlib import Path

import pandas as pd
import pytest

from riskmodel.world.derive import read_master
from riskmodel.world.records import RECORDS
from riskmodel.world.rules_holdings import named_labs
from riskmodel.world.tables import TABLES

GEO = Path(__file__).resolve().parents[2] / "geodata"
SHIPPED = [name for name in TABLES if name != "events"]
FAMILIES = {
    "kinetic_strike", "grid_outage", "load_trip", "adequacy_curtailment", "winter_storm",
    "heatwave", "earthquake", "hurricane", "cloud_outage", "cable_cut", "fuel_cut", "sabotage",
    "cyber", "site_failure", "sanctions_cutoff", "export_control", "chip_supply"}
#: sources that are not addresses, each allowed where the record itself has no better one
UNADDRESSED = {
    "not_retrieved": {"deals"},  # one deal, seen only in a third party's model
    "general knowledge": {"chips", "grid_regions", "nodes"},
    "general geographic knowledge": {"supply_nodes"},
    "placeholder": {"chips"},  # a TPU of no stated generation
    "rules.toml": {"nodes", "requirements"},
    "theatres as used in this model": {"theatres", "nodes", "requirements"},
    "geodata/": {"lab_aliases"},
    "Ukrainian Air Force counts": {"events_observed"},
}


@pytest.fixture(scope="module")
def t() -> dict[str, pd.DataFrame]:
    return {name: read_master(GEO, name) for name in SHIPPED}


@pytest.fixture(scope="module")
def aliases(t) -> dict[str, str]:
    return dict(zip(t["lab_aliases"]["alias"], t["lab_aliases"]["lab_id"], strict=True))


@pytest.mark.parametrize(("name", "rows"), [
    ("sites", 125), ("deals", 61), ("labs", 14), ("clouds", 15), ("chips", 30),
    ("supply_nodes", 20), ("events_observed", 76), ("grid_regions", 76)])
def test_counts(t, name: str, rows: int):
    assert len(t[name]) == rows


def test_the_record_of_the_timeline_is_whole(t):
    steps = t["sites_timeline"]
    own = steps[steps["rule"].isin(["", "it_from_facility"])]
    # 216 steps of the trackers, three later readings of a directory, six days the Gulf zones fell
    assert len(own) == 216 + 3 + 6
    assert (own["it_mw"] == 0).sum() == 6


@pytest.mark.parametrize("name", SHIPPED)
def test_every_row_is_sourced_dated_and_graded(t, name: str):
    frame = t[name]
    assert (frame["source_urls"] != "").all()
    assert frame["as_of"].str.fullmatch(r"\d{4}-\d{2}-\d{2}").all()
    assert frame["confidence"].isin(["high", "medium", "low"]).all()


@pytest.mark.parametrize("name", SHIPPED)
def test_sources_are_addresses_or_say_why_not(t, name: str):
    parts = t[name]["source_urls"].str.split(";").explode().str.strip()
    for part in sorted(set(parts[~parts.str.startswith("http")])):
        known = [where for words, where in UNADDRESSED.items() if part.startswith(words)]
        assert known, f"{name}: {part!r} is neither an address nor a stated exception"
        assert name in known[0], f"{name}: {part!r} is not allowed here"


@pytest.mark.parametrize("name", SHIPPED)
def test_columns_keys_and_words_are_the_schema_s(t, name: str):
    table = TABLES[name]
    header = (GEO / table.file).read_text(encoding="utf-8").split("\n", 1)[0]
    assert tuple(header.split(",")) == table.names
    assert not t[name].duplicated(list(table.key)).any()
    for column in table.columns:
        cells = t[name][column.name]
        if column.values:
            assert set(cells) - {""} <= set(column.values), column.name
        if column.required:
            assert not (cells.isna() | (cells == "")).any(), column.name


@pytest.mark.parametrize("name", SHIPPED)
def test_foreign_keys_hold(t, name: str):
    for column in TABLES[name].columns:
        if column.foreign:
            other, key = column.foreign.split(".")
            assert set(t[name][column.name]) - {""} <= set(t[other][key]), column.name


def test_every_free_text_lab_has_an_alias(t, aliases):
    words = t["sites"]["primary_labs"].str.split(";").explode().str.strip()
    assert set(words) - {""} <= set(aliases)
    assert set(t["deals"]["lab"]) <= set(aliases)
    named = [aliases[lab] for lab in t["deals"]["lab"]]
    assert named == t["deals"]["lab_id"].tolist()


def test_every_lab_that_a_site_names_holds_it(t, aliases):
    held = set(zip(t["holdings"]["lab_id"], t["holdings"]["site_id"], strict=True))
    for site, text in zip(t["sites"]["site_id"], t["sites"]["primary_labs"], strict=True):
        for lab in named_labs(text, aliases):
            assert (lab, site) in held


def test_shares_of_a_site_add_up_to_one(t):
    total = t["holdings"].groupby("site_id")["share"].sum()
    assert set(total.index) == set(t["sites"]["site_id"])
    assert (total - 1).abs().max() < 1e-5


def test_brief_deals_lead_to_their_sites(t):
    deals, links = t["deals"], t["deal_sites"]
    brief = deals[deals["named_in_brief"] == "True"]
    assert len(brief) == 15
    held = set(zip(t["holdings"]["lab_id"], t["holdings"]["site_id"], strict=True))
    for deal in brief.itertuples():
        sites = links.loc[links["deal_id"] == deal.deal_id, "site_id"]
        named = [word for word in re.split(r"[;, ]+", deal.sites_or_regions)
                 if word in set(t["sites"]["site_id"])]
        assert set(named) <= set(sites), deal.deal_id
        for site in sites:
            assert (deal.lab_id, site) in held, (deal.deal_id, site)


def test_ceilings_and_dead_texts_stand_apart(t):
    deals = t["deals"].set_index("deal_id")
    assert deals.loc["openai_nvidia_2025", "standing"] == "superseded"
    assert deals.loc["openai_nvidia_2025", "superseded_by"] == "openai_nvidia_2026"
    assert deals.loc["openai_norway", "standing"] == "dropped"
    assert deals.loc["openai_uk", "standing"] == "paused"
    assert deals.loc["anthropic_aws_2026", "is_up_to"] == "True"
    assert (deals["superseded_by"] != "").sum() == (deals["standing"] == "superseded").sum()
    assert set(deals["superseded_by"]) - {""} <= set(deals.index)


def test_each_observed_event_feeds_one_family(t):
    events = t["events_observed"]
    assert set(events["family"]) <= FAMILIES
    assert int(events["family"].value_counts().sum()) == 76


def test_every_grid_text_is_normalised(t):
    regions = t["grid_regions"]
    assert set(t["sites"]["grid_region_text"]) == set(regions["grid_region_text"])
    meant = dict(zip(regions["grid_region_text"], regions["grid_region"], strict=True))
    assert t["sites"]["grid_region_text"].map(meant).tolist() == t["sites"]["grid_region"].tolist()
    # one region belongs to one synchronous system
    on_grid = regions[regions["level"] != "off_grid"]
    assert (on_grid.groupby("grid_region")["interconnection"].nunique() == 1).all()
    unsure = regions["grid_region_text"].str.contains("not verified|not disclosed")
    assert (regions.loc[unsure, "confidence"] != "high").all()


@pytest.mark.parametrize("name", sorted(RECORDS))
def test_records_beside_the_tables(name: str):
    frame = pd.read_csv(GEO / f"{name}.csv", dtype=str, keep_default_na=False)
    assert tuple(frame.columns) == RECORDS[name].names
    assert not frame.duplicated(list(RECORDS[name].key)).any()
    assert {"hazard_rates": 71}.get(name, len(frame)) == len(frame)


def test_the_registry_names_every_file_with_its_hash():
    registry = tomllib.loads((GEO / "registry.toml").read_text(encoding="utf-8"))
    assert registry["as_of"] == "2026-11-23"
    assert any("Epoch AI" in credit and "CC BY 4.0" in credit for credit in registry["credits"])
    listed = {entry["path"]: entry for entry in registry["files"]}
    found = {p.relative_to(GEO).as_posix() for p in GEO.rglob("*") if p.is_file()}
    assert set(listed) == found - {"registry.toml"}
    for path, entry in listed.items():
        assert all(entry[key] for key in ("schema", "licence", "source", "date")), path
        digest = hashlib.sha256((GEO / path).read_bytes()).hexdigest()
        assert entry["sha256"] == digest, f"{path} changed: run python -m riskmodel.world.derive"
