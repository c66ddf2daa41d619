"""A winter of attacks on a power system: hits, and the day from which it meets demand again.

The munitions aimed at energy sites are given. Salvoes come as a gamma renewal; each has a leak
shared by its munitions; what gets through hits its facility with a chance; a facility that is hit
loses a transformer or lesser equipment, and repair begins after an access delay, under fire, and
begins again after a further hit (``riskmodel.perils.kinetic.repair``). Demand is met while the
share of facilities that is down stays below what the system can spare.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskmodel.perils import quantiles
from riskmodel.perils.kinetic import repair
from riskmodel.perils.kinetic.interception import binomial

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmodel.decisions.backtests.draws import Draws
    from riskmodel.decisions.backtests.frozen import Frozen
    from riskmodel.world.world import World

HOURS_PER_DAY = 24.0
MOST_SALVOES = 64


def forecast(frozen: Frozen, world: World, draws: Draws) -> dict[str, NDArray[np.float64]]:
    """Return hits, facilities damaged and the day from which demand is met, shape (n,)."""
    def each(name: str) -> NDArray[np.float64]:
        return frozen.draw(draws(f"number {name}"), name)

    season = frozen.given("season_days") * HOURS_PER_DAY
    munitions = frozen.given("munitions")
    facilities = np.maximum(np.round(each("facilities")), 1).astype(np.int64)
    start = _salvoes(draws, each("gap_mean_h"), each("gap_shape"), season)
    alive = start < season
    count = np.maximum(alive.sum(axis=1), 1)
    fired = np.where(alive, np.round(munitions / count)[:, None], 0.0)
    tightness = 1.0 / frozen.best("leak_correlation") - 1.0
    mean_leak = each("leak")
    on_target = each("on_target")
    hits = np.zeros(start.shape)
    for salvo in range(start.shape[1]):
        leak = quantiles.beta(draws("leak", f"{salvo}"), mean_leak * tightness,
                              (1.0 - mean_leak) * tightness)
        some = np.flatnonzero(fired[:, salvo])
        hits[some, salvo] = binomial(draws("hits", f"{salvo}")[some], fired[some, salvo],
                                     (leak * on_target)[some])
    total = hits.sum(axis=1)
    row, hit_h = _each_hit(hits, start)
    unique = _keyed(draws, "facility", row)
    target = np.minimum(unique * facilities[row], facilities[row] - 1).astype(np.int64)
    group = row * (int(facilities.max()) + 1) + target
    begin = hit_h + each("access_h")[row]
    length = np.where(
        _keyed(draws, "transformer", row) < each("transformer_lost")[row],
        np.where(_keyed(draws, "spare", row) < each("spare")[row],
                 quantiles.lognormal(_keyed(draws, "spare hours", row), each("spare_median_h")[row],
                                     each("spare_sigma")[row]),
                 quantiles.lognormal(_keyed(draws, "lead", row), each("lead_median_h")[row],
                                     each("lead_sigma")[row])),
        quantiles.lognormal(_keyed(draws, "equipment", row), each("equipment_median_h")[row],
                            each("equipment_sigma")[row]))
    end = repair.whole_again(group, hit_h, begin, length)
    damaged = np.bincount(np.unique(group) // (int(facilities.max()) + 1), minlength=draws.n)
    spare_share = each("spare_capacity")
    days = _met_again(row, group, hit_h, end, facilities * spare_share, draws.n)
    return {"hits": total, "facilities": damaged.astype(float), "days_to_met": days}


def _salvoes(draws: Draws, mean: NDArray[np.float64], shape: NDArray[np.float64],
             season: float) -> NDArray[np.float64]:
    """Return the hours of salvoes since the first, shape (n, salvoes)."""
    from scipy.special import gammaincinv

    time = np.zeros((draws.n, 1))
    while time.shape[1] < MOST_SALVOES and (time[:, -1] < season).any():
        gap = gammaincinv(shape, draws("gap", f"{time.shape[1]}")) * mean / shape
        time = np.concatenate([time, time[:, -1:] + gap[:, None]], axis=1)
    return time


def _each_hit(hits: NDArray[np.float64], start: NDArray[np.float64]
              ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return replicate and hour of every hit."""
    row, salvo = np.nonzero(hits)
    number = hits[row, salvo].astype(np.int64)
    return np.repeat(row, number), np.repeat(start[row, salvo], number)


def _keyed(draws: Draws, purpose: str, row: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return a uniform for every hit, keyed by replicate and the hit's number within it."""
    number = np.arange(len(row)) - np.searchsorted(row, row, side="left")
    return draws.of_block(0)(purpose, year=row, event=number)


def _met_again(row: NDArray[np.int64], group: NDArray[np.int64], hit_h: NDArray[np.float64],
               end: NDArray[np.float64], allowed: NDArray[np.float64], n: int
               ) -> NDArray[np.float64]:
    """Return the days from the first salvo to the last hour with too many facilities down.

    A facility is down from a hit to the last end of its repairs; overlapping ones count once.
    """
    order = np.lexsort((hit_h, group))
    g, a, b, r = group[order], hit_h[order], end[order], row[order]
    # overlapping outages of one facility are joined: a running maximum of the ends within each
    step = float(b.max(initial=0.0)) + 1.0
    facility = np.cumsum(np.append(True, g[1:] != g[:-1])[:len(g)]) * step
    b = np.maximum.accumulate(b + facility) - facility
    fresh = np.ones(len(g), bool)
    fresh[1:] = (g[1:] != g[:-1]) | (a[1:] > b[:-1])
    last = np.append(fresh[1:], True)[:len(fresh)]
    a, b, r = a[fresh], b[last], r[fresh]
    days = np.zeros(n)
    times = np.concatenate([a, b])
    steps = np.concatenate([np.ones(len(a)), -np.ones(len(b))])
    owner = np.concatenate([r, r])
    order = np.lexsort((times, owner))
    times, steps, owner = times[order], steps[order], owner[order]
    level = np.cumsum(steps)  # every replicate ends at nothing down, so one sum serves all
    over = level > allowed[owner]
    until = np.append(times[1:], np.inf)  # the level holds to the next change
    np.maximum.at(days, owner[over], until[over] / HOURS_PER_DAY)
    return days
