"""The numbers of the last version: a small table that ships, made by ``tests/last_version.py``."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from riskmodel._version import __version__
from riskmodel.decisions.since.figures import Figures, from_document
from riskmodel.errors import RiskModelError

FILE = Path(__file__).parent / "last_version.json"


@cache
def last_version(made_for: str = __version__) -> Figures:
    """Return the headline numbers of the version before this one, of the world that ships.

    Raises
    ------
    RiskModelError : the table was made for another version, and would compare with the wrong one
    """
    document = json.loads(FILE.read_text(encoding="utf-8"))
    if document["made_for"] != made_for:
        raise RiskModelError(
            f"the table of the last version's numbers was made for riskmodel "
            f"{document['made_for']} and this is {made_for}; whoever releases makes it anew with "
            "`python -m tests.last_version`")
    return from_document(document)
