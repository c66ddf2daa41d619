"""The pairs of failures that take most from a lab, found without trying every pair.

Pairs are met in the order of a cheap bound (the sum of a number for each node), bounded from what
each takes alone (``pair_bounds``), and only those whose two bounds differ and whose upper one could
still matter go through the engine, the largest upper bound first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from riskmodel.decisions.contingency.pair_bounds import SAME, PairBounds
from riskmodel.engine.stories.outage_sets import OutageSets

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

CHUNK = 8192  # pairs bounded at a time
BATCH = 1024  # pairs evaluated at a time


@dataclass(frozen=True, eq=False)
class Pairs:
    """Pairs found, worst first: positions among the nodes searched, and the MW they take."""

    a: Ints
    b: Ints
    lost_mw: Floats
    bounded: int  # pairs whose bounds were worked out
    evaluated: int  # pairs that went through the engine


def worst_pairs(bounds: PairBounds, nodes: Ints, sets: OutageSets, hours: float, mw: Floats, *,
                threshold_mw: float, top: int | None, minimal: bool) -> Pairs:
    """Return every pair that takes at least ``threshold_mw``, or the ``top`` worst of them.

    Pairs in which one of the two takes as much alone say nothing new and are left out; with
    ``minimal`` so are those in which one alone reaches the threshold.

    ``nodes`` are the positions, in the world's plan, of the nodes that ``bounds`` speaks of, and
    ``mw`` the lab's MW at every site of the world.
    """
    single = bounds.single_mw
    same = SAME * max(float(mw.sum()), SAME)
    weight = bounds.weights()
    usable = (weight > same) & ~(minimal & (single >= threshold_mw - same))
    order = np.flatnonzero(usable)
    order = order[np.argsort(-weight[order], kind="stable")]
    goal = _Goal(threshold_mw, top)
    kept: list[tuple[Ints, Ints, Floats, Floats, Floats]] = []
    bounded = 0
    for a, b in _heaviest_first(order, weight[order], goal, same):
        bounded += len(a)
        low, high = bounds.of_pairs(a, b)
        alone = np.maximum(single[a], single[b])
        goal.meet(low[low - alone > same])
        keep = (high - alone > same) & (high >= goal.bar - same)
        kept.append((a[keep], b[keep], low[keep], high[keep], alone[keep]))
    if not kept:
        return Pairs(order[:0], order[:0], np.zeros(0), bounded, 0)
    a, b, low, high, alone = (np.concatenate(each) for each in zip(*kept, strict=True))
    waiting = np.flatnonzero(high - low > same)
    waiting = waiting[np.argsort(-high[waiting], kind="stable")]
    runs = 0
    while len(waiting):
        goal.meet(low[low - alone > same], all_of_them=True)
        batch = waiting[:BATCH][high[waiting[:BATCH]] >= goal.bar - same]
        if not len(batch):
            break  # the largest bound that is left does not reach the bar
        pairs = np.column_stack([nodes[a[batch]], nodes[b[batch]]])
        low[batch] = high[batch] = sets.lost_share(pairs, hours) @ mw
        runs += len(batch)
        waiting = waiting[len(batch):]
    goal.meet(low[low - alone > same], all_of_them=True)
    found = (high - low <= same) & (low - alone > same) & (low >= goal.bar - same)
    return Pairs(a[found], b[found], low[found], bounded, runs)


class _Goal:
    """The MW that a pair must reach: the threshold, or the k-th best that is certain."""

    def __init__(self, threshold_mw: float, top: int | None) -> None:
        self.bar, self._top = threshold_mw, top
        self._sure = np.zeros(0)

    def meet(self, certain_mw: Floats, *, all_of_them: bool = False) -> None:
        """Raise the bar to the k-th best of what pairs are certain to take."""
        if self._top is None:
            return
        if not all_of_them:  # those met before count too
            certain_mw = np.concatenate([self._sure, certain_mw])
        self._sure = np.sort(certain_mw)[::-1][:self._top]
        if len(self._sure) == self._top:
            self.bar = max(self.bar, float(self._sure[-1]))


def _heaviest_first(order: Ints, weight: Floats, goal: _Goal, same: float
                    ) -> Iterator[tuple[Ints, Ints]]:
    """Yield the pairs whose two weights reach the bar, heavier nodes first."""
    firsts: list[Ints] = []
    seconds: list[Ints] = []
    waiting = 0
    for i in range(len(order) - 1):
        until = int(np.searchsorted(-weight, weight[i] - goal.bar + same, side="right"))
        if until <= i + 1:
            break
        firsts.append(np.full(until - i - 1, order[i]))
        seconds.append(order[i + 1:until])
        waiting += until - i - 1
        if waiting >= CHUNK:
            yield np.concatenate(firsts), np.concatenate(seconds)
            firsts, seconds, waiting = [], [], 0
    if waiting:
        yield np.concatenate(firsts), np.concatenate(seconds)
