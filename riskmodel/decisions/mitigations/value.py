"""``mitigation_value``: what each of several mitigations is worth, alone and among the others.

Mitigations do not add: the second reserve saves little where the first carries everything. So each
has three values: first in (alone), last in (on top of all others), and its Shapley value, the mean
over all orders, which add up to what all are worth together. Every coalition is simulated under the
same draws; errors are of the differences, year by year (world by world where there are several).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmodel.decisions.mitigations.mitigations import Mitigation, sites_of
from riskmodel.engine.outages.streams import check_seed
from riskmodel.engine.run.simulation import simulate
from riskmodel.errors import RiskModelError
from riskmodel.measures.shapley import EXACT_MOST, drawn_game, exact_game
from riskmodel.measures.yeartable import TOTAL, one_of
from riskmodel.measures.yearvalues import mean_and_se, year_values
from riskmodel.perils.registry import load_perils
from riskmodel.world.edits import edited

if TYPE_CHECKING:
    from riskmodel.world.world import World

MEASURES = ("aal", "tvar")
#: mitigations up to which every coalition is simulated unless told otherwise: 2^6 = 64 runs
EXACT_BY_DEFAULT = 6
#: orders drawn beyond them, reverses included
ORDERS = 24
COLUMNS = ("mitigation", "lab", "measure", "level", "first_in", "first_in_se", "last_in",
           "last_in_se", "value", "se", "share", "unit", "n", "coalitions", "base", "with_all")


def mitigation_value(world: World, lab: str | None, mitigations: Sequence[Mitigation],
                     years: int = 5_000, seed: int = 0, *, measure: str = "aal",
                     level: float = 0.99, permutations: int | None = None,
                     perils: Sequence[Any] | str | None = None, worlds: int = 1,
                     workers: int | None = None,
                     progress: Callable[[int, int], None] | None = None) -> pd.DataFrame:
    """Return what each mitigation saves a lab: first in, last in, and its Shapley value.

    Each coalition is one run of ``years``; mitigations are put in place in the order given. Up to
    six, all 2^n coalitions are run and the split is exact; beyond, those met by 24 random orders.
    A run of the shipped world, cut down to the lab's sites, takes about .4 s a thousand years on
    two cores: 64 of 5,000 years take two minutes, all 32,768 of 15 mitigations most of a day.

    Parameters
    ----------
    lab : whose loss counts; None takes all labs together
    measure : "aal", or "tvar" at ``level``
    permutations : orders to draw, reverses included; 0 asks for every coalition (15 mitigations at
        most)
    perils, worlds, workers : as of ``simulate``; a mitigation that changes a peril's numbers
        changes those of the world, not of a peril object that is passed
    progress : called with (runs done, runs in all)

    Returns
    -------
    frame ``mitigation, lab, measure, level, first_in, first_in_se, last_in, last_in_se, value, se,
    share, unit, n, coalitions, base, with_all``
        largest ``value`` (Shapley) first, in MW-days avoided; they add up to ``base - with_all``,
        the measure with none and with all, of which ``share`` is each one's part. ``se`` holds the
        years' error and, of drawn orders, theirs.

    Raises
    ------
    WorldError, RiskModelError : no mitigations, a name twice, an unknown lab, too few years
    """
    seed = check_seed(seed)
    names = [each.name for each in mitigations]
    if not names or len(set(names)) < len(names):
        raise RiskModelError("mitigation_value: give one mitigation at least, each with a name of "
                             "its own")
    one_of(measure, MEASURES, "measure")
    who = TOTAL if lab in (None, TOTAL) else one_of(str(lab), list(world.labs["lab_id"]), "lab")
    if permutations is None:
        permutations = 0 if len(names) <= EXACT_BY_DEFAULT else ORDERS
    if permutations and permutations < 4:
        raise RiskModelError(f"permutations is {permutations}; give 4 or more, or 0 for all "
                             "coalitions")
    if not permutations and len(names) > EXACT_MOST:
        raise RiskModelError(f"{len(names)} mitigations have {2**len(names):,} coalitions; give "
                             "permutations=24, or fewer mitigations")
    game = (drawn_game(len(names), permutations, seed) if permutations
            else exact_game(len(names)))
    shared = load_perils(world, perils)

    def run(inside: Sequence[bool]) -> np.ndarray:
        of = world
        for each, there in zip(mitigations, inside, strict=True):
            if there:
                of = each.apply(of)
        same = of.perils is world.perils and of.events is world.events
        losses = simulate(of if who == TOTAL else only_of(of, who), years, seed,
                          perils=shared if same else load_perils(of, perils), worlds=worlds,
                          workers=workers, adequacy=False)
        return year_values(losses, None if who == TOTAL else who, measure,
                           level if measure == "tvar" else None)

    count = len(names)
    split, first, last = (np.zeros((count, int(years))) for _ in range(3))
    worth = np.zeros(len(game.coalitions))
    alone, without = game.alone(), game.without()
    for row, inside in enumerate(game.coalitions):
        values = run(inside.tolist())
        if row == 0:
            base = values
        saved = base - values
        worth[row] = saved.mean()
        split += game.weight[row][:, None] * saved
        first[alone == row] = saved
        if row == 1:
            last[:] = saved_by_all = saved
        last[without == row] -= saved
        if progress is not None:
            progress(row + 1, len(game.coalitions))
    # a year in which a player changes nothing: what is left of its weights' cancelling is rounding
    split[np.abs(split) <= 1e-13 * (np.abs(base) + np.abs(saved_by_all))] = 0.0
    value, se = mean_and_se(split, worlds)
    whole = worth[1]
    frame = pd.DataFrame({
        "mitigation": names, "lab": who, "measure": measure,
        "level": level if measure == "tvar" else np.nan,
        **dict(zip(("first_in", "first_in_se"), mean_and_se(first, worlds), strict=True)),
        **dict(zip(("last_in", "last_in_se"), mean_and_se(last, worlds), strict=True)),
        "value": value, "se": np.hypot(se, game.order_se(worth)),
        "share": value / whole if whole else np.nan, "unit": "MW-days", "n": int(years),
        "coalitions": len(worth), "base": base.mean(), "with_all": base.mean() - whole})
    return frame[list(COLUMNS)].sort_values(["value", "mitigation"], ascending=[False, True],
                                            ignore_index=True)


def only_of(world: World, lab: str) -> World:
    """Return the world without the sites in which a lab can hold nothing: its losses are the same.

    What happens to a site does not depend on which others are there. Local supplies and plants that
    nothing needs any more go too, which saves their draws; all other nodes stay, since some perils
    count them. A world whose record has no date of its own is left whole: its rows say it.
    """
    kept = set(sites_of(world, lab))
    gone = set(world.sites["site_id"]) - kept
    if not gone or not kept or (len(world.sites_timeline) and "as_of" not in world.registry):
        return world
    world = world.drop(sites=gone)
    own = set(world.nodes.loc[world.nodes["kind"].isin(["feed", "plant"]), "node_id"])
    own -= {*world.events["node_id"], *world.sites["site_id"]}
    needs = world.requirements
    while own & set(needs["node_id"]) - set(needs["member_id"]):
        needs = needs[~needs["node_id"].isin(own - set(needs["member_id"]))]
    orphans = own - set(needs["member_id"])
    return edited(world, requirements=needs,
                  nodes=world.nodes[~world.nodes["node_id"].isin(orphans)])
