"""Every system that the project's brief names, and what here computes with it or shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from riskmodel.compute.inputs import input_path
from riskmodel.errors import RiskModelError

if TYPE_CHECKING:
    from riskmodel.world.world import World

FILE = "brief_systems.csv"
COLUMNS = ("item", "role", "shown_by")
#: what ``shown_by`` may point at: a function or class, a row of a table (or a lever), a number of a
#: file with its value, a peril, a scenario, a back-test, a file of the world
KINDS = ("call", "row", "number", "peril", "scenario", "backtest", "file")


def brief_systems(world: World | None = None) -> pd.DataFrame:
    """Return one row for each thing that an item of the brief is shown by.

    Frame ``item, role, kind, target``: ``call`` module:name, ``row`` table/key, ``number``
    file#path=value, and the name of a ``peril``, ``scenario``, ``backtest`` or ``file``.

    Raises
    ------
    RiskModelError : a column is absent, an item points at nothing, or at no known kind of thing
    """
    frame = pd.read_csv(input_path(FILE, world), dtype=str, keep_default_na=False)
    lacking = [name for name in COLUMNS if name not in frame]
    if lacking:
        raise RiskModelError(f"compute/{FILE}: the column {lacking[0]!r} is absent; add it")
    rows = []
    for item, role, shown_by in frame[list(COLUMNS)].itertuples(index=False):
        targets = [part.strip() for part in str(shown_by).split(";") if part.strip()]
        if not targets:
            raise RiskModelError(f"compute/{FILE}: {item!r} is shown by nothing; name what "
                                 "computes with it or shows it")
        for text in targets:
            kind, _, target = text.partition(":")
            if kind not in KINDS or not target:
                raise RiskModelError(f"compute/{FILE}: {item!r} is shown by {text!r}; write "
                                     f"KIND:TARGET with one of {', '.join(KINDS)}")
            rows.append((item, role, kind, target))
    return pd.DataFrame(rows, columns=["item", "role", "kind", "target"])
