"""Shades of a value over orders of magnitude: round bounds, few classes, worst darkest."""

from __future__ import annotations

import math
from collections.abc import Sequence

MOST = 7
#: steps within a power of ten, finest first
_STEPS = ((1.0, 2.0, 5.0), (1.0, 3.0), (1.0,))


def bounds(values: Sequence[float], most: int = MOST) -> list[float]:
    """Return round lower bounds of at most ``most`` classes that hold all positive values.

    The first bound is at or below the least value; values of 0 or less fall into the first class.
    """
    known = [value for value in values if value > 0 and math.isfinite(value)]
    if not known:
        return [0.0]
    low, high = min(known), max(known)
    for steps in _STEPS:
        scale = [step * 10.0**power
                 for power in range(math.floor(math.log10(low)) - 1,
                                    math.ceil(math.log10(high)) + 1) for step in steps]
        first = max(i for i, bound in enumerate(scale) if bound <= low * (1 + 1e-12))
        found = [bound for bound in scale[first:] if bound <= high * (1 + 1e-12)]
        if len(found) <= most:
            return found
    return found[-most:]


def shade(value: float, at: Sequence[float]) -> int:
    """Return the class of a value, 1 for the first; 0 where there is none."""
    if math.isnan(value):
        return 0
    return max(1, sum(value >= bound * (1 - 1e-12) for bound in at))
