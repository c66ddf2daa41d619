"""``site_failure``: fire, power and cooling failures inside one site."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from riskmodel.perils.node_failures import FailureLaw, NodeClass, OutageLaw, draw_failures
from riskmodel.perils.outages import Outages, Sampler
from riskmodel.perils.protocol import PerilSpec
from riskmodel.perils.spec import figure, technical

if TYPE_CHECKING:
    from riskmodel.perils.protocol import Block
    from riskmodel.world.world import World


@dataclass(frozen=True)
class SiteFailure(Sampler):
    """Failures of single sites, drawn for each site from its own stream.

    Cooling lost to hot weather is left to the peril ``heatwave``; what is here has other causes.
    """

    spec: PerilSpec

    def regions(self, world: World) -> list[str]:
        """Return the grid region (else the country) of every site."""
        return sorted(set(site_regions(world)))

    def draw(self, block: Block, world: World) -> Outages:
        """Return the own outages of the block's years; parts add up to the whole site."""
        return draw_failures(block, [NodeClass(
            "site", list(world.sites["site_id"]), site_regions(world), self.laws())])

    def laws(self) -> tuple[FailureLaw, ...]:
        """Return the kinds of failure, rates per site and year."""
        data = self.spec.data
        fleet = data["power_incident"]
        incidents = (figure(fleet, "operator_rate") * figure(fleet, "power_share")
                     / figure(fleet, "sites_per_operator"))
        serious = figure(fleet, "serious_share")
        cooling = figure(data, "cooling", "rate") * figure(data, "cooling", "share_without_heat")
        return (
            self._law("hall_fire", figure(data, "hall_fire", "rate"), ("site power", "hall fire")),
            self._law("power_incident", incidents * (1.0 - serious), ("power",)),
            self._law("serious_power_incident", incidents * serious, ("power",)),
            self._law("cooling", cooling, ("cooling",)),
        )

    def _law(self, name: str, rate: float, parts: tuple[str, ...]) -> FailureLaw:
        data = self.spec.data
        outages = []
        for part in parts:
            section = data[name][part.replace(" ", "_")]
            outages.append(OutageLaw(part, figure(section, "depth"), figure(section, "median"),
                                     figure(section, "sigma")))
        return FailureLaw(name, rate, technical(data, name, "ceiling_per_yr", default=1.0),
                          tuple(outages))


def site_regions(world: World) -> list[str]:
    """Return each site's region: its grid region, else its country, else "unknown"."""
    return [grid or country or "unknown" for grid, country in
            zip(world.sites["grid_region"], world.sites["country_iso2"], strict=True)]
