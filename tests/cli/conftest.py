"""What the tests of the command line share."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

Program = Callable[..., subprocess.CompletedProcess[str]]


#: Python before the program: a run writes everything and then waits, so that it is not over before
#: it is stopped, on however quick a machine
HELD = """
import time
from riskmodel.commands import run
write = run.write_manifest
run.write_manifest = lambda *given: (write(*given), time.sleep(600))
"""


def command(*words: object, before: str = "") -> list[str]:
    """Return the command that runs the program as its own process, after lines of Python."""
    start = ["-m", "riskmodel"]
    if before:
        start = ["-c", f"{before}\nfrom riskmodel.cli import main\nmain()"]
    return [sys.executable, *start, *map(str, words)]


@contextmanager
def running(words: Sequence[str], **options: Any) -> Iterator[subprocess.Popen[Any]]:
    """Run a process beside the test; at the end it is dead and its pipes are closed."""
    with subprocess.Popen(words, **options) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """Run ``riskmodel`` as its own process, in ``tmp_path``, without a terminal."""

    def call(*words: object, **options: object) -> subprocess.CompletedProcess[str]:
        settings: dict[str, object] = {"cwd": tmp_path, "capture_output": True, "text": True,
                                       "timeout": 240, "encoding": "utf-8",
                                       "env": {**os.environ, "PYTHONIOENCODING": "utf-8"}}
        settings.update(options)
        return subprocess.run(command(*words), check=False, **settings)  # type: ignore[call-overload]

    return call


@pytest.fixture(autouse=True)
def _somewhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test here writes into the folder it was started from."""
    monkeypatch.chdir(tmp_path)
