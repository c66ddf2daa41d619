"""What the kernel reads and writes: named tuples of record arrays, and nothing else.

Few, packed arrays keep what is read together close together, and keep compilation short: numba
passes every array of a tuple as seven numbers.

Nodes stand in topological order, members before those who need them; the nodes of a cycle stand
side by side. Own outages of a year are sorted by (start, event order, node id), so that comparing
two of their positions is comparing "which failed earlier".
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Records = NDArray[Any]
F = NDArray[np.float64]
I32 = NDArray[np.int32]
I64 = NDArray[np.int64]
U64 = NDArray[np.uint64]

SIMPLE, QUORUM, PROPORTIONAL = 0, 1, 2
PASSES, IDLE, COUNTS = 0, 1, 2  # what one touched member alone does to a group's service
FIXED, EXPONENTIAL, LOGNORMAL, WEIBULL = 0, 1, 2, 3

SPELLS = 16  # stretches of a year, to tell labs whose sites are never out together

OK, GROW_OUTAGES, GROW_EVENTS, GROW_POOL, GROW_ROWS, NOT_SETTLED = 0, 1, 2, 3, 4, 5
GROW_COURSES = 6


def _record(**fields: str) -> np.dtype[Any]:
    return np.dtype(list(fields.items()), align=True)


# ---- the graph and who holds what
NODE = _record(group="i4", group_end="i4", needer="i4", needer_end="i4", comp_end="i4",
               cyclic="i4", rank="i4", hold="i4", hold_end="i4")
GROUP = _record(mode="i4", member="i4", member_end="i4", k="f8", share="f8", ride_h="f8",
                recharge_h="f8", weight_sum="f8")
MEMBER = _record(node="i4", weight="f8")
# who needs a node; PASSES: its list is the group's cap; IDLE: the other members are enough
NEEDER = _record(node="i4", member="i4", group="i4", alone="i4")
HOLD = _record(node="i4", lab="i4", mw="f8")
LAB = _record(needed_mw="f8", slack_mw="f8")

# ---- compiled event tables; ``thin`` (exclusive) and ``below`` (inclusive)
# bound a 32-bit word; ``keep`` and ``alias`` are Walker's tables for picking an event by its rate
PERIL = _record(position="i4", count="i8", count_end="i8", thin="u8", event="i8", events="i8")
EVENT = _record(keep="f8", alias="i4", region="i4", row="i4", rows="i4")
ROW = _record(ident="u8", below="u4", node="i4")  # what every draw reads
EFFECT = _record(scale="f8", shape="f8", depth="f8", dist="i4", special="i4")  # what a hit reads
SPECIAL = _record(part="i8", group="u8")  # of the rows that name a part or a duration group

# ---- a year
OWN = _record(event="i4", node="i4", next="i4", part="i8", start="f8", end="f8", depth="f8")
HAPPENED = _record(peril="i4", region="i4", no="i8", row="i8", campaign="i8", start="f8", out="i8")
POINT = _record(t="f8", v="f8", c="i4")  # c: position of the own outage that is the cause, or -1
LIST = _record(off="i4", len="i4", head="i4", tail="i4", touched="i4", via="i4")
PART = _record(id="i8", depth="f8", cause="i4")
HELD = _record(first="i8", len="i8")
MERGE = _record(ptr="i8", src="i8", len="i8", val="f8", weight="f8", cau="i4")
TALLY = _record(loss="f8", peak="f8", event="f8", sites="i4", first="i4")

# ---- what a block brings back; losses in MW-h
YEAR_ROW = _record(year="i8", lab="i4", lost="f8", short="f8", event="f8")
CAUSE_ROW = _record(event="i8", lab="i4", node="i4", lost="f8")
EVENT_ROW = _record(year="i8", peril="i4", region="i4", no="i8", row="i8", campaign="i8",
                    start="f8")
ADEQUACY_ROW = _record(year="i8", lab="i4", short="f8", hours="f8", days="i8")
COURSE_ROW = _record(year="i8", node="i4", start="f8", end="f8", lost="f8")  # lost: share, 0-1


class Graph(NamedTuple):
    """Requirement rows, and the holdings of each node (none where it is no site)."""

    node: Records
    group: Records
    member: Records
    needer: Records
    hold: Records
    lab: Records


class Catalogue(NamedTuple):
    """Compiled event tables."""

    key: U64  # (segments, perils, 8): keys of the purposes count, event, row, duration
    peril: Records
    count_cdf: F  # of the dominating process' number of arrivals
    event: Records
    row: Records
    effect: Records
    special: Records


class Given(NamedTuple):
    """Events and own outages that a sampling peril or a story brings, by year of the block."""

    event_off: I64  # (years + 1)
    event: Records  # HAPPENED
    out_off: I64  # (years + 1)
    out: Records  # OWN; ``event`` counts among the given events of the year


class Work(NamedTuple):
    """Scratch of one thread."""

    pool: Records  # POINT: every availability list of the year
    node: Records  # LIST: the node's list (len 0: untouched) and its chain of own outages
    raw: Records  # OWN, as drawn
    out: Records  # OWN, sorted and chained by node
    ev: Records  # HAPPENED
    word_event: U64  # counters of many draws at once, and their words
    word_id: U64
    word0: U64
    word1: U64
    word2: U64
    word3: U64
    dirty: U64  # bit per node still to be worked out
    touched: I32  # nodes with a list
    part: Records
    held: Records  # lists of one node, waiting to be merged
    mrg: Records
    shift: I64  # (1) a cell is (own outage or event) << shift | lab: no division by the labs
    loss: F  # MW-h by own outage and lab
    loss_key: I64  # its cells in use
    by_event: F  # MW-h by event and lab
    event_key: I64
    lab: Records  # TALLY
    spell: F  # MW out at worst, by lab and stretch of the year
    lab_list: I32  # labs touched
    seen: I32  # events with a loss, in the order of their first cell
    lab_next: I32  # chain of a lab's touched holdings
    list_mw: F  # MW of one lab behind a list, by where the list starts
    sort_t: F  # scratch of the sorts
    sort_d: F
    sort_i: I64
    sort_j: I64
    sort_k: F


class Rows(NamedTuple):
    """What a block brings back."""

    count: I64  # rows of four tables; events, own outages, touched nodes, cells; rows of courses
    years: Records
    causes: Records
    events: Records
    adequacy: Records
    courses: Records


def make_work(nodes: int, labs: int, holdings: int, outages: int, events: int, pool: int,
              width: int) -> Work:
    """Allocate the scratch of one thread; ``width`` bounds how many lists any merge takes."""
    node = np.zeros(nodes, LIST)
    node["head"] = -1
    happened, tally = np.zeros(events, HAPPENED), np.zeros(labs, TALLY)
    happened["out"] = tally["first"] = -1
    shift = max(labs - 1, 0).bit_length()
    return Work(
        pool=np.zeros(pool, POINT), node=node, raw=np.zeros(outages, OWN),
        out=np.zeros(outages, OWN),
        ev=happened, word_event=np.zeros(outages, np.uint64),
        word_id=np.zeros(outages, np.uint64), word0=np.zeros(outages, np.uint64),
        word1=np.zeros(outages, np.uint64), word2=np.zeros(outages, np.uint64),
        word3=np.zeros(outages, np.uint64),
        dirty=np.zeros(nodes // 64 + 1, np.uint64),
        touched=np.zeros(nodes, np.int32), part=np.zeros(outages, PART),
        held=np.zeros(width + 2, HELD), mrg=np.zeros(width + 2, MERGE),
        shift=np.array([shift]),
        # a key is written before it is known to be new: one more than there are cells
        loss=np.zeros(outages << shift), loss_key=np.zeros((outages << shift) + 1, np.int64),
        by_event=np.zeros(events << shift), event_key=np.zeros((events << shift) + 1, np.int64),
        lab=tally, spell=np.zeros(SPELLS * labs), lab_list=np.zeros(labs + 1, np.int32),
        seen=np.zeros(events, np.int32),
        lab_next=np.zeros(max(holdings, 1), np.int32), list_mw=np.zeros(pool),
        sort_t=np.zeros(pool),
        sort_d=np.zeros(pool), sort_i=np.zeros(pool, np.int64),
        sort_j=np.zeros(pool, np.int64), sort_k=np.zeros(pool))


def make_rows(rows: int, adequacy: int, courses: int = 0) -> Rows:
    """Allocate room for ``rows`` rows of years, causes and events, of adequacy and of courses."""
    return Rows(np.zeros(9, np.int64), np.zeros(rows, YEAR_ROW), np.zeros(rows, CAUSE_ROW),
                np.zeros(rows, EVENT_ROW), np.zeros(adequacy, ADEQUACY_ROW),
                np.zeros(courses, COURSE_ROW))
