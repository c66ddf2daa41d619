"""A self-exciting (Hawkes) process: its expectations, and exact samples of it by keyed draws.

An event of the background starts a cluster; every event brings a Poisson number of further ones,
``branching`` on average, each after an exponential delay. (Hawkes 1971, Biometrika 58; the cluster
form is of Hawkes and Oakes 1974, J. Appl. Prob. 11.) In the other usual form the intensity jumps by
``alpha`` at each event and decays at the rate ``beta``: branching is alpha / beta and the mean
delay 1 / beta.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from riskmodel.errors import RiskModelError
from riskmodel.perils import quantiles
from riskmodel.perils.names import Names, joined
from riskmodel.perils.protocol import in_years

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from riskmodel.perils.protocol import Block

HOURS_PER_YEAR = 8760.0
#: years whose background is drawn together, counted from year 0: one draw an entity and span is
#: cheaper than one an entity and year
SPAN = 32
_GENERATIONS = 1000  # a cluster that is older than this is a slip in the parameters


@dataclass(frozen=True)
class Hawkes:
    """A self-exciting process with an exponential kernel.

    Parameters
    ----------
    background : events a unit of time that no other event brought, 0 or more
    branching : mean number of events that an event brings itself, 0 to below 1
    mean_delay : mean time from an event to one that it brings, above 0

    Raises
    ------
    RiskModelError
        A parameter is outside its bounds: with a branching of 1 or more there is no steady rate.
    """

    background: float
    branching: float
    mean_delay: float

    def __post_init__(self) -> None:
        if not (0 <= self.background < np.inf and 0 < self.mean_delay < np.inf):
            raise RiskModelError(f"Hawkes: a background of {self.background} and a mean delay of "
                                 f"{self.mean_delay}; give 0 or more, and above 0")
        _check_branching(self.branching)

    @property
    def stationary_rate(self) -> float:
        """Events a unit of time in the long run: background / (1 - branching)."""
        return self.background / (1.0 - self.branching)

    @property
    def fano_factor(self) -> float:
        """Variance over mean of the count of a long window: 1 / (1 - branching) squared."""
        return 1.0 / (1.0 - self.branching) ** 2

    @property
    def _return(self) -> float:
        """Rate at which the mean intensity returns to its steady value, beta - alpha."""
        return (1.0 - self.branching) / self.mean_delay

    def expected_intensity(self, time: ArrayLike) -> NDArray[np.float64]:
        """Return the mean intensity at each time of a process that is empty at time 0."""
        t = np.asarray(time, float)
        return self.stationary_rate * (1.0 - self.branching * np.exp(-self._return * t))

    def expected_count(self, time: ArrayLike) -> NDArray[np.float64]:
        """Return the mean number of events up to each time of a process empty at time 0."""
        t = np.asarray(time, float)
        missing = self.branching * -np.expm1(-self._return * t) / self._return
        return self.stationary_rate * (t - missing)

    def window_fano(self, length: float) -> float:
        """Return variance over mean of the count of a window of that length, in the steady state.

        From the covariance density of the exponential kernel (Hawkes 1971): it falls off at the
        rate beta - alpha from the stationary rate x alpha (2 beta - alpha) / (2 (beta - alpha)).
        """
        if not length > 0:
            raise RiskModelError(f"Hawkes: a window of length {length}; give one above 0")
        back, n = self._return, self.branching
        weight = n * (2.0 - n) / (1.0 - n) / self.mean_delay
        return 1.0 + weight * (1.0 / back + np.expm1(-back * length) / (back**2 * length))


def borel(size: ArrayLike, branching: float) -> NDArray[np.float64]:
    """Return the chance of each cluster size from 1: the Borel distribution.

    exp(-n k) (n k)^(k - 1) / k! (Borel 1942); its mean is 1 / (1 - n), its variance
    n / (1 - n)^3.
    """
    from scipy.special import gammaln, xlogy

    _check_branching(branching)
    k = np.asarray(size, float)
    if np.any(k < 1) or np.any(k != np.floor(k)):
        raise RiskModelError("a cluster size is a whole number from 1")
    return np.exp(-branching * k + xlogy(k - 1.0, branching * k) - gammaln(k + 1.0))


def borel_mean(branching: float) -> float:
    """Return the mean cluster size, 1 / (1 - branching)."""
    _check_branching(branching)
    return 1.0 / (1.0 - branching)


def borel_variance(branching: float) -> float:
    """Return the variance of the cluster size, branching / (1 - branching)^3."""
    _check_branching(branching)
    return branching / (1.0 - branching) ** 3


def _check_branching(branching: float) -> None:
    if not 0 <= branching < 1:
        raise RiskModelError(f"a branching of {branching}: it must be 0 or more and below 1, else "
                             "the process has no steady rate")


# -------------------------------------------------------------------- exact samples


@dataclass(frozen=True)
class Occurrences:
    """Events of many entities and years; one element an event in every array.

    ``entity`` is a place in the list of entities; ``cluster`` numbers the arrivals of an entity's
    background, and events that share year, entity and cluster are one cluster. ``label_year``,
    ``cluster`` and ``label`` name the event to the keyed draws: a draw of another of its marks is
    ``block.uniform(purpose, year=label_year, event=cluster, entity=label)``.
    """

    year: NDArray[np.int64]
    entity: NDArray[np.int64]
    cluster: NDArray[np.int64]
    time_h: NDArray[np.float64]
    label_year: NDArray[np.int64]
    label: Names

    def __len__(self) -> int:
        return len(self.year)

    def take(self, chosen: NDArray[np.intp] | NDArray[np.bool_]) -> Occurrences:
        """Return the chosen events."""
        return Occurrences(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))


def sample(block: Block, name: str, entities: Sequence[str], background_per_yr: ArrayLike,
           branching: float, mean_delay_h: float, *, ceiling_per_yr: float,
           memory_h: float) -> Occurrences:
    """Return the events of one process an entity in the years of the block, exactly.

    Each year is drawn by itself with the clusters that began up to ``memory_h`` before it, so that
    its events come at the stationary rate from its first hour (short of what older clusters would
    bring, a share of at most branching x exp(-(1 - branching) memory_h / mean_delay_h)); a memory
    of 0 starts it empty. Events before the year or past its end are left out.

    Parameters
    ----------
    name : first word of the purposes of its draws
    background_per_yr : of each entity, shape (entities,) or one for all, at most the ceiling
    branching : mean number of events that an event brings itself
    mean_delay_h : of these, hours
    ceiling_per_yr : rate of the arrivals that are thinned down to the background, so that a higher
        background keeps the clusters of a lower one; a higher branching keeps every event

    Raises
    ------
    RiskModelError
        A background is above the ceiling, or a parameter outside its bounds.
    """
    rates = np.broadcast_to(np.asarray(background_per_yr, float), (len(entities),))
    if len(rates) and not (rates.min() >= 0 and rates.max() <= ceiling_per_yr):
        raise RiskModelError(f"{name}: a background of {rates.max():g} a year is not within 0 and "
                             f"its ceiling of {ceiling_per_yr:g}; raise the ceiling")
    Hawkes(1.0, branching, mean_delay_h)  # checks both
    first = _background(block, name, entities, rates, ceiling_per_yr, memory_h)
    found = [first]
    for _ in range(_GENERATIONS):
        if not len(found[-1]):
            break
        found.append(_offspring(block, name, found[-1], branching, mean_delay_h))
    else:
        raise RiskModelError(f"{name}: clusters do not end with a branching of {branching}")
    whole = Occurrences(*(joined([getattr(part, key) for part in found])
                          for key in Occurrences.__dataclass_fields__))
    inside = (whole.time_h >= 0) & (whole.time_h < block.horizon_h)
    return whole.take(inside & in_years(whole.year, np.asarray(block.years, np.int64)))


def _background(block: Block, name: str, entities: Sequence[str], rates: NDArray[np.float64],
                ceiling: float, memory_h: float) -> Occurrences:
    names = Names.of(entities)
    spans = np.unique(np.asarray(block.years, np.int64) // SPAN)
    window = memory_h + block.horizon_h
    u = block.uniform(f"{name} count", year=spans[:, None], entity=names[None, :])
    counts = quantiles.poisson(u, ceiling * SPAN * window / HOURS_PER_YEAR)
    row, column, arrival = quantiles.each_counted(counts)

    def draw(purpose: str) -> NDArray[np.float64]:
        return block.uniform(f"{name} {purpose}", year=spans[row], event=arrival,
                             entity=names[column])

    kept = draw("onset") * ceiling < rates[column]
    row, column, arrival = row[kept], column[kept], arrival[kept]
    place = draw("time") * SPAN
    return Occurrences(
        year=spans[row] * SPAN + place.astype(np.int64), entity=column.astype(np.int64),
        cluster=arrival.astype(np.int64), time_h=(place % 1.0) * window - memory_h,
        label_year=spans[row], label=names[column])


def _offspring(block: Block, name: str, parents: Occurrences, branching: float,
               mean_delay_h: float) -> Occurrences:
    """Return the next generation; a child's label is its parent's and its place among siblings."""
    late = parents.time_h >= block.horizon_h
    parents = parents.take(~late)  # what comes of these is later still
    counts = quantiles.poisson(
        block.uniform(f"{name} offspring", year=parents.label_year, event=parents.cluster,
                      entity=parents.label), branching)
    again = parents.take(np.repeat(np.arange(len(parents)), counts))
    number = np.arange(len(again)) - np.repeat(np.cumsum(counts) - counts, counts)
    # few events bring others: their labels get a book of their own
    label = Names.factorized(again.label.text() + np.array(
        [f"/{n}" for n in range(int(counts.max(initial=0)))] or [""], object)[number])
    u = block.uniform(f"{name} delay", year=again.label_year, event=again.cluster, entity=label)
    return Occurrences(again.year, again.entity, again.cluster,
                       again.time_h - mean_delay_h * np.log1p(-u), again.label_year, label)
