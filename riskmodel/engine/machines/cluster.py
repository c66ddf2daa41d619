"""Blocks of years on a Dask cluster.

The compiled world is one task of the cluster and the blocks hang on it: it is sent once, workers
pass it on among themselves, and where the worker that held it dies the cluster makes it again.
"""

from __future__ import annotations

import itertools
import sys
import time
import uuid
from collections.abc import Iterable, Iterator
from typing import Any

from riskmodel.engine.machines.compile_once import compile_once
from riskmodel.engine.machines.parcel import Packed, pack, refuse_others, versions
from riskmodel.errors import RiskModelError

AHEAD = 4  # tasks for each thread of the cluster: one in hand, the others on their way
WAIT_S = 10.0  # how long to wait for the first worker
LOOK_S = 5.0  # how often to look whether anybody is still there
PATIENCE_S = 60.0  # how long a cluster may be without a worker


def as_client(executor: Any) -> tuple[Any, dict[str, Any]]:
    """Return the ``distributed.Client`` behind an executor and what its tasks are told, or None.

    A module that is not loaded can have made neither of them, so nothing is loaded here.
    """
    distributed = sys.modules.get("distributed")
    if distributed is None:
        return None, {}
    if isinstance(executor, distributed.Client):
        return executor, {}
    from distributed.cfexecutor import ClientExecutor

    if isinstance(executor, ClientExecutor):
        return executor._client, {"told": dict(executor._kwargs)}
    return None, {}


def on_cluster(client: Any, run: Any, shared: Any, tasks: Iterable[Any],
               told: dict[str, Any] | None = None) -> Iterator[Any]:
    """Yield the results of ``run(shared, task)`` in order; see ``executors.results``.

    ``told`` goes with every task: ``workers``, ``resources``, ``retries`` as Dask has them.

    Raises
    ------
    RiskModelError : no worker is there; one has other versions; the cluster is lost; a block
        takes down every worker that tries it
    """
    from cloudpickle import dumps
    from dask import config

    from riskmodel.engine.machines.executors import in_order

    watch = Watch(client)
    check_workers(client)
    how = {**(told or {}), "pure": False}
    name = f"riskmodel-{uuid.uuid4().hex[:12]}"
    packed = pack(shared, dumps)
    with config.set({"distributed.admin.large-graph-warning-threshold": "1TB"}):
        parcel = client.submit(tuple, [packed.digest, None, packed.content, packed.versions],
                               key=f"{name}-world", **how)
    del packed
    number = itertools.count()

    def submit(task: Any) -> Any:
        return client.submit(_block, run, parcel, task, key=f"{name}-block-{next(number)}", **how)

    try:
        yield from in_order(submit, lambda future, _: watch.take(future), tasks, watch.room)
    finally:  # an error that somebody keeps would keep the world in the cluster with it
        parcel.release()


def _block(run: Any, parcel: tuple[Any, ...], task: Any) -> Any:
    """Compute one block, on a worker."""
    shared = Packed(*parcel).open()
    compile_once()
    return run(shared, task)


class Watch:
    """Waits for blocks, and sees when nobody is left to compute them."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self._looked = self._seen = time.monotonic()
        self._threads = 0

    def room(self) -> int:
        """Return how many blocks may be handed out and not yet taken back."""
        if not self._threads or time.monotonic() - self._looked > LOOK_S:
            self.look()
        return AHEAD * max(self._threads, 1)

    def look(self) -> None:
        """Count the workers' threads; refuse to wait for ever where there are none."""
        self._looked = time.monotonic()
        self._threads = sum(threads_of(self.client).values())
        if self._threads:
            self._seen = self._looked
        elif self._looked - self._seen > PATIENCE_S:
            raise RiskModelError(
                f"the cluster at {address(self.client)} has had no worker for "
                f"{PATIENCE_S:.0f} s; start workers and run again")

    def take(self, future: Any) -> Any:
        """Wait for one block and bring it here.

        Raises
        ------
        RiskModelError : the cluster cannot compute it; what the block itself raises comes as it is
        """
        from distributed import CancelledError, KilledWorker

        try:
            while True:
                try:
                    future.exception(timeout=LOOK_S)  # waits, and brings no block
                    break
                except TimeoutError:
                    self.look()
            return future.result()
        except KilledWorker as error:
            raise RiskModelError(
                f"a block was given up after {error.allowed_failures + 1} workers had died while "
                "they computed it, most likely for want of memory: look into the workers' logs, "
                "give them more memory (--memory-limit) or fewer threads, and run again"
            ) from error
        except CancelledError as error:
            raise RiskModelError(
                f"the cluster at {address(self.client)} was lost in mid-run, or somebody cancelled "
                f"its work ({error}); see that the scheduler runs, and run again") from error
        finally:
            future.release()


def address(client: Any) -> str:
    """Return where the client's scheduler is, or was."""
    return str(getattr(client.scheduler, "address", "its address"))


def threads_of(client: Any) -> dict[str, int]:
    """Return the workers that are there and how many threads each has.

    Raises
    ------
    RiskModelError : the scheduler does not answer
    """
    try:
        return dict(client.nthreads())
    except (OSError, TimeoutError, RuntimeError, ValueError) as error:
        raise RiskModelError(f"the scheduler at {address(client)} does not answer ({error}); see "
                             "that it runs, and run again") from error


def check_workers(client: Any, wait_s: float = WAIT_S) -> int:
    """Wait for a worker and refuse those with other versions; return how many there are.

    Raises
    ------
    RiskModelError
    """
    if client.asynchronous:
        raise RiskModelError("the Client is asynchronous; give an ordinary one, Client(address)")
    until = time.monotonic() + wait_s
    while not threads_of(client):
        if time.monotonic() > until:
            raise RiskModelError(
                f"the scheduler at {address(client)} has no workers (waited {wait_s:.0f} s); "
                f"start some on each machine: dask worker {address(client)} --nthreads 1 "
                "--nworkers N")
        time.sleep(0.1)
    here = versions()
    # what is asked below is sent as compiled Python, which another Python cannot read
    found = client.get_versions()
    for who, facts in (("the scheduler", found["scheduler"]), *found["workers"].items()):
        python = ".".join(facts["packages"]["python"].split(".")[:2])
        refuse_others({"python": here["python"]}, {"python": python}, _called(who))
    told = client.run(_question())
    # the scheduler unpacks tasks before it hands them on, so it needs the package too
    for who, there in (("the scheduler", client.run_on_scheduler(_question())), *told.items()):
        refuse_others({name: here.get(name, "missing") for name in there}, there, _called(who))
    return len(told)


def _called(who: str) -> str:
    return who if who.startswith("the ") else f"worker {who}"


def _question() -> Any:
    """Return a function that a worker without riskmodel, or with an older one, can answer too."""

    def versions_there() -> dict[str, str]:
        try:
            from riskmodel._version import __version__
        except ImportError:
            return {"riskmodel": "missing"}
        try:
            from riskmodel.engine.machines.parcel import versions
        except ImportError:
            return {"riskmodel": f"{__version__} (older)"}
        return versions()

    return versions_there
