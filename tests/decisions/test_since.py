"""What changed since earlier numbers: right differences, right errors, and refusals."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import riskmodel as rm
from riskmodel._version import __version__
from riskmodel.decisions.since.comparable import notes_on, why_not
from riskmodel.decisions.since.figures import figures_of, from_document, to_document
from riskmodel.decisions.since.last_version import FILE
from riskmodel.decisions.since.since import sides
from riskmodel.perils.registry import BUILT_IN
from tests import last_version as builder


def world(mw: float = 100.0, as_of: str = "2026-11-23") -> rm.World:
    return rm.World.from_frames(
        as_of=as_of,
        sites=pd.DataFrame({"site_id": ["a", "b"], "lat": [32.0, 40.0], "lon": [-99.0, -83.0],
                            "it_mw": [mw, 40.0]}),
        labs=pd.DataFrame({"lab_id": ["one", "two"], "needed_share": [0.9, 0.5]}),
        holdings=pd.DataFrame({"lab_id": ["one", "two"], "site_id": ["a", "b"],
                               "share": [1.0, 1.0]}),
        nodes=pd.DataFrame({"node_id": ["grid:X"], "kind": ["grid"]}),
        requirements=pd.DataFrame({"node_id": ["a"], "group": ["power"], "member_id": ["grid:X"],
                                   "ride_through_h": [0.0]}),
        events=pd.DataFrame({
            "event_id": ["g", "f"], "peril": ["storm", "fire"], "region": ["X", "X"],
            "rate_per_yr": [0.6, 0.4], "node_id": ["grid:X", "b"], "probability": [1.0, 1.0],
            "depth": [1.0, 1.0], "duration_dist": ["exponential", "exponential"],
            "duration_h": [48.0, 72.0], "duration_shape": [float("nan")] * 2}))


@pytest.fixture(scope="module")
def run() -> rm.Losses:
    return rm.simulate(world(), years=400, seed=3)


def rows(frame: pd.DataFrame) -> dict[tuple[str, str], dict]:
    return {(row["lab"], row["measure"]): row for row in frame.to_dict("records")}


def test_a_run_with_identical_settings_differs_by_exactly_nothing(run):
    for earlier in (rm.simulate(world(), years=400, seed=3), figures_of(run)):
        for by in ("measure", "peril"):
            found = rm.since(run, earlier, by=by)
            assert len(found) > 2
            assert (found["difference"] == 0).all()
            assert (found["se"] == 0).all()
            assert (found["verdict"] == "no change").all()


def test_runs_of_as_many_years_are_compared_year_by_year(run):
    # the same disasters with other durations: the sd of a year's difference, by hand
    other = world()
    other = replace(other, events=other.events.assign(duration_h=other.events["duration_h"] * 2))
    later = rm.simulate(other, years=400, seed=3)
    object.__setattr__(later, "manifest", {**later.manifest, "world": run.manifest["world"]})
    found = rows(rm.since(later, run))["one", "aal"]
    apart = [losses.years[losses.years["lab"] == "one"].set_index("year")["lost_mw_days"].reindex(
        range(400), fill_value=0.0) for losses in (later, run)]
    difference = (apart[0] - apart[1]).to_numpy()
    assert found["difference"] == pytest.approx(difference.mean())
    assert found["se"] == pytest.approx(difference.std(ddof=1) / np.sqrt(400), rel=1e-6)
    assert found["paired"]
    assert found["verdict"] == "more"


def test_runs_of_other_lengths_combine_their_errors(run):
    later = rm.simulate(world(), years=300, seed=4)
    table = rm.since(later, run)
    assert not table["paired"].any()
    for (lab, name), row in rows(table).items():
        if lab == "total":
            continue
        then, now = (rm.measure(each, measures=[name], return_periods=[100], levels=[0.99])
                     .set_index("lab").loc[lab] for each in (run, later))
        assert (row["then"], row["now"]) == (then["value"], now["value"])
        assert row["se"] == pytest.approx(np.hypot(then["se"], now["se"]))
        assert (row["n_then"], row["n_now"]) == (400, 300)
        # the same world under another seed: nothing beyond chance at 4 errors
        assert abs(row["difference"]) <= 4 * row["se"] or name == "capacity"


def test_perils_add_up_to_the_average(run):
    later = rm.simulate(world(), years=300, seed=4)
    average = rows(rm.since(later, run))
    by_peril = rm.since(later, run, by="peril")
    for lab, part in by_peril.groupby("lab"):
        assert part["difference"].sum() == pytest.approx(average[lab, "aal"]["difference"])
    assert set(by_peril["peril"]) == {"storm", "fire"}


def test_figures_survive_the_file(run):
    figures = figures_of(run, "first")
    again = from_document(json.loads(json.dumps(to_document(figures))))
    pd.testing.assert_frame_equal(again.measures, figures.measures, check_dtype=False)
    assert (rm.since(run, again)["difference"] == 0).all()


@pytest.mark.parametrize(("earlier", "says"), [
    (lambda: rm.simulate(world(), years=400, seed=3, booking="calendar"), "booking: occurrence|"
     "booking: calendar then and occurrence now"),
    (lambda: rm.simulate(world(as_of="2026-10-01"), years=400, seed=3), "--as-of of the same day"),
    (lambda: rm.simulate(world(120.0), years=400, seed=3), "another world"),
    (lambda: rm.simulate(world(), years=400, seed=3, worlds=4), "several worlds then"),
])
def test_what_does_not_mean_the_same_is_refused(run, earlier, says):
    with pytest.raises(rm.RiskModelError, match=says):
        rm.since(run, earlier())


def test_the_same_folder_with_other_tables_is_compared_with_a_note(run):
    def at(mw: float, folder: str) -> rm.Losses:
        losses = rm.simulate(world(mw), years=400, seed=3)
        facts = {**losses.manifest["world"], "folder": folder}
        return replace(losses, manifest={**losses.manifest, "world": facts})

    now, then = at(120.0, "mine"), at(100.0, "mine")
    found = rows(rm.since(now, then))
    assert found["one", "capacity"]["difference"] == 20.0
    assert found["two", "aal"]["difference"] == 0.0
    _, *both = sides(now, then)
    assert "tables of the world differ" in notes_on(*both)[0]
    with pytest.raises(rm.RiskModelError, match="theirs then, mine now"):
        rm.since(now, at(100.0, "theirs"))


def test_a_world_of_ones_own_is_not_compared_with_the_last_version(run):
    with pytest.raises(rm.RiskModelError, match="of another world"):
        rm.since(run)


# -------------------------------------------------------------- the table that ships


@pytest.fixture(scope="module")
def shipped() -> rm.Losses:
    """A run of the world that ships with all perils, as far as its manifest tells."""
    ours = rm.read_world()
    losses = rm.simulate(ours, years=20, seed=7, perils=["site_failure"])
    return replace(losses, manifest={**losses.manifest, "perils": dict.fromkeys(BUILT_IN, "x")})


def test_the_last_version_is_compared_with_a_run_of_the_shipped_world(shipped):
    then = rm.last_version()
    found = rows(rm.since(shipped))
    for lab in then.labs:
        value, se = then.of(lab, "aal")
        row = found[lab, "aal"]
        assert row["then"] == value
        assert row["difference"] == row["now"] - value
        assert row["se"] >= se > 0 or row["now"] == 0  # no error where nothing was seen
    assert found["total", "capacity"]["then"] > 10_000


def test_a_run_of_some_perils_is_not_compared_with_the_last_version(shipped):
    some = replace(shipped, manifest={**shipped.manifest, "perils": {"site_failure": "x"}})
    with pytest.raises(rm.RiskModelError, match="leaves out adequacy_curtailment, cable_cut"):
        rm.since(some)


def test_a_shipped_world_of_another_day_is_not_compared_with_the_last_version():
    losses = rm.simulate(rm.read_world(as_of="2027-12-31"), years=5, seed=7,
                         perils=["site_failure"])
    losses = replace(losses, manifest={**losses.manifest, "perils": dict.fromkeys(BUILT_IN, "x")})
    with pytest.raises(rm.RiskModelError, match="2026-11-23 then and of 2027-12-31 now"):
        rm.since(losses)


def test_a_table_made_for_another_version_is_noticed():
    with pytest.raises(rm.RiskModelError, match=r"made for riskmodel .* and this is 99\.0"):
        rm.last_version("99.0")


def test_the_table_is_of_the_newest_version_and_of_this_code():
    document = json.loads(FILE.read_text(encoding="utf-8"))
    text = builder.CHANGELOG.read_text(encoding="utf-8")
    assert document["made_for"] == __version__, "release: python -m tests.last_version"
    assert document["name"] == builder.last_heading(text), "release: python -m tests.last_version"
    assert builder.VERSIONS[document["name"]].startswith(document["commit"])


def test_the_table_says_what_the_change_log_says():
    text = builder.CHANGELOG.read_text(encoding="utf-8")
    why = builder.why_since(text, builder.last_heading(text))
    assert list(why) == json.loads(FILE.read_text(encoding="utf-8"))["why"], (
        "CHANGELOG.md says otherwise by now: python -m tests.last_version --words")
    assert any(line.startswith("AAL of the shipped world") for line in why)


def test_lines_of_the_change_log_are_taken_above_the_heading_only():
    text = ("# Changelog\n\n## [Unreleased]\n\n### Added\n\n- A thing.\n- Numbers change a bit.\n\n"
            "### Numbers change because\n\n- **Two\n  lines**:\n  - a `part`\n\n"
            "## [0.2.0] - 2027-01-01\n\n### Numbers change because\n\n- Old.\n\n"
            "## First version\n\n### Added\n\n- All.\n")
    assert builder.last_heading(text) == "0.2.0"
    assert builder.why_since(text, "0.2.0") == ("Numbers change a bit.", "Two lines:\na part")
    assert builder.why_since(text, "First version")[-1] == "Old."


def test_why_not_names_what_differs(run):
    figures = figures_of(run)
    other = replace(figures, facts={**figures.facts, "recovery_cap_days": 365.0})
    assert why_not(figures, other).startswith("longest outage, days: 730 then and 365 now")
    assert why_not(figures, figures) == ""
