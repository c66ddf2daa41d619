"""Which unknown numbers are worth a full run: each moved once, its peril alone, common draws."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from riskmodel.engine.plan.plan import Plan, make_plan, replan
from riskmodel.engine.plan.worlds import rebuilt
from riskmodel.engine.run.runner import BLOCK_YEARS, run_block
from riskmodel.engine.run.simulation import spans_of
from riskmodel.measures import estimators as est
from riskmodel.measures.inputshares import groups
from riskmodel.measures.yeartable import TOTAL
from riskmodel.perils.ignorance import Input, end_values

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmodel.world.world import World

    Floats = NDArray[np.float64]

SCREEN_YEARS = 1000


def screened(world: World, perils: Sequence[Any], unknown: Sequence[Input], who: str, *,
             seed: int, level: float, booking: str, horizon_h: float, cap_h: float
             ) -> list[tuple[list[int], float]]:
    """Return the groups of inputs that share a draw, those that move AAL and TVaR most first.

    Each peril runs alone over 1,000 years, once at its best and once for each input at the end
    that lies further from its best; the score is the larger of the changes of AAL and TVaR, each
    over that of all perils together, and stands beside the group; groups that move nothing are
    left out. Overlap with other perils is left out too: the full runs have it.
    """
    held = world.effective_holdings()
    tied = groups(unknown)
    change = np.zeros((len(tied), 2))
    whole = np.zeros(2)
    for peril in perils:
        mine = [[i for i in places if unknown[i].peril_id == peril.spec.peril_id]
                for places in tied]
        if not any(mine):
            continue
        base = make_plan(world, [peril], seed=seed, horizon_h=horizon_h, cap_h=cap_h)
        best = _measures(base, who, level, booking)
        whole += best
        for place, chosen in enumerate(mine):
            if chosen:
                inputs = [unknown[i] for i in chosen]
                moved = rebuilt(peril, inputs, [_far_end(each) for each in inputs])
                change[place] += _measures(replan(base, [moved], held), who, level, booking) - best
    score = np.max(np.abs(change) / np.where(whole > 0, whole, np.inf), axis=1)
    return [(tied[i], float(score[i])) for i in np.argsort(-score, kind="stable") if score[i] > 0]


def _far_end(each: Input) -> float:
    low, high = end_values(each)
    if low > 0 and each.best > 0:
        return high if high / each.best >= each.best / low else low
    return high if high - each.best >= each.best - low else low


def _measures(plan: Plan, who: str, level: float, booking: str) -> Floats:
    """Return AAL and TVaR of the screen's years, in MW-h."""
    lost = np.zeros(SCREEN_YEARS)
    for first in range(0, SCREEN_YEARS, BLOCK_YEARS):
        years = min(BLOCK_YEARS, SCREEN_YEARS - first)
        rows = run_block(plan, first, years, spans_of(plan, booking, False))[0].years
        if who != TOTAL:
            rows = rows[rows["lab"] == plan.labs.index(who)]
        lost += np.bincount(rows["year"], weights=rows["lost"], minlength=SCREEN_YEARS)
    count = est.tail_count_of_level(SCREEN_YEARS, level)
    tail = float(est.tail_mean(lost, SCREEN_YEARS, np.maximum(count, 1.0))[0])
    return np.array([lost.mean(), tail])
