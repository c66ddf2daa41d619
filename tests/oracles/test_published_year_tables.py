"""Published numbers through ``Losses.from_years``: rank rule, and what sampling does to it."""

import numpy as np
import pandas as pd
import pytest

import riskmodel as rm
from riskmodel.measures import estimators as est

# question and rank rule of P06: the 20 years with the largest events, annual total / largest event
TOTALS = [411.2, 252.8, 206.0, 115.5, 102.8, 85.3, 77.6, 67.4, 56.0, 52.1, 48.4, 49.2, 40.4, 38.1,
          42.2, 47.3, 30.6, 29.5, 40.9, 23.3]
LARGEST = [396.0, 248.6, 185.9, 112.3, 99.3, 79.6, 64.4, 59.9, 51.7, 46.5, 40.2, 35.5, 32.9, 29.1,
           28.0, 25.3, 23.7, 21.2, 19.4, 19.0]


def year_table(n_years):
    return rm.Losses.from_years(
        pd.DataFrame({"year": np.arange(20), "lab": "book", "lost_mw_days": TOTALS,
                      "max_event_mw_days": LARGEST}), n_years=n_years)


def pml(losses, basis, period):
    frame = rm.exceedance(losses, basis=basis, return_periods=[period])
    assert rm.measure(losses, measures=basis, return_periods=[period])["value"].item() == \
        frame["lost_mw_days"].item()
    return frame["lost_mw_days"].item()


def test_p06_rank_rule():
    assert pml(year_table(100), "oep", 10) == 46.5
    assert pml(year_table(100), "oep", 20) == 99.3
    assert pml(year_table(200), "oep", 20) == 46.5
    # the 5th largest of the totals shown; a year not shown could only raise it
    assert pml(year_table(100), "aep", 20) == 102.8


def exponential_years(n, rng):
    return pd.DataFrame({"year": np.arange(n), "lab": "lab",
                         "lost_mw_days": rng.exponential(size=n)})


def test_p12_quantile_and_tvar_errors():
    losses = rm.Losses.from_years(exponential_years(100_000, np.random.default_rng(12)), 100_000)
    frame = rm.measure(losses, measures=["var", "tvar"], levels=[.99]).set_index("measure")
    assert frame.loc["var", "se"] == pytest.approx(.0314643, rel=.05)
    assert frame.loc["tvar", "se"] == pytest.approx(.0446094, rel=.05)


def test_p12_errors_without_noise():
    """At the exact quantiles of the exponential what is left is the bias of the estimator."""
    n = 100_000
    years = -np.log((np.arange(1, n + 1) - .5) / n)
    assert est.quantile_se(years, n, 1000) == pytest.approx(.0314643, rel=.001)
    assert est.tail_mean_se(years, n, 1000) == pytest.approx(.0446094, rel=.005)


def test_p12_errors_are_those_of_repeated_runs():
    n, runs = 10_000, 400
    rng = np.random.default_rng(5)
    found = np.array([
        [f(x, n, 100).item() for f in (est.quantile, est.tail_mean)]
        for x in (rng.exponential(size=n) for _ in range(runs))])
    truth = np.array([.0314643, .0446094]) * np.sqrt(10)
    np.testing.assert_allclose(found.std(axis=0), truth, rtol=4 / np.sqrt(2 * runs))


def test_p12_rank_interval():
    high, low = est.rank_interval(10_000, 10_000 / 250)
    assert (high.item(), low.item()) == (28, 53)
    years = pd.DataFrame({"year": np.arange(100), "lab": "lab",
                          "lost_mw_days": np.arange(100, 0, -1)})
    losses = rm.Losses.from_years(years, 10_000)
    row = rm.exceedance(losses, return_periods=[250]).iloc[0]
    # loss 101 - r has rank r
    assert (row["lost_mw_days"], row["low"], row["high"]) == (101 - 40, 101 - 53, 101 - 28)
