"""A lock on a folder that dies with its process, so that a dead run is told from a live one."""

from __future__ import annotations

from pathlib import Path
from typing import IO


def hold(path: Path) -> IO[str]:
    """Open and lock a file; the lock goes with the process. Raises ``OSError`` if it is held."""
    handle = path.open("w")
    try:
        import fcntl
    except ImportError:  # no such locks on Windows: leftovers stay until somebody removes them
        return handle
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        handle.close()
        raise
    return handle
