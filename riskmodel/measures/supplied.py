"""Who supplied what failed, loss by loss: the column ``supplier`` of ``contributions``.

The root node says it, by ``riskmodel.world.suppliers``. Five perils are told as outages of a site
although the hall is not what fails; theirs is the supplier of what the site was short of:

- ``load_trip``: the grid whose voltage dipped;
- ``cloud_outage`` of a zone, ``sanctions_cutoff``: the cloud;
- ``chip_supply``: the makers in the country where the shock fell, as ``supply_nodes`` names them.
  Several share a line ("SK hynix / Samsung"): the event table does not say which plant stopped.
  Large equipment of the site is ``(large transformers)``: no maker is on record;
- ``export_control``: the designers of the chips that the site names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskmodel.perils.chip_supply import KINDS
from riskmodel.perils.lateness import EVENTS_PER_KIND
from riskmodel.world.suppliers import Suppliers

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from riskmodel.engine.losses.losses import Losses
    from riskmodel.world.world import World

EQUIPMENT = "(large transformers)"
#: peril -> kind of node, where an outage of a site is one of what the site needs
_SHORT_OF = {"load_trip": "grid", "cloud_outage": "cloud", "sanctions_cutoff": "cloud"}
#: kind of shock to the supply of chips -> whose plants it stops
_PLANTS = {"earthquake": ("foundry",), "blockade": ("foundry",),
           "plant_loss": ("foundry", "packaging", "memory")}


def suppliers_of(causes: pd.DataFrame, losses: Losses, world: World) -> NDArray[np.object_]:
    """Return the supplier of each row of ``causes`` (columns event, peril, region, node)."""
    keys = causes[["peril", "region", "node"]].astype(object)
    keys["kind"] = -1
    shocks = (keys["peril"] == "chip_supply").to_numpy()
    if shocks.any() and losses.kind == "annual":  # the events of a story have numbers of their own
        number = losses.events["event_no"].to_numpy()
        keys.loc[shocks, "kind"] = (number[causes["event"].to_numpy()[shocks]] // EVENTS_PER_KIND)
    code = keys.groupby(list(keys.columns), sort=False).ngroup().to_numpy()
    known, sites = Suppliers(world), set(world.sites["site_id"])
    few = keys.drop_duplicates()
    names = [_supplier(known, peril, region, node, kind, node in sites)
             for peril, region, node, kind in few.itertuples(index=False)]
    return np.array(names, dtype=object)[code]


def _supplier(known: Suppliers, peril: str, region: str, node: str, kind: int,
              is_site: bool) -> str:
    if is_site and peril == "chip_supply":
        shock = KINDS[kind] if 0 <= kind < len(KINDS) else "plant_loss"
        return known.makers(region, _PLANTS[shock]) if shock in _PLANTS else EQUIPMENT
    if is_site and peril == "export_control":
        return known.designers(node)
    if is_site and peril in _SHORT_OF:
        return known.reached(node, _SHORT_OF[peril]) or known.of_node(node)
    return known.of_node(node)
