"""Facts of the shipped world, looked up in the record, and capacity on a day."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

import riskmodel as rm

GEO = Path(__file__).resolve().parents[2] / "geodata"


@pytest.fixture(scope="module")
def today():
    return rm.read_world(GEO)


def _mw(world) -> dict[str, float]:
    return dict(zip(world.sites["site_id"], world.sites["it_mw"], strict=True))


def _steps() -> dict[str, list[tuple[str, float, str]]]:
    steps: dict[str, list[tuple[str, float, str]]] = {}
    with (GEO / "sites_timeline.csv").open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            steps.setdefault(row["site_id"], []).append(
                (row["date"], float(row["it_mw"]), row["state"]))
    return steps


def test_capacity_is_the_last_step_that_happened(today):
    """The column in the file is the timeline's answer, worked out again here from the bare rows."""
    with (GEO / "sites.csv").open(encoding="utf-8", newline="") as handle:
        shipped = {row["site_id"]: float(row["it_mw"]) for row in csv.DictReader(handle)}
    steps = _steps()
    for site, mw in shipped.items():
        if site not in steps:
            continue
        seen = [row for row in steps[site] if row[0] <= "2026-11-23" and row[2] != "projected"]
        assert mw == (max(seen)[1] if seen else 0.0), site
    assert _mw(today) == shipped
    # and some projected step has fallen due without being counted
    assert any(day <= "2026-11-23" and state == "projected"
               for day, _, state in steps["stargate_abilene"])


@pytest.mark.parametrize(("site", "day", "mw"), [
    ("stargate_abilene", "2026-11-23", 421), ("stargate_abilene", "2027-12-31", 843),
    ("stargate_abilene", "2025-12-25", 211), ("stargate_abilene", "2025-09-25", 0),
    ("colossus_1", "2026-11-23", 340), ("colossus_2", "2026-11-23", 946),
    ("colossus_2", "2027-12-31", 1531), ("aws_new_carlisle", "2026-11-23", 910),
    ("aws_new_carlisle", "2027-12-31", 1037), ("google_new_albany", "2026-11-23", 333),
    ("huawei_wuhu", "2026-11-23", 157), ("stargate_uae", "2026-11-23", 0),
    ("stargate_uae", "2027-12-31", 200), ("meta_hyperion", "2027-12-31", 0),
    ("hawesville_ky", "2028-12-31", 401)])
def test_known_capacities(site: str, day: str, mw: float):
    assert _mw(rm.read_world(GEO, as_of=day))[site] == mw


def test_facility_power_over_pue(today):
    sites = today.sites
    running = sites[sites["it_mw"] > 0]
    ratio = running["facility_mw"] / running["it_mw"]
    assert (abs(ratio - running["pue"]) < 0.02).all()
    assert (running["pue_basis"] != "").all()
    assert running["pue"].between(1.0, 1.75).all()
    # what the record calls facility power is facility power here
    facility = running[(running["power_basis"] == "facility")]
    assert (abs(facility["power_mw"] - facility["facility_mw"]) < 0.6).all()


def test_the_gulf_zones_ran_before_the_strikes_and_do_not_now():
    zones = ["aws_mec1_az1", "aws_mec1_az2", "aws_mec1_az3",
             "aws_mes1_az1", "aws_mes1_az2", "aws_mes1_az3"]
    before, after = (_mw(rm.read_world(GEO, as_of=day)) for day in ("2026-02-28", "2026-11-23"))
    assert all(before[zone] > 0 and after[zone] == 0 for zone in zones)
    on_the_day = _mw(rm.read_world(GEO, as_of="2026-03-01"))
    assert on_the_day["aws_mec1_az2"] == 0 < on_the_day["aws_mec1_az1"]


def test_no_gulf_site_with_known_power_runs_today(today):
    gulf = set(today.theatres.loc[today.theatres["theatre_id"] == "gulf", "country_iso2"])
    sites = today.sites[today.sites["country_iso2"].isin(gulf) & (today.sites["it_mw"] > 0)]
    assert set(sites["site_id"]) == {"oci_dubai", "azure_uae_north", "azure_uae_central",
                                     "gcp_doha", "gcp_dammam"}
    assert sites["power_mw"].isna().all()
    assert sites["it_mw_basis"].str.contains("estimated, no power is published").all()
    assert (sites["confidence"] == "low").all()
    held = today.effective_holdings()
    assert set(held.loc[held["site_id"].isin(sites["site_id"]), "lab_id"]) == {"unknown"}


def test_estimates_carry_a_band(today):
    estimated = today.sites[today.sites["it_mw_basis"].str.contains("; estimated, no power")]
    assert len(estimated) == 7
    assert (estimated["it_mw_low"] < estimated["it_mw"]).all()
    assert (estimated["it_mw"] < estimated["it_mw_high"]).all()


def test_bands_hold_their_best_value(today):
    for name in ("it_mw", "facility_mw"):
        low, best, high = (today.sites[f"{name}{end}"] for end in ("_low", "", "_high"))
        assert (low.isna() | (low <= best)).all()
        assert (high.isna() | (high >= best)).all()


def test_attribution_is_not_proof(today):
    holdings = today.holdings.set_index(["lab_id", "site_id"])
    assert holdings.loc[("anthropic", "colossus_1"), "probability"] == 0.95
    assert holdings.loc[("anthropic", "aws_madison"), "probability"] < 0.5
    pryor = holdings.loc[("google_deepmind", "google_pryor_north")]
    assert (pryor["attribution"], pryor["probability_basis"]) == ("speculative", "parent_owns")
    assert pryor["confidence"] == "low"
    capacity = today.lab_capacity()
    assert capacity["anthropic"] == pytest.approx(910 + 340 + 0.22 * 946 + 42)
    assert capacity["openai"] == pytest.approx(421 + 262 + (636 + 369) / 2)
    assert capacity["amazon"] == 0.0
    assert capacity.sum() == pytest.approx(today.sites["it_mw"].sum())


def test_the_shipped_world_passes_its_checks(today):
    assert [p for p in today.check() if p.level == "raise"] == []
