"""What the tests of the command line share."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Program = Callable[..., subprocess.CompletedProcess[str]]


def command(*words: object) -> list[str]:
    """Return the command that runs the program as its own process."""
    return [sys.executable, "-m", "riskmodel.cli", *map(str, words)]


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
