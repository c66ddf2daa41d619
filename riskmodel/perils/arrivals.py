"""Poisson arrivals of named causes: what happens somewhere and hits several nodes at once.

Each cause (a gas region, a shock to the supply of chips) has its own arrivals at a ceiling rate,
keyed by its name and thinned down to its rate: nothing depends on which other causes there are, and
changing a rate keeps the arrivals that remain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from riskmodel.errors import RiskModelError
from riskmodel.perils import quantiles
from riskmodel.perils.names import Names
from riskmodel.perils.node_failures import HOURS_PER_YEAR, SPAN
from riskmodel.perils.protocol import in_years

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from riskmodel.perils.protocol import Block

#: arrivals of one cause in one span of years have numbers below this
MOST_IN_SPAN = 10_000


@dataclass(frozen=True)
class Arrivals:
    """Arrivals of a block's years, one element each, and their further draws.

    ``year`` is the simulated year, ``cause`` the index of the cause, ``part_of_year`` the time in
    the year, 0-1; ``event`` numbers an arrival among those of its year, apart from the order in
    which causes were given only.
    """

    year: NDArray[np.int64]
    cause: NDArray[np.int64]
    part_of_year: NDArray[np.float64]
    event: NDArray[np.int64]
    _block: Block
    _purpose: str
    _names: Names
    _span: NDArray[np.int64]
    _number: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.year)

    def draw(self, purpose: str, rows: ArrayLike | None = None,
             entity: Sequence[str] | None = None) -> NDArray[np.float64]:
        """Return a uniform for each arrival, or for ``rows`` of them (indices).

        ``entity`` names, one per row, whom the draw is about; without it, the cause itself.
        """
        at = np.arange(len(self.year)) if rows is None else np.asarray(rows, np.int64)
        names = self._names[self.cause[at]]
        if entity is not None:
            names = names.before("|", Names.factorized(entity))
        return self._block.uniform(f"{self._purpose} {purpose}", year=self._span[at],
                                   event=self._number[at], entity=names)


def arrivals(block: Block, purpose: str, causes: Sequence[str], rates: Sequence[float],
             ceiling_per_yr: float) -> Arrivals:
    """Return the arrivals of every cause in the block's years.

    Parameters
    ----------
    block : years and keyed draws
    purpose : first word of the draws' purpose
    causes : a name for each, unlike every other of this purpose
    rates : 1/yr of each, at most the ceiling
    ceiling_per_yr : rate of the dominating process, the same for every cause

    Raises
    ------
    RiskModelError
        A rate is outside 0 and the ceiling.
    """
    years = np.asarray(block.years, np.int64)
    names = Names.of(causes)
    rate = np.asarray(rates, float).reshape(-1)
    for name, value in zip(causes, rate, strict=True):
        if not 0 <= value <= ceiling_per_yr:
            raise RiskModelError(f"{name}: a rate of {value} a year is not within 0 and its "
                                 f"ceiling of {ceiling_per_yr}; raise the ceiling")
    spans = np.unique(years // SPAN)
    u = block.uniform(f"{purpose} count", year=spans[:, None], entity=names[None, :])
    counts = quantiles.poisson(u, ceiling_per_yr * SPAN * block.horizon_h / HOURS_PER_YEAR)
    row, cause, number = quantiles.each_counted(counts)

    def draw(what: str) -> NDArray[np.float64]:
        return block.uniform(f"{purpose} {what}", year=spans[row], event=number,
                             entity=names[cause])

    time = draw("time") * SPAN
    year = spans[row] * SPAN + time.astype(np.int64)
    kept = (draw("kept") * ceiling_per_yr < rate[cause]) & in_years(year, years)
    return Arrivals(year=year[kept], cause=cause[kept].astype(np.int64),
                    part_of_year=time[kept] % 1.0,
                    event=(cause * MOST_IN_SPAN + number)[kept], _block=block, _purpose=purpose,
                    _names=names, _span=spans[row][kept], _number=number[kept])
