"""What a long run knows of all its years, in room that does not grow with them.

Blocks are taken in one by one, in their order; two accumulators merge, in the order of their
blocks, into that of all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskmodel.engine.kernel.layout import Records, Rows
from riskmodel.engine.long.ranked import TOP, Floats, Moments, Ranked
from riskmodel.engine.losses.losses import HOURS_PER_DAY

#: what has a count, a sum and a sum of squares in each world
SERIES = ("lost", "shortfall_mw_days", "shortfall_h", "shortfall_days")
#: what splits the AAL
CAUSES = ("peril", "region", "node")


class Accumulators:
    """Year values of each lab and of all together (the last row of everything).

    Attributes
    ----------
    years : how many were taken in
    aep, oep : a ``Ranked`` of each lab and of all together
    moments : shape (series, labs + 1, worlds, 3): count, sum and sum of squares of ``SERIES``
    causes : for each of ``CAUSES`` a name's sum and sum of squares of what it cost, by lab,
        shape (labs + 1, 2)
    """

    def __init__(self, labs: Sequence[str], worlds: int = 1, top: int = TOP) -> None:
        self.labs, self.worlds, self.top = tuple(labs), worlds, top
        self.years = 0
        count = len(self.labs) + 1
        self.aep = [Ranked(top, worlds) for _ in range(count)]
        self.oep = [Ranked(top, worlds) for _ in range(count)]
        self.moments = np.zeros((len(SERIES), count, worlds, 3))
        self.causes: dict[str, dict[str, Floats]] = {name: {} for name in CAUSES}

    # ------------------------------------------------------------ taking blocks in

    def take(self, passes: Sequence[Rows], years: int, names: Mapping[str, Sequence[str]],
             world: int = 0, *, adequacy: bool = True) -> None:
        """Take in the rows of a block of years of one world.

        ``names`` has the words behind the numbers of perils, regions and nodes.
        """
        self.years += years
        main, last = passes[0], passes[-1]
        rows = main.years
        self._by_lab("lost", rows, rows["lost"] / HOURS_PER_DAY, world, self.aep)
        self._by_lab(None, rows, rows["event"] / HOURS_PER_DAY, world, self.oep)
        event_year = main.events["year"]
        of_event = np.bincount(main.causes["event"], weights=main.causes["lost"],
                               minlength=len(event_year)) / HOURS_PER_DAY
        self.oep[-1].add(_largest(event_year, of_event), world)
        if adequacy:
            short = last.adequacy
            self._by_lab("shortfall_mw_days", short, short["short"] / HOURS_PER_DAY, world)
            self._by_lab("shortfall_h", short, short["hours"], world)
            self._by_lab("shortfall_days", short, short["days"].astype(float), world)
        self._by_cause(main, names)

    def _by_lab(self, series: str | None, rows: Records, values: Floats, world: int,
                ranked: list[Ranked] | None = None) -> None:
        order = np.argsort(rows["lab"], kind="stable")
        edges = np.searchsorted(rows["lab"][order], np.arange(len(self.labs) + 1))
        each = [values[order[edges[i]:edges[i + 1]]] for i in range(len(self.labs))]
        if series is not None:
            each.append(_sums(rows["year"], values))
        for i, one in enumerate(each):
            if ranked is not None:
                ranked[i].add(one, world)
            if series is not None:
                self.moments[SERIES.index(series), i, world] += (
                    np.count_nonzero(one), one.sum(), (one**2).sum())

    def _by_cause(self, main: Rows, names: Mapping[str, Sequence[str]]) -> None:
        causes = main.causes[main.causes["lost"] > 0]
        event = main.events[causes["event"]]
        year, lost = event["year"], causes["lost"] / HOURS_PER_DAY
        if not len(year):
            return
        place = year - year.min()
        codes = {"peril": event["peril"], "region": event["region"], "node": causes["node"]}
        for cause in CAUSES:
            words, book = names[cause], self.causes[cause]
            # one cell per year, cause and lab: errors need the year as the unit
            cell, cell_of = np.unique((place * len(words) + codes[cause]) * len(self.labs)
                                      + causes["lab"], return_inverse=True)
            amount = np.bincount(cell_of, weights=lost)
            whole, whole_of = np.unique(cell // len(self.labs), return_inverse=True)
            of_all = np.bincount(whole_of, weights=amount)
            for lab, number, value in (
                    (cell % len(self.labs), cell // len(self.labs) % len(words), amount),
                    (np.full(whole.size, len(self.labs)), whole % len(words), of_all)):
                found, at = np.unique(number * (len(self.labs) + 1) + lab, return_inverse=True)
                sums = np.bincount(at, weights=value)
                squares = np.bincount(at, weights=value**2)
                for key, total, square in zip(found.tolist(), sums, squares, strict=True):
                    word, row = divmod(key, len(self.labs) + 1)
                    if words[word] not in book:
                        book[words[word]] = np.zeros((len(self.labs) + 1, 2))
                    book[words[word]][row] += (total, square)

    def merge(self, other: Accumulators) -> None:
        """Take in the later blocks that another has seen."""
        self.years += other.years
        for mine, theirs in ((self.aep, other.aep), (self.oep, other.oep)):
            for one, two in zip(mine, theirs, strict=True):
                one.merge(two)
        self.moments += other.moments
        for cause, book in other.causes.items():
            for word, amounts in book.items():
                self.causes[cause].setdefault(word, np.zeros_like(amounts))
                self.causes[cause][word] += amounts

    # ------------------------------------------------------------ reading

    def moments_of(self, series: str, row: int) -> Moments:
        """Return count, sum and sum of squares of a series over all worlds."""
        count, total, squares = self.moments[SERIES.index(series), row].sum(axis=0)
        return Moments(int(count), float(total), float(squares))

    # ------------------------------------------------------------ to a file and back

    def arrays(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Return a header and arrays that hold everything."""
        header = {"labs": list(self.labs), "worlds": self.worlds, "top": self.top,
                  "years": self.years,
                  "causes": {cause: list(book) for cause, book in self.causes.items()}}
        arrays: dict[str, NDArray[Any]] = {"moments": self.moments}
        for cause, book in self.causes.items():
            arrays[cause] = (np.stack(list(book.values())) if book
                             else np.zeros((0, len(self.labs) + 1, 2)))
        for basis, each in (("aep", self.aep), ("oep", self.oep)):
            for i, one in enumerate(each):
                arrays |= {f"{basis}.{i}.{name}": array for name, array in one.arrays().items()}
        return header, arrays

    @classmethod
    def from_arrays(cls, header: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]
                    ) -> Accumulators:
        """Return what ``arrays`` told."""
        found = cls(header["labs"], header["worlds"], header["top"])
        found.years = header["years"]
        found.moments = arrays["moments"].copy()
        for cause, words in header["causes"].items():
            found.causes[cause] = {word: arrays[cause][i].copy() for i, word in enumerate(words)}
        for basis, each in (("aep", found.aep), ("oep", found.oep)):
            for i in range(len(each)):
                start = f"{basis}.{i}."
                each[i] = Ranked.from_arrays(
                    {name.removeprefix(start): array for name, array in arrays.items()
                     if name.startswith(start)}, found.top, found.worlds)
        return found


def _sums(year: NDArray[np.int64], values: Floats) -> Floats:
    """Return the sum of each year that has a value."""
    if not year.size:
        return np.zeros(0)
    _, place = np.unique(year, return_inverse=True)
    return np.bincount(place, weights=values).astype(float)


def _largest(year: NDArray[np.int64], values: Floats) -> Floats:
    """Return the largest value of each year that has one."""
    distinct, place = np.unique(year, return_inverse=True)
    found = np.zeros(distinct.size)
    np.maximum.at(found, place, values)
    return found
