"""Runs that stop when an asked-for error is reached: the same years as a plain run so long.

The error is looked at after fixed numbers of years, so that who computes the blocks never changes
where a run stops. Between looks finished blocks are kept in a folder and taken up again.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

from riskmodel.engine.long.long_run import LongRun
from riskmodel.engine.losses.losses import Losses

KEY = "until"  # of the manifest


class Stop(Protocol):
    """When to stop, as a run needs to know it; ``riskmodel.measures.until.Until`` is one."""

    def looks_at(self, most: int) -> list[int]:
        """Return after how many years to look, rising; the last is the most."""
        ...

    def check(self, labs: tuple[str, ...]) -> None:
        """Refuse labs that are not there."""
        ...

    def look(self, losses: Losses) -> dict[str, Any]:
        """Return what the years so far say; ``reached`` ends the run."""
        ...

    def describe(self) -> dict[str, Any]:
        """Return it in plain numbers."""
        ...


def run_until(stop: Stop, run: Callable[[int, Path], Losses], most: int,
              keep: str | Path | None) -> Losses:
    """Run more and more years, at most ``most``, until it is time to stop.

    ``run(years, folder)`` simulates so many years with finished blocks in the folder. The manifest
    of what comes back tells every look.
    """
    looks: list[dict[str, Any]] = []
    with TemporaryDirectory() if keep is None else nullcontext(str(keep)) as folder:
        for years in stop.looks_at(most):
            losses = run(years, Path(folder))
            stop.check(losses.labs)
            looks.append(stop.look(losses))
            if looks[-1]["reached"]:
                break
    told = {**stop.describe(), "most": most, "reached": looks[-1]["reached"], "looks": looks}
    more: dict[str, Any] = {"manifest": {**losses.manifest, KEY: told}}
    if keep is None and isinstance(losses, LongRun):  # its parts went with the folder
        more |= {"folder": None, "tables": ()}
    return replace(losses, **more)
