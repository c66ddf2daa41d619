"""Where the world that ships with the package lies."""

from __future__ import annotations

from pathlib import Path

from riskmodel.errors import RiskModelError


def shipped_folder() -> Path:
    """Return the folder of the shipped world: inside the package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "_geodata", package.parent / "geodata"):
        if folder.is_dir():
            return folder
    raise RiskModelError(
        "the shipped world is not installed: neither riskmodel/_geodata nor a checkout's geodata "
        "folder is there; reinstall riskmodel, or give read_world a folder of your own")
