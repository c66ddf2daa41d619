"""Many stories on one world: compiled once, each played as a year of its own in one go."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from riskmodel.engine.losses.courses import Courses, to_courses, watching
from riskmodel.engine.losses.losses import HOURS_PER_DAY
from riskmodel.engine.outages.given import no_given, pack, story_table
from riskmodel.engine.plan.plan import Plan
from riskmodel.engine.run.runner import BLOCK_YEARS, Span, run_given
from riskmodel.engine.stories.story import plan_for
from riskmodel.errors import RiskModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmodel.perils.events import Event
    from riskmodel.world.world import World

_SPAN = Span(1, -np.inf, np.inf, losses=False, adequacy=False, courses=True)


@dataclass(frozen=True, eq=False)
class Stage:
    """A world compiled for stories of some perils and regions.

    Attributes
    ----------
    sites : ids of the world's sites, all of which are watched
    labs : lab ids; ``held_mw`` : IT MW of each at each site, shape (labs, sites)
    needed_share : of each lab, shape (labs,)
    recovery_cap_days : every own outage ends at the latest so long after its start
    """

    plan: Plan  # in which a stranger holds one MW at every site
    sites: tuple[str, ...]
    labs: tuple[str, ...]
    held_mw: NDArray[np.float64]
    needed_share: NDArray[np.float64]
    recovery_cap_days: float

    @property
    def capacity_mw(self) -> NDArray[np.float64]:
        """IT MW of each lab, shape (labs,)."""
        return self.held_mw.sum(axis=1)

    def play(self, stories: Sequence[Sequence[Event]]) -> Courses:
        """Return the courses of the sites; the "years" are the stories, by their place in the list.

        Several events of a story may overlap; nothing is drawn.

        Raises
        ------
        RiskModelError : a story has a peril, a region or a node that the stage does not know
        """
        plan = self.plan
        known = set(plan.node_index)
        for events in stories:
            for event in events:
                if event.peril not in plan.perils or event.region not in plan.region_index:
                    raise RiskModelError(f"the stage was not set for {event.peril!r} in "
                                         f"{event.region!r}; name both when it is set")
                for outage in event.outages:
                    if outage.node not in known:
                        raise RiskModelError(f"there is no node {outage.node!r} in this world")
        parts = []
        for first in range(0, len(stories), BLOCK_YEARS):
            block = stories[first:first + BLOCK_YEARS]
            given = pack(plan, story_table(plan, block), len(block))
            parts.append(run_given(plan, given, first, len(block), _SPAN).courses)
        rows = np.concatenate(parts) if parts else run_given(plan, no_given(1), 0, 1,
                                                             _SPAN).courses
        return to_courses(rows, plan, self.sites, len(stories), "occurrence",
                          plan.horizon_h / HOURS_PER_DAY)


def set_stage(world: World, perils: Iterable[str], regions: Iterable[str] = ("",), *,
              recovery_cap_days: float, check: bool = True) -> Stage:
    """Check a world and compile it for stories of these perils and regions."""
    if check:
        world.check()
    plan = plan_for(world, perils, regions, cap_h=recovery_cap_days * HOURS_PER_DAY)
    sites = tuple(world.sites["site_id"])
    column = np.full(len(plan.nodes), -1)
    column[[plan.node_index[site] for site in sites]] = np.arange(len(sites))
    held = np.zeros((len(plan.labs), len(sites)))
    np.add.at(held, (plan.graph.hold["lab"], column[plan.graph.hold["node"]]),
              plan.graph.hold["mw"])
    return Stage(watching(plan, sites, []), sites, plan.labs, held, plan.needed_share.copy(),
                 recovery_cap_days)
