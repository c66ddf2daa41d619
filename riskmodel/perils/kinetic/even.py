"""Years spread evenly over the regimes: a scrambled Sobol sequence in place of one uniform a year.

The regime at a year's start is drawn from one uniform for each theatre. Where these are the points
of a Sobol sequence (Sobol 1967; direction numbers of Joe and Kuo 2008, SIAM J. Sci. Comput. 30),
one dimension a theatre, the first n years hold each regime almost exactly as often as its chance
says, for every n. The points are scrambled as Owen (1995, 1997) does, keyed by the seed: each by
itself is uniform, so every mean stays unbiased, and a year's point is a function of its number.

For one theatre and 2^m years this is stratified sampling, and the usual standard error, which takes
years for independent, is an upper bound of the error on average. For several theatres Owen's bound
is a small factor above it; in the tests the spread between seeds stays below it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskmodel.errors import RiskModelError
from riskmodel.perils.names import GOLDEN, mixed

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from riskmodel.perils.names import Names
    from riskmodel.perils.protocol import Block

    Floats = NDArray[np.float64]

BITS = 32
#: degree, coefficients and first direction numbers of the primitive polynomials of Joe and Kuo
_POLYNOMIALS = ((1, 0, (1,)), (2, 1, (1, 3)), (3, 1, (1, 3, 1)), (3, 2, (1, 1, 1)),
                (4, 1, (1, 1, 3, 3)), (4, 4, (1, 3, 5, 13)), (5, 2, (1, 1, 5, 5, 17)),
                (5, 4, (1, 1, 5, 5, 5)), (5, 7, (1, 1, 7, 11, 19)))
MOST_DIMENSIONS = 1 + len(_POLYNOMIALS)


def directions(dimension: int) -> NDArray[np.uint64]:
    """Return the direction numbers of one dimension (from 0), shape (32,).

    Raises
    ------
    RiskModelError : there are no more than 10 dimensions
    """
    if not 0 <= dimension < MOST_DIMENSIONS:
        raise RiskModelError(f"Sobol's sequence has dimensions 0 to {MOST_DIMENSIONS - 1} here; "
                             f"{dimension} is none: spread fewer theatres evenly")
    if dimension == 0:
        return np.array([1 << (BITS - 1 - bit) for bit in range(BITS)], np.uint64)
    degree, coefficients, first = _POLYNOMIALS[dimension - 1]
    found = [number << (BITS - 1 - bit) for bit, number in enumerate(first)]
    for bit in range(degree, BITS):
        number = found[bit - degree] ^ (found[bit - degree] >> degree)
        for step in range(1, degree):
            if coefficients >> (degree - 1 - step) & 1:
                number ^= found[bit - step]
        found.append(number)
    return np.array(found[:BITS], np.uint64)


def sobol(index: ArrayLike, dimension: int = 0) -> NDArray[np.uint64]:
    """Return the points of Sobol's sequence as whole numbers, to be divided by 2^32.

    ``index`` counts from 0; the order is that of the Gray code (Antonov and Saleev 1979), so that
    any point is known without those before it.
    """
    place = np.asarray(index).astype(np.uint64)
    gray = place ^ (place >> np.uint64(1))
    found = np.zeros(place.shape, np.uint64)
    for bit, number in enumerate(directions(dimension)):
        found ^= np.where(gray >> np.uint64(bit) & np.uint64(1), number, np.uint64(0))
    return found


def scrambled(points: NDArray[np.uint64], key: int) -> NDArray[np.uint64]:
    """Return the points under Owen's nested scrambling: a digit flips by a hash of those above."""
    found = points.copy()
    for bit in range(BITS):
        above = (points >> np.uint64(BITS - bit)) | np.uint64(1 << bit)
        flip = mixed((above ^ np.uint64(key)) * GOLDEN) >> np.uint64(63)
        found ^= flip << np.uint64(BITS - 1 - bit)
    return found


@dataclass(frozen=True)
class EvenYears:
    """A block whose years are spread evenly: one dimension a theatre, and 0 for the coin that says
    which years are drawn with the true chances."""

    block: Block
    dimensions: Mapping[str, int]  # by theatre, from 1

    @property
    def years(self) -> NDArray[np.int64]:
        """Numbers of the years, rising."""
        return self.block.years

    @property
    def horizon_h(self) -> float:
        """Length of a year in hours."""
        return self.block.horizon_h

    def uniform(self, purpose: str, *, year: ArrayLike, event: ArrayLike = 0,
                entity: ArrayLike | Names = "") -> Floats:
        """Return the draws of the block, but for the regimes at the start and the coin."""
        usual = self.block.uniform(purpose, year=year, event=event, entity=entity)
        if purpose == "proposal":
            return self._even(year, 0, "", usual)
        if purpose == "regime" and isinstance(entity, str) and entity in self.dimensions:
            return self._even(year, self.dimensions[entity], entity, usual)
        return usual

    def _even(self, year: ArrayLike, dimension: int, entity: str, usual: Floats) -> Floats:
        secret = self.block.uniform("even years", year=0, entity=entity)
        key = int(float(np.asarray(secret).item()) * 2.0**52)
        # the digits beyond the sequence's own are the usual draw's
        return (scrambled(sobol(year, dimension), key) + usual) * 2.0**-BITS


def dimensions_of(theatres: Any) -> dict[str, int]:
    """Return the dimension of each theatre of the file, in its order."""
    return {name: place + 1 for place, name in enumerate(theatres)}
