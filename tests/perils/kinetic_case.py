"""The peril with some numbers set, and blocks of draws for it."""

from __future__ import annotations

import numpy as np

from riskmodel.perils.kinetic_strike import KineticStrike
from riskmodel.perils.spec import read_spec, shipped_data
from tests.perils.best import set_best
from tests.perils.small_world import Draws


def peril_with(theatre="gulf", **numbers):
    """Return the peril with some best numbers set, of the theatre or, where it has none, of all."""
    data = shipped_data("kinetic_strike")
    of_theatre = data["theatres"][theatre]
    paths = {f"theatres__{theatre}__{path}" if path.split("__")[0] in of_theatre else path: value
             for path, value in numbers.items()}
    return KineticStrike(read_spec(set_best(data, **paths)))


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
