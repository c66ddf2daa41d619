"""The made-up world of ``riskmodel init``, for pictures in which every part can be seen."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any


@cache
def starter() -> Any:
    """Return the world that ``riskmodel init`` writes: three made-up sites of two labs."""
    import riskmodel as rm
    from riskmodel.exchange.starter_world import write_starter

    with TemporaryDirectory() as folder:
        write_starter(Path(folder) / "mine")
        return rm.read_world(Path(folder) / "mine")
