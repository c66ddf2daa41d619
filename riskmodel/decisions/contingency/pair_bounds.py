"""What a pair of failures takes from a lab, bounded from what each takes alone.

For nodes a and b let P_a[s] be the share of site s missing when a alone is out, F_a[s] the same in
a world without reserves, and L[s] the share missing when both are. Every rule of the cascade is
monotone, so always max(P_a, P_b) <= L <= 1, site by site. Above that:

* s needs only one of the two, directly or through others: nothing upstream of s feels the other, so
  L is what the one takes alone.
* s needs both. Look at the groups upstream of s with members that feel a and members that feel b.
  - Each of them serves the least of the members that feel anything (all of n are needed, or one and
    the same member feels both) and holds no reserve. Then L = max(P_a, P_b): availability is made
    of minima and of rising functions of one variable, f(min(x, y)) = min(f(x), f(y)), so that, by
    induction in topological order (within a cycle: over the sweeps from everything up), every node
    has at each moment the lower of its two availabilities.
  - With reserves L <= max(F_a, F_b): a world without reserves loses no less, and there the line
    above holds.
  - Some are proportional with weights that add up to k: L <= F_a + F_b, because weighted means,
    maxima and shares all keep l(a and b) <= l(a) + l(b).
  - Any other (k of n, weights to spare) may break only when both fail: L <= 1. Weights to spare of
    which one and the same member feels both are a rising function of one variable, but not one that
    keeps sums: beside the line above they too leave L <= 1 only.

A lab's loss weighs L with its MW.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from riskmodel.engine.kernel.layout import PROPORTIONAL
from riskmodel.engine.plan.plan import Plan
from riskmodel.engine.plan.reach import reach

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

#: shares closer than this are the same
SAME = 1e-9
#: how two failures may mix upstream of a site, from harmless to anything
LEAST, RESERVED, ADDS, BREAKS = 0, 1, 2, 3


@dataclass(frozen=True, eq=False)
class Mixing:
    """Groups in which two failures may take more than the larger of the two.

    Attributes, by group: ``kind`` of mixing where several members feel them; ``reserve``: it rides
    through; ``spare``: how many members it can miss; ``sites``: which lie downstream, shape
    (groups, sites); ``felt``: how many members feel each node, shape (groups, nodes); ``only``: the
    member that does, where it is one, else -1.
    """

    kind: Ints
    reserve: Bools
    spare: Ints
    sites: Bools
    felt: NDArray[np.int32]
    only: NDArray[np.int32]

    def of_pairs(self, a: Ints, b: Ints) -> Ints:
        """Return the worst kind of mixing upstream of each site, shape (pairs, sites)."""
        felt_a, felt_b = self.felt[:, a], self.felt[:, b]  # (groups, pairs)
        both = (felt_a > 0) & (felt_b > 0) & (felt_a + felt_b > self.spare[:, None])
        same = (felt_a == 1) & (felt_b == 1) & (self.only[:, a] == self.only[:, b])
        breaks, adds = ((self.kind == each)[:, None] for each in (BREAKS, ADDS))
        reserved = np.where(same, self.reserve[:, None], (self.kind == RESERVED)[:, None])
        worst = np.where(self._upstream(both & reserved), RESERVED, LEAST)
        worst[self._upstream(both & ~same & adds)] = ADDS
        bends = self._upstream(both & same & breaks) & (worst == ADDS)
        worst[bends | self._upstream(both & ~same & breaks)] = BREAKS
        return worst

    def _upstream(self, mixed: Bools) -> Bools:
        """Return which sites of which pairs have a mixed group upstream: (pairs, sites)."""
        return (mixed.T.astype(np.float32) @ self.sites.astype(np.float32)) > 0.5

    def may_break(self) -> Bools:
        """Return where a node is felt by a group that only a pair may break: (nodes, sites)."""
        breaks = self.kind == BREAKS
        felt = (self.felt[breaks] > 0).astype(np.int64)
        return (felt.T @ self.sites[breaks].astype(np.int64)) > 0


def mixing(plan: Plan, nodes: Ints, sites: Sequence[int]) -> Mixing:
    """Return the groups upstream of ``sites`` in which two of ``nodes`` may mix (positions)."""
    group = plan.graph.group
    size = (group["member_end"] - group["member"]).astype(np.int64)
    quorum = group["mode"] != PROPORTIONAL
    spare = np.where(quorum & (size > 1), size - group["k"].astype(np.int64), 0)
    least = (quorum & (spare == 0)) | (size == 1)
    adds = ~quorum & (np.abs(group["weight_sum"] - group["k"]) <= SAME * group["k"])
    reserve = group["ride_h"] > 0
    kind = np.where(least, np.where(reserve, RESERVED, LEAST), np.where(adds, ADDS, BREAKS))
    owner = np.repeat(np.arange(len(plan.nodes)),
                      plan.graph.node["group_end"] - plan.graph.node["group"])
    down = reach(plan, sites)[owner]
    chosen = np.flatnonzero((kind > LEAST) & down.any(axis=1))
    members = [plan.graph.member["node"][group["member"][g]:group["member_end"][g]].tolist()
               for g in chosen]
    place = {m: i for i, m in enumerate(dict.fromkeys(m for each in members for m in each))}
    feels = reach(plan, list(place))[nodes]
    felt, only = (np.full((len(chosen), len(nodes)), fill, np.int32) for fill in (0, -1))
    for row, each in enumerate(members):
        touched = feels[:, [place[m] for m in each]]
        felt[row] = touched.sum(axis=1)
        only[row] = np.where(felt[row] == 1, touched.argmax(axis=1), -1)
    return Mixing(kind[chosen], reserve[chosen], spare[chosen], down[chosen], felt, only)


@dataclass(frozen=True, eq=False)
class PairBounds:
    """Bounds on the MW that pairs of ``nodes`` take from one lab.

    ``alone`` and ``free`` are P and F above, shape (nodes, sites); ``mw`` the lab's at its sites.
    """

    alone: Floats
    free: Floats
    mw: Floats
    mixing: Mixing

    @property
    def single_mw(self) -> Floats:
        """MW that each node takes alone."""
        return self.alone @ self.mw

    def weights(self) -> Floats:
        """Return a number for each node such that no pair takes more than the sum of its two."""
        return np.where(self.mixing.may_break(), 1.0, self.free) @ self.mw

    def of_pairs(self, a: Ints, b: Ints) -> tuple[Floats, Floats]:
        """Return the lower and the upper bound of each pair's MW; equal where they are exact."""
        one, two = self.alone[a], self.alone[b]
        larger = np.maximum(one, two)
        kind = self.mixing.of_pairs(a, b)
        high = larger.copy()
        rows, columns = np.nonzero(kind)
        free_a, free_b = self.free[a[rows], columns], self.free[b[rows], columns]
        how = kind[rows, columns]
        high[rows, columns] = np.select(
            [how == RESERVED, how == ADDS],
            [np.maximum(free_a, free_b), np.minimum(free_a + free_b, 1.0)], 1.0)
        return larger @ self.mw, high @ self.mw
