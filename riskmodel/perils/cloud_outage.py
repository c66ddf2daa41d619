"""``cloud_outage``: zones, control planes of cloud regions, and whole providers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from riskmodel.perils.node_failures import FailureLaw, NodeClass, OutageLaw, draw_failures
from riskmodel.perils.outages import Outages, Sampler
from riskmodel.perils.protocol import PerilSpec
from riskmodel.perils.site_failure import site_regions
from riskmodel.perils.spec import figure, technical

if TYPE_CHECKING:
    from riskmodel.perils.protocol import Block
    from riskmodel.world.world import World

#: kind of node -> section of the TOML
LEVELS = {"zone": "zone", "cloud_region": "region", "cloud": "provider"}


@dataclass(frozen=True)
class CloudOutage(Sampler):
    """Cloud failures at three levels, drawn for each node from its own stream.

    A zone outage is an own outage of the zone: what runs in it stops. A control-plane outage is an
    own outage of the ``cloud_region:*`` or ``cloud:*`` node: starts and restarts stop, and a site
    loses at most the share of its requirement on that node, after the hours that its jobs run
    without a restart. Every zone of the region feels it at the same time.
    """

    spec: PerilSpec

    def regions(self, world: World) -> list[str]:
        """Return every region that an event may carry: cloud regions, clouds, grids of zones."""
        return sorted({region for group in self._classes(world) for region in group.regions})

    def draw(self, block: Block, world: World) -> Outages:
        """Return the own outages of the block's years.

        A fault of a large provider that takes another along is one event with a row for each.
        """
        table = draw_failures(block, self._classes(world))
        # the large providers fail whether or not the world holds them: others may hang on them
        there = {*world.nodes["node_id"], *world.sites["site_id"]}
        book = table.node_id.book
        known = np.array([book.word(code) in there for code in range(book.size)], bool)
        return table.take(known[table.node_id.code])

    def laws(self) -> dict[str, FailureLaw]:
        """Return the failure of each level, rates per node and year."""
        data = self.spec.data
        rates = {
            "zone": (figure(data, "zone", "posted_incidents")
                     * figure(data, "zone", "share_stopping_a_zone")
                     / figure(data, "zone", "zones_per_provider")),
            "region": (figure(data, "region", "provider_rate")
                       / figure(data, "region", "regions_per_provider")),
            "provider": figure(data, "provider", "rate"),
        }
        part = {"zone": "zone service", "region": "", "provider": ""}
        return {
            level: FailureLaw(
                level, rate, technical(data, level, "ceiling_per_yr", default=4.0),
                (OutageLaw(part[level], figure(data, level, "depth"),
                           figure(data, level, "median"), figure(data, level, "sigma")),))
            for level, rate in rates.items()}

    def _classes(self, world: World) -> list[NodeClass]:
        laws = self.laws()
        grid = dict(zip(world.sites["site_id"], site_regions(world), strict=True))
        classes = []
        for kind, level in LEVELS.items():
            nodes = (zones(world) if kind == "zone" else
                     list(world.nodes.loc[world.nodes["kind"] == kind, "node_id"]))
            regions = [grid.get(node) or node.split(":", 1)[-1] for node in nodes]
            if level != "provider":
                classes.append(NodeClass(level, nodes, regions, (laws[level],)))
                continue
            large = [f"cloud:{name}" for name in self.spec.data["provider"]["large"]]
            small = [node for node in nodes if node not in large]
            for group, reach in ((large, figure(self.spec.data, "provider", "reaches_another")),
                                 (small, 0.0)):
                classes.append(NodeClass(level, group, [node.split(":", 1)[-1] for node in group],
                                         (laws[level],), reach, nodes))
        return classes


def zones(world: World) -> list[str]:
    """Return the sites that are zones of a cloud region.

    Those that the table ``nodes`` calls a zone, and those whose control plane is required by the
    rule for zones (``control_plane_share_zone`` of the shipped derivation).
    """
    named = set(world.nodes.loc[world.nodes["kind"] == "zone", "node_id"])
    needs = world.requirements
    named |= set(needs.loc[needs["rule"] == "control_plane_share_zone", "node_id"])
    return [site for site in world.sites["site_id"] if site in named]
