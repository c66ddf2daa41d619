"""``riskmodel run --dask``: the bytes of one process, whoever is killed in mid-run."""

from __future__ import annotations

import builtins
import contextlib
import subprocess
import time
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from riskmodel.cli import app
from riskmodel.commands import cluster as command_cluster
from riskmodel.commands.kept_blocks import blocks_of
from riskmodel.engine.run.runner import BLOCK_YEARS
from tests.cli.conftest import command, running
from tests.cluster.loopback import kill
from tests.file_digests import digests
from tests.world_factory import write_small_world

YEARS = 120_000  # sixty blocks
#: Python before the program: a run that takes a tenth of a second for each block that it keeps, so
#: that somebody can be killed in its middle on however quick a machine
SLOW = """
import time
from riskmodel.engine.kept.block_store import BlockStore
save = BlockStore.save
BlockStore.save = lambda *given: (save(*given), time.sleep(0.1))
"""


def start(world: Path, out: Path, *words: object, before: str = "",
          ) -> AbstractContextManager[subprocess.Popen[str]]:
    return running(
        command("run", world, "--years", YEARS, "--seed", 3, "-o", out, *words, before=before),
        cwd=out.parent, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        encoding="utf-8")


def ended_well(run: subprocess.Popen[str]) -> str:
    """Wait for a run, and return what it said."""
    _, said = run.communicate(timeout=300)
    assert run.returncode == 0, said
    return said


def address_of(client: Any, worker: subprocess.Popen[bytes]) -> str:
    """Return the address of a worker: its process group is that of its nanny."""

    def group(dask_worker: Any) -> int:
        import os

        return os.getpgid(0)

    return next(str(name) for name, found in client.run(group).items() if found == worker.pid)


def busy(client: Any) -> str:
    """Return the address of a worker that has finished a block and is at the next, "" if none.

    Dask may give all blocks of a small world to the worker that holds the world.
    """
    from distributed import Scheduler

    def look(dask_scheduler: Scheduler) -> str:
        return next((name for name, state in dask_scheduler.workers.items()
                     if state.processing and len(state.has_what) > 1), "")

    return str(client.run_on_scheduler(look))


@pytest.fixture(scope="module")
def straight(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """Return a world, and what one process on one thread leaves of it."""
    folder = tmp_path_factory.mktemp("straight")
    world = write_small_world(folder / "world")
    with start(world, folder / "one", "--workers", 1) as one:
        ended_well(one)
    expected = digests(folder / "one")
    assert {"years.parquet", "causes.parquet", "events.parquet", "adequacy.parquet",
            "measures.parquet", "manifest.json"} <= set(expected)
    return world, expected


@pytest.mark.slow
def test_a_worker_killed_in_mid_run_and_the_bytes_of_one_process(cluster, client, straight,
                                                                 tmp_path):
    world, expected = straight
    at = {address_of(client, worker): worker for worker in cluster.workers}
    out = tmp_path / "out"
    with start(world, out, "--dask", client.scheduler.address, before=SLOW) as run:
        deadline = time.monotonic() + 120
        while not (found := busy(client)):
            assert run.poll() is None, "the run was over before the worker had begun"
            assert time.monotonic() < deadline, cluster.log()
            time.sleep(0.01)
        victim = at[found]
        kill(victim)
        assert victim.poll() is not None
        left = client.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.tasks))
        assert left > 1, "the run was over before the worker died"
        assert run.poll() is None
        assert not out.exists()
        ended_well(run)
    assert len(client.nthreads()) == 1
    assert digests(out) == expected


@pytest.mark.slow
def test_two_workers_and_a_run_that_is_killed_and_goes_on(cluster, client, straight, tmp_path):
    """With two workers to the end; then kill -9 of the run itself, and the same command again."""
    world, expected = straight
    with start(world, tmp_path / "two", "--dask", cluster.file) as run:
        assert "2 workers, 2 threads" in ended_well(run)
    assert digests(tmp_path / "two") == expected

    out = tmp_path / "out"
    with start(world, out, "--dask", cluster.file, before=SLOW) as run:
        deadline = time.monotonic() + 120
        while len(kept := list(blocks_of(out).rglob("*.block"))) < 3:
            assert run.poll() is None, "the run was over before it was killed"
            assert time.monotonic() < deadline, cluster.log()
            time.sleep(0.01)
        run.kill()
    assert not out.exists()
    assert len(kept) < YEARS // BLOCK_YEARS
    before = {path: path.stat().st_mtime_ns for path in kept}
    with start(world, out, "--dask", cluster.file) as run:
        while not out.exists() and run.poll() is None:  # what was finished is not computed again
            with contextlib.suppress(FileNotFoundError):  # removed, now that OUT is whole
                assert all(path.stat().st_mtime_ns == at for path, at in before.items())
            time.sleep(0.05)
        ended_well(run)
    assert digests(out) == expected


# ---------------------------------------------------------------- what goes wrong


@pytest.fixture
def refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    world = write_small_world(tmp_path / "world")
    monkeypatch.setattr(command_cluster, "CONNECT_S", 0.3)
    monkeypatch.setattr("riskmodel.engine.run.runner.warm_up", lambda: None)

    def call(where: object) -> str:
        ran = CliRunner().invoke(app, ["run", str(world), "--years", "10", "-o",
                                       str(tmp_path / "out"), "--dask", str(where)])
        assert ran.exit_code == 2, ran.output
        assert not (tmp_path / "out").exists()
        return ran.stderr

    return call


def test_without_dask_the_command_to_install_it(refused, monkeypatch):
    real = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name.partition(".")[0] == "distributed":
            raise ImportError("No module named 'distributed'")
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    assert "pip install 'riskmodel[cluster]'" in refused("tcp://127.0.0.1:9")


def test_a_cluster_that_is_not_there_is_said(refused, tmp_path):
    pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
    assert "no Dask scheduler answers at tcp://127.0.0.1:9" in refused("tcp://127.0.0.1:9")
    assert "no Dask scheduler answers at 127.0.0.1:9" in refused("127.0.0.1:9")
    assert "--dask nonsense://x: unknown address scheme" in refused("nonsense://x")
    assert "--dask somewhere: missing port number" in refused("somewhere")
    assert "there is no scheduler file" in refused(tmp_path / "none.json")
    broken = tmp_path / "broken.json"
    for text in ("{}", "{", "[1]", "\x00"):
        broken.write_text(text)
        assert "is no scheduler file of Dask" in refused(broken)
