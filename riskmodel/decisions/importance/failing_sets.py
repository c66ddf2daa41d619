"""Which failures belong to a smallest set that makes a lab short, moment by moment.

At a moment at which the lab is short, a set of failed nodes is failing if their outages alone would
make it short then, and smallest if none of its parts is. A node belongs to such a set if and only
if there are others, W, among the failed, with which the lab is not short, but is once the node's
outages come on top. So subsets of what failed are run again, each as a trial of its own, with its
reserves and everything.

Outages further apart than the longest refill of a reserve do not feel each other: each trial is cut
into bunches, and only bunches in which the lab is short matter.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from riskmodel.decisions.importance.lab_trials import LabTrials
from riskmodel.engine.outages.own_outages import TrialOutages
from riskmodel.measures.labcourse import LabCourse

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

MOST_NODES = 8  # of a bunch: every subset is run
PARTS = 3  # in a larger bunch: sets of up to so many, and all but one
MANY_NODES = 40  # and in a very large one: of up to two
_ROUNDING = 1e-9
_TRIALS = 20_000  # run at a time


@dataclass(frozen=True, eq=False)
class Bunch:
    """Outages of one trial that may feel each other: records ``rows``, their ``nodes``."""

    trial: int
    rows: Ints
    nodes: Ints  # distinct
    bit: Ints  # of each record: which of ``nodes``


@dataclass(frozen=True, eq=False)
class Membership:
    """Time in which a node belongs to a smallest failing set: one element a (trial, node).

    ``partly`` is the share of all hours short that fell into bunches too large for every subset:
    there only small sets, and nodes without which nothing would be short, were looked for, so that
    the time is a lower bound.
    """

    trial: Ints
    node: Ints
    hours: Floats
    mw_days: Floats
    partly: float


def membership(trials: LabTrials, outages: TrialOutages) -> Membership:
    """Work out the smallest failing sets of every trial in which the lab is short."""
    course = trials.course(outages)
    bound = trials.slack_mw + _ROUNDING * course.capacity_mw[0]
    short = course.lost_mw > bound
    year, start, end = course.year[short], course.start_h[short], course.end_h[short]
    over = course.lost_mw[short] - trials.slack_mw
    group = trials.blank.graph.group
    gap = float(np.where(group["ride_h"] > 0, group["recharge_h"], 0.0).max(initial=0.0))
    found: list[tuple[Ints, Ints, Floats, Floats]] = []
    waiting: list[tuple[Bunch, Floats, Floats, Floats]] = []
    runs, partly, total = 0, 0.0, 0.0
    for bunch in _bunches(outages, np.unique(year), gap):
        first = outages.out["start"][bunch.rows].min()
        last = outages.out["end"][bunch.rows].max()
        mine = np.flatnonzero((year == bunch.trial) & (end > first) & (start < last))
        if not len(mine):
            continue
        hours = end[mine] - start[mine]
        total += float(hours.sum())
        if len(bunch.nodes) == 1:
            found.append((np.array([bunch.trial]), bunch.nodes, np.array([hours.sum()]),
                          np.array([(hours * over[mine]).sum() / 24.0])))
            continue
        partly += 0.0 if len(bunch.nodes) <= MOST_NODES else float(hours.sum())
        waiting.append((bunch, start[mine], end[mine], over[mine]))
        runs += len(_subsets(len(bunch.nodes)))
        if runs >= _TRIALS:
            found += _run(trials, outages, waiting)
            waiting, runs = [], 0
    found += _run(trials, outages, waiting)
    if not found:
        nobody, nothing = np.zeros(0, np.int64), np.zeros(0)
        return Membership(nobody, nobody, nothing, nothing, 0.0)
    trial, node, time, lost = (np.concatenate(each) for each in zip(*found, strict=True))
    return Membership(trial, node, time, lost, partly / total if total > 0 else 0.0)


def _bunches(outages: TrialOutages, trials: Ints, gap_h: float) -> Iterator[Bunch]:
    begin = np.searchsorted(outages.trial, trials)
    stop = np.searchsorted(outages.trial, trials, side="right")
    for trial, a, b in zip(trials.tolist(), begin.tolist(), stop.tolist(), strict=True):
        rows = a + np.argsort(outages.out["start"][a:b], kind="stable")
        until = np.maximum.accumulate(outages.out["end"][rows])
        apart = np.flatnonzero(outages.out["start"][rows][1:] > until[:-1] + gap_h) + 1
        for part in np.split(rows, apart):
            nodes, bit = np.unique(outages.out["node"][part], return_inverse=True)
            yield Bunch(trial, part, nodes.astype(np.int64), bit)


@cache
def _subsets(n: int) -> Bools:
    """Return the sets of n things to run, shape (sets, n)."""
    if n <= MOST_NODES:
        return (np.arange(2 ** n)[:, None] >> np.arange(n) & 1).astype(bool)
    most = PARTS if n <= MANY_NODES else PARTS - 1
    sets = [each for size in range(most + 1) for each in combinations(range(n), size)]
    masks = np.zeros((len(sets) + n + 1, n), bool)
    for row, each in enumerate(sets):
        masks[row, list(each)] = True
    masks[len(sets):] = True
    masks[len(sets) + np.arange(n), np.arange(n)] = False  # all but one; the last row is all
    return masks


@cache
def _steps(n: int) -> list[tuple[Ints, Ints]]:
    """Return for each thing the sets without it, and the same sets with it, as rows of the sets."""
    masks = _subsets(n)
    number = {mask.tobytes(): row for row, mask in enumerate(masks)}
    steps = []
    for i in range(n):
        without = np.flatnonzero(~masks[:, i])
        more = masks[without].copy()
        more[:, i] = True
        with_it = np.array([number.get(mask.tobytes(), -1) for mask in more])
        steps.append((without[with_it >= 0], with_it[with_it >= 0]))
    return steps


def _run(trials: LabTrials, outages: TrialOutages,
         waiting: list[tuple[Bunch, Floats, Floats, Floats]]
         ) -> list[tuple[Ints, Ints, Floats, Floats]]:
    """Run the subsets of several bunches in one go, and read each bunch."""
    if not waiting:
        return []
    of_trial, records, first = [], [], 0
    for bunch, *_ in waiting:
        masks = _subsets(len(bunch.nodes))
        row, record = np.nonzero(masks[:, bunch.bit])
        of_trial.append(first + row)
        records.append(bunch.rows[record])
        first += len(masks)
    course = trials.course(TrialOutages(np.concatenate(of_trial),
                                        outages.out[np.concatenate(records)], first))
    bound = trials.slack_mw + _ROUNDING * course.capacity_mw[0]
    found, first = [], 0
    for bunch, start, end, over in waiting:
        after = first + len(_subsets(len(bunch.nodes)))
        rows = slice(*np.searchsorted(course.year, [first, after]))
        found.append(_read(bunch, course, rows, first, bound, start, end, over))
        first = after
    return found


def _read(bunch: Bunch, course: LabCourse, rows: slice, first: int, bound: float, start: Floats,
          end: Floats, over: Floats) -> tuple[Ints, Ints, Floats, Floats]:
    """Return (trial, node, hours, MW-days) in which each node belongs to a smallest failing set."""
    short = course.lost_mw[rows] > bound
    which = course.year[rows][short] - first
    begin, stop = course.start_h[rows][short], course.end_h[rows][short]
    edges = np.unique(np.concatenate([begin, stop, start, end]))
    change = np.zeros((len(_subsets(len(bunch.nodes))), len(edges)))
    np.add.at(change, (which, np.searchsorted(edges, begin)), 1.0)
    np.add.at(change, (which, np.searchsorted(edges, stop)), -1.0)
    fails = np.cumsum(change, axis=1)[:, :-1] > 0.5  # (sets, pieces of time)
    middle = (edges[:-1] + edges[1:]) / 2
    at = np.searchsorted(start, middle, side="right") - 1
    inside = (at >= 0) & (middle < end[np.maximum(at, 0)])
    length = np.where(inside, np.diff(edges), 0.0)
    weight = length * over[np.maximum(at, 0)] / 24.0
    hours, mw_days = np.zeros(len(bunch.nodes)), np.zeros(len(bunch.nodes))
    for i, (without, with_it) in enumerate(_steps(len(bunch.nodes))):
        belongs = (fails[with_it] & ~fails[without]).any(axis=0)
        hours[i], mw_days[i] = length[belongs].sum(), weight[belongs].sum()
    return np.full(len(bunch.nodes), bunch.trial), bunch.nodes, hours, mw_days
