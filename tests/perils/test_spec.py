"""Every number of every shipped file has bounds, a source and a date; slips are all found."""

from __future__ import annotations

import copy

import numpy as np
import pytest

from riskmodel.errors import RiskModelError
from riskmodel.perils.describe import describe
from riskmodel.perils.protocol import PerilSpec
from riskmodel.perils.registry import BUILT_IN
from riskmodel.perils.spec import (
    JUDGEMENT,
    figure,
    numbers,
    read_peril_spec,
    read_spec,
    source_keys,
    spec_problems,
    technical,
)
from tests.perils.conftest import FILES

GOOD = {
    "id": "flood", "name": "Flood", "definition": "Water where it should not be.",
    "effect": "Stops what is under water.",
    "group": "natural", "oed_code": "ORF", "rdls_type": "fluvial_flood", "version": "1.0",
    "as_of": "2026-11-23", "not_modelled": ["Mud."],
    "sources": {"gauge": {"title": "A gauge", "url": "https://example.org"}},
    "ceiling_rate_per_yr": 2.0,
    "rate": {"low": 0.04156, "best": 0.25, "high": 0.6416, "unit": "1/yr", "source": "gauge",
             "confidence": "low", "known_on": "2020-01-01", "count": 2, "exposure": 10.0},
}


def test_every_built_in_peril_ships_a_file():
    assert [path.stem for path in FILES] == sorted(BUILT_IN)


def test_every_family_of_the_design_is_built_in():
    assert set(BUILT_IN) == {
        "kinetic_strike", "grid_outage", "load_trip", "adequacy_curtailment", "winter_storm",
        "heatwave", "earthquake", "hurricane", "cloud_outage", "cable_cut", "fuel_cut", "sabotage",
        "cyber", "site_failure", "sanctions_cutoff", "export_control", "chip_supply"}


def test_shipped_files_are_sound(peril_file, peril_data):
    assert spec_problems(peril_data) == []
    assert peril_data["id"] == peril_file.stem


def test_every_shipped_number_has_a_source_or_says_judgement(peril_data):
    found = numbers(peril_data)
    assert len(found) > 10
    for path, number in found.items():
        keys = source_keys(number)
        assert keys, path
        for key in keys:
            assert key == JUDGEMENT or peril_data["sources"][key]["url"].startswith("http"), path
        assert number["note"] if JUDGEMENT in keys else True, path


def test_read_spec_gives_the_identity_card():
    spec = read_spec(GOOD)
    assert isinstance(spec, PerilSpec)
    assert (spec.peril_id, spec.group, spec.ceiling_rate_per_yr) == ("flood", "natural", 2.0)
    assert figure(GOOD, "rate") == 0.25
    assert figure(GOOD, "rate", stated="high") == 0.6416
    assert technical(GOOD, "ceiling_rate_per_yr", default=9.0) == 2.0
    assert technical(GOOD, "rate", "ceiling_per_yr", default=9.0) == 9.0


@pytest.mark.parametrize(("change", "message"), [
    (lambda d: d.pop("definition"), "definition is not there"),
    (lambda d: d.update(group="nature"), "group is 'nature'"),
    (lambda d: d.update(id="strike"), "means different things"),
    (lambda d: d.update(id="Flood 1"), "lower-case"),
    (lambda d: d.pop("not_modelled"), "not_modelled"),
    (lambda d: d.update(as_of="soon"), "as_of is 'soon'"),
    (lambda d: d.update(depth=0.5), "depth is a bare number"),
    (lambda d: d.update(depths=[0.5]), "depths[0] is a bare number"),
    (lambda d: d.update(ceiling_rate_per_yr=0.0), "finite and above 0"),
    (lambda d: d["rate"].pop("unit"), "rate lacks unit"),
    (lambda d: d["rate"].pop("known_on"), "rate lacks known_on"),
    (lambda d: d["rate"].pop("low"), "rate lacks low"),
    (lambda d: d["rate"].update(low=0.3), "not in order"),
    (lambda d: d["rate"].update(high=float("inf")), "not finite"),
    (lambda d: d["rate"].update(best="two"), "not a number"),
    (lambda d: d["rate"].update(source="hearsay"), "'hearsay'"),
    (lambda d: d["rate"].update(source="gauge;judgement"), "judgement without a note"),
    (lambda d: d["rate"].update(confidence="sure"), "confidence 'sure'"),
    (lambda d: d["rate"].update(known_on="2027-01-01"), "after the file's as_of"),
    (lambda d: d["rate"].update(known_on="spring"), "known_on 'spring'"),
    (lambda d: d["rate"].update(count=4), "4 in 10.0 leaves 0.135"),
    (lambda d: d["rate"].pop("exposure"), "both count (0 or more) and exposure"),
    (lambda d: d["rate"].update(exposure_factor=0.5), "exposure_factor 0.5"),
    (lambda d: d["rate"].update(hits=3), "both hits (0 or more) and trials"),
    (lambda d: d["rate"].update(hits=3, trials=2), "more hits (3) than trials"),
    (lambda d: d["sources"].update(spare={"title": "T", "url": "u"}), "used by no number"),
    (lambda d: d["sources"]["gauge"].pop("url"), "lacks a title or a url"),
    (lambda d: d.update(sources=["gauge"]), "sources is not a table"),
    (lambda d: (d.pop("rate"), d.pop("sources")), "holds no number"),
])
def test_each_slip_is_named(change, message):
    data = copy.deepcopy(GOOD)
    assert spec_problems(data) == []
    change(data)
    assert message in "\n".join(spec_problems(data))
    with pytest.raises(RiskModelError, match="problem"):
        read_spec(data)


def test_every_slip_is_listed_at_once():
    data = copy.deepcopy(GOOD)
    data["rate"].pop("unit")
    data.update(group="nature", depth=0.5)
    with pytest.raises(RiskModelError, match="3 problems") as caught:
        read_spec(data, "perils/flood.toml")
    assert str(caught.value).startswith("perils/flood.toml")


def test_a_number_that_is_not_there_is_named():
    with pytest.raises(RiskModelError, match=r"rate\.sigma\.best"):
        figure(GOOD, "rate", "sigma")


def test_description_shows_every_number_with_its_band_and_sources(peril_data):
    text = describe(read_spec(peril_data))
    assert peril_data["name"] in text
    assert "not modelled:" in text
    for path, number in numbers(peril_data).items():
        assert path in text
        assert f"{number['best']:.4g} [{number['low']:.4g}, {number['high']:.4g}]" in text
    for source in peril_data["sources"].values():
        assert source["title"] in text
    assert max(map(len, text.splitlines())) < 400
    assert not np.any(["\x1b" in text, "[/" in text])


def test_description_of_a_bare_spec():
    text = describe(PerilSpec("flood", "Flood", "Water.", "natural"))
    assert "none exists" in text
    assert "numbers" not in text


def test_a_spec_of_ones_own_from_a_file_or_a_mapping(tmp_path):
    path = FILES[0]
    assert read_peril_spec(path) == read_peril_spec(str(path))
    assert read_peril_spec(path).peril_id == path.stem
    assert read_peril_spec(GOOD) == read_spec(GOOD)
    with pytest.raises(RiskModelError, match=r"no file .*gone\.toml.*mapping"):
        read_peril_spec(tmp_path / "gone.toml")
    broken = tmp_path / "flood.toml"
    broken.write_text("id = flood")
    with pytest.raises(RiskModelError, match=r"flood\.toml: not TOML.*line 1"):
        read_peril_spec(broken)
    broken.write_text('id = "flood"')
    with pytest.raises(RiskModelError, match=r"flood\.toml: \d+ problems"):
        read_peril_spec(broken)
