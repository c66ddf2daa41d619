"""What every site is missing while given nodes are out together: no chance, no years.

Each set of nodes is a trial of its own with given outages, so that thousands of sets go through the
kernel in one call.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from riskmodel.engine.kernel.layout import HAPPENED, OWN, Given
from riskmodel.engine.losses.courses import watching
from riskmodel.engine.plan.plan import Plan, make_plan
from riskmodel.engine.run.runner import BLOCK_YEARS, Span, run_given

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from riskmodel.world.world import World

_SPAN = Span(1, -np.inf, np.inf, False, False, courses=True)


@dataclass(frozen=True, eq=False)
class OutageSets:
    """A world whose sites are watched while nodes are taken out.

    ``plan`` has its nodes in topological order; sets of nodes are given as positions in
    ``plan.nodes``. ``sites`` are the world's, in its order.
    """

    plan: Plan
    sites: tuple[str, ...]

    def without_reserves(self) -> OutageSets:
        """Return the same world with every ride-through spent beforehand."""
        group = self.plan.graph.group.copy()
        group["ride_h"] = 0.0
        graph = self.plan.graph._replace(group=group)
        return replace(self, plan=replace(self.plan, graph=graph, scratch=[]))

    def lost_share(self, sets: NDArray[np.int64], hours: float) -> csr_array:
        """Return the share of each site that is missing at the end of the outage.

        Parameters
        ----------
        sets : shape (trials, nodes of each); all nodes of a row are wholly out for ``hours``,
            starting together with every reserve full

        Returns
        -------
        sparse array, shape (trials, sites), in (0, 1]: the most that is missing at any moment,
        which is what is missing just before the end. While the outages last no availability can
        rise (every rule is monotone and reserves only drain), so all sites are at their worst
        together, and a lab's peak is the sum over its sites.
        """
        from scipy.sparse import csr_array, vstack

        column = np.full(len(self.plan.nodes), -1, np.int64)
        column[[self.plan.node_index[site] for site in self.sites]] = np.arange(len(self.sites))
        parts = []
        for first in range(0, len(sets), BLOCK_YEARS):
            block = sets[first:first + BLOCK_YEARS]
            rows = run_given(self.plan, together(block, hours), 0, len(block), _SPAN).courses
            # the pieces of one site in one trial stand side by side
            fresh = np.flatnonzero((np.diff(rows["year"], prepend=-1) != 0)
                                   | (np.diff(rows["node"], prepend=-1) != 0))
            lost = np.maximum.reduceat(rows["lost"], fresh) if len(fresh) else rows["lost"]
            at = rows["year"][fresh], column[rows["node"][fresh]]
            parts.append(csr_array((lost, at), shape=(len(block), len(self.sites))))
        if not parts:
            return csr_array((0, len(self.sites)))
        return csr_array(vstack(parts))


def outage_sets(world: World) -> OutageSets:
    """Compile a world, without perils, so that nodes can be taken out of it."""
    plan = make_plan(world, [], seed=0, horizon_h=8760.0, cap_h=17520.0)
    sites = tuple(world.sites["site_id"])
    return OutageSets(watching(plan, sites, []), sites)


def together(sets: NDArray[np.int64], hours: float) -> Given:
    """Return one trial for each row of ``sets``: its nodes wholly out from hour 0 for ``hours``."""
    trials, many = sets.shape
    happened = np.zeros(trials, HAPPENED)
    happened["row"] = happened["campaign"] = -1
    own = np.zeros(trials * many, OWN)
    own["node"] = sets.ravel()
    own["end"], own["depth"] = hours, 1.0
    return Given(np.arange(trials + 1), happened, many * np.arange(trials + 1), own)
