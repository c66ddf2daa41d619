"""What a lab's deals add to the capacity that its sites already count, none of it twice.

**The rule.** Deals overlap: with sites, with each other, and chips with halls. On a day:

1. *Sites first.* What the lab holds at its sites counts once, as the timeline has it.
2. *Places.* Deals of kind cloud, lease and own_build give a place. Those that share a site are a
   family: the one with more sites (of as many, the first by name) holds the others, and together
   they come to the larger of its own number and the sum of those within it. From that goes what
   the family's sites count already. A deal without a site takes the sites that the lab holds with
   the same counterparty and that no other of its deals names; where there is none it stands alone.
3. *Chips.* Deals of kind chips fill places: first those whose chips have the same designer, then
   those whose chips nobody names; chips that nobody names fill what is left. Only what finds no
   place adds.
4. *Layers*, in this order, each on top of those before it: ``contracted`` (binding), ``announced``
   (by a party, or reported), ``up_to`` (what ceilings allow beyond what they promise). A ceiling
   promises what the record gives as its low end.
5. What is non-binding, paused, superseded or dropped adds nothing and is shown apart.

**Bounds.** ``low``: all deals of a lab describe the same capacity, so that only the largest counts.
``high``: none overlaps another, and each adds what its own sites do not count.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from riskmodel.compute.deal_numbers import PLACES, Deal, read_deals
from riskmodel.compute.planned_power import PlannedPower
from riskmodel.errors import RiskModelError
from riskmodel.world.edits import require_labs
from riskmodel.world.exposure import UNKNOWN, to_date

if TYPE_CHECKING:
    from riskmodel.world.world import World

LAYERS = ("contracted", "announced", "up_to")
COLUMNS = ("lab", "deal_id", "date", "counterparty", "kind", "standing", "layer", "stated_gw",
           "capacity_basis", "pue", "it_mw", "at_sites_mw", "added_mw", "added_low", "added_high",
           "unit", "basis", "confidence")


def deal_ledger(world: World, lab: str, date: str | dt.date | None = None) -> pd.DataFrame:
    """Return what each deal of a lab says, what of it is counted elsewhere, and what it adds.

    Parameters
    ----------
    date : the day on which sites count and deals are in force; the world's own if not given

    Returns
    -------
    frame ``lab, deal_id, date, counterparty, kind, standing, layer, stated_gw, capacity_basis, pue,
    it_mw, at_sites_mw, added_mw, added_low, added_high, unit, basis, confidence``
        one row a deal and layer: a ceiling has a row for what it promises and one, ``up_to``, for
        the rest. ``it_mw`` is what the row says, in MW of IT power; ``at_sites_mw`` what the lab
        holds at the deal's sites; ``added_mw`` what the row adds on top of the rows before it, so
        that the rows of a layer add up to it. Deals that add nothing are there with the reason.

    Raises
    ------
    RiskModelError : no such lab, or a world and call without a day
    """
    require_labs(world, [lab], "deal_ledger")
    day = to_date(date) or world.as_of
    if day is None:
        raise RiskModelError("deal_ledger: the world has no date; give one as date=\"2027-12-31\"")
    plan = PlannedPower.of(world, [day])
    return ledger_rows(read_deals(world, lab), HeldMegawatts.of(plan, 0, lab), day)


@dataclass(frozen=True)
class HeldMegawatts:
    """MW of a lab by site on a day, and by designer of the chips (``unknown`` where not named)."""

    by_site: Mapping[str, float]
    by_designer: Mapping[str, float]

    @classmethod
    def of(cls, plan: PlannedPower, day: int, lab: str) -> HeldMegawatts:
        """Read the day at a position of a plan."""
        mw = plan.of_lab(lab) * plan.it_mw[day]
        names, share = plan.designer
        return cls({site: float(part) for site, part in zip(plan.sites, mw, strict=True) if part},
                   {name: float(part) for name, part in zip(names, mw @ share, strict=True)
                    if part})

    def at(self, sites: Sequence[str]) -> float:
        """Return the MW at some sites."""
        return sum(self.by_site.get(site, 0.0) for site in sites)

    @property
    def total(self) -> float:
        """MW at all sites."""
        return sum(self.by_site.values())


@dataclass
class _Family:
    """Deals that share sites: a deal with those within it."""

    deal: Deal
    within: list[_Family] = field(default_factory=list)

    @property
    def sites(self) -> set[str]:
        return set(self.deal.sites).union(*(one.sites for one in self.within))

    @property
    def designers(self) -> set[str]:
        return set(self.deal.designers).union(*(one.designers for one in self.within))

    def come_to(self, said: Mapping[str, float], held: HeldMegawatts) -> float:
        """Return what the family comes to: its number, or the sum of what is within it."""
        inside = set().union(*(one.sites for one in self.within))
        parts = sum(one.come_to(said, held) for one in self.within)
        parts += held.at([site for site in self.deal.sites if site not in inside])
        return max(said.get(self.deal.deal_id, 0.0), parts)


def families(deals: Sequence[Deal]) -> list[_Family]:
    """Return the families of the deals that give a place; see the rule of the module."""
    order = sorted((deal for deal in deals if deal.kind in PLACES),
                   key=lambda deal: (-len(deal.sites), deal.deal_id))
    placed: list[_Family] = []
    roots: list[_Family] = []
    for deal in order:
        mine = _Family(deal)
        holder = next((other for other in reversed(placed)
                       if set(other.deal.sites) & set(deal.sites)), None)
        (roots if holder is None else holder.within).append(mine)
        placed.append(mine)
    return roots


def total_mw(said: Mapping[str, float], deals: Sequence[Deal], roots: Sequence[_Family],
             held: HeldMegawatts) -> float:
    """Return what a lab has with some deals counted at so many MW each: sites, places and chips.

    It rises with every number, and by no more than the number does.
    """
    halls = dict(held.by_designer)
    for root in roots:
        beyond = root.come_to(said, held) - held.at(sorted(root.sites))
        names = sorted(root.designers) or [UNKNOWN]
        for name in names:
            halls[name] = halls.get(name, 0.0) + max(0.0, beyond) / len(names)
    chips: dict[str, float] = {}
    for deal in deals:
        if deal.kind not in PLACES:
            for name in deal.designers or (UNKNOWN,):
                part = said.get(deal.deal_id, 0.0) / max(1, len(deal.designers))
                chips[name] = chips.get(name, 0.0) + part
    nameless, any_chips = halls.pop(UNKNOWN, 0.0), chips.pop(UNKNOWN, 0.0)
    homeless = sum(max(0.0, mw - halls.get(name, 0.0)) for name, mw in chips.items())
    left = sum(max(0.0, mw - chips.get(name, 0.0)) for name, mw in halls.items())
    left += max(0.0, nameless - homeless)
    return (sum(halls.values()) + nameless + max(0.0, homeless - nameless)
            + max(0.0, any_chips - left))


def ledger_rows(deals: Sequence[Deal], held: HeldMegawatts, day: dt.date) -> pd.DataFrame:
    """Return the rows of :func:`deal_ledger` from deals that are read."""
    live = [deal for deal in deals if deal.counts and deal.in_force(day)]
    roots = families(live)
    rows, floor = [], held.total
    said: dict[str, float] = {}
    before = total_mw(said, live, roots, held)
    for deal, layer in _in_order(live):
        part = deal.promised if layer != "up_to" else deal.ceiling
        said[deal.deal_id] = max(said.get(deal.deal_id, 0.0), part.best)
        now = total_mw(said, live, roots, held)
        at_sites = held.at(deal.sites)
        taken = at_sites if layer != "up_to" else max(at_sites, deal.promised.best)
        rows.append((deal, layer, part.best, now - before, max(0.0, part.low - floor),
                     max(0.0, part.high - taken)))
        before, floor = now, max(floor, part.low)
    out = []
    for deal, layer, mw, added, low, high in rows:
        added = 0.0 if abs(added) < 1e-9 else added
        out.append(_row(deal, day, held, layer, mw, added, min(low, added), max(high, added),
                        _why(deal, layer, mw, added, held)))
    done = {deal.deal_id for deal, *_ in rows}
    for deal in deals:
        if deal.deal_id not in done:
            why = (("no capacity in it" if deal.kind == "equity" else
                    "no capacity is stated" if deal.stated_gw != deal.stated_gw
                    else f"{deal.standing.replace('_', '-')}: not counted")
                   if not (deal.counts and deal.ceiling.high > 0)
                   else f"not in force on {day}")
            out.append(_row(deal, day, held, deal.layer, deal.ceiling.best, 0.0, 0.0, 0.0, why))
    return pd.DataFrame(out, columns=list(COLUMNS))


def _in_order(live: Sequence[Deal]) -> list[tuple[Deal, str]]:
    """Return deals with their layers in the order in which they are counted."""
    stated = [deal for deal in live if deal.ceiling.high > 0]

    def key(deal: Deal) -> tuple[bool, float, str]:
        return deal.kind not in PLACES, -deal.ceiling.best, deal.deal_id

    found = [(deal, layer) for layer in LAYERS[:2]
             for deal in sorted(stated, key=key) if deal.layer == layer
             and (deal.promised.high > 0 or not deal.is_up_to)]
    return found + [(deal, "up_to") for layer in LAYERS[:2] for deal in sorted(stated, key=key)
                    if deal.layer == layer and deal.ceiling.best > deal.promised.best]


def _why(deal: Deal, layer: str, mw: float, added: float, held: HeldMegawatts) -> str:
    what = "ceiling" if layer == "up_to" else "number"
    if added >= mw - 1e-6:
        return "beyond all that is counted"
    at = held.at(deal.sites)
    if at >= mw - 1e-6:
        return f"its sites count {at:,.0f} MW already"
    rest = "other deals or places" if deal.kind in PLACES else "places that are counted"
    if added > 0:
        return f"of its {what}, {mw - added:,.0f} MW are at its sites or in {rest}"
    return f"within its sites and {rest}"


def _row(deal: Deal, day: dt.date, held: HeldMegawatts, layer: str, mw: float, added: float,
         low: float, high: float, basis: str) -> tuple[object, ...]:
    return (deal.lab, deal.deal_id, day.isoformat(), deal.counterparty, deal.kind, deal.standing,
            layer, deal.stated_gw, deal.basis, deal.pue, mw, held.at(deal.sites), added, low, high,
            "MW", basis, deal.confidence)
