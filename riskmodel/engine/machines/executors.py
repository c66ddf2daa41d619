"""Who computes the blocks of a run: threads here, other processes, other machines.

Blocks are handed out in order and come back in order. Only a few are ahead of the oldest that is
not back yet, so memory does not grow with the number of blocks, nor when an early one is slow.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any

from riskmodel.engine.machines.compile_once import compile_once
from riskmodel.engine.machines.parcel import Absent, Packed, Parcel
from riskmodel.engine.run.runner import entry_point
from riskmodel.errors import RiskModelError

AHEAD = 3  # tasks a worker may have handed out and not taken back: one in hand, two waiting

Run = Callable[[Any, Any], Any]


def results(run: Run, shared: Any, tasks: Iterable[Any], *, workers: int | None = None,
            executor: Any = None) -> Iterator[Any]:
    """Yield what ``run(shared, task)`` brings back for each task, in the order of the tasks.

    Parameters
    ----------
    run : a function at the top of a module
    shared : what all tasks read and none changes: the compiled world, the passes. It travels to
        each process once, not with the tasks
    tasks : small; taken one by one, as there is room for them
    workers : threads, all cores by default; with an executor, as how many workers it counts where
        it does not tell
    executor : None (threads), a ``concurrent.futures`` executor of threads or processes, anything
        else with ``submit`` or ``map``, a ``distributed.Client`` or its ``get_executor()``

    Whoever computes them, the results are the same. What a task raises comes out as it is; when
    the caller stops midway, tasks not yet begun are not begun.

    Raises
    ------
    RiskModelError : the executor has neither ``submit`` nor ``map``; another process has other
        versions; what the tasks share cannot travel
    """
    if executor is None:
        yield from _on_threads(run, shared, tasks, workers or cores())
        return
    from riskmodel.engine.machines.cluster import as_client, on_cluster

    client, how = as_client(executor)
    if client is not None:
        yield from on_cluster(client, run, shared, tasks, **how)
    elif callable(getattr(executor, "submit", None)):
        yield from _on_pool(executor, run, shared, tasks, workers)
    elif callable(getattr(executor, "map", None)):
        yield from _by_map(executor, run, shared, tasks, workers)
    else:
        raise RiskModelError("executor has neither submit() nor map(), as the executors of "
                             "concurrent.futures have; with Dask pass the Client")


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):  # Linux: what the container or the user allows
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def in_order(submit: Callable[[Any], Any], take: Callable[[Any, Any], Any], tasks: Iterable[Any],
             room: Callable[[], int]) -> Iterator[Any]:
    """Hand tasks out while there is room, and yield their results in order.

    ``take(future, task)`` waits for one result. Futures that are not taken are cancelled.
    """
    waiting: deque[tuple[Any, Any]] = deque()
    try:
        for task in tasks:
            while len(waiting) >= max(room(), 1):
                yield take(*waiting.popleft())
            waiting.append((submit(task), task))
        while waiting:
            yield take(*waiting.popleft())
    finally:
        for future, _ in waiting:
            cancel = getattr(future, "cancel", None)
            if cancel is not None:
                cancel()


def _on_threads(run: Run, shared: Any, tasks: Iterable[Any], count: int) -> Iterator[Any]:
    entry_point()
    if count <= 1:
        for task in tasks:
            yield run(shared, task)
        return
    pool = ThreadPoolExecutor(count)
    try:
        yield from in_order(lambda task: pool.submit(run, shared, task),
                            lambda future, _: future.result(), tasks, lambda: AHEAD * count)
    finally:  # stopped midway: blocks not yet begun are not begun
        pool.shutdown(cancel_futures=True)


def _on_pool(pool: Any, run: Run, shared: Any, tasks: Iterable[Any], workers: int | None
             ) -> Iterator[Any]:
    count = workers or getattr(pool, "_max_workers", None) or cores()
    parcel = Parcel(shared)

    def take(future: Any, task: Any) -> Any:
        found = future.result()
        if isinstance(found, Absent):  # another machine, or the file is gone: send it along
            found = pool.submit(_call, run, parcel.packed(), task).result()
        return found

    try:
        yield from in_order(lambda task: pool.submit(_call, run, parcel, task), take, tasks,
                            lambda: AHEAD * count)
    finally:
        parcel.close()


def _by_map(pool: Any, run: Run, shared: Any, tasks: Iterable[Any], workers: int | None
            ) -> Iterator[Any]:
    """Hand tasks to ``map`` a few at a time: it may take all before it gives any back."""
    parcel = Parcel(shared)
    rest = iter(tasks)
    try:
        while some := list(islice(rest, AHEAD * (workers or cores()))):
            for found, task in zip(pool.map(_Call(run, parcel), some), some, strict=True):
                if isinstance(found, Absent):
                    found = next(iter(pool.map(_Call(run, parcel.packed()), [task])))
                yield found
    finally:
        parcel.close()


def _call(run: Run, parcel: Any, task: Any) -> Any:
    """Compute one task, wherever this is."""
    shared = parcel.open()
    if isinstance(shared, Absent):
        return shared
    if isinstance(parcel, Packed):  # another process
        compile_once()
    return run(shared, task)


class _Call:
    """``_call`` with all but the task, for ``map``."""

    def __init__(self, run: Run, parcel: Any) -> None:
        self.run, self.parcel = run, parcel

    def __call__(self, task: Any) -> Any:
        return _call(self.run, self.parcel, task)
