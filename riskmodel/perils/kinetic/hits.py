"""From waves to hits: leakers of a wave, and where on the theatre's fixed targets they fall."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskmodel.perils import quantiles
from riskmodel.perils.kinetic.accuracy import within
from riskmodel.perils.kinetic.campaigns import Campaigns
from riskmodel.perils.kinetic.interception import binomial, leak_share
from riskmodel.perils.kinetic.targets import Targets, shares
from riskmodel.perils.kinetic.waves import WEAPONS, Waves
from riskmodel.perils.names import Names
from riskmodel.perils.spec import figure

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmodel.perils.protocol import Block

#: numbers that the hits of one wave on one target may take
HITS_PER_TARGET = 1 << 16


@dataclass
class Fire:
    """Waves of one theatre with their leakers, which are drawn only where they are asked for."""

    block: Block
    data: Mapping[str, Any]
    theatre: str
    campaigns: Campaigns
    waves: Waves

    def __post_init__(self) -> None:
        self.code = self.waves.code(self.campaigns)
        self.year = self.campaigns.year[self.waves.campaign]
        self._leakers = np.full(self.waves.launches.shape, -1.0)
        self._shares = shares(self.data, self.theatre)

    def leakers(self, chosen: NDArray[np.intp] | None = None) -> NDArray[np.float64]:
        """Return the munitions that get through, per chosen wave and class of ``WEAPONS``.

        Beta-binomial: a Beta leak-through shared by the wave and class, then each by itself.
        """
        chosen = np.arange(len(self.waves)) if chosen is None else np.asarray(chosen, np.intp)
        asked = np.zeros(len(self.waves), bool)
        asked[chosen] = True
        new = np.flatnonzero(asked & (self._leakers[:, 0] < 0))
        correlation = figure(self.data, "defence", "leak_correlation")
        if len(new):
            leak = [leak_share(self._draw(f"{weapon} leak", new),
                               figure(self.data, "theatres", self.theatre, "weapons", weapon,
                                      "leak"), correlation) for weapon in WEAPONS]
            u = [self._draw(f"{weapon} leakers", new) for weapon in WEAPONS]
            self._leakers[new] = binomial(np.stack(u, axis=1), self.waves.launches[new],
                                          np.stack(leak, axis=1))
        return np.asarray(self._leakers[chosen], float)

    def share(self, target_class: str, chosen: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return the share of a wave's leakers that falls on a class of targets."""
        if target_class != "data_centre":
            return np.full(len(chosen), self._shares[target_class])
        named = self.campaigns.named[self.waves.campaign[chosen]]
        aimed = self._shares["incidental"] + named * self._shares["named"]
        return np.asarray(aimed * hit_chances(self.data, self.theatre)[1], float)

    def _draw(self, purpose: str, chosen: NDArray[np.intp]) -> NDArray[np.float64]:
        return self.block.uniform(purpose, year=self.year[chosen], event=self.code[chosen],
                                  entity=self.theatre)


@dataclass(frozen=True)
class Hits:
    """Hits of a theatre's waves on the targets of one class, one entry each.

    ``wave`` and ``target`` are positions, ``ordinal`` counts the hits of one wave on one target
    from 0, ``hit_h`` is the hour of the year.
    """

    fire: Fire
    target_class: str
    targets: Targets
    wave: NDArray[np.int64]
    target: NDArray[np.int64]
    ordinal: NDArray[np.int64]
    hit_h: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.wave)

    @property
    def campaign(self) -> NDArray[np.int64]:
        """Position of the campaign of each hit."""
        return self.fire.waves.campaign[self.wave]

    def draw(self, purpose: str) -> NDArray[np.float64]:
        """Return one uniform per hit, keyed by theatre, target, campaign, wave and ordinal."""
        return _draw(self.fire, self.target_class, _keys(self.fire, self.targets), self.wave,
                     self.target, self.ordinal, purpose)


def hit_chances(data: Mapping[str, Any], theatre: str) -> tuple[float, float]:
    """Return the chances that what is aimed at a data centre hits it, and that it hits or is near.

    Circular-error law with a generic building's radius and the theatre's circular error.
    """
    cep = figure(data, "theatres", theatre, "cep")
    direct = float(within(figure(data, "hit", "building_radius"), cep))
    near = float(within(figure(data, "hit", "near_radius"), cep))
    return direct, max(direct, near)


def sample_hits(fire: Fire, target_class: str, targets: Targets) -> Hits:
    """Thin the leakers of every wave over the targets of a class: Poisson given the leakers.

    ``target_class`` is ``data_centre``, ``grid``, ``gas``, ``cable``, or ``line``: overhead lines
    of the grid cut by the debris of what was shot down.
    """
    waves, every = fire.waves, np.arange(len(fire.waves))
    launched = waves.launches.sum(axis=1)
    names = _keys(fire, targets)
    u = fire.block.uniform(f"{target_class} hits", year=fire.year[:, None],
                           event=fire.code[:, None], entity=names[None, :])
    part = (np.full(len(waves), figure(fire.data, "defence", "debris_per_interception"))
            if target_class == "line" else fire.share(target_class, every))
    # were all to get through there would be no more hits than this: only then look closer
    row, column = np.nonzero(u > np.exp(-(launched * part)[:, None] * targets.chance[None, :]))
    through = fire.leakers(row)
    falls = launched[row] - through.sum(axis=1) if target_class == "line" else through.sum(axis=1)
    count = np.minimum(quantiles.poisson(u[row, column],
                                         falls * part[row] * targets.chance[column]),
                       HITS_PER_TARGET - 1)
    some = count > 0
    row, column, count, through = row[some], column[some], count[some], through[some]
    wave, target = np.repeat(row, count), np.repeat(column, count)
    ordinal = np.arange(len(wave)) - np.repeat(np.cumsum(count) - count, count)

    def draw(purpose: str) -> NDArray[np.float64]:
        return _draw(fire, target_class, names, wave, target, ordinal, purpose)

    # drones come until the next salvo, missiles within the hours of the wave
    drones = np.repeat(through[:, 0] / np.maximum(through.sum(axis=1), 1.0), count)
    spread = np.where(draw("weapon") < drones, waves.spread_h[wave],
                      np.minimum(figure(fire.data, "salvoes", "wave_hours"), waves.spread_h[wave]))
    hit_h = waves.start_h[wave] + draw("hit hour") * spread
    return Hits(fire, target_class, targets, wave, target, ordinal, hit_h)


def _keys(fire: Fire, targets: Targets) -> Names:
    """Return what the draws about each target are keyed by."""
    return Names.of([fire.theatre]).before("/", Names.of(targets.names))


def _draw(fire: Fire, target_class: str, names: Names, wave: NDArray[np.int64],
          target: NDArray[np.int64], ordinal: NDArray[np.int64],
          purpose: str) -> NDArray[np.float64]:
    return fire.block.uniform(f"{target_class} {purpose}", year=fire.year[wave],
                              event=fire.code[wave] * HITS_PER_TARGET + ordinal,
                              entity=names[target])
