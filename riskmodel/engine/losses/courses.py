"""What every place was missing, and when, in every simulated year.

A course belongs to the place, not to who holds it: no peril asks how many MW stand somewhere, and
the cascade knows shares only. So what a lab loses under any split of its capacity over the watched
places is a weighting of their courses, under the very same disasters.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from riskmodel.engine.kernel.layout import HOLD, LAB
from riskmodel.engine.long.long_run import refuse_long
from riskmodel.engine.losses.losses import HOURS_PER_DAY, Losses
from riskmodel.engine.machines.executors import results
from riskmodel.engine.outages.rare_years import refuse_weighted
from riskmodel.engine.plan.again import again
from riskmodel.engine.plan.plan import Plan
from riskmodel.engine.plan.planned import Planned
from riskmodel.engine.plan.worlds import TASK_BLOCKS, Worlds
from riskmodel.engine.run.runner import BLOCK_YEARS, Span, run_block
from riskmodel.engine.run.simulation import BOOKINGS
from riskmodel.errors import RiskModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from riskmodel.world.world import World

    Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class Courses:
    """Stretches of time in which a watched site had less than all of its capacity.

    Attributes
    ----------
    sites : site ids; ``site`` counts among them
    year, site, start_h, end_h, lost_share : arrays of one element a stretch, years rising; hours
        count from the start of the year, ``lost_share`` is above 0 and at most 1. The stretches of
        a site in a year do not overlap.
    booking : "occurrence" (what begins in the year, to its end) or "calendar" (what falls into it)
    worlds : states of the world; year y ran in world y mod ``worlds``
    """

    sites: tuple[str, ...]
    year: NDArray[np.int64]
    site: NDArray[np.int32]
    start_h: Floats
    end_h: Floats
    lost_share: Floats
    n_years: int
    booking: str
    horizon_days: float
    worlds: int = 1

    def __repr__(self) -> str:
        return (f"Courses({len(self.sites)} sites, n_years={self.n_years}, "
                f"booking={self.booking!r}, {len(self.year)} stretches)")

    def unit_losses(self) -> csr_array:
        """Return MW-days lost by each MW at each site in each year, shape (n_years, sites)."""
        from scipy.sparse import csr_array

        days = (self.end_h - self.start_h) * self.lost_share / HOURS_PER_DAY
        return csr_array((days, (self.year, self.site)), shape=(self.n_years, len(self.sites)))

    def only(self, sites: Sequence[str]) -> Courses:
        """Return the courses of some of the sites, in that order."""
        place = np.full(len(self.sites), -1, np.int32)
        place[[self.sites.index(site) for site in sites]] = np.arange(len(sites))
        kept = place[self.site] >= 0
        return replace(self, sites=tuple(sites), year=self.year[kept],
                       site=place[self.site[kept]], start_h=self.start_h[kept],
                       end_h=self.end_h[kept], lost_share=self.lost_share[kept])


def site_courses(losses: Losses | Planned, booking: str = "occurrence", *,
                 sites: Sequence[str] | None = None, world: World | None = None,
                 workers: int | None = None,
                 progress: Callable[[int, int], None] | None = None) -> Courses:
    """Run the years of ``losses`` again and say what each site was missing, and when.

    Parameters
    ----------
    sites : ids to watch; all of the world's if not given, also those where nothing runs yet. Any
        other node can be watched as well: a cloud's control plane, a grid
    world : the world of the losses, where they were read from a folder

    Raises
    ------
    RiskModelError : the losses are a story or a bare year table, their world is not there or is
        another one, or a node is not in it
    """
    return booked_courses(losses, (booking,), sites=sites, world=world, workers=workers,
                          progress=progress)[0]


def booked_courses(losses: Losses | Planned, bookings: Sequence[str] = BOOKINGS, *,
                   sites: Sequence[str] | None = None, world: World | None = None,
                   workers: int | None = None,
                   progress: Callable[[int, int], None] | None = None) -> tuple[Courses, ...]:
    """Return ``site_courses`` of several bookings from one run of the years."""
    for booking in bookings:
        if booking not in BOOKINGS:
            raise RiskModelError(f"booking is {booking!r}; give one of {', '.join(BOOKINGS)}")
    refuse_long(losses, "site_courses")
    states = again(losses, world, "site_courses")
    plan = states if isinstance(states, Plan) else states.base
    watched = tuple(plan.world.sites["site_id"] if sites is None else sites)
    strangers = [site for site in watched if site not in plan.node_index]
    if strangers:
        raise RiskModelError(f"site_courses: there is no site or other node {strangers[0]!r} in "
                             "this world")
    if len(set(watched)) < len(watched):
        raise RiskModelError("site_courses: a site stands twice among those to watch")
    watch = _Watch(states, watched, tuple(_span(plan, booking) for booking in bookings))
    if isinstance(losses, Losses):
        refuse_weighted(losses, "site_courses")
    tasks = watch.tasks(losses.n_years)
    parts, done = [], 0
    for part, task in zip(results(_run, watch, tasks, workers=workers), tasks, strict=True):
        parts.append(part)
        done += task[-1]
        if progress is not None:
            progress(done, losses.n_years)
    found = []
    for number, booking in enumerate(bookings):
        rows = np.concatenate([part[number] for part in parts])
        if watch.count > 1:
            rows = rows[np.argsort(rows["year"], kind="stable")]
        found.append(to_courses(rows, plan, watched, losses.n_years, booking, losses.horizon_days,
                                watch.count))
    return tuple(found)


def to_courses(rows: Any, plan: Plan, sites: tuple[str, ...], n_years: int, booking: str,
               horizon_days: float, worlds: int = 1) -> Courses:
    """Return the kernel's rows of courses under the sites' names; years must rise."""
    place = np.full(len(plan.nodes), -1, np.int32)
    for number, site in enumerate(sites):
        place[plan.node_index[site]] = number
    return Courses(sites, rows["year"].copy(), place[rows["node"]], rows["start"].copy(),
                   rows["end"].copy(), rows["lost"].copy(), n_years, booking, horizon_days, worlds)


def _span(plan: Plan, booking: str) -> Span:
    if booking == "calendar":
        return Span(plan.segments, 0.0, plan.horizon_h, False, False, courses=True)
    return Span(1, -np.inf, np.inf, False, False, courses=True)


@dataclass(frozen=True)
class _Watch:
    """Which sites of which states of the world are watched, and how they are booked."""

    states: Plan | Worlds
    sites: tuple[str, ...]
    spans: tuple[Span, ...]
    scratch: list[Any] = field(default_factory=list)  # of threads that are done

    @property
    def count(self) -> int:
        return 1 if isinstance(self.states, Plan) else self.states.count

    def tasks(self, years: int) -> list[tuple[int, int, int]]:
        """Return (world, first of its years, how many) of each task."""
        step = TASK_BLOCKS * BLOCK_YEARS if self.count > 1 else BLOCK_YEARS
        found = []
        for number in range(self.count):
            mine = years if isinstance(self.states, Plan) else self.states.years_of(number, years)
            found += [(number, first, min(step, mine - first))
                      for first in range(0, mine, step)]
        return found

    def plan(self, number: int) -> Plan:
        """Return the plan of one world, with its sites watched."""
        plan = self.states if isinstance(self.states, Plan) else self.states.plan(number)
        return watching(plan, self.sites, self.scratch)


def watching(plan: Plan, sites: Sequence[str], scratch: list[Any]) -> Plan:
    """Return a plan in which one stranger holds one MW at each of the sites, and nothing else.

    ``scratch`` is kept for later runs of plans that watch the same sites.
    """
    hold = np.zeros(len(sites), HOLD)
    hold["node"] = np.sort([plan.node_index[site] for site in sites])
    hold["mw"] = 1.0
    node = plan.graph.node.copy()
    edges = np.searchsorted(hold["node"], np.arange(len(node) + 1))
    node["hold"], node["hold_end"] = edges[:-1], edges[1:]
    graph = plan.graph._replace(node=node, hold=hold, lab=np.zeros(1, LAB))
    return replace(plan, graph=graph, labs=("",), hold_room=len(hold), scratch=scratch)


def _run(watch: _Watch, task: tuple[int, int, int]) -> tuple[Any, ...]:
    number, first, count = task
    plan, stride = watch.plan(number), watch.count
    end = first + count
    blocks = [run_block(plan, number + start * stride, min(BLOCK_YEARS, end - start), watch.spans,
                        stride) for start in range(first, end, BLOCK_YEARS)]
    return tuple(np.concatenate([block[i].courses for block in blocks])
                 for i in range(len(watch.spans)))
