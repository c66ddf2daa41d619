"""A real Dask cluster on loopback: a scheduler and workers, each a process of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
START_S = 60.0


class Loopback:
    """Start with Dask's own commands; ``close`` ends every process, also those that hang."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.file = folder / "scheduler.json"
        # with warnings as errors Dask's own command would not start
        self.env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "default", **settings}
        self.workers: list[subprocess.Popen[bytes]] = []
        self._logs = 0
        self.scheduler = self._start("scheduler", "--port", "0", "--scheduler-file",
                                     str(self.file))
        deadline = time.monotonic() + START_S
        while not self.file.exists():
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.02)

    def _start(self, *words: str, env: dict[str, str] | None = None) -> subprocess.Popen[bytes]:
        self._logs += 1
        with (self.folder / f"{self._logs:02d} {words[0]}.log").open("wb") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "dask", *words, "--host", "127.0.0.1", "--no-dashboard"],
                cwd=self.folder, env=env or self.env, stdout=log, stderr=log,
                start_new_session=True)  # a nanny and its worker are one group

    def worker(self, **settings: str) -> subprocess.Popen[bytes]:
        """Start one worker of one thread; it is not waited for."""
        process = self._start(
            "worker", "--scheduler-file", str(self.file), "--nworkers", "1", "--nthreads", "1",
            "--local-directory", str(self.folder), env={**self.env, **settings})
        self.workers.append(process)
        return process

    def log(self) -> str:
        """Return what all processes have written."""
        return "\n".join(path.read_text(errors="replace")
                         for path in sorted(self.folder.glob("*.log")))

    def close(self) -> None:
        """End every process."""
        for process in [*self.workers, self.scheduler]:
            kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill -9 a process and its children, and wait until it is dead."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(20)
