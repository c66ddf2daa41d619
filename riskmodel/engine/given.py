"""Own outages that do not come from a catalogue: sampled by a peril, or told as a story."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskmodel.engine.kernel.layout import HAPPENED, OWN, Given
from riskmodel.engine.plan import Plan
from riskmodel.engine.streams import keyed_uniform, part_hash
from riskmodel.errors import RiskModelError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from riskmodel.perils.events import Event

_COLUMNS = ("year", "event", "region", "campaign_id", "event_start_h", "node_id", "part", "start_h",
            "duration_h", "depth")


@dataclass(frozen=True)
class KeyedBlock:
    """A block of years as a sampling peril sees it (``riskmodel.perils.protocol.Block``).

    ``segment`` s > 0 is the s-th year of the warm-up before each year, with draws of its own.
    """

    years: NDArray[np.int64]
    horizon_h: float
    seed: int
    peril_id: str
    segment: int = 0

    def uniform(self, purpose: str, *, year: ArrayLike, event: ArrayLike = 0,
                entity: ArrayLike = "") -> NDArray[np.float64]:
        """Return uniforms in (0, 1), one per element of the broadcast labels."""
        if self.segment:
            purpose = f"{purpose} warm-up {self.segment}"
        return keyed_uniform(self.seed, purpose, self.peril_id, year, event, entity)


def no_given(years: int) -> Given:
    """Return an empty set of given outages for a block of years."""
    off = np.zeros(years + 1, np.int64)
    return Given(off, np.zeros(0, HAPPENED), off.copy(), np.zeros(0, OWN))


def sample_block(plan: Plan, first: int, years: int, segments: int) -> Given:
    """Ask every sampling peril for its outages of the years ``first`` to ``first + years - 1``."""
    return sample_spans(plan, first, years, [segments])[0]


def sample_spans(plan: Plan, first: int, years: int, segments: Sequence[int],
                 stride: int = 1) -> list[Given]:
    """Ask every sampling peril, once, for the outages of several passes over the same years.

    ``segments`` has the number of years that a trial of each pass counts, warm-up included.
    """
    table = _sampled(plan, first, years, max(segments), stride) if plan.samplers else None
    if table is None:
        return [no_given(years)] * len(segments)
    given = []
    for most in segments:
        part = table[(table["segment"] < most).to_numpy()]
        given.append(pack(plan, part, years) if len(part) else no_given(years))
    return given


def _sampled(plan: Plan, first: int, years: int, segments: int, stride: int
             ) -> pd.DataFrame | None:
    span = first + stride * np.arange(years, dtype=np.int64)
    frames = []
    for position, peril in plan.samplers:
        for segment in range(segments):
            block = KeyedBlock(span, plan.horizon_h, plan.seed, peril.spec.peril_id, segment)
            frame = peril.sample(block, plan.world)
            if len(frame) == 0:
                continue
            missing = [name for name in _COLUMNS if name not in frame.columns]
            if missing:
                raise RiskModelError(f"peril {peril.spec.peril_id}: sample() returned no column "
                                     f"{', '.join(missing)}; it needs {', '.join(_COLUMNS)}")
            frame = frame.loc[:, list(_COLUMNS)].copy()
            shift = segment * plan.horizon_h
            frame["event_start_h"] -= shift
            frame["start_h"] -= shift
            frame["peril"] = frame["order"] = position
            frame["segment"] = segment
            frames.append(frame)
    if not frames:
        return None
    table = pd.concat(frames, ignore_index=True)
    after = table["year"].to_numpy(np.int64) - first
    table["index"] = after // stride
    if (after % stride).any() or not table["index"].between(0, years - 1).all():
        raise RiskModelError("a sampling peril returned a year outside its block")
    return table


def pack(plan: Plan, table: pd.DataFrame, years: int) -> Given:
    """Turn a flat table of own outages into the arrays of the kernel.

    ``table`` has the columns of a sampling peril and ``index`` (year of the block), ``peril``
    (position in the plan), ``order`` (which peril's events come first) and ``segment``. Outages of
    nodes outside this world, and those without depth or duration, are left out; their events stay.
    """
    # an order of its own, so that a peril's row order can never show in a result
    table = table.sort_values(["index", "order", "segment", "event", "start_h", "node_id", "part",
                               "depth", "duration_h"], kind="stable", ignore_index=True)
    keys = table[["index", "order", "segment", "event"]]
    first = ~keys.duplicated()
    number = np.cumsum(first.to_numpy()) - 1  # which event a row belongs to
    events = table[first.to_numpy()]
    unknown = sorted(set(events["region"]) - set(plan.region_index))
    if unknown:
        raise RiskModelError(f"events carry the region {unknown[0]!r}, which their peril's "
                             "regions() does not list")
    index = events["index"].to_numpy(np.int64)
    event_off = np.searchsorted(index, np.arange(years + 1)).astype(np.int64)

    node = np.array([plan.node_index.get(name, -1) for name in table["node_id"]], np.int64)
    start = table["start_h"].to_numpy(float)
    hours = table["duration_h"].to_numpy(float)
    depth = table["depth"].to_numpy(float)
    if not (np.isfinite(start).all() and np.isfinite(hours).all() and (hours >= 0).all()
            and (depth >= 0).all() and (depth <= 1).all()):
        raise RiskModelError("own outages need a finite start_h, a finite duration_h of 0 or more, "
                             "and a depth from 0 to 1")
    keep = (node >= 0) & (hours > 0) & (depth > 0) & (start >= -plan.cap_h)
    row_year = table["index"].to_numpy(np.int64)[keep]
    names = table["part"].astype(str).to_numpy()[keep]
    parts = {name: part_hash(name) for name in set(names)}
    plan.part_names.update((number, name) for name, number in parts.items())
    happened = np.zeros(len(events), HAPPENED)
    happened["peril"], happened["no"] = events["peril"], events["event"]
    happened["region"] = [plan.region_index[region] for region in events["region"]]
    happened["campaign"], happened["start"] = events["campaign_id"], events["event_start_h"]
    happened["row"] = -1
    own = np.zeros(len(row_year), OWN)
    own["event"], own["node"] = number[keep] - event_off[row_year], node[keep]
    own["part"] = [parts[name] for name in names]
    own["start"], own["depth"] = start[keep], depth[keep]
    own["end"] = start[keep] + np.minimum(hours[keep], plan.cap_h)
    return Given(
        event_off=event_off, event=happened,
        out_off=np.searchsorted(row_year, np.arange(years + 1)).astype(np.int64), out=own)


def story_table(plan: Plan, stories: Sequence[Sequence[Event]]) -> pd.DataFrame:
    """Return the flat table of stories' own outages, one story a year, events in the order given.
    """
    position = {name: i for i, name in enumerate(plan.perils)}
    rows = []
    for year, events in enumerate(stories):
        for number, event in enumerate(events):
            begins = min((outage.start_h for outage in event.outages), default=0.0)
            rows += [(year, number, event.region, -1, begins, outage.node, outage.part,
                      float(outage.start_h), float(outage.duration_h), float(outage.depth), year,
                      position[event.peril], 0, 0) for outage in event.outages]
    return pd.DataFrame(rows, columns=[*_COLUMNS, "index", "peril", "order", "segment"])
