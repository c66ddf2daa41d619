"""Thinned arrivals of nodes without the arrivals that do not stay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

#: counters that are worked on at a time
CHUNK = 1024


def thinned_arrivals(count_key: tuple[int, int], mark_key: tuple[int, int],
                     spans: NDArray[np.int64], idents: NDArray[np.uint64], reached: Floats,
                     edges: Floats, below: Floats, rates: Floats
                     ) -> tuple[NDArray[np.int64], ...]:
    """Return place of the span, place of the node, number and kind of each arrival that stays.

    Parameters
    ----------
    count_key, mark_key : keys of the streams of counts, (span, 0, node), and of marks, (span,
        number, node)
    spans, idents : labels of the spans of years and numbers of the nodes
    reached : distribution function of the count at 0, 1, ...
    edges, below, rates : a mark x the last edge falls to the first kind whose edge is above it, and
        stays if it is less than the kind's rate above its lower edge
    """
    chance = float(rates.sum() / edges[-1]) if edges[-1] > 0 else 0.0
    mean = float((1.0 - reached).sum())
    room = int(1.2 * len(spans) * len(idents) * mean * chance) + 256
    word, u = np.empty((4, CHUNK), np.uint64), np.empty(CHUNK)
    place = np.empty((3, CHUNK), np.int64)
    labels = np.ascontiguousarray(spans).astype(np.uint64)
    while True:
        found = np.empty((4, room), np.int64)
        kept = _compiled()(
            found, labels, np.array(idents), np.array(reached), np.array(edges), np.array(below),
            np.array(rates), *(np.uint64(word) for word in (*count_key, *mark_key)), word, u,
            place)
        if kept >= 0:
            return tuple(column[:kept] for column in found)
        room *= 2


def _compiled() -> Any:
    from riskmodel.engine.kernel.entry import made
    from riskmodel.engine.kernel.thinning import build

    return made(build)
