"""Calm, crisis and war of a theatre: a continuous-time Markov chain through the year.

War is of two kinds, a short one and a long one, which end at their own rates. Attacks come at a
rate that depends on the regime; one that comes in calm or crisis becomes a war with the theatre's
``war_share``, else it is a raid, after which a calm theatre is in crisis. War ends in crisis,
crisis in calm. The exact occupancy and the exact number of attacks stand beside the sampler.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskmodel.errors import RiskModelError
from riskmodel.perils import quantiles
from riskmodel.perils.node_failures import HOURS_PER_YEAR
from riskmodel.perils.spec import figure, technical

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmodel.perils.protocol import Block

STATES = ("calm", "crisis", "short_war", "long_war")
CALM, CRISIS, SHORT_WAR, LONG_WAR = range(4)
#: arrivals of the ceiling process that one year may hold
MOST_ARRIVALS = 200
DAYS_PER_YEAR = 365.25


@dataclass(frozen=True)
class RegimeRates:
    """Rates of one theatre, all per year, and its start vector (shape 4, order of ``STATES``)."""

    theatre: str
    start: NDArray[np.float64]
    attacks: NDArray[np.float64]  # by regime, shape 4
    war_share: float
    long_share: float
    tension: float  # calm -> crisis without an attack
    easing: float  # crisis -> calm
    peace: NDArray[np.float64]  # end of a short and of a long war, shape 2
    ceiling: float


@dataclass(frozen=True)
class Paths:
    """Regimes and attacks of a block of years.

    ``change_*``: every change of regime, the start of the year included (row of the block's years,
    hour, state after it). ``attack_*``: every attack (row, ordinal of its arrival, hour, regime
    before it, state after it, hour at which the war it began ends, NaN for a raid). ``war_until``:
    the end of a war under way when the year begins, else NaN; shape (years,).
    """

    change_row: NDArray[np.int64]
    change_h: NDArray[np.float64]
    change_state: NDArray[np.int64]
    attack_row: NDArray[np.int64]
    attack_ordinal: NDArray[np.int64]
    attack_h: NDArray[np.float64]
    attack_before: NDArray[np.int64]
    attack_after: NDArray[np.int64]
    attack_until: NDArray[np.float64]
    start_state: NDArray[np.int64]
    war_until: NDArray[np.float64]

    def state_at(self, hour: float) -> NDArray[np.int64]:
        """Return the regime of each year at an hour of the year, shape (years,)."""
        state = self.start_state.copy()
        order = np.lexsort((self.change_h, self.change_row))
        for i in order[self.change_h[order] <= hour]:
            state[self.change_row[i]] = self.change_state[i]
        return state


def rates(data: Mapping[str, Any], theatre: str, as_of: dt.date | None = None) -> RegimeRates:
    """Return the regime's rates of one theatre.

    The stated start vector is that of the file's ``as_of``. A world of a later date starts from the
    vector carried forward by the chain itself; an earlier one takes it as stated.
    """
    base = ("theatres", theatre, "regime")
    start = np.array([figure(data, *base, "start", state) for state in STATES])
    if not start.sum() > 0:
        raise RiskModelError(f"kinetic_strike: theatres.{theatre}.regime.start adds up to 0; give "
                             "one regime a share")
    found = RegimeRates(
        theatre, start / start.sum(),
        np.array([figure(data, *base, "attacks", state) for state in
                  ("calm", "crisis", "war", "war")]),
        figure(data, *base, "war_share"), figure(data, *base, "long_share"),
        figure(data, *base, "tension"), figure(data, *base, "easing"),
        np.array([figure(data, *base, "peace", kind) for kind in ("short_war", "long_war")]),
        technical(data, *base, "ceiling_per_yr", default=4.0))
    most = max(found.attacks.max(), found.attacks[CALM] + found.tension)
    if most > found.ceiling:
        raise RiskModelError(
            f"kinetic_strike: theatres.{theatre}.regime has {most:g} arrivals a year, above its "
            f"ceiling_per_yr of {found.ceiling:g}; raise the ceiling")
    stated = dt.date.fromisoformat(str(data["as_of"]))
    if as_of is not None and as_of > stated:
        later = occupancy(found, HOURS_PER_YEAR * (as_of - stated).days / DAYS_PER_YEAR)
        return RegimeRates(**{**found.__dict__, "start": later / later.sum()})
    return found


def generator(found: RegimeRates) -> NDArray[np.float64]:
    """Return the chain's generator, shape (4, 4), per year; rows add up to 0."""
    q = np.zeros((4, 4))
    kinds = np.array([1.0 - found.long_share, found.long_share])
    q[CALM, CRISIS] = found.tension + found.attacks[CALM] * (1.0 - found.war_share)
    q[CALM, SHORT_WAR:] = found.attacks[CALM] * found.war_share * kinds
    q[CRISIS, CALM] = found.easing
    q[CRISIS, SHORT_WAR:] = found.attacks[CRISIS] * found.war_share * kinds
    q[SHORT_WAR, CRISIS], q[LONG_WAR, CRISIS] = found.peace
    np.fill_diagonal(q, -q.sum(axis=1))
    return q


def occupancy(found: RegimeRates, hours: float) -> NDArray[np.float64]:
    """Return the chance of each regime after ``hours``: start x exp(Q t), shape (4,)."""
    from scipy.linalg import expm

    return np.asarray(found.start @ expm(generator(found) * hours / HOURS_PER_YEAR), float)


def time_in(found: RegimeRates, hours: float = HOURS_PER_YEAR) -> NDArray[np.float64]:
    """Return the mean hours spent in each regime over the first ``hours``, shape (4,).

    The integral of start x exp(Q s), from the exponential of an augmented matrix (Van Loan 1978).
    """
    from scipy.linalg import expm

    big = np.zeros((8, 8))
    big[:4, :4] = generator(found)
    big[:4, 4:] = np.eye(4)
    whole = expm(big * hours / HOURS_PER_YEAR)[:4, 4:]
    return np.asarray(found.start @ whole, float) * HOURS_PER_YEAR


def expected_attacks(found: RegimeRates, hours: float = HOURS_PER_YEAR) -> dict[str, float]:
    """Return the mean number of raids, short wars and long wars that begin within ``hours``."""
    each = time_in(found, hours) / HOURS_PER_YEAR * found.attacks
    peace, war = each[:SHORT_WAR].sum(), each[SHORT_WAR:].sum()
    wars = peace * found.war_share
    return {"raid": float(peace - wars + war),
            "short_war": float(wars * (1.0 - found.long_share)),
            "long_war": float(wars * found.long_share)}


def sample_paths(block: Block, found: RegimeRates) -> Paths:
    """Draw the regimes and the attacks of a block of years.

    Attacks and rising tension are one ceiling process of the theatre thinned by a keyed uniform,
    so that a changed rate keeps the arrivals that remain; wars and crises last by the inverse of
    their distribution, keyed by the arrival that began them.
    """
    years = np.asarray(block.years, np.int64)
    clock = _Clock(block, found, years)
    n = len(years)
    rows = np.arange(n)
    start = np.searchsorted(np.cumsum(found.start)[:-1],
                            block.uniform("regime", year=years, entity=found.theatre), "right")
    state = start.astype(np.int64)
    until, key = np.full(n, np.inf), np.zeros(n, np.int64)
    for kind in (CRISIS, SHORT_WAR, LONG_WAR):
        mine = rows[state == kind]
        until[mine] = clock.length("crisis" if kind == CRISIS else "war", mine, key[mine], kind)
    war_until = np.where(state >= SHORT_WAR, until, np.nan)
    changes: list[tuple[NDArray[Any], ...]] = [(rows, np.zeros(n), state.copy())]
    attacks: list[tuple[NDArray[Any], ...]] = []

    def ease(to: NDArray[np.float64]) -> None:
        """Let wars and then crises end that end before the hour ``to`` of their year."""
        over = rows[(state >= SHORT_WAR) & (until <= to)]
        if len(over):
            changes.append((over, until[over], np.full(len(over), CRISIS)))
            state[over] = CRISIS
            until[over] += clock.length("crisis after war", over, key[over], CRISIS)
        over = rows[(state == CRISIS) & (until <= to)]
        if len(over):
            changes.append((over, until[over], np.full(len(over), CALM)))
            state[over], until[over] = CALM, np.inf

    for at, hour, ordinal, mark in clock.arrivals():
        ease(_spread(n, at, hour))
        before = state[at]
        attack = mark < found.attacks[before]
        tense = ~attack & (before == CALM) & (mark < found.attacks[CALM] + found.tension)
        war = attack & (before < SHORT_WAR) & (clock.draw("war", at, ordinal) < found.war_share)
        long = clock.draw("long war", at, ordinal) < found.long_share
        after = np.where(war, np.where(long, LONG_WAR, SHORT_WAR),
                         np.where(tense | (attack & (before == CALM)), CRISIS, before))
        moved = after != before
        who, when = at[moved], hour[moved]
        state[who], key[who] = after[moved], ordinal[moved] + 1
        for kind in (CRISIS, SHORT_WAR, LONG_WAR):
            mine = who[after[moved] == kind]
            until[mine] = when[after[moved] == kind] + clock.length(
                "crisis" if kind == CRISIS else "war", mine, key[mine], kind)
        changes.append((who, when, after[moved]))
        attacks.append((at[attack], ordinal[attack], hour[attack], before[attack], after[attack],
                        np.where(war, until[at], np.nan)[attack]))
    ease(np.full(n, block.horizon_h))
    row, hour, change = (np.concatenate(column) for column in zip(*changes, strict=True))
    empty = (np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.int64),
             np.zeros(0, np.int64), np.zeros(0))
    columns = [np.concatenate(column) for column in zip(empty, *attacks, strict=True)]
    return Paths(row, hour, change.astype(np.int64), columns[0], columns[1], columns[2], columns[3],
                 columns[4], columns[5], start.astype(np.int64), war_until)


class _Clock:
    """The keyed draws of one theatre's regime."""

    def __init__(self, block: Block, found: RegimeRates, years: NDArray[np.int64]) -> None:
        self.block, self.found, self.years = block, found, years

    def draw(self, purpose: str, row: NDArray[np.int64],
             event: NDArray[np.int64]) -> NDArray[np.float64]:
        return self.block.uniform(purpose, year=self.years[row], event=event,
                                  entity=self.found.theatre)

    def length(self, purpose: str, row: NDArray[np.int64], key: NDArray[np.int64],
               state: int) -> NDArray[np.float64]:
        """Return how long a crisis or war lasts, in hours: exponential at its own rate."""
        rate = (self.found.easing if state == CRISIS
                else float(self.found.peace[state - SHORT_WAR]))
        if rate <= 0:
            return np.full(len(row), np.inf)
        return -np.log1p(-self.draw(f"{purpose} length", row, key)) / rate * HOURS_PER_YEAR

    def arrivals(self) -> list[tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64],
                                     NDArray[np.float64]]]:
        """Return the ceiling process by rank in time: rows, hours, ordinals, marks per year."""
        span = self.block.horizon_h / HOURS_PER_YEAR
        every = np.arange(len(self.years))
        counts = quantiles.poisson(self.draw("arrivals", every, np.zeros(len(every), np.int64)),
                                   self.found.ceiling * span)
        counts = np.minimum(counts, MOST_ARRIVALS)
        row = np.repeat(every, counts)
        ordinal = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
        # most arrivals are nothing in any regime: they need no time
        mark = self.draw("arrival mark", row, ordinal) * self.found.ceiling
        live = mark < max(self.found.attacks.max(), self.found.attacks[CALM] + self.found.tension)
        row, ordinal, mark = row[live], ordinal[live], mark[live]
        hour = self.draw("arrival hour", row, ordinal) * self.block.horizon_h
        order = np.lexsort((hour, row))
        row, ordinal, mark, hour = row[order], ordinal[order], mark[order], hour[order]
        rank = np.arange(len(row)) - np.searchsorted(row, row)
        return [(row[rank == k], hour[rank == k], ordinal[rank == k], mark[rank == k])
                for k in range(int(rank.max()) + 1 if len(rank) else 0)]


def _spread(n: int, at: NDArray[np.int64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    whole = np.full(n, -np.inf)
    whole[at] = values
    return whole
