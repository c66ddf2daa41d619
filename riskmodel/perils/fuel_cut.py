"""``fuel_cut``: gas stops at plants behind the meter, or at the ports of a grid's country."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from riskmodel.perils import quantiles
from riskmodel.perils.arrivals import Arrivals, arrivals
from riskmodel.perils.kept import kept_with_world
from riskmodel.perils.names import Names
from riskmodel.perils.outages import Outages, Sampler
from riskmodel.perils.protocol import PerilSpec
from riskmodel.perils.spec import figure, technical

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmodel.perils.protocol import Block
    from riskmodel.world.world import World

#: event numbers of one kind lie below this
EVENTS_PER_KIND = 1_000_000_000
LNG = "gulf_lng"


@dataclass(frozen=True)
class FuelCut(Sampler):
    """Failures of gas supply. An event is one failure; its region is the gas region or the Gulf.

    ``line``: the pipeline, compressor or lateral behind one plant (hits ``plant:*``). ``area``:
    processing, storage or a trunk line of a whole gas region (hits ``gas:*`` in part). ``lng``:
    liquefied gas from the Gulf stops; the grids of importers lose a part of their supply once
    stocks are used up.
    """

    spec: PerilSpec

    def regions(self, world: World) -> list[str]:
        """Return the gas regions of the world, and the Gulf's."""
        return sorted({LNG.upper(), *(_short(gas) for gas in gas_regions(world))})

    def draw(self, block: Block, world: World) -> Outages:
        """Return the own outages of the block's years."""
        tables = [self._failures(block, "line", 0, plants(world)),
                  self._failures(block, "area", 1, {gas: gas for gas in gas_regions(world)}),
                  self._lng(block, world)]
        return Outages.joined([table for table in tables if len(table)])

    def rate(self, kind: str) -> float:
        """Return the failures a year: of the line behind one plant, of one gas region, of LNG."""
        data = self.spec.data
        if kind == "line":
            return (figure(data, kind, "incidents") / figure(data, kind, "network")
                    * figure(data, kind, "length") * figure(data, kind, "stops_plant")
                    + figure(data, kind, "compressor"))
        return figure(data, kind, "rate")

    def lost(self, country: str) -> float:
        """Return the share of a country's power that stops once its stocks of LNG are used up."""
        row = self.spec.data["lng"]["importers"][country]
        return (figure(row, "gas_in_power") * figure(row, "gulf_in_gas")
                * figure(self.spec.data, "lng", "not_replaced"))

    def _failures(self, block: Block, kind: str, number: int,
                  hit: dict[str, str]) -> Outages:
        """Return failures of nodes by themselves; ``hit`` maps each node to its gas region."""
        if not hit:
            return Outages.none()
        nodes = sorted(hit)
        data = self.spec.data[kind]
        found = arrivals(block, kind, nodes, [self.rate(kind)] * len(nodes),
                         technical(data, "ceiling_per_yr", default=1.0))
        hours = quantiles.lognormal(found.draw("hours"), figure(data, "median"),
                                    figure(data, "sigma"))
        depth = np.full(len(found), min(1.0, figure(data, "depth")))
        node = Names.of(nodes)[found.cause]
        regions = Names.of([_short(hit[one]) for one in nodes])[found.cause]
        start = found.part_of_year * block.horizon_h
        return _table(found, number, np.arange(len(found)), regions, node, start, start, hours,
                      depth)

    def _lng(self, block: Block, world: World) -> Outages:
        """Return what the grids of importers lose when gas from the Gulf stops."""
        data = self.spec.data["lng"]
        found = arrivals(block, "lng", [LNG], [self.rate("lng")],
                         technical(data, "ceiling_per_yr", default=1.0))
        grids = world.nodes[world.nodes["kind"] == "grid"]
        hit = [(grid, self.lost(country), 24.0 * figure(data, "importers", country, "stock"))
               for grid, country in sorted(zip(grids["node_id"], grids["country_iso2"],
                                               strict=True)) if country in data["importers"]]
        hit = [row for row in hit if row[1] > 0]
        if not hit or not len(found):
            return Outages.none()
        length = 24.0 * quantiles.lognormal(found.draw("days"), figure(data, "median"),
                                            figure(data, "sigma"))
        stock = np.array([row[2] for row in hit])
        row, column = np.nonzero(length[:, None] > stock[None, :])
        begin = (found.part_of_year * block.horizon_h)[row]
        return _table(found, 2, row, Names.all_of(LNG.upper(), len(row)),
                      Names.of([one[0] for one in hit])[column], begin,
                      begin + stock[column], length[row] - stock[column],
                      np.minimum(1.0, np.array([one[1] for one in hit])[column]))


def gas_regions(world: World) -> list[str]:
    """Return the gas regions that feed plants behind the meter, by name.

    Gas that reaches sites through public grids only is no part of this peril.
    """
    return sorted(set(plants(world).values()))


@kept_with_world
def plants(world: World) -> dict[str, str]:
    """Return plant -> the gas region that its requirements name."""
    needs = world.requirements
    return {plant: gas for plant, gas in sorted(zip(needs["node_id"], needs["member_id"],
                                                    strict=True))
            if plant.startswith("plant:") and gas.startswith("gas:")}


def _short(node: str) -> str:
    return node.removeprefix("gas:")


def _table(found: Arrivals, number: int, rows: NDArray[np.int64], region: Names, node: Names,
           event_start: NDArray[np.float64], start: NDArray[np.float64],
           hours: NDArray[np.float64], depth: NDArray[np.float64]) -> Outages:
    size = len(rows)
    return Outages.of({
        "year": found.year[rows], "event": number * EVENTS_PER_KIND + found.event[rows],
        "region": region, "campaign_id": np.full(size, -1, np.int64),
        "event_start_h": event_start, "node_id": node, "part": Names.all_of("", size),
        "start_h": start, "duration_h": hours, "depth": depth})
