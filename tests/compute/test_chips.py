"""Chips: H100-equivalents per MW by hand, against the record, and where nothing is known."""

from __future__ import annotations

import tomllib
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import riskmodel as rm
from riskmodel.compute.chips import (
    chip_families,
    designer_of,
    family_frame,
    h100_peak_flops,
    model_flops_use,
)
from riskmodel.compute.inputs import Band, read_inputs
from riskmodel.compute.levers import reference_runs
from riskmodel.compute.sitechips import compare_with_record, site_chips, unknown_chips
from riskmodel.errors import RiskModelError
from riskmodel.world.shipped import shipped_folder


@pytest.fixture(scope="module")
def shipped():
    return rm.read_world()


def small(**site):
    """One site, and the chips that ship."""
    row = {"site_id": "s", "lat": 1.0, "lon": 1.0, "it_mw": 100.0, **site}
    return rm.World.from_frames(
        sites=pd.DataFrame([row]), labs=pd.DataFrame({"lab_id": ["a"], "needed_share": [0.5]}),
        holdings=pd.DataFrame({"lab_id": ["a"], "site_id": ["s"], "share": [1.0]}))


def row_of(world, site="s"):
    return site_chips(world).set_index("site_id").loc[site]


def test_a_family_by_hand():
    h100 = chip_families(small())["H100"]
    assert h100.h100e_per_mw == pytest.approx(Band(1e6 / (700 * 2.08), 1e6 / (700 * 2.04),
                                                   1e6 / (700 * 1.82)))
    trainium = chip_families(small())["Trainium2"]
    assert trainium.h100e_per_mw.best == pytest.approx(667 / 989.5 / (500 * 1.74) * 1e6)
    assert h100_peak_flops() == 989.5e12
    assert model_flops_use() == Band(0.35, 0.40, 0.43)


def test_every_shipped_family_has_a_band_and_says_why(shipped):
    frame = family_frame(shipped)
    assert len(frame) == len(shipped.chips) == 30
    low, best, high = (frame[f"h100e_per_mw_it{end}"] for end in ("_low", "", "_high"))
    assert ((low > 0) & (low <= best) & (best <= high)).all()
    named = frame.set_index("chip_family")
    assert set(named.index[~named["known"]]) == {
        "MI450", "MI455X", "Trainium4", "TPU v4", "TPU v5p", "TPU v6e", "TPU 8t", "TPU",
        "Maia 200", "Titan (OpenAI-Broadcom)", "Cerebras WSE", "RTX PRO 6000"}
    assert (named.loc[~named["known"], "confidence"] == "low").all()
    # what is not known is wider than all that its designer's known families span
    tpu = named.loc["TPU v6e"]
    for kin in ("TPU v5e", "TPU v7"):
        assert tpu["h100e_per_mw_it_low"] < named.loc[kin, "h100e_per_mw_it_low"]
        assert tpu["h100e_per_mw_it_high"] > named.loc[kin, "h100e_per_mw_it_high"]
    assert "Google's families" in tpu["basis"]
    assert designer_of("Amazon (Annapurna; Alchip design help)") == "Amazon"


def test_overheads_follow_the_sites_that_publish_power_and_chips(shipped):
    """Server overhead: the median over the record's one-family sites, within its bounds."""
    data = read_inputs("chips")
    tdp = shipped.chips.set_index("chip_family")["tdp_w"]
    sites = shipped.sites_as_given
    alone = sites[(sites["accelerator_count"] > 0) & (sites["it_mw"] > 0)
                  & sites["chip_family"].isin(data["server_overhead"])
                  & ~sites["it_mw_basis"].str.contains("estimated, no power")]
    ratio = (alone["it_mw"] * 1e6 / alone["accelerator_count"]
             / alone["chip_family"].map(tdp)).groupby(alone["chip_family"]).agg(["median", "max"])
    assert set(ratio.index) == {"H100", "B200", "GB200", "GB300", "Trainium2", "TPU v7"}
    for family, found in ratio.iterrows():
        stated = data["server_overhead"][family]
        assert stated["best"] == pytest.approx(found["median"], abs=0.011), family
        assert found["max"] <= stated["high"] + 0.005, family


def test_shares_of_narrow_peaks_are_those_of_the_table(shipped):
    chips, data = shipped.chips, read_inputs("chips")["bf16_share"]
    for column, key in (("fp8_dense_tflops", "of_fp8"), ("fp4_dense_tflops", "of_fp4")):
        share = (chips["bf16_dense_tflops"] / chips[column]).dropna()
        assert data[key]["low"] == pytest.approx(share.min(), abs=1e-3)
        assert data[key]["high"] == pytest.approx(share.max(), abs=1e-3)


def test_a_site_with_a_count_of_its_own_and_one_whose_count_says_nothing():
    counted = row_of(small(chip_family="GB300", accelerator_count=40_000))
    assert counted["h100e_per_mw_it"] == pytest.approx(40_000 * 2500 / 989.5 / 100)
    assert counted["h100e_per_mw_it_low"] == pytest.approx(0.9 * counted["h100e_per_mw_it"])
    assert counted["flops_per_mw"] == pytest.approx(40_000 * 2500e12 / 100)
    derived = row_of(small(chip_family="GB300", accelerator_count=40_000,
                           notes="Count derived from power."))
    assert derived["h100e_per_mw_it"] == pytest.approx(2500 / 989.5 / (1400 * 1.75) * 1e6)


def test_a_mixed_site_spans_its_families():
    mixed = row_of(small(chip_family="H100;GB200"))
    h100, gb200 = (chip_families(small())[name].h100e_per_mw for name in ("H100", "GB200"))
    assert mixed["h100e_per_mw_it"] == pytest.approx((h100.best + gb200.best) / 2)
    assert (mixed["h100e_per_mw_it_low"], mixed["h100e_per_mw_it_high"]) == pytest.approx(
        (h100.low, gb200.high))
    assert mixed["confidence"] == "low"
    assert mixed["known"]


def test_unknown_chips_are_listed_with_a_band(shipped):
    listed = unknown_chips(shipped)
    named = shipped.sites.set_index("site_id")["chip_family"]
    nameless = set(named.index[named == ""])
    assert nameless <= set(listed["site_id"])
    assert "google_red_oak" in set(listed["site_id"])  # TPU v6e: no power is published
    assert (listed["confidence"] == "low").all()
    assert listed["it_mw"].is_monotonic_decreasing
    chips = site_chips(shipped).set_index("site_id")
    nobody, known = chips.loc["qts_richmond_1"], chips[chips["known"]]
    assert nobody["h100e_per_mw_it_low"] <= known["h100e_per_mw_it_low"].min() + 1e-9
    # the middle is the mean over MW of sites that name theirs
    mw = shipped.sites.set_index("site_id")["it_mw"]
    rest = chips.index.difference(list(nameless))
    mean = (mw[rest] * chips.loc[rest, "h100e_per_mw_it"]).sum() / mw[rest].sum()
    assert nobody["h100e_per_mw_it"] == pytest.approx(mean)
    alone = row_of(small())
    assert not alone["known"]
    assert "middle of all families" in alone["basis"]


def test_a_family_the_table_lacks_is_not_known():
    found = row_of(small(chip_family="H100;Abacus"))
    assert not found["known"]
    assert "not in chips.csv" in found["basis"]


def test_sites_by_the_record(shipped):
    chips = site_chips(shipped).set_index("site_id")
    # 110,000 GB200 and 330,000 GB300, each 2,500 dense TFLOP/s, on 946 MW
    assert chips.loc["colossus_2", "h100e_per_mw_it"] == pytest.approx(
        440_000 * 2500 / 989.5 / 946)
    anchors = compare_with_record(shipped)
    assert set(anchors["site_id"]) == {"aws_new_carlisle"}
    assert anchors["agrees"].all()
    # Epoch counts in 8-bit operations: 2.7 % less for Trainium2
    assert anchors["value"].to_numpy() * (1299 / 1979) / (667 / 989.5) == pytest.approx(
        [636, 627], rel=0.015)


def test_a_moved_site_keeps_what_a_mw_is(shipped):
    before = site_chips(shipped).set_index("site_id")["h100e_per_mw_it"]
    moved = shipped.scale(site="colossus_2", factor=2.0)
    after = site_chips(moved).set_index("site_id")["h100e_per_mw_it"]
    assert after["colossus_2"] == pytest.approx(before["colossus_2"])


def test_low_end_of_mfu_is_deepseek():
    runs = reference_runs().set_index("run")
    assert runs.loc["deepseek_v3", "flop"] == pytest.approx(3.29e24, rel=2e-3)
    assert runs.loc["deepseek_v3", "mfu"] == pytest.approx(model_flops_use().low, abs=0.005)


def test_a_file_of_ones_own_counts_and_its_faults_are_named(tmp_path, shipped):
    (tmp_path / "compute").mkdir()
    text = (shipped_folder() / "compute" / "chips.toml").read_text(encoding="utf-8")
    own = replace(shipped, folder=tmp_path)

    def write(old, new):
        assert old in text
        (tmp_path / "compute" / "chips.toml").write_text(text.replace(old, new), encoding="utf-8")

    write("best = 2.04, high = 2.08", "best = 2.0, high = 2.08")
    assert chip_families(own)["H100"].h100e_per_mw.best == pytest.approx(1e6 / 1400)
    write("{ low = 1.82, best = 2.04", "{ low = 1.82, best = 1.04")
    with pytest.raises(RiskModelError, match=r"compute/chips.toml.*\n.*not in order"):
        site_chips(own)
    write("count = { GB200 = 110000", "count = { GB2000 = 110000")
    with pytest.raises(RiskModelError, match=r"GB2000.*no chip_family"):
        site_chips(own)
    write('source = "dgx_h100;epoch_data_centers"', 'source = "dgx_h1000"')
    with pytest.raises(RiskModelError, match="'dgx_h1000'"):
        site_chips(own)
    (tmp_path / "compute" / "chips.toml").write_text("as_of = ", encoding="utf-8")
    with pytest.raises(RiskModelError, match="no TOML"):
        site_chips(own)


def test_shipped_inputs_are_sound():
    folder = shipped_folder() / "compute"
    names = sorted(path.stem for path in folder.glob("*.toml"))
    assert names == ["buildout", "chips", "levers", "scaling", "supply", "training"]
    for name in names:
        assert read_inputs(name) == tomllib.loads((folder / f"{name}.toml").read_text("utf-8"))
    assert np.isfinite(model_flops_use()).all()
