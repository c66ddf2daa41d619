"""What workers compute in these tests; they import it from here."""

from __future__ import annotations

import os
import time


def slow_square(shared: int, task: int) -> tuple[int, int]:
    """Return a number and who computed it."""
    time.sleep(0.05)
    return shared * task * task, os.getpid()


def deadly(shared: object, task: int) -> int:
    """End the process at the third task, as a lack of memory does."""
    if task == 2:
        os._exit(1)
    return task


def faulty(shared: object, task: int) -> int:
    """Fail at the third task."""
    if task == 2:
        raise KeyError("two")
    return task
