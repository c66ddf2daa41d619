"""Whatever state of the world is drawn, the natural perils stay sound and below their ceilings."""

from __future__ import annotations

import zlib
from importlib import import_module

import numpy as np
import pytest

from riskmodel.perils.ignorance import draw, inputs, with_values
from riskmodel.perils.registry import BUILT_IN
from riskmodel.perils.spec import read_spec, shipped_data
from riskmodel.testing import _event_bounds

WORLDS = 25


def uniform(stream, names):
    """Return uniforms keyed by name, a fifth of the worlds far out in the tails."""
    columns = []
    for name in names:
        rng = np.random.default_rng(zlib.crc32(f"{stream}/{name}".encode()))
        u = rng.uniform(size=WORLDS)
        u[:WORLDS // 5] = rng.choice([1e-6, 1 - 1e-6], size=WORLDS // 5)
        columns.append(u)
    return np.stack(columns, axis=1)


@pytest.mark.parametrize("name", ["earthquake", "heatwave", "hurricane"])
def test_every_state_of_the_world_gives_a_sound_table(name, shipped):
    module, cls = BUILT_IN[name]
    spec = read_spec(shipped_data(name))
    unknown = inputs(spec)
    assert len(unknown) > 20
    totals = []
    for values in draw(unknown, uniform):
        peril = getattr(import_module(module), cls)(with_values(spec, unknown, values))
        table = peril.catalogue(shipped)
        assert _event_bounds(table, peril) == []
        totals.append(table.drop_duplicates("event_id")["rate_per_yr"].sum())
    best = getattr(import_module(module), cls)(spec).catalogue(shipped)
    best = best.drop_duplicates("event_id")["rate_per_yr"].sum()
    assert min(totals) < best < max(totals)
