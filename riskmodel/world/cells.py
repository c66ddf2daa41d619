"""The cells of a large file while it is read: equal words once, plain numbers as numbers."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np

#: letters of which every word that ``float`` takes is a plain decimal number
_PLAIN = re.compile(r"[0-9+\-.eE\n]*")
#: words remembered while a column is read; beyond it, equal words far apart are kept twice
_MOST_WORDS = 1 << 18


@dataclass
class NumberCells:
    """Cells of a column of numbers: what is plainly one as such, other text as it stands."""

    values: array[float] = field(default_factory=lambda: array("d"))  # NaN: empty or odd
    odd: dict[int, str] = field(default_factory=dict)  # text by its place in the column

    def extend(self, cells: Sequence[str]) -> None:
        """Add cells at the end."""
        if _PLAIN.fullmatch("\n".join(cells)) is not None:
            try:
                values = np.fromiter(map(float, cells), float, len(cells))
            except ValueError:  # an empty cell, or two signs
                values = np.full(1, np.inf)
            if np.isfinite(values).all():
                self.values.frombytes(values.tobytes())
                return
        for cell in cells:
            value = np.nan
            if cell:
                with suppress(ValueError):
                    value = float(cell) if _PLAIN.fullmatch(cell) else np.nan
                if not np.isfinite(value):
                    value = np.nan
                    self.odd[len(self.values)] = cell
            self.values.append(value)

    def __len__(self) -> int:
        return len(self.values)

    def __iter__(self) -> Iterator[str]:
        """Yield the cells as text."""
        for place, value in enumerate(self.values):
            yield self.odd[place] if place in self.odd else "" if value != value else repr(value)


@dataclass
class WordCells:
    """Cells of a column of text, equal words kept once."""

    words: list[str] = field(default_factory=list)
    _known: dict[str, str] = field(default_factory=dict)

    def extend(self, cells: Sequence[str]) -> None:
        """Add cells at the end."""
        known = self._known.setdefault
        self.words.extend([known(cell, cell) for cell in cells])
        if len(self._known) > _MOST_WORDS:
            self._known.clear()
