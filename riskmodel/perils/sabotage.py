"""``sabotage``: attacks on the local power supply that come in clusters, one place at a time.

Attacks on a grid region are a self-exciting process whose clusters stay within one metro. Such a
process is the sum of independent ones, one a metro, so each ``feed:*`` (a metro's local supply) has
its own, keyed by its id: what happens to a supply never depends on which others are there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskmodel.perils import hawkes, quantiles
from riskmodel.perils.grid_outage import feeds_by_grid
from riskmodel.perils.hawkes import Occurrences
from riskmodel.perils.kept import kept_with_peril
from riskmodel.perils.names import Names
from riskmodel.perils.outages import Outages, Sampler, event_numbers
from riskmodel.perils.protocol import PerilSpec
from riskmodel.perils.spec import figure, technical

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmodel.perils.protocol import Block
    from riskmodel.world.world import World

#: a grid that the file does not name has the attacks of the average US state
ANALOGUE = "average_us_state"
#: how an attack ends, most often first; each is a section of the TOML
ENDINGS = ("many", "few", "transformer")
#: clusters of one supply are numbered from the supply's place x this
CLUSTERS_PER_FEED = 1 << 20


@dataclass(frozen=True)
class Sabotage(Sampler):
    """Attacks that cost supply. An event is an attack; its campaign is its cluster."""

    spec: PerilSpec

    def regions(self, world: World) -> list[str]:
        """Return every grid whose supplies may be attacked."""
        return sorted(set(self._feeds(world).values()))

    def draw(self, block: Block, world: World) -> Outages:
        """Return the own outages of the block's years: one row an attack."""
        feeds = self._feeds(world)
        if not feeds:
            return Outages.none()
        attacks = self.attacks(block, list(feeds), list(feeds.values()))
        label = attacks.label.book.rank(attacks.label.code)
        order = np.lexsort((label, attacks.entity, attacks.time_h, attacks.year))
        attacks = attacks.take(order)
        ending = self._ending(block, attacks)
        part = {"many": "", "few": "", "transformer": "transformer"}
        depth = {name: figure(self.spec.data, name, "depth") for name in ENDINGS}
        names, grids = Names.of(list(feeds)), Names.of(list(feeds.values()))
        column: dict[str, Any] = {
            "year": attacks.year,
            "event": event_numbers(attacks.year, np.arange(len(attacks))),
            "region": grids[attacks.entity],
            "campaign_id": attacks.entity * CLUSTERS_PER_FEED + attacks.cluster,
            "event_start_h": attacks.time_h, "node_id": names[attacks.entity],
            "part": Names.of([part[name] for name in ENDINGS])[ending],
            "start_h": attacks.time_h, "duration_h": self._hours(block, attacks, ending),
            "depth": np.array([depth[name] for name in ENDINGS], float)[ending]}
        return Outages.of(column)

    def attacks(self, block: Block, feeds: list[str], grids: list[str]) -> Occurrences:
        """Return the attacks on each supply in the block's years, by ``hawkes.sample``."""
        data = self.spec.data
        branching = figure(data, "clusters", "branching")
        background = np.array([self.rate(grid) for grid in grids]) * (1.0 - branching)
        return hawkes.sample(
            block, "attack", feeds, background, branching, figure(data, "clusters", "mean_delay"),
            ceiling_per_yr=technical(data, "clusters", "ceiling_per_yr", default=0.25),
            memory_h=figure(data, "clusters", "memory"))

    def rate(self, grid: str) -> float:
        """Return the attacks a year that cost one metro's supply on that grid, in the long run.

        Recorded attacks a year and state x the share that cost supply x the share of a state's
        attacks that fall on one metro's supply.
        """
        data = self.spec.data
        regions = data["reliability_regions"].get(grid, [ANALOGUE])
        per_state = [figure(data, "attacks", region) / figure(data, "states", region)
                     for region in regions]
        return (float(np.mean(per_state)) * figure(data, "chance", "share_with_loss")
                * figure(data, "chance", "share_on_one_metro"))

    def shares(self) -> NDArray[np.float64]:
        """Return the share of attacks with each ending, in the order of ``ENDINGS``."""
        rare = np.array([figure(self.spec.data, name, "share") for name in ENDINGS[1:]])
        rare = rare / max(1.0, float(rare.sum()))
        return np.append(1.0 - rare.sum(), rare)

    def _ending(self, block: Block, attacks: Occurrences) -> NDArray[np.intp]:
        edges = np.cumsum(self.shares())[:-1]
        return np.searchsorted(edges, self._draw(block, "ending", attacks), side="right")

    def _hours(self, block: Block, attacks: Occurrences,
               ending: NDArray[np.intp]) -> NDArray[np.float64]:
        data = self.spec.data
        u = self._draw(block, "hours", attacks)
        hours = quantiles.weibull(u, figure(data, "many", "scale"), figure(data, "many", "shape"))
        for place, name in enumerate(ENDINGS[1:], start=1):
            hours = np.where(ending == place, quantiles.lognormal(
                u, figure(data, name, "median"), figure(data, name, "sigma")), hours)
        return hours

    @staticmethod
    def _draw(block: Block, purpose: str, attacks: Occurrences) -> NDArray[np.float64]:
        return block.uniform(f"attack {purpose}", year=attacks.label_year, event=attacks.cluster,
                             entity=attacks.label)

    @kept_with_peril
    def _feeds(self, world: World) -> dict[str, str]:
        """Return local supply -> its grid, sorted by supply; a supply of two grids takes one."""
        skipped = set(self.spec.data["no_grid"])
        found = {feed: grid for grid, feeds in sorted(feeds_by_grid(world).items(), reverse=True)
                 if grid not in skipped for feed in feeds}
        return dict(sorted(found.items()))
