"""The numbers of a peril with some of them set, as its file would have them."""

from __future__ import annotations

import copy

COUNTED = ("counted", "count", "exposure", "exposure_factor", "hits", "trials")


def set_best(data, **numbers):
    """Return the data with some best values set: the steps of a path are joined by ``__``.

    Bounds are widened to hold the value, and the counts it no longer comes from are dropped.
    """
    data = copy.deepcopy(data)
    for path, value in numbers.items():
        number = data
        for step in path.split("__"):
            number = number[step]
        number.update(low=min(value, number["low"]), best=value, high=max(value, number["high"]))
        for key in COUNTED:
            number.pop(key, None)
    return data
