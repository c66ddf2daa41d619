"""The loop of a run: every task once, in order, and none that is already done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from riskmodel.engine.kept.block_store import BlockStore
from riskmodel.engine.machines.executors import Run, results


def each_task(run: Run, shared: Any, tasks: Sequence[tuple[int, ...]], *,
              store: BlockStore | None = None, workers: int | None = None, executor: Any = None
              ) -> Iterator[tuple[tuple[int, ...], Any]]:
    """Yield each task and what ``run(shared, task)`` brings back, in the order of the tasks.

    With a ``store``, tasks that it has are read from it, and the others are kept in it as they
    come; a block that turns out to be damaged is run anew. A caller that has seen enough stops
    asking: tasks not yet begun are then not begun.
    """
    kept = [store is not None and store.has(name_of(task)) for task in tasks]
    fresh = results(run, shared, [task for task, there in zip(tasks, kept, strict=True)
                                  if not there], workers=workers, executor=executor)
    for task, there in zip(tasks, kept, strict=True):
        if store is None:
            yield task, next(fresh)
            continue
        part = store.load(name_of(task)) if there else None
        if part is None:
            part = run(shared, task) if there else next(fresh)
            store.save(name_of(task), part)
        yield task, part


def name_of(task: tuple[int, ...]) -> str:
    """Return the name of a task's block: which years, of which world, and nothing of the run."""
    return "-".join(map(str, task))
