"""``cable_cut``: submarine cables of a corridor are cut, one or several at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from riskmodel.perils.protocol import PerilSpec
from riskmodel.perils.spec import figure
from riskmodel.world.tables import EVENTS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from riskmodel.world.world import World

#: systems from which one cause counts as cutting several
SEVERAL = 3


@dataclass(frozen=True)
class CableCut:
    """Cuts of the corridors of the TOML. An event is one cause; its region is the corridor.

    Only ``corridor:*`` nodes fail: a site loses at most the share of its requirement on its
    corridor, so a single hall keeps running and jobs over several sites suffer.
    """

    spec: PerilSpec

    def catalogue(self, world: World) -> pd.DataFrame:
        """Return one event per corridor and number of systems cut.

        They are the same in every world. Islands' own cables (``one``) are cut so often that they
        are left out of a world that has no node for them.
        """
        rows = []
        nodes = set(world.nodes["node_id"])
        for name, row in self.spec.data["corridors"].items():
            if "one" in row and f"corridor:{name}" not in nodes:
                continue
            for systems, rate in self.rates(name).items():
                depth = self.depth(name, systems)
                if depth > 0:
                    rows.append({
                        "event_id": f"{name}/{systems}", "peril": self.spec.peril_id,
                        "region": name.upper(), "rate_per_yr": rate,
                        "node_id": f"corridor:{name}", "probability": 1.0, "depth": depth,
                        "duration_dist": "lognormal", "duration_h": 24.0 * self.days(name, systems),
                        "duration_shape": figure(self._repair(name), "sigma"), "part": "",
                        "duration_group": "", "confidence": "low", "source_urls": ""})
        return pd.DataFrame(rows, columns=list(EVENTS.names))

    def rates(self, corridor: str) -> dict[int, float]:
        """Return systems cut at once -> rate (1/yr) on a corridor.

        Where cuts of several systems were counted their rate is the count's; elsewhere faults come
        from the world's rate per length of cable, and some of them take several systems.
        """
        row = self.spec.data["corridors"][corridor]
        rates = {}
        if "length" in row:
            faults = self.fault_rate_per_km() * figure(row, "length")
            several = faults * figure(self.spec.data, "several", "share_of_faults")
            rates[1] = faults - several
        elif "one" in row:
            rates[1] = figure(row, "one")
            several = 0.0
        else:
            several = figure(row, "several")
        if several > 0:
            rates |= {n: several * share for n, share in self.sizes(corridor).items()}
        return rates

    def fault_rate_per_km(self) -> float:
        """Return cable faults per km of cable and year, world over."""
        data = self.spec.data
        return figure(data, "faults", "per_yr") / figure(data, "faults", "cable_km")

    def sizes(self, corridor: str) -> dict[int, float]:
        """Return systems cut -> probability, given that several are: geometric from three on.

        The geometric's mean is the stated one; what lies beyond the corridor's systems falls on
        all of them.
        """
        most = max(SEVERAL, round(figure(self.spec.data["corridors"][corridor], "systems")))
        mean_more = figure(self.spec.data, "several", "mean_systems") - SEVERAL
        stop = 1.0 / (1.0 + max(0.0, mean_more))
        share = {n: stop * (1.0 - stop) ** (n - SEVERAL) for n in range(SEVERAL, most)}
        share[most] = (1.0 - stop) ** (most - SEVERAL)
        return {n: p for n, p in share.items() if p > 0}

    def depth(self, corridor: str, systems: int) -> float:
        """Return the share of the corridor that is lost: what spare systems do not take over.

        One cut is always carried by the others, save where the corridor states its own spare.
        """
        row = self.spec.data["corridors"][corridor]
        of = figure(row, "systems")
        spare = (figure(row, "spare") if "spare" in row else
                 max(1.0, figure(self.spec.data, "reroute", "spare_systems")))
        if spare >= of:
            return 0.0
        return min(1.0, max(0.0, (min(systems, of) - spare) / (of - spare)))

    def days(self, corridor: str, systems: int) -> float:
        """Return the median days to repair; ships are shared, so more cuts take longer.

        The sample behind the median holds cuts of up to four systems.
        """
        waiting = max(0, systems - (SEVERAL + 1)) * figure(self.spec.data, "repair", "queue")
        return figure(self._repair(corridor), "median") * (1.0 + waiting)

    def _repair(self, corridor: str) -> Mapping[str, Any]:
        where: Mapping[str, Any] = self.spec.data["repair"][
            self.spec.data["corridors"][corridor]["waters"]]
        return where
