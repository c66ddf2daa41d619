"""Perils that are somebody's event table: the table ``events`` of a world, one peril per id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskmodel.perils.protocol import PerilSpec
from riskmodel.perils.spec import read_spec
from riskmodel.world.tables import EVENTS

if TYPE_CHECKING:
    from riskmodel.world.world import World


@dataclass(frozen=True, eq=False)
class EventTablePeril:
    """A hazard given as rows of events and nodes.

    Its rows stay whole in a world with fewer sites: a row on a node that is not there hits nothing.
    ``rows`` says which rows of ``frame`` are its own, by position; None takes them all. A large
    table is not kept twice.
    """

    spec: PerilSpec
    frame: pd.DataFrame
    rows: np.ndarray | None = None

    def catalogue(self, world: World) -> pd.DataFrame:
        """Return the rows, as given."""
        if self.rows is None:
            return self.frame.copy()
        return pd.DataFrame({name: self.frame[name].take(self.rows).reset_index(drop=True)
                             for name in EVENTS.names if name in self.frame}, copy=False)


def event_table_perils(world: World) -> list[EventTablePeril]:
    """Return one peril for each id in the column ``peril`` of the world's event table.

    A file ``perils/<id>.toml`` of the world describes it; without one, it is described as what it
    is: a table that somebody gave.
    """
    codes, ids = pd.factorize(world.events["peril"], sort=True)
    perils = []
    for number, peril_id in enumerate(ids):
        data = world.perils.get(peril_id)
        spec = read_spec(data) if data is not None else PerilSpec(
            peril_id=peril_id, name=peril_id.replace("_", " "),
            definition="Given as an event table of the world, without a description of its own.",
            group="")
        perils.append(EventTablePeril(spec, world.events, np.flatnonzero(codes == number)))
    return perils
