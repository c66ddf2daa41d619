"""``riskmodel run --dask``: the bytes of one process, whoever is killed in mid-run."""

from __future__ import annotations

import builtins
import contextlib
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from riskmodel.cli import app
from riskmodel.commands import cluster as command_cluster
from riskmodel.commands.kept_blocks import blocks_of
from riskmodel.engine.runner import BLOCK_YEARS
from tests.cli.conftest import command
from tests.cluster.loopback import ROOT, Loopback, kill
from tests.world_factory import write_small_world

YEARS = 120_000  # sixty blocks: time enough to kill somebody in mid-run


def start(world: Path, out: Path, *words: object, cwd: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command("run", world, "--years", YEARS, "--seed", 3, "-o", out, *words), cwd=cwd,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT)})


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


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
def straight(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, bytes]]:
    """Return a world, and what one process on one thread leaves of it."""
    folder = tmp_path_factory.mktemp("straight")
    world = write_small_world(folder / "world")
    one = start(world, folder / "one", "--workers", 1, cwd=folder)
    _, said = one.communicate(timeout=300)
    assert one.returncode == 0, said
    expected = files(folder / "one")
    assert {"years.parquet", "causes.parquet", "events.parquet", "adequacy.parquet",
            "measures.parquet", "manifest.json"} <= set(expected)
    return world, expected


@pytest.fixture
def client(cluster: Loopback) -> Iterator[Any]:
    from distributed import Client

    with Client(scheduler_file=str(cluster.file), timeout=60, set_as_default=False) as found:
        found.wait_for_workers(2, timeout=60)
        yield found


@pytest.mark.slow
def test_a_worker_killed_in_mid_run_and_the_bytes_of_one_process(cluster, client, straight,
                                                                 tmp_path):
    world, expected = straight
    at = {address_of(client, worker): worker for worker in cluster.workers}
    killed = start(world, tmp_path / "killed", "--dask", client.scheduler.address, cwd=tmp_path)
    deadline = time.monotonic() + 120
    while not (found := busy(client)):
        assert killed.poll() is None, "the run was over before the worker had begun"
        assert time.monotonic() < deadline, cluster.log()
        time.sleep(0.01)
    victim = at[found]
    kill(victim)
    assert victim.poll() is not None
    left = client.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.tasks))
    assert left > 1, "the run was over before the worker died"
    assert killed.poll() is None
    assert not (tmp_path / "killed").exists()
    _, said = killed.communicate(timeout=300)
    assert killed.returncode == 0, said
    assert len(client.nthreads()) == 1
    assert files(tmp_path / "killed") == expected


@pytest.mark.slow
def test_two_workers_and_a_run_that_is_killed_and_goes_on(cluster, client, straight, tmp_path):
    """With two workers to the end; then kill -9 of the run itself, and the same command again."""
    world, expected = straight
    two = start(world, tmp_path / "two", "--dask", cluster.file, cwd=tmp_path)
    _, said = two.communicate(timeout=300)
    assert two.returncode == 0, said
    assert "2 workers, 2 threads" in said
    assert files(tmp_path / "two") == expected

    out = tmp_path / "out"
    killed = start(world, out, "--dask", cluster.file, cwd=tmp_path)
    deadline = time.monotonic() + 120
    while len(kept := list(blocks_of(out).rglob("*.block"))) < 3:
        assert killed.poll() is None, "the run was over before it was killed"
        assert time.monotonic() < deadline, cluster.log()
        time.sleep(0.01)
    killed.kill()
    killed.communicate()
    assert not out.exists()
    assert len(kept) < YEARS // BLOCK_YEARS
    before = {path: path.stat().st_mtime_ns for path in kept}
    again = start(world, out, "--dask", cluster.file, cwd=tmp_path)
    while not out.exists() and again.poll() is None:  # what was finished is not computed again
        with contextlib.suppress(FileNotFoundError):  # removed, now that OUT is whole
            assert all(path.stat().st_mtime_ns == at for path, at in before.items())
        time.sleep(0.05)
    _, said = again.communicate(timeout=300)
    assert again.returncode == 0, said
    assert files(out) == expected


# ---------------------------------------------------------------- what goes wrong


@pytest.fixture
def refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    world = write_small_world(tmp_path / "world")
    monkeypatch.setattr(command_cluster, "CONNECT_S", 0.3)
    monkeypatch.setattr("riskmodel.engine.runner.warm_up", lambda: None)

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
