"""A flat table of own outages as plain arrays: what the package's own samplers draw.

Names stand as whole numbers (``Names``), so that a block of years is drawn, sorted and packed
without looking at a text.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmodel.perils.names import Names, joined

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmodel.perils.protocol import Block
    from riskmodel.world.world import World

_WHOLE = ("year", "event", "campaign_id")
_TEXT = ("region", "node_id", "part")


@dataclass(frozen=True, eq=False)
class Outages:
    """Own outages, one element each; the columns are those of ``OUTAGE_COLUMNS``."""

    year: NDArray[np.int64]
    event: NDArray[np.int64]
    region: Names
    campaign_id: NDArray[np.int64]
    event_start_h: NDArray[np.float64]
    node_id: Names
    part: Names
    start_h: NDArray[np.float64]
    duration_h: NDArray[np.float64]
    depth: NDArray[np.float64]

    @classmethod
    def of(cls, column: Mapping[str, Any] | pd.DataFrame) -> Outages:
        """Return the table of these columns; texts are ``Names`` or arrays of strings."""
        found: dict[str, Any] = {}
        for field in fields(cls):
            values = column[field.name]
            if field.name in _TEXT:
                found[field.name] = (values if isinstance(values, Names)
                                     else Names.factorized(values))
            else:
                found[field.name] = np.asarray(
                    values, np.int64 if field.name in _WHOLE else np.float64)
        return cls(**found)

    @classmethod
    def none(cls) -> Outages:
        """Return the table without a row."""
        return cls.of({field.name: Names.of(()) if field.name in _TEXT else np.zeros(0)
                       for field in fields(cls)})

    @classmethod
    def joined(cls, tables: Sequence[Outages]) -> Outages:
        """Return the rows of several tables, in their order."""
        if not tables:
            return cls.none()
        if len(tables) == 1:
            return tables[0]
        return cls(*(joined([getattr(table, field.name) for table in tables])
                     for field in fields(cls)))

    def __len__(self) -> int:
        return len(self.year)

    def take(self, chosen: Any) -> Outages:
        """Return some of the rows, by mask or by position."""
        return Outages(*(getattr(self, field.name)[chosen] for field in fields(self)))

    def frame(self) -> pd.DataFrame:
        """Return the flat table that ``sample`` promises; texts are plain objects."""
        return pd.DataFrame({
            field.name: pd.Series(value.text(), dtype=object) if isinstance(value, Names)
            else value for field in fields(self) for value in (getattr(self, field.name),)})


class Sampler(ABC):
    """Base of the samplers of the package: they draw arrays, and show them as a frame.

    The engine reads the arrays, unless a subclass has a ``sample`` of its own.
    """

    @abstractmethod
    def draw(self, block: Block, world: World) -> Outages:
        """Return the own outages of the block's years, any order."""

    def sample(self, block: Block, world: World) -> pd.DataFrame:
        """Return the own outages of the block's years as a flat table (``OUTAGE_COLUMNS``)."""
        return self.draw(block, world).frame()


def event_numbers(year: NDArray[np.int64], *labels: NDArray[Any]) -> NDArray[np.int64]:
    """Number the events of each year from 0.

    Rows of one event stand together and agree in year and ``labels``; neighbours differ in one.
    """
    new_year = np.ones(len(year), bool)
    new_year[1:] = year[1:] != year[:-1]
    new_event = new_year.copy()
    for label in labels:
        new_event[1:] |= label[1:] != label[:-1]
    serial = np.cumsum(new_event) - 1
    return serial - np.maximum.accumulate(np.where(new_year, serial, 0))


def drawn(peril: Any, block: Block, world: World) -> Outages | pd.DataFrame:
    """Return what a sampling peril draws: arrays where it has them, else its frame."""
    if getattr(type(peril), "sample", None) is Sampler.sample:
        return peril.draw(block, world)  # type: ignore[no-any-return]
    return peril.sample(block, world)  # type: ignore[no-any-return]
