"""Who computes the blocks: in order, a bounded number ahead, what is shared travels once."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import threading
import time
from concurrent import futures
from pathlib import Path

import pytest

import riskmodel as rm
from riskmodel.engine.kept.folder_lock import hold
from riskmodel.engine.machines import compile_once as compiling
from riskmodel.engine.machines import parcel
from riskmodel.engine.machines.executors import AHEAD, results
from riskmodel.engine.machines.parcel import Absent, Packed, Parcel, pack, refuse_others


@pytest.fixture(autouse=True)
def nothing_to_compile(monkeypatch):
    monkeypatch.setattr("riskmodel.engine.machines.executors.entry_point", lambda: None)
    monkeypatch.setattr("riskmodel.engine.machines.executors.compile_once", lambda: None)


@pytest.fixture(scope="module")
def processes():
    with futures.ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        yield pool


class Noted:
    """Something shared that notes in a file when a process opens it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __setstate__(self, state: dict) -> None:
        self.__dict__ = state
        (self.folder / f"{os.getpid()}-{time.monotonic_ns()}").touch()


def power(shared: int, task: int) -> int:
    return int(shared**task)


def whose(shared: Noted, task: int) -> tuple[int, int]:
    return task, os.getpid()


def fail_at_three(shared: None, task: int) -> int:
    if task == 3:
        raise KeyError("three")
    return task


class MapOnly:
    """The least an executor can be."""

    def __init__(self) -> None:
        self.most = 0

    def map(self, run, tasks):
        tasks = list(tasks)
        self.most = max(self.most, len(tasks))
        return list(map(run, tasks))


EXPECTED = [2**n for n in range(40)]


def test_the_results_of_every_kind_of_executor():
    assert list(results(power, 2, range(40), workers=1)) == EXPECTED
    assert list(results(power, 2, range(40), workers=3)) == EXPECTED
    with futures.ThreadPoolExecutor(2) as pool:
        assert list(results(power, 2, iter(range(40)), executor=pool)) == EXPECTED
    plain = MapOnly()
    assert list(results(power, 2, range(40), workers=2, executor=plain)) == EXPECTED
    assert plain.most == 2 * AHEAD
    assert list(results(power, 2, [], workers=2)) == []


def test_a_process_opens_what_is_shared_once_and_no_file_is_left(processes, tmp_path,
                                                                       monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    notes = tmp_path / "notes"
    notes.mkdir()
    found = list(results(whose, Noted(notes), range(20), executor=processes))
    again = list(results(power, 3, range(5), executor=processes))
    assert [task for task, _ in found] == list(range(20))
    workers = {pid for _, pid in found}
    assert os.getpid() not in workers
    assert len(list(notes.iterdir())) == len(workers)
    assert again == [1, 3, 9, 27, 81]
    assert list(tmp_path.glob("riskmodel-*")) == []


def test_a_worker_that_cannot_read_the_file_gets_the_bytes(tmp_path, monkeypatch):
    """As on another machine: what is pickled names a file that is not there."""
    class Elsewhere:
        def submit(self, run, *args):
            run, *args = pickle.loads(pickle.dumps((run, *args)))
            for arg in args:
                if isinstance(arg, Packed) and arg.content is None:
                    arg.file = str(tmp_path / "no such file")
            future: futures.Future = futures.Future()
            future.set_result(run(*args))
            return future

    monkeypatch.setattr(parcel, "_opened", {})
    assert list(results(power, 5, range(4), executor=Elsewhere())) == [1, 5, 25, 125]
    packed = pack({"any": 1})
    packed.content = None
    packed.file = str(tmp_path / "damaged")
    Path(packed.file).write_bytes(b"half of it")
    assert isinstance(packed.open(), Absent)


def test_no_more_are_ahead_than_the_bound_when_an_early_one_is_slow():
    go, begun, lock = threading.Event(), [], threading.Lock()

    def run(shared, task):
        with lock:
            begun.append(task)
        if task == 0:
            assert go.wait(20)
        return task

    ahead = results(run, None, iter(range(1000)), workers=2)
    reader = threading.Thread(target=lambda: next(ahead))
    reader.start()
    deadline = time.monotonic() + 10
    while len(begun) < 2 * AHEAD and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.1)
    assert sorted(begun) == list(range(2 * AHEAD))
    go.set()
    reader.join()
    assert list(ahead) == list(range(1, 1000))


@pytest.mark.parametrize("workers", [1, 2])
def test_what_a_task_raises_comes_out_and_later_tasks_do_not_begin(workers):
    found, begun = [], []

    def run(shared, task):
        begun.append(task)
        return fail_at_three(shared, task)

    with pytest.raises(KeyError, match="three"):
        found.extend(results(run, None, range(500), workers=workers))
    assert found == [0, 1, 2]
    assert max(begun) <= 3 + 2 * AHEAD


def test_what_a_task_raises_in_another_process_comes_out(processes):
    with pytest.raises(KeyError, match="three"):
        list(results(fail_at_three, None, range(5), executor=processes))


def test_a_caller_that_stops_cancels_what_has_not_begun(monkeypatch):
    """All tasks but the first last until the caller has stopped."""
    begun, stopped = [], threading.Event()

    class Pool(futures.ThreadPoolExecutor):
        def shutdown(self, wait=True, *, cancel_futures=False):
            super().shutdown(wait=False, cancel_futures=cancel_futures)
            stopped.set()
            super().shutdown()

    def run(shared, task):
        begun.append(task)
        assert task == 0 or stopped.wait(20)
        return task

    monkeypatch.setattr("riskmodel.engine.machines.executors.ThreadPoolExecutor", Pool)
    ahead = results(run, None, iter(range(500)), workers=2)
    assert next(ahead) == 0
    ahead.close()
    assert set(begun) <= {0, 1, 2}  # the first, and one more on each thread
    begun.clear()
    stopped.clear()
    pool = Pool(1)
    ahead = results(run, None, iter(range(500)), executor=pool)
    assert next(ahead) == 0
    ahead.close()
    pool.shutdown()
    assert set(begun) <= {0, 1}


def test_other_versions_are_refused_by_name(monkeypatch):
    monkeypatch.setattr(parcel, "_opened", {})
    packed = pack(1)
    assert packed.open() == 1
    other = pack(2)
    other.versions = {**other.versions, "numpy": "1.0", "riskmodel": "9 (code x)"}
    with pytest.raises(rm.RiskModelError, match=r"riskmodel .* there, 9 \(code x\) here; numpy"):
        other.open()
    with pytest.raises(rm.RiskModelError, match=r"worker tcp: .*numba missing there, 1 here"):
        refuse_others({"numba": "1"}, {}, "worker tcp:")


def test_what_cannot_travel_is_said(processes):
    class Local:
        pass

    with pytest.raises(rm.RiskModelError, match="top of a module"):
        pack(Local())
    with pytest.raises(rm.RiskModelError, match="top of a module"):
        list(results(power, Local(), range(2), executor=processes))
    with pytest.raises(rm.RiskModelError, match=r"neither submit\(\) nor map\(\)"):
        list(results(power, 2, range(2), executor=object()))


def test_a_process_keeps_the_last_parcels_only(monkeypatch):
    monkeypatch.setattr(parcel, "_opened", {})
    for number in range(9):
        assert pack(number).open() == number
    assert len(parcel._opened) == parcel.KEPT


def test_a_parcel_that_is_not_pickled_writes_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    value = object()
    shared = Parcel(value)
    assert shared.open() is value
    shared.close()
    assert list(tmp_path.iterdir()) == []


def test_one_process_compiles_and_others_wait_for_it(tmp_path, monkeypatch):
    class Kernel:
        class stats:
            cache_path = str(tmp_path)

    warmed = []
    monkeypatch.setattr(compiling, "entry_point", lambda: Kernel)
    monkeypatch.setattr(compiling, "warm_up", lambda: warmed.append(1))
    compile_it = compiling.compile_once.__wrapped__  # as often as there are processes
    held = hold(tmp_path / "compiling.lock")
    other = threading.Thread(target=compile_it)
    other.start()
    other.join(0.3)
    assert other.is_alive()
    assert warmed == []
    held.close()
    other.join(10)
    assert warmed == [1]
    compile_it()
    assert warmed == [1]
    with hold(tmp_path / "another"):
        assert compiling.wait_for(tmp_path / "another", 0.05) is None
    assert compiling.wait_for(tmp_path / "no folder" / "lock", 5.0) is None
