"""Shortages drawn from units drive a grid node, and cost what the convolution says."""

from __future__ import annotations

import copy
import math
import tomllib
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import riskmodel as rm
from riskmodel.errors import RiskModelError
from riskmodel.perils.adequacy.convolution import (
    curtailed_first,
    event_frequency,
    exact_indices,
    hourly_frequency,
    outage_table,
)
from riskmodel.perils.adequacy.generator import AdequacyGenerator
from riskmodel.perils.adequacy.sequential import shortages, yearly_indices
from riskmodel.perils.adequacy.systems import GeneratingSystem, UnitClass
from riskmodel.perils.registry import load_perils, register_peril, unregister_peril
from riskmodel.testing import check_peril
from riskmodel.world.io import write_world
from tests.perils.small_world import Draws, build_world

HOURS = 24 * 14


def small_system() -> GeneratingSystem:
    """Three classes of unreliable units and two weeks of load with a daily peak."""
    load = 95.0 + 35.0 * np.sin(np.arange(HOURS) * 2 * np.pi / 24)
    units = (UnitClass("big", 60.0, 1, 0.10, 90.0, 10.0),
             UnitClass("mid", 40.0, 2, 0.08, 46.0, 4.0),
             UnitClass("gas", 7.5, 4, 0.20, 20.0, 5.0))
    return GeneratingSystem("toy", units, load)


def brute_force(system: GeneratingSystem) -> dict[str, float]:
    """Every state of every unit, one by one: 2^7 states."""
    singles = [unit for unit in system.units for _ in range(unit.count)]
    lole = loee = curtailed = 0.0
    for state in range(2 ** len(singles)):
        chance, there = 1.0, 0.0
        for place, unit in enumerate(singles):
            is_down = state >> place & 1
            chance *= unit.forced_outage_rate if is_down else 1 - unit.forced_outage_rate
            there += 0.0 if is_down else unit.mw
        short = np.maximum(system.load_mw - there, 0.0)
        lole += chance * (short > 1e-9).sum()
        loee += chance * short.sum()
        curtailed += chance * (short / system.load_mw).sum()
    return {"lole": lole, "loee": loee, "curtailed": curtailed}


def test_convolution_is_the_sum_over_all_states():
    system = small_system()
    found = exact_indices(system)
    for index, value in brute_force(system).items():
        assert found[index] == pytest.approx(value, rel=1e-12), index
    assert system.step_mw == 2.5
    assert outage_table(system).sum() == pytest.approx(1.0)


def test_frequencies_of_one_unit_are_closed_forms():
    """One unit, constant load: it is short whenever the unit is down."""
    unit = UnitClass("only", 10.0, 1, 0.2, 40.0, 10.0)
    system = GeneratingSystem("one", (unit,), np.full(1000, 5.0))
    assert event_frequency(system) == pytest.approx(1000 * 0.8 / 40.0)  # up, then a failure
    forget = 1 - math.exp(-(1 / 40 + 1 / 10))
    assert hourly_frequency(system) == pytest.approx(999 * 0.8 * 0.2 * forget)
    # the block of 2 MW that is cut first is lost whole, the rest shares what remains
    assert curtailed_first(system, 2.0) == pytest.approx(1000 * 0.2)
    assert curtailed_first(system, 5.0) == pytest.approx(1000 * 0.2)


def test_simulation_is_the_convolution():
    system = small_system()
    years = np.arange(20_000)
    pieces = shortages(system, Draws(years, "toy"))
    drawn = yearly_indices(system, pieces, years)
    exact = exact_indices(system)
    for index in drawn.columns.drop("year"):
        values = drawn[index]
        assert abs(values.mean() - exact[index]) < 4 * values.std() / math.sqrt(len(years)), index


def test_pieces_are_what_a_slow_walk_through_the_year_finds():
    """The same draws, one unit at a time and minute by minute of a fine grid of moments."""
    system = small_system()
    block = Draws(np.arange(40), "toy")
    pieces = shortages(system, block)
    assert len(pieces) > 200
    moments = np.random.default_rng(3).uniform(0, HOURS, 400)
    for year in range(40):
        there = np.zeros(len(moments))
        for unit in system.units:
            up_h = unit.mttr_h * (1 - unit.forced_outage_rate) / unit.forced_outage_rate
            for number in range(unit.count):
                name = f"toy/{unit.name}/{number + 1}"
                is_down = float(block.uniform("unit down at first", year=year, entity=name)
                                ) < unit.forced_outage_rate
                clock, k, state = 0.0, 0, np.empty(len(moments), bool)
                while clock < HOURS:
                    u = float(block.uniform("unit hours", year=year, event=k, entity=name))
                    end = clock - math.log(u) * (unit.mttr_h if is_down else up_h)
                    state[(moments >= clock) & (moments < end)] = not is_down
                    clock, k, is_down = end, k + 1, not is_down
                there += unit.mw * state
        load = system.load_mw[moments.astype(int)]
        expected = np.where(load > there + 1e-7, load - there, 0.0)
        mine = pieces[pieces["year"] == year]
        found = np.zeros(len(moments))
        for row in mine.itertuples():
            inside = (moments >= row.start_h) & (moments < row.start_h + row.duration_h)
            assert not found[inside].any(), "two pieces at once"
            found[inside] = row.short_mw
        np.testing.assert_allclose(found, expected, atol=1e-9)


def test_draws_do_not_depend_on_the_block_or_on_other_units():
    system = small_system()
    whole = shortages(system, Draws(np.arange(1300), "toy"))
    part = shortages(system, Draws(np.arange(600, 900), "toy"))
    inside = whole[whole["year"].between(600, 899)].reset_index(drop=True)
    pd.testing.assert_frame_equal(inside, part)
    # a unit more: never shorter for longer
    more = GeneratingSystem("toy", (*system.units, UnitClass("new", 5.0, 1, 0.1, 90.0, 10.0)),
                            system.load_mw)
    helped = shortages(more, Draws(np.arange(300), "toy")).groupby("year")["duration_h"].sum()
    before = whole[whole["year"] < 300].groupby("year")["duration_h"].sum()
    both = pd.concat([helped, before], axis=1, keys=["helped", "before"]).fillna(0)
    assert (both["helped"] <= both["before"] + 1e-9).all()
    assert both["helped"].sum() < both["before"].sum()


@pytest.mark.parametrize("large", [None, 20.0])
def test_a_campus_loses_what_the_convolution_expects(large):
    """AAL of one site behind one grid, no reserve: the exact curtailed hours, within 4 errors."""
    world = build_world(keep={"abilene"})
    peril = AdequacyGenerator.of(small_system(), "grid:ERCOT", large_load_mw=large)
    years = 4000
    losses = rm.simulate(world, years=years, seed=11, perils=[peril], adequacy=False)
    yearly = np.zeros(years)
    yearly[:len(losses.years)] = losses.years["lost_mw_days"]
    expected = peril.expected_curtailed_h() * 100 / 24
    assert abs(yearly.mean() - expected) < 4 * yearly.std() / math.sqrt(years)
    if large is None:
        assert expected == pytest.approx(brute_force(small_system())["curtailed"] * 100 / 24)


def test_rts79_behind_a_campus():
    world = build_world(keep={"abilene"})
    peril = AdequacyGenerator.of(rm.read_generating_system("rts79"), "grid:ERCOT")
    assert peril.expected_curtailed_h() == pytest.approx(0.46821775, rel=1e-6)
    losses = rm.simulate(world, years=6000, seed=2, perils=[peril], adequacy=False)
    assert abs(losses.years["lost_mw_days"].sum() / 6000 - 0.46821775 * 100 / 24) < (
        4 * 1.17 * 100 / 24 / math.sqrt(6000))


def test_rules_are_kept():
    peril = AdequacyGenerator.of(small_system(), "grid:ERCOT", large_load_mw=30.0)
    table = check_peril(peril, build_world(), years=128)
    assert len(table) > 500
    assert set(table["node_id"]) == {"grid:ERCOT"}
    assert set(table["region"]) == {"ERCOT"}
    events = table.groupby(["year", "event"])
    one = events.get_group(events.size().idxmax())
    assert len(one) > 3  # a shortage of several hours
    np.testing.assert_allclose(one["start_h"].iloc[1:],
                               (one["start_h"] + one["duration_h"]).iloc[:-1])
    assert one["depth"].nunique() > 1


def test_a_year_that_ends_early_has_no_later_event():
    peril = AdequacyGenerator.of(small_system(), "grid:ERCOT")
    whole, cut = (peril.sample(Draws(np.arange(50), peril.spec.peril_id, horizon_h=hours),
                               build_world()) for hours in (8760.0, 9.5))
    # the shortages that began by then are there to their end
    begun = whole[whole["event_start_h"] < 9.5].reset_index(drop=True)
    assert 0 < len(begun) < len(whole)
    assert begun["start_h"].max() > 9.5
    pd.testing.assert_frame_equal(begun, cut)


def test_numbers_are_read_from_the_spec():
    """A draw of ignorance sets other values in the data: rates and load follow."""
    peril = AdequacyGenerator.of(small_system(), "grid:ERCOT")
    data = copy.deepcopy(dict(peril.spec.data))
    data["units"][0]["forced_outage_rate"]["best"] = 0.3
    data["load_factor"]["best"] = 1.05
    worse = replace(peril, spec=replace(peril.spec, data=data))
    assert worse.expected_curtailed_h() > 1.5 * peril.expected_curtailed_h()
    blocks = Draws(np.arange(300), peril.spec.peril_id)
    hours = [p.sample(blocks, build_world())["duration_h"].sum() for p in (peril, worse)]
    assert hours[1] > hours[0]


def test_a_node_that_is_not_there_is_named():
    peril = AdequacyGenerator.of(small_system(), "grid:NOWHERE")
    with pytest.raises(RiskModelError, match="no node 'grid:NOWHERE'"):
        peril.sample(Draws(np.arange(2), "x"), build_world())
    with pytest.raises(RiskModelError, match="above 0"):
        AdequacyGenerator.of(small_system(), "grid:ERCOT", large_load_mw=0.0)


def test_registered_under_its_own_id():
    peril = register_peril(AdequacyGenerator.of(small_system(), "grid:ERCOT", peril_id="texas_toy"))
    try:
        assert load_perils(build_world(), ["texas_toy"]) == [peril]
    finally:
        unregister_peril("texas_toy")


WORLD_FILE = """
id = "texas_units"
name = "Shortage of generation in Texas"
version = "1.0"
as_of = "2026-11-23"
generating_system = "rbts"
node = "grid:ERCOT"
large_load_mw = { low = 10, best = 20, high = 40, unit = "MW", source = "judgement", \
confidence = "low", known_on = "2026-11-23", note = "A test." }
"""


def test_a_worlds_own_file_names_a_system():
    data = tomllib.loads(WORLD_FILE)
    world = build_world(perils={"texas_units": data})
    (peril,) = load_perils(world)
    assert (peril.node, peril.large_load_mw, peril.system.system_id) == ("grid:ERCOT", 20.0, "rbts")
    assert len(check_peril(peril, world, years=256))
    assert "hydro20" in {unit["name"] for unit in peril.spec.data["units"]}
    with pytest.raises(RiskModelError, match="did you mean 'rbts'"):
        load_perils(build_world(perils={"texas_units": {**data, "generating_system": "rbst"}}))
    with pytest.raises(RiskModelError, match="node is not there"):
        load_perils(build_world(perils={"texas_units": {**data, "node": ""}}))
    with pytest.raises(RiskModelError, match="file name and id must agree"):
        load_perils(build_world(perils={"texas_unit": data}))


def test_a_world_in_a_folder_keeps_its_system(tmp_path):
    """Read, simulated, written elsewhere, read again; another unit is another world."""
    first = tmp_path / "first"
    world = build_world(keep={"abilene"})
    write_world(world, first)
    (first / "perils").mkdir()
    (first / "adequacy").mkdir()
    (first / "perils" / "texas_units.toml").write_text(
        WORLD_FILE.replace('"rbts"', '"adequacy/mine.toml"'), "utf-8")
    (first / "adequacy" / "mine.toml").write_text(
        'id = "mine"\nunits = [{ name = "a", mw = 80, count = 2, forced_outage_rate = 0.1, '
        'mttf_h = 90, mttr_h = 10 }]\n[load]\nfile = "load.csv"\n', "utf-8")
    (first / "adequacy" / "load.csv").write_text("100\n" * 48, "utf-8")
    read = rm.read_world(first)
    losses = rm.simulate(read, years=2000, seed=1, adequacy=False)
    assert set(losses.causes["peril"]) == {"texas_units"}
    again = rm.read_world(write_world(read, tmp_path / "second"))
    assert again.fingerprint == read.fingerprint
    pd.testing.assert_frame_equal(rm.simulate(again, years=2000, seed=1, adequacy=False).years,
                                  losses.years)
    system = tmp_path / "second" / "adequacy" / "mine.toml"
    system.write_text(system.read_text("utf-8").replace("mw = 80", "mw = 90"), "utf-8")
    assert rm.read_world(tmp_path / "second").fingerprint != read.fingerprint
