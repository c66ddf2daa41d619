"""Own outages that do not come from a catalogue: sampled by a peril, or told as a story."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskmodel.engine.kernel.layout import HAPPENED, OWN, Given
from riskmodel.engine.outages.packing import ROW, pack_rows, rows_of
from riskmodel.engine.outages.streams import COMPILED_FROM, entity_hashes, keyed_uniform, stream_key
from riskmodel.engine.outages.thinning import thinned_arrivals
from riskmodel.engine.plan.plan import Plan
from riskmodel.errors import RiskModelError
from riskmodel.perils.outages import Outages, drawn
from riskmodel.perils.protocol import OUTAGE_COLUMNS

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from riskmodel.perils.events import Event
    from riskmodel.perils.names import Names

    Floats = NDArray[np.float64]


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
                entity: ArrayLike | Names = "") -> NDArray[np.float64]:
        """Return uniforms in (0, 1), one per element of the broadcast labels."""
        return keyed_uniform(self.seed, self._stream(purpose), self.peril_id, year, event, entity)

    def thinned(self, count: str, mark: str, *, spans: NDArray[np.int64], nodes: Names,
                reached: Floats, edges: Floats, below: Floats, rates: Floats
                ) -> tuple[NDArray[np.int64], ...] | None:
        """Return the arrivals that stay (``thinned_arrivals``); None where there are few to draw.

        ``count`` and ``mark`` are the purposes of the draws.
        """
        if len(spans) * len(nodes) < COMPILED_FROM // 16:
            return None
        count_key, mark_key = (stream_key(self.seed, self._stream(purpose), self.peril_id)
                               for purpose in (count, mark))
        return thinned_arrivals(count_key, mark_key, spans, entity_hashes(nodes), reached, edges,
                                below, rates)

    def _stream(self, purpose: str) -> str:
        return f"{purpose} warm-up {self.segment}" if self.segment else purpose


def no_given(years: int) -> Given:
    """Return an empty set of given outages for a block of years."""
    off = np.zeros(years + 1, np.int64)
    return Given(off, np.zeros(0, HAPPENED), off.copy(), np.zeros(0, OWN))


def sample_block(plan: Plan, first: int, years: int, segments: int) -> Given:
    """Ask every sampling peril for its outages of the years ``first`` to ``first + years - 1``.

    The plan remembers the names of their parts, so that the years can be told.
    """
    return sample_spans(plan, first, years, [segments], name_parts=True)[0]


def sample_spans(plan: Plan, first: int, years: int, segments: Sequence[int],
                 stride: int = 1, *, name_parts: bool = False) -> list[Given]:
    """Ask every sampling peril, once, for the outages of several passes over the same years.

    ``segments`` has the number of years that a trial of each pass counts, warm-up included.
    """
    span = first + stride * np.arange(years, dtype=np.int64)
    tables = []
    for position, peril in plan.samplers:
        for segment in range(max(segments)):
            block = KeyedBlock(span, plan.horizon_h, plan.seed, peril.spec.peril_id, segment)
            found = drawn(peril, block, plan.world)
            if not len(found):
                continue
            if not isinstance(found, Outages):
                found = _read_frame(found, peril.spec.peril_id)
            after = found.year - first
            index = after // stride
            if (index * stride != after).any() or index.min() < 0 or index.max() >= years:
                raise RiskModelError("a sampling peril returned a year outside its block")
            if segment:
                shift = segment * plan.horizon_h
                found = replace(found, start_h=found.start_h - shift,
                                event_start_h=found.event_start_h - shift)
            tables.append((found, index, position, segment))
    if not tables:
        return [no_given(years)] * len(segments)
    row = np.empty(sum(len(found) for found, *_ in tables), ROW)
    end = 0
    for found, index, position, segment in tables:
        end += len(found)
        rows_of(plan, found, index, group=position * max(segments) + segment, peril=position,
                segment=segment, name_parts=name_parts, into=row[end - len(found):end])
    return pack_rows(plan, row, years, segments)


def _read_frame(frame: pd.DataFrame, peril_id: str) -> Outages:
    """Return the flat table of a peril that is no part of the package."""
    missing = [name for name in OUTAGE_COLUMNS if name not in frame.columns]
    if missing:
        raise RiskModelError(f"peril {peril_id}: sample() returned no column "
                             f"{', '.join(missing)}; it needs {', '.join(OUTAGE_COLUMNS)}")
    return Outages.of(frame)


def pack(plan: Plan, table: pd.DataFrame, years: int) -> Given:
    """Turn a flat table of own outages into the arrays of the kernel.

    ``table`` has the columns of a sampling peril and ``index`` (year of the block), ``peril``
    (position in the plan).
    """
    if not len(table):
        return no_given(years)
    row = rows_of(plan, Outages.of(table), table["index"], group=0, peril=table["peril"],
                  name_parts=True)
    return pack_rows(plan, row, years, [1])[0]


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
                      position[event.peril]) for outage in event.outages]
    return pd.DataFrame(rows, columns=[*OUTAGE_COLUMNS, "index", "peril"])
