"""How many MW a lab holds at each site, in each state of the world of a run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from riskmodel.engine.losses.losses import Losses
from riskmodel.engine.plan.again import again
from riskmodel.engine.plan.plan import Plan
from riskmodel.engine.plan.planned import Planned
from riskmodel.errors import RiskModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmodel.world.world import World


def held_mw(losses: Losses | Planned, lab: str | None, sites: Sequence[str], *,
            world: World | None = None) -> NDArray[np.float64]:
    """Return IT MW held at each of the sites, shape (worlds, sites); None takes all labs together.

    Raises
    ------
    RiskModelError : there is no such lab, or it holds something at a site that is not listed
    """
    if lab is not None and lab not in losses.labs:
        raise RiskModelError(f"there is no lab {lab!r} in these losses; there are "
                             f"{', '.join(losses.labs)}")
    states = again(losses, world, "held_mw")
    if isinstance(states, Plan):
        frame = states.world.effective_holdings()
        labs, places = frame["lab_id"].tolist(), frame["site_id"].tolist()
        share = frame["share"].to_numpy(float)[None, :]
    else:
        labs, places = list(states.holdings.lab_id), list(states.holdings.site_id)
        share = states.holdings.share
    all_sites = (states if isinstance(states, Plan) else states.base).world.sites
    mw = dict(zip(all_sites["site_id"], all_sites["it_mw"].fillna(0.0), strict=True))
    column = {site: number for number, site in enumerate(sites)}
    out = np.zeros((len(share), len(column)))
    for number, (name, site) in enumerate(zip(labs, places, strict=True)):
        if lab not in (None, name) or mw[site] <= 0:
            continue
        if site not in column:
            raise RiskModelError(f"{name} holds part of {site}, which is not among the sites "
                                 "watched; watch all of the world's sites")
        out[:, column[site]] += share[:, number] * mw[site]
    return out
