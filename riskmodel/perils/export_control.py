"""``export_control``: rules tightened while sites are being built delay or cancel their chips."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskmodel.perils import quantiles
from riskmodel.perils.lateness import (
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

#: a step that is cancelled never opens; the engine ends it at its recovery cap
CANCELLED_D = 1.0e5


@dataclass(frozen=True)
class ExportControl(Sampler):
    """Tightenings of chip export rules. An event is one of them; its region is "EXPORT_RULES".

    A tightening reaches a site under construction with the chance of its class of destination,
    times the share of its chips that the rules cover; the steps it reaches open late or never.
    In a world of the record's own day nothing is under construction, and nothing is lost.
    """

    spec: PerilSpec

    def regions(self, world: World) -> list[str]:
        """Return the one region of every tightening."""
        return ["EXPORT_RULES"]

    def draw(self, block: Block, world: World) -> Outages:
        """Return the own outages of the block's years: the steps that are missing on day one."""
        return late_steps(self.delays(block, world))

    def delays(self, block: Block, world: World) -> pd.DataFrame:
        """Return by how long each tightening delays the steps it reaches; see ``step_delays``."""
        if none_late(block, world):
            return no_delays()
        data = self.spec.data
        classes = self.classes(world)
        shock = Shock("tightening", "EXPORT_RULES", figure(data, "rate"), self.reach(world))

        def delay(pairs: Pairs) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
            reached = pairs.own("reach") < pairs.reach
            gone = np.array([figure(data, classes[site], "cancelled") for site in pairs.site])
            days = quantiles.lognormal(pairs.shared("length"), figure(data, "median"),
                                       figure(data, "sigma"))
            days = np.where(pairs.own("cancelled") < gone, CANCELLED_D, days)
            return days, reached.astype(float)

        return step_delays(block, world, "tightening", 0, [shock],
                           technical(data, "ceiling_per_yr", default=8.0),
                           figure(data, "lead"), delay)

    def classes(self, world: World) -> dict[str, str]:
        """Return site -> class of destination, for the sites that the rules look at.

        A country under embargo; a site elsewhere where labs from there hold half of it or more;
        a country that needs a licence.
        """
        data = self.spec.data
        embargo, licence = set(data["embargo"]["countries"]), set(data["licence"]["countries"])
        home = dict(zip(world.labs["lab_id"], world.labs["hq_country_iso2"], strict=True))
        held = world.effective_holdings()
        theirs = held[[bool(embargo & set(home.get(lab, "").split("/"))) for lab in held["lab_id"]]]
        owned = set(theirs.groupby("site_id")["share"].sum().loc[lambda s: s >= 0.5].index)
        found = {}
        for site, country in zip(world.sites["site_id"], world.sites["country_iso2"], strict=True):
            if country in embargo:
                found[site] = "embargo"
            elif site in owned:
                found[site] = "owner"
            elif country in licence:
                found[site] = "licence"
        return found

    def reach(self, world: World) -> dict[str, float]:
        """Return site -> chance that one tightening reaches it.

        The chance of its class x the share of the chip families it names that are not made at
        home; a site that names none counts with the stated share.
        """
        data = self.spec.data
        home = set(data["home_designers"]["names"])
        designer = dict(zip(world.chips["chip_family"], world.chips["designer"], strict=True))
        chips = dict(zip(world.sites["site_id"], world.sites["chip_family"], strict=True))
        found = {}
        for site, group in self.classes(world).items():
            named = [family.strip() for family in chips[site].split(";") if family.strip()]
            covered = (float(np.mean([designer.get(family, "") not in home for family in named]))
                       if named else figure(data, group, "covered_unknown"))
            found[site] = figure(data, group, "chance") * covered
        return found
