"""Campaigns of a theatre: raids, short front-loaded wars and long sustained ones.

Entering war starts a campaign that lasts as long as the war; a raid has a length of its own. A year
that begins in war has a campaign under way. Campaigns run on past the year's end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from riskmodel.perils import quantiles
from riskmodel.perils.kinetic.regime import SHORT_WAR, Paths, RegimeRates
from riskmodel.perils.node_failures import HOURS_PER_YEAR
from riskmodel.perils.spec import figure

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmodel.perils.protocol import Block

KINDS = ("raid", "short_war", "long_war")
RAID, SHORT, LONG = range(3)
#: numbers that one theatre's campaigns of a year may take; 0 is the one under way at its start
CAMPAIGNS_PER_THEATRE = 256


@dataclass(frozen=True)
class Campaigns:
    """Campaigns of one theatre, one entry each.

    ``year``, ``number`` (unique within theatre and year), ``kind`` (place in ``KINDS``),
    ``start_h`` (hour of the year; 0 if under way), ``end_h`` (may lie past the year's end),
    ``age_h`` (how long it has run at ``start_h``; 0 if it begins there), ``size`` (its launches
    over those of a median campaign), ``named`` (data centres are named as targets).
    """

    year: NDArray[np.int64]
    number: NDArray[np.int64]
    kind: NDArray[np.int64]
    start_h: NDArray[np.float64]
    end_h: NDArray[np.float64]
    age_h: NDArray[np.float64]
    under_way: NDArray[np.bool_]
    size: NDArray[np.float64]
    named: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.year)

    def take(self, chosen: NDArray[Any]) -> Campaigns:
        """Return some of them, by mask or by position."""
        return Campaigns(*(getattr(self, f.name)[chosen] for f in fields(self)))


def sample_campaigns(block: Block, data: Mapping[str, Any], found: RegimeRates,
                     paths: Paths) -> Campaigns:
    """Return the campaigns of a block of years: those of the attacks, and those under way."""
    years = np.asarray(block.years, np.int64)
    theatre = found.theatre
    running = np.flatnonzero(~np.isnan(paths.war_until))
    kept = paths.attack_ordinal < CAMPAIGNS_PER_THEATRE - 1  # all, but for a ceiling beyond reason
    row = np.concatenate([running, paths.attack_row[kept]])
    number = np.concatenate([np.zeros(len(running), np.int64), paths.attack_ordinal[kept] + 1])
    under_way = number == 0
    began = np.where(np.isnan(paths.attack_until), RAID, paths.attack_after - SHORT_WAR + SHORT)
    kind = np.concatenate([paths.start_state[running] - SHORT_WAR + SHORT, began[kept]])
    year = years[row]

    def draw(purpose: str, chosen: NDArray[Any] | slice = slice(None)) -> NDArray[np.float64]:
        return block.uniform(purpose, year=year[chosen], event=number[chosen], entity=theatre)

    start = np.concatenate([np.zeros(len(running)), paths.attack_h[kept]])
    end = np.concatenate([paths.war_until[running], paths.attack_until[kept]])
    raids = np.flatnonzero(kind == RAID)
    end[raids] = start[raids] + quantiles.lognormal(
        draw("raid length", raids), figure(data, "raid", "length_median"),
        figure(data, "raid", "length_sigma"))
    # a war under way has run for an exponential time: its kind ends at a constant rate
    age = np.zeros(len(row))
    for war, place in ((SHORT, 0), (LONG, 1)):
        mine = np.flatnonzero(under_way & (kind == war))
        if len(mine) and found.peace[place] > 0:
            age[mine] = -np.log(draw("war age", mine)) / found.peace[place] * HOURS_PER_YEAR
    return Campaigns(year, number, kind.astype(np.int64), start, end, age, under_way,
                     *sizes(draw, data, theatre))


def sizes(draw: Any, data: Mapping[str, Any], theatre: str
          ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return size and naming of campaigns whose keyed draws are ``draw(purpose)``."""
    size = quantiles.lognormal(draw("campaign size"), 1.0,
                               figure(data, "theatres", theatre, "size_sigma"))
    named = draw("targets named") < figure(data, "theatres", theatre, "data_centres",
                                           "named_probability")
    return size, named
