"""A peer at work in its own environment: asked for years, it says how many seconds they took."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from tests.benchmarks.peers.build import python_of
from tests.benchmarks.peers.exported import export
from tests.benchmarks.standard_job import Job

HERE = Path(__file__).parent
MARK = ">>>"


class PeerFailed(Exception):
    """A peer is absent, or ended; the text says why."""


class Peer:
    """One process that stays: what it imports and compiles is not counted."""

    def __init__(self, name: str, environments: Path, job: Path, folder: Path) -> None:
        python = python_of((environments / name).absolute())
        if not python.exists():
            raise PeerFailed(f"there is no environment {environments / name}; make it with "
                             f"python -m tests.benchmarks.peers.build {environments} {name}")
        folder.mkdir(parents=True, exist_ok=True)
        self._said = folder / f"{name}.log"
        told = [python, HERE / f"{name}_peer.py", job.resolve(), folder.resolve()]
        with self._said.open("wb") as log:
            self._process = subprocess.Popen(
                told, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True,
                cwd=folder,  # Oasis leaves a folder of logs where it runs
                env={**os.environ, "HOME": str(folder), "MPLBACKEND": "Agg", "PYTHONPATH": ""})
        self.version = str(self._hear()["version"])
        self._last: dict[str, Any] = {}

    def __call__(self, years: int) -> None:
        """Simulate so many years."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(f"{years}\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            self._fail()
        self._last = self._hear()

    def watch(self) -> dict[str, Any]:
        """Return seconds, cpu_s and aal (by lab) of the last run, by the peer's own account."""
        return self._last

    def close(self) -> None:
        """End the process, and close its pipes."""
        self._process.communicate(timeout=60)

    def _hear(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith(MARK):
                return dict(json.loads(line[len(MARK):]))
        return self._fail()

    def _fail(self) -> Any:
        self.close()
        lines = self._said.read_text(errors="replace").strip().splitlines() or ["no message"]
        raise PeerFailed(f"it ended with code {self._process.returncode}: {lines[-1]}")


def exported(job: Job, folder: Path) -> Path:
    """Return the job's file, written once into ``folder``."""
    path = folder / "job.npz"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        export(job, path)
    return path
