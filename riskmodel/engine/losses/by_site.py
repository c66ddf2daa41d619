"""The years of a run again, with every site as a lab of its own: which site felt what.

No peril asks who holds a site, and each lost MW-hour descends from its site to one own outage. So
the losses of a lab are those of its sites by its share of each, cause by cause, exactly.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmodel.engine.long.long_run import refuse_long
from riskmodel.engine.losses.losses import Losses
from riskmodel.engine.losses.tables import to_losses
from riskmodel.engine.machines.executors import results
from riskmodel.engine.plan.again import again
from riskmodel.engine.plan.plan import Plan, with_holdings
from riskmodel.engine.plan.worlds import all_rows, how_to_run
from riskmodel.engine.run.simulation import spans_of
from riskmodel.errors import RiskModelError
from riskmodel.world.attribution import DrawnHoldings

if TYPE_CHECKING:
    from riskmodel.world.world import World


def losses_by_site(losses: Losses, *, world: World | None = None, workers: int | None = None,
                   progress: Callable[[int, int], None] | None = None) -> Losses:
    """Return the losses of every running site, under the disasters and the events of ``losses``.

    The column ``lab`` holds site ids and ``capacity_mw`` the sites' IT MW; the events are numbered
    as in ``losses``. It costs about as much as the run itself.

    Parameters
    ----------
    world : the world of the losses, where they were read from a folder

    Raises
    ------
    RiskModelError : the losses are a story or a bare year table, or their world is not there
    """
    refuse_long(losses, "losses_by_site")
    states = again(losses, world, "losses_by_site")
    of = (states if isinstance(states, Plan) else states.base).world
    mw = of.sites["it_mw"].to_numpy(float)
    sites = tuple(of.sites["site_id"][np.nan_to_num(mw) > 0])
    if isinstance(states, Plan):
        states = plan = _own_labs(states, sites)
    else:
        held = DrawnHoldings(sites, sites, np.ones((states.count, len(sites))))
        plan = _own_labs(states.base, sites)
        states = replace(states, base=plan, holdings=held)
    run, tasks = how_to_run(states, losses.n_years)
    brought = results(run, (states, spans_of(plan, losses.booking, False)), tasks, workers=workers)
    parts: list[Any] = []
    done = 0
    for part, task in zip(brought, tasks, strict=True):
        parts.append(part)
        done += task[-1]
        if progress is not None:
            progress(done, losses.n_years)
    plan, rows = all_rows(states, parts)
    found = to_losses(plan, rows, world=of, n_years=losses.n_years, seed=losses.seed,
                      booking=losses.booking, horizon_days=losses.horizon_days,
                      manifest={**losses.manifest, "labs": "every site as a lab of its own"},
                      with_adequacy=False)
    told = losses.events[(losses.events["year"] < losses.n_years).to_numpy()]
    same = len(found.events) == len(told) and all(
        np.array_equal(found.events[name], told[name]) for name in ("year", "event_no", "start_h"))
    if not same:
        raise RiskModelError("losses_by_site: the years run again hold other events than the "
                             "losses; simulate again with this version")
    return replace(found, worlds=losses.worlds, plan=None)


def _own_labs(plan: Plan, sites: tuple[str, ...]) -> Plan:
    """Return the plan with every site as a lab that holds all of itself and needs nothing."""
    held = pd.DataFrame({"lab_id": list(sites), "site_id": list(sites),
                         "share": np.ones(len(sites))}).astype({"lab_id": object,
                                                                "site_id": object})
    graph, capacity = with_holdings(plan.graph, plan.world.sites, held, list(sites),
                                    dict.fromkeys(sites, 0.0), plan.node_index)
    return replace(plan, graph=graph, labs=sites, capacity_mw=capacity,
                   needed_share=np.zeros(len(sites)), hold_room=len(sites), scratch=[])
