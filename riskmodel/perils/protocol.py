"""What a peril is: a spec, and either a catalogue of events or a sampler of own outages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from riskmodel.perils.names import Names
    from riskmodel.world.world import World

GROUPS = ("natural", "technological", "societal")

#: columns of the flat table that a sampling peril returns, one row an own outage
OUTAGE_COLUMNS = ("year", "event", "region", "campaign_id", "event_start_h", "node_id", "part",
                  "start_h", "duration_h", "depth")


@dataclass(frozen=True)
class PerilSpec:
    """Identity card of a peril.

    ``ceiling_rate_per_yr`` is the rate of the dominating process whose arrivals are thinned down to
    the peril's own rate, so that changing a rate keeps the events that remain; where it is not
    stated, the engine takes the next power of two above the catalogue's total rate.
    ``data`` is the peril's TOML as read: every number with low/best/high, source and confidence.
    """

    peril_id: str
    name: str
    definition: str
    group: str
    oed_code: str = ""
    rdls_type: str = ""
    ceiling_rate_per_yr: float | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


class Block(Protocol):
    """A block of simulated years, with its keyed draws, as a sampling peril sees it.

    The engine's own also carries ``segment``: 0 for the year itself, s for the s-th year of the
    warm-up that calendar booking runs before it.
    """

    @property
    def years(self) -> NDArray[np.int64]:
        """Numbers of the years, rising."""
        ...

    @property
    def horizon_h(self) -> float:
        """Length of a year in hours."""
        ...

    def uniform(self, purpose: str, *, year: ArrayLike, event: ArrayLike = 0,
                entity: ArrayLike | Names = "") -> NDArray[np.float64]:
        """Return uniforms in (0, 1), one per element of the broadcast labels.

        A draw is a pure function of (seed, purpose, peril, year, event, entity): it never depends
        on order, on other rows or on what else is in the world. ``entity`` takes strings, or
        ``riskmodel.perils.names.Names``.
        """
        ...


def in_years(year: NDArray[np.int64], years: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which of the years drawn are years of a block."""
    if len(years) and years[-1] - years[0] == len(years) - 1 and (np.diff(years) == 1).all():
        return np.asarray((year >= years[0]) & (year <= years[-1]))
    return np.isin(year, years)


@runtime_checkable
class Peril(Protocol):
    """Base of both kinds of peril."""

    @property
    def spec(self) -> PerilSpec:
        """Identity card."""
        ...


@runtime_checkable
class CataloguePeril(Peril, Protocol):
    """A peril that is a table of events, compiled into the kernel: the fast way."""

    def catalogue(self, world: World) -> pd.DataFrame:
        """Return the event table (columns of the table ``events``) for this world."""
        ...


@runtime_checkable
class SamplingPeril(Peril, Protocol):
    """A peril that draws its own outages for a whole block of years."""

    def regions(self, world: World) -> list[str]:
        """Return every region its events may carry."""
        ...

    def sample(self, block: Block, world: World) -> pd.DataFrame:
        """Return a flat table of own outages (``OUTAGE_COLUMNS``), any order.

        ``event`` numbers the events of this peril within the year from 0; ``start_h`` and
        ``event_start_h`` count hours from the start of the year and may lie past its end for the
        later outages of an event; ``campaign_id`` is an integer, -1 for none.
        """
        ...
