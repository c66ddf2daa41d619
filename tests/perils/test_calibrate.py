"""Rates from counts: worked out by the code here, never typed."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import pandas as pd
import pytest
from scipy import stats

from riskmodel.errors import RiskModelError
from riskmodel.perils.calibrate import calibrate, calibrated_text, counted_number, read_counts
from riskmodel.perils.posterior import beta_posterior, gamma_posterior
from riskmodel.perils.spec import numbers
from riskmodel.world.shipped import shipped_folder
from tests.perils.conftest import FILES

GEO = Path(shipped_folder())
COUNTS = pd.DataFrame({
    "count_id": ["a_rain", "b_rain", "snow"], "count": [3.0, 5.0, 0.0],
    "exposure": [10.0, 10.0, 20.0], "exposure_factor": [0.0, 0.0, 2.0]})


def test_posteriors_of_shipped_rates_are_recomputed_from_the_counts():
    """Every counted number of every file, by scipy's own distributions and the table's counts."""
    table = read_counts(GEO).set_index("count_id")
    checked = 0
    for path in FILES:
        for name, number in numbers(tomllib.loads(path.read_text("utf-8"))).items():
            if "hits" in number:
                law = stats.beta(number["hits"] + 0.5, number["trials"] - number["hits"] + 0.5)
            elif "count" in number:
                wanted = number.get("counted")
                if wanted in table.index:
                    assert number["count"] == table.loc[wanted, "count"], (path.stem, name)
                    scale = number.get("exposure_scale", 1)
                    assert number["exposure"] == pytest.approx(
                        table.loc[wanted, "exposure"] * scale, rel=1e-6)
                law = stats.gamma(number["count"] + 0.5, scale=1 / number["exposure"])
            else:
                continue
            checked += 1
            assert number["best"] == pytest.approx(law.mean(), rel=1e-3), (path.stem, name)
            if number.get("exposure_factor", 1) == 1:
                assert number["low"] == pytest.approx(law.ppf(0.025), rel=1e-3), (path.stem, name)
                assert number["high"] == pytest.approx(law.ppf(0.975), rel=1e-3), (path.stem, name)
            else:  # an exposure that is a judgement only widens
                assert number["low"] < law.ppf(0.025)
                assert number["high"] > law.ppf(0.975)
    assert checked > 20


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_calibrating_the_shipped_files_changes_nothing(path):
    text = path.read_text(encoding="utf-8")
    assert calibrated_text(text, read_counts(GEO)) == text


def test_a_changed_count_changes_the_file_and_nothing_else(tmp_path):
    (tmp_path / "perils").mkdir()
    shutil.copy(GEO / "perils" / "cloud_outage.toml", tmp_path / "perils")
    counts = pd.read_csv(GEO / "counts.csv", dtype=str, keep_default_na=False)
    counts.loc[counts["count_id"] == "cloud_critical", "count"] = "9"
    counts.to_csv(tmp_path / "counts.csv", index=False)
    assert calibrate(tmp_path) == ["cloud_outage.toml"]
    before = numbers(tomllib.loads((GEO / "perils" / "cloud_outage.toml").read_text("utf-8")))
    after = numbers(tomllib.loads((tmp_path / "perils" / "cloud_outage.toml").read_text("utf-8")))
    assert {name for name in before if before[name] != after[name]} == {"region.provider_rate"}
    assert after["region.provider_rate"]["count"] == 9
    assert after["region.provider_rate"]["best"] == pytest.approx(9.5 / 3, rel=1e-3)
    assert calibrate(tmp_path) == []


def test_patterns_add_up_and_scales_multiply():
    found = counted_number({"counted": "?_rain", "exposure_scale": 5}, COUNTS)
    assert (found["count"], found["exposure"]) == (8, 50.0)
    assert found["best"] == pytest.approx(8.5 / 50, rel=1e-3)
    wide = counted_number({"counted": "snow"}, COUNTS)
    assert wide["exposure_factor"] == 2.0
    assert wide["high"] > gamma_posterior(0, 20).high
    chance = counted_number({"hits": 2, "trials": 253}, None)
    assert chance["low"] == pytest.approx(beta_posterior(2, 253).low, rel=1e-3)


@pytest.mark.parametrize(("number", "message"), [
    ({"counted": "hail"}, "no row 'hail'"), ({"counted": "*"}, "one span above 0")])
def test_slips_are_named(number, message):
    with pytest.raises(RiskModelError, match=message.replace("*", r"\*")):
        counted_number(number, COUNTS)
    with pytest.raises(RiskModelError, match=r"no counts\.csv"):
        counted_number({"counted": "snow"}, None)


def test_an_exposure_that_is_a_judgement_is_integrated_over():
    """Against plain sampling of rate and exposure, 4 standard errors of the quantile."""
    import numpy as np

    rng = np.random.default_rng(3)
    n = 200_000
    exposure = 50.0 * 2.0 ** (rng.standard_normal(n) / stats.norm.ppf(0.95))
    rate = rng.gamma(4.5, size=n) / exposure
    found = gamma_posterior(4, 50.0, 2.0)
    for p, value in ((0.025, found.low), (0.975, found.high)):
        assert abs((rate <= value).mean() - p) < 4 * (p * (1 - p) / n) ** 0.5
    assert found.mean == pytest.approx(4.5 / 50)
