"""Weighted years: runs whose regimes are drawn under a proposal, and the weight of each year.

A weight is a pure function of the seed, the year and the proposal with the true numbers of its
theatres, all of which stand in the manifest: weights are worked out again and never kept in a file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from riskmodel.engine.outages.given import KeyedBlock
from riskmodel.errors import RiskModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmodel.engine.losses.losses import Losses
    from riskmodel.perils.kinetic.proposal import Proposal
    from riskmodel.perils.protocol import Block
    from riskmodel.world.world import World

PERIL = "kinetic_strike"
KEY = "rare"  # of the manifest
_AT_ONCE = 1 << 16  # years whose weights are worked out together


def rare_perils(perils: Sequence[Any], proposal: Proposal | None) -> list[Any]:
    """Return the perils with ``kinetic_strike`` under the proposal.

    Raises
    ------
    RiskModelError : there is no such peril in the run, or it is not the built-in one
    """
    if proposal is None:
        return list(perils)
    from riskmodel.perils.kinetic.proposal import Proposal as Known
    from riskmodel.perils.kinetic.rare import RareStrike
    from riskmodel.perils.kinetic_strike import KineticStrike

    if not isinstance(proposal, Known):
        raise RiskModelError(f"rare is {type(proposal).__name__}; give rm.rare_regimes(...)")
    places = [i for i, peril in enumerate(perils) if peril.spec.peril_id == PERIL]
    if not places:
        raise RiskModelError(f"rare: this run has no {PERIL}, whose regimes a proposal changes; "
                             "name it among the perils, or leave rare out")
    found = list(perils)
    for i in places:
        if type(found[i]) is not KineticStrike:
            raise RiskModelError(f"rare: {PERIL} is {type(found[i]).__name__} here; a proposal "
                                 "knows the built-in peril only")
        found[i] = RareStrike(found[i].spec, proposal)
    return found


def rare_facts(perils: Sequence[Any], world: World) -> dict[str, Any]:
    """Return what the manifest keeps of the proposal: it, and the true numbers of its theatres."""
    from riskmodel.perils.kinetic.rare import RareStrike

    found = next(peril for peril in perils if isinstance(peril, RareStrike))
    told = found.proposal.describe()
    draws = found.draws(world.as_of)
    for of in draws.values():
        of.drawn()  # refuses a tilt above the ceiling before a year is run
    if found.proposal.even:
        from riskmodel.perils.kinetic.even import dimensions_of

        told["dimensions"] = dimensions_of(found.spec.data["theatres"])
    return {**told, "true": {name: of.facts() for name, of in draws.items()}}


def proposal_in(manifest: Mapping[str, Any]) -> Proposal | None:
    """Return the proposal of a run, None where its years are drawn with the true chances."""
    facts = manifest.get(KEY)
    if facts is None:
        return None
    from riskmodel.perils.kinetic.proposal import proposal_of

    return proposal_of(facts)


def refuse_weighted(losses: Losses, what: str = "") -> None:
    """Refuse years that carry weights, for what counts every year alike.

    Raises
    ------
    RiskModelError
    """
    if losses.weights is not None:
        raise RiskModelError(
            f"{what + ': ' if what else ''}these years carry weights (simulate(rare=...)), and "
            "this would count them all alike; measure, exceedance, contributions, convergence and "
            "compare honour weights: for anything else simulate without rare")


def year_weights(manifest: Mapping[str, Any], n_years: int) -> NDArray[np.float64] | None:
    """Return the weight of each year of a run, shape (n_years,); None where all weigh 1.

    true density / (defensive x true + (1 - defensive) x tilted density): the balance over the two
    kinds of year, at most 1 / defensive, with mean 1.
    """
    proposal = proposal_in(manifest)
    if proposal is None or not proposal.theatres:
        return None
    from riskmodel.perils.kinetic.even import EvenYears
    from riskmodel.perils.kinetic.rare import TheatreDraws, log_ratio, true_years

    facts, rare = manifest[KEY]["true"], proposal.defensive
    draws = [TheatreDraws.of_facts(name, facts[name], tilt)
             for name, tilt in sorted(proposal.theatres.items())]
    found = np.empty(n_years)
    for first in range(0, n_years, _AT_ONCE):
        years = np.arange(first, min(first + _AT_ONCE, n_years), dtype=np.int64)
        block: Block = KeyedBlock(years, manifest["horizon_days"] * 24.0, manifest["seed"], PERIL)
        if proposal.even:
            block = EvenYears(block, manifest[KEY]["dimensions"])
        true = true_years(block, rare)
        ratio = np.sum([log_ratio(block, of, true) for of in draws], axis=0)
        found[years] = 1.0 / (rare + (1.0 - rare) * np.exp(np.minimum(ratio, 700.0)))
    return found
