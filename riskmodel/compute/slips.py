"""Ordinary slips of a build-out: permits, power, money and people, which move most dates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from riskmodel.compute.inputs import read_inputs
from riskmodel.perils import quantiles
from riskmodel.perils.protocol import PerilSpec
from riskmodel.perils.spec import figure

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmodel.engine.outages.given import KeyedBlock
    from riskmodel.world.world import World

FILE = "buildout"


@dataclass(frozen=True)
class Slips:
    """By how much the dates of a site move, as ``compute/buildout.toml`` has it.

    A site slips whole, with one chance and one length; sites slip apart from each other.
    """

    spec: PerilSpec

    @classmethod
    def of(cls, world: World) -> Slips:
        """Read the world's file, else the one that ships."""
        return cls(PerilSpec(FILE, "Ordinary slips", __doc__ or "", "technological",
                             data=read_inputs(FILE, world)))

    @property
    def grace_d(self) -> float:
        """Days by which a step may be late without being called so."""
        return figure(self.spec.data, "dates", "grace")

    def days(self, block: KeyedBlock, sites: Sequence[str]) -> NDArray[np.float64]:
        """Return by how many days each site slips in each draw, shape (draws, sites); 0 if not."""
        data, names = self.spec.data, np.array(list(sites), dtype=object)[None, :]
        years = np.asarray(block.years)[:, None]
        late = block.uniform("slips", year=years, entity=names) < figure(data, "slips",
                                                                         "probability")
        length = quantiles.lognormal(block.uniform("length of slip", year=years, entity=names),
                                     figure(data, "slips", "median"),
                                     figure(data, "slips", "sigma"))
        return np.where(late, length, 0.0)
