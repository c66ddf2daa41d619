"""P24 to P26: RTS-79 and RBTS, exact by convolution and within 4 standard errors by simulation.

Standard deviations of one year, used for the standard errors: RTS-79 16 h and 2,860 MWh, RBTS 4.2 h
and 57 MWh. The exact indices are those of the printed forced outage rates; P26 of the RBTS is that
of the printed mean times, which give slightly other rates.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from riskmodel.measures.adequacy import simulated_years
from riskmodel.perils.adequacy.convolution import exact_indices, outage_table, short_chance
from riskmodel.perils.adequacy.files import read_generating_system

YEARS = {"rts79": 20_000, "rbts": 60_000}
SD = {"rts79": {"lole": 16.0, "loee": 2860.0, "lole_days": 1.95, "lolf": 2.8, "lolf_hourly": 2.7},
      "rbts": {"lole": 4.2, "loee": 57.0, "lole_days": 0.51, "lolf": 0.72, "lolf_hourly": 0.70}}


@pytest.fixture(scope="module")
def rts():
    return read_generating_system("rts79")


@pytest.fixture(scope="module")
def rbts():
    return read_generating_system("rbts")


@pytest.fixture(scope="module")
def drawn(rts, rbts):
    return {system.system_id: simulated_years(system, YEARS[system.system_id], seed=7)
            for system in (rts, rbts)}


def within(drawn, system: str, measure: str, expected: float) -> None:
    """The mean is within 4 standard errors, and the year's spread is the one that is stated."""
    years = drawn[system][measure]
    assert abs(years.mean() - expected) < 4 * SD[system][measure] / math.sqrt(len(years))
    assert years.std() == pytest.approx(SD[system][measure], rel=0.12)


def test_p24_rts79_exact(rts):
    found = exact_indices(rts, joint=False)
    assert found["lole"] == pytest.approx(9.394175, abs=1e-5)
    assert found["lole"] == pytest.approx(9.39418, abs=1e-5)
    assert found["loee"] == pytest.approx(1176.2985, rel=1e-5)
    assert found["lole_days"] == pytest.approx(1.368863, abs=1e-5)
    assert found["lolp_peak"] == pytest.approx(0.0845780608, abs=1e-9)


def test_p24_rts79_load_and_units(rts):
    assert rts.capacity_mw == 3405
    assert sum(unit.count for unit in rts.units) == 32
    assert len(rts.load_mw) == 8736
    assert rts.load_mw.sum() == pytest.approx(15_297_074.7, abs=0.05)
    assert rts.load_mw.mean() / rts.peak_mw == pytest.approx(0.614400, abs=1e-6)
    table = outage_table(rts)
    steps = np.arange(len(table))
    mean = table @ steps
    assert table.sum() == pytest.approx(1.0, abs=1e-12)
    assert mean == pytest.approx(208.630, abs=5e-4)
    assert math.sqrt(table @ (steps - mean) ** 2) == pytest.approx(232.250, abs=5e-4)
    for mw, chance in {100: 0.547601, 200: 0.381328, 400: 0.261873, 600: 0.062113, 800: 0.024719,
                       1000: 0.004341}.items():
        assert table[mw:].sum() == pytest.approx(chance, abs=1e-6)


@pytest.mark.parametrize(("peak", "lole", "loee", "lolf"), [
    (2250, 0.072307, 5.8967, 0.01961), (2650, 2.362428, 259.1230, 0.54013),
    (2950, 17.578622, 2325.3006, 3.63767), (3050, 31.204412, 4405.1149, 6.22144)])
def test_p24_rts79_at_other_peaks(rts, peak, lole, loee, lolf):
    found = exact_indices(rts.with_load(peak / 2850), joint=False)
    assert found["lole"] == pytest.approx(lole, abs=1e-6)
    assert found["loee"] == pytest.approx(loee, abs=1e-4)
    assert found["lolf"] == pytest.approx(lolf, abs=1e-5)


def test_p24_weeks_out_of_order_are_not_the_test_system(rts):
    """A permuted weekly table is in circulation; it comes close and is wrong."""
    weeks = rts.load_mw.reshape(52, -1)
    order = np.arange(52)
    order[12:20] = order[12:20][::-1]
    peaks = weeks.max(axis=1)
    swapped = weeks * (peaks[order] / peaks)[:, None]
    other = type(rts)("other", rts.units, swapped.ravel())
    assert abs(short_chance(other).sum() - 9.394175) > 0.01
    assert abs(swapped.sum() / 15_297_074.7 - 1) > 1e-5  # so the stated energy finds it out


def test_p24_rts79_simulated(drawn):
    within(drawn, "rts79", "lole", 9.394)
    within(drawn, "rts79", "loee", 1176.2985)
    within(drawn, "rts79", "lole_days", 1.368863)
    peak = drawn["rts79"]["lolp_peak"]
    assert abs(peak.mean() - 0.084578) < 4 * math.sqrt(0.084578 * 0.915422 / len(peak))
    # years without a shortage seen at a full hour: .436 (s.e. .0014) in another simulation
    never = (drawn["rts79"]["lolf_hourly"] == 0).mean()
    assert abs(never - 0.436) < 4 * math.hypot(0.0014, math.sqrt(0.436 * 0.564 / len(peak)))


def test_p25_rbts_exact(rbts):
    found = exact_indices(rbts)
    assert found["lole"] == pytest.approx(1.09156, abs=1e-5)
    assert found["loee"] == pytest.approx(9.8614, rel=1e-5)
    assert found["lole_days"] == pytest.approx(0.146946, abs=1e-5)
    assert found["lolp_peak"] == pytest.approx(0.00834161, abs=1e-8)
    assert (rbts.capacity_mw, rbts.peak_mw) == (240, 185)
    assert rbts.load_mw.sum() == pytest.approx(992_968, abs=0.5)
    hours = exact_indices(rbts.from_hours())
    assert hours["lole"] == pytest.approx(1.088051, abs=1e-6)
    assert hours["loee"] == pytest.approx(9.8232, abs=1e-4)


def test_p25_rbts_simulated(drawn):
    within(drawn, "rbts", "lole", 1.0916)
    within(drawn, "rbts", "loee", 9.8614)
    within(drawn, "rbts", "lole_days", 0.146946)


def test_p26_hourly_sampled_lolf_exact(rts, rbts):
    assert exact_indices(rbts.from_hours())["lolf_hourly"] == pytest.approx(0.21747, abs=1e-5)
    assert exact_indices(rts)["lolf_hourly"] == pytest.approx(1.913131, abs=1e-5)


def test_p26_event_driven_lolf_exact(rts, rbts):
    found = exact_indices(rts, joint=False)
    assert found["lolf"] == pytest.approx(2.01967, abs=1e-5)
    assert found["shortfall_h"] == pytest.approx(4.6513, abs=1e-4)
    by_load = np.maximum(np.diff(short_chance(rts)), 0).sum()
    assert by_load == pytest.approx(1.67225, abs=1e-5)
    assert found["lolf"] - by_load == pytest.approx(0.34742, abs=1e-5)
    assert exact_indices(rbts.from_hours())["lolf"] == pytest.approx(0.22759, abs=1e-5)


def test_p26_lolf_simulated(drawn):
    within(drawn, "rts79", "lolf_hourly", 1.91313)
    within(drawn, "rts79", "lolf", 2.01967)
    # the printed rates and the printed hours differ by less than the sampling error
    within(drawn, "rbts", "lolf_hourly", 0.21747)
    within(drawn, "rbts", "lolf", 0.22830)
