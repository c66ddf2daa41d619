"""Blocks on a Dask cluster: real processes on loopback, killed in mid-run."""

from __future__ import annotations

import os
import re
import shutil
import time
from pathlib import Path

import pytest
from pandas.testing import assert_frame_equal

import riskmodel as rm
from riskmodel.engine.losses.storage import TABLES
from riskmodel.engine.machines import cluster as engine_cluster
from riskmodel.engine.machines.executors import results
from tests.cluster.blocks import deadly, faulty, slow_square
from tests.cluster.loopback import ROOT, Loopback, kill
from tests.engine.test_worlds import grids, perils

pytestmark = pytest.mark.slow
EXPECTED = [3 * n * n for n in range(60)]


def same(one: rm.Losses, other: rm.Losses) -> None:
    for name in TABLES:
        assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True)
    assert one.manifest == other.manifest


def test_a_cluster_brings_the_bytes_of_one_process(client, cluster):
    """Both workers compute; the client and its executor; one world and several."""
    where = client.run(lambda: __import__("riskmodel").__file__)
    assert set(where.values()) == {str(Path(rm.__file__))}  # the workers run the code under test
    found = list(results(slow_square, 3, range(60), executor=client))
    assert [value for value, _ in found] == EXPECTED
    assert len({pid for _, pid in found} - {os.getpid()}) == 2
    through = results(slow_square, 3, iter(range(60)), executor=client.get_executor(retries=1))
    assert [value for value, _ in through] == EXPECTED
    how = {"perils": [*perils(), "flood"]}
    for worlds, years in ((1, 9000), (7, 700)):
        seen: list[int] = []
        one = rm.simulate(grids(), years, 4, worlds=worlds, workers=1, **how)
        many = rm.simulate(grids(), years, 4, worlds=worlds, executor=client,
                           progress=lambda done, of, seen=seen: seen.append(done), **how)
        same(one, many)
        assert seen == sorted(seen)
        assert seen[-1] == years
        assert len(seen) == (5 if worlds == 1 else 7)
    assert_frame_equal(*(rm.measure(rm.simulate(grids(), 9000, 4, most_in_memory=1000,
                                                executor=who, **how)) for who in (client, None)),
                       check_exact=True)  # a long run, summed up block by block
    with pytest.raises(KeyError, match="two"):
        list(results(faulty, None, range(9), executor=client))
    deadline = time.monotonic() + 20  # nothing of it all stays in the cluster
    while (left := client.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.tasks))) > 0:
        assert time.monotonic() < deadline, left
        time.sleep(0.1)


def test_a_worker_killed_in_mid_run_then_all_and_others_come(client, cluster):
    """At the end the world that the blocks share was on dead workers only: it is sent again."""
    found = []
    for value, _ in results(slow_square, 3, range(60), executor=client):
        found.append(value)
        if len(found) == 10:
            kill(cluster.workers[0])
            assert cluster.workers[0].poll() is not None
            cluster.worker()
        elif len(found) == 30:
            for worker in cluster.workers:
                kill(worker)
            cluster.worker()
    assert found == EXPECTED


@pytest.mark.parametrize("cluster", ["1"], indirect=True)
def test_a_block_that_kills_its_workers_is_given_up_with_words(client):
    with pytest.raises(rm.RiskModelError, match=r"after 2 workers had died .*memory"):
        list(results(deadly, None, range(5), executor=client))


def test_no_worker_is_left(client, cluster, monkeypatch):
    monkeypatch.setattr(engine_cluster, "PATIENCE_S", 1.0)
    monkeypatch.setattr(engine_cluster, "LOOK_S", 0.2)
    ahead = results(slow_square, 3, range(200), executor=client)
    next(ahead)
    for worker in cluster.workers:
        kill(worker)
    with pytest.raises(rm.RiskModelError, match="has had no worker for 1 s"):
        list(ahead)
    monkeypatch.setattr(engine_cluster, "WAIT_S", 0.3)
    with pytest.raises(rm.RiskModelError, match=r"has no workers .*dask worker tcp://"):
        engine_cluster.check_workers(client, 0.3)


def test_a_worker_with_other_code_is_refused_with_both_names(client, cluster, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(ROOT / "riskmodel", other / "riskmodel",
                    ignore=shutil.ignore_patterns("__pycache__"))
    version = other / "riskmodel" / "_version.py"
    version.write_text(version.read_text().replace(rm.__version__, "99.1"))
    kernel = other / "riskmodel" / "engine" / "kernel" / "block.py"
    kernel.write_text(kernel.read_text() + "\n# another state of the code\n")
    cluster.worker(PYTHONPATH=str(other))
    client.wait_for_workers(3, timeout=60)
    with pytest.raises(rm.RiskModelError,
                       match=rf"worker tcp://.*riskmodel 99.1 \(code \w+\) there, "
                             rf"{re.escape(rm.__version__)} \(code \w+\) here"):
        list(results(slow_square, 3, range(9), executor=client))


def test_a_scheduler_without_the_package_is_refused(tmp_path):
    """It unpacks the tasks before it hands them on."""
    from distributed import Client

    (tmp_path / "cluster").mkdir()
    (tmp_path / "nothing" / "riskmodel").mkdir(parents=True)
    (tmp_path / "nothing" / "riskmodel" / "__init__.py").touch()
    started = Loopback(tmp_path / "cluster", PYTHONPATH=str(tmp_path / "nothing"))
    try:
        started.worker(PYTHONPATH=str(ROOT))
        with Client(scheduler_file=str(started.file), timeout=60, set_as_default=False) as one:
            one.wait_for_workers(1, timeout=60)
            with pytest.raises(rm.RiskModelError,
                               match=r"the scheduler .*riskmodel missing there, "):
                list(results(slow_square, 3, range(9), executor=one))
    finally:
        started.close()


def test_the_scheduler_dies(client, cluster):
    ahead = results(slow_square, 3, range(2000), executor=client)
    next(ahead)
    kill(cluster.scheduler)
    with pytest.raises(rm.RiskModelError, match=r"lost in mid-run|does not answer"):
        list(ahead)
