"""The compiled world of a run that is over, so that its years can be run again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskmodel.engine.losses.losses import HOURS_PER_DAY, Losses
from riskmodel.engine.outages.rare_years import proposal_in, rare_perils
from riskmodel.engine.plan.plan import Plan, make_plan
from riskmodel.engine.plan.planned import Planned
from riskmodel.engine.plan.worlds import Worlds, make_worlds
from riskmodel.errors import RiskModelError

if TYPE_CHECKING:
    from riskmodel.world.world import World


def refuse_bare(losses: Losses, what: str) -> None:
    """Refuse a bare year table, behind which there is no world."""
    if "source" in losses.manifest:
        raise RiskModelError(f"{what}: these losses came in as a year table; there is nothing "
                             "behind them to run again")


def same_world(losses: Losses, world: World | None, what: str) -> World:
    """Return the world of the losses, the one given or their own.

    Raises
    ------
    RiskModelError
        There is none, or it is not the one that the losses were computed on.
    """
    refuse_bare(losses, what)
    found = world or losses.world
    if found is None:
        raise RiskModelError(f"{what} needs the world these losses were computed on: "
                             f"{what}(losses, ..., world=read_world(...))")
    if found.fingerprint != losses.manifest["world"]["fingerprint"]:
        raise RiskModelError(f"{what}: the world given is not the one these losses were computed "
                             "on (its fingerprint differs); give that one, or simulate again")
    return found


def again(losses: Losses | Planned, world: World | None = None, what: str = "again"
          ) -> Plan | Worlds:
    """Return the compiled world of an annual run: its plan, or its states where it has several.

    What the losses still hold in memory is used; else the world is compiled again with the perils
    that the manifest names. A run that is only planned has its own.
    """
    if isinstance(losses, Planned):
        return losses.states
    if losses.kind != "annual":
        raise RiskModelError(f"{what} runs simulated years again, and these are the losses of a "
                             f"{losses.kind}")
    found = same_world(losses, world, what)
    kept = losses.plan
    if isinstance(kept, Worlds) and kept.base.world is found:
        return kept
    if isinstance(kept, Plan) and kept.world is found:
        return kept
    from riskmodel.perils.registry import load_perils

    manifest = losses.manifest
    perils = rare_perils(load_perils(found, list(manifest["perils"])), proposal_in(manifest))
    horizon_h = manifest["horizon_days"] * HOURS_PER_DAY
    cap_h = manifest["recovery_cap_days"] * HOURS_PER_DAY
    if losses.worlds > 1:
        return make_worlds(found, perils, losses.worlds, seed=manifest["seed"],
                           horizon_h=horizon_h, cap_h=cap_h)
    return make_plan(found, perils, seed=manifest["seed"], horizon_h=horizon_h, cap_h=cap_h)
