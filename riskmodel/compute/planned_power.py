"""Power of every site on several days as the record plans it, and who holds it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskmodel.world.dated import on_date
from riskmodel.world.site_groups import site_groups

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmodel.world.world import World

    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class SitePower:
    """Power of the sites on one day, MW, shape (sites,); and how sure each step is."""

    it_mw: Floats
    low: Floats
    high: Floats
    facility_mw: Floats
    confidence: NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class PlannedPower:
    """The sites of a world on a ladder of days.

    ``sites`` in the order of the table; ``days`` rising; ``power`` of each day; ``share`` of each
    lab at each site. Holdings have no dates: a share counts on every day.
    """

    world: World
    sites: tuple[str, ...]
    days: tuple[dt.date, ...]
    power: tuple[SitePower, ...]
    share: dict[str, Floats]

    @classmethod
    def of(cls, world: World, days: Sequence[dt.date]) -> PlannedPower:
        """Read a world on some days."""
        sites = tuple(dict.fromkeys(world.sites["site_id"]))
        place = {site: i for i, site in enumerate(sites)}
        share: dict[str, Floats] = {}
        held = world.effective_holdings()
        for lab, site, part in zip(held["lab_id"], held["site_id"], held["share"], strict=True):
            share.setdefault(lab, np.zeros(len(sites)))[place[site]] += part
        return cls(world, sites, tuple(days), tuple(_power(world, day) for day in days), share)

    def of_lab(self, lab: str) -> Floats:
        """Return a lab's share of each site, shape (sites,)."""
        return self.share.get(lab, np.zeros(len(self.sites)))

    @cached_property
    def it_mw(self) -> Floats:
        """MW of IT power, shape (days, sites)."""
        return np.array([power.it_mw for power in self.power])

    @cached_property
    def designer(self) -> tuple[tuple[str, ...], Floats]:
        """Designers of chips, and the share of each site's capacity by designer (sites, names)."""
        groups = site_groups(self.world, "designer")
        names = tuple(sorted(set(groups["group"])))
        place = {site: i for i, site in enumerate(self.sites)}
        found = np.zeros((len(self.sites), len(names)))
        np.add.at(found, ([place[site] for site in groups["site_id"]],
                          [names.index(name) for name in groups["group"]]),
                  groups["share"].to_numpy(float))
        return names, found


def _power(world: World, day: dt.date) -> SitePower:
    sites = on_date(world, day).sites.drop_duplicates("site_id")
    mw = sites["it_mw"].fillna(0.0).to_numpy(float)

    def column(name: str, otherwise: Floats) -> Floats:
        found = sites[name].to_numpy(float)
        return np.where(np.isnan(found), otherwise, found)

    pue = column("pue", np.ones(len(mw)))
    return SitePower(mw, np.minimum(column("it_mw_low", mw), mw),
                     np.maximum(column("it_mw_high", mw), mw), column("facility_mw", mw * pue),
                     sites["confidence"].to_numpy(object))


def most(words: Sequence[str] | NDArray[np.object_] | pd.Series, mw: Floats | pd.Series) -> str:
    """Return the confidence that most of some MW carry; "" where there are none."""
    sums: dict[str, float] = {}
    for word, part in zip(words, mw, strict=True):
        sums[str(word)] = sums.get(str(word), 0.0) + float(part)
    return max(sums, key=lambda word: sums[word]) if sum(sums.values()) > 0 else ""
