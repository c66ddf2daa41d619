"""The band of ignorance: what it is worth, where it is 0, and where it cannot be had."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import riskmodel as rm
from riskmodel.decisions.tornado.tornado import COLUMNS
from riskmodel.errors import RiskModelError
from riskmodel.measures import worldspread as ws
from riskmodel.measures.bands import between_worlds
from riskmodel.measures.inputshares import input_shares
from riskmodel.measures.rows import TOO_FEW
from riskmodel.perils.posterior import gamma_posterior
from tests.engine.small import world
from tests.engine.unsure import Storms, spec_of, stated

BAND = ["band", "band_low", "band_high"]


def storms(rate: dict, hours: dict | None = None, peril_id: str = "storm") -> Storms:
    return Storms(spec_of(peril_id, rate, hours or stated(1.0, 1.0, 1.0, "h"), ceiling=64.0))


def run(rate: dict, years: int, worlds: int, seed: int = 3, mw: float = 24.0) -> rm.Losses:
    """Outages of a mean of an hour of 24 MW: each costs one MW-day on average."""
    return rm.simulate(world(mw=mw), years, seed, worlds=worlds, adequacy=False,
                       perils=[storms(rate)])


def gamma_rate(count: float, exposure: float) -> dict:
    post = gamma_posterior(count, exposure)
    return stated(post.low, post.mean, post.high, count=count, exposure=exposure)


@pytest.fixture(scope="module")
def unsure() -> rm.Losses:
    """Rate Gamma(8, 2): mean 4, variance 2."""
    return run(gamma_rate(7.5, 2.0), 40_000, 400)


@pytest.fixture(scope="module")
def sure() -> rm.Losses:
    return run(stated(4.0, 4.0, 4.0), 40_000, 400, seed=7)


def row(losses: rm.Losses, measure: str, **how) -> pd.Series:
    return rm.measure(losses, by="total", measures=[measure], **how).iloc[0]


# ---------------------------------------------------------------- it says what it should


def test_the_band_of_the_mean_is_the_spread_of_the_rate(unsure):
    found = between_worlds(unsure, "total").iloc[0]
    # of a Gamma(8, 2) rate: variance 2, and 400 worlds know it to about 9 %
    assert abs(found["variance"] - 2.0) < 4 * found["se"]
    assert found["se"] < 0.3
    assert found["low"] > 0  # told apart from nothing at all
    aal = row(unsure, "aal")
    assert aal["band"] == pytest.approx(np.sqrt(found["variance"]))
    from scipy.stats import gamma

    for name, p in (("band_low", 0.05), ("band_high", 0.95)):
        exact = gamma.ppf(p, 8.0, scale=0.5)
        error = np.sqrt(p * (1 - p) / 400) / gamma.pdf(exact, 8.0, scale=0.5)
        assert abs(aal[name] - exact) < 4 * error


@pytest.mark.parametrize(("measure", "how"), [
    ("aal", {}), ("aal_share", {}), ("p_loss", {}), ("aep", {"return_periods": [5]}),
    ("oep", {"return_periods": [5]}), ("var", {"levels": [0.8]}), ("tvar", {"levels": [0.8]})])
def test_with_nothing_unknown_the_band_covers_nothing(sure, measure, how):
    """Done-when 6: low = best = high, and the spread between worlds is that of sampling."""
    found = between_worlds(sure, "total", [measure], **how).iloc[0]
    assert found["low"] <= 0.0 <= found["high"]
    shown = row(sure, measure, **how)
    assert shown["band"] == pytest.approx(np.sqrt(max(found["variance"], 0.0)))
    assert shown["band"] < 0.12 * max(shown["value"], 1.0)
    assert shown["band_high"] - shown["band_low"] < 0.4 * max(shown["value"], 1.0)


@pytest.mark.parametrize("measure", ["aal", "p_loss", "aep", "tvar"])
def test_with_a_rate_unknown_the_band_is_above_nothing(unsure, measure):
    how = {"return_periods": [5]} if measure == "aep" else (
        {"levels": [0.8]} if measure == "tvar" else {})
    assert between_worlds(unsure, "total", [measure], **how)["low"].item() > 0


def test_the_variance_between_worlds_is_unbiased_on_many_small_runs():
    """Its mean over 300 tables of 12 worlds x 25 years is the true one, 0.25, within 4 errors."""
    rng = np.random.default_rng(8)
    found = []
    for _ in range(300):
        true = rng.normal(3.0, 0.5, 12)
        years = np.arange(300)
        losses = ws.YearValues(years % 12, rng.exponential(true[years % 12]), np.full(12, 25))
        found.append(ws.between(*ws.means(losses)).variance)
    assert min(found) < 0  # small ones come out negative, and are not cut before they are averaged
    assert abs(np.mean(found) - 0.25) < 4 * np.std(found) / np.sqrt(len(found))


def test_a_negative_variance_is_a_band_of_zero_at_the_mean():
    found = ws.between(np.array([1.0, 1.1, 0.9]), np.full(3, 5.0))
    assert found.variance < 0
    assert found.band == 0.0
    assert found.band_low == found.band_high == pytest.approx(1.0)


# ---------------------------------------------------------------- where it cannot be had


def test_too_few_years_in_a_world_is_nan_with_a_note():
    losses = run(gamma_rate(7.5, 2.0), 1990, 20)  # some worlds have 100 years, some 99
    found = rm.measure(losses, by="total", return_periods=[2, 4, 5, 10], levels=[0.75, 0.8])
    found = found[found["note"] == TOO_FEW]
    assert set(zip(found["measure"], found["level"], strict=True)) == {
        ("aep", 5.0), ("aep", 10.0), ("oep", 5.0), ("oep", 10.0), ("var", 0.8), ("tvar", 0.8)}
    assert found[BAND].isna().all(axis=None)
    assert found["value"].notna().all()
    whole = run(gamma_rate(7.5, 2.0), 2000, 20)  # a hundred each: 20 / (1 - .8)
    assert np.isfinite(row(whole, "tvar", levels=[0.8])["band"])


def test_a_mean_needs_twenty_years_a_world():
    assert np.isnan(row(run(gamma_rate(7.5, 2.0), 199, 10), "aal")["band"])
    assert np.isfinite(row(run(gamma_rate(7.5, 2.0), 200, 10), "aal")["band"])


def test_one_world_has_no_band():
    losses = run(gamma_rate(7.5, 2.0), 500, 1)
    found = rm.measure(losses, by="total", return_periods=[10], levels=[0.9])
    assert found[BAND].isna().all(axis=None)
    assert (found["worlds"] == 1).all()
    assert TOO_FEW not in " ".join(found["note"])
    with pytest.raises(RiskModelError, match="one world"):
        between_worlds(losses)


# ---------------------------------------------------------------- the error knows of worlds


ANSWERS = ["aal", "p_loss", "tvar", "var"]


def answers(losses: rm.Losses) -> pd.DataFrame:
    return rm.measure(losses, by="total", measures=ANSWERS, levels=[0.9])


@pytest.fixture(scope="module")
def many() -> pd.DataFrame:
    return pd.concat([answers(run(gamma_rate(1.5, 1.0), 1000, 20, seed)) for seed in range(60)])


@pytest.mark.parametrize("measure", ANSWERS)
def test_the_error_covers_years_and_worlds(many, measure):
    """The spread of an estimate over runs with other seeds is what its standard error says."""
    found = many[many["measure"] == measure]
    ratio = found["value"].std(ddof=1) / np.sqrt((found["se"] ** 2).mean())
    # the standard deviation of 60 has an error of 9 %, a cluster error from 20 worlds its own
    assert 0.65 < ratio < 1.45
    narrow = answers(run(stated(2.0, 2.0, 2.0), 1000, 20)).set_index("measure").loc[measure, "se"]
    assert found["se"].mean() > 1.4 * narrow


def test_curves_carry_the_same_band_as_measures(unsure):
    curve = rm.exceedance(unsure, "aep", by="total", return_periods=[2, 5, 100])
    found = rm.measure(unsure, by="total", measures=["aep"], return_periods=[2, 5, 100])
    for mine, other in (("lost_mw_days", "value"), *((name, name) for name in
                                                     ["se", "low", "high", "worlds", *BAND])):
        np.testing.assert_allclose(curve[mine], found[other])
    assert curve["band"].isna().tolist() == [False, False, True]
    assert curve["worlds"].tolist() == [400] * 3


def test_a_lab_that_may_hold_a_site_or_not_has_a_band_of_capacity():
    made = world(labs={"a": 1.0, "b": 1.0}, holdings=[("a", "s", 1.0)], mw=24.0)
    made = rm.World.from_frames(sites=made.sites, labs=made.labs, nodes=made.nodes,
                                holdings=made.holdings.assign(probability=0.5))
    losses = rm.simulate(made, 20_000, 2, perils=[storms(stated(4, 4, 4))], worlds=200)
    found = rm.measure(losses).set_index(["lab", "measure"])
    size = losses.world_capacity_mw[:, 0]
    assert found.loc[("a", "capacity"), "value"] == pytest.approx(size.mean())
    assert found.loc[("a", "capacity"), "band"] == pytest.approx(size.std(ddof=1))
    # what it loses of what it holds is known, however much it holds
    share = found.loc[("a", "aal_share")]
    assert abs(share["value"] - 4.0 / (24.0 * 365.0)) < 4 * share["se"]
    assert share["band"] < 0.1 * share["value"]
    assert share["se"] < 0.05 * share["value"]
    assert found.loc[("a", "aal"), "band"] == pytest.approx(2.0, rel=0.1)


# ---------------------------------------------------------------- what moves it


def two() -> list:
    return [storms(stated(1.0, 4.0, 16.0), stated(0.9, 1.0, 1.1, "h"), "wild"),
            storms(stated(3.9, 4.0, 4.1), stated(1.0, 1.0, 1.0, "h"), "tame")]


def test_shares_of_inputs_name_the_one_that_matters():
    losses = rm.simulate(world(mw=24.0), 20_000, 5, perils=two(), worlds=100, adequacy=False)
    found = input_shares(losses, perils=two()).set_index(["peril", "number"])
    assert abs(found.loc[("wild", "rate"), "share"] - 1.0) < 0.15
    assert found.loc[[("wild", "hours"), ("tame", "rate")], "share"].max() < 0.1
    with pytest.raises(RiskModelError, match="20 or more"):
        input_shares(rm.simulate(world(), 100, 5, perils=two(), worlds=10), perils=two())
    quiet = storms(stated(0.0, 0.0, 0.0, "1/yr"))
    with pytest.raises(RiskModelError, match="no lab lost anything in these years"):
        input_shares(rm.simulate(world(), 40, 5, perils=[quiet], worlds=20), perils=[quiet])


def test_the_tornado_is_paired_and_in_order():
    found = rm.tornado(world(mw=24.0), 4000, 5, perils=two(), worlds=40, top=3)
    assert tuple(found.columns) == COLUMNS
    aal = found[found["measure"] == "aal"].set_index(["peril", "number"])
    assert aal.index[0] == ("wild", "rate")
    assert aal["swing"].abs().is_monotonic_decreasing
    wide, hours, narrow = (aal.loc[key] for key in (("wild", "rate"), ("wild", "hours"),
                                                    ("tame", "rate")))
    assert wide["input_low"] == pytest.approx(1.0)
    assert wide["input_high"] == pytest.approx(16.0)
    assert abs(wide["swing"] - 15.0) < 4 * wide["se"]
    assert abs(hours["swing"] - 4.0 * 0.2) < 4 * hours["se"]
    assert abs(narrow["swing"] - 0.2) < 4 * narrow["se"]
    # under common draws the error is that of the few storms that differ
    assert narrow["se"] < 0.3 * np.sqrt(2 * 8.0 / 4000)
    assert (found["base"] > 0).all()
    assert (found.loc[found["measure"] == "tvar", "level"] == 0.99).all()
    seen = found.attrs["screened"]
    assert [(each["peril"], each["number"]) for each in seen] == [
        ("wild", "rate"), ("wild", "hours"), ("tame", "rate")]
    # a tenth more or less of the hours is a tenth of half of the loss
    assert seen[1]["score"] == pytest.approx(0.05, abs=0.01)


def test_the_tornado_of_a_lab_moves_its_holdings():
    made = world(labs={"a": 1.0}, holdings=[("a", "s", 1.0)], mw=24.0)
    made = rm.World.from_frames(sites=made.sites, labs=made.labs, nodes=made.nodes,
                                holdings=made.holdings.assign(probability=0.7))
    found = rm.tornado(made, 1000, 5, perils=two(), worlds=40, top=5, lab="a")
    held = found[(found["number"] == "holdings") & (found["measure"] == "aal")].iloc[0]
    assert held["low"] == 0.0
    assert held["high"] == pytest.approx(held["base"])
    assert (held["input_low"], held["input_high"]) == (0.0, 24.0)
    with pytest.raises(RiskModelError, match="no number of these perils"):
        rm.tornado(world(), 1000, 5, perils=[storms(stated(1, 1, 1))], worlds=40)
    with pytest.raises(RiskModelError, match="cannot hold the level"):
        rm.tornado(world(), 50, 5, perils=two(), worlds=40)
