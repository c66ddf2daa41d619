"""Reading a generating system: the shipped files, files of one's own, and every fault named."""

from __future__ import annotations

import copy
import tomllib

import numpy as np
import pytest

from riskmodel.errors import RiskModelError
from riskmodel.perils.adequacy.files import (
    parse_generating_system,
    read_generating_system,
    shipped_systems,
)
from riskmodel.perils.adequacy.systems import GeneratingSystem, UnitClass
from riskmodel.world.shipped import shipped_folder

UNIT = UnitClass("u", 10.0, 2, 0.1, 90.0, 10.0)


@pytest.fixture
def data() -> dict:
    path = shipped_folder() / "adequacy" / "rbts.toml"
    return copy.deepcopy(tomllib.loads(path.read_text(encoding="utf-8")))


def test_systems_that_ship():
    assert shipped_systems() == ["rbts", "rts79"]
    for name in shipped_systems():
        system = read_generating_system(name)
        assert system.system_id == name
        assert system.published["lole"] > 0
        assert system.load_mw.max() == system.peak_mw


def test_the_weekly_table_is_that_of_1979():
    """The order of weeks 13 to 20 and 32 to 34 is where copies go wrong."""
    load = read_generating_system("rts79").load_mw.reshape(52, 7, 24).max(axis=(1, 2)) / 28.5
    np.testing.assert_allclose(load[12:20], [70.4, 75.0, 72.1, 80.0, 75.4, 83.7, 87.0, 88.0])
    np.testing.assert_allclose(load[31:34], [77.6, 80.0, 72.9])
    assert load.argmax() == 50  # week 51


def test_a_file_of_ones_own_with_a_list_of_hours(tmp_path):
    (tmp_path / "load.csv").write_text("100\n120.5\n90\n", encoding="utf-8")
    path = tmp_path / "mine.toml"
    path.write_text('id = "mine"\nunits = [{ name = "a", mw = 80, count = 2, forced_outage_rate = '
                    '0.1, mttf_h = 90, mttr_h = 10 }]\n[load]\nfile = "load.csv"\n', "utf-8")
    system = read_generating_system(path)
    assert system.load_mw.tolist() == [100.0, 120.5, 90.0]
    assert system.capacity_mw == 160
    with pytest.raises(ValueError, match="read-only"):
        system.load_mw[0] = 0


def edit(data, path, value):
    *steps, last = path
    for step in steps:
        data = data[step]
    if value is None:
        del data[last]
    else:
        data[last] = value


@pytest.mark.parametrize(("path", "value", "message"), [
    (("id",), None, "id is not there"),
    (("unist",), [], "unist means nothing here; did you mean 'units'"),
    (("units",), None, "units is not there"),
    (("units", 0, "mttr_h"), None, r"units\[0\] lacks mttr_h"),
    (("units", 0, "mw"), "5", r"units\[0\].mw is '5'"),
    (("units", 0, "mw"), -5, "mw is -5"),
    (("units", 0, "count"), 1.5, "count is 1.5"),
    (("units", 0, "forced_outage_rate"), 1.0, "forced_outage_rate is 1.0"),
    (("units", 0, "forced_outage_rate"), 0.02, "but its hours give 0.01017"),
    (("units", 0, "mttf_h"), 0, "mttf_h is 0"),
    (("units", 1, "name"), "hydro5", "two rows of units are called 'hydro5'"),
    (("load",), None, "load is not there"),
    (("load", "weekly"), [1], "load.weekly means nothing here; did you mean 'weekly_percent'"),
    (("load", "weekly_percent"), [90, 80], "goes from 80 to 90"),
    (("load", "daily_percent"), [100, 90], "has 2 numbers; it has 7"),
    (("load", "seasons"), [], "load.seasons is not there"),
    (("load", "seasons", 0, "weeks"), [[1, 8]], "50, 51, 52 are in no season"),
    (("load", "seasons", 0, "weeks"), [[1, 52]], "stand in two seasons"),
    (("load", "seasons", 0, "weeks"), [[0, 8]], "give first and last week"),
    (("peak_mw",), None, "peak_mw is None"),
    (("energy_mwh",), 1e6, "adds up to 992,968 MWh, but energy_mwh is 1,000,000"),
    (("energy_mwh",), "much", "energy_mwh is 'much'"),
    (("published", 0, "source"), "hearsay", "names the source 'hearsay'"),
])
def test_faults_are_named(data, path, value, message):
    edit(data, path, value)
    with pytest.raises(RiskModelError, match=message) as caught:
        parse_generating_system(data, "mine.toml")
    assert str(caught.value).startswith("mine.toml: ")


def test_weeks_out_of_order_are_found_by_the_energy(data):
    weeks = data["load"]["weekly_percent"]
    weeks[12:20] = weeks[12:20][::-1]
    with pytest.raises(RiskModelError, match="the order of the weeks is wrong"):
        parse_generating_system(data, "mine.toml")


def test_faults_come_together(data):
    data["units"][0]["mw"] = -1
    data["units"][1]["count"] = 0
    with pytest.raises(RiskModelError, match="2 problems") as caught:
        parse_generating_system(data, "mine.toml")
    assert "hydro5" in str(caught.value)
    assert "thermal10" in str(caught.value)


@pytest.mark.parametrize(("text", "message"), [
    (b"id = ", "no TOML"), (b"id = '\xff'", "not UTF-8")])
def test_files_that_are_no_toml(tmp_path, text, message):
    path = tmp_path / "x.toml"
    path.write_bytes(text)
    with pytest.raises(RiskModelError, match=message):
        read_generating_system(path)


def test_a_load_file_that_is_not_there(data, tmp_path):
    data["load"] = {"file": "nowhere.csv"}
    with pytest.raises(RiskModelError, match=r"nowhere\.csv cannot be read"):
        parse_generating_system(data, "mine.toml", tmp_path)
    (tmp_path / "words.csv").write_text("load_mw\n3\n")
    data["load"] = {"file": "words.csv"}
    with pytest.raises(RiskModelError, match="no header"):
        parse_generating_system(data, "mine.toml", tmp_path)


@pytest.mark.parametrize(("load", "message"), [
    (np.zeros(5), "not above 0"), (np.array([np.nan]), "not above 0"), (np.zeros((2, 2)), "list"),
    (np.ones(9000), "9000 hours")])
def test_loads_that_are_none(load, message):
    with pytest.raises(RiskModelError, match=message):
        GeneratingSystem("x", (UNIT,), load)


def test_names_near_and_far():
    with pytest.raises(RiskModelError, match="did you mean 'rts79'"):
        read_generating_system("rts97")
    with pytest.raises(RiskModelError, match="rbts, rts79 ship"):
        read_generating_system("ercot")
