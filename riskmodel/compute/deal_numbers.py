"""What each deal promises and what it may come to, in MW of IT power, and from when to when."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskmodel.compute.chips import designer_of, families_of
from riskmodel.compute.inputs import Band
from riskmodel.world.exposure import UNKNOWN

if TYPE_CHECKING:
    from riskmodel.world.world import World

MW_PER_GW = 1000.0
NOTHING = Band(0.0, 0.0, 0.0)
#: standing of a deal -> the layer it belongs to; every other standing is shown apart
LAYER_OF = {"binding": "contracted", "announced": "announced", "reported": "announced"}
#: kinds that give a place to run chips; "chips" fill places, "equity" gives no capacity
PLACES = ("cloud", "lease", "own_build")


@dataclass(frozen=True)
class Deal:
    """One agreement of a lab, read.

    Attributes
    ----------
    promised, ceiling : MW of IT power; ``ceiling`` is the same where the deal is no "up to"
    sites : the lab's sites that it stands on
    designers : of the chips that it names; empty where it names none
    first, last : days between which it is in force; None where the record says nothing. What is
        built stays: own buildings and chips have no last day, and the end of a lease or cloud deal
        is one only where the record states its term (else it is the day by which all is there)
    """

    deal_id: str
    lab: str
    counterparty: str
    kind: str
    standing: str
    is_up_to: bool
    promised: Band
    ceiling: Band
    stated_gw: float
    basis: str
    pue: float
    sites: tuple[str, ...]
    families: tuple[str, ...]
    designers: tuple[str, ...]
    first: dt.date | None
    last: dt.date | None
    confidence: str

    @property
    def layer(self) -> str:
        """The layer of what it promises; its standing where it counts in none."""
        return LAYER_OF.get(self.standing, self.standing)

    @property
    def counts(self) -> bool:
        """Whether the deal counts in a layer: it stands, and it is about capacity."""
        return self.standing in LAYER_OF and self.kind != "equity"

    def in_force(self, day: dt.date) -> bool:
        """Tell whether the deal runs on a day."""
        return ((self.first is None or self.first <= day)
                and (self.last is None or self.last >= day))


def read_deals(world: World, lab: str) -> list[Deal]:
    """Return the deals of a lab, in the order of the table.

    GW to MW of IT power: as stated where the record says IT power; else over the PUE of its sites
    (of all sites where it names none). Where the record does not say what the GW measure, they are
    taken for facility power, and ``high`` takes them for IT power. A ceiling promises what the
    record gives as its low end, and nothing where it gives none.
    """
    of_deal: dict[str, list[str]] = {}
    known = set(world.sites["site_id"])
    for deal, site in zip(world.deal_sites["deal_id"], world.deal_sites["site_id"], strict=True):
        if site in known:
            of_deal.setdefault(deal, []).append(site)
    rows = [{str(k): v for k, v in row.items()}
            for row in world.deals[world.deals["lab_id"] == lab].to_dict("records")]
    named = {site for row in rows for site in of_deal.get(row["deal_id"], [])}
    others = _sites_by_counterparty(world, lab, named)
    designer = dict(zip(world.chips["chip_family"], world.chips["designer"], strict=True))
    pue = dict(zip(world.sites["site_id"], world.sites["pue"], strict=True))
    usual = float(np.nanmedian(world.sites["pue"])) if world.sites["pue"].notna().any() else 1.0
    found = []
    for row in rows:
        sites = of_deal.get(row["deal_id"]) or _matching(row["counterparty"], others)
        own = [pue[site] for site in sites if pue[site] == pue[site]]
        ratio = float(np.mean(own)) if own else usual
        families = families_of(row["chip_family"])
        promised, ceiling = _megawatts(row, ratio)
        found.append(Deal(
            row["deal_id"], lab, row["counterparty"], row["kind"], row["standing"],
            row["is_up_to"] is True or row["is_up_to"] is np.True_, promised, ceiling,
            float(row["capacity_gw"]), row["capacity_basis"], ratio, tuple(dict.fromkeys(sites)),
            families, tuple(dict.fromkeys(designer_of(designer[f]) for f in families
                                          if designer.get(f))),
            day_of(row["start"]), _lapses(row), row["confidence"]))
    return found


def _lapses(row: dict[str, Any]) -> dt.date | None:
    if row["kind"] not in ("cloud", "lease") or not row["term_years"] > 0:
        return None
    return day_of(row["end"], last=True)


def day_of(text: str, *, last: bool = False) -> dt.date | None:
    """Return the first, or last, day that a date may mean; None for no date.

    Examples
    --------
    >>> day_of("2027"), day_of("2026-02", last=True), day_of("")
    (datetime.date(2027, 1, 1), datetime.date(2026, 2, 28), None)
    """
    parts = [int(part) for part in str(text).strip().split("-") if part.isdigit()]
    if not parts or len(parts) > 3:
        return None
    year, month, day = (*parts, 0, 0)[:3]
    try:
        if day:
            return dt.date(year, month, day)
        if not last:
            return dt.date(year, month or 1, 1)
        after = dt.date(year + 1, 1, 1) if month in (0, 12) else dt.date(year, month + 1, 1)
        return after - dt.timedelta(days=1)
    except ValueError:
        return None


def _megawatts(row: dict[str, Any], pue: float) -> tuple[Band, Band]:
    low, best, high = (float(row[name]) for name in ("capacity_gw_low", "capacity_gw",
                                                     "capacity_gw_high"))
    if best != best:
        return NOTHING, NOTHING
    low, high = (best if low != low else low), (best if high != high else high)
    down = 1.0 if row["capacity_basis"] == "it" else pue
    up = pue if row["capacity_basis"] == "facility" else 1.0
    ceiling = Band(low / down, best / down, max(high, best) / up).times(MW_PER_GW)
    if not row["is_up_to"]:
        return ceiling, ceiling
    floor = float(row["capacity_gw_low"])
    if floor != floor:
        return NOTHING, Band(0.0, ceiling.best, ceiling.high)
    promised = Band(floor / down, floor / down, floor / up).times(MW_PER_GW)
    return promised, Band(promised.low, ceiling.best, ceiling.high)


def _sites_by_counterparty(world: World, lab: str, named: set[str]) -> dict[str, tuple[str, ...]]:
    """Return the lab's sites that no deal of it names -> who runs them: cloud and operator."""
    held = world.effective_holdings()
    mine = set(held.loc[held["lab_id"] == lab, "site_id"]) - named if lab != UNKNOWN else set()
    return {site: tuple(re.sub(r"\s*\(.*?\)", "", name).strip()
                        for text in (cloud, operator) for name in text.split(" / ") if name)
            for site, cloud, operator in zip(world.sites["site_id"], world.sites["cloud_provider"],
                                             world.sites["operator"], strict=True) if site in mine}


def _matching(counterparty: str, others: dict[str, tuple[str, ...]]) -> list[str]:
    """Return the sites whose cloud or operator a counterparty's text names."""
    text = f" {counterparty.lower()} ".replace("/", " ")
    return [site for site, names in others.items()
            if any(name and f" {name.lower()} " in text for name in names)]
