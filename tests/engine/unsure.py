"""A peril with one rate that is not known, for worlds of a site or two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from riskmodel.perils.protocol import PerilSpec
from riskmodel.perils.spec import figure
from tests.engine.small import table

SURE = {"low": 2.0, "best": 2.0, "high": 2.0}


def stated(low: float, best: float, high: float, unit: str = "1/yr", **more: Any) -> dict[str, Any]:
    return {"low": low, "best": best, "high": high, "unit": unit, "source": "judgement",
            "confidence": "low", "known_on": "2026-01-01", "note": "a test", **more}


def spec_of(peril_id: str, rate: dict[str, Any], hours: dict[str, Any] | None = None,
            ceiling: float | None = None) -> PerilSpec:
    data = {"id": peril_id, "rate": rate, "hours": hours or stated(1.0, 1.0, 1.0, "h")}
    return PerilSpec(peril_id, peril_id, "a test", "natural", ceiling_rate_per_yr=ceiling,
                     data=data)


@dataclass(frozen=True)
class Storms:
    """Storms that take one node for a time with a mean of some hours."""

    spec: PerilSpec
    node: str = "s"

    def catalogue(self, world: Any) -> pd.DataFrame:
        return table({"event_id": "storm", "peril": self.spec.peril_id, "node_id": self.node,
                      "rate_per_yr": figure(self.spec.data, "rate"),
                      "duration_h": figure(self.spec.data, "hours"),
                      "duration_dist": "exponential"})


@dataclass(frozen=True)
class Sampled:
    """At most one fire a year, with the stated chance, drawn in numpy."""

    spec: PerilSpec
    node: str = "s"

    def regions(self, world: Any) -> list[str]:
        return ["here"]

    def sample(self, block: Any, world: Any) -> pd.DataFrame:
        years = np.asarray(block.years)
        hit = years[block.uniform("hit", year=years) < figure(self.spec.data, "rate")]
        start = block.uniform("start", year=hit) * block.horizon_h
        return pd.DataFrame({
            "year": hit, "event": 0, "region": "here", "campaign_id": -1, "event_start_h": start,
            "node_id": self.node, "part": "", "start_h": start,
            "duration_h": figure(self.spec.data, "hours"), "depth": 1.0})
