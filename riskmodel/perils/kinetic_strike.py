"""``kinetic_strike``: campaigns of drones and missiles, per theatre and class of target.

Regime of the theatre -> campaigns -> waves -> launches -> what gets through, a share common to the
wave -> hits on the theatre's fixed target classes -> damage -> repair. There is no launch point, no
range and no named target: every target of a class in a country is alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from riskmodel.perils.kept import kept_with_peril
from riskmodel.perils.kinetic import regime, targets
from riskmodel.perils.kinetic.campaigns import (
    CAMPAIGNS_PER_THEATRE,
    Campaigns,
    sample_campaigns,
)
from riskmodel.perils.kinetic.damage import COLUMNS, Columns, data_centre_damage, node_damage
from riskmodel.perils.kinetic.hits import Fire, Hits, sample_hits
from riskmodel.perils.kinetic.repair import PERMANENT_H
from riskmodel.perils.kinetic.targets import Targets, theatre_sites
from riskmodel.perils.kinetic.waves import WAVES_PER_CAMPAIGN, sample_waves
from riskmodel.perils.names import Names
from riskmodel.perils.outages import Outages, Sampler
from riskmodel.perils.protocol import PerilSpec

if TYPE_CHECKING:
    import datetime as dt

    from riskmodel.perils.protocol import Block
    from riskmodel.world.world import World

__all__ = ["PERMANENT_H", "KineticStrike", "class_damage", "theatre_sites"]


@dataclass(frozen=True)
class KineticStrike(Sampler):
    """Strike campaigns. An event is a wave and carries its campaign; its region is the theatre.

    Waves belong to the year in which they begin; a year that begins in war has a campaign under
    way. Numbers of events and campaigns are keyed by the theatre's place in the file, the arrival
    that began the campaign and the wave, so that a changed rate keeps the events that remain.
    """

    spec: PerilSpec

    def regions(self, world: World) -> list[str]:
        """Return every theatre of the TOML."""
        return list(self.spec.data["theatres"])

    def draw(self, block: Block, world: World) -> Outages:
        """Return the own outages of the block's years.

        Parts of a site name building, campaign, wave and hit; those of a grid, gas or cable node
        name the facility, which may be hit again. ``campaign_id`` is unique within the year.
        """
        tables = []
        for place, theatre in enumerate(self.spec.data["theatres"]):
            held = self.targets(theatre, world)
            if held:
                fire = self.fire(block, theatre, world.as_of)
                tables += [_table(fire, place, of, damage)
                           for of, damage in class_damage(fire, held) if len(damage["wave"])]
        return Outages.joined(tables)

    def targets(self, theatre: str, world: World) -> dict[str, Targets]:
        """Return the theatre's targets that the world holds, by class; empty classes left out."""
        return dict(self._targets(world, theatre))

    @kept_with_peril
    def _targets(self, world: World, theatre: str) -> dict[str, Targets]:
        sites = theatre_sites(world).get(theatre, {})
        there = {*world.nodes["node_id"]} - {*world.sites["site_id"]}
        held = {"data_centre": targets.data_centres(self.spec.data, theatre, sites),
                **{kind: targets.class_nodes(self.spec.data, theatre, kind, there)
                   for kind in targets.NODE_CLASSES}}
        held["line"] = held["grid"]
        return {kind: found for kind, found in held.items() if len(found)}

    def campaigns(self, block: Block, theatre: str,
                  as_of: dt.date | None = None) -> Campaigns:
        """Return the campaigns of one theatre in the block's years, whether or not they hit."""
        found = regime.rates(self.spec.data, theatre, as_of)
        return sample_campaigns(block, self.spec.data, found, regime.sample_paths(block, found))

    def fire(self, block: Block, theatre: str, as_of: dt.date | None = None) -> Fire:
        """Return the waves of one theatre in the block's years with what they launch."""
        campaigns = self.campaigns(block, theatre, as_of)
        return Fire(block, self.spec.data, theatre, campaigns,
                    sample_waves(block, self.spec.data, theatre, campaigns))


def class_damage(fire: Fire, held: Mapping[str, Targets]) -> Iterator[tuple[Hits, Columns]]:
    """Yield, class by class, the hits of a theatre's waves and the own outages they bring."""
    for kind, of in held.items():
        hits = sample_hits(fire, kind, of)
        if len(hits):
            yield hits, data_centre_damage(hits) if kind == "data_centre" else node_damage(hits)
        else:
            yield hits, {name: np.zeros(0, np.int64) for name in COLUMNS}


def _table(fire: Fire, place: int, hits: Hits, damage: Columns) -> Outages:
    wave = damage["wave"]
    campaign = (place * CAMPAIGNS_PER_THEATRE
                + fire.campaigns.number[fire.waves.campaign[wave]])
    return Outages.of({
        "year": fire.year[wave], "event": campaign * WAVES_PER_CAMPAIGN + fire.waves.wave[wave],
        "region": Names.all_of(fire.theatre, len(wave)), "campaign_id": campaign,
        "event_start_h": fire.waves.start_h[wave],
        "node_id": Names.of(hits.targets.names)[damage["target"]], "part": damage["part"],
        "start_h": damage["start_h"], "duration_h": damage["duration_h"],
        "depth": damage["depth"]})
