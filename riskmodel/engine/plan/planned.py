"""A run that is compiled and not yet run: what ``simulate`` starts from.

Where only the courses of sites are wanted (``site_courses``), nothing else need be run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from riskmodel.engine.outages.rare_years import rare_perils
from riskmodel.engine.outages.streams import check_seed
from riskmodel.engine.plan.plan import Plan, make_plan
from riskmodel.engine.plan.worlds import Worlds, make_worlds
from riskmodel.errors import RiskModelError

if TYPE_CHECKING:
    from riskmodel.perils.kinetic.proposal import Proposal
    from riskmodel.world.world import World

RECOVERY_CAP_DAYS = 730.0  # judgement: permanent losses make the AAL proportional to it
HOURS = 24.0


@dataclass(frozen=True, eq=False)
class Planned:
    """The years of a run before any of them is run.

    ``states`` is its compiled world, or several; ``perils`` are the peril objects.
    """

    states: Plan | Worlds
    perils: tuple[Any, ...]
    n_years: int
    horizon_days: float

    @property
    def plan(self) -> Plan:
        """The compiled world, every number at its best where there are several."""
        return self.states if isinstance(self.states, Plan) else self.states.base

    @property
    def labs(self) -> tuple[str, ...]:
        """Names of the labs."""
        return tuple(self.plan.labs)

    @property
    def worlds(self) -> int:
        """How many states of the world there are."""
        return 1 if isinstance(self.states, Plan) else self.states.count


def planned(world: World, years: int, seed: int = 0, *, perils: Sequence[Any] | str | None = None,
            worlds: int = 1, horizon_days: float = 365.0,
            recovery_cap_days: float = RECOVERY_CAP_DAYS,
            rare: Proposal | None = None) -> Planned:
    """Check what ``simulate`` is asked for, and compile it; the parameters are its own.

    Raises
    ------
    WorldError, RiskModelError
    """
    from riskmodel.perils.registry import load_perils

    seed = check_seed(seed)
    if isinstance(years, bool) or years != int(years) or years < 1:
        raise RiskModelError(f"years is {years!r}; give a whole number above 0")
    if years > 2**32 - 1:
        raise RiskModelError("years is above 4,294,967,295, the number of years one seed can key")
    if not horizon_days > 0 or not recovery_cap_days > 0:
        raise RiskModelError("horizon_days and recovery_cap_days must be above 0")
    if isinstance(worlds, bool) or worlds != int(worlds) or worlds < 1:
        raise RiskModelError(f"worlds is {worlds!r}; give a whole number, 1 or more")
    if worlds > years:
        raise RiskModelError(f"{worlds} worlds in {years} years: each world needs a year at least; "
                             "simulate more years, or fewer worlds")
    world.check()
    chosen = rare_perils(load_perils(world, [perils] if isinstance(perils, str) else perils), rare)
    if rare is not None and worlds > 1:
        raise RiskModelError(f"rare and {worlds} worlds: weights of years are known for one world "
                             "only; leave out one of the two")
    horizon_h, cap_h = horizon_days * HOURS, recovery_cap_days * HOURS
    states: Plan | Worlds
    if worlds > 1:
        states = make_worlds(world, chosen, int(worlds), seed=seed, horizon_h=horizon_h,
                             cap_h=cap_h)
    else:
        states = make_plan(world, chosen, seed=seed, horizon_h=horizon_h, cap_h=cap_h)
    return Planned(states, tuple(chosen), int(years), float(horizon_days))
