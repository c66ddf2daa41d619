"""Names of the parts that hits put out, told by number: a text is made only where it is shown.

A part of a site names the hit (building or power, campaign, wave, hit): no two hits share one, so
there would be one text a hit. A part of a grid, gas or cable node names the facility.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from riskmodel.perils.names import GOLDEN, Book, Names, mixed

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: numbers that the buildings of one site may take; the last stands for its power
BUILDINGS = 1 << 10
POWER = BUILDINGS - 1
_HITS, _WAVES = 1 << 16, 1 << 8
_FACILITY = ("grid facility", "grid line", "gas facility", "cable facility")


class _PartBook(Book):
    """The words of every part: below 0 facilities, else hits."""

    def __init__(self) -> None:
        self.words = None
        self._set_size(0)

    def word(self, code: int) -> str:
        """Return one part's name."""
        if code < 0:
            number, kind = divmod(-code - 1, len(_FACILITY))
            return f"{_FACILITY[kind]} {number + 1}"
        rest, building = divmod(code, BUILDINGS)
        rest, hit = divmod(rest, _HITS)
        campaign, wave = divmod(rest, _WAVES)
        what = "power" if building == POWER else f"building {building + 1}"
        return f"{what}, campaign {campaign}, wave {wave}, hit {hit + 1}"

    def numbers(self, codes: NDArray[np.int64],
                number: Callable[[str], int]) -> NDArray[np.uint64]:
        """Return a number for each code, mixed from the code and not from its text.

        The last bit is set, as in every number of a part that is not the whole node.
        """
        return (mixed(codes.astype(np.uint64) + GOLDEN) >> np.uint64(1)) | np.uint64(1)

    def rank(self, codes: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return numbers that order parts: of one hit, buildings before the power."""
        return codes


_BOOK = _PartBook()


def site_parts(building: NDArray[np.int64], campaign: NDArray[np.int64], wave: NDArray[np.int64],
               hit: NDArray[np.int64]) -> Names:
    """Return the parts of sites that hits put out; building ``POWER`` is the site's power."""
    return Names(_BOOK, ((campaign * _WAVES + wave) * _HITS + hit) * BUILDINGS + building)


def facility_parts(kind: str, number: NDArray[np.int64]) -> Names:
    """Return facilities of a class of nodes, or overhead lines, by number from 0."""
    place = _FACILITY.index("grid line" if kind == "line" else f"{kind} facility")
    return Names(_BOOK, -(number * len(_FACILITY) + place) - 1)
