"""Perils that are somebody's event table: the table ``events`` of a world, one peril per id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

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
    """

    spec: PerilSpec
    frame: pd.DataFrame

    def catalogue(self, world: World) -> pd.DataFrame:
        """Return the rows, as given."""
        return self.frame.copy()


def event_table_perils(world: World) -> list[EventTablePeril]:
    """Return one peril for each id in the column ``peril`` of the world's event table.

    A file ``perils/<id>.toml`` of the world describes it; without one, it is described as what it
    is: a table that somebody gave.
    """
    events = world.events
    perils = []
    for peril_id in sorted(set(events["peril"])):
        data = world.perils.get(peril_id)
        spec = read_spec(data) if data is not None else PerilSpec(
            peril_id=peril_id, name=peril_id.replace("_", " "),
            definition="Given as an event table of the world, without a description of its own.",
            group="")
        rows = events[events["peril"] == peril_id].reset_index(drop=True)
        perils.append(EventTablePeril(spec, rows.reindex(columns=list(EVENTS.names))))
    return perils
