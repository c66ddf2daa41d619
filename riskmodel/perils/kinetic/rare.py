"""``kinetic_strike`` under a proposal, and the density of what it draws over the true one.

The proposal touches the regime at a year's start, the attacks and which of them begin what kind of
war, the size of each war's campaign and whether it names data centres. Everything else is drawn as
ever, given these, and cancels in the ratio. For attacks at rate b instead of a the ratio is that of
point processes: the product of b / a over the attacks times exp(-integral of (b - a)) (Bremaud
1981, Point Processes and Queues, chapter VI).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from riskmodel.errors import RiskModelError
from riskmodel.perils.kinetic import regime
from riskmodel.perils.kinetic.campaigns import RAID, Campaigns, sample_campaigns
from riskmodel.perils.kinetic.even import EvenYears, dimensions_of
from riskmodel.perils.kinetic.proposal import Proposal, Tilt, tilted
from riskmodel.perils.kinetic.regime import LONG_WAR, SHORT_WAR, STATES, Paths, RegimeRates
from riskmodel.perils.kinetic_strike import KineticStrike
from riskmodel.perils.node_failures import HOURS_PER_YEAR
from riskmodel.perils.spec import figure
from riskmodel.world.columns import near

if TYPE_CHECKING:
    import datetime as dt

    from numpy.typing import ArrayLike, NDArray

    from riskmodel.perils.names import Names
    from riskmodel.perils.protocol import Block

    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class TheatreDraws:
    """What is true of one theatre (``true``, ``named``) and how it is tilted."""

    true: RegimeRates
    named: float
    tilt: Tilt

    def drawn(self) -> tuple[RegimeRates, float]:
        """Return the regime and the chance of being named as the tilt draws them."""
        return tilted(self.true, self.named, self.tilt)

    def facts(self) -> dict[str, Any]:
        """Return the true numbers, plain, so that weights can be worked out without the world."""
        told = {each.name: getattr(self.true, each.name) for each in fields(RegimeRates)
                if each.name != "theatre"}
        return {name: value.tolist() if isinstance(value, np.ndarray) else float(value)
                for name, value in {**told, "named": self.named}.items()}

    @classmethod
    def of_facts(cls, theatre: str, facts: Mapping[str, Any], tilt: Tilt) -> TheatreDraws:
        """Return what :meth:`facts` told."""
        told: dict[str, Any] = {
            name: np.array(value, dtype=float) if isinstance(value, list) else value
            for name, value in facts.items()}
        named = float(told.pop("named"))
        return cls(RegimeRates(theatre=theatre, **told), named, tilt)


@dataclass(frozen=True)
class RareStrike(KineticStrike):
    """Strike campaigns whose regimes are drawn under a proposal.

    The warm-up of calendar booking keeps the true chances.
    """

    proposal: Proposal

    def __post_init__(self) -> None:
        there = list(self.spec.data["theatres"])
        for name in self.proposal.theatres:
            if name not in there:
                raise RiskModelError(f"rare_regimes: kinetic_strike has no theatre {name!r}"
                                     f"{near(name, there) or '.'} There are {', '.join(there)}")

    def draws(self, as_of: dt.date | None = None) -> dict[str, TheatreDraws]:
        """Return what is true of each tilted theatre at a date, and its tilt; sorted by name."""
        data = self.spec.data
        return {name: TheatreDraws(
            regime.rates(data, name, as_of),
            figure(data, "theatres", name, "data_centres", "named_probability"), tilt)
            for name, tilt in sorted(self.proposal.theatres.items())}

    def campaigns(self, block: Block, theatre: str,
                  as_of: dt.date | None = None) -> Campaigns:
        """Return the campaigns of one theatre in the block's years, as the proposal draws them."""
        if getattr(block, "segment", False):
            return super().campaigns(block, theatre, as_of)
        tilt = self.proposal.theatres.get(theatre)
        if self.proposal.even:
            block = EvenYears(block, dimensions_of(self.spec.data["theatres"]))
        if tilt is None:
            return super().campaigns(block, theatre, as_of)
        of = self.draws(as_of)[theatre]
        true = true_years(block, self.proposal.defensive)
        found = sample_campaigns(block, self.spec.data, of.true, paths(block, of, true))
        years = np.asarray(block.years, np.int64)
        order = np.argsort(years)
        row = order[np.searchsorted(years, found.year, sorter=order)]
        mine = (found.kind != RAID) & ~true[row]
        named = _draw(block, "targets named", found.year, found.number, theatre)
        sigma = figure(self.spec.data, "theatres", theatre, "size_sigma")
        return replace(
            found, size=np.where(mine, found.size * np.exp(sigma * tilt.size), found.size),
            named=np.where(mine, named < of.drawn()[1], found.named))


@dataclass(frozen=True)
class _SomeYears:
    """Some years of a block, with its draws."""

    block: Block
    years: NDArray[np.int64]

    @property
    def horizon_h(self) -> float:
        return self.block.horizon_h

    def uniform(self, purpose: str, *, year: ArrayLike, event: ArrayLike = 0,
                entity: ArrayLike | Names = "") -> Floats:
        return self.block.uniform(purpose, year=year, event=event, entity=entity)


def true_years(block: Block, defensive: float) -> NDArray[np.bool_]:
    """Tell which years of a block are drawn with the true chances, in every theatre."""
    return np.asarray(block.uniform("proposal", year=block.years) < defensive)


def paths(block: Block, of: TheatreDraws, true: NDArray[np.bool_]) -> Paths:
    """Return the regimes and attacks of a theatre: true where ``true``, tilted elsewhere."""
    years = np.asarray(block.years, np.int64)
    drawn, _ = of.drawn()
    columns: list[dict[str, NDArray[Any]]] = []
    whole: dict[str, NDArray[Any]] = {"start_state": np.zeros(len(years), np.int64),
                                      "war_until": np.full(len(years), np.nan)}
    for rates, mine in ((of.true, np.flatnonzero(true)), (drawn, np.flatnonzero(~true))):
        if not len(mine):
            continue
        part = regime.sample_paths(_SomeYears(block, years[mine]), rates)
        told = {each.name: getattr(part, each.name) for each in fields(Paths)}
        for name, values in whole.items():
            values[mine] = told.pop(name)
        columns.append({**told, "change_row": mine[part.change_row],
                        "attack_row": mine[part.attack_row]})
    return Paths(**{name: np.concatenate([each[name] for each in columns])
                    for name in columns[0]}, **whole)


def log_ratio(block: Block, of: TheatreDraws, true: NDArray[np.bool_]) -> Floats:
    """Return log (tilted density / true density) of what was drawn in each year, shape (years,).
    """
    years = np.asarray(block.years, np.int64)
    n, found = len(years), paths(block, of, true)
    drawn, named = of.drawn()
    with np.errstate(divide="ignore"):  # a regime that never is: neither density has it
        ratio = np.log(drawn.start[found.start_state]) - np.log(of.true.start[found.start_state])
    before = found.attack_before
    each = np.zeros(len(before))
    if of.tilt.attacks != 1.0:
        each += np.log(drawn.attacks[before] / of.true.attacks[before])
        more = (drawn.attacks - of.true.attacks) / HOURS_PER_YEAR
        ratio -= hours_in(found, n, block.horizon_h) @ more
    begins = found.attack_after >= SHORT_WAR
    peace = before < SHORT_WAR
    war = peace & begins
    each += np.where(peace, _odds(begins, drawn.war_share, of.true.war_share), 0.0)
    each += np.where(war, _odds(found.attack_after == LONG_WAR, drawn.long_share,
                                of.true.long_share), 0.0)
    ratio += np.bincount(found.attack_row, each, n)
    # a war's campaign is numbered by the arrival that began it; 0 is the one under way
    running = np.flatnonzero(~np.isnan(found.war_until))
    row = np.concatenate([running, found.attack_row[war]])
    number = np.concatenate([np.zeros(len(running), np.int64), found.attack_ordinal[war] + 1])
    return ratio + np.bincount(row, _of_campaigns(block, of, named, years[row], number, true[row]),
                               n)


def hours_in(found: Paths, n: int, horizon_h: float) -> Floats:
    """Return the hours that each year spends in each regime, shape (years, 4)."""
    order = np.lexsort((found.change_h, found.change_row))
    row, hour = found.change_row[order], found.change_h[order]
    ends = np.append(hour[1:], horizon_h)
    ends[np.append(row[1:] != row[:-1], True)] = horizon_h
    cell = row * len(STATES) + found.change_state[order]
    hours = np.bincount(cell, ends - hour, n * len(STATES)).astype(float)
    return hours.reshape(n, len(STATES))


def _of_campaigns(block: Block, of: TheatreDraws, named: float, year: NDArray[np.int64],
                  number: NDArray[np.int64], true: NDArray[np.bool_]) -> Floats:
    """Return the log ratio of each war's campaign: its size and whether it names data centres."""
    from scipy.special import ndtri

    theatre, shift = of.true.theatre, of.tilt.size
    found = np.zeros(len(year))
    if shift:
        size = ndtri(_draw(block, "campaign size", year, number, theatre)) + shift * ~true
        found += shift * size - shift**2 / 2
    if named != of.named:
        chance = np.where(true, of.named, named)
        found += _odds(_draw(block, "targets named", year, number, theatre) < chance,
                       named, of.named)
    return found


def _odds(happens: NDArray[np.bool_], drawn: float, true: float) -> Floats:
    """Return the log ratio of something that happens with chance ``drawn`` instead of ``true``."""
    if drawn == true:
        return np.zeros(len(happens))
    return np.where(happens, float(np.log(drawn / true)),
                    float(np.log((1.0 - drawn) / (1.0 - true)))).astype(float)


def _draw(block: Block, purpose: str, year: NDArray[np.int64], number: NDArray[np.int64],
          theatre: str) -> Floats:
    return block.uniform(purpose, year=year, event=number, entity=theatre)
