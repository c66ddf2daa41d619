"""From flat tables of own outages to the arrays of the kernel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from riskmodel.engine.kernel.layout import HAPPENED, OWN, Given
from riskmodel.engine.outages.streams import part_hash
from riskmodel.engine.plan.plan import Plan
from riskmodel.errors import RiskModelError
from riskmodel.perils.names import Names
from riskmodel.perils.outages import Outages

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

#: an own outage on its way to the kernel; ``group`` orders perils and warm-up years within a year
ROW = np.dtype([("index", "i4"), ("group", "i4"), ("event", "i8"), ("start", "f8"),
                ("part_rank", "i8"), ("depth", "f8"), ("hours", "f8"), ("part", "i8"),
                ("campaign", "i8"), ("event_start", "f8"), ("rank", "i4"), ("node", "i4"),
                ("region", "i4"), ("peril", "i4"), ("segment", "i4")], align=True)



def rows_of(plan: Plan, outages: Outages, index: ArrayLike, *, group: ArrayLike, peril: ArrayLike,
            segment: int = 0, name_parts: bool = False,
            into: NDArray[Any] | None = None) -> NDArray[Any]:
    """Return the outages as ``ROW``s, shape (outages,); written ``into`` an array if one is given.

    Parameters
    ----------
    index : the year within the block
    group : orders events within a year, before their number
    peril : position in the plan
    name_parts : remember in the plan what the numbers of parts stand for

    Raises
    ------
    RiskModelError : a region is none of the plan's, or a number is out of bounds
    """
    start, hours, depth = outages.start_h, outages.duration_h, outages.depth
    if not (np.isfinite(start).all() and np.isfinite(hours).all() and (hours >= 0).all()
            and (depth >= 0).all() and (depth <= 1).all()):
        raise RiskModelError("own outages need a finite start_h, a finite duration_h of 0 or more, "
                             "and a depth from 0 to 1")
    region = _places(outages.region, plan.region_index)
    if (region < 0).any():
        unknown = sorted(set(outages.region[region < 0].text()))
        raise RiskModelError(f"events carry the region {unknown[0]!r}, which their peril's "
                             "regions() does not list")
    node = _places(outages.node_id, plan.node_index)
    parts = outages.part
    row = np.empty(len(outages), ROW) if into is None else into
    row["index"], row["group"], row["event"] = index, group, outages.event
    row["start"], row["hours"], row["depth"] = start, hours, depth
    row["node"], row["rank"] = node, np.append(plan.graph.node["rank"], -1)[node]
    row["part"] = parts.book.numbers(parts.code, part_hash).view(np.int64)
    row["part_rank"] = parts.book.rank(parts.code)
    row["region"], row["peril"], row["segment"] = region, peril, segment
    row["campaign"], row["event_start"] = outages.campaign_id, outages.event_start_h
    if name_parts:
        plan.part_names.update(zip(row["part"].tolist(), parts.text(), strict=True))
    return row


def pack_rows(plan: Plan, row: NDArray[Any], years: int,
              segments: Sequence[int]) -> list[Given]:
    """Return the kernel's arrays of a block's ``ROW``s, for passes of so many years a trial each.

    The order within a year is by group, event, start, node, part, depth and hours, so that the
    order in which a peril told its rows can never show in a result.
    """
    sort, write = compiled()
    off, order = np.zeros(years + 1, np.int64), np.empty(len(row), np.int64)
    sort(row, off, order, np.empty(len(row), np.int64))
    found: dict[int, Given] = {}
    for most in segments:
        if most not in found:
            event, out = np.zeros(len(row), HAPPENED), np.zeros(len(row), OWN)
            event_off, out_off = np.zeros((2, years + 1), np.int64)
            count = write(row, off, order, most, plan.cap_h, event_off, event, out_off, out)
            found[most] = Given(event_off, event[:count[0]], out_off, out[:count[1]])
    return [found[most] for most in segments]


def compiled() -> tuple[Any, Any]:
    """Return the compiled ``sort`` and ``write``, read in once a process."""
    from riskmodel.engine.kernel.entry import made
    from riskmodel.engine.kernel.packing import build

    sort_and_write: tuple[Any, Any] = made(build)
    return sort_and_write


def _places(names: Names, index: Mapping[str, int]) -> NDArray[np.int64]:
    """Return the place of each name in the plan, -1 where it has none."""
    word: Callable[[int], str] = names.book.word
    table = np.array([*(index.get(word(code), -1) for code in range(names.book.size)), -1],
                     np.int64)
    return np.asarray(table[names.code], np.int64)
