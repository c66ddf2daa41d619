"""``chip_supply``: chips and large equipment come late for what is under construction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskmodel.perils import quantiles
from riskmodel.perils.lateness import (
    Delay,
    Pairs,
    Shock,
    late_steps,
    no_delays,
    none_late,
    step_delays,
)
from riskmodel.perils.outages import Outages, Sampler
from riskmodel.perils.protocol import PerilSpec
from riskmodel.perils.spec import figure, technical

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmodel.perils.protocol import Block
    from riskmodel.world.world import World

#: kinds of shock, in the order of their event numbers
KINDS = ("earthquake", "blockade", "plant_loss", "equipment")


@dataclass(frozen=True)
class ChipSupply(Sampler):
    """Shocks to the supply of what is being built. An event is a shock; its region a country.

    A stop of a share of a chip family's supply delays a step that waits for it by the stop's
    length x that share x the queue behind it. In a world of the record's own day nothing is under
    construction, and nothing is lost.
    """

    spec: PerilSpec

    def regions(self, world: World) -> list[str]:
        """Return the countries of plants and of sites."""
        return sorted({shock.region for kind in KINDS for shock in self.shocks(world, kind)})

    def draw(self, block: Block, world: World) -> Outages:
        """Return the own outages of the block's years: the steps that are missing on day one."""
        return late_steps(self.delays(block, world))

    def delays(self, block: Block, world: World) -> pd.DataFrame:
        """Return by how long each shock delays the steps it reaches; see ``step_delays``."""
        if none_late(block, world):
            return no_delays()
        lead = figure(self.spec.data, "lead")
        tables = [step_delays(block, world, kind, number, self.shocks(world, kind),
                              technical(self.spec.data, kind, "ceiling_per_yr", default=1.0), lead,
                              self._delay(kind))
                  for number, kind in enumerate(KINDS)]
        tables = [table for table in tables if len(table)]
        return pd.concat(tables, ignore_index=True) if tables else no_delays()

    def shocks(self, world: World, kind: str) -> list[Shock]:
        """Return the causes of one kind with their rates (1/yr) and what they reach."""
        rate = figure(self.spec.data, kind, "rate")
        sites = world.sites
        if kind == "equipment":
            rate *= figure(self.spec.data, kind, "no_spare")
            return [Shock(site, country or "unknown", rate, {site: 1.0})
                    for site, country in zip(sites["site_id"], sites["country_iso2"], strict=True)]
        if kind == "plant_loss":
            plants = world.supply_nodes[world.supply_nodes["node_type"].isin(
                ["foundry", "packaging", "memory"])]
            return [Shock(plant, country, rate, self._reach(world, from_plant(world, plant)))
                    for plant, country in zip(plants["node_id"], plants["country_iso2"],
                                              strict=True)]
        return [Shock(kind, "TW", rate, self._reach(world, from_taiwan(world)))]

    @staticmethod
    def _reach(world: World, share_of: Mapping[str, float]) -> dict[str, float]:
        """Return site -> share of its chips' supply, the mean over the families it names.

        A site whose chips nobody names, or a family that is not in ``chips``, takes the mean over
        all families.
        """
        if not share_of:
            return {}
        usual = float(np.mean([share_of[family] for family in sorted(share_of)]))
        reach = {}
        for site, text in zip(world.sites["site_id"], world.sites["chip_family"], strict=True):
            named = [family.strip() for family in text.split(";") if family.strip()]
            shares = [share_of.get(family, usual) for family in named] or [usual]
            reach[site] = float(np.mean(shares))
        return reach

    def _delay(self, kind: str) -> Delay:
        where = self.spec.data[kind]

        def delay(pairs: Pairs) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
            days = quantiles.lognormal(pairs.shared("length"), figure(where, "median"),
                                       figure(where, "sigma"))
            if kind == "equipment":
                return days, np.full(len(days), figure(where, "share"))
            return days * pairs.reach * figure(where, "queue"), np.ones(len(days))

        return delay


def from_taiwan(world: World) -> dict[str, float]:
    """Return chip family -> 1 where its dies come from Taiwan first of all, else 0."""
    return {family: float("Taiwan" in where.split(";")[0]) for family, where in
            zip(world.chips["chip_family"], world.chips["foundry_locations"], strict=True)}


def from_plant(world: World, plant: str) -> dict[str, float]:
    """Return chip family -> share of its supply that passes through one plant.

    Plants of one company and kind share its output equally, and so do the memory suppliers that a
    family names: no record says more. Packaging counts where the family's is in the plant's
    country.
    """
    nodes = world.supply_nodes
    row = nodes[nodes["node_id"] == plant].iloc[0]
    kind, company = row["node_type"], row["operator"]
    alike = nodes[(nodes["node_type"] == kind) & (nodes["operator"] == company)]
    found = {}
    for chip in world.chips.to_dict("records"):
        if kind == "foundry":
            share = float(chip["foundry"].split(";")[0].split("(")[0].strip() == company)
        elif kind == "packaging":
            share = float("taiwan" in chip["packaging"].lower() and row["country_iso2"] == "TW")
        else:
            suppliers = [text for text in chip["memory_supplier"].split(";") if text.strip()]
            share = sum(company in text for text in suppliers) / max(1, len(suppliers))
        found[chip["chip_family"]] = share / len(alike)
    return found
