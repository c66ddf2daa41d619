"""Many year values in little room: the largest one by one, the others in narrow bins.

``Moments`` is count, sum and sum of squares. ``Ranked`` adds what ranks need: the ``TOP`` largest
values as they are, and for all others a count, a sum and a sum of squares per bin. The bins cut
every power of two into 1,024 equal steps (the first ten bits of a float's fraction), so two values
of one bin differ by less than 1/1,024 and the mean of a bin is within ``RELATIVE_ERROR`` of any
value in it. A value asked for by rank is exact among the largest and else the mean of its bin:
exact as well where all values of the bin are equal. Two of them merge into what one would be that
had seen all values: counts and largest values to the last, sums up to rounding.

(The idea of bins of equal relative width: Masson, Rim and Lee 2019, DDSketch.)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskmodel.errors import RiskModelError

Floats = NDArray[np.float64]

#: so many of the largest values are kept one by one
TOP = 100_000
#: no value is further than this from what stands for it, relative to itself
RELATIVE_ERROR = 1 / 1024
_SHIFT = 42  # of the 52 bits of a fraction


@dataclass(frozen=True)
class Moments:
    """Count, sum and sum of squares of the values above 0."""

    size: int
    total: float
    squares: float


class Ranked:
    """The values of one lab, or of all together, each of a year or of its largest event.

    Values of 0 are not counted. ``worlds`` above 1 keeps the world of each of the largest values.
    """

    def __init__(self, top: int = TOP, worlds: int = 1) -> None:
        if top < 1:
            raise RiskModelError(f"top is {top}; keep one value at least")
        self.most = top
        self.worlds = worlds
        self.size = 0
        self.total = self.squares = 0.0
        self._top: Floats = np.zeros(0)  # largest first, once settled
        self._top_world = np.zeros(0, np.int32)
        self._new: list[tuple[Floats, NDArray[np.int32]]] = []
        self._waiting = 0
        self._base = 0  # number of the first bin
        self._bins = np.zeros((3, 0))  # counts, sums, sums of squares
        self._sums: Floats | None = None  # of the bins, from the largest down

    # ------------------------------------------------------------ taking values in

    def add(self, values: ArrayLike, world: ArrayLike = 0) -> None:
        """Take in values of years, all of one world or with the world of each."""
        value = np.asarray(values, dtype=float)
        kept = value > 0
        worlds = np.broadcast_to(np.asarray(world, dtype=np.int32), value.shape)[kept]
        value = value[kept]
        if not np.isfinite(value).all():
            raise RiskModelError("a year lost an infinite amount; losses must be finite")
        self.size += value.size
        self.total += float(value.sum())
        self.squares += float((value**2).sum())
        self._place(value, worlds)

    def merge(self, other: Ranked) -> None:
        """Take in what another has seen."""
        if (other.most, other.worlds) != (self.most, self.worlds):
            raise RiskModelError("two summaries that keep other numbers of values do not merge")
        other.settle()
        self.size += other.size
        self.total += other.total
        self.squares += other.squares
        self._place(other._top, other._top_world)
        at = np.flatnonzero(other._bins[0])
        self._into_bins(at + other._base, other._bins[:, at])

    def _place(self, value: Floats, world: NDArray[np.int32]) -> None:
        self._sums = None
        if self._top.size == self.most:
            large = value > self._top[-1]
            self._drop(value[~large])
            value, world = value[large], world[large]
        self._new.append((value, world))
        self._waiting += value.size
        if self._waiting > self.most:
            self.settle()

    def settle(self) -> None:
        """Sort the largest values, and leave those beyond ``most`` to the bins."""
        if not self._new:
            return
        value = np.concatenate([self._top, *(one for one, _ in self._new)])
        world = np.concatenate([self._top_world, *(one for _, one in self._new)])
        order = np.argsort(-value, kind="stable")
        self._drop(value[order[self.most:]])
        self._top, self._top_world = value[order[:self.most]], world[order[:self.most]]
        self._new, self._waiting = [], 0

    def _drop(self, value: Floats) -> None:
        if value.size:
            bins, place = np.unique(value.view(np.int64) >> _SHIFT, return_inverse=True)
            self._into_bins(bins, np.array([np.bincount(place, weights=weights)
                                            for weights in (np.ones(value.size), value, value**2)]))

    def _into_bins(self, bins: NDArray[np.int64], amounts: Floats) -> None:
        if not bins.size:
            return
        low, high = int(bins.min()), int(bins.max()) + 1
        end = self._base + self._bins.shape[1]
        if self._bins.shape[1] == 0:
            self._base, self._bins = low, np.zeros((3, high - low))
        elif low < self._base or high > end:
            self._bins = np.pad(self._bins, ((0, 0), (max(self._base - low, 0),
                                                      max(high - end, 0))))
            self._base = min(low, self._base)
        self._bins[:, bins - self._base] += amounts
        self._sums = None

    # ------------------------------------------------------------ reading

    @property
    def top(self) -> Floats:
        """The largest values, largest first."""
        self.settle()
        return self._top

    @property
    def moments(self) -> Moments:
        """Count, sum and sum of squares."""
        return Moments(self.size, self.total, self.squares)

    def _from_the_top(self) -> Floats:
        """Return sums over the bins from the largest down, shape (3, bins + 1), from 0 on."""
        self.settle()
        if self._sums is None:
            self._sums = np.pad(np.cumsum(self._bins[:, ::-1], axis=1), ((0, 0), (1, 0)))
        return self._sums

    def at_rank(self, rank: ArrayLike) -> Floats:
        """Return the values at ranks from 1, the largest; 0 beyond the last."""
        ranks = np.asarray(rank, dtype=np.int64)
        sums = self._from_the_top()
        top = self._top
        within = np.append(top, 0.0)[np.clip(ranks - 1, 0, top.size)]
        if sums.shape[1] == 1:
            return within
        place = np.searchsorted(sums[0], np.clip(ranks - top.size, 1, None), side="left")
        counts, totals = self._bins[:2, -np.clip(place, 1, sums.shape[1] - 1)]
        mean = np.divide(totals, counts, out=np.zeros_like(totals), where=counts > 0)
        # an atom may lie on both sides of the last value kept: it must stay one value
        same = mean >= top[-1] * (1 - 1e-12)
        mean = np.where(same, top[-1], mean)
        return np.where(ranks <= top.size, within, np.where(ranks <= self.size, mean, 0.0))

    def largest(self, count: int) -> Moments:
        """Return the moments of the ``count`` largest values (fewer where there are fewer)."""
        sums = self._from_the_top()
        of_top = self._top[:count]
        size, total, squares = of_top.size, float(of_top.sum()), float((of_top**2).sum())
        rest = min(count, self.size) - size
        if rest > 0:
            place = int(np.searchsorted(sums[0], rest, side="left"))
            whole, next_one = sums[:, place - 1], self._bins[:, -place]
            part = (rest - whole[0]) / next_one[0]
            size += rest
            total += float(whole[1] + part * next_one[1])
            squares += float(whole[2] + part * next_one[2])
        return Moments(size, total, squares)

    def worlds_of_largest(self, count: int) -> NDArray[np.int64] | None:
        """Return how many of the ``count`` largest values each world has, None if not known."""
        if count > self.top.size and count <= self.size:
            return None
        return np.bincount(self._top_world[:count], minlength=self.worlds)

    def sums_by_world(self, amounts: Floats) -> Floats:
        """Return the sum over the largest values of each world of what stands beside each."""
        return np.bincount(self._top_world[:amounts.size], weights=amounts,
                           minlength=self.worlds).astype(float)

    # ------------------------------------------------------------ to a file and back

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return all that is known as arrays."""
        self.settle()
        at = np.flatnonzero(self._bins[0])
        world = {"world": self._top_world} if self.worlds > 1 else {}
        return {"sums": np.array([self.size, self.total, self.squares]), "top": self._top, **world,
                "bin": at + self._base, "bins": self._bins[:, at]}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], top: int, worlds: int) -> Ranked:
        """Return what ``arrays`` told."""
        one = cls(top, worlds)
        size, one.total, one.squares = (float(x) for x in arrays["sums"])
        one.size = int(size)
        one._top = arrays["top"].copy()
        one._top_world = (arrays["world"].copy() if "world" in arrays
                          else np.zeros(one._top.size, np.int32))
        one._into_bins(arrays["bin"], arrays["bins"])
        return one
