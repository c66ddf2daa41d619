"""A run that is killed goes on where it stopped, and ends with the same bytes."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from riskmodel.cli import app
from riskmodel.engine.kept.block_store import years_in
from tests.cli.conftest import HELD, command, running
from tests.file_digests import digests
from tests.world_factory import write_small_world

YEARS = 4500  # three blocks
RUN = ("--years", str(YEARS), "--seed", "3")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_world(tmp_path_factory.mktemp("w") / "world")


def _blocks(out: Path) -> list[Path]:
    return sorted((out.parent / f".{out.name}.blocks" / "blocks").glob("*.block"))


def _years(out: Path) -> int:
    return years_in(out.parent / f".{out.name}.blocks")


@pytest.fixture
def half(world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an OUT whose run was stopped by Ctrl-C after some blocks."""
    from riskmodel.engine.kept.block_store import BlockStore

    save = BlockStore.save

    def stop(self: BlockStore, name: str, part: object) -> None:
        save(self, name, part)
        if len(list((self.folder / "blocks").iterdir())) == 2:
            raise KeyboardInterrupt

    out = tmp_path / "out"
    with monkeypatch.context() as patch:
        patch.setattr(BlockStore, "save", stop)
        patch.setattr(sys, "argv", ["riskmodel", "run", "a world", "--fresh", "-o", "out"])
        ran = CliRunner().invoke(app, ["run", str(world), *RUN, "-o", str(out)])
    assert ran.exit_code != 0
    assert not out.exists()
    assert f"4,096 finished years are kept in {tmp_path / '.out.blocks'}" in ran.stderr
    assert "to go on: riskmodel run 'a world' -o out" in ran.stderr
    assert len(_blocks(out)) == 2
    return out


def test_the_same_command_goes_on_with_other_threads(world, half, tmp_path):
    ran = CliRunner().invoke(app, ["run", str(world), *RUN, "--workers", "1", "-o", str(half)])
    assert ran.exit_code == 0, ran.stderr
    ran = CliRunner().invoke(app, ["run", str(world), *RUN, "-o", str(tmp_path / "straight")])
    assert ran.exit_code == 0, ran.stderr
    assert digests(half) == digests(tmp_path / "straight")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "straight"]


def test_another_run_is_refused_until_told_to_start_over(world, half, tmp_path):
    for words, says in ((("--seed", "4"), "seed 3 -> 4"),
                        (("--perils", "cloud_fault"), "perils.winter_storm"),
                        (("--booking", "calendar"), "booking occurrence -> calendar")):
        ran = CliRunner().invoke(app, ["run", str(world), *RUN, *words, "-o", str(half)])
        assert ran.exit_code == 1
        assert says in ran.stderr
        assert "add --fresh to start over" in ran.stderr
        assert len(_blocks(half)) == 2
    edited = tmp_path / "edited"
    shutil.copytree(world, edited)
    sites = (edited / "sites.csv").read_text(encoding="utf-8")
    (edited / "sites.csv").write_text(sites.replace(",65,50,", ",65,51,"), encoding="utf-8")
    ran = CliRunner().invoke(app, ["run", str(edited), *RUN, "-o", str(half)])
    assert ran.exit_code == 1
    assert "What changed: world.sites.it_mw" in ran.stderr
    ran = CliRunner().invoke(app, ["run", str(world), "--years", "300", "--seed", "4", "--fresh",
                                   "-o", str(half)])
    assert ran.exit_code == 0, ran.stderr
    assert not (tmp_path / ".out.blocks").exists()


LONG = """
from riskmodel.engine.long import long_run
long_run.MOST_IN_MEMORY, long_run.LAYOUT = 3000, long_run.Layout(2048, 1500, 200)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")
@pytest.mark.parametrize("kind", ["in memory", "long"])
def test_killed_three_times_at_random_moments(world, tmp_path, kind):
    """kill -9, whatever the run is doing; every file of OUT ends with the same bytes."""
    straight, out = tmp_path / "straight", tmp_path / "out"
    before = LONG if kind == "long" else ""

    begun = time.monotonic()
    assert subprocess.run(command("run", world, *RUN, "-o", straight, before=before), check=False,
                          capture_output=True).returncode == 0
    assert (straight / "years").is_dir() == (kind == "long")
    takes = time.monotonic() - begun
    draw = random.Random(5)
    kept = 0
    for kill in range(3):
        with running(command("run", world, *RUN, "-o", out, before=before + HELD),
                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
            if kill == 0:  # once at least there is something to go on from
                deadline = time.monotonic() + 120
                while not _years(out):
                    assert run.poll() is None
                    assert time.monotonic() < deadline
                    time.sleep(0.002)
            else:  # at some moment, at the latest when OUT is written and has not got its name
                time.sleep(draw.uniform(0.2, 0.9) * takes)
            assert run.poll() is None
            run.send_signal(signal.SIGKILL)
        assert not out.exists()
        assert _years(out) >= max(kept, 1)  # nothing that was finished is lost
        kept = _years(out)
    assert subprocess.run(command("run", world, *RUN, "-o", out, before=before), check=False,
                          capture_output=True).returncode == 0
    assert digests(out) == digests(straight)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "straight"]


@pytest.mark.slow
def test_a_long_run_goes_on_and_leaves_parts(world, tmp_path, monkeypatch):
    """Forced small; every file of OUT is the same as of a run that was not stopped."""
    from riskmodel.engine.kept.block_store import BlockStore
    from riskmodel.engine.long import long_run

    monkeypatch.setattr(long_run, "MOST_IN_MEMORY", 3000)
    monkeypatch.setattr(long_run, "LAYOUT", long_run.Layout(2048, 1500, 200))
    straight, out = tmp_path / "straight", tmp_path / "out"
    ran = CliRunner().invoke(app, ["run", str(world), *RUN, "-o", str(straight)])
    assert ran.exit_code == 0, ran.stderr
    assert "4,500 years" in ran.stdout
    save = BlockStore.save

    def stop(self: BlockStore, name: str, part: object) -> None:
        save(self, name, part)
        if name.startswith("2048-"):  # the first part is written, the second is not
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(BlockStore, "save", stop)
        ran = CliRunner().invoke(app, ["run", str(world), *RUN, "-o", str(out)])
    assert ran.exit_code != 0
    assert "stopped: 4,096 finished years are kept" in ran.stderr
    for words, says in ((("--seed", "4"), "seed 3 -> 4"), (("--events",), "tables years, adeq")):
        ran = CliRunner().invoke(app, ["run", str(world), *RUN, *words, "-o", str(out)])
        assert ran.exit_code == 1
        assert says in ran.stderr
        assert "add --fresh to start over" in ran.stderr
    ran = CliRunner().invoke(app, ["run", str(world), *RUN, "-o", str(out)])
    assert ran.exit_code == 0, ran.stderr
    assert digests(out) == digests(straight)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "straight"]
    assert sorted(path.name for path in (out / "years").iterdir()) == [
        f"part-{number:06}.parquet" for number in range(3)]
    ran = CliRunner().invoke(app, ["report", str(out), "-o", "again.html"])
    assert ran.exit_code == 0, ran.stderr
    assert Path("again.html").read_bytes() == (out / "report.html").read_bytes()
    ran = CliRunner().invoke(app, ["replay", str(out)])
    assert "the worst of its first 1,500 years" in ran.stderr
    part = out / "years" / "part-000001.parquet"
    part.write_bytes(part.read_bytes()[:-1])
    ran = CliRunner().invoke(app, ["report", str(out)])
    assert ran.exit_code == 1
    assert "years/part-000001.parquet was changed" in ran.stderr
