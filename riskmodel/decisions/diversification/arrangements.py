"""The same MW of a lab in four arrangements, under the same disasters: what to read its spread by.

- ``concentrated``: everything at the site that is its largest now;
- ``as_is``: where it is;
- ``unlinked``: where it is, if what hits one site never came together with what hits another;
- ``even_copies``: spread evenly over as many copies of the largest site as it has sites now, each
  with a fate of its own.

The last two exist nowhere: they are the ends of what spreading can do. A site's independent twin is
the site itself in other simulated years, moved by a fixed number of years within the same batch of
years of the same state of the world. So every twin has exactly the site's own losses, only at other
times, and the batches stay independent of each other: errors of what is moved stand on them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from riskmodel.engine.losses.courses import Courses
from riskmodel.errors import RiskModelError
from riskmodel.measures.labcourse import LabCourse, lab_course

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

CONCENTRATED, AS_IS, UNLINKED, EVEN_COPIES = "concentrated", "as_is", "unlinked", "even_copies"
NAMES = (CONCENTRATED, AS_IS, UNLINKED, EVEN_COPIES)
BATCHES = 20


@dataclass(frozen=True, eq=False)
class Arrangement:
    """One way to place a lab's MW.

    Attributes
    ----------
    lost : MW-days lost in each year, occurrence booking, shape (n_years,)
    own : the same losses, each in the year of the disaster that its site really met: equal to
        ``lost`` where nothing was moved to other years, and of the same mean always
    calendar : the course of its losses in calendar years
    batch : the number of each year's batch where years were moved within batches, else None
    """

    name: str
    lost: Floats
    own: Floats
    calendar: LabCourse
    batch: NDArray[np.int64] | None = None


def largest_site(mw: Floats) -> int:
    """Return the place of the largest site of a lab, by mean MW over the states of the world."""
    return int(np.argmax(mw.mean(axis=0)))


def arrangements(mw: Floats, occurrence: Courses, calendar: Courses, *,
                 copies: int | None = None) -> dict[str, Arrangement]:
    """Return the arrangements of a lab by name.

    Parameters
    ----------
    mw : IT MW at each watched site, shape (worlds, sites), or (1, sites)
    occurrence, calendar : courses of the same run and the same sites
    copies : of the largest site; as many as the lab has sites, and two at least, if not given

    Raises
    ------
    RiskModelError : the lab holds nothing, or there are too few years in a state of the world for
        the sites or copies to tell apart
    """
    held = np.flatnonzero(mw.mean(axis=0) > 0)
    if not held.size:
        raise RiskModelError("the lab holds no capacity in this world: there is nothing to arrange")
    copies = max(2, held.size) if copies is None else copies
    if copies < 1:
        raise RiskModelError(f"copies is {copies}; give 1 or more")
    apart = max(copies, held.size)
    if occurrence.n_years // occurrence.worlds < 2 * apart:
        raise RiskModelError(
            f"{occurrence.n_years} years in {occurrence.worlds} states of the world cannot tell "
            f"{apart} independent sites apart in two batches; simulate more years")
    top = largest_site(mw)
    total = mw.sum(axis=1)

    def made(name: str, how: Floats, lost: Courses, here: Courses) -> Arrangement:
        mine = lab_course(lost, how).lost_mw_days()
        return Arrangement(name, mine, mine, lab_course(here, how))

    batches = min(BATCHES, occurrence.n_years // occurrence.worlds // apart)
    both = occurrence, calendar
    alone = made(CONCENTRATED, total[:, None], *(_only(each, [top]) for each in both))
    if held.size > 1:
        now = made(AS_IS, mw[:, held], *(_only(each, held) for each in both))
        unlinked = made(UNLINKED, mw[:, held], *(_only(each, held, batches) for each in both))
    else:
        now, unlinked = replace(alone, name=AS_IS), replace(alone, name=UNLINKED)
    twins = made(EVEN_COPIES, np.repeat(total[:, None] / copies, copies, axis=1),
                 *(_only(each, [top] * copies, batches) for each in both))
    batch = batch_of(occurrence, batches)
    return {CONCENTRATED: alone, AS_IS: now,
            UNLINKED: replace(unlinked, own=now.lost, batch=batch),
            EVEN_COPIES: replace(twins, own=alone.lost, batch=batch)}


def batch_of(courses: Courses, batches: int) -> NDArray[np.int64]:
    """Return the batch of each year, shape (n_years,); each batch has years of every state."""
    year = np.arange(courses.n_years)
    state, place = year % courses.worlds, year // courses.worlds
    count = (courses.n_years - state + courses.worlds - 1) // courses.worlds
    return place * batches // count


def _only(courses: Courses, chosen: Sequence[int] | NDArray[np.int64],
          batches: int = 0) -> Courses:
    """Return the courses of some sites; with batches, each moved to other years of its batch."""
    years, sites, others = [], [], []
    states = courses.worlds
    for number, site in enumerate(chosen):
        rows = np.flatnonzero(courses.site == site)
        year = courses.year[rows]
        if batches:
            state, place = year % states, year // states
            count = (courses.n_years - state + states - 1) // states  # years of that state
            batch = place * batches // count
            first = -(-batch * count // batches)
            size = -(-(batch + 1) * count // batches) - first
            shift = np.round(number * size / len(chosen)).astype(np.int64)
            year = state + states * (first + (place - first + shift) % size)
        years.append(year)
        sites.append(np.full(rows.size, number, np.int32))
        others.append(rows)
    rows = np.concatenate(others)
    return replace(courses, sites=tuple(f"{courses.sites[site]} #{number}"
                                        for number, site in enumerate(chosen)),
                   year=np.concatenate(years), site=np.concatenate(sites),
                   start_h=courses.start_h[rows], end_h=courses.end_h[rows],
                   lost_share=courses.lost_share[rows])
