"""A Dask cluster that somebody else started: find it, and look at who works there."""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from riskmodel.commands.console import WrongUsage, say, waiting

CONNECT_S = 10.0
START = "dask scheduler --host HOST --scheduler-file scheduler.json"


@contextmanager
def cluster(where: str | None) -> Iterator[Any]:
    """Give a client of the cluster at an address or in a scheduler file; None where none is asked.

    Raises
    ------
    WrongUsage : Dask is not installed, the address is none, no scheduler answers there
    RiskModelError : it has no workers, or one runs other versions
    """
    if where is None:
        yield None
        return
    quiet = logging.root.manager.disable
    logging.disable(logging.CRITICAL)  # Dask tells of lost connections; so do the errors here
    client = None
    try:
        with waiting(f"looking for the cluster at {where}"):
            client = connect(where)
            say(describe(client))
        yield client
    finally:
        if client is not None:
            client.close()
        logging.disable(quiet)


def connect(where: str) -> Any:
    """Return a client of the scheduler at ``where``: ``tcp://HOST:PORT`` or a scheduler file."""
    try:
        from distributed import Client
        from distributed.comm import get_address_host_port
    except ImportError as error:
        raise WrongUsage(f"--dask needs Dask, which is not installed here ({error}): "
                         "pip install 'riskmodel[cluster]'") from None
    target = address_in(where)
    try:
        get_address_host_port(target)
    except ValueError as error:
        raise WrongUsage(f"--dask {where}: {error}; give tcp://HOST:PORT of a scheduler, or the "
                         "file it writes (--scheduler-file)") from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of other versions: they are looked at below
            return Client(target, timeout=CONNECT_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise WrongUsage(f"no Dask scheduler answers at {where} ({reason(error)}); see that it "
                         "runs and that this machine reaches it, or start one: "
                         f"{START}") from None


def address_in(where: str) -> str:
    """Return the address that is given, or that stands in the scheduler file that is given."""
    file = Path(where)
    if "://" in where or not (file.is_file() or file.suffix == ".json"):
        return where if "://" in where else f"tcp://{where}"
    if not file.is_file():
        raise WrongUsage(f"there is no scheduler file {where}; start a scheduler that writes it: "
                         f"{START}")
    try:
        return str(json.loads(file.read_text(encoding="utf-8"))["address"])
    except (ValueError, KeyError, TypeError):
        raise WrongUsage(f"{where} is no scheduler file of Dask, which holds the scheduler's "
                         f"address; let a scheduler write it: {START}") from None


def reason(error: BaseException) -> str:
    """Return the last cause of an error, on one line: Dask wraps what the network said."""
    while error.__cause__ is not None:
        error = error.__cause__
    return " ".join(str(error).split()) or "no answer"


def describe(client: Any) -> str:
    """Look at the workers and say how many there are, on one line.

    Raises
    ------
    RiskModelError : there are none, or one runs other versions
    """
    from riskmodel.engine.machines.cluster import address, check_workers, threads_of

    count = check_workers(client)
    threads = sum(threads_of(client).values())
    return (f"cluster at {address(client)}: {count} worker{'s' if count > 1 else ''}, "
            f"{threads} thread{'s' if threads > 1 else ''}")
