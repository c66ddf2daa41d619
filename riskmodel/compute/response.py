"""How much training progress a run over sites loses in each year, exact in continuous time.

For each site the share of the run's work there that comes to nothing at a time, ``x``, is what the
site was missing, less what runs elsewhere by then, widened:

- backwards by the work since the last checkpoint, which is done again: the one on site, or, for
  what moved or whose storage is lost, the newest one elsewhere (or all that was held, where
  checkpoints are on site only);
- forwards by the restart, which begins when the site is back, or later while no restart is
  possible (control plane down).

"x is .3 at t" means that three tenths of the site's work of that moment are lost, whichever
machines: levels are counted, and the part that falls out first is the part that comes back last.
A site's share of a run is its share of the run's work: MW times what a MW does there.

The run needs k of n sites: all (rigid), 1 (elastic) or a quorum. What it loses at a time is

    sum over sites of share x max(x, X),    X = the (n - k + 1)-th largest x,

because work at a level counts where at least k sites do theirs. With sites that are up or down this
is: the share of the sites that are down, or everything where fewer than k are up. It falls in k,
so for the same outages rigid >= quorum >= elastic, and they are one where there is one site.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from riskmodel.compute.runspec import RunSpec
from riskmodel.compute.steps import (
    Steps,
    added,
    cells,
    combined,
    highest,
    joined,
    lasting,
    standing,
    widened,
)
from riskmodel.engine.losses.courses import Courses
from riskmodel.engine.losses.losses import HOURS_PER_DAY
from riskmodel.errors import RiskModelError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

#: stretches that are worked on together: bounds memory, changes nothing
_AT_ONCE = 400_000


@dataclass(frozen=True, eq=False)
class Progress:
    """What a run lost in each year: arrays of shape (n_years,).

    ``run_days`` are days of the undisturbed run (its own goodput included, so that it cancels),
    ``mw_days`` the same times the run's MW. ``run_mw`` has one element a state of the world; where
    a lab holds nothing there is no run, and nothing is lost.
    """

    run_days: NDArray[np.float64]
    mw_days: NDArray[np.float64]
    run_mw: NDArray[np.float64]


def lost_progress(courses: Courses, mw: ArrayLike, spec: RunSpec, *,
                  work: ArrayLike | None = None, control: Courses | None = None,
                  control_of: Mapping[str, str] | None = None) -> Progress:
    """Return what a run over the sites of a portfolio loses in each year.

    Parameters
    ----------
    courses : what each site was missing, and when. On occurrence booking what an event of the year
        costs counts in that year, to its end; on calendar booking what falls into the year does
    mw : MW of the run at each of ``courses.sites``, shape (sites,) or (worlds, sites)
    work : what a MW of each site does of the run's work, in any unit, shape (sites,): its chips'
        FLOP or H100-equivalents; the same everywhere where not given
    control : courses of control planes, of the same years
    control_of : site -> its control plane among ``control.sites``; others restart at will

    Raises
    ------
    RiskModelError : shapes that do not fit, negative MW, work that is not above 0, a quorum of more
        sites than there are
    """
    held = np.atleast_2d(np.asarray(mw, dtype=float))
    if held.shape not in ((1, len(courses.sites)), (courses.worlds, len(courses.sites))):
        raise RiskModelError(f"lost_progress: mw has shape {np.shape(mw)}; give one number for "
                             f"each of the {len(courses.sites)} sites, or a row of them for each "
                             f"of {courses.worlds} worlds")
    if not np.isfinite(held).all() or (held < 0).any():
        raise RiskModelError("lost_progress: mw must be finite and not negative")
    per_mw = _per_mw(work, len(courses.sites))
    blocked = _blocked(courses, control, control_of, np.flatnonzero((held > 0).any(axis=0)))
    run_days = np.zeros(courses.n_years)
    size = np.zeros(len(held))
    for state, row in enumerate(held):
        chosen = largest_sites(row, spec.largest)
        size[state] = row[chosen].sum()
        if size[state] <= 0:
            continue
        done = row[chosen] * per_mw[chosen]
        run = _Run(courses, chosen, done / done.sum(), spec, blocked)
        used = np.zeros(len(courses.sites), bool)
        used[chosen] = True
        mine = np.flatnonzero(used[courses.site])
        if len(held) > 1:
            mine = mine[courses.year[mine] % len(held) == state]
        for part in _parts(courses.year[mine]):
            run.lose(mine[part], run_days)
    of_year = size[np.arange(courses.n_years) % len(held)]
    return Progress(run_days, run_days * of_year, size)


def _per_mw(work: ArrayLike | None, sites: int) -> Floats:
    per_mw = np.ones(sites) if work is None else np.asarray(work, dtype=float)
    if per_mw.shape != (sites,) or not (np.isfinite(per_mw) & (per_mw > 0)).all():
        raise RiskModelError(f"lost_progress: work has shape {per_mw.shape}; give one number "
                             f"above 0 for each of the {sites} sites")
    return per_mw


def largest_sites(mw: Floats, most: int | None) -> Ints:
    """Return the places of the sites that a run is spread over."""
    there = np.flatnonzero(mw > 0)
    if most is None or len(there) <= most:
        return there
    return np.sort(there[np.argsort(-mw[there], kind="stable")[:most]])


def _parts(year: Ints) -> list[slice]:
    """Cut stretches into parts of whole years."""
    cuts = [0]
    while cuts[-1] < len(year):
        last = min(cuts[-1] + _AT_ONCE, len(year)) - 1
        cuts.append(int(np.searchsorted(year, year[last], side="right")))
    return [slice(a, b) for a, b in pairwise(cuts)]


@dataclass(frozen=True)
class _Run:
    """A run over some of the sites of courses."""

    courses: Courses
    chosen: Ints
    shares: Floats
    spec: RunSpec
    blocked: Steps | None  # rows are year x all sites + site

    def lose(self, take: Ints, run_days: Floats) -> None:
        """Add the days lost in the years of some stretches."""
        c, n = self.courses, len(self.chosen)
        first = int(c.year[take[0]])
        place = np.searchsorted(self.chosen, c.site[take])
        row = (c.year[take] - first) * n + place
        order = np.lexsort((c.start_h[take], row))
        at = take[order]
        gone = Steps(row[order].astype(np.int64), c.start_h[at], c.end_h[at], c.lost_share[at])
        if self.blocked is not None:
            gone = self._waiting(gone, first)
        lost = self._lost_work(gone)
        if c.booking == "calendar":
            lost = lost.between(0.0, c.horizon_days * HOURS_PER_DAY)
        years = int(c.year[take[-1]]) - first + 1
        hours = _lost_hours(lost, self.shares, self.spec.needed(n), years)
        run_days[first:first + years] += hours / HOURS_PER_DAY

    def _lost_work(self, gone: Steps) -> Steps:
        """Return the share of each site's work that comes to nothing; rows are year x n + site."""
        spec = self.spec
        after = spec.restart_h
        # storage that is gone, and what moves, cannot go on from the checkpoint on site
        destroyed = lasting(gone, spec.storage_lost_after_h)
        cut_off, moved = destroyed, None
        if spec.relocate_after_h is not None:
            if spec.offsite_lag_h is not None:
                cut_off = lasting(gone, min(spec.relocate_after_h, spec.storage_lost_after_h))
                moved = self._moved(standing(gone, spec.relocate_after_h))
            else:  # a run whose only checkpoint lies in the dark waits for it
                moved = self._moved(standing(destroyed, spec.relocate_after_h))
        if moved is not None:
            gone = combined(gone, moved, np.subtract)
            cut_off = combined(cut_off, moved, np.subtract)
        short = widened(gone, spec.lost_work_h, after)
        if not len(cut_off.row):
            return short
        long = widened(cut_off, spec.lost_with_storage_h, after)
        return combined(short, long, np.maximum)

    def _moved(self, ripe: Steps) -> Steps:
        """Return what of the capacity that waited long enough runs elsewhere by now.

        Replacement capacity is shared out evenly among all that wait.
        """
        share = self.spec.relocate_share
        n = len(self.chosen)
        if share >= 1.0 or not len(ripe.row):
            return ripe
        year = ripe.row // n
        wanted = added(year, ripe.start, ripe.end, ripe.level * self.shares[ripe.row % n])
        scale = Steps(wanted.row, wanted.start, wanted.end,
                      np.minimum(share / wanted.level, 1.0))
        # the scale of the year beside every site that waits in it
        rows = np.unique(ripe.row)
        low = np.searchsorted(scale.row, rows // n, side="left")
        count = np.searchsorted(scale.row, rows // n, side="right") - low
        take = np.repeat(low, count) + np.arange(count.sum()) - np.repeat(
            np.cumsum(count) - count, count)
        beside = Steps(np.repeat(rows, count), scale.start[take], scale.end[take],
                       scale.level[take])
        return combined(ripe, beside, np.multiply)

    def _waiting(self, gone: Steps, first: int) -> Steps:
        """Return outages that end while no restart is possible, until it is again."""
        blocked = self.blocked
        assert blocked is not None  # the caller saw to it
        n = len(self.chosen)
        key = (gone.row // n + first) * len(self.courses.sites) + self.chosen[gone.row % n]
        rows = np.concatenate([blocked.row, key])
        times = np.concatenate([blocked.start, gone.end])
        kind = np.repeat([0, 1], [len(blocked.row), len(key)])
        order = np.lexsort((kind, times, rows))
        # the last block that begins at or before each end, of the same site and year
        seen = np.maximum.accumulate(np.where(kind[order] == 0, order, -1))
        last = np.empty(len(order), np.int64)
        last[order] = seen
        last = last[len(blocked.row):]
        inside = last >= 0
        inside[inside] &= ((blocked.row[last[inside]] == key[inside])
                           & (blocked.end[last[inside]] > gone.end[inside]))
        end = gone.end.copy()
        end[inside] = blocked.end[last[inside]]
        return highest(gone.row, gone.start, end, gone.level)


def _lost_hours(lost: Steps, shares: Floats, needed: int, years: int) -> Floats:
    """Return the hours of the run lost in each year; rows are year x sites + site."""
    n = len(shares)
    year = lost.row // n
    weight = shares[lost.row % n]
    own = np.bincount(year, weights=weight * lost.level * (lost.end - lost.start),
                      minlength=years).astype(float)
    rank = n - needed + 1
    if needed == 1 or not len(lost.row):
        return own
    cut = cells(year, lost.start, lost.end)
    order = np.lexsort((-lost.level[cut.span], cut.cell))
    span, cell = cut.span[order], cut.cell[order]
    begins = np.searchsorted(cell, np.arange(len(cut.row)))
    number = np.diff(np.append(begins, len(cell)))
    broken = np.flatnonzero(number >= rank)  # cells in which that many sites lose work
    level = np.zeros(len(cut.row))
    level[broken] = lost.level[span[begins[broken] + rank - 1]]
    less = np.maximum(level[cell] - lost.level[span], 0.0)
    idle = 1.0 - np.bincount(cell, weights=weight[span], minlength=len(cut.row))
    extra = (np.bincount(cell, weights=weight[span] * less, minlength=len(cut.row))
             + np.maximum(idle, 0.0) * level)
    hit = level > 0
    return own + np.bincount(cut.row[hit], weights=extra[hit] * (cut.end - cut.start)[hit],
                             minlength=years)


def _blocked(courses: Courses, control: Courses | None,
             control_of: Mapping[str, str] | None, places: Ints) -> Steps | None:
    """Return when no restart is possible at some sites; rows are year x sites + site."""
    if control is None or not control_of:
        return None
    if (control.n_years, control.booking, control.worlds) != (
            courses.n_years, courses.booking, courses.worlds):
        raise RiskModelError("lost_progress: the courses of control planes are not of the same "
                             "years and booking as those of the sites")
    number = {name: i for i, name in enumerate(control.sites)}
    down = np.flatnonzero(control.lost_share >= 0.5)
    parts = []
    for place in places:
        plane = number.get(control_of.get(courses.sites[place], ""))
        if plane is None:
            continue
        mine = down[control.site[down] == plane]
        parts.append((control.year[mine] * len(courses.sites) + place, control.start_h[mine],
                      control.end_h[mine]))
    if not parts:
        return None
    row, start, end = (np.concatenate([part[i] for part in parts]) for i in range(3))
    order = np.lexsort((start, row))
    return joined(row[order], start[order], end[order], np.ones(len(order)))
