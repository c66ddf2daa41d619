"""Entry points of the compiled code: compiled, or read from numba's cache, once a process.

Each file of the kernel that is called from Python has a ``build(cache, stamp)``, which makes its
entry points. Nothing is compiled, and no disk is touched, before one is asked for.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

_made: dict[str, Any] = {}
_lock = threading.Lock()


def made(build: Callable[[bool, int], Any]) -> Any:
    """Return what ``build`` makes, with numba's cache where there is a folder for it."""
    name = build.__module__
    if name not in _made:
        with _lock:
            if name not in _made:
                try:
                    _made[name] = build(True, source_stamp())
                except (RuntimeError, OSError):  # nowhere to keep the compiled code: do without
                    _made[name] = build(False, source_stamp())
    return _made[name]


@cache
def source_stamp() -> int:
    """Return a hash of the kernel's source files, never 0.

    numba's cache notices changes of the file of the cached function only. An entry point refers to
    the stamp: it is a cell of the function's closure, which is part of the cache's key, so a change
    of any file counts.
    """
    digest = sha256()
    here = Path(__file__).parent
    for path in [*sorted(here.glob("*.py")), here.parent / "outages" / "streams.py"]:
        digest.update(path.read_bytes())
    return int.from_bytes(digest.digest()[:7], "little") | 1
