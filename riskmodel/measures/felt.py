"""Which site felt a loss, cause by cause: the column ``site`` of ``contributions``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskmodel.engine.losses.by_site import losses_by_site
from riskmodel.engine.losses.losses import Losses
from riskmodel.engine.plan.held import held_mw
from riskmodel.measures.yeartable import TOTAL

if TYPE_CHECKING:
    from riskmodel.world.world import World


def site_causes(losses: Losses, of: str, *, world: World | None = None,
                each_lab: bool = False) -> pd.DataFrame:
    """Return the causes of a lab's loss, or of all labs', apart for each site that felt them.

    The years are run again with every site as a lab of its own; a lab then has its share of each
    site in the state of the world that the year ran in.

    Returns
    -------
    frame ``year, event, lab, site, peril, region, node, lost_mw_days``
        ``lab`` is who lost it with ``each_lab``, else ``of``
    """
    whole = losses_by_site(losses, world=world)
    sites = whole.labs
    rows = whole.causes.rename(columns={"lab": "site"})
    place = rows["site"].cat.codes.to_numpy()
    state = rows["year"].to_numpy() % losses.worlds
    lost = rows["lost_mw_days"].to_numpy(float)
    labs: list[str | None] = [None] if of == TOTAL else [of]
    if of == TOTAL and each_lab:
        labs = list(losses.labs)
    parts = []
    for lab in labs:
        held = held_mw(losses, lab, sites, world=world) / whole.capacity_mw
        mine = lost * held[state, place]
        kept = np.flatnonzero(mine)
        parts.append(rows.iloc[kept].assign(lab=of if lab is None else lab,
                                            lost_mw_days=mine[kept]))
    return pd.concat(parts, ignore_index=True)
