"""A run from end to end on a small world: what it leaves, what it prints, and that it repeats."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

import riskmodel as rm
from riskmodel.cli import app
from riskmodel.commands.outputs import FILES
from riskmodel.report.html import SECTIONS
from tests.cli.conftest import HELD, command, running
from tests.file_digests import digests
from tests.world_factory import write_small_world

YEARS = "2000"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_world(tmp_path_factory.mktemp("réseau électrique") / "a wörld")


@pytest.fixture(scope="module")
def done(world: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """Folder, stdout and stderr of one run, in a process and without a terminal."""
    out = tmp_path_factory.mktemp("ausgänge") / "mein lauf"
    ran = subprocess.run(command("run", world, "--years", YEARS, "--seed", 3, "-o", out),
                         capture_output=True, text=True, encoding="utf-8", check=False,
                         timeout=240)
    assert ran.returncode == 0, ran.stderr
    return out, ran.stdout, ran.stderr


# ---------------------------------------------------------------- what it leaves


def test_leaves_every_file_and_nothing_beside(done):
    out, _, _ = done
    assert sorted(path.name for path in out.iterdir()) == sorted(FILES)
    assert [path.name for path in out.parent.iterdir()] == [out.name]


def test_the_tables_read_back(done):
    out, _, _ = done
    losses = rm.read_losses(out)
    assert losses.n_years == int(YEARS)
    measures = pd.read_parquet(out / "measures.parquet")
    total = measures.query("measure == 'aal' and lab == 'total'")["value"].item()
    assert total == pytest.approx(losses.years["lost_mw_days"].sum() / int(YEARS), rel=1e-12)
    assert total > 0
    assert {"aurora", "boreal", "unknown", "total"} == set(measures["lab"])
    curves = pd.read_parquet(out / "exceedance.parquet")
    assert set(curves["basis"]) == {"aep", "oep"}
    parts = pd.read_parquet(out / "contributions.parquet")
    for of in ("total", "aurora", "boreal"):
        aal = measures[(measures["measure"] == "aal") & (measures["lab"] == of)]["value"].item()
        of_it = parts[(parts["of"] == of) & (parts["measure"] == "aal")]
        sums = of_it.groupby("by")["value"].sum()
        assert {"peril", "region", "node"} <= set(sums.index)
        assert sums.to_numpy() == pytest.approx(aal, abs=1e-9)
    assert set(parts.query("by == 'peril'")["key"]) == {"winter_storm", "cloud_fault"}


def test_the_training_table_reads_back_and_is_printed(done):
    out, shown, _ = done
    training = pd.read_parquet(out / "training.parquet")
    measures = pd.read_parquet(out / "measures.parquet")
    assert set(training["run"]) == {"", "rigid", "quorum", "elastic"}
    assert {"flop", "lost_progress", "months_slip", "loss_replanned"} <= set(training["quantity"])
    for lab in ("aurora", "boreal"):
        own = measures[(measures["lab"] == lab) & (measures["measure"] == "aal")]["value"].item()
        mine = training[(training["lab"] == lab) & (training["measure"] == "aal")
                        & (training["quantity"] == "mw_days")]["value"].item()
        assert mine == pytest.approx(own, rel=1e-9)
    assert "What it means for training" in shown
    assert training.loc[training["law"] != "", "constants"].iloc[0][:20] in " ".join(shown.split())


def test_worlds_carry_their_bands_through_to_training(world: Path):
    ran = CliRunner().invoke(app, ["run", str(world), "--years", "400", "--worlds", "4", "-o", "w"])
    assert ran.exit_code == 0, ran.stderr
    training = pd.read_parquet("w/training.parquet")
    measures = pd.read_parquet("w/measures.parquet")
    assert set(training["worlds"]) == {4}
    average = training[training["measure"] == "aal"]
    for name in ("mw_days", "flop", "lost_progress", "months_slip", "loss_replanned"):
        mine = average[average["quantity"] == name]
        assert (mine["band_low"] <= mine["value"] * (1 + 1e-9)).all()
        assert (mine["band_low"] < mine["band_high"]).any()
    for lab in ("aurora", "boreal"):
        own = measures[(measures["lab"] == lab) & (measures["measure"] == "aal")].iloc[0]
        of_it = average[(average["lab"] == lab) & (average["quantity"] == "mw_days")].iloc[0]
        for end in ("band_low", "band_high"):
            assert of_it[end] == pytest.approx(own[end], rel=1e-9)
    shown = ran.stdout[ran.stdout.index("What it means for training"):]
    assert shown.count("worlds say") == 3  # a line of each lab and the caption


def test_the_manifest_names_run_and_world(done, world: Path):
    out, _, _ = done
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["riskmodel"] == rm.__version__
    assert manifest["seed"] == 3
    assert manifest["years"] == int(YEARS)
    assert manifest["world"]["folder"] == str(world.resolve())
    assert manifest["world"]["fingerprint"] == rm.read_world(world).fingerprint
    for name, digest in manifest["sha256"].items():
        assert hashlib.sha256((out / name).read_bytes()).hexdigest() == digest
    assert set(manifest["sha256"]) == set(FILES) - {"manifest.json", "report.html"}


def test_prints_a_line_per_lab_and_no_bar_in_a_pipe(done):
    _, shown, said = done
    for lab in ("aurora", "boreal", "unknown", "total"):
        assert lab in shown
    assert "±" in shown
    assert "2,000 years" in shown
    for trace in ("simulating", "\x1b", "\r", "%|", "━"):
        assert trace not in said
    assert "\x1b" not in shown


def test_json_is_one_document(world: Path):
    ran = CliRunner().invoke(app, ["run", str(world), "--years", "200", "-o", "o", "--json"])
    assert ran.exit_code == 0, ran.stderr
    told = json.loads(ran.stdout)
    assert {row["quantity"] for row in told["training"]} >= {"flop", "lost_progress", "loss_frozen"}
    assert told["ok"] is True
    assert {row["measure"] for row in told["measures"]} >= {"aal", "aep", "tvar", "eue"}
    beyond = [row for row in told["measures"] if row["measure"] == "aep" and row["level"] == 1000]
    assert beyond
    assert all(row["value"] is None for row in beyond)
    assert "note:" in ran.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals there")
def test_a_terminal_sees_a_bar(world: Path, tmp_path: Path):
    import pty

    leader, follower = pty.openpty()
    env = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100"}
    with running(command("run", world, "--years", "3000", "-o", tmp_path / "o"),
                 stdout=subprocess.DEVNULL, stderr=follower, env=env) as run:
        os.close(follower)
        seen = b""
        while True:
            try:
                piece = os.read(leader, 65536)
            except OSError:
                break
            if not piece:
                break
            seen += piece
        assert run.wait(120) == 0
    os.close(leader)
    assert b"simulating" in seen


# ---------------------------------------------------------------- the same again


@pytest.mark.parametrize("workers", ["1", "2"])
def test_the_same_bytes_again(done, world: Path, workers: str):
    """In another process and with any number of workers."""
    out, _, _ = done
    ran = CliRunner().invoke(app, ["run", str(world), "--years", YEARS, "--seed", "3",
                                   "--workers", workers, "-o", "again"])
    assert ran.exit_code == 0, ran.stderr
    assert digests(Path("again")) == digests(out)


def test_the_same_bytes_whatever_the_order_of_sets(tmp_path: Path):
    """The shipped world, whose report lists most, in two processes that hash text differently."""
    with ExitStack() as stack:
        runs = [stack.enter_context(running(
            command("run", "--years", "200", "-o", tmp_path / hashing),
            env={**os.environ, "PYTHONHASHSEED": hashing},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)) for hashing in ("1", "2")]
        assert [run.wait(240) for run in runs] == [0, 0]
    assert digests(tmp_path / "1") == digests(tmp_path / "2")


def test_another_seed_is_another_answer(done, world: Path):
    out, _, _ = done
    ran = CliRunner().invoke(app, ["run", str(world), "--years", YEARS, "--seed", "4", "-o", "o"])
    assert ran.exit_code == 0, ran.stderr
    assert digests(Path("o"))["years.parquet"] != digests(out)["years.parquet"]


def test_the_report_can_be_written_again(done, tmp_path: Path):
    out, _, _ = done
    ran = CliRunner().invoke(app, ["report", str(out), "-o", "board.html", "--json"])
    assert ran.exit_code == 0, ran.stderr
    assert json.loads(ran.stdout)["report"] == str(tmp_path / "board.html")
    assert (tmp_path / "board.html").read_bytes() == (out / "report.html").read_bytes()
    named = CliRunner().invoke(app, ["report", str(out), "-o", "sites.html", "--sites"])
    assert named.exit_code == 0, named.stderr
    assert (tmp_path / "sites.html").read_bytes() != (out / "report.html").read_bytes()


def test_some_sections_of_the_report(done):
    out, _, _ = done
    ran = CliRunner().invoke(app, ["report", str(out), "-o", "few.html", "--sections",
                                   "asked,summary,map", "--without", "map"])
    assert ran.exit_code == 0, ran.stderr
    page = Path("few.html").read_text(encoding="utf-8")
    assert re.findall(r'<section id="([\w-]+)"', page) == ["summary", "asked"]
    named = CliRunner().invoke(app, ["report", "--list-sections", "--json"])
    keys = [row["section"] for row in json.loads(named.stdout)["sections"]]
    assert keys == list(rm.report_sections())
    assert "curves" in keys


def test_a_pdf_is_refused_before_anything_is_read_where_none_can_be_printed(done, monkeypatch):
    out, _, _ = done
    monkeypatch.setenv("RISKMODEL_BROWSER", "no-such-browser")
    for words in (["-o", "board.pdf"], ["--pdf"]):
        ran = CliRunner().invoke(app, ["report", str(out), *words])
        assert ran.exit_code == 1
        assert "RISKMODEL_BROWSER is 'no-such-browser'" in ran.stderr
    ran = CliRunner().invoke(app, ["report", str(out), "--pdf", "-o", "board.html"])
    assert ran.exit_code == 2
    assert "name a file that ends in .pdf" in ran.stderr
    assert not (out / "report.pdf").exists()
    assert list(Path().iterdir()) == []


def test_the_report_of_one_lab(done):
    out, _, _ = done
    ran = CliRunner().invoke(app, ["report", str(out), "-o", "one.html", "--lab", "aurora",
                                   "--sections", "headline", "--json"])
    assert ran.exit_code == 0, ran.stderr
    assert json.loads(ran.stdout)["lab"] == "aurora"
    assert "<h1>Disruption risk to the training capacity of" in Path("one.html").read_text("utf-8")
    ran = CliRunner().invoke(app, ["report", str(out), "-o", "two.html", "--lab", "aurroa"])
    assert ran.exit_code == 2
    assert "no lab 'aurroa' in this run; did you mean 'aurora'?" in ran.stderr
    assert not Path("two.html").exists()


def test_what_changed_since_a_run(done):
    out, _, _ = done
    ran = CliRunner().invoke(app, ["since", str(out), str(out), "--json"])
    assert ran.exit_code == 0, ran.stderr
    found = json.loads(ran.stdout)
    assert {row["difference"] for row in found["since"]} == {0.0}
    assert {row["difference"] for row in found["perils"]} == {0.0}
    shown = CliRunner().invoke(app, ["since", str(out), str(out)])
    assert shown.exit_code == 0, shown.stderr
    assert "no change" in shown.stdout
    paged = CliRunner().invoke(app, ["report", str(out), "-o", "since.html", "--since", str(out),
                                     "--sections", "since"])
    assert paged.exit_code == 0, paged.stderr
    assert "What changed since the earlier run" in Path("since.html").read_text(encoding="utf-8")


def test_a_world_of_ones_own_has_no_last_version(done):
    out, _, _ = done
    ran = CliRunner().invoke(app, ["since", str(out)])
    assert ran.exit_code == 1
    assert "of another world" in " ".join(ran.stderr.split())


@pytest.mark.parametrize("words", [["--sections", "curvs"], ["--without", "curvs"],
                                   ["--sections", "ignorance"], ["--without", ",".join(SECTIONS)]])
def test_wrong_sections_are_refused_before_a_year_runs(world: Path, words: list[str]):
    ran = CliRunner().invoke(app, ["run", str(world), "--years", YEARS, "-o", "o", *words])
    assert ran.exit_code == 2
    assert not Path("o").exists()
    assert ("did you mean 'curves'" if "curvs" in words else "ignorance" if "ignorance" in words
            else "no section is left") in ran.stderr


def test_replay_tells_the_year(done):
    out, _, _ = done
    losses = rm.read_losses(out)
    ran = CliRunner().invoke(app, ["replay", str(out), "--json"])
    assert ran.exit_code == 0, ran.stderr
    told = json.loads(ran.stdout)
    by_year = losses.years.groupby("year")["lost_mw_days"].sum()
    assert told["year"] == by_year.idxmax()
    assert (sum(row["lost_mw_days"] for row in told["losses"])
            == pytest.approx(by_year.max(), rel=1e-9))
    table = CliRunner().invoke(app, ["replay", str(out), "--year", str(told["year"])])
    assert table.exit_code == 0, table.stderr
    assert "winter_storm" in table.stdout


def test_replay_of_a_year_that_was_not_simulated(done):
    out, _, _ = done
    ran = CliRunner().invoke(app, ["replay", str(out), "--year", YEARS])
    assert ran.exit_code == 2
    assert "0 to 1999" in ran.stderr


def test_a_world_that_changed_since_is_noticed(tmp_path: Path):
    folder = write_small_world(tmp_path / "w")
    ran = CliRunner().invoke(app, ["run", str(folder), "--years", "300", "-o", "o"])
    assert ran.exit_code == 0, ran.stderr
    kept = write_small_world(tmp_path / "kept")
    sites = (folder / "sites.csv").read_text(encoding="utf-8")
    (folder / "sites.csv").write_text(sites.replace(",65,50,", ",65,51,"), encoding="utf-8")
    for verb in ("replay", "report"):
        ran = CliRunner().invoke(app, [verb, "o"])
        assert ran.exit_code == 1
        assert "has changed since" in ran.stderr
        ran = CliRunner().invoke(app, [verb, "o", "--world", str(kept)])
        assert ran.exit_code == 0, ran.stderr


# ---------------------------------------------------------------- what is asked for


def test_only_the_perils_asked_for(world: Path):
    ran = CliRunner().invoke(app, ["run", str(world), "--years", "500", "--perils", "cloud_fault",
                                   "-o", "o"])
    assert ran.exit_code == 0, ran.stderr
    assert set(rm.read_losses("o").events["peril"]) == {"cloud_fault"}


def test_a_peril_that_is_not_there(world: Path, tmp_path: Path):
    ran = CliRunner().invoke(app, ["run", str(world), "--perils", "cloud_falt"])
    assert ran.exit_code == 2
    assert "cloud_fault" in ran.stderr
    assert list(tmp_path.iterdir()) == []


def test_calendar_booking_is_kept(world: Path):
    ran = CliRunner().invoke(app, ["run", str(world), "--years", "500", "--booking", "calendar",
                                   "-o", "o"])
    assert ran.exit_code == 0, ran.stderr
    assert rm.read_losses("o").booking == "calendar"
    assert "calendar booking" in ran.stdout


def test_a_folder_of_somebody_elses_is_left_alone(world: Path, tmp_path: Path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("years of work")
    ran = CliRunner().invoke(app, ["run", str(world), "--years", "10", "-o", "thesis"])
    assert ran.exit_code == 2
    assert "no output of riskmodel" in ran.stderr
    assert [path.name for path in (tmp_path / "thesis").iterdir()] == ["chapter.txt"]


def test_perils_of_a_world(world: Path):
    ran = CliRunner().invoke(app, ["perils", "--world", str(world), "--json"])
    assert ran.exit_code == 0, ran.stderr
    assert {row["peril"] for row in json.loads(ran.stdout)["perils"]} == {"winter_storm",
                                                                          "cloud_fault"}
    ran = CliRunner().invoke(app, ["perils", "show", "cloud_fault", "--world", str(world)])
    assert ran.exit_code == 0, ran.stderr
    assert "cloud_fault" in ran.stdout
    ran = CliRunner().invoke(app, ["perils", "show", "cloud_falt", "--world", str(world)])
    assert ran.exit_code == 2
    assert "cloud_fault" in ran.stderr


def test_explain_walks_down(world: Path):
    ran = CliRunner().invoke(app, ["explain", "dublin_one", "--world", str(world)])
    assert ran.exit_code == 0, ran.stderr
    assert "grid:IE" in ran.stdout
    ran = CliRunner().invoke(app, ["explain", "dublin_on", "--world", str(world)])
    assert ran.exit_code == 2
    assert "dublin_one" in ran.stderr


# ---------------------------------------------------------------- killed and interrupted


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT], ids=["kill -9", "Ctrl-C"])
def test_stopped_midway(world: Path, tmp_path: Path, how: signal.Signals):
    """As soon as the run has begun to write, it is stopped; nothing passes for whole."""
    out = tmp_path / "out"
    with running(command("run", world, "--years", "3000", "-o", out, before=HELD),
                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        deadline = time.monotonic() + 120
        while not list(tmp_path.glob(".out.riskmodel-*/new/*")):
            assert run.poll() is None, run.stderr and run.stderr.read()
            assert time.monotonic() < deadline
            time.sleep(0.002)
        run.send_signal(how)
        shown, said = run.communicate(timeout=60)
    assert run.returncode != 0
    assert not out.exists()
    assert "Traceback" not in said
    assert shown == ""
    ran = CliRunner().invoke(app, ["report", str(out)])
    assert ran.exit_code == 1
    left = list(tmp_path.iterdir())
    kept = [".out.blocks"]  # so that the same command goes on
    assert ([path.name for path in left] == kept) == (how is signal.SIGINT)
    assert kept[0] in [path.name for path in left]
    assert ("to go on: riskmodel run" in said) == (how is signal.SIGINT)
    for folder in left:  # nor does the leftover itself pass, nor what lies in it
        for inside in filter(Path.is_dir, (folder, folder / "new", folder / "blocks")):
            ran = CliRunner().invoke(app, ["report", str(inside)])
            assert ran.exit_code == 1
            assert "no output of riskmodel" in ran.stderr
    ran = CliRunner().invoke(app, ["run", str(world), "--years", "50", "-o", str(out)])
    assert ran.exit_code == 0, ran.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
