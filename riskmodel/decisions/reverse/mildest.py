"""The mildest of the events that do it: exact on a response that only grows with depth and length.

An event has a depth and a length. Whether it does what is asked is monotone: deeper or longer does
it too. So for each depth there is a shortest length, which falls as the depth rises, and
everything that does it lies above that curve, the frontier. The mildest event is the one with the
smallest product of depth and length. The product has no shape that a local search could follow (a
battery that runs dry makes a step), but the curve's monotony bounds it from below on every interval
[a, b] of depths by a times the shortest length at b; intervals are halved until no interval could
hold anything milder by more than the tolerance.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    DoesIt: TypeAlias = Callable[[Floats, Floats], NDArray[np.bool_]]
    Shortest: TypeAlias = Callable[[Floats], Floats]

#: depths looked at first, evenly spaced in the logarithm; they also draw the curve
FIRST = 17
#: points tried at once in a search by section: each round leaves one gap of SECTIONS + 1
SECTIONS = 8
#: a fall of the length from one depth to the next that is looked into: a step, or steep
STEP = 1.25
_EXACT = 1e-9


@dataclass(frozen=True, eq=False)
class TradeOff:
    """The shortest length at each depth, and the mildest event.

    Attributes
    ----------
    depth, length : arrays, depth rising and length falling; empty if nothing does it
    mildest : (depth, length) with the smallest product of those found
    at_least : no event that does it has a smaller product than this
    """

    depth: Floats
    length: Floats
    mildest: tuple[float, float] | None
    at_least: float


def least_true(does_it: Callable[[Floats], NDArray[np.bool_]], low: Floats, high: Floats, *,
               exact: float = _EXACT) -> Floats:
    """Return the least value at which each of several monotone questions turns true.

    ``does_it`` takes values of shape (problems, tries) and answers in the same shape. ``high`` is
    known to be true, ``low`` is taken as false; the answer is true and exact to ``exact`` of
    itself, from above.
    """
    low, high = np.array(low, dtype=float), np.array(high, dtype=float)
    rows = np.arange(len(low))
    while (high - low > exact * high).any():
        tries = low[:, None] + np.outer(high - low, np.arange(1, SECTIONS + 1) / (SECTIONS + 1))
        true = does_it(tries)
        first = np.where(true.any(axis=1), true.argmax(axis=1), SECTIONS)
        ends = np.column_stack([low, tries, high])
        low, high = ends[rows, first], ends[rows, first + 1]
    return high


def trade_off(does_it: DoesIt, longest: float, *, shortest: Shortest | None = None,
             deepest: float = 1.0, shallowest: float = 1e-6, tolerance: float = 0.01,
             most: int = 200, exact: float = _EXACT) -> TradeOff:
    """Return the frontier of a monotone response and its mildest event.

    Parameters
    ----------
    does_it : says of depths and lengths, arrays of one shape, whether each event does it
    longest : the longest length there is; ``deepest``, ``shallowest`` : depths to look between
    shortest : the shortest length at each depth, infinite where none does it, where that is known
        more directly than by asking ``does_it``
    tolerance : how much milder, as a share, something unseen may be at most
    most : depths to look at, after which to stop with what is certain by then (``at_least``)
    exact : how exactly thresholds are met, as a share
    """
    def asked(depth: Floats) -> Floats:
        found = np.full(len(depth), np.inf)
        ever = does_it(depth, np.full(len(depth), longest))
        if ever.any():
            found[ever] = least_true(
                lambda tries: does_it(np.broadcast_to(depth[ever][:, None], tries.shape), tries),
                np.zeros(int(ever.sum())), np.full(int(ever.sum()), longest), exact=exact)
        return found

    def least_depth(length: Floats, low: Floats, high: Floats) -> Floats:
        return least_true(lambda tries: does_it(tries, np.broadcast_to(length[:, None],
                                                                       tries.shape)),
                          low, high, exact=exact)

    if not does_it(np.array([deepest]), np.array([longest]))[0]:
        return TradeOff(np.zeros(0), np.zeros(0), None, np.inf)
    seen = _Seen(shortest or asked)
    least = least_depth(np.array([longest]), np.array([shallowest / 2]), np.array([deepest]))[0]
    seen.look(np.geomspace(max(least, shallowest), deepest, FIRST))
    while len(seen.depth) < most:
        open_ = seen.bounds() < seen.product().min() / (1.0 + tolerance)
        if not open_.any():
            break
        seen.look(np.sqrt(seen.depth[:-1][open_] * seen.depth[1:][open_]))
    # where the curve steps down, the step's own depth is the mildest of what lies behind it
    if len(seen.depth) > 1:
        steps = seen.length[:-1] > STEP * seen.length[1:]
        steps[max(int(seen.product().argmin()) - 1, 0)] = True
        between = np.sqrt(seen.length[:-1] * seen.length[1:])[steps]
        corners = least_depth(between, seen.depth[:-1][steps], seen.depth[1:][steps])
        before = corners * (1 - 2 * exact)
        seen.look(np.concatenate([corners, before[before > seen.depth[0]]]))
    best = int(seen.product().argmin())
    return TradeOff(seen.depth, seen.length, (float(seen.depth[best]), float(seen.length[best])),
                    float(min(seen.product().min(), seen.bounds().min(initial=np.inf))))


class _Seen:
    """The depths looked at so far, in order, with the shortest length at each."""

    def __init__(self, shortest: Shortest) -> None:
        self.shortest = shortest
        self.depth = np.zeros(0)
        self.length = np.zeros(0)

    def look(self, depths: Floats) -> None:
        """Add depths."""
        fresh = np.setdiff1d(depths, self.depth)
        if not len(fresh):
            return
        depth = np.concatenate([self.depth, fresh])
        length = np.concatenate([self.length, self.shortest(fresh)])
        order = np.argsort(depth, kind="stable")
        self.depth, self.length = depth[order], length[order]

    def product(self) -> Floats:
        """Return depth times length of each point."""
        return self.depth * self.length

    def bounds(self) -> Floats:
        """Return what no event between neighbouring points can be milder than."""
        return self.depth[:-1] * self.length[1:]
