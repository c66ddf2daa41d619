"""Runs that stop when an error is reached: where they stop, what they tell, and their bias."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import riskmodel as rm
from riskmodel.errors import RiskModelError
from riskmodel.measures.until import sentence
from tests.engine.small import table, world
from tests.perils.small_world import build_world

OF = world(events=table({"event_id": "a", "rate_per_yr": 0.3, "duration_h": 48.0,
                         "duration_dist": "exponential"}))
OF_GULF = build_world()
ASKED = rm.Until("aal", relative_error=0.04, first_look=2048)


def test_it_stops_at_a_look_with_the_years_of_the_plain_run():
    stopped = rm.simulate(OF, years=100_000, seed=5, until=ASKED)
    told = stopped.manifest["until"]
    assert told["reached"] is True
    assert stopped.n_years == told["looks"][-1]["years"] < 100_000
    assert stopped.n_years in [2048 * 2**k for k in range(6)]
    plain = rm.simulate(OF, years=stopped.n_years, seed=5)
    for name in ("years", "causes", "events", "adequacy"):
        pd.testing.assert_frame_equal(getattr(stopped, name), getattr(plain, name),
                                      check_exact=True)
    assert {**stopped.manifest, "until": None} == {**plain.manifest, "until": None}
    row = rm.measure(stopped, "total", measures="aal").iloc[0]
    assert row["se"] / row["value"] == told["looks"][-1]["relative_error"] <= 0.04
    for early in told["looks"][:-1]:
        assert early["relative_error"] > 0.04
    assert "reached with" in sentence(told)


@pytest.mark.parametrize("workers", [1, 3])
def test_who_computes_changes_nothing(workers, tmp_path):
    found = rm.simulate(OF, years=20_000, seed=5, until=ASKED, workers=workers,
                        keep=tmp_path / "blocks")
    again = rm.simulate(OF, years=20_000, seed=5, until=ASKED, keep=tmp_path / "blocks")
    other = rm.simulate(OF, years=20_000, seed=5, until=ASKED)
    for losses in (again, other):
        assert losses.manifest == found.manifest
        assert losses.years.equals(found.years)


def test_what_is_not_reached_says_so():
    done = []
    found = rm.simulate(OF, years=3000, seed=5, until=rm.Until("aal", relative_error=0.001),
                        progress=lambda some, most: done.append((some, most)))
    told = found.manifest["until"]
    assert (found.n_years, told["reached"], told["most"]) == (3000, False, 3000)
    assert "not reached with the most years, 3,000" in sentence(told)
    assert done[-1] == (3000, 3000)


def test_nothing_stops_on_a_few_years_in_the_tail():
    asked = rm.Until("tvar", 0.99, relative_error=0.9, first_look=1000)
    found = rm.simulate(OF, years=50_000, seed=5, until=asked)
    assert found.n_years == 8000  # 50 in the tail of one in a hundred
    assert found.manifest["until"]["reached"]


def test_weighted_years_count_for_what_they_are_worth():
    asked = rm.Until("tvar", 0.99, relative_error=0.5, first_look=1024)
    years = [rm.simulate(build_world(), years=4096, seed=3, perils=["kinetic_strike"], until=asked,
                         rare=rare, adequacy=False).n_years
             for rare in (None, rm.rare_regimes("gulf", defensive=0.2))]
    assert years[1] < years[0]


def test_stopping_bends_the_average_little_and_its_interval_hardly():
    """Fifty stopped runs of an exponential loss, looked at every doubling."""
    asked = rm.Until("aal", relative_error=0.05, first_look=1024)
    rng = np.random.default_rng(1)
    found = []
    for _ in range(50):
        loss = rng.exponential(10.0, 4096) * (rng.random(4096) < 0.3)
        for n in asked.looks_at(4096):
            some = np.flatnonzero(loss[:n])
            losses = rm.Losses.from_years(pd.DataFrame(
                {"year": some, "lab": "lab", "lost_mw_days": loss[some]}), n)
            if (look := asked.look(losses))["reached"]:
                break
        found.append((look["value"], look["relative_error"], n))
    value, relative, years = np.array(found).T
    assert set(years) <= {1024, 2048, 4096}
    spread = value.std(ddof=1) / np.sqrt(len(value))
    assert abs(value.mean() - 3.0) < 4 * spread + 0.01 * 3.0
    inside = np.abs(value - 3.0) < 1.96 * relative * value
    assert inside.mean() > 0.95 - 4 * np.sqrt(0.95 * 0.05 / 50)


@pytest.mark.parametrize(("text", "asked"), [
    ("aal=2%", rm.Until("aal", relative_error=0.02)),
    ("tvar:0.99=0.05", rm.Until("tvar", 0.99, relative_error=0.05)),
    ("aep:100:openai=5%", rm.Until("aep", 100.0, "openai", 0.05)),
    ("eue:xai=10 %", rm.Until("eue", None, "xai", 0.1)),
])
def test_words_for_the_command_line(text, asked):
    assert rm.Until.parse(text) == asked


@pytest.mark.parametrize(("text", "says"), [
    ("aal", "is not MEASURE"), ("aal:1:2:3=2%", "is not MEASURE"), ("tvar:high=2%", "is not MEAS"),
    ("tvar=2%", "give a level"), ("tvar:99=2%", "level is 99"), ("aep:0.5=2%", "level is 0.5"),
    ("ale=2%", "measure is 'ale'"), ("aal=200%", "relative_error is 2"),
])
def test_wrong_words_are_refused(text, says):
    with pytest.raises(RiskModelError, match=says):
        rm.Until.parse(text)


def test_a_lab_that_is_not_there_is_refused():
    with pytest.raises(RiskModelError, match="until: lab"):
        rm.simulate(OF, years=100, until=rm.Until("aal", lab="nobody"))
    with pytest.raises(RiskModelError, match="name a lab"):
        rm.simulate(OF, years=100, until=rm.Until("lolh"))


def test_a_long_run_stops_too(tmp_path):
    how = {"years": 50_000, "seed": 5, "most_in_memory": 3000}
    asked = rm.Until("aal", relative_error=0.03, first_look=2048)
    whole = rm.simulate(OF, years=50_000, seed=5, until=asked)
    for keep in (None, tmp_path / "blocks"):
        found = rm.simulate(OF, until=asked, keep=keep, **how)
        assert type(found).__name__ == "LongRun"
        assert found.n_years == whole.n_years > 3000
        one, two = (rm.measure(losses, "total", measures="aal") for losses in (found, whole))
        assert one["value"].iloc[0] == pytest.approx(two["value"].iloc[0], rel=1e-12)
        assert found.manifest["until"]["reached"]


def test_a_long_run_may_be_even():
    found = rm.simulate(OF_GULF, years=5000, seed=5, most_in_memory=3000, adequacy=False,
                        perils=["kinetic_strike"], rare=rm.even_regimes())
    assert found.n_years == 5000
    with pytest.raises(RiskModelError, match="under a proposal"):
        rm.simulate(OF_GULF, years=5000, seed=5, most_in_memory=3000, adequacy=False,
                    perils=["kinetic_strike"], rare=rm.rare_regimes("gulf"))
