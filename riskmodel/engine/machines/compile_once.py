"""Processes that start together on one machine: one compiles, the others read what it left."""

from __future__ import annotations

import contextlib
import time
from functools import cache
from pathlib import Path
from typing import IO

from riskmodel.engine.kept.folder_lock import hold
from riskmodel.engine.run.runner import entry_point, warm_up

PATIENCE_S = 180.0  # then compile as well: whoever holds the lock may hang


@cache  # once a process
def compile_once() -> None:
    """Compile the kernel unless that was done here before; wait for another process that is at it.

    Processes that compile at the same time harm nothing, since numba puts whole files into its
    cache; but each would take half a minute of a core and some hundred MB.
    """
    from riskmodel.engine.kernel.entry import source_stamp

    folder = entry_point().stats.cache_path
    if folder is None:  # nowhere to keep it: there is nothing to wait for
        return
    done = Path(folder) / f"compiled-{source_stamp():x}"
    if done.exists():
        return
    lock = wait_for(Path(folder) / "compiling.lock", PATIENCE_S)
    try:
        if not done.exists():
            warm_up()
            with contextlib.suppress(OSError):
                done.touch()
    finally:
        if lock is not None:
            lock.close()


def wait_for(path: Path, patience_s: float) -> IO[str] | None:
    """Return the lock once no other process holds it; None where that takes too long."""
    until = time.monotonic() + patience_s
    while True:
        try:
            return hold(path)
        except BlockingIOError:
            if time.monotonic() > until:
                return None
            time.sleep(0.1)
        except OSError:  # the folder cannot be written
            return None
