"""The peril with some numbers set, and blocks of draws for it."""

from __future__ import annotations

import copy

import numpy as np

from riskmodel.perils.kinetic_strike import KineticStrike
from riskmodel.perils.spec import read_spec, shipped_data
from tests.perils.small_world import Draws


def peril_with(theatre="gulf", **numbers):
    """Return the peril with some best numbers set: steps of a path are joined by two underscores.

    A path that the theatre lacks is looked for at the top of the file. Bounds are widened, counts
    dropped.
    """
    data = copy.deepcopy(shipped_data("kinetic_strike"))
    for path, value in numbers.items():
        steps = path.split("__")
        number = data["theatres"][theatre]
        if steps[0] not in number:
            number = data
        for step in steps:
            number = number[step]
        number.update(low=min(number["low"], value), best=value, high=max(number["high"], value))
        for key in ("counted", "count", "exposure", "exposure_factor", "hits", "trials"):
            number.pop(key, None)
    return KineticStrike(read_spec(data))


def at_war(theatre="gulf", kind="long_war", **numbers):
    """Return the peril of a theatre that is at war of one kind all year."""
    start = {f"regime__start__{state}": float(state == kind)
             for state in ("calm", "crisis", "short_war", "long_war")}
    return peril_with(theatre, **{**start, f"regime__peace__{kind}": 0.0,
                                  "regime__attacks__war": 0.0, **numbers})


def draws(years, **kwargs):
    years = np.arange(years) if np.ndim(years) == 0 else years
    return Draws(years, "kinetic_strike", **kwargs)




def within_se(values, expected, what=""):
    """Assert that a mean is the expected one within four standard errors."""
    values = np.asarray(values, float)
    se = values.std() / np.sqrt(len(values))
    assert abs(values.mean() - expected) < 4 * se + 1e-12, (what, values.mean(), expected, se)
