"""``riskmodel import-hazard``: a hazard's file in, an event table out, every slip named."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from riskmodel.world.io import read_world, write_world
from tests.perils import hazard_files as made

pytest.importorskip("h5py", reason="riskmodel[hazards]")


@pytest.fixture
def folder(tmp_path):
    """Return a folder with a hazard, an impact function and a world."""
    made.write_climada(tmp_path / "storms.hdf5")
    pd.DataFrame({"intensity": made.WIND.intensity, "mdd": made.WIND.mdd,
                  "paa": made.WIND.paa}).to_csv(tmp_path / "wind.csv", index=False)
    write_world(made.world(), tmp_path / "small")
    return tmp_path


WORDS = ("import-hazard", "storms.hdf5", "--impact", "wind.csv", "--world", "small", "--peril",
         "texas_wind")


def test_a_table_comes_out_that_a_world_runs_with(program, folder):
    done = program(*WORDS, "--duration-h", 24, "-o", "small/events.csv", "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert (said["events"], said["places"], said["places_near"]) == (300, 20, 20)
    world = read_world(folder / "small")
    assert len(world.events) == said["rows"]
    assert (world.events["probability"] > 0).sum() == said["hits"]
    assert set(world.events["peril"]) == {"texas_wind"}
    _, _, rate, _, _ = made.matrices()
    assert said["rate_per_yr"] == pytest.approx(rate.sum())
    assert said["expected_lost_mw_days_per_yr"] == pytest.approx(82.747, rel=1e-4)
    again = program(*WORDS, "--duration-h", 48, "-o", "small/events.csv")
    assert again.returncode == 0, again.stderr
    assert "165 MW-days a year" in again.stderr  # twice as long, twice the loss
    checked = program("check", "small")
    assert checked.returncode == 0, checked.stderr


def test_durations_come_from_the_function_where_it_has_them(program, folder):
    table = pd.read_csv(folder / "wind.csv")
    table.assign(duration_h=12.0).to_csv(folder / "wind.csv", index=False)
    done = program(*WORDS, "--duration", "exponential", "--together")
    assert done.returncode == 0, done.stderr
    rows = pd.read_csv(folder / "events.csv").query("probability > 0")
    assert set(rows["duration_dist"]) == {"exponential"}
    assert rows["duration_h"].round(9).unique().tolist() == [12.0]
    assert set(rows["duration_group"]) == {"event"}


@pytest.mark.parametrize(("words", "code", "message"), [
    ((), 2, "say how long outages last with --duration-h"),
    (("--duration-h", 24, "--duration", "lognormal"), 2, "needs a shape above 0"),
    (("--duration-h", 24, "--impact", "short.csv"), 1, "covers 0 to 40 m/s, but the hazard"),
    (("--duration-h", 24, "--within-km", "0.001"), 1, "none of the 20 places has a centroid"),
    (("--duration-h", 24, "--impact", "none.csv"), 1, "none.csv: No such file"),
    (("--duration-h", 24, "--peril", "Storm!"), 1, "is not lower-case words"),
    (("--duration-h", 24, "-o", "small"), 2, "is a folder"),
    (("--duration-h", 24, "-o", "nowhere/events.csv"), 2, "there is no folder nowhere"),
    (("--duration-h", 24, "-o", "wind.csv"), 2, "is no event table"),
    (("--duration-h", 24, "-o", "other.csv"), 2, "holds events of flood"),
    (("--duration-h", 24, "--on", "feed"), 1, "has no feed with coordinates"),
])
def test_slips_are_named(program, folder, words, code, message):
    (folder / "short.csv").write_text("intensity,mdd,paa\n0,0,0\n40,1,1\n")
    (folder / "other.csv").write_text("event_id,peril\na,flood\n")
    done = program(*WORDS, *words)
    assert done.returncode == code, done.stderr
    assert message in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert not (folder / "events.csv").exists()


def test_what_is_no_hazard_is_named(program, folder):
    for name, message in (("wind.csv", "is no HDF5 file"), ("gone.hdf5", "there is no such file")):
        done = program("import-hazard", name, *WORDS[2:], "--duration-h", 24)
        assert done.returncode == 1
        assert message in done.stderr


def test_values_beyond_the_function_can_be_held(program, folder):
    (folder / "short.csv").write_text("intensity,mdd,paa\n0,0,0\n40,1,1\n")
    done = program(*WORDS, "--impact", "short.csv", "--duration-h", 24, "--hold")
    assert done.returncode == 0, done.stderr
